// SPDX-License-Identifier: Apache-2.0
//! Conditions.

use super::cursor::Cursor;
use crate::ast::{Age, Comparison, Condition, ConditionKind, Counter, MechanismState, Name, Quantity};
use crate::diagnostic::Diagnostic;
use crate::lexer::TokenKind;
use comity_terms::{KeyId, KeyKind, Scheme};

/// Words that name a list of items, with the key that holds them.
const ITEMS: &[(&str, &str)] = &[
    ("contract", "safeguards.contracts"),
    ("approval", "safeguards.approvals"),
    ("filing", "safeguards.filings"),
    ("notice", "safeguards.notices"),
    ("measure", "safeguards.measures"),
    ("arrangement", "safeguards.arrangements"),
    ("certificate", "importer.certified"),
];

/// The first parts of key paths; a dotted word that begins otherwise names an instrument.
const TABLES: &[&str] = &["exporter", "importer", "sender", "route", "data", "subjects", "purpose", "safeguards"];

/// Deeper than any law, and shallow enough for any stack.
const DEEPEST: usize = 64;

pub(super) fn condition(cursor: &mut Cursor) -> Option<Condition> {
    joined(cursor, "or", conjunction, ConditionKind::Any)
}

fn conjunction(cursor: &mut Cursor) -> Option<Condition> {
    joined(cursor, "and", negation, ConditionKind::All)
}

fn joined(
    cursor: &mut Cursor,
    word: &str,
    part: fn(&mut Cursor) -> Option<Condition>,
    join: fn(Vec<Condition>) -> ConditionKind,
) -> Option<Condition> {
    let first = part(cursor)?;
    if !cursor.is_word(word) {
        return Some(first);
    }
    let start = first.span;
    let mut parts = vec![first];
    while cursor.eat_word(word) {
        parts.push(part(cursor)?);
    }
    Some(Condition { kind: join(parts), span: start.to(cursor.last_span()) })
}

/// Every way into a deeper condition leads through here.
fn negation(cursor: &mut Cursor) -> Option<Condition> {
    if cursor.depth >= DEEPEST {
        let message = format!("conditions are nested more than {DEEPEST} deep");
        let diagnostic = Diagnostic::error("syntax", cursor.source, cursor.peek().span, message);
        cursor.report(diagnostic.help("give the inner ones a name with `define`"));
        return None;
    }
    cursor.depth += 1;
    let read = unguarded(cursor);
    cursor.depth -= 1;
    read
}

fn unguarded(cursor: &mut Cursor) -> Option<Condition> {
    let start = cursor.peek().span;
    if cursor.eat_word("not") {
        let inner = negation(cursor)?;
        return Some(Condition { span: start.to(inner.span), kind: ConditionKind::Not(Box::new(inner)) });
    }
    let kind = primary(cursor)?;
    Some(Condition { kind, span: start.to(cursor.last_span()) })
}

fn primary(cursor: &mut Cursor) -> Option<ConditionKind> {
    if cursor.eat(TokenKind::OpenRound) {
        let inner = condition(cursor)?;
        cursor.want(TokenKind::CloseRound, "`)`")?;
        return Some(inner.kind);
    }
    if !cursor.is(TokenKind::Word) {
        cursor.expected("a condition");
        return None;
    }
    let word = cursor.word();
    match word {
        "always" => {
            cursor.next();
            Some(ConditionKind::All(Vec::new()))
        }
        "never" => {
            cursor.next();
            Some(ConditionKind::Any(Vec::new()))
        }
        "all" | "any" | "none" if cursor.word_at(1) == "of" => list(cursor),
        "reading" => {
            cursor.next();
            let reading = cursor.name("the name of a reading")?;
            cursor.want_word("is")?;
            Some(ConditionKind::Reading(reading, cursor.name("an option of the reading")?))
        }
        "count" if cursor.word_at(1) == "of" => counter(cursor),
        _ => {
            if let Some((_, path)) = ITEMS.iter().find(|(name, _)| *name == word) {
                cursor.next();
                let key = cursor.words.key(path)?;
                return item(cursor, key);
            }
            if cursor.word_at(1) == "recognizes" {
                return recognition(cursor);
            }
            if word == "onward" || is_key(word) {
                return key_condition(cursor);
            }
            let name = cursor.name("a condition")?;
            Some(if name.text.contains('.') { ConditionKind::Instrument(name) } else { ConditionKind::Definition(name) })
        }
    }
}

