// SPDX-License-Identifier: Apache-2.0
//! The mapping file: how the columns and words of a register that somebody already keeps are to be read.
//!
//! ```toml
//! dates = "day-month-year"
//! ignore = ["Comment"]
//!
//! [columns]
//! "Recipient country" = "importer.seat"
//!
//! [words.place]
//! "United States" = "US"
//!
//! [defaults]
//! profile = "company.toml"
//! ```

use super::columns::{column, columns};
use super::split::Encoding;
use comity_terms::nearest;
use std::collections::BTreeMap;

/// In which order the numbers of a day stand, where they do not stand as `2024-03-01`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// 31.12.2024
    DayMonthYear,
    /// 12/31/2024
    MonthDayYear,
}

impl Order {
    /// The orders by their names in a mapping file.
    pub const ALL: [(&'static str, Self); 2] = [("day-month-year", Self::DayMonthYear), ("month-day-year", Self::MonthDayYear)];
}

/// The words of a column.
#[derive(Clone, Debug, Default)]
pub struct Words {
    /// For each word, folded, the cell that it stands for.
    meanings: BTreeMap<String, String>,
    /// The first word for each cell.
    words: BTreeMap<String, String>,
}

impl Words {
    /// Adds a word, or says which other word it cannot be told from.
    pub fn add(&mut self, word: &str, meaning: &str) -> Result<(), String> {
        let known = self.meanings.insert(folded(word), meaning.to_owned());
        self.words.entry(meaning.to_owned()).or_insert_with(|| word.trim().to_owned());
        match known {
            Some(other) if other != meaning => Err(other),
            _ => Ok(()),
        }
    }

    /// Adds the words that are not there yet.
    pub fn fill(&mut self, others: &Self) {
        for (word, meaning) in &others.meanings {
            self.meanings.entry(word.clone()).or_insert_with(|| meaning.clone());
        }
        for (meaning, word) in &others.words {
            self.words.entry(meaning.clone()).or_insert_with(|| word.clone());
        }
    }
}

/// How a register is to be read.
#[derive(Clone, Debug, Default)]
pub struct Map {
    /// Columns that are left alone, folded.
    pub ignore: Vec<String>,
    /// The names of columns with their key paths.
    pub columns: Vec<(String, String)>,
    /// For each key path, its words.
    pub words: BTreeMap<String, Words>,
    /// For each key path, the cell where the row has none.
    pub defaults: BTreeMap<String, String>,
    /// The order of the numbers in days; none: as `2024-03-01` only.
    pub dates: Option<Order>,
    /// A sign that stands between the values of a list, besides `;` and the end of a line.
    pub lists: Option<char>,
    /// What the bytes of a CSV file stand for.
    pub encoding: Encoding,
    /// The sheet of a workbook; none: the first.
    pub sheet: Option<String>,
    /// The number of the row that names the columns, less one.
    pub above: usize,
}

impl Map {
    /// The cell that a word of a column stands for. Registers are kept by hand, so neither case nor spaces matter.
    pub fn word(&self, path: &str, word: &str) -> Option<&str> {
        self.words.get(path)?.meanings.get(&folded(word)).map(String::as_str)
    }

    /// The word that stands for an id of a column.
    pub fn unword(&self, path: &str, id: &str) -> Option<&str> {
        self.words.get(path)?.words.get(id).map(String::as_str)
    }

    /// The key path that a column of this name stands for; none where it is to be left alone.
    pub fn path<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        let name = name.trim();
        let fold = folded(name);
        let mapped = self.columns.iter().find(|(known, _)| folded(known) == fold).map(|(_, path)| path.as_str());
        if mapped.is_none() && (self.ignore.contains(&fold) || name == super::PROBLEM) {
            return None;
        }
        Some(mapped.unwrap_or(name))
    }

    /// The name of the column of a key path.
    pub fn header(&self, path: &str) -> String {
        self.columns.iter().find(|(_, known)| *known == path).map_or_else(|| path.to_owned(), |(header, _)| header.clone())
    }

    /// What a column that nobody knows may have been meant to be, as the end of a message.
    pub fn near(&self, name: &str) -> String {
        let fold = folded(name);
        let names: Vec<(String, &str)> = self.columns.iter().map(|(known, _)| (folded(known), known.as_str())).collect();
        let mapped = nearest(&fold, names.iter().map(|(fold, _)| fold.as_str()))
            .and_then(|found| names.iter().find(|(fold, _)| fold == found))
            .map(|(_, known)| *known);
        mapped.map_or_else(|| near(name), |known| format!("; did you mean `{known}`, which the mapping file names?"))
    }
}

/// The word without what hands differ in: case, and how many spaces.
pub fn folded(word: &str) -> String {
    word.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// The nearest key path, as the end of a message.
pub fn near(path: &str) -> String {
    let plain = path.to_lowercase().replace([' ', '-'], "_");
    let paths = || columns().iter().map(|column| column.path.as_str());
    let last = || paths().find(|known| known.rsplit('.').next() == Some(plain.as_str()));
    let dotted = plain.replacen('_', ".", 1);
    let found = nearest(&plain, paths()).or_else(|| nearest(&dotted, paths())).or_else(last);
    found.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// Whether it is a key path of a flow file.
pub fn known(path: &str) -> Result<(), String> {
    if column(path).is_some() { Ok(()) } else { Err(format!("expected a key path of a flow file, found `{path}`{}", near(path))) }
}
