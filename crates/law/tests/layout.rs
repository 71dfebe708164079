// SPDX-License-Identifier: Apache-2.0
//! The formatter: golden files, and its laws on random sources.
//!
//! `tests/layout/NAME.law` is laid out as `NAME.expected`; `COMITY_WRITE_EXPECTED=1` writes the expectations anew.

use comity_law::diagnostic::SourceId;
use comity_law::format;
use comity_law::lexer::{TokenKind, tokens};
use comity_law::library::embedded;
use comity_law::parse::parse;
use proptest::prelude::*;
use std::path::PathBuf;

#[test]
fn sources_are_laid_out_as_expected() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/layout");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "law"));
    files.sort();
    assert!(files.len() >= 5, "only {} files were found", files.len());
    for file in files {
        let found = format(&std::fs::read_to_string(&file).unwrap());
        let expected = file.with_extension("expected");
        if std::env::var_os("COMITY_WRITE_EXPECTED").is_some() {
            std::fs::write(&expected, &found).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&expected).unwrap_or_default(), found, "{}", file.display());
        assert_eq!(format(&found), found, "{} laid out twice", file.display());
    }
}

/// Kinds and slices; space at the end of a comment is no part of it.
fn pieces(text: &str) -> Vec<(TokenKind, &str)> {
    let slice = |start, end| text.get(start..end).unwrap_or_default();
    tokens(text)
        .iter()
        .map(|token| (token.kind, slice(token.span.start, token.span.end)))
        .map(|(kind, slice)| (kind, if kind == TokenKind::Comment { slice.trim_end() } else { slice }))
        .collect()
}

#[test]
fn the_library_keeps_its_tokens_and_meaning() {
    for (name, text) in embedded().iter().filter(|(name, _)| name.ends_with(".law")) {
        let laid_out = format(text);
        assert_eq!(pieces(&laid_out), pieces(text), "{name}");
        assert_eq!(format(&laid_out), laid_out, "{name}");
        let ids = |text: &str| {
            let (instruments, diagnostics) = parse(text, SourceId(0));
            assert!(diagnostics.is_empty(), "{name}: {diagnostics:?}");
            let provisions: Vec<String> = instruments.iter().flat_map(|one| &one.provisions).map(|one| one.id.text.clone()).collect();
            (provisions, instruments.iter().map(|one| one.cases.len()).sum::<usize>())
        };
        assert_eq!(ids(&laid_out), ids(text), "{name}");
    }
}

/// A space that is no white space of the language is a token of its own, and was once dropped.
#[test]
fn an_odd_space_is_kept() {
    for odd in ["\u{a0}", "\u{b}", "\u{2003}"] {
        let laid_out = format(&format!("a {odd} b \"open{odd}\n"));
        assert_eq!(laid_out.matches(odd).count(), 2, "{laid_out:?}");
        assert_eq!(format(&laid_out), laid_out);
    }
}

const PIECES: &[&str] = &[
    "instrument",
    "xx.act",
    "\"Act\"",
    "{",
    "}",
    "(",
    ")",
    ",",
    "=>",
    "=",
    "<",
    ">=",
    "@EEA",
    "@",
    "2020-01-01",
    "1_000",
    "\n",
    "\n\n\n",
    " ",
    "\t",
    "# remark  \n",
    "#\n",
    "\"open\n",
    "\"\"",
    "permit",
    "by",
    "cite",
    "when",
    "not",
    "and",
    "case",
    "base",
    "é",
    "\u{a0}",
    "\u{b}",
    "\r\n",
    "~",
    "importer.seat",
    "in",
    "DE",
    "define",
    "needs",
    "unless",
    "reading",
    "option",
    "-",
    ".",
];

proptest! {
    #[test]
    fn laying_out_keeps_every_token_and_is_idempotent(parts in prop::collection::vec(prop::sample::select(PIECES), 0..80)) {
        let text: String = parts.concat();
        let laid_out = format(&text);
        prop_assert_eq!(pieces(&laid_out), pieces(&text));
        prop_assert_eq!(format(&laid_out), laid_out);
    }

    #[test]
    fn no_pieces_make_the_parser_fail(parts in prop::collection::vec(prop::sample::select(PIECES), 0..80)) {
        let text: String = parts.join(" ");
        let (_, diagnostics) = parse(&text, SourceId(0));
        for diagnostic in diagnostics {
            prop_assert!(diagnostic.span.start <= diagnostic.span.end && diagnostic.span.end <= text.len());
        }
    }

    #[test]
    fn any_text_is_read_and_laid_out(text in any::<String>()) {
        let _ = parse(&text, SourceId(0));
        let laid_out = format(&text);
        prop_assert_eq!(pieces(&laid_out), pieces(&text));
        prop_assert_eq!(format(&laid_out), laid_out);
    }
}
