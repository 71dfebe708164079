// SPDX-License-Identifier: Apache-2.0
//! Cases inside instruments, and the facts they share.

use super::condition::key;
use super::cursor::Cursor;
use crate::ast::{Case, CaseFact, CaseValue, Expectation};
use crate::diagnostic::Diagnostic;
use crate::lexer::TokenKind;
use comity_terms::{KeyId, KeyKind, Scheme};

pub(super) fn base(cursor: &mut Cursor) -> Option<Vec<CaseFact>> {
    cursor.next();
    cursor.want(TokenKind::Open, "`{`")?;
    let mut facts = Vec::new();
    while !cursor.is(TokenKind::Close) && !cursor.at_end() {
        facts.push(fact(cursor)?);
    }
    cursor.want(TokenKind::Close, "`}`")?;
    Some(facts)
}

pub(super) fn case(cursor: &mut Cursor) -> Option<Case> {
    let start = cursor.peek().span;
    cursor.next();
    let mut case = Case {
        title: cursor.text("a title in quotes")?,
        on: None,
        known: None,
        readings: Vec::new(),
        facts: Vec::new(),
        expected: Expectation::default(),
        span: start,
    };
    cursor.want(TokenKind::Open, "`{`")?;
    while !cursor.is(TokenKind::Close) && !cursor.at_end() {
        match cursor.word() {
            "on" => {
                cursor.next();
                case.on = Some(cursor.date()?);
            }
            "known" => {
                cursor.next();
                case.known = Some(cursor.date()?);
            }
            "reading" => {
                cursor.next();
                let reading = cursor.name("the name of a reading")?;
                cursor.want_word("is")?;
                case.readings.push((reading, cursor.name("an option")?));
            }
            _ => case.facts.push(fact(cursor)?),
        }
    }
    cursor.want(TokenKind::Close, "`}`")?;
    cursor.want(TokenKind::Arrow, "`=>` and a verdict")?;
    expectation(cursor, &mut case.expected)?;
    case.span = start.to(cursor.last_span());
    Some(case)
}

/// The verdicts, and what an instrument that only serves can be found to be.
const VERDICTS: &[&str] = &["unrestricted", "permitted", "incomplete", "prohibited", "undetermined", "satisfied", "not-satisfied"];

fn expectation(cursor: &mut Cursor, expected: &mut Expectation) -> Option<()> {
    let verdict = cursor.name("a verdict")?;
    if !VERDICTS.contains(&verdict.text.as_str()) {
        let diagnostic = Diagnostic::error("verdict", cursor.source, verdict.span, format!("`{}` is not a verdict", verdict.text));
        cursor.report(diagnostic.did_you_mean(comity_terms::nearest(&verdict.text, VERDICTS.iter().copied())));
    }
    expected.verdict = verdict.text;
    loop {
        if cursor.eat_word("by") {
            expected.by = Some(cursor.name("a mechanism or the id of a provision")?.text);
        } else if cursor.eat_word("missing") {
            expected.missing = Some(cursor.name("the beginning of a step")?.text);
        } else if cursor.eat_word("asks") {
            expected.asks = Some(cursor.name("a key or `reading:id`")?.text);
        } else if cursor.eat_word("owes") {
            expected.owes.push(cursor.name("the id of a duty")?.text);
        } else if cursor.eat_word("spares") {
            expected.spares.push(cursor.name("the id of a duty")?.text);
        } else if cursor.is_word("cite") {
            cursor.next();
            expected.cite = Some(cursor.text("a citation in quotes")?);
        } else {
            return Some(());
        }
    }
}

fn fact(cursor: &mut Cursor) -> Option<CaseFact> {
    if cursor.eat_word("unknown") {
        return Some(CaseFact::Value(key(cursor)?, CaseValue::Unknown));
    }
    if cursor.is_word("count") && cursor.word_at(1) == "of" {
        cursor.next();
        cursor.next();
        let of = cursor.term_set(Scheme::Category)?;
        cursor.want_word("in")?;
        let unit = cursor.term(Scheme::Unit)?;
        cursor.want(TokenKind::Compare, "`=`")?;
        return Some(CaseFact::Counter(of, unit, cursor.number()?));
    }
    if cursor.is_word("onward") && cursor.peek_at(1).kind == TokenKind::Open {
        cursor.next();
        cursor.next();
        let mut values = Vec::new();
        while !cursor.is(TokenKind::Close) && !cursor.at_end() {
            values.push(recipient_fact(cursor)?);
        }
        cursor.want(TokenKind::Close, "`}`")?;
        return Some(CaseFact::Onward(values));
    }
    let key = key(cursor)?;
    cursor.want(TokenKind::Compare, "`=`")?;
    Some(CaseFact::Value(key, value(cursor, key)?))
}

/// A fact of a later recipient: `seat` stands for `importer.seat`, `contracts` for `safeguards.contracts`.
fn recipient_fact(cursor: &mut Cursor) -> Option<(KeyId, CaseValue)> {
    let token = cursor.want(TokenKind::Word, "a key of a recipient, such as `seat`")?;
    let name = cursor.slice(token.span);
    let path = match name {
        "contracts" | "measures" => format!("safeguards.{name}"),
        "purpose" => "purpose.of".to_owned(),
        _ => format!("importer.{name}"),
    };
    let Some(key) = cursor.words.key(&path) else {
        cursor.report(Diagnostic::error("unknown-key", cursor.source, token.span, format!("`{name}` is not a key of a recipient")));
        return None;
    };
    cursor.want(TokenKind::Compare, "`=`")?;
    Some((key, value(cursor, key)?))
}

fn value(cursor: &mut Cursor, key: KeyId) -> Option<CaseValue> {
    match cursor.words.key_at(key)?.kind {
        KeyKind::Flag => {
            let flag = match cursor.word() {
                "true" => true,
                "false" => false,
                _ => {
                    cursor.expected("`true` or `false`");
                    return None;
                }
            };
            cursor.next();
            Some(CaseValue::Flag(flag))
        }
        KeyKind::Count => cursor.number().map(CaseValue::Count),
        KeyKind::One(scheme) => Some(CaseValue::Terms(vec![(cursor.term(scheme)?, None)])),
        KeyKind::Many(scheme) => {
            let mut terms = Vec::new();
            if !cursor.eat(TokenKind::Open) {
                terms.push((cursor.term(scheme)?, None));
                return Some(CaseValue::Terms(terms));
            }
            while !cursor.is(TokenKind::Close) && !cursor.at_end() {
                let term = cursor.term(scheme)?;
                let day = if cursor.eat_word("on") { Some(cursor.date()?) } else { None };
                terms.push((term, day));
                if !cursor.eat(TokenKind::Comma) && !cursor.is(TokenKind::Close) {
                    cursor.expected("`,` or `}`");
                    return None;
                }
            }
            cursor.want(TokenKind::Close, "`}`")?;
            Some(CaseValue::Terms(terms))
        }
        KeyKind::Day => None,
    }
}
