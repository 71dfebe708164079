// SPDX-License-Identifier: Apache-2.0
//! The command line: what can be asked, with help texts.

#[cfg(feature = "border")]
pub mod budget;
#[cfg(feature = "border")]
pub mod cross;
mod custody;
#[cfg(feature = "border")]
mod database;
#[cfg(feature = "border")]
pub mod discover;
mod help;
mod log;
mod reasoning;
mod terms;
mod timestamp;

#[cfg(feature = "border")]
pub use budget::{BudgetArgs, BudgetCommand};
#[cfg(feature = "border")]
pub use cross::CrossArgs;
pub use custody::{CustodyAddArgs, CustodyCommand, CustodyExportArgs, CustodyFormat};
#[cfg(feature = "border")]
pub use database::DatabaseArgs;
#[cfg(feature = "border")]
pub use discover::DiscoverArgs;
pub use log::{AppendArgs, AuditArgs, ElsewhereArgs, EraseArgs, InitArgs, LogCommand, ProveArgs, ReceiptCommand, VerifyArgs};
#[cfg(feature = "network")]
pub use log::{FollowArgs, WitnessArgs};
pub use reasoning::{AskArgs, CompareArgs, MatrixArgs, MatrixFormat, ReplayArgs, RouteArgs};
pub use terms::{TermsArgs, TermsTable};
pub use timestamp::{TimestampCommand, TimestampRequestArgs, TimestampVerifyArgs};

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};
use jiff::civil::Date;
use std::path::PathBuf;

const STATUS: &str = "\
Exit status:
   0  lawful (permitted or unrestricted), or done
   1  the tool failed: a file could not be read, or the library has errors
   2  wrong usage
   3  invalid input
  10  prohibited; for commands that compare: something differs
  11  undetermined
  12  incomplete
Of several files, the first that occurs of 1, 2, 3, 10, 12, 11, 0.";

