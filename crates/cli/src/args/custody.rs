// SPDX-License-Identifier: Apache-2.0
//! `comity custody …`.

use super::FormatArgs;
use clap::{Args, Subcommand, ValueEnum, ValueHint};
use comity_evidence::Hash;
use comity_evidence::custody::{Action, Time, TimeError};
use std::path::PathBuf;

/// `comity custody …`.
#[derive(Debug, Subcommand)]
pub enum CustodyCommand {
    /// Add an event to an exhibit's chain of custody, and record it in a log
    #[command(after_long_help = "\
The digest is computed from the exhibit itself, or given with --digest where it cannot be read here. The event names the one
before it, and the chain is checked with it before anything is written. With --log the event is recorded before it is
added to the chain, as an entry of kind `custody`, and with --receipts its receipt is written.
A chain begins with `acquired` and names its exhibit; later events are of the same one.

Examples:
  comity custody add exhibit-3.jsonl disk.img --action acquired --exhibit case-12/3 --role examiner \\
    --place 'evidence room 2' --ground 'search warrant 41/2026' --log audit-2026 --matter case-12 --receipts receipts/
  comity custody add exhibit-3.jsonl mail.mbox --action transformed --role laboratory --place 'laboratory' --ground 'order 7'
  comity custody add exhibit-3.jsonl --digest 9f86…0a08 --action destroyed --role clerk --place archive --ground 'order 9'

Exit status: 0 it is added, 10 it does not fit the chain and nothing is written, 2 wrong usage, 3 the file is invalid,
1 the tool failed.")]
    Add(Box<CustodyAddArgs>),
    /// Check an exhibit's chain of custody, and name the first event that does not fit
    #[command(after_long_help = "\
A file has the events of one exhibit in the order in which they happened, one JSON object to a line:
  exhibit   the id of the exhibit
  action    acquired, copied, transformed, disclosed, returned, destroyed
  role      of whoever did it; never a name
  at        when, in UTC: 2026-11-24T09:30:00Z
  place     where: a node, or a place
  ground    the legal ground
  digest    SHA-256 of the exhibit after the event, in hexadecimal digits
  previous  the hash of the event before, in hexadecimal digits; not in the first
`comity custody add` writes them. This command says what the next event has as `previous`.
A chain alone does not show that its end was not cut off or its last event changed: the receipts of the log show that.

Examples:
  comity custody check exhibit-3.jsonl
  comity custody check exhibit-3.jsonl --format json | jq -r .last

Exit status: 0 it holds, 10 it does not, 3 the file is invalid, 1 the tool failed.")]
    Check {
        /// The events, as JSON Lines
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        file: PathBuf,
        /// The format.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Write a chain that holds for others: as PROV-JSON, or as a page for a court
    #[command(after_long_help = "\
The page is one HTML file without scripts that needs nothing else, and prints.

Examples:
  comity custody export exhibit-3.jsonl --format html --output exhibit-3.html
  comity custody export exhibit-3.jsonl --format prov-json | jq .activity

Exit status: 0 done, 10 the chain does not hold and nothing is written, 3 the file is invalid, 1 the tool failed.")]
    Export(CustodyExportArgs),
}

/// `comity custody add`.
#[derive(Args, Debug)]
pub struct CustodyAddArgs {
    /// The events, as JSON Lines; made if it is not there
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// The exhibit as it is after the event, or, of what is destroyed, before it
    #[arg(value_name = "EXHIBIT", value_hint = ValueHint::FilePath)]
    pub content: Option<PathBuf>,
    /// SHA-256 of the exhibit in hexadecimal digits, where it cannot be read here
    #[arg(long, value_name = "HEX", value_parser = digest, required_unless_present = "content", conflicts_with = "content")]
    pub digest: Option<Hash>,
    /// What was done
    #[arg(long, value_parser = action)]
    pub action: Action,
    /// The id of the exhibit; needed where the chain begins
    #[arg(long, value_name = "ID")]
    pub exhibit: Option<String>,
    /// The role of whoever did it. Never a name
    #[arg(long)]
    pub role: String,
    /// Where: a node, or a place
    #[arg(long)]
    pub place: String,
    /// The legal ground: a provision or an order, such as 'search warrant 41/2026'
    #[arg(long)]
    pub ground: String,
    /// When, in UTC, such as 2026-11-24T09:30:00Z; now unless given
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub at: Option<Time>,
    /// The log to record it in
    #[arg(long, value_name = "LOG", value_hint = ValueHint::DirPath)]
    pub log: Option<PathBuf>,
    /// The matter whose key seals the event; each is a matter of its own unless given. Never a name
    #[arg(long, requires = "log")]
    pub matter: Option<String>,
    /// A folder for the receipt
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, requires = "log")]
    pub receipts: Option<PathBuf>,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
}

fn digest(written: &str) -> Result<Hash, String> {
    Hash::from_hex(written).ok_or_else(|| "expected SHA-256 in 64 lower-case hexadecimal digits".to_owned())
}

fn action(name: &str) -> Result<Action, String> {
    let names = Action::ALL.map(|(_, name)| name);
    Action::from_name(name).ok_or_else(|| {
        let near = comity_terms::nearest(name, names.into_iter()).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        format!("expected one of {}{near}", names.join(", "))
    })
}

fn time(written: &str) -> Result<Time, String> {
    written.parse().map_err(|error: TimeError| error.to_string())
}

/// `comity custody export`.
#[derive(Args, Debug)]
pub struct CustodyExportArgs {
    /// The events, as JSON Lines
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// How the chain is written
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: CustodyFormat,
    /// Write to a file, which is never overwritten
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
}

/// How `comity custody export` writes a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CustodyFormat {
    /// PROV-JSON of the W3C, for programs that know provenance
    ProvJson,
    /// One page without scripts, for a court
    Html,
}