fn is_key(word: &str) -> bool {
    word.split('.').next().is_some_and(|table| TABLES.contains(&table)) && word.contains('.')
}

/// Reads a key path and reports an unknown one with its nearest spelling.
pub(super) fn key(cursor: &mut Cursor) -> Option<KeyId> {
    let token = cursor.want(TokenKind::Word, "a key such as `importer.seat`")?;
    let path = cursor.slice(token.span);
    let found = cursor.words.key(path);
    if found.is_none() {
        let diagnostic = Diagnostic::error("unknown-key", cursor.source, token.span, format!("`{path}` is not a key of a flow"));
        let nearest = cursor.words.nearest_key(path);
        cursor.report(diagnostic.did_you_mean(nearest));
    }
    found
}

fn list(cursor: &mut Cursor) -> Option<ConditionKind> {
    let word = cursor.word();
    cursor.next();
    cursor.next();
    if cursor.eat(TokenKind::OpenRound) {
        let names = cursor.names("the name of a permit")?;
        cursor.want(TokenKind::CloseRound, "`)`")?;
        if !cursor.eat_word("is") {
            cursor.want_word("is")?;
        }
        let state = match cursor.word() {
            "satisfied" => MechanismState::Satisfied,
            "open" => MechanismState::Open,
            _ => {
                cursor.expected("`satisfied` or `open`");
                return None;
            }
        };
        cursor.next();
        let quantity = match word {
            "any" => Quantity::Any,
            "none" => Quantity::None,
            _ => {
                cursor.expected("`any of (…)` or `none of (…)` before a state of mechanisms");
                return None;
            }
        };
        return Some(ConditionKind::Mechanisms(quantity, names, state));
    }
    cursor.want(TokenKind::Open, "`{` or `(`")?;
    let mut parts = Vec::new();
    while !cursor.is(TokenKind::Close) && !cursor.at_end() {
        parts.push(condition(cursor)?);
        if !cursor.eat(TokenKind::Comma) && !cursor.is(TokenKind::Close) {
            cursor.expected("`,` or `}`");
            return None;
        }
    }
    cursor.want(TokenKind::Close, "`}`")?;
    Some(match word {
        "all" => ConditionKind::All(parts),
        "any" => ConditionKind::Any(parts),
        _ => {
            let span = cursor.last_span();
            ConditionKind::Not(Box::new(Condition { kind: ConditionKind::Any(parts), span }))
        }
    })
}

fn counter(cursor: &mut Cursor) -> Option<ConditionKind> {
    cursor.next();
    cursor.next();
    let of = cursor.term_set(Scheme::Category)?;
    cursor.want_word("in")?;
    let unit = cursor.term(Scheme::Unit)?;
    cursor.want_word("over")?;
    let months = u32::try_from(cursor.number()?).unwrap_or(u32::MAX);
    if !cursor.eat_word("months") {
        cursor.want_word("month")?;
    }
    let comparison = comparison(cursor)?;
    let value = cursor.number()?;
    Some(ConditionKind::Counter(Counter { of, unit, months, comparison, value }))
}

fn comparison(cursor: &mut Cursor) -> Option<Comparison> {
    let token = cursor.want(TokenKind::Compare, "`>=`, `>`, `<`, `<=` or `=`")?;
    Some(match cursor.slice(token.span) {
        ">=" => Comparison::AtLeast,
        ">" => Comparison::MoreThan,
        "<" => Comparison::LessThan,
        "<=" => Comparison::AtMost,
        _ => Comparison::Equal,
    })
}

fn recognition(cursor: &mut Cursor) -> Option<ConditionKind> {
    let party = cursor.term(Scheme::Place);
    cursor.next();
    cursor.want_word("importer")?;
    let kind = if cursor.eat_word("as") { cursor.name("a kind of recognition")?.text } else { "adequacy".to_owned() };
    Some(ConditionKind::Recognition(party?, kind))
}

