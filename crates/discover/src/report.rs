// SPDX-License-Identifier: Apache-2.0
//! What was looked at, and what is proposed. A report never says that it found everything.

use crate::detector::Identifier;
use crate::sample::Distinct;
use comity_terms::Term;

/// What was looked at in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looked {
    /// Rows of the column.
    pub rows: u64,
    /// Rows of them without a value.
    pub empty: u64,
    /// Distinct values of the column.
    pub distinct: Distinct,
    /// Distinct values that were looked at.
    pub sampled: u64,
    /// Whether its values can be read as texts; otherwise only its header was looked at.
    pub readable: bool,
}

impl Looked {
    /// Whether every distinct value was looked at.
    #[must_use]
    pub fn all(self) -> bool {
        self.readable && self.distinct == Distinct::Exactly(self.sampled)
    }
}

/// What a column may hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The id of what was found, such as `iban`.
    pub kind: &'static str,
    /// A name of it for people.
    pub label: &'static str,
    /// The data category; none where it is no personal data by itself.
    pub category: Option<Term>,
    /// How the column tells persons apart.
    pub identifier: Identifier,
    /// How sure it is, from 0 to 1, against everything else that is known here.
    pub confidence: f64,
    /// The share of the distinct values looked at that pass the test; none where only the header was looked at.
    pub coverage: Option<f64>,
    /// Why, one sentence each. No value of the column is repeated.
    pub why: Vec<String>,
    /// What describes the thing in public.
    pub source: &'static str,
}

/// What is said of a column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The name of its type.
    pub type_name: String,
    /// What was looked at.
    pub looked: Looked,
    /// What it may hold, the surest first. Several may be right.
    pub proposals: Vec<Proposal>,
    /// Whether something was found that is surer than not, alone or with others of the same category.
    pub understood: bool,
}

/// What is said of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The columns, in their order.
    pub columns: Vec<Column>,
    /// How many kinds of things were looked for.
    pub kinds: usize,
}

impl Report {
    /// The columns of which nothing can be said. A person has to look at them: they may hold anything.
    pub fn not_understood(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| !column.understood)
    }

    /// What the report rests on, in one sentence, which belongs beside it wherever it is shown.
    #[must_use]
    pub fn limits(&self) -> String {
        let readable = || self.columns.iter().filter(|column| column.looked.readable);
        let sampled = readable().filter(|column| !column.looked.all()).count();
        let unread = self.columns.len() - readable().count();
        let mut part = match sampled {
            0 if unread == 0 => "every distinct value of every column".to_owned(),
            0 => "every distinct value of the columns that can be read".to_owned(),
            sampled => format!("a sample of the distinct values of {sampled} of {} columns", self.columns.len()),
        };
        if unread > 0 {
            part.push_str(&format!(", and of {unread} in the header alone, because they hold no texts"));
        }
        let open = self.not_understood().count();
        format!(
            "Looked for {} kinds of data in {part}; {open} of {} columns were not understood. There may be personal data that was not found.",
            self.kinds,
            self.columns.len()
        )
    }
}
