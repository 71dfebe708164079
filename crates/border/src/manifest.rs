// SPDX-License-Identifier: Apache-2.0
//! The manifest: what each column of a table holds, what it says of a flow, and what may be done with it.
//!
//! ```toml
//! table = "customers"
//! person = "customer_id"
//!
//! [columns.customer_id]
//! holds = ["account"]
//! identifies = "directly"
//! measures = ["pseudonymise"]
//!
//! [columns.country]
//! holds = ["address"]
//! identifies = "together"
//! decides = "subjects.located"
//! words = { Ireland = "IE" }
//! ```

mod fit;
mod read;
mod release;

use crate::measure::Measure;
use crate::overlay::Overlay;
use crate::release::Release;
use comity_flow::Problem;
use comity_terms::Bits;
use std::collections::BTreeMap;

/// What the columns of a table hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// The name of the table.
    pub table: String,
    /// The column that tells persons apart.
    pub person: Option<String>,
    /// The columns in the order of the file.
    pub columns: Vec<Column>,
    /// What becomes of a row that may not leave.
    pub held: Held,
    /// The period after which pseudonyms change; empty: never.
    pub epoch: String,
    /// The fewest persons who may share what identifies together; a crossing with fewer is not published. 0: not asked.
    pub least: u64,
    /// The fewest distinct values of each sensitive column among them. 0: not asked.
    pub variety: u64,
    /// How far the values of a sensitive column may be from those of all rows that leave, 0 for alike to 1; none: not asked.
    pub closeness: Option<f64>,
    /// Of a million rows that the law lets leave, how many may be held back so that the others reach what is asked of classes.
    pub suppress_at_most: u32,
    /// The public keys of age that files are encrypted to; none: they are not encrypted.
    pub encrypt_to: Vec<String>,
    /// The aggregates that leave in place of rows; none: rows leave.
    pub release: Option<Release>,
    /// The text it was read from.
    pub text: String,
}

/// What becomes of a row that may not leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// It is kept apart, with the reason.
    Quarantine,
    /// It is counted and left out.
    Drop,
}

/// How far a column tells who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identifies {
    /// By itself: a name, a number, an address of e-mail.
    Directly,
    /// Together with other columns: a place, an age, a trade.
    Together,
    /// Not.
    No,
}

impl Identifies {
    /// The words of the manifest.
    pub const WORDS: [(&'static str, Self); 3] = [("directly", Self::Directly), ("together", Self::Together), ("no", Self::No)];
}

/// One column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name in the table.
    pub name: String,
    /// The data categories it holds.
    pub holds: Bits,
    /// How far it tells who somebody is.
    pub identifies: Identifies,
    /// What it says of the flow, row by row.
    pub decides: Option<Decides>,
    /// What may be done with it, the most wanted first.
    pub measures: Vec<Measure>,
    /// For each value, the coarser one above it.
    pub hierarchy: BTreeMap<String, String>,
    /// Whether what it holds would harm somebody of whom it became known: then the variety of its values is measured.
    pub sensitive: bool,
    /// The name under which pseudonyms of several columns are to be equal.
    pub joins: Option<String>,
    /// The public keys of age that the column is encrypted to, in files that have encrypted columns; none: it is not.
    pub encrypt_to: Vec<String>,
    /// The line of the manifest.
    pub line: usize,
    /// Where its parts stand.
    pub places: Places,
}

/// Where parts of a column stand in the manifest, each with line and column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Places {
    /// Each of the measures.
    pub measures: Vec<(usize, usize)>,
    /// The key that it decides.
    pub decides: (usize, usize),
    /// Each word.
    pub words: BTreeMap<String, (usize, usize)>,
}

/// What the cells of a column say of the flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Decides {
    /// The key path of the flow file.
    pub path: String,
    /// What each word says; none: the cell itself is the value.
    pub words: Option<BTreeMap<String, Overlay>>,
    /// The lowest number of each band, ascending; empty: every number by itself.
    pub bands: Vec<u64>,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    ///
    /// Every [`Problem`], with its line, what was expected and found, and the nearest spelling.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        read::manifest(text)
    }

    /// The first column that may become something of which the key is the secret's; none where no secret is needed.
    #[must_use]
    pub fn keyed(&self) -> Option<&Column> {
        self.columns.iter().find(|column| column.measures.iter().any(Measure::needs_key))
    }

    /// The columns that decide, with their positions.
    pub fn deciding(&self) -> impl Iterator<Item = (usize, &Column, &Decides)> {
        self.columns.iter().enumerate().filter_map(|(position, column)| Some((position, column, column.decides.as_ref()?)))
    }

    /// The columns that identify together and may leave, with their positions.
    pub fn together(&self) -> impl Iterator<Item = (usize, &Column)> {
        let leaves = |column: &Column| column.measures.iter().any(Measure::leaves);
        self.columns.iter().enumerate().filter(move |(_, column)| column.identifies == Identifies::Together && leaves(column))
    }

    /// Whether it asks that rows leave only in classes of many.
    #[must_use]
    pub fn asks_of_classes(&self) -> bool {
        self.least > 0 || self.variety > 0 || self.closeness.is_some()
    }

    /// What is wrong between the manifest and a table with these columns: every column of the table stands in the
    /// manifest, because what nobody described may not leave.
    #[must_use]
    pub fn against(&self, table: &[&str]) -> Vec<Problem> {
        let mut problems = Vec::new();
        for column in &self.columns {
            if !table.contains(&column.name.as_str()) {
                let near = comity_terms::nearest(&column.name, table.iter().copied()).map(|near| format!("did you mean `{near}`?"));
                let message = format!("the table has no column `{}`", column.name);
                problems.push(Problem { line: column.line, column: 1, message, help: near });
            }
        }
        let last = self.text.lines().count().max(1);
        for name in table {
            let known = self.columns.iter().filter(|column| column.name == *name).count();
            if known == 0 {
                let message = format!("the table has a column `{name}` that the manifest does not describe");
                let help = Some(format!("add [columns.{}]; a column that may not leave has measures = [\"drop\"]", quoted(name)));
                problems.push(Problem { line: last, column: 1, message, help });
            }
            if table.iter().filter(|other| other == &name).count() > 1 {
                let message = format!("the table has two columns `{name}`");
                problems.push(Problem { line: last, column: 1, message, help: Some("give them different names first".to_owned()) });
            }
        }
        problems.dedup();
        problems
    }
}

/// A name as a key of TOML.
fn quoted(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if bare { name.to_owned() } else { toml::Value::String(name.to_owned()).to_string() }
}
