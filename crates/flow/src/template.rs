// SPDX-License-Identifier: Apache-2.0
//! The file to start from: every key with its question.

use crate::toml_tree::quoted;
use comity_terms::{Key, KeyKind, Scheme, Vocabulary, vocabulary};

/// The keys that matter first, with a value to overwrite. All others are commented out.
const FIRST: &[(&str, &str)] = &[
    ("exporter.seat", "\"DE\""),
    ("exporter.role", "\"controller\""),
    ("importer.seat", "\"US\""),
    ("importer.role", "\"processor\""),
    ("data.categories", "[\"contact\"]"),
    ("subjects.kinds", "[\"customer\"]"),
    ("subjects.located", "[\"DE\"]"),
    ("purpose.of", "[\"analytics\"]"),
    ("safeguards.contracts", "[]"),
];
/// How many ids of a scheme are listed beside a key.
const SHOWN: usize = 12;

const OPENING: &str = r#"# A flow: one movement of personal data across a border, for one purpose.
# A key that is absent is unknown, and unknown facts may leave the answer undetermined.
# Under [safeguards], what is absent is not in place.
# To state a fact, remove the `#` before its key and change the value.

id = "my-flow"
title = ""

# The day to judge at; absent: today.
#on = 2024-03-01

# Speak of these instruments only; absent: of all that apply.
#under = ["eu.gdpr"]

# A file whose keys are inherited.
#profile = "company.toml"
"#;

const NAME: &str = r#"
# The name, as the contracts have it.
#name = ""
"#;

const ONWARD: &str = r#"
# Each later recipient: the keys of [importer], and who sends to it. No entry: no later recipient.
#[[onward]]
#name = "hosting"
#from = "importer"              # importer, or the name of an earlier entry
#seat = "IN"
#role = "sub-processor"
#purpose = ["hosting"]          # absent: as the flow
#contracts = []
#measures = []
"#;

const COUNTS: &str = r#"
# A finer count, where a law asks for one.
#[[subjects.counts]]
#of = ["precise-location"]
#unit = "devices"               # persons | devices
#since = 2024-01-01
#at_least = 900
#at_most = 1200                 # bounds, or exactly = n
"#;

const SIGNED: &str = r#"
# The day on which all these contracts were signed.
# An entry of a list may also be a table: { id = "…", on = 2023-02-01, until = 2025-02-01, ref = "…" }
#contracts_signed_on = 2023-02-01
"#;

const ASSESSED: &str = r#"
# The day on which it was made.
#on = 2023-01-15
"#;

/// A commented flow file: every key with its question, and the ten or so that matter first filled in.
///
/// It reads as it stands, and still does when the `#` before a key and before the table it stands in is removed.
#[must_use]
pub fn template() -> String {
    let words = vocabulary();
    let mut text = OPENING.to_owned();
    for table in
        ["exporter", "importer", "route", "data", "subjects", "purpose", "safeguards", "safeguards.assessment", "safeguards.consent"]
    {
        text.push_str(&header(words, table));
        if matches!(table, "exporter" | "importer") {
            text.push_str(NAME);
        }
        for key in words.keys() {
            let name = key.path.strip_prefix(table).and_then(|rest| rest.strip_prefix('.'));
            let is_table = matches!(key.path.as_str(), "safeguards.assessment" | "safeguards.consent");
            if let Some(name) = name.filter(|name| !name.contains('.') && !is_table) {
                text.push_str(&entry(words, key, name));
                if name == "contracts" {
                    text.push_str(SIGNED);
                }
            }
        }
        text.push_str(match table {
            "importer" => ONWARD,
            "subjects" => COUNTS,
            "safeguards.assessment" => ASSESSED,
            _ => "",
        });
    }
    text
}

/// The header of a table. The last two are commented out: their presence states a fact.
fn header(words: &Vocabulary, table: &str) -> String {
    match words.key(table).and_then(|key| words.key_at(key)) {
        Some(key) => format!("\n# {}\n#[{table}]\n", key.question),
        None => format!("\n[{table}]\n"),
    }
}

fn entry(words: &Vocabulary, key: &Key, name: &str) -> String {
    let first = FIRST.iter().find(|(path, _)| *path == key.path);
    let line = match first {
        Some((_, value)) => format!("{name} = {value}"),
        None => format!("#{name} = {}", example(words, key.kind)),
    };
    let choices = match key.kind {
        KeyKind::One(scheme) | KeyKind::Many(scheme) => choices(words, scheme),
        KeyKind::Flag | KeyKind::Count | KeyKind::Day => String::new(),
    };
    format!("\n# {}\n{choices}{line}\n", key.question)
}

fn example(words: &Vocabulary, kind: KeyKind) -> String {
    match kind {
        KeyKind::Flag => "false".to_owned(),
        KeyKind::Count => "0".to_owned(),
        KeyKind::Day => "2024-03-01".to_owned(),
        KeyKind::One(Scheme::Place) => "\"DE\"".to_owned(),
        KeyKind::One(scheme) => quoted(ids(words, scheme).next().unwrap_or_default()),
        KeyKind::Many(_) => "[]".to_owned(),
    }
}

/// The ids that a file may write; `none` is written by saying nothing.
fn ids(words: &Vocabulary, scheme: Scheme) -> impl Iterator<Item = &str> {
    let keeps_none = scheme == Scheme::LawfulBasis;
    words.entries(scheme).iter().map(|entry| entry.id.as_str()).filter(move |id| keeps_none || *id != "none")
}

fn choices(words: &Vocabulary, scheme: Scheme) -> String {
    if scheme == Scheme::Place {
        return String::new();
    }
    let all: Vec<&str> = ids(words, scheme).filter(|id| !id.ends_with("/*")).collect();
    if all.len() <= SHOWN {
        return format!("# One of: {}.\n", all.join(", "));
    }
    let some: Vec<&str> = all.into_iter().take(SHOWN).collect();
    format!("# Such as: {}; `comity terms {}` lists all.\n", some.join(", "), scheme.id())
}
