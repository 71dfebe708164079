// SPDX-License-Identifier: Apache-2.0
//! `comity cross`.

use super::{DatabaseArgs, FormatArgs, JudgeArgs, LibraryArgs};
use clap::{Args, ValueHint};
use std::path::PathBuf;

/// `comity cross`.
#[derive(Args, Debug)]
pub struct CrossArgs {
    /// The flow file
    #[arg(value_name = "FLOW", value_hint = ValueHint::FilePath)]
    pub flow: PathBuf,
    /// The tables, all of one shape: .parquet, .csv, .jsonl, .arrow or .arrows; `-` for standard input;
    /// postgres://USER@HOST/DATABASE#SCHEMA.TABLE
    #[arg(value_name = "TABLE", required = true, value_hint = ValueHint::FilePath)]
    pub tables: Vec<PathBuf>,
    /// The manifest: what each column holds, decides, and may become
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub manifest: PathBuf,
    /// Where rows come from that are in a database.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// The format of standard input: csv, jsonl or arrows
    #[arg(long, value_name = "FORMAT", value_parser = as_format)]
    pub input_format: Option<comity_crossing::Format>,
    /// For standard input: a table with the combinations that occur in it, of which the plan is made
    #[arg(long, value_name = "TABLE", value_hint = ValueHint::FilePath)]
    pub sample: Vec<PathBuf>,
    /// The folder to publish what leaves in; it must not be there yet. `-` for standard output
    #[arg(long, value_name = "DIR", required_unless_present = "dry_run", value_hint = ValueHint::DirPath)]
    pub to: Option<PathBuf>,
    /// The format to write in [default: that of the tables]
    #[arg(long = "as", value_name = "FORMAT", value_parser = as_format)]
    pub write_as: Option<comity_crossing::Format>,
    /// The folder for rows that are kept apart, with the reason [default: TO with `.apart` added]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub apart: Option<PathBuf>,
    /// The secret of pseudonyms and tokens: a file with 64 hexadecimal digits, or a key in a token as a URI of PKCS#11;
    /// without it, the environment's COMITY_SECRET
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub secret: Option<PathBuf>,
    /// A program that writes the secret: it is run once, without a shell, and reads what the secret is for
    #[arg(long, value_name = "COMMAND", conflicts_with = "secret", value_hint = ValueHint::CommandString)]
    pub secret_command: Option<String>,
    /// The folder of the state that has the privacy budget, from which releases take [default: $XDG_STATE_HOME/comity]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub budget: Option<PathBuf>,
    /// Make the plan, show what would become of the rows, and move nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Move rows only if the plan has this hash, which somebody approved
    #[arg(long, value_name = "HASH")]
    pub approved: Option<String>,
    /// Write the plan to a file, which is never overwritten
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub save_plan: Option<PathBuf>,
    /// Write an OpenLineage event to a file, which is never overwritten
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run", value_hint = ValueHint::FilePath)]
    pub lineage: Option<PathBuf>,
    /// Record the crossing in this log
    #[arg(long, value_name = "LOG", conflicts_with = "dry_run", value_hint = ValueHint::DirPath)]
    pub record: Option<PathBuf>,
    /// Write the receipt into this folder
    #[arg(long, value_name = "DIR", requires = "record", value_hint = ValueHint::DirPath)]
    pub receipts: Option<PathBuf>,
    /// How many parts of the tables are worked on at once [default: the number of cores]
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..))]
    pub workers: Option<u16>,
    /// How the flow is judged.
    #[command(flatten)]
    pub judge: JudgeArgs,
    /// The library.
    #[command(flatten)]
    pub library: LibraryArgs,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// A format of tables by the ending of file names.
fn as_format(name: &str) -> Result<comity_crossing::Format, String> {
    comity_crossing::Format::named(name).ok_or_else(|| "expected parquet, csv, jsonl, arrow or arrows".to_owned())
}

/// What `comity cross --help` says below the options.
pub const AFTER: &str = "\
The rows of the tables are decided by the cells that the manifest names: where somebody lives, whether they consented.
Each combination is judged once under every instrument, with the least costly measures of the manifest that make it lawful.
Rows that may not leave, or are not understood, are kept apart with the reason; a column that nobody described stops all.

Where the manifest asks for `k`, `l` or `t`, columns that identify together become coarser until rows leave in classes of
many, with the least loss; classes that stay too small are kept apart, up to the share `suppress_at_most`.

Where the manifest has [release], no row leaves: the rows that may are counted and added up by groups, with noise that hides
what one person adds (differential privacy), at a price that the privacy budget of the table must have left.

Everything is published in one step. A crossing that was interrupted goes on when the same command runs again; one that
is published is not made twice.

Examples:
  openssl rand -hex 32 > secret.hex
  comity cross to-austin.toml people.csv --manifest people.toml --secret secret.hex --dry-run
  comity cross to-austin.toml people.csv --manifest people.toml --secret secret.hex --to austin --approved 3f0c…
  export | comity cross to-austin.toml - --input-format csv --sample people.csv --manifest people.toml \\
    --secret secret.hex --approved 9b1e… --to - --apart held | send
  comity cross to-austin.toml 'postgres://exporter@db.example/shop#public.people' --manifest people.toml \\
    --secret secret.hex --to austin --approved 77d0…

Exit status: 0 every row left, 12 some rows were kept apart or left out, 10 the plan is not the approved one, `k` cannot be
reached, or the privacy budget is spent, 3 a file is not right, 2 wrong usage, 1 the tool failed.";
