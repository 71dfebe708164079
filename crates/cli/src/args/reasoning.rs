// SPDX-License-Identifier: Apache-2.0
//! What can be asked of the commands that find routes, ask, replay and compare.

use super::{FormatArgs, JudgeArgs, LibraryArgs, day};
use clap::{Args, ValueEnum, ValueHint};
use jiff::civil::Date;
use std::path::PathBuf;

/// `comity route`.
#[derive(Args, Debug)]
pub struct RouteArgs {
    /// The flow file; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-", hide_default_value = true, value_hint = ValueHint::FilePath)]
    pub file: String,
    /// How many routes to show
    #[arg(long, short, default_value_t = 3, value_name = "N")]
    pub number: usize,
    /// Print the flow as route N would leave it
    #[arg(long, value_name = "N")]
    pub apply: Option<usize>,
    /// Costs of your own
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub costs: Option<PathBuf>,
    /// Another importer that could be used: a flow file with what would be so with it, under `[importer]` and `[route]`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub importer: Vec<PathBuf>,
    /// Categories of data that the flow could do without
    #[arg(long, value_name = "CATEGORY", value_delimiter = ',')]
    pub may_drop: Vec<String>,
    /// How to judge.
    #[command(flatten)]
    pub judge: JudgeArgs,
    /// The library.
    #[command(flatten)]
    pub library: LibraryArgs,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `comity replay`.
#[derive(Args, Debug)]
pub struct ReplayArgs {
    /// Flow files, patterns, folders, registers (*.csv, *.xlsx, *.parquet); `-` is standard input
    #[arg(value_name = "FLOW", required = true, value_hint = ValueHint::AnyPath)]
    pub files: Vec<String>,
    /// A draft (a .law file or a folder of them), a day, or both
    #[arg(long, value_name = "DRAFT|DATE", required = true, value_hint = ValueHint::AnyPath)]
    pub against: Vec<String>,
    /// How to judge.
    #[command(flatten)]
    pub judge: JudgeArgs,
    /// The library.
    #[command(flatten)]
    pub library: LibraryArgs,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
    /// How the columns and words of a register are to be read
    #[arg(long, value_name = "MAP.toml")]
    pub map: Option<PathBuf>,
}

/// `comity ask`.
#[derive(Args, Debug)]
pub struct AskArgs {
    /// The flow file; none: a conversation that starts from nothing
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// Ask one question after the other until the flow is decided
    #[arg(long, short)]
    pub interactive: bool,
    /// Write the flow to this file, which must not exist (flow.toml, or NAME-answered.toml)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// How many questions to show
    #[arg(long, short, default_value_t = 3, value_name = "N")]
    pub number: usize,
    /// How to judge.
    #[command(flatten)]
    pub judge: JudgeArgs,
    /// The library.
    #[command(flatten)]
    pub library: LibraryArgs,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// How `comity law matrix` answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum MatrixFormat {
    /// For reading on a screen
    #[default]
    Text,
    /// Plain sentences for screen readers: no tables, no symbols, no colors
    Plain,
    /// JSON Lines for programs
    Json,
    /// A table for spreadsheets
    Csv,
    /// A picture
    Svg,
}

/// `comity law matrix`.
#[derive(Args, Debug)]
pub struct MatrixArgs {
    /// The instruments; none: every law and treaty in force
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// The day of the flows (today)
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub on: Option<Date>,
    /// The library.
    #[command(flatten)]
    pub library: LibraryArgs,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: MatrixFormat,
}

/// `comity law compare`.
#[derive(Args, Debug)]
pub struct CompareArgs {
    /// The first instrument, or a .law file with it
    #[arg(value_name = "A", value_hint = ValueHint::AnyPath)]
    pub first: String,
    /// The second; left out: the first on another day, or the file against the library
    #[arg(value_name = "B", value_hint = ValueHint::AnyPath)]
    pub second: Option<String>,
    /// The day of the first, and of the second unless --against names another (today)
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub on: Option<Date>,
    /// The day of the second
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub against: Option<Date>,
    /// Only flows that both laws govern: what they ask, whomever they reach
    #[arg(long)]
    pub both_govern: bool,
    /// Flows by which the differences are weighed: files, patterns, folders, registers (*.csv, *.xlsx)
    #[arg(long, value_name = "FLOW", num_args = 1.., value_hint = ValueHint::AnyPath)]
    pub flows: Vec<String>,
    /// How the columns and words of a register are to be read
    #[arg(long, value_name = "MAP.toml", requires = "flows")]
    pub map: Option<PathBuf>,
    /// The library.
    #[command(flatten)]
    pub library: LibraryArgs,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
}