fn item(cursor: &mut Cursor, key: KeyId) -> Option<ConditionKind> {
    let Some(KeyKind::Many(scheme)) = cursor.words.key_at(key).map(|key| key.kind) else { return None };
    let set = cursor.term_set(scheme)?;
    let age = match cursor.word() {
        "before" => {
            cursor.next();
            Some(Age::Before(cursor.date()?))
        }
        "from" if cursor.peek_at(1).kind == TokenKind::Date => {
            cursor.next();
            Some(Age::From(cursor.date()?))
        }
        "for" if cursor.word_at(1) == "at" => {
            cursor.next();
            cursor.next();
            cursor.want_word("least")?;
            Some(Age::AtLeast(cursor.period()?))
        }
        "within" if cursor.peek_at(1).kind == TokenKind::Number => {
            cursor.next();
            Some(Age::Within(cursor.period()?))
        }
        _ => None,
    };
    Some(ConditionKind::Item(key, set, age))
}

fn key_condition(cursor: &mut Cursor) -> Option<ConditionKind> {
    let at = Name { text: cursor.word().to_owned(), span: cursor.peek().span };
    let id = key(cursor);
    let Some(id) = id else {
        skip_operand(cursor);
        return None;
    };
    let kind = cursor.words.key_at(id)?.kind;
    let result = match kind {
        KeyKind::Flag => Some(ConditionKind::Flag(id)),
        KeyKind::Count => {
            let comparison = comparison(cursor)?;
            Some(ConditionKind::Compare(id, comparison, cursor.number()?))
        }
        KeyKind::One(scheme) => one(cursor, id, scheme),
        KeyKind::Many(scheme) => many(cursor, id, scheme),
        KeyKind::Day => None,
    };
    if result.is_none() && kind == KeyKind::Day {
        let message = format!("`{}` is a day; ask for days with `in force`", at.text);
        cursor.report(Diagnostic::error("syntax", cursor.source, at.span, message));
    }
    result
}

/// After an unknown key, reads over what it was compared with, so that the next error is a real one.
fn skip_operand(cursor: &mut Cursor) {
    let stop = ["and", "or", "when", "unless", "needs", "cite", "note"];
    while !cursor.at_end() && !stop.contains(&cursor.word()) {
        match cursor.peek().kind {
            TokenKind::Open => {
                cursor.next();
                cursor.skip_until(&[]);
                cursor.eat(TokenKind::Close);
                return;
            }
            TokenKind::Close | TokenKind::CloseRound | TokenKind::Comma | TokenKind::Arrow => return,
            _ if crate::lexer::ITEMS.contains(&cursor.word()) => return,
            _ => {
                cursor.next();
            }
        }
    }
}

fn negate(cursor: &Cursor, kind: ConditionKind) -> ConditionKind {
    ConditionKind::Not(Box::new(Condition { kind, span: cursor.last_span() }))
}

fn one(cursor: &mut Cursor, key: KeyId, scheme: Scheme) -> Option<ConditionKind> {
    match cursor.word() {
        "is" => {
            cursor.next();
            let negative = cursor.eat_word("not");
            let set = cursor.term_set(scheme)?;
            let kind = ConditionKind::In(key, set);
            Some(if negative { negate(cursor, kind) } else { kind })
        }
        "in" => {
            cursor.next();
            Some(ConditionKind::In(key, cursor.term_set(scheme)?))
        }
        "outside" => {
            cursor.next();
            let set = cursor.term_set(scheme)?;
            Some(negate(cursor, ConditionKind::In(key, set)))
        }
        _ => {
            cursor.expected("`is`, `in` or `outside`");
            None
        }
    }
}

fn many(cursor: &mut Cursor, key: KeyId, scheme: Scheme) -> Option<ConditionKind> {
    match cursor.word() {
        "meets" => {
            cursor.next();
            Some(ConditionKind::Meets(key, cursor.term_set(scheme)?))
        }
        "has" if cursor.word_at(1) == "at" => {
            cursor.next();
            cursor.next();
            cursor.want_word("least")?;
            let number = u32::try_from(cursor.number()?).unwrap_or(u32::MAX);
            cursor.want_word("of")?;
            Some(ConditionKind::Several(key, number, cursor.term_set(scheme)?))
        }
        "has" => {
            cursor.next();
            Some(ConditionKind::Meets(key, cursor.term_set(scheme)?))
        }
        "within" => {
            cursor.next();
            Some(ConditionKind::Within(key, cursor.term_set(scheme)?))
        }
        "is" => {
            cursor.next();
            let negative = cursor.eat_word("not");
            cursor.want_word("empty")?;
            let kind = ConditionKind::Empty(key);
            Some(if negative { negate(cursor, kind) } else { kind })
        }
        _ => {
            cursor.expected("`meets`, `has`, `within` or `is empty`");
            None
        }
    }
}
