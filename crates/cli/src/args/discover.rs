// SPDX-License-Identifier: Apache-2.0
//! `comity discover`.

use super::{DatabaseArgs, FormatArgs};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `comity discover`.
#[derive(Args, Debug)]
pub struct DiscoverArgs {
    /// The tables, all of one shape, in a format that `comity cross` reads
    #[arg(value_name = "TABLE", required = true, value_hint = ValueHint::FilePath)]
    pub tables: Vec<PathBuf>,
    /// Where rows come from that are in a database.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Write the manifest to a file, which is never overwritten, and say what was found
    #[arg(long, short, value_name = "MANIFEST", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// How many distinct values of each column are looked at
    #[arg(long, value_name = "COUNT", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    pub sample: u32,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// What `comity discover --help` says below the options.
pub const AFTER: &str = "\
Every row is read; of the distinct values of each column a sample is looked at, the same in every run. Found are names,
addresses, numbers with check digits, days of birth, and what headers say in eight languages. No value is ever shown.

What is written is a manifest of `comity cross` to be changed by a person: beside every proposal stands how sure it is and
why. A column that was not understood has \"?\", and no crossing takes the file until somebody decided on it. Nothing here
says that everything was found.

Examples:
  comity discover people.csv                          the manifest
  comity discover people.parquet --output people.toml
  comity discover 'postgres://exporter@db.example/shop#public.people' --output people.toml
  comity discover people.csv --format json | jq -r '.columns[] | select(.understood | not) | .name'

Exit status: 0 something is proposed for every column, 12 some were not understood, 3 a file is not right,
1 the tool failed.";
