// SPDX-License-Identifier: Apache-2.0
//! The columns of a register: the key paths of a flow file, each with the notation of its cells.

use comity_terms::{KeyKind, vocabulary};
use std::sync::LazyLock;

/// The notation of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A text as it stands.
    Text,
    /// Texts with `;` between them.
    Texts,
    /// A day.
    Day,
    /// Yes or no.
    Flag,
    /// A whole number.
    Count,
    /// One term.
    One,
    /// Terms with `;` between them.
    Many,
    /// Safeguards with `;` between them, each with days and a reference where they are known.
    Items,
    /// Tables, as JSON.
    Tables,
    /// Whether a table is there at all.
    Presence,
}

/// A column: a key path and the notation of its cells.
#[derive(Clone, Debug)]
pub struct Column {
    /// The key path.
    pub path: String,
    /// The notation.
    pub shape: Shape,
}

static COLUMNS: LazyLock<Vec<Column>> = LazyLock::new(all);

/// Every column, in the order of an exported register.
pub fn columns() -> &'static [Column] {
    &COLUMNS
}

/// The column of a key path.
pub fn column(path: &str) -> Option<&'static Column> {
    columns().iter().find(|column| column.path == path)
}

fn all() -> Vec<Column> {
    let mut out = Vec::new();
    let mut add = |path: &str, shape: Shape| {
        if !out.iter().any(|known: &Column| known.path == path) {
            out.push(Column { path: path.to_owned(), shape });
        }
    };
    add("id", Shape::Text);
    add("title", Shape::Text);
    add("on", Shape::Day);
    add("under", Shape::Texts);
    add("profile", Shape::Text);
    for party in ["exporter.name", "importer.name"] {
        add(party, Shape::Text);
    }
    // A key that stands for a whole list of tables has a column of its own below.
    let whole = ["onward", "subjects.counts"];
    let keys = vocabulary().keys().iter().filter(|key| !key.path.starts_with("sender.") && !whole.contains(&key.path.as_str()));
    for key in keys {
        let shape = match (key.path.as_str(), key.kind) {
            ("safeguards.assessment" | "safeguards.consent", _) => Shape::Presence,
            (_, KeyKind::Flag) => Shape::Flag,
            (_, KeyKind::Count) => Shape::Count,
            (_, KeyKind::Day) => Shape::Day,
            (_, KeyKind::One(_)) => Shape::One,
            (path, KeyKind::Many(_)) if path.starts_with("safeguards.") || path.ends_with(".certified") => Shape::Items,
            (_, KeyKind::Many(_)) => Shape::Many,
        };
        add(&key.path, shape);
    }
    add("safeguards.contracts_signed_on", Shape::Day);
    add("safeguards.assessment.on", Shape::Day);
    add("safeguards.assessment.ref", Shape::Text);
    add("safeguards.consent.ref", Shape::Text);
    add("subjects.counts", Shape::Tables);
    add("onward", Shape::Tables);
    for (name, shape) in [
        ("by", Shape::Text),
        ("country", Shape::Text),
        ("date", Shape::Day),
        ("kind", Shape::Text),
        ("lawful", Shape::Text),
        ("mechanism", Shape::Text),
        ("lacking", Shape::Texts),
        ("cites", Shape::Texts),
        ("decides", Shape::Text),
        ("sources", Shape::Texts),
        ("confidence", Shape::Text),
        ("pair", Shape::Text),
        ("note", Shape::Text),
    ] {
        add(&format!("decided.{name}"), shape);
    }
    for (name, shape) in [
        ("verdict", Shape::Text),
        ("mechanism", Shape::Text),
        ("missing", Shape::Texts),
        ("cite", Shape::Text),
        ("why", Shape::Text),
        ("sure", Shape::Text),
    ] {
        add(&format!("expected.{name}"), shape);
    }
    out
}
