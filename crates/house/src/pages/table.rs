// SPDX-License-Identifier: Apache-2.0
//! Tables in Markdown.

use std::fmt::Write as _;

/// A table with a heading row.
pub struct Table {
    text: String,
}

impl Table {
    /// An empty table with these columns.
    pub fn new(columns: &[&str]) -> Self {
        let mut table = Self { text: String::new() };
        table.row(columns.iter().map(|column| (*column).to_owned()));
        let _ = writeln!(table.text, "|{}", " --- |".repeat(columns.len()));
        table
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.text.push('|');
        for cell in cells {
            let _ = write!(self.text, " {} |", cell.replace('|', "\\|").replace('\n', " "));
        }
        self.text.push('\n');
    }

    /// Whether it has no row but its heading.
    pub fn is_empty(&self) -> bool {
        self.text.lines().count() <= 2
    }

    /// The table, with a blank line after it.
    pub fn text(self) -> String {
        self.text + "\n"
    }
}

/// Words in code type, separated by commas.
pub fn codes<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
