// SPDX-License-Identifier: Apache-2.0
//! The page of the flow file: its text, with tables from the vocabulary put in.

use super::GENERATED;
use super::table::{Table, codes};
use super::vocabulary::key_table;
use comity_terms::{Class, Scheme, vocabulary};

/// The text; `{{keys:BEGINNING}}`, `{{classes}}` and `{{ids:SCHEME}}` stand for tables.
const TEXT: &str = include_str!("../../pages/flow-file.md");

/// The page.
pub fn page() -> String {
    let mut page = String::new();
    let mut lines = TEXT.lines();
    if let Some(heading) = lines.next() {
        page.push_str(&format!("{heading}\n\n{GENERATED}"));
        // The template has a blank line there too.
        lines.next();
    }
    for line in lines {
        let mark = line.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
        let filled = match mark.map(|mark| mark.split_once(':').unwrap_or((mark, ""))) {
            Some(("keys", beginning)) => key_table(beginning),
            Some(("classes", _)) => classes(),
            Some(("ids", scheme)) => ids(scheme),
            _ => format!("{line}\n"),
        };
        page.push_str(filled.strip_suffix("\n\n").map_or(filled.as_str(), |_| filled.trim_end()));
        if filled.ends_with("\n\n") {
            page.push('\n');
        }
    }
    page
}

fn classes() -> String {
    let mut table = Table::new(&["class", "who can change the fact", "keys"]);
    for (class, who) in [
        (Class::Given, "nobody, for the sake of the flow"),
        (Class::Design, "whoever builds the flow"),
        (Class::Act, "the parties, by an act of their own"),
        (Class::Grant, "somebody else, in the ordinary course"),
    ] {
        let keys = vocabulary().keys().iter().filter(|key| key.class == class).map(|key| key.path.as_str());
        table.row([class.word().to_owned(), who.to_owned(), codes(keys)]);
    }
    table.text()
}

fn ids(scheme: &str) -> String {
    let entries = Scheme::from_id(scheme).map(|scheme| vocabulary().entries(scheme)).unwrap_or_default();
    format!("{}.\n\n", codes(entries.iter().map(|entry| entry.id.as_str())))
}