/// May this personal data go there? The laws of the world as code, judged all at once.
#[derive(Debug, Parser)]
#[command(
    name = "comity",
    version,
    arg_required_else_help = true,
    help_template = help::help(),
    after_help = STATUS,
    after_long_help = format!("\
Start here:
  comity new --output crm-to-us.toml       a flow file to fill in
  comity check crm-to-us.toml              the verdict, and what to do next
  comity explain crm-to-us.toml            why, provision by provision
  comity check register.csv                every flow of a register
  comity law list                          the instruments of the library

{STATUS}")
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Judge flows: the verdict, what to do next, and what led to it
    #[command(after_long_help = format!("\
A folder is searched for *.toml and *.json that are flow files. Without a file, the flow is read from standard input.
A register (*.csv, *.xlsx, *.parquet) has one flow to a row: those that are not lawful are listed, and all are counted at the end.
JSON Lines (*.jsonl) have one flow to a line, and are answered like a register.
`comity import --help` shows how its cells are written, and the mapping file for columns and words of your own.
`--format sarif` marks the lines of a change that is not lawful, for code review.

Examples:
  comity check crm-to-us.toml
  comity check flows/ --on 2026-01-01                 are all of them still lawful on that day?
  comity check flows/*.toml --format json | jq -r .verdict
  comity check flows/ --format sarif > comity.sarif
  comity check register.csv --map columns.toml
  comity check crm-to-us.toml --under eu.gdpr --reading importer-under-gdpr=no
  comity check flows/ --require-evidence --evidence documents/ --policy trust.policy
  comity check flows/ --record audit-2026 --receipts receipts/
  pipeline --describe | comity check                  TOML or JSON

{STATUS}"))]
    Check(CheckArgs),
    /// Explain a judgment: each provision that mattered, whether it holds, and the facts it looked at
    #[command(after_long_help = "\
Examples:
  comity explain crm-to-us.toml
  comity explain crm-to-us.toml --under eu.gdpr --all
  comity explain crm-to-us.toml --format json | jq '.findings[].derivation'")]
    Explain(ExplainArgs),
    /// Find the cheapest steps after which every instrument permits the flow
    #[command(after_long_help = "\
Routes on a derogation or on consent come after every route on a safeguard, whatever they cost.
Costs have defaults; --costs FILE sets others (CSV: step,hours,days,money,note).

Examples:
  comity route crm-to-us.toml
  comity route crm-to-us.toml --apply 1 | comity check -

Exit status: 0 a route was found, 10 none exists, 11 missing facts decide, 3 the file is invalid.")]
    Route(RouteArgs),
    /// Judge flows again under a draft or on another day, and show what changes
    #[command(after_long_help = "\
A draft is a .law file, or a folder of them with tables: its instruments replace those of the same id, and others are added.
On another day the safeguards count that are in place then.

Examples:
  comity replay flows/ --against drafts/gdpr.law
  comity replay register.csv --against 2027-01-01
  comity replay flows/ --against drafts/ --against 2027-01-01     a draft that begins later
  comity replay flows/ --against drafts/gdpr.law --format json | jq -c 'select(.worse)'

Exit status: 0 no flow became worse; else of the flows that did, by their new verdict: 10 prohibited, 12 incomplete,
11 undetermined; 3 a flow or the draft is invalid, 1 the tool failed.")]
    Replay(ReplayArgs),
    /// Ask the next best question, or one after the other until a flow is decided
    #[command(after_long_help = "\
With a file, the questions that could decide it, the best first. With --interactive, or without a file, a conversation:
questions are asked on standard error and answered on standard input, and the flow is written to a new file.

Answers: a number or a name of the list, or part of a name to search for it; several with commas between them; `none`.
  ?         what the question is for, with the provisions that ask it
  skip      it is not known
  back      take the last answer back
  quit      stop, and write what is there

Examples:
  comity ask                                  from nothing
  comity ask crm-to-us.toml                   what should be stated next, and why
  comity ask crm-to-us.toml --interactive --output decided.toml

Exit status: of the judgment, as for `comity check`; 3 the file is invalid, 1 the tool failed.")]
    Ask(AskArgs),
    /// Judge decided cases and probes, and compare
    #[command(after_long_help = "\
A case is a flow file with a table [decided], a probe one with a table [expected].
Files whose `under` names an instrument that is not in the library are listed as skipped and not counted.

Examples:
  comity casebook casebook/
  comity casebook casebook/ probes/ --only eu.gdpr
  comity casebook casebook/ --format json | jq -c 'select(.agrees == false)'

Exit status: 0 all agree, 10 some do not, 3 a file is invalid, 1 the tool failed.")]
    Casebook(CasebookArgs),
    /// Make flow files of a register in CSV or XLSX
    #[command(after_long_help = format!("\
{REGISTER}

Rows that are not right are named by row and column, and kept in not-imported.csv beside the new files.

Examples:
  comity import register.csv --to flows/
  comity import register.csv --to flows/ --map columns.toml

Exit status: 0 all rows are imported, 3 some are not right, 1 the tool failed."))]
    Import(ImportArgs),
    /// Make a register in CSV or XLSX of flow files
    #[command(after_long_help = format!("\
{REGISTER}

What a profile says is written out. What is exported imports unchanged.

Examples:
  comity export flows/ --to register.csv
  comity export flows/*.toml --to register.csv --map columns.toml

Exit status: 0 all flows are exported, 3 some are not right, 1 the tool failed."))]
    Export(ExportArgs),
    /// Look at, check, test and lay out the library of instruments
    #[command(subcommand, arg_required_else_help = true)]
    Law(LawCommand),
    /// Begin, write, prove, audit and erase in a transparency log
    #[command(subcommand)]
    Log(LogCommand),
    /// Check a receipt offline
    #[command(subcommand)]
    Receipt(ReceiptCommand),
    /// Keep and check an exhibit's chain of custody, and write it for a court
    #[command(subcommand)]
    Custody(CustodyCommand),
    /// Make a table lawful to send: row by row, column by column, with a record of it
    #[cfg(feature = "border")]
    #[command(after_long_help = cross::AFTER)]
    Cross(Box<CrossArgs>),
    /// Show and set how much privacy releases of aggregates may cost
    #[cfg(feature = "border")]
    #[command(after_long_help = budget::AFTER)]
    Budget(BudgetArgs),
    /// Propose what the columns of a table hold, as a manifest for a person to change
    #[cfg(feature = "border")]
    #[command(after_long_help = discover::AFTER)]
    Discover(DiscoverArgs),
    /// Show and search the vocabulary
    #[command(
        args_conflicts_with_subcommands = true,
        after_long_help = "\
Examples:
  comity terms health                        terms with this word in id, label or note
  comity terms --scheme contract             all terms of a scheme
  comity terms data-category                 the same, by the name of the scheme alone
  comity terms keys                          the keys of a flow file with their questions
  comity terms groups EEA --on 2019-06-01    members on that day"
    )]
    Terms(TermsArgs),
    /// Print a flow file to fill in: every key with its question
    #[command(after_long_help = "\
Examples:
  comity new > crm-to-us.toml
  comity new --output crm-to-us.toml         never overwrites a file")]
    New(NewArgs),
    /// Print completions for a shell
    #[command(after_long_help = "\
Examples:
  comity completions bash > ~/.local/share/bash-completion/completions/comity
  comity completions fish > ~/.config/fish/completions/comity.fish")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write one for each command
    #[command(after_long_help = "\
Examples:
  comity man | man -l -
  comity man --output /usr/local/share/man/man1")]
    Man {
        /// Write all pages into this folder
        #[arg(long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
}

const REGISTER: &str = "\
A register has one flow to a row; the first row names the columns, by key paths of a flow file (`importer.seat`).
An empty cell is not known; `none` is the empty list. Values of a list stand with `;` or a line break between them.
A safeguard may have days and a reference: eu.scc-2021/2 @ 2023-02-01..2026-01-01 # file 12
`onward` and `subjects.counts` are JSON. A backslash takes the meaning from the character after it.

A mapping file fits the columns and words of a register to these; all of it may be left out:
  ignore = [\"Comment\"]             columns that are left alone
  dates = \"day-month-year\"         or month-day-year; 2024-03-01 is read anyway
  lists = \",\"                      another sign between the values of a list
  encoding = \"windows-1252\"        of a CSV file that is not in UTF-8
  header_row = 3                     the row that names the columns, where it is not the first
  sheet = \"Transfers\"              of a workbook, where it is not the first
  [columns]
  \"Recipient country\" = \"importer.seat\"
  [words.place]                      words of a scheme, or of one key: [words.\"importer.seat\"]
  \"United States\" = \"US\"
  [defaults]
  profile = \"company.toml\"";

/// How the answer is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For reading on a screen
    #[default]
    Text,
    /// Plain sentences for screen readers: no tables, no symbols, no colors
    Plain,
    /// JSON Lines for programs
    Json,
}

/// How `comity check` answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For reading on a screen
    #[default]
    Text,
    /// Plain sentences for screen readers: no tables, no symbols, no colors
    Plain,
    /// JSON Lines for programs
    Json,
    /// SARIF 2.1.0 for code review: a result for each finding that is not lawful, on the line that matters
    Sarif,
}

impl CheckFormat {
    /// The format of documents.
    pub fn common(self) -> Format {
        match self {
            Self::Text => Format::Text,
            Self::Plain => Format::Plain,
            Self::Json | Self::Sarif => Format::Json,
        }
    }
}

/// How `comity law coverage` answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CoverageFormat {
    /// For reading on a screen
    #[default]
    Text,
    /// Plain sentences for screen readers: no tables, no symbols, no colors
    Plain,
    /// JSON Lines for programs
    Json,
    /// A table for spreadsheets
    Csv,
}

/// Which library is used.
#[derive(Args, Clone, Debug, Default)]
pub struct LibraryArgs {
    /// Use this folder of *.law and recognitions.csv instead of the embedded library
    #[arg(long, value_name = "DIR")]
    pub library: Option<PathBuf>,
    /// Go on although the library has errors, without the instruments that have them
    #[arg(long)]
    pub keep_going: bool,
}

/// How the answer is written.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct FormatArgs {
    /// How the answer is written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: Format,
}

/// A reading fixed by name.
#[derive(Clone, Debug)]
pub struct ReadingChoice {
    /// The instrument; none: the only one that has such a reading.
    pub instrument: Option<String>,
    /// The reading.
    pub id: String,
    /// The option.
    pub option: String,
}

fn reading(text: &str) -> Result<ReadingChoice, String> {
    let wrong = || "expected READING=OPTION or INSTRUMENT/READING=OPTION, such as `eu.gdpr/importer-under-gdpr=no`".to_owned();
    let (name, option) = text.split_once('=').ok_or_else(wrong)?;
    let (instrument, id) = name.split_once('/').map_or((None, name), |(instrument, id)| (Some(instrument), id));
    if [instrument.unwrap_or("-"), id, option].contains(&"") {
        return Err(wrong());
    }
    Ok(ReadingChoice { instrument: instrument.map(str::to_owned), id: id.to_owned(), option: option.to_owned() })
}

fn day(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| "expected a day, such as `2024-03-01`".to_owned())
}

/// How to judge.
#[derive(Args, Clone, Debug, Default)]
pub struct JudgeArgs {
    /// Judge at this day, whatever the file says
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub on: Option<Date>,
    /// Judge with the knowledge of this day (today)
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub known_on: Option<Date>,
    /// Speak of these instruments only
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub under: Vec<String>,
    /// Fix a competing reading; INSTRUMENT/ before it is needed where several instruments have one of this name
    #[arg(long, value_name = "READING=OPTION", value_parser = reading)]
    pub reading: Vec<ReadingChoice>,
}

/// What counts as evidence.
#[derive(Args, Clone, Debug, Default)]
pub struct EvidenceArgs {
    /// Let nothing pass on declaration alone: acts and grants count only if their `ref` shows a document or a receipt
    #[arg(long)]
    pub require_evidence: bool,
    /// The folder of the documents and receipts that `ref` names; where the flow file stands unless given
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub evidence: Option<PathBuf>,
    /// Whose receipts to trust, in the format C2SP tlog-policy
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub policy: Option<PathBuf>,
}

/// `comity check`.
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// Flow files, patterns, folders, registers (*.csv, *.xlsx, *.parquet); `-` is standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::AnyPath)]
    pub files: Vec<String>,
    /// How to judge.
    #[command(flatten)]
    pub judge: JudgeArgs,
    /// The library.
    #[command(flatten)]
    pub library: LibraryArgs,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub format: CheckFormat,
    /// How the columns and words of a register are to be read
    #[arg(long, value_name = "MAP.toml")]
    pub map: Option<PathBuf>,
    /// Also list the instruments that do not govern the flow, and the lawful flows of a register
    #[arg(long, short)]
    pub verbose: bool,
    /// What counts as evidence.
    #[command(flatten)]
    pub evidence: EvidenceArgs,
    /// Record each judgment in a log: versions of law, facts and verdict, as commitments
    #[arg(long, value_name = "LOG", value_hint = ValueHint::DirPath)]
    pub record: Option<PathBuf>,
    /// A folder for the receipts of what is recorded
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, requires = "record")]
    pub receipts: Option<PathBuf>,
}

/// `comity import`.
#[derive(Args, Debug)]
pub struct ImportArgs {
    /// The register
    #[arg(value_name = "REGISTER", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// The folder for the flow files
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub to: PathBuf,
    /// How the columns and words of the register are to be read
    #[arg(long, value_name = "MAP.toml")]
    pub map: Option<PathBuf>,
    /// Replace flow files that exist
    #[arg(long)]
    pub overwrite: bool,
}

/// `comity export`.
#[derive(Args, Debug)]
pub struct ExportArgs {
    /// Flow files, patterns, folders, registers
    #[arg(value_name = "FLOW", required = true, value_hint = ValueHint::AnyPath)]
    pub files: Vec<String>,
    /// The register, which is replaced where it exists
    #[arg(long, value_name = "REGISTER", value_hint = ValueHint::FilePath)]
    pub to: PathBuf,
    /// How the columns and words of the register are to be named
    #[arg(long, value_name = "MAP.toml")]
    pub map: Option<PathBuf>,
}

/// `comity explain`.
#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// The flow file; `-` is standard input
    #[arg(value_name = "FILE", default_value = "-", hide_default_value = true, value_hint = ValueHint::FilePath)]
    pub file: String,
    /// How to judge.
    #[command(flatten)]
    pub judge: JudgeArgs,
    /// The library.
    #[command(flatten)]
    pub library: LibraryArgs,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
    /// Also show the provisions that played no part
    #[arg(long)]
    pub all: bool,
}

/// `comity casebook`.
#[derive(Args, Debug)]
pub struct CasebookArgs {
    /// Folders or files of cases and probes
    #[arg(value_name = "DIR", required = true, value_hint = ValueHint::AnyPath)]
    pub folders: Vec<String>,
    /// Only files whose `under` names this instrument
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Judge with the knowledge of this day (today)
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub known_on: Option<Date>,
    /// The library.
    #[command(flatten)]
    pub library: LibraryArgs,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `comity law …`.
#[derive(Debug, Subcommand)]
pub enum LawCommand {
    /// List the instruments of the library
    #[command(after_long_help = "Example:\n  comity law list --format json | jq -r .id")]
    List {
        /// The library.
        #[command(flatten)]
        library: LibraryArgs,
        /// The format.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Show an instrument, or one of its provisions
    #[command(after_long_help = "Examples:\n  comity law show eu.gdpr\n  comity law show eu.gdpr scc")]
    Show {
        /// The instrument
        #[arg(value_name = "ID")]
        id: String,
        /// The provision
        provision: Option<String>,
        /// The library.
        #[command(flatten)]
        library: LibraryArgs,
        /// The format.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Check the library: names, citations, versions, and, flow by flow, conflicts, gaps and what never matters
    #[command(after_long_help = "\
Examples:
  comity law check
  comity law check --library law/ eu.gdpr
  comity law check --library law/ --quick     without the look at every flow

Exit status: 0 no errors (warnings are shown), 3 errors, 1 the tool failed.")]
    Check {
        /// Only what stands in the source of this instrument
        #[arg(value_name = "ID")]
        id: Option<String>,
        /// Leave out conflicts, gaps, provisions that never matter and exceptions that never fire
        #[arg(long)]
        quick: bool,
        /// The library.
        #[command(flatten)]
        library: LibraryArgs,
        /// The format.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Show the flows that two instruments, or one on two days, judge differently
    #[command(after_long_help = "\
Of two versions of one instrument it also says what kind of change it is, over every day on which one of them changes:
  patch   no verdict changes
  minor   verdicts change only where the old version left them open or was not in force
  major   some decided verdict changes

Examples:
  comity law compare eu.gdpr ch.fadp
  comity law compare eu.gdpr --on 2020-07-15 --against 2020-07-16
  comity law compare drafts/gdpr.law                    the version of the library, and the draft
  comity law compare old/gdpr.law new/gdpr.law")]
    Compare(CompareArgs),
    /// Show how far apart instruments are, every pair of them
    #[command(after_long_help = "\
The share of the classes of flows that two instruments judge differently. A class is a set of flows that neither tells
apart; classes count evenly, so a share says how far apart the texts are, and nothing about traffic.
A pair whose comparison outgrows its budget is listed as such.

Examples:
  comity law matrix eu.gdpr gb.uk-gdpr ch.fadp
  comity law matrix --format csv > matrix.csv
  comity law matrix eu.gdpr gb.uk-gdpr ch.fadp --format svg > matrix.svg")]
    Matrix(MatrixArgs),
    /// See whether the cases of instruments notice small changes of them
    #[command(after_long_help = "\
Examples:
  comity law mutate us.padfa
  comity law mutate us.padfa --suggest     a case for each change that no case notices

Exit status: 0 at least 90 % are noticed, 10 fewer, 1 the tool failed.")]
    Mutate {
        /// The instruments; none: all
        #[arg(value_name = "ID")]
        ids: Vec<String>,
        /// Suggest a case for each change that no case notices, to be read beside the law
        #[arg(long)]
        suggest: bool,
        /// The library.
        #[command(flatten)]
        library: LibraryArgs,
        /// The format.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Run the cases inside instruments, and say what they cover
    #[command(after_long_help = "\
Examples:
  comity law test
  comity law test eu.gdpr --coverage --library law/

Exit status: 0 all pass, 10 some fail, 3 an instrument has errors, 1 the tool failed.")]
    Test {
        /// The instruments; none: all
        #[arg(value_name = "ID")]
        ids: Vec<String>,
        /// List every provision, also those that the cases saw both ways
        #[arg(long)]
        coverage: bool,
        /// The library.
        #[command(flatten)]
        library: LibraryArgs,
        /// The format.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// List what the library knows of every place, and what it does not
    #[command(after_long_help = "\
Examples:
  comity law coverage
  comity law coverage --on 2027-01-01
  comity law coverage --format csv > coverage.csv
  comity law coverage --format json | jq -r 'select(.instruments == []) | .place'")]
    Coverage {
        /// What is in force on this day (today)
        #[arg(long, value_name = "DATE", value_parser = day)]
        on: Option<Date>,
        /// The library.
        #[command(flatten)]
        library: LibraryArgs,
        /// How the answer is written
        #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
        format: CoverageFormat,
    },
    /// Lay out *.law files; `--check` only says which would change
    #[command(after_long_help = "\
Only white space changes. A folder is searched for *.law; `-` reads standard input and prints.

Examples:
  comity law fmt law/eu/gdpr.law
  comity law fmt --check law/

Exit status: 0 done; with --check: 10 some would change.")]
    Fmt {
        /// Files or folders
        #[arg(value_name = "FILE", required = true, value_hint = ValueHint::AnyPath)]
        files: Vec<String>,
        /// Change nothing, and say what would change
        #[arg(long)]
        check: bool,
    },
    /// List the days on which something changes for an instrument
    #[command(after_long_help = "Example:\n  comity law timeline eu.gdpr")]
    Timeline {
        /// The instrument
        #[arg(value_name = "ID")]
        id: String,
        /// The library.
        #[command(flatten)]
        library: LibraryArgs,
        /// The format.
        #[command(flatten)]
        format: FormatArgs,
    },
}

/// `comity new`.
#[derive(Args, Debug)]
pub struct NewArgs {
    /// Write to this file, which must not exist
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}
