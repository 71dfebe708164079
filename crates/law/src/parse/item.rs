// SPDX-License-Identifier: Apache-2.0
//! Instruments and the items that are not provisions.

use super::case::{base, case};
use super::cursor::Cursor;
use super::provision::{HEADS, in_force, provision, reading};
use crate::ast::{Edit, Instrument, Kind, Relation, SourceStatus};
use crate::diagnostic::Diagnostic;
use crate::lexer::ITEMS;
use crate::lexer::TokenKind;
use comity_terms::Scheme;
use comity_terms::nearest;

const HEADERS: &[&str] = &["kind", "cite", "of", "authority", "in", "published", "note", "verified", "recalled", "relates"];

pub(super) fn instrument(cursor: &mut Cursor) -> Option<Instrument> {
    let start = cursor.peek().span;
    cursor.next();
    let header = (|| {
        let id = cursor.name("the id of the instrument")?;
        let title = cursor.text("its title in quotes")?;
        let adapts = if cursor.eat_word("adapts") { Some(cursor.name("the id of the model")?) } else { None };
        cursor.want(TokenKind::Open, "`{`")?;
        Some((id, title, adapts))
    })();
    let Some((id, title, adapts)) = header else {
        cursor.skip_until(&["instrument"]);
        return None;
    };
    let mut instrument = Instrument {
        id,
        title,
        adapts,
        kind: Kind::Law,
        cites: Vec::new(),
        of: None,
        authority: None,
        in_force: None,
        published: None,
        status: None,
        notes: Vec::new(),
        relations: Vec::new(),
        provisions: Vec::new(),
        readings: Vec::new(),
        base: Vec::new(),
        cases: Vec::new(),
        edits: Vec::new(),
        source: cursor.source,
        span: start,
    };
    while !cursor.is(TokenKind::Close) && !cursor.at_end() {
        let (word, braces) = (cursor.word(), cursor.braces);
        if item(cursor, &mut instrument).is_none() {
            recover(cursor, word, braces);
        }
    }
    cursor.want(TokenKind::Close, "`}` at the end of the instrument");
    instrument.span = start.to(cursor.last_span());
    Some(instrument)
}

/// Skips the rest of an item that began with this word and so many open braces: to the next head, past the braces it opened.
fn recover(cursor: &mut Cursor, word: &str, braces: usize) {
    // The facts of a case begin with words that also begin items.
    while matches!(word, "base" | "case") && cursor.braces > braces && !cursor.at_end() && !begins_case(cursor) {
        cursor.next();
    }
    let header = HEADERS.contains(&word) || nearest(word, ITEMS.iter().chain(HEADERS).copied()).is_some_and(|near| HEADERS.contains(&near));
    let stop: Vec<&str> = if header { ITEMS.iter().chain(HEADERS).copied().collect() } else { ITEMS.to_vec() };
    cursor.skip_until(&stop);
    while cursor.is(TokenKind::Close) && cursor.braces > braces {
        cursor.next();
        cursor.skip_until(&stop);
    }
}

fn begins_case(cursor: &Cursor) -> bool {
    cursor.is_word("case") && cursor.peek_at(1).kind == TokenKind::Text
}

fn item(cursor: &mut Cursor, instrument: &mut Instrument) -> Option<()> {
    let word = cursor.word();
    match word {
        _ if HEADS.contains(&word) => instrument.provisions.push(provision(cursor)?),
        "reading" => instrument.readings.push(reading(cursor)?),
        "base" => instrument.base = base(cursor)?,
        "case" => instrument.cases.push(case(cursor)?),
        "adopt" | "omit" | "replace" | "add" | "set" => {
            let edit = edit(cursor)?;
            instrument.edits.push(edit);
        }
        _ if HEADERS.contains(&word) => header(cursor, instrument)?,
        _ => {
            let span = cursor.peek().span;
            let found = cursor.slice(span).to_owned();
            let message = format!("expected a provision, a case or a header of the instrument, found `{found}`");
            let known = ITEMS.iter().chain(HEADERS).copied();
            let diagnostic = Diagnostic::error("syntax", cursor.source, span, message).did_you_mean(nearest(&found, known));
            cursor.report(diagnostic);
            cursor.next();
            return None;
        }
    }
    Some(())
}

fn header(cursor: &mut Cursor, instrument: &mut Instrument) -> Option<()> {
    match cursor.word() {
        "in" => instrument.in_force = Some(in_force(cursor)?),
        "kind" => {
            cursor.next();
            instrument.kind = match cursor.word() {
                "law" => Kind::Law,
                "treaty" => Kind::Treaty,
                "clauses" => Kind::Clauses,
                "guidance" => Kind::Guidance,
                "rules" => Kind::Rules,
                _ => {
                    cursor.expected("`law`, `treaty`, `clauses`, `guidance` or `rules`");
                    return None;
                }
            };
            cursor.next();
        }
        "verified" => {
            cursor.next();
            instrument.status = Some(SourceStatus::Verified);
        }
        "recalled" => {
            cursor.next();
            instrument.status = Some(SourceStatus::Recalled);
        }
        word => {
            cursor.next();
            match word {
                "cite" => instrument.cites.extend(cursor.texts("a citation in quotes")?),
                "of" => instrument.of = Some(cursor.term_set(Scheme::Place)?),
                "authority" => instrument.authority = Some(cursor.text("the authority in quotes")?),
                "published" => instrument.published = Some(cursor.date()?),
                "note" => instrument.notes.push(cursor.text("a remark in quotes")?),
                _ => {
                    let kind = cursor.name("a relation")?;
                    const RELATIONS: &[&str] =
                        &["adapts", "implements", "refers-to", "recognizes", "without-prejudice-to", "prevails-over"];
                    if !RELATIONS.contains(&kind.text.as_str()) {
                        let message = format!("`{}` is not a relation", kind.text);
                        let diagnostic = Diagnostic::error("relation", cursor.source, kind.span, message);
                        cursor.report(diagnostic.did_you_mean(nearest(&kind.text, RELATIONS.iter().copied())));
                    }
                    let to = cursor.name("the id of an instrument")?;
                    let cites = if cursor.eat_word("cite") { cursor.texts("a citation in quotes")? } else { Vec::new() };
                    instrument.relations.push(Relation { kind: kind.text, to, cites });
                }
            }
        }
    }
    Some(())
}

fn edit(cursor: &mut Cursor) -> Option<Edit> {
    let word = cursor.word();
    cursor.next();
    Some(match word {
        "adopt" => {
            if cursor.eat_word("all") {
                Edit::Adopt(Vec::new())
            } else {
                Edit::Adopt(cursor.names("the name of a provision of the model")?)
            }
        }
        "omit" => Edit::Omit(cursor.names("the name of a provision of the model")?),
        "replace" => {
            let id = cursor.name("the name of a provision of the model")?;
            cursor.want_word("with")?;
            if !HEADS.contains(&cursor.word()) {
                cursor.expected("a provision");
                return None;
            }
            Edit::Replace(id, Box::new(provision(cursor)?))
        }
        "add" => {
            if !HEADS.contains(&cursor.word()) {
                cursor.expected("a provision");
                return None;
            }
            Edit::Add(Box::new(provision(cursor)?))
        }
        _ => {
            cursor.want_word("clock")?;
            let id = cursor.name("the name of a clock of the model")?;
            let period = cursor.period()?;
            let cites = if cursor.eat_word("cite") { cursor.texts("a citation in quotes")? } else { Vec::new() };
            Edit::SetClock(id, period, cites)
        }
    })
}
