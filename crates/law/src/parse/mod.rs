// SPDX-License-Identifier: Apache-2.0
//! The parser. It never fails: it returns what it could read and a diagnostic for everything else.
//!
//! After an error it skips to the next token that can begin an item, so that one slip hides no other.

mod case;
mod condition;
mod cursor;
mod item;
mod provision;

use crate::ast::Instrument;
use crate::diagnostic::{Diagnostic, SourceId};
use crate::lexer::tokens_without_cases;
use cursor::Cursor;

/// All instruments of a source, and what is wrong with it.
#[must_use]
pub fn parse(text: &str, source: SourceId) -> (Vec<Instrument>, Vec<Diagnostic>) {
    instruments(Cursor::new(text, source))
}

/// As [`parse`], reading over cases: judging has no use for them, and they are most of the text.
#[must_use]
pub fn parse_without_cases(text: &str, source: SourceId) -> (Vec<Instrument>, Vec<Diagnostic>) {
    instruments(Cursor::over(tokens_without_cases(text), text, source))
}

fn instruments(mut cursor: Cursor) -> (Vec<Instrument>, Vec<Diagnostic>) {
    let mut instruments = Vec::new();
    while !cursor.at_end() {
        if cursor.is_word("instrument") {
            if let Some(instrument) = item::instrument(&mut cursor) {
                instruments.push(instrument);
            }
        } else {
            cursor.expected("`instrument`");
            // A brace that closes nothing would stop every skip at the same place.
            cursor.next();
            cursor.skip_until(&["instrument"]);
        }
    }
    (instruments, cursor.diagnostics)
}

/// A single condition, as the `scope` column of a table holds it.
#[must_use]
pub fn parse_condition(text: &str, source: SourceId) -> (Option<crate::ast::Condition>, Vec<Diagnostic>) {
    let mut cursor = Cursor::new(text, source);
    let condition = condition::condition(&mut cursor);
    if !cursor.at_end() {
        cursor.expected("the end of the condition");
    }
    (condition, cursor.diagnostics)
}
