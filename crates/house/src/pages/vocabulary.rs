// SPDX-License-Identifier: Apache-2.0
//! The pages of keys and terms.

use super::GENERATED;
use super::table::{Table, codes};
use comity_terms::{KeyKind, Scheme, vocabulary};
use std::fmt::Write as _;

/// The kind of a key in words.
pub fn kind(kind: KeyKind) -> String {
    match kind {
        KeyKind::Flag => "yes or no".to_owned(),
        KeyKind::Count => "number".to_owned(),
        KeyKind::Day => "day".to_owned(),
        KeyKind::One(scheme) => format!("one {}", scheme_link(scheme)),
        KeyKind::Many(scheme) => format!("set of {}", scheme_link(scheme)),
    }
}

fn scheme_link(scheme: Scheme) -> String {
    format!("[{0}](terms.md#{0})", scheme.id())
}

/// The table of keys whose path begins so, without its heading; every key for the empty beginning.
pub fn key_table(beginning: &str) -> String {
    let mut table = Table::new(&["key", "kind", "class", "question"]);
    for key in vocabulary().keys().iter().filter(|key| key.path.starts_with(beginning)) {
        table.row([format!("`{}`", key.path), kind(key.kind), key.class.word().to_owned(), key.question.clone()]);
    }
    table.text()
}

/// The page of keys.
pub fn keys() -> String {
    let mut page = format!("# Keys\n\n{GENERATED}");
    page.push_str(
        "A key is one fact that a flow may state.\n\
         Its class says who can change it: see [the flow file](flow-file.md#classes).\n\
         Its effort says how hard the question is, from 1 (look at the file) to 5 (ask counsel).\n\
         `comity terms keys` prints the same table.\n\n",
    );
    let mut table = Table::new(&["key", "kind", "class", "label", "question", "effort"]);
    for key in vocabulary().keys() {
        table.row([
            format!("`{}`", key.path),
            kind(key.kind),
            key.class.word().to_owned(),
            key.label.clone(),
            key.question.clone(),
            key.effort.to_string(),
        ]);
    }
    page.push_str(&table.text());
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

/// The page of terms.
pub fn terms() -> String {
    let words = vocabulary();
    let mut page = format!("# Terms\n\n{GENERATED}");
    page.push_str(
        "A term belongs to a scheme and may lie below others: what a law says of a term, it says of everything below it.\n\
         DPV is the W3C Data Privacy Vocabulary 2.3; where it has the concept, its IRI stands here.\n\
         `comity terms WORD` searches, `comity terms --scheme SCHEME` lists one scheme.\n\n",
    );
    for scheme in Scheme::ALL {
        let _ = writeln!(page, "- [{0}](#{0}): {1}", scheme.id(), words.entries(*scheme).len());
    }
    let _ = writeln!(page, "- [groups of places](#groups-of-places): {}\n", words.groups().len());
    for scheme in Scheme::ALL {
        let _ = writeln!(page, "## {}\n", scheme.id());
        let entries = words.entries(*scheme);
        let has_dpv = entries.iter().any(|entry| entry.dpv.is_some());
        let mut columns = vec!["id", "label", "below", "note"];
        if has_dpv {
            columns.push("DPV");
        }
        let mut table = Table::new(&columns);
        for entry in entries {
            let mut cells =
                vec![format!("`{}`", entry.id), entry.label.clone(), codes(entry.parents.iter().map(String::as_str)), entry.note.clone()];
            if has_dpv {
                cells.push(entry.dpv.clone().unwrap_or_default());
            }
            table.row(cells);
        }
        page.push_str(&table.text());
    }
    page.push_str(
        "## groups of places\n\nGroups stand in instruments and tables only, with `@` before the name.\n\
         Members change over time: `comity terms groups NAME --on DATE` lists them on a day.\n\n",
    );
    let mut table = Table::new(&["group", "what it is", "members today or once"]);
    for group in words.groups() {
        let mut members: Vec<&str> = group.members.iter().map(|entry| words.id(entry.member)).collect();
        members.sort_unstable();
        members.dedup();
        table.row([format!("`@{}`", group.name), group.label.clone(), members.join(", ")]);
    }
    page.push_str(table.text().trim_end());
    page.push('\n');
    page
}
