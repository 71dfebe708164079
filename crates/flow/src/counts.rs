// SPDX-License-Identifier: Apache-2.0
//! The entries of `[[subjects.counts]]`.

use crate::Counter;
use crate::node::Node;
use crate::reader::Reader;
use comity_terms::{Bits, Scheme};

const PATH: &str = "subjects.counts";
const KEYS: &[&str] = &["of", "unit", "since", "at_least", "at_most", "exactly"];

/// Reads the finer counts.
pub(crate) fn read_counts(reader: &mut Reader, node: &Node) -> Vec<Counter> {
    let entries = reader.list(PATH, node, "a list of tables").unwrap_or_default();
    entries.iter().filter_map(|entry| counter(reader, entry)).collect()
}

fn counter(reader: &mut Reader, node: &Node) -> Option<Counter> {
    let (mut of, mut unit, mut since) = (None, None, None);
    let (mut at_least, mut at_most, mut exactly) = (None, None, None);
    for entry in reader.table(PATH, node)? {
        let path = format!("{PATH}.{}", entry.name);
        match entry.name.as_str() {
            "of" => of = Some(reader.terms(&path, Scheme::Category, &entry.value)),
            "unit" => unit = Some(reader.term(&path, Scheme::Unit, &entry.value)),
            "since" => since = reader.day(&path, &entry.value),
            "at_least" => at_least = reader.count(&path, &entry.value),
            "at_most" => at_most = reader.count(&path, &entry.value),
            "exactly" => exactly = reader.count(&path, &entry.value),
            _ => reader.unknown_key(PATH, entry, KEYS),
        }
    }
    if exactly.is_some() && (at_least.is_some() || at_most.is_some()) {
        let message = format!("`{PATH}`: expected either `exactly` or bounds, found both");
        reader.problem(node.at, message, Some("leave out `at_least` and `at_most`".to_owned()));
    }
    if let (Some(low), Some(high)) = (at_least, at_most)
        && low > high
    {
        let message = format!("`{PATH}`: expected `at_least` to be at most `at_most`, found {low} and {high}");
        reader.problem(node.at, message, None);
    }
    if of.is_none() {
        let message = format!("`{PATH}`: expected the key `of`, found none");
        reader.problem(node.at, message, Some("name the data categories that are counted".to_owned()));
    }
    if unit.is_none() {
        let message = format!("`{PATH}`: expected the key `unit`, found none");
        reader.problem(node.at, message, Some("write `unit = \"persons\"` or `unit = \"devices\"`".to_owned()));
    }
    let below = |of: Bits| {
        of.iter()
            .filter_map(|index| reader.words.term_at(Scheme::Category, index))
            .fold(Bits::EMPTY, |all, term| all.or(&reader.words.below(term)))
    };
    Some(Counter { of: below(of??), unit: unit??, since, at_least: exactly.or(at_least).unwrap_or(0), at_most: exactly.or(at_most) })
}
