// SPDX-License-Identifier: Apache-2.0
//! What the fuzz targets assert, as plain functions of bytes.
//!
//! `cargo test` replays the committed corpora on a stable compiler.
//! `cargo +nightly fuzz run TARGET --features libfuzzer` searches on: see `docs/explanation/attack.md`.

mod bytes;
mod judging;
mod laws;
#[path = "../../crates/judge/tests/support/mod.rs"]
mod support;
mod tree;

use comity_flow::{Flow, Format, Problem, read, write};
use comity_law::diagnostic::SourceId;
use comity_law::parse::{parse, parse_without_cases};
use comity_law::{Library, check, format};
use jiff::civil::{Date, date};

pub use judging::judge;
pub use support::Dice;

/// The day on which tables are checked for rows that have run out.
const TODAY: Date = date(2026, 11, 24);

/// What a target is: a function of bytes that panics where something does not hold.
pub type Target = fn(&[u8]);

/// The targets by name.
pub const TARGETS: &[(&str, Target)] =
    &[("law_parse", law_parse), ("flow_toml", flow_toml), ("flow_json", flow_json), ("law_table", law_table), ("judge", judge)];

/// Parses and lays out an instrument.
///
/// Nothing panics. Every span lies within the text, on whole characters. Laying out is idempotent, keeps every token, and
/// gives a text that parses to the same instruments. Reading over cases leaves everything else as it is.
pub fn law_parse(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    // The words that the spans are looked for by, in a text that the author wrote.
    if text.contains("Span {") || text.contains("digest:") {
        return;
    }
    let (instruments, diagnostics) = parse(text, SourceId(0));
    let shown = format!("{instruments:?} {diagnostics:?}");
    tree::assert_spans_within(&shown, text);

    let laid_out = format(text);
    assert_eq!(format(&laid_out), laid_out, "laying out twice differs from once");
    assert_eq!(tree::tokens_of(&laid_out), tree::tokens_of(text), "laying out changes tokens");

    let (again, _) = parse(&laid_out, SourceId(0));
    let (over, _) = parse_without_cases(text, SourceId(0));
    if diagnostics.is_empty() {
        assert_eq!(tree::without_places(&format!("{again:?}")), tree::without_places(&format!("{instruments:?}")));
        let mut rest = instruments.clone();
        for instrument in &mut rest {
            instrument.cases.clear();
            instrument.base.clear();
        }
        assert_eq!(over, rest, "reading over cases changes something else");
    }

    let (library, problems) = Library::read([("x.law".to_owned(), text.to_owned())]);
    let checked = check(&library, TODAY);
    tree::assert_spans_within(&format!("{problems:?} {checked:?}"), text);
    for diagnostic in problems.iter().chain(&checked) {
        let (_, line, column) = library.place(diagnostic);
        assert!(line > 0 && column > 0);
    }
}

/// Reads a table of recognitions: nothing panics, and every span lies within the text.
pub fn law_table(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.contains("Span {") {
        return;
    }
    let (library, problems) = Library::read([("x/recognitions.csv".to_owned(), text.to_owned())]);
    for row in &library.recognitions {
        // The condition of a scope has its places within its cell.
        assert!(row.span.start <= row.span.end && row.span.end <= text.len());
        assert!(text.is_char_boundary(row.span.start) && text.is_char_boundary(row.span.end));
        let _ = row.holds(TODAY, TODAY);
        let _ = row.of.on(comity_terms::vocabulary(), TODAY);
    }
    let checked = check(&library, TODAY);
    tree::assert_spans_within(&format!("{problems:?} {checked:?}"), text);
}

/// Reads a flow file in TOML, and writes it back: see [`flow`].
pub fn flow_toml(data: &[u8]) {
    flow(data, Format::Toml);
}

/// Reads a flow file in JSON, and writes it back: see [`flow`].
pub fn flow_json(data: &[u8]) {
    flow(data, Format::Json);
}

/// Nothing panics. A text is a flow or has problems, each at a place of the text. A flow that is written reads back the same.
fn flow(data: &[u8], format: Format) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let profile = |name: &str| match name {
        "p.toml" => Ok(PROFILE.to_owned()),
        _ => Err("no such profile".to_owned()),
    };
    match read(text, format, &profile) {
        Ok(flow) => {
            let written = write(&flow);
            let again = read(&written, Format::Toml, &profile).unwrap_or_else(|problems| panic!("{problems:?} in\n{written}"));
            assert_eq!(kept(again), kept(flow), "{written}");
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            let lines = text.lines().count().max(PROFILE.lines().count()) + 1;
            for Problem { line, column, message, .. } in problems {
                assert!((1..=lines).contains(&line) && column > 0 && !message.is_empty(), "{line}:{column}: {message}");
            }
        }
    }
}

const PROFILE: &str = "[exporter]\nname = \"Example\"\nseat = \"DE\"\nrole = \"controller\"\n[safeguards]\ncontracts = [\"intra-group\"]\n";

/// A flow without what a file says of itself and writing does not keep.
fn kept(mut flow: Flow) -> Flow {
    flow.lines.clear();
    flow.assumed.clear();
    flow
}
