// SPDX-License-Identifier: Apache-2.0
//! The library in this build as a test of what may stand where: what its authors wrote must be among what is offered.
#![expect(clippy::string_slice, reason = "a test may fail loudly")]

use comity_editor::{Shelf, complete, law_place};
use comity_law::lexer::{TokenKind, tokens};
use jiff::civil::date;

/// One word in so many is looked at: each costs a scan of the text before it.
const STRIDE: usize = 19;

#[test]
fn what_authors_wrote_is_offered() {
    let shelf = Shelf::embedded(date(2026, 1, 1));
    let (mut looked, mut missing) = (0, Vec::new());
    for source in shelf.library.sources.iter().filter(|source| source.name.ends_with(".law")) {
        let words = tokens(&source.text).into_iter().filter(|token| matches!(token.kind, TokenKind::Word | TokenKind::Group));
        for token in words.step_by(STRIDE) {
            let word = &source.text[token.span.start..token.span.end];
            let place = law_place::place(&source.text, token.span.end, true).expect("a word is no comment");
            if place.expects == [law_place::Expect::Declared] {
                continue;
            }
            looked += 1;
            let offers = complete::in_instrument(&shelf, &source.name, &source.text, token.span.end);
            // `any of` is offered as one, and so is `in force`.
            if !offers.iter().any(|offer| offer.label.split(' ').any(|part| part == word)) {
                let line = source.text[..token.span.start].matches('\n').count() + 1;
                missing.push(format!("{}:{line}: `{word}` of {:?}", source.name, place.expects));
            }
        }
    }
    let share = missing.len() * 1000 / looked.max(1);
    assert!(looked > 1000 && share <= 5, "{} of {looked} are missing:\n{}", missing.len(), missing.join("\n"));
}
