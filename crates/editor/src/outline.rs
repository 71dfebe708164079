// SPDX-License-Identifier: Apache-2.0
//! The outline of an instrument: its provisions, readings and cases.

use crate::Shelf;
use crate::position::Lines;
use comity_law::Span;
use comity_law::ast::{Effect, Instrument};
use lsp_types::{DocumentSymbol, SymbolKind};

/// One entry of an outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// What it is.
    pub detail: String,
    /// How editors draw it.
    pub kind: SymbolKind,
    /// All of it.
    pub span: Span,
    /// Its name in the text.
    pub at: Span,
    /// What stands in it.
    pub children: Vec<Self>,
}

/// The instruments of the text with this name.
#[must_use]
pub fn outline(shelf: &Shelf, name: &str) -> Vec<Entry> {
    let Some(source) = shelf.source(name) else { return Vec::new() };
    shelf.library.instruments.iter().filter(|instrument| instrument.source == source).map(whole).collect()
}

fn whole(instrument: &Instrument) -> Entry {
    let mut children: Vec<Entry> = Vec::new();
    // What is adopted from a model stands in the model's text.
    let own = |span: Span| instrument.span.start <= span.start && span.end <= instrument.span.end;
    for provision in instrument.provisions.iter().filter(|provision| provision.source == instrument.source && own(provision.span)) {
        let kind = match provision.effect {
            Effect::Define => SymbolKind::VARIABLE,
            Effect::Permit(_) => SymbolKind::FUNCTION,
            Effect::Restrict | Effect::Require(_) | Effect::Forbid(_) => SymbolKind::INTERFACE,
            Effect::Duty(..) | Effect::Clock(..) => SymbolKind::EVENT,
            _ => SymbolKind::PROPERTY,
        };
        let cites = provision.cites.join("; ");
        let detail = format!("{} {cites}", provision.effect.word()).trim().to_owned();
        children.push(entry(&provision.id.text, detail, kind, provision.span, provision.id.span));
    }
    for reading in instrument.readings.iter().filter(|reading| own(reading.id.span) && instrument.adapts.is_none()) {
        let end = reading.options.last().map_or(reading.id.span, |option| option.id.span);
        children.push(entry(&reading.id.text, "reading".to_owned(), SymbolKind::ENUM, reading.id.span.to(end), reading.id.span));
    }
    for case in &instrument.cases {
        let verdict = format!("case: {}", case.expected.verdict);
        children.push(entry(&case.title, verdict, SymbolKind::CONSTANT, case.span, Span { start: case.span.start, end: case.span.start }));
    }
    children.sort_by_key(|child| child.span.start);
    Entry { children, ..entry(&instrument.id.text, instrument.title.clone(), SymbolKind::MODULE, instrument.span, instrument.id.span) }
}

fn entry(name: &str, detail: String, kind: SymbolKind, span: Span, at: Span) -> Entry {
    // Editors refuse an entry without a name.
    let name = if name.is_empty() { "(no name)" } else { name };
    Entry { name: name.to_owned(), detail, kind, span, at, children: Vec::new() }
}

/// Entries in the shape of the protocol.
#[must_use]
pub fn symbols(entries: &[Entry], lines: &Lines<'_>) -> Vec<DocumentSymbol> {
    entries
        .iter()
        .map(|entry| {
            #[expect(deprecated, reason = "the type cannot be made without its old field")]
            DocumentSymbol {
                name: entry.name.clone(),
                detail: Some(entry.detail.clone()),
                kind: entry.kind,
                tags: None,
                deprecated: None,
                range: lines.range(entry.span),
                selection_range: lines.range(entry.at),
                children: Some(symbols(&entry.children, lines)),
            }
        })
        .collect()
}
