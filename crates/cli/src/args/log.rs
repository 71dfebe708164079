// SPDX-License-Identifier: Apache-2.0
//! `comity log …` and `comity receipt …`.

use super::{FormatArgs, TimestampCommand};
use clap::{Args, Subcommand, ValueHint};
use jiff::civil::Date;
use std::path::PathBuf;

/// `comity log …`.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Begin a log in a folder: its keys, its lock, and the line that others put into their policies
    #[command(after_long_help = "\
The name of a log is a URL without scheme, such as example.org/log/2026. With --year it takes entries of that year only;
the next year's log is begun with --after, and cites the end of this one.
The lock holds the last signed checkpoint, outside the folder: it must never be restored from a backup,
for it is what keeps the log from showing two histories.

Examples:
  comity log init audit-2026 --origin example.org/log/2026 --year 2026
  comity log init audit-2027 --origin example.org/log/2027 --year 2027 --after audit-2026")]
    Init(InitArgs),
    /// Record events: seal their payloads, append their entries, sign a checkpoint
    #[command(after_long_help = "\
A payload is a JSON object; a file may have one or, as JSON Lines, many. What stands in the log are salted commitments to
its fields: the payload itself is sealed under the key of its matter, and can be erased.

Examples:
  echo '{\"flow\":\"crm-to-us\",\"sent\":\"1204\"}' | comity log append audit-2026 --kind crossing --matter crm
  comity log append audit-2026 consents.jsonl --kind consent --receipts receipts/")]
    Append(AppendArgs),
    /// Sign what was taken in, and show the newest checkpoint
    Checkpoint {
        /// The folder of the log
        #[arg(value_name = "LOG", value_hint = ValueHint::DirPath)]
        log: PathBuf,
        /// The format.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Make the receipt of an entry, with as much of its payload as is to be shown
    #[command(after_long_help = "\
Examples:
  comity log prove audit-2026 17                           the proof alone
  comity log prove audit-2026 17 --show flow,verdict       and two fields of the payload
  comity log prove audit-2026 17 --show-all --output crm.comity-receipt.json
  comity log prove audit-2026 17 --tlog-proof              in the format of C2SP, without payload
  comity log prove audit-2026 17 --cose entry-17.cose      as COSE receipt (RFC 9942), signed anew: needs the log's key")]
    Prove(ProveArgs),
    /// Check that one checkpoint of a log extends another, or that a proof holds
    #[command(after_long_help = "\
Examples:
  comity log verify audit-2026 --since yesterday.checkpoint
  comity log verify entry-17.tlog-proof --entry entry-17.json --policy trust.policy

Exit status: 0 it holds, 10 it does not, 3 a file is invalid, 1 the tool failed.")]
    Verify(VerifyArgs),
    /// Derive a whole log again from its entries, and name the first file that is damaged
    #[command(after_long_help = "\
Reads the public files alone, so that anyone with a copy can do it.

Examples:
  comity log audit audit-2026
  comity log audit copy/public --key example.org/log/2026+1a2b3c4d+…

Exit status: 0 the log is whole, 10 a file is damaged, 1 the tool failed.")]
    Audit(AuditArgs),
    /// Erase the payloads of a matter or an entry with their key, and record that it was done
    #[command(after_long_help = "\
Every proof still verifies: what stands in the log is a commitment that can be linked to nothing once its salt is gone.

Examples:
  comity log erase audit-2026 --matter person-31 --ground 'GDPR Art. 17(1)(b)' --role 'privacy officer'
  comity log erase audit-2026 --entry 17 --ground 'retention: 5 years' --role archive")]
    Erase(EraseArgs),
    /// Have an authority witness when a checkpoint existed (RFC 3161), and check that it did
    Timestamp {
        /// What to do.
        #[command(subcommand)]
        command: TimestampCommand,
    },
    /// Have the newest checkpoint cosigned by the witnesses of the log's policy, and publish it
    #[cfg(feature = "network")]
    #[command(after_long_help = "\
`append`, `checkpoint` and `check --record` ask the witnesses too; this asks again those that were away.

Example:
  comity log witness audit-2026

Exit status: 0 the policy trusts the checkpoint now, 12 its quorum is not reached, 1 the tool failed.")]
    Witness(WitnessArgs),
    /// Look at somebody else's log: verify that it only grew, keep a copy, and keep the proof of any split view
    #[cfg(feature = "network")]
    #[command(after_long_help = "\
The first look trusts what it sees; every later one holds the log to it. Witnesses of the policy that have an address are asked
what they have cosigned: that must be of the same history too.

Example:
  comity log follow https://log.example/2026 --data watch --policy trust.policy --every 60

Exit status: 0 the log only grew, 10 two histories are proved or a file is not what was signed, 11 the log shows less than before,
12 the quorum is not reached, 1 the tool failed.")]
    Follow(FollowArgs),
}

