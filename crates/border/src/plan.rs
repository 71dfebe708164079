// SPDX-License-Identifier: Apache-2.0
//! The plan: what becomes of every row, decided before any row moves.
//!
//! The rows of a table are decided by few cells: where somebody lives, whether they consented, how old they are.
//! Each combination of what those cells mean is judged once, under every instrument, with the least costly measures that
//! make it lawful; all rows that have it share the outcome. A combination that is not in the plan does not leave.

mod anonymise;
mod compile;
mod text;

pub use anonymise::{AnonymityError, anonymise};
pub(crate) use compile::purposes;
pub use compile::{PlanError, compile};
pub use text::PlanTextError;

use crate::anonymity::Anonymity;
use crate::manifest::{Held, Manifest};
use crate::measure::Measure;
use comity_evidence::Hash;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// What the cells of a row mean, in the order of the deciding columns.
pub type Combination = Vec<String>;

/// Something the plan is to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its name, without the folders before it.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub digest: Hash,
}

/// A version of an instrument that was judged under.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Law {
    /// The instrument.
    pub instrument: String,
    /// The first day of the text that was used.
    pub text_from: Option<Date>,
    /// The digest of the instrument.
    pub digest: String,
}

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It leaves, each column under its measure.
    Pass {
        /// `permitted` or `unrestricted`.
        verdict: String,
        /// The mechanisms that carry it, with the instrument of each.
        mechanisms: Vec<String>,
        /// The provisions that led to the verdict, with the instrument of each.
        cites: Vec<String>,
        /// The duties it brings, with the instrument of each.
        duties: Vec<String>,
        /// The measure of each column.
        measures: Vec<Measure>,
    },
    /// It does not leave.
    Hold {
        /// The verdict on the row with the measures that come nearest.
        verdict: String,
        /// Why, a line for each instrument.
        reasons: Vec<String>,
    },
}

/// What becomes of every row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The id of the flow.
    pub flow: String,
    /// The flow file.
    pub flow_text: String,
    /// The manifest.
    pub manifest: Manifest,
    /// The day of the flow.
    pub on: Date,
    /// The day of the knowledge.
    pub known_on: Date,
    /// The instruments that were judged under, each version once.
    pub laws: Vec<Law>,
    /// The recipient whose pseudonyms are its own.
    pub recipient: String,
    /// The purposes whose pseudonyms are their own.
    pub purpose: String,
    /// The [name](crate::secret::Secret::name) of the secret; none where no measure needs one.
    pub key: Option<String>,
    /// The outcomes.
    pub outcomes: Vec<Outcome>,
    /// For each combination its outcome, by position.
    pub decisions: BTreeMap<Combination, usize>,
    /// What was chosen so that rows leave only in classes of many; none where the manifest does not ask for it.
    pub anonymity: Option<Anonymity>,
    /// What is to be read; empty for a stream.
    pub inputs: Vec<Input>,
    /// Remarks, such as that not all measures could be looked at together.
    pub notes: Vec<String>,
}

impl Plan {
    /// The outcome of a combination; none where the plan does not know it.
    #[must_use]
    pub fn outcome(&self, combination: &[String]) -> Option<&Outcome> {
        self.decisions.get(combination).and_then(|position| self.outcomes.get(*position))
    }

    /// What becomes of rows that may not leave.
    #[must_use]
    pub fn held(&self) -> Held {
        self.manifest.held
    }

    /// The measures that rows which leave have in a column, each once.
    #[must_use]
    pub fn measures_of(&self, column: usize) -> Vec<&Measure> {
        let mut found: Vec<&Measure> = self
            .outcomes
            .iter()
            .filter_map(|outcome| match outcome {
                Outcome::Pass { measures, .. } => measures.get(column),
                Outcome::Hold { .. } => None,
            })
            .collect();
        found.sort();
        found.dedup();
        found
    }
}
