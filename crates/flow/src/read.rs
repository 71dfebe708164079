// SPDX-License-Identifier: Apache-2.0
//! Reading a file: notation, profile, tables, and what silence means.

use crate::declared::read_certified;
use crate::facts::{Table, read_facts};
use crate::node::{Entry, Kind, Node, inherit, shortened};
use crate::problem::{Problem, did_you_mean};
use crate::reader::Reader;
use crate::safeguards::read_safeguards;
use crate::{Flow, Format, case, counts, fill, json_tree, onward, toml_tree};
use comity_terms::Scheme;

/// The keys and tables at the top of a file.
const TOP: &[&str] = &[
    "id",
    "title",
    "on",
    "under",
    "profile",
    "exporter",
    "importer",
    "onward",
    "route",
    "data",
    "subjects",
    "purpose",
    "safeguards",
    "decided",
    "expected",
];
/// What one file says of itself and does not inherit.
const OWN: &[&str] = &["profile", "decided", "expected"];

/// Reads a flow file, a case file or a probe, or says everything that is wrong with it.
///
/// Where the file names a profile, `profile` is called with that name as written and returns the text of the profile,
/// in TOML, or why it cannot be had. The file's own keys win over inherited ones, key by key.
///
/// # Errors
///
/// Every problem of the file, in the order of the text, and then those of its profile.
pub fn read(text: &str, format: Format, profile: &dyn Fn(&str) -> Result<String, String>) -> Result<Flow, Vec<Problem>> {
    // Some editors begin a file with a mark that is neither TOML nor JSON.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut entries = match format {
        Format::Toml => toml_tree::parse(text, false)?,
        Format::Json => json_tree::parse(text)?,
    };
    let mut reader = Reader::new();
    if let Some(named) = entries.iter().position(|entry| entry.name == "profile") {
        let entry = entries.remove(named);
        if let Some(inherited) = read_profile(&mut reader, &entry.value, profile) {
            entries = inherit(entries, inherited);
        }
    }
    let flow = read_entries(&mut reader, &entries);
    if reader.clean() { Ok(flow) } else { Err(reader.finish()) }
}

/// The entries of the profile; its problems bear its name.
fn read_profile(reader: &mut Reader, node: &Node, profile: &dyn Fn(&str) -> Result<String, String>) -> Option<Vec<Entry>> {
    let name = reader.text("profile", node)?;
    let text = match profile(&name) {
        Ok(text) => text,
        Err(error) => {
            reader.problem(node.at, format!("cannot read the profile `{}`: {error}", shortened(&name)), None);
            return None;
        }
    };
    reader.profile = Some(shortened(&name));
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let entries = match toml_tree::parse(text, true) {
        Ok(entries) => entries,
        Err(problems) => {
            for Problem { line, column, message, help } in problems {
                let at = crate::node::At { in_profile: true, line, column };
                reader.problem(at, message, help);
            }
            return None;
        }
    };
    let (own, inherited): (Vec<Entry>, Vec<Entry>) = entries.into_iter().partition(|entry| OWN.contains(&entry.name.as_str()));
    for entry in own {
        reader.problem(entry.at, format!("a profile cannot have `{}`", entry.name), Some("it belongs in a flow file".to_owned()));
    }
    Some(inherited)
}

fn read_entries(reader: &mut Reader, entries: &[Entry]) -> Flow {
    let mut flow = Flow::default();
    for entry in entries {
        if TOP.contains(&entry.name.as_str()) {
            reader.places.insert(entry.name.clone(), entry.at);
        } else {
            reader.unknown_key("", entry, TOP);
        }
    }
    let named = |name: &str| entries.iter().find(|entry| entry.name == name);
    // The day comes first, because it decides which safeguards are in place.
    flow.on = named("on").and_then(|entry| reader.day("on", &entry.value));
    flow.id = named("id").and_then(|entry| reader.text("id", &entry.value)).unwrap_or_default();
    flow.title = named("title").and_then(|entry| reader.text("title", &entry.value)).unwrap_or_default();
    flow.under = named("under").map(|entry| under(reader, &entry.value)).unwrap_or_default();

    for table in ["exporter", "importer", "route", "data", "subjects", "purpose"] {
        let Some(entries) = named(table).and_then(|entry| reader.table(table, &entry.value)) else { continue };
        let others: &[&str] = match table {
            "exporter" | "importer" => &["name", "certified"],
            "subjects" => &["counts"],
            _ => &[],
        };
        for entry in read_facts(reader, &Table::plain(table), entries, others, &mut flow.facts) {
            match table {
                "exporter" | "importer" if entry.name == "certified" => {
                    let path = format!("{table}.certified");
                    if let Some(key) = reader.words.key(&path)
                        && let Some(value) = read_certified(reader, &path, (None, key), &entry.value, &mut flow.references)
                    {
                        flow.facts.insert(key, value);
                    }
                }
                "exporter" => flow.exporter_name = reader.text("exporter.name", &entry.value).unwrap_or_default(),
                "importer" => flow.importer_name = reader.text("importer.name", &entry.value).unwrap_or_default(),
                _ => flow.counts = counts::read_counts(reader, &entry.value),
            }
        }
    }
    read_safeguards(reader, named("safeguards"), &mut flow);
    let references = &mut flow.references;
    flow.onward = named("onward").map(|entry| onward::read_onward(reader, &entry.value, references)).unwrap_or_default();
    flow.decided = named("decided").and_then(|entry| case::read_decided(reader, entry));
    flow.expected = named("expected").and_then(|entry| case::read_expected(reader, entry));
    fill::fill(reader, &mut flow);
    flow.lines = reader.places.iter().filter(|(_, at)| !at.in_profile).map(|(path, at)| (path.clone(), at.line)).collect();
    flow
}

/// The ids of instruments. Whether the library has them is seen where it is at hand.
fn under(reader: &mut Reader, node: &Node) -> Vec<String> {
    let mut ids = Vec::new();
    for item in reader.list("under", node, "a list of instruments").unwrap_or_default() {
        match &item.kind {
            Kind::Text(text) if is_dotted(text) => ids.push(text.clone()),
            kind => {
                let near = match kind {
                    Kind::Text(text) => {
                        let ending = format!(".{}", text.to_lowercase());
                        let mut ids = reader.words.entries(Scheme::Instrument).iter().map(|entry| entry.id.as_str());
                        let full = ids.find(|id| id.ends_with(&ending));
                        full.or_else(|| reader.words.nearest(Scheme::Instrument, &shortened(text))).map(did_you_mean)
                    }
                    _ => None,
                };
                reader.mismatch("under", item, "the id of an instrument such as `eu.gdpr`", near);
            }
        }
    }
    ids
}

/// Whether the text has the form of an instrument's id: lower-case words joined by dots and hyphens, two at least.
fn is_dotted(text: &str) -> bool {
    let word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    text.contains('.') && text.split('.').all(word)
}