/// `comity log witness`.
#[cfg(feature = "network")]
#[derive(Args, Debug)]
pub struct WitnessArgs {
    /// The folder of the log
    #[arg(value_name = "LOG", value_hint = ValueHint::DirPath)]
    pub log: PathBuf,
    /// The policy that names the witnesses; the log's own unless given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub policy: Option<PathBuf>,
    /// Certificates (PEM) by which servers are verified, in place of the public roots; witnesses.pem beside the policy of the log unless given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub certificates: Option<PathBuf>,
    /// How many seconds to wait for a witness
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    pub patience: u64,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `comity log follow`.
#[cfg(feature = "network")]
#[derive(Args, Debug)]
pub struct FollowArgs {
    /// The log: an address such as https://log.example/2026, or a folder
    #[arg(value_name = "URL|FOLDER", value_hint = ValueHint::AnyPath)]
    pub log: String,
    /// The folder for what was seen
    #[arg(long, value_name = "DATA", value_hint = ValueHint::DirPath)]
    pub data: PathBuf,
    /// Whose log it is, and which witnesses make it trusted, in the format C2SP tlog-policy
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub policy: PathBuf,
    /// Look again after so many seconds, until a split view is found
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    pub every: Option<u64>,
    /// Certificates (PEM) by which servers are verified, in place of the public roots
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub certificates: Option<PathBuf>,
    /// How many seconds to wait for an answer
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    pub patience: u64,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `comity log init`.
#[derive(Args, Debug)]
pub struct InitArgs {
    /// The folder of the log, made if it is not there
    #[arg(value_name = "LOG", value_hint = ValueHint::DirPath)]
    pub log: PathBuf,
    /// Its name: a URL without scheme
    #[arg(long, value_name = "NAME")]
    pub origin: String,
    /// The year whose entries it takes; others are refused
    #[arg(long)]
    pub year: Option<i16>,
    /// The file of the lock; by default one for all logs of this user, among the state files
    #[cfg_attr(any(feature = "postgres", feature = "s3"), doc = "")]
    #[cfg_attr(any(feature = "postgres", feature = "s3"), doc = "It can be a URL too, of PostgreSQL or an object store.")]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub lock: Option<PathBuf>,
    /// Stores on other machines.
    #[command(flatten)]
    pub elsewhere: ElsewhereArgs,
    /// The log that this one goes on from: its folder
    #[arg(long, value_name = "LOG", value_hint = ValueHint::DirPath)]
    pub after: Option<PathBuf>,
    /// Also sign with ML-DSA-44, against quantum computers
    #[arg(long)]
    pub ml_dsa: bool,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// Stores on other machines. Those that are not part of the build cannot be asked for.
#[derive(Args, Debug)]
pub struct ElsewhereArgs {
    /// Keep queue and payloads in this PostgreSQL database; the password comes from PGPASSWORD or LOG/keys/postgres.password
    #[cfg_attr(feature = "postgres", arg(long, value_name = "URL"))]
    #[cfg_attr(not(feature = "postgres"), arg(skip))]
    pub postgres: Option<String>,
    /// Keep the public files in this object store, as in s3://BUCKET/PREFIX; credentials come from the environment or LOG/keys/s3.credentials
    #[cfg_attr(feature = "s3", arg(long, value_name = "URL"))]
    #[cfg_attr(not(feature = "s3"), arg(skip))]
    pub files: Option<String>,
    /// The region of the object store
    #[cfg_attr(feature = "s3", arg(long))]
    #[cfg_attr(not(feature = "s3"), arg(skip))]
    pub region: Option<String>,
    /// The server of the object store, if it is not Amazon's
    #[cfg_attr(feature = "s3", arg(long, value_name = "URL"))]
    #[cfg_attr(not(feature = "s3"), arg(skip))]
    pub endpoint: Option<String>,
    /// Certificates (PEM) by which these servers are verified, if their own are not under a public root
    #[cfg_attr(any(feature = "postgres", feature = "s3"), arg(long, value_name = "FILE", value_hint = ValueHint::FilePath))]
    #[cfg_attr(not(any(feature = "postgres", feature = "s3")), arg(skip))]
    pub certificates: Option<PathBuf>,
}

/// `comity log append`.
#[derive(Args, Debug)]
pub struct AppendArgs {
    /// The folder of the log
    #[arg(value_name = "LOG", value_hint = ValueHint::DirPath)]
    pub log: PathBuf,
    /// Files of payloads, JSON or JSON Lines; standard input if there are none
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// What kind of event: judgment, crossing, consent, message, filing, custody
    #[arg(long, value_parser = parse_kind)]
    pub kind: comity_evidence::entry::Kind,
    /// The day of the events; today unless given
    #[arg(long)]
    pub day: Option<Date>,
    /// The matter or person whose key seals the payloads; each is a matter of its own unless given. Never a name
    #[arg(long)]
    pub matter: Option<String>,
    /// The field that makes an event one and the same when it is handed in again
    #[arg(long, value_name = "FIELD")]
    pub once: Option<String>,
    /// A folder for a receipt of each event, with all its fields
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub receipts: Option<PathBuf>,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `comity log prove`.
#[derive(Args, Debug)]
pub struct ProveArgs {
    /// The folder of the log
    #[arg(value_name = "LOG", value_hint = ValueHint::DirPath)]
    pub log: PathBuf,
    /// The number of the entry
    #[arg(value_name = "NUMBER")]
    pub entry: u64,
    /// Fields of the payload to show
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    pub show: Vec<String>,
    /// Show the whole payload
    #[arg(long, conflicts_with = "show")]
    pub show_all: bool,
    /// The proof alone, in the format C2SP tlog-proof
    #[arg(long, conflicts_with_all = ["show", "show_all"])]
    pub tlog_proof: bool,
    /// Write the proof as COSE receipt (RFC 9942) to a file, which is never overwritten; the entry itself is not in it
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["show", "show_all", "tlog_proof", "output"])]
    pub cose: Option<PathBuf>,
    /// Write to a file, which is never overwritten
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
}

/// `comity log verify`.
#[derive(Args, Debug)]
pub struct VerifyArgs {
    /// The folder of a log, or a file in the format C2SP tlog-proof
    #[arg(value_name = "LOG|PROOF", value_hint = ValueHint::AnyPath)]
    pub what: PathBuf,
    /// An earlier checkpoint of the log, which it must extend
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "entry")]
    pub since: Option<PathBuf>,
    /// The entry that the proof is of: its exact bytes
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub entry: Option<PathBuf>,
    /// Whom to trust, in the format C2SP tlog-policy; of a log folder of one's own, its own key unless given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub policy: Option<PathBuf>,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `comity log audit`.
#[derive(Args, Debug)]
pub struct AuditArgs {
    /// The folder of the log, or a copy of its public files
    #[arg(value_name = "LOG", value_hint = ValueHint::DirPath)]
    pub log: PathBuf,
    /// The key of the log, where the folder is only a copy
    #[arg(long, value_name = "VKEY")]
    pub key: Option<String>,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `comity log erase`.
#[derive(Args, Debug)]
pub struct EraseArgs {
    /// The folder of the log
    #[arg(value_name = "LOG", value_hint = ValueHint::DirPath)]
    pub log: PathBuf,
    /// The matter or person whose payloads are erased
    #[arg(long, required_unless_present = "entry", conflicts_with = "entry")]
    pub matter: Option<String>,
    /// The entry whose payload is erased, with all others of its matter
    #[arg(long, value_name = "NUMBER")]
    pub entry: Option<u64>,
    /// The legal ground, such as 'GDPR Art. 17(1)(b)'
    #[arg(long)]
    pub ground: String,
    /// The role of whoever erases. Never a name
    #[arg(long)]
    pub role: String,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `comity receipt …`.
#[derive(Debug, Subcommand)]
pub enum ReceiptCommand {
    /// Check a receipt offline, with nothing but a policy
    #[command(after_long_help = "\
Examples:
  comity receipt verify crm.comity-receipt.json --policy trust.policy
  comity receipt verify consent.comity-receipt.json --policy trust.policy --document consent-form.pdf

Exit status: 0 it holds, 10 it does not, 3 a file is invalid, 1 the tool failed.")]
    Verify {
        /// The receipts
        #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
        files: Vec<PathBuf>,
        /// Whom to trust, in the format C2SP tlog-policy
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        policy: PathBuf,
        /// A document that the receipts must speak of: one whose SHA-256 they show, or the payload itself
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        document: Option<PathBuf>,
        /// The format.
        #[command(flatten)]
        format: FormatArgs,
    },
}

fn parse_kind(name: &str) -> Result<comity_evidence::entry::Kind, String> {
    use comity_evidence::entry::Kind;
    let kinds = Kind::ALL.iter().filter(|(kind, _)| !matches!(kind, Kind::Erasure | Kind::Succession));
    let names: Vec<&str> = kinds.map(|(_, name)| *name).collect();
    Kind::from_name(name).filter(|_| names.contains(&name)).ok_or_else(|| format!("expected one of {}", names.join(", ")))
}
