// SPDX-License-Identifier: Apache-2.0
//! The outcome tables `[decided]` of a case and `[expected]` of a probe.

use crate::node::{Entry, Kind, Node};
use crate::problem::did_you_mean;
use crate::reader::Reader;
use crate::{Decided, Expected, Lawful};
use comity_terms::nearest;
use comity_terms::{Scheme, Vocabulary};

const VERDICTS: &[&str] = &["unrestricted", "permitted", "incomplete", "prohibited", "undetermined"];
const KINDS: &[&str] = &["judgment", "fine", "order", "guidance", "approval", "opinion"];
const DEGREES: &[&str] = &["high", "medium", "low"];
const DECIDED: &[&str] =
    &["by", "country", "date", "kind", "lawful", "mechanism", "lacking", "cites", "decides", "sources", "confidence", "pair", "note"];
const EXPECTED: &[&str] = &["verdict", "mechanism", "missing", "cite", "why", "sure"];
/// What a case lacks where no mechanism was satisfied at all.
const ANY_MECHANISM: &str = "any-mechanism";

/// Reads `[decided]`.
pub(crate) fn read_decided(reader: &mut Reader, entry: &Entry) -> Option<Decided> {
    let mut lawful = None;
    let mut decided = Decided {
        by: String::new(),
        country: String::new(),
        date: None,
        kind: String::new(),
        lawful: Lawful::No,
        mechanism: None,
        lacking: Vec::new(),
        cites: Vec::new(),
        decides: String::new(),
        sources: Vec::new(),
        confidence: String::new(),
        pair: None,
        note: String::new(),
    };
    for inner in reader.table("decided", &entry.value)? {
        let path = format!("decided.{}", inner.name);
        let value = &inner.value;
        match inner.name.as_str() {
            "by" => decided.by = reader.text(&path, value).unwrap_or_default(),
            "country" => {
                reader.term(&path, Scheme::Place, value);
                decided.country = reader.text(&path, value).unwrap_or_default();
            }
            "date" => decided.date = reader.day(&path, value),
            "kind" => decided.kind = reader.word(&path, value, KINDS).unwrap_or_default(),
            "lawful" => {
                lawful = Some(());
                decided.lawful = match reader.word(&path, value, &["yes", "no", "not-restricted"]).as_deref() {
                    Some("yes") => Lawful::Yes,
                    Some("not-restricted") => Lawful::NotRestricted,
                    _ => Lawful::No,
                };
            }
            "mechanism" => decided.mechanism = mechanism(reader, &path, value),
            "lacking" => decided.lacking = reasons(reader, &path, value),
            "cites" => decided.cites = reader.texts(&path, value),
            "decides" => decided.decides = reader.text(&path, value).unwrap_or_default(),
            "sources" => decided.sources = reader.texts(&path, value),
            "confidence" => decided.confidence = reader.word(&path, value, DEGREES).unwrap_or_default(),
            "pair" => decided.pair = reader.text(&path, value).filter(|pair| !pair.is_empty()),
            "note" => decided.note = reader.text(&path, value).unwrap_or_default(),
            _ => reader.unknown_key("decided", inner, DECIDED),
        }
    }
    if lawful.is_none() {
        let message = "`decided`: expected the key `lawful`, found none".to_owned();
        reader.problem(entry.at, message, Some("write `lawful = \"yes\"`, `\"no\"` or `\"not-restricted\"`".to_owned()));
    }
    Some(decided)
}

/// Reads `[expected]`.
pub(crate) fn read_expected(reader: &mut Reader, entry: &Entry) -> Option<Expected> {
    let mut stated = false;
    let mut expected = Expected {
        verdict: String::new(),
        mechanism: None,
        missing: Vec::new(),
        cite: String::new(),
        why: String::new(),
        sure: String::new(),
    };
    for inner in reader.table("expected", &entry.value)? {
        let path = format!("expected.{}", inner.name);
        let value = &inner.value;
        match inner.name.as_str() {
            "verdict" => {
                stated = true;
                expected.verdict = reader.word(&path, value, VERDICTS).unwrap_or_default();
            }
            "mechanism" => expected.mechanism = mechanism(reader, &path, value),
            "missing" => expected.missing = reasons(reader, &path, value),
            "cite" => expected.cite = reader.text(&path, value).unwrap_or_default(),
            "why" => expected.why = reader.text(&path, value).unwrap_or_default(),
            "sure" => expected.sure = reader.word(&path, value, DEGREES).unwrap_or_default(),
            _ => reader.unknown_key("expected", inner, EXPECTED),
        }
    }
    if !stated {
        let message = "`expected`: expected the key `verdict`, found none".to_owned();
        reader.problem(entry.at, message, Some("write the verdict that a correct encoding must give".to_owned()));
    }
    Some(expected)
}

/// The id of a mechanism; the empty text is none.
fn mechanism(reader: &mut Reader, path: &str, node: &Node) -> Option<String> {
    if matches!(&node.kind, Kind::Text(text) if text.is_empty()) {
        return None;
    }
    reader.term(path, Scheme::Mechanism, node)?;
    reader.text(path, node)
}

/// Ids of mechanisms, or key paths.
fn reasons(reader: &mut Reader, path: &str, node: &Node) -> Vec<String> {
    let expected = "a list, each entry a mechanism or a key path";
    let mut reasons = Vec::new();
    for item in reader.list(path, node, expected).unwrap_or_default() {
        match &item.kind {
            Kind::Text(text) if is_reason(reader.words, text) => reasons.push(text.clone()),
            kind => {
                let help = match kind {
                    Kind::Text(text) if text.len() <= 64 => {
                        let ids = reader.words.entries(Scheme::Mechanism).iter().map(|entry| entry.id.as_str());
                        let paths = reader.words.keys().iter().map(|key| key.path.as_str());
                        nearest(text, ids.chain(paths).chain([ANY_MECHANISM])).map(did_you_mean)
                    }
                    _ => None,
                };
                reader.mismatch(path, item, "a mechanism or a key path", help);
            }
        }
    }
    reasons
}

/// Whether a finding can give this as a reason: a mechanism, or the beginning of a step's key path.
fn is_reason(words: &Vocabulary, text: &str) -> bool {
    let path = text.split_once('+').map_or(text, |(path, _)| path);
    let onward = path
        .strip_prefix("onward.")
        .is_some_and(|name| matches!(name, "contracts" | "measures" | "purpose") || words.key(&format!("importer.{name}")).is_some());
    let begins = |key: &str| key.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    text == ANY_MECHANISM
        || onward
        || path == "subjects.counts"
        || words.find(Scheme::Mechanism, text).is_some()
        || words.keys().iter().any(|key| begins(&key.path))
}
