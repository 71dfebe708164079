// SPDX-License-Identifier: Apache-2.0
//! What the parts of the file have in common: scalars, lists, tables, and the collection of problems.

use crate::node::{At, Entry, Kind, Node, shortened};
use crate::problem::{Problem, did_you_mean, listed};
use comity_terms::nearest;
use comity_terms::{Vocabulary, vocabulary};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// Reads values and keeps every problem, so that one run shows them all.
pub(crate) struct Reader {
    pub(crate) words: &'static Vocabulary,
    /// The name of the profile, for messages about what stands in it.
    pub(crate) profile: Option<String>,
    /// Where each key path is stated.
    pub(crate) places: BTreeMap<String, At>,
    problems: Vec<(At, Problem)>,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self { words: vocabulary(), profile: None, places: BTreeMap::new(), problems: Vec::new() }
    }

    /// Notes a problem.
    pub(crate) fn problem(&mut self, at: At, message: String, help: Option<String>) {
        let message = match &self.profile {
            Some(profile) if at.in_profile => format!("in profile `{profile}`: {message}"),
            _ => message,
        };
        self.problems.push((at, Problem { line: at.line, column: at.column, message, help }));
    }

    /// Notes that a value is not what its key takes.
    pub(crate) fn mismatch(&mut self, path: &str, node: &Node, expected: &str, help: Option<String>) {
        self.problem(node.at, format!("`{path}`: expected {expected}, found {}", node.found()), help);
    }

    /// The problems in the order of the text, those of the file before those of its profile.
    pub(crate) fn finish(mut self) -> Vec<Problem> {
        self.problems.sort_by_key(|(at, _)| *at);
        self.problems.dedup();
        self.problems.into_iter().map(|(_, problem)| problem).collect()
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// A text.
    pub(crate) fn text(&mut self, path: &str, node: &Node) -> Option<String> {
        if let Kind::Text(text) = &node.kind {
            return Some(text.clone());
        }
        self.mismatch(path, node, "a text", null_help(node));
        None
    }

    /// A list of texts.
    pub(crate) fn texts(&mut self, path: &str, node: &Node) -> Vec<String> {
        let items = self.list(path, node, "a list of texts").unwrap_or_default();
        items.iter().filter_map(|item| self.text(path, item)).collect()
    }

    /// One word of a closed list.
    pub(crate) fn word(&mut self, path: &str, node: &Node, words: &[&str]) -> Option<String> {
        match &node.kind {
            Kind::Text(text) if words.contains(&text.as_str()) => Some(text.clone()),
            kind => {
                let near = match kind {
                    Kind::Text(text) => nearest(&shortened(text), words.iter().copied()).map(did_you_mean),
                    _ => null_help(node),
                };
                self.mismatch(path, node, &format!("one of {}", listed(words.iter().copied())), near);
                None
            }
        }
    }

    /// Yes or no.
    pub(crate) fn flag(&mut self, path: &str, node: &Node) -> Option<bool> {
        match &node.kind {
            Kind::Flag(flag) => Some(*flag),
            kind => {
                let meant = match kind {
                    Kind::Text(text) => match text.to_lowercase().as_str() {
                        "true" | "yes" => Some("write `true`, without quotes".to_owned()),
                        "false" | "no" => Some("write `false`, without quotes".to_owned()),
                        _ => None,
                    },
                    _ => null_help(node),
                };
                self.mismatch(path, node, "`true` or `false`", meant);
                None
            }
        }
    }

    /// A whole number that is not negative.
    pub(crate) fn count(&mut self, path: &str, node: &Node) -> Option<u64> {
        if let Kind::Whole(number) = node.kind
            && let Ok(count) = i64::try_from(number).and_then(u64::try_from)
        {
            return Some(count);
        }
        let help = match &node.kind {
            Kind::Text(text) if text.parse::<u64>().is_ok() => Some("write the number without quotes".to_owned()),
            Kind::Whole(number) if *number > 0 => Some(format!("the largest number is {}", i64::MAX)),
            _ => null_help(node),
        };
        self.mismatch(path, node, "a whole number, 0 or more", help);
        None
    }

    /// A calendar day, also where it is written as a text.
    pub(crate) fn day(&mut self, path: &str, node: &Node) -> Option<Date> {
        match &node.kind {
            Kind::Day(day) => return Some(*day),
            // The length holds the notation to days: jiff reads a day from a moment, too.
            Kind::Text(text) if text.len() == 10 => {
                if let Ok(day) = text.parse() {
                    return Some(day);
                }
            }
            _ => {}
        }
        self.mismatch(path, node, "a day such as `2024-03-01`", null_help(node));
        None
    }

    /// A list.
    pub(crate) fn list<'n>(&mut self, path: &str, node: &'n Node, expected: &str) -> Option<&'n [Node]> {
        match &node.kind {
            Kind::List(items) => Some(items),
            kind => {
                let help = match kind {
                    Kind::Text(text) if !text.is_empty() => Some(format!("write it as a list: `[\"{}\"]`", shortened(text))),
                    Kind::Text(_) => Some("the list without entries is `[]`".to_owned()),
                    _ => null_help(node),
                };
                self.mismatch(path, node, expected, help);
                None
            }
        }
    }

    /// A table.
    pub(crate) fn table<'n>(&mut self, path: &str, node: &'n Node) -> Option<&'n [Entry]> {
        match &node.kind {
            Kind::Table(entries) => Some(entries),
            _ => {
                self.mismatch(path, node, "a table", null_help(node));
                None
            }
        }
    }

    /// Notes a key that its table does not take.
    pub(crate) fn unknown_key(&mut self, table: &str, entry: &Entry, known: &[&str]) {
        let name = shortened(&entry.name);
        let message = match (table.is_empty(), &entry.value.kind) {
            (true, Kind::Table(_)) => format!("unknown table `[{name}]`"),
            (true, _) => format!("unknown key `{name}`"),
            (false, _) => format!("unknown key `{name}` in `[{table}]`"),
        };
        let help = match (self.tables_with(&name), nearest(&name, known.iter().copied())) {
            (Some(tables), _) => format!("`{name}` stands in {tables}"),
            (None, Some(near)) => did_you_mean(near),
            (None, None) => format!("expected one of {}", listed(known.iter().copied())),
        };
        self.problem(entry.at, message, Some(help));
    }

    /// The tables that take a key of this name.
    fn tables_with(&self, name: &str) -> Option<String> {
        let tables: Vec<String> = self
            .words
            .keys()
            .iter()
            .filter_map(|key| key.path.rsplit_once('.'))
            .filter(|(table, last)| *last == name && *table != "sender")
            .map(|(table, _)| format!("`[{table}]`"))
            .collect();
        (!tables.is_empty()).then(|| tables.join(", "))
    }
}

/// `null` is the commonest slip of programs that write flows.
pub(crate) fn null_help(node: &Node) -> Option<String> {
    matches!(node.kind, Kind::Null).then(|| "leave out the key of a fact that is not known".to_owned())
}
