// SPDX-License-Identifier: Apache-2.0
//! What can go wrong with a crossing.

use crate::budget::BudgetError;
use comity_border::EnforceError;
use comity_border::plan::PlanTextError;
use comity_flow::Problem;
use std::io;
use std::path::{Path, PathBuf};

/// Why a crossing was not made. Nothing was published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CrossingError {
    /// A file cannot be read or written.
    #[error("{what} `{}`: {source}", path.display())]
    File {
        /// What was tried.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A store of objects does not do what is asked.
    #[error("{what} `{url}`: {problem}")]
    Store {
        /// What was tried.
        what: &'static str,
        /// The object.
        url: String,
        /// Why not.
        problem: String,
    },
    /// A database does not do what is asked.
    #[error("{what} `{name}`: {problem}")]
    Database {
        /// What was tried.
        what: &'static str,
        /// The database, without user and password.
        name: String,
        /// Why not.
        problem: String,
    },
    /// A query has nothing to be put to.
    #[error("the query `{}`: {problem}", path.display())]
    Query {
        /// The file with the query.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// A table is not what its format says.
    #[error("`{}`: {problem}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// The name of a file does not tell its format.
    #[error("`{0}`: expected a file that ends in .parquet, .csv, .jsonl, .arrow or .arrows")]
    Format(String),
    /// The table does not fit the manifest.
    #[error("the table does not fit the manifest")]
    Manifest(Vec<Problem>),
    /// Inputs that belong together have different columns.
    #[error("`{0}` has other columns than `{1}`; a crossing takes tables of one shape")]
    Shapes(String, String),
    /// An input is not the one that the plan was made of.
    #[error("`{0}` has changed since the plan was made; make the plan again")]
    Changed(String),
    /// Another crossing stands where this one would.
    #[error("`{}` holds another crossing, or something else; a crossing never writes over what is there", .0.display())]
    Taken(PathBuf),
    /// Another crossing was begun there.
    #[error("`{}` holds a crossing that was begun under another plan; finish it with that plan, or remove the folder", .0.display())]
    Begun(PathBuf),
    /// A crossing through a pipe was interrupted there, or is under way.
    #[error("`{}` holds a crossing through a pipe that was interrupted: what it says had left has left, and would leave again. Look at it, and remove the folder to begin anew", .0.display())]
    Interrupted(PathBuf),
    /// A format that cannot be read from the first byte to the last.
    #[error("tables in the format {0} cannot be read from a pipe; csv, jsonl and arrows can")]
    Piped(&'static str),
    /// What leaves cannot be measured before it has left.
    #[error(
        "the manifest asks for classes of persons who share what identifies together, which are known only when all rows are, and a pipe is read once; cross from files into a folder"
    )]
    Unmeasured,
    /// What may not leave would.
    #[error("`{0}`: rows that are kept apart stay in a folder of this machine")]
    Apart(String),
    /// Another process is at work.
    #[error("another process makes this crossing; its lock is `{}`", .0.display())]
    Busy(PathBuf),
    /// Rows were lost or made.
    #[error("{read} rows came in and {accounted} went somewhere; nothing was published")]
    Conservation {
        /// Rows that came in.
        read: u64,
        /// Rows that passed, were kept apart or left out.
        accounted: u64,
    },
    /// Too few persons share what identifies together.
    #[error(
        "some who would leave share their {together} with fewer than {least} (the smallest class has {k}); nothing was published. Generalise these columns further, or leave one out"
    )]
    Classes {
        /// The columns.
        together: String,
        /// What the manifest asks.
        least: u64,
        /// What was measured.
        k: u64,
    },
    /// What those who share what identifies together have in common tells too much of them.
    #[error(
        "in some class of those who would leave, `{column}` has {l} distinct values, and in some their distance from all is {t:.3}; {asked} is asked, and nothing was published"
    )]
    Variety {
        /// The sensitive column.
        column: String,
        /// The fewest distinct values in a class.
        l: u64,
        /// The farthest distance.
        t: f64,
        /// What the manifest asks.
        asked: String,
    },
    /// There were too many classes to count.
    #[error("the manifest asks for a smallest class, and there are too many classes to count; nothing was published")]
    Uncounted,
    /// A recipient of encrypted files is none.
    #[error("`{recipient}` is no public key of age: {why}")]
    Recipient {
        /// What the manifest says.
        recipient: String,
        /// What is wrong with it.
        why: String,
    },
    /// Files are to be encrypted, and this cannot.
    #[error("the manifest asks for encryption to the recipient, and this command was built without the feature `age`")]
    NoEncryption,
    /// A pipe is not encrypted.
    #[error(
        "the manifest asks for encryption to the recipient, and what goes through a pipe is not encrypted; publish a folder with --to DIR"
    )]
    SealedPipe,
    /// Columns are encrypted in one format.
    #[error("the manifest asks for encrypted columns, which {0} does not have; write Parquet, with --as parquet")]
    SealedColumns(&'static str),
    /// A key cannot be made or encrypted.
    #[error("no key can be made for a column: {0}")]
    Keys(String),
    /// A clear file stands among the encrypted ones.
    #[error("`{}` is not encrypted; nothing was published", .0.display())]
    Clear(PathBuf),
    /// Aggregates are to be released, and this cannot.
    #[error("the manifest asks for a release of aggregates, and this command was built without the feature `dp`")]
    NoRelease,
    /// A release takes from a budget, and none is named.
    #[error("a release of aggregates takes from a privacy budget, and no folder is named that has it")]
    NoBudget,
    /// A release goes into a folder.
    #[error("the manifest asks for a release of aggregates, which are known only when all rows are; cross from files into a folder")]
    ReleasePiped,
    /// A release takes more than there is.
    #[error("{0}")]
    Budget(#[from] BudgetError),
    /// A release cannot be made.
    #[error("the release cannot be made: {0}")]
    Release(String),
    /// What a crew found is not what it was sent for.
    #[error("`{}` is not the plan that this unit was ordered under; nothing was done", .0.display())]
    Forged(PathBuf),
    /// An order cannot be read.
    #[error("this is no order for a unit: {0}")]
    Order(String),
    /// The crew could not do its work.
    #[error("{0}")]
    Crew(String),
    /// A crew makes parts, and a release has none.
    #[error("the manifest asks for a release of aggregates, which one process makes; cross with `comity cross`")]
    ReleaseByCrew,
    /// The plan cannot be carried out.
    #[error("{0}")]
    Enforce(#[from] EnforceError),
    /// The plan cannot be written.
    #[error("{0}")]
    Plan(#[from] PlanTextError),
    /// The crossing was stopped.
    #[error("the crossing was stopped; run it again to go on")]
    Stopped,
}

impl CrossingError {
    pub(crate) fn file(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::File { what, path, source }
    }

    pub(crate) fn table(path: &Path, problem: impl ToString) -> Self {
        Self::Table { path: path.to_path_buf(), problem: problem.to_string() }
    }
}
