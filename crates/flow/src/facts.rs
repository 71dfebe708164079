// SPDX-License-Identifier: Apache-2.0
//! The tables whose keys are facts of the vocabulary.

use crate::Value;
use crate::node::Entry;
use crate::reader::Reader;
use comity_terms::{KeyId, Vocabulary};
use std::collections::BTreeMap;

/// Which table is read, by its three names.
pub(crate) struct Table<'a> {
    /// The name in messages.
    pub(crate) shown: &'a str,
    /// The path before the dot in the vocabulary.
    pub(crate) keys: &'a str,
    /// The path before the dot in the record of lines.
    pub(crate) lines: &'a str,
}

impl<'a> Table<'a> {
    /// A table that has the same name everywhere.
    pub(crate) fn plain(name: &'a str) -> Self {
        Self { shown: name, keys: name, lines: name }
    }
}

/// Reads the facts of a table into `facts` and returns the entries named in `others`, which are the caller's to read.
pub(crate) fn read_facts<'n>(
    reader: &mut Reader,
    table: &Table<'_>,
    entries: &'n [Entry],
    others: &[&str],
    facts: &mut BTreeMap<KeyId, Value>,
) -> Vec<&'n Entry> {
    let mut rest = Vec::new();
    for entry in entries {
        let fact = fact_key(reader.words, table.keys, &entry.name).and_then(|id| Some((id, reader.words.key_at(id)?.kind)));
        if others.contains(&entry.name.as_str()) {
            rest.push(entry);
        } else if let Some((id, kind)) = fact {
            let path = format!("{}.{}", table.shown, entry.name);
            if let Some(value) = reader.value(&path, kind, &entry.value) {
                facts.insert(id, value);
            }
        } else {
            let mut known: Vec<&str> = others.to_vec();
            known.extend(fact_names(reader.words, table.keys).filter(|name| !others.contains(name)));
            reader.unknown_key(table.shown, entry, &known);
            continue;
        }
        reader.places.insert(format!("{}.{}", table.lines, entry.name), entry.at);
    }
    rest
}

/// The fact of this name in a table.
fn fact_key(words: &Vocabulary, table: &str, name: &str) -> Option<KeyId> {
    // A quoted key may hold a dot, and no fact has one in its name.
    (!name.contains('.')).then(|| words.key(&format!("{table}.{name}"))).flatten()
}

/// The names of all facts in a table.
pub(crate) fn fact_names<'w>(words: &'w Vocabulary, table: &str) -> impl Iterator<Item = &'w str> {
    words.keys().iter().filter_map(move |key| key.path.strip_prefix(table)?.strip_prefix('.')).filter(|name| !name.contains('.'))
}
