// SPDX-License-Identifier: Apache-2.0
//! The mapping file: how the columns and words of a register that somebody already keeps are to be read.
//!
//! ```toml
//! ignore = ["Comment"]
//!
//! [columns]
//! "Recipient country" = "importer.seat"
//!
//! [words."importer.seat"]
//! "United States" = "US"
//!
//! [defaults]
//! profile = "company.toml"
//! ```

use super::cell::scalar;
use super::columns::{column, columns};
use crate::input::reason;
use comity_terms::nearest;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// How a register is to be read.
#[derive(Clone, Debug, Default)]
pub struct Map {
    /// Columns that are left alone.
    pub ignore: Vec<String>,
    /// The key path of each column that has another name.
    pub columns: BTreeMap<String, String>,
    /// For each key path, the id of each word.
    pub words: BTreeMap<String, BTreeMap<String, String>>,
    /// For each key path, the cell where the row has none.
    pub defaults: BTreeMap<String, String>,
}

impl Map {
    /// Reads a mapping file, or says what is wrong with it.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path).map_err(|error| format!("cannot read `{}`: {}", path.display(), reason(&error)))?;
        Self::parse(&text).map_err(|message| format!("mapping file `{}`: {message}", path.display()))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let table: toml::Table = toml::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
            let line = error.span().map_or(1, |span| text.get(..span.start).unwrap_or("").matches('\n').count() + 1);
            format!("line {line}: {}", error.message())
        })?;
        let mut map = Self::default();
        for (name, value) in &table {
            match (name.as_str(), value) {
                ("ignore", toml::Value::Array(items)) => {
                    for item in items {
                        let Some(item) = item.as_str() else { return Err("`ignore`: expected a list of column names".to_owned()) };
                        map.ignore.push(item.trim().to_owned());
                    }
                }
                ("columns", toml::Value::Table(columns)) => {
                    for (header, path) in columns {
                        let path = path.as_str().ok_or_else(|| format!("column `{header}`: expected a key path in quotes"))?;
                        known(path)?;
                        map.columns.insert(header.trim().to_owned(), path.to_owned());
                    }
                }
                ("words", toml::Value::Table(keys)) => {
                    for (path, words) in keys {
                        known(path)?;
                        map.words.insert(path.clone(), texts(words, &format!("[words.\"{path}\"]"))?);
                    }
                }
                ("defaults", values) => {
                    map.defaults = texts(values, "[defaults]")?;
                    map.defaults.keys().try_for_each(|path| known(path))?;
                }
                ("ignore" | "columns" | "words", _) => return Err(format!("`{name}` has another form: expected what the help shows")),
                (other, _) => {
                    let near = nearest(other, ["ignore", "columns", "words", "defaults"].into_iter());
                    let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                    return Err(format!("expected `ignore`, `[columns]`, `[words]` or `[defaults]`, found `{other}`{near}"));
                }
            }
        }
        Ok(map)
    }

    /// The id that a word of a column stands for.
    pub fn word(&self, path: &str, word: &str) -> String {
        let words = self.words.get(path);
        let exact = words.and_then(|words| words.get(word));
        // Registers are kept by hand, and case is where hands differ.
        let alike =
            || words.and_then(|words| words.iter().find(|(known, _)| known.to_lowercase() == word.to_lowercase()).map(|(_, id)| id));
        exact.or_else(alike).map_or_else(|| word.to_owned(), Clone::clone)
    }

    /// The word that stands for an id of a column.
    pub fn unword(&self, path: &str, id: &str) -> String {
        let words = self.words.get(path);
        let found = words.and_then(|words| words.iter().find(|(_, known)| *known == id));
        found.map_or_else(|| id.to_owned(), |(word, _)| word.clone())
    }

    /// The name of the column of a key path.
    pub fn header(&self, path: &str) -> String {
        self.columns.iter().find(|(_, known)| *known == path).map_or_else(|| path.to_owned(), |(header, _)| header.clone())
    }
}

fn texts(value: &toml::Value, what: &str) -> Result<BTreeMap<String, String>, String> {
    let Some(table) = value.as_table() else { return Err(format!("{what}: expected a table")) };
    table
        .iter()
        .map(|(name, value)| match value {
            toml::Value::String(text) => Ok((name.trim().to_owned(), text.clone())),
            toml::Value::Boolean(_) | toml::Value::Integer(_) | toml::Value::Datetime(_) => Ok((name.trim().to_owned(), scalar(value))),
            _ => Err(format!("{what} `{name}`: expected a value as a cell has it, in quotes")),
        })
        .collect()
}

fn known(path: &str) -> Result<(), String> {
    if column(path).is_some() { Ok(()) } else { Err(format!("`{path}` is not a key path of a flow file{}", near(path))) }
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
