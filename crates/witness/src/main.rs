// SPDX-License-Identifier: Apache-2.0
//! The command `comity-witness`: cosign for others, have one's own log cosigned, keep watch on logs.

mod command;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Cosigns checkpoints of transparency logs for others, and keeps watch on logs.
#[derive(Parser)]
#[command(
    version,
    about,
    after_long_help = "\
Exit status: 0 all is well, 1 the tool failed, 2 wrong use, 3 a file is invalid,
10 two histories are proved or a file is not what was signed, 11 a log shows less than before, 12 the quorum is not reached."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Subcommand)]
enum Command {
    /// Begin a witness in a folder: its key, and the logs that it cosigns
    #[command(after_long_help = "\
Example:
  comity-witness init witness --name authority-a.example/witness --log example.org/log/2026+1a2b3c4d+…")]
    Init(InitArgs),
    /// Cosign for others over HTTP, as C2SP tlog-witness wants it
    #[command(after_long_help = "\
It speaks HTTP without TLS and stands behind a web server that has it. A file logs.policy that changes is read again.

Example:
  comity-witness serve --data witness --listen 127.0.0.1:7400")]
    Serve(ServeArgs),
    /// Have the newest checkpoint of one's own log cosigned, and publish it
    #[command(after_long_help = "\
Example:
  comity-witness cosign audit-2026 --policy trust.policy")]
    Cosign(CosignArgs),
    /// Look at somebody else's log: verify that it only grew, keep a copy, and keep the proof of any split view
    #[command(after_long_help = "\
The first look trusts what it sees; every later one holds the log to it. Witnesses of the policy that have an address are asked
what they have cosigned: that must be of the same history too.

Examples:
  comity-witness follow https://log.example/2026 --data watch --policy trust.policy
  comity-witness follow https://log.example/2026 --data watch --policy trust.policy --every 60")]
    Follow(FollowArgs),
    /// Show the proofs of split views that a witness or follower keeps
    #[command(after_long_help = "\
Example:
  comity-witness forks watch --policy trust.policy")]
    Forks(ForksArgs),
}

/// How to say it.
#[derive(Args)]
struct FormatArgs {
    /// The format
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object for each thing that is said
    Json,
}

/// `comity-witness init`.
#[derive(Args)]
struct InitArgs {
    /// The folder, made if it is not there
    #[arg(value_name = "DATA", value_hint = ValueHint::DirPath)]
    data: PathBuf,
    /// The name of the witness: a URL without scheme
    #[arg(long, required_unless_present = "key")]
    name: Option<String>,
    /// A log that it cosigns: its key, as C2SP vkey; may be given more than once
    #[arg(long, value_name = "VKEY")]
    log: Vec<String>,
    /// A file with a key to use instead of a new one
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "name")]
    key: Option<PathBuf>,
    /// Also cosign with ML-DSA-44, against quantum computers
    #[arg(long, requires = "name")]
    ml_dsa: bool,
    #[command(flatten)]
    format: FormatArgs,
}

/// `comity-witness serve`.
#[derive(Args)]
struct ServeArgs {
    /// The folder of the witness
    #[arg(long, value_name = "DATA", value_hint = ValueHint::DirPath)]
    data: PathBuf,
    /// The address to listen on; port 0 takes a free one, and says which
    #[arg(long, default_value = "127.0.0.1:7400")]
    listen: SocketAddr,
}

/// `comity-witness cosign`.
#[derive(Args)]
struct CosignArgs {
    /// The folder of the log
    #[arg(value_name = "LOG", value_hint = ValueHint::DirPath)]
    log: PathBuf,
    /// The policy that names the witnesses; the log's own unless given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    policy: Option<PathBuf>,
    /// Certificates (PEM) by which servers are verified, in place of the public roots; witnesses.pem beside the policy of the log unless given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    certificates: Option<PathBuf>,
    /// How many seconds to wait for a witness
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    patience: u64,
    #[command(flatten)]
    format: FormatArgs,
}

/// `comity-witness follow`.
#[derive(Args)]
struct FollowArgs {
    /// The log: an address such as https://log.example/2026, or a folder
    #[arg(value_name = "URL|FOLDER", value_hint = ValueHint::AnyPath)]
    log: String,
    /// The folder for what was seen
    #[arg(long, value_name = "DATA", value_hint = ValueHint::DirPath)]
    data: PathBuf,
    /// Whose log it is, and which witnesses make it trusted, in the format C2SP tlog-policy
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    policy: PathBuf,
    /// Look again after so many seconds, until a split view is found
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    every: Option<u64>,
    /// Certificates (PEM) by which servers are verified, in place of the public roots
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    certificates: Option<PathBuf>,
    /// How many seconds to wait for an answer
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    patience: u64,
    #[command(flatten)]
    format: FormatArgs,
}

/// `comity-witness forks`.
#[derive(Args)]
struct ForksArgs {
    /// The folder of a witness or follower, or a file with one proof
    #[arg(value_name = "DATA|FILE", value_hint = ValueHint::AnyPath)]
    at: PathBuf,
    /// Whose keys count, in the format C2SP tlog-policy: each proof is verified with them
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    policy: Option<PathBuf>,
    #[command(flatten)]
    format: FormatArgs,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Init(args) => command::init::run(&args),
        Command::Serve(args) => command::serve::run(&args),
        Command::Cosign(args) => command::cosign::run(&args),
        Command::Follow(args) => command::follow::run(&args),
        Command::Forks(args) => command::forks::run(&args),
    };
    match done {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            eprintln!("error: {}", failure.message);
            ExitCode::from(failure.status)
        }
    }
}
