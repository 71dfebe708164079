// SPDX-License-Identifier: Apache-2.0
//! `comity custody …`.

use super::FormatArgs;
use clap::{Args, Subcommand, ValueEnum, ValueHint};
use std::path::PathBuf;

/// `comity custody …`.
#[derive(Debug, Subcommand)]
pub enum CustodyCommand {
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
This command says what the next event has as `previous`. Each event is recorded as it happens.
A chain alone does not show that its end was not cut off or its last event changed: the receipts of the log show that.

Examples:
  comity custody check exhibit-3.jsonl
  comity custody check exhibit-3.jsonl --format json | jq -r .last
  tail -n 1 exhibit-3.jsonl | comity log append audit-2026 --kind custody --matter case-12

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
