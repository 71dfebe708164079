// SPDX-License-Identifier: Apache-2.0
//! The entries of `[[onward]]`: later recipients, each with who sends to it.

use crate::declared::{Declared, read_certified};
use crate::facts::{Table, read_facts};
use crate::node::{Entry, Node, shortened};
use crate::problem::listed;
use crate::reader::Reader;
use crate::safeguards::read_items;
use crate::{Onward, Sender};
use comity_terms::Scheme;
use std::collections::{BTreeMap, BTreeSet};

const PATH: &str = "onward";
const OTHERS: &[&str] = &["name", "from", "purpose", "contracts", "measures", "certified"];

/// Reads the later recipients.
pub(crate) fn read_onward(reader: &mut Reader, node: &Node, references: &mut BTreeMap<Declared, String>) -> Vec<Onward> {
    let mut onward: Vec<Onward> = Vec::new();
    for (position, entry) in reader.list(PATH, node, "a list of tables").unwrap_or_default().iter().enumerate() {
        // An entry with problems keeps its position, so that the senders of later ones still resolve.
        let leg = recipient(reader, entry, position, &onward, references);
        onward.push(leg);
    }
    onward
}

fn recipient(reader: &mut Reader, node: &Node, position: usize, earlier: &[Onward], references: &mut BTreeMap<Declared, String>) -> Onward {
    let entries = reader.table(PATH, node).unwrap_or_default();
    let mut leg = Onward { name: String::new(), from: Sender::Importer, facts: BTreeMap::new(), purpose: None, items: Vec::new() };
    let table = Table { shown: PATH, keys: "importer", lines: &format!("{PATH}[{position}]") };
    for entry in read_facts(reader, &table, entries, OTHERS, &mut leg.facts) {
        match entry.name.as_str() {
            "name" => leg.name = reader.text("onward.name", &entry.value).unwrap_or_default(),
            "from" => leg.from = sender(reader, entry, earlier).unwrap_or(Sender::Importer),
            "purpose" => leg.purpose = reader.terms("onward.purpose", Scheme::Purpose, &entry.value),
            "certified" => {
                if let Some(key) = reader.words.key("importer.certified")
                    && let Some(value) = read_certified(reader, "onward.certified", (Some(position), key), &entry.value, references)
                {
                    leg.facts.insert(key, value);
                }
            }
            "contracts" => items(reader, "contracts", Scheme::Contract, &entry.value, &mut leg),
            "measures" => items(reader, "measures", Scheme::Measure, &entry.value, &mut leg),
            _ => {}
        }
    }
    leg
}

fn items(reader: &mut Reader, name: &str, scheme: Scheme, node: &Node, leg: &mut Onward) {
    if let Some(key) = reader.words.key(&format!("safeguards.{name}")) {
        let items = read_items(reader, &format!("{PATH}.{name}"), key, scheme, node, None);
        leg.items.extend(items);
    }
}

/// Who sends: the importer, or the one earlier entry of that name.
fn sender(reader: &mut Reader, entry: &Entry, earlier: &[Onward]) -> Option<Sender> {
    let name = reader.text("onward.from", &entry.value)?;
    if name == "importer" {
        return Some(Sender::Importer);
    }
    let mut named = earlier.iter().enumerate().filter(|(_, leg)| leg.name == name && !name.is_empty());
    match (named.next(), named.next()) {
        (Some((position, _)), None) => Some(Sender::Onward(position)),
        (Some(_), Some(_)) => {
            let message = format!("`onward.from`: expected the name of one earlier entry, found `{}`, which two have", shortened(&name));
            reader.problem(entry.value.at, message, Some("give each entry a name of its own".to_owned()));
            None
        }
        (None, _) => {
            let names: BTreeSet<&str> = earlier.iter().map(|leg| leg.name.as_str()).filter(|name| !name.is_empty()).collect();
            let help = format!("expected one of {}", listed(std::iter::once("importer").chain(names)));
            reader.mismatch("onward.from", &entry.value, "`importer` or the name of an earlier entry", Some(help));
            None
        }
    }
}
