// SPDX-License-Identifier: Apache-2.0
//! Provisions: head, attributes, clauses.

use super::condition::condition;
use super::cursor::Cursor;
use crate::ast::{Clause, ClauseKind, Effect, InForce, Name, Provision, Reading, ReadingOption, SourceStatus};
use crate::diagnostic::Diagnostic;
use crate::lexer::TokenKind;
use comity_terms::{Scheme, Term};

/// The heads that begin a provision.
pub(super) const HEADS: &[&str] = &[
    "applies",
    "outside",
    "restrict",
    "permit",
    "require",
    "forbid",
    "oblige",
    "exception",
    "serves",
    "define",
    "onward",
    "duty",
    "right",
    "clock",
    "penalty",
];

pub(super) fn provision(cursor: &mut Cursor) -> Option<Provision> {
    let start = cursor.peek().span;
    let head = cursor.word();
    cursor.next();
    let id = cursor.name("a name in kebab case")?;
    let effect = effect(cursor, head)?;
    let mut provision = Provision {
        id,
        effect,
        cites: Vec::new(),
        status: None,
        in_force: None,
        published: None,
        note: None,
        clauses: Vec::new(),
        source: cursor.source,
        span: start,
    };
    attributes(cursor, &mut provision)?;
    if cursor.eat(TokenKind::Open) {
        attributes(cursor, &mut provision)?;
        while !cursor.is(TokenKind::Close) && !cursor.at_end() {
            if !clause_begins(cursor) {
                cursor.expected("`when`, `unless`, `needs` or `}`");
                return None;
            }
            let read = clause(cursor)?;
            provision.clauses.push(read);
        }
        cursor.want(TokenKind::Close, "`}`")?;
    } else {
        while clause_begins(cursor) {
            let read = clause(cursor)?;
            provision.clauses.push(read);
        }
    }
    provision.span = start.to(cursor.last_span());
    Some(provision)
}

fn effect(cursor: &mut Cursor, head: &str) -> Option<Effect> {
    Some(match head {
        "applies" => Effect::Applies,
        "outside" => Effect::Outside,
        "restrict" => Effect::Restrict,
        "permit" => {
            cursor.want_word("by")?;
            Effect::Permit(cursor.term(Scheme::Mechanism)?)
        }
        "require" => Effect::Require(by(cursor)?),
        "forbid" => Effect::Forbid(by(cursor)?),
        "oblige" => Effect::Oblige,
        "exception" => {
            cursor.want_word("to")?;
            Effect::Exception(cursor.names("the name of a provision")?)
        }
        "serves" => Effect::Serves,
        "define" => Effect::Define,
        "onward" => Effect::Onward,
        "duty" => {
            cursor.want_word("on")?;
            let bearer = cursor.name("who bears the duty")?.text;
            let clock = if cursor.eat_word("within") {
                let period = cursor.period()?;
                cursor.want_word("of")?;
                Some((period, cursor.name("a trigger")?.text))
            } else {
                None
            };
            Effect::Duty(bearer, clock)
        }
        "right" => Effect::Right,
        "clock" => {
            let period = cursor.period()?;
            cursor.want_word("from")?;
            Effect::Clock(period, cursor.name("a trigger")?.text)
        }
        "penalty" => Effect::Penalty(cursor.text("the penalty in words")?),
        _ => {
            cursor.expected("a provision");
            return None;
        }
    })
}

/// An optional `by MECHANISM`; the outer `None` is an error that has been reported.
fn by(cursor: &mut Cursor) -> Option<Option<Term>> {
    if cursor.eat_word("by") { cursor.term(Scheme::Mechanism).map(Some) } else { Some(None) }
}

pub(super) fn in_force(cursor: &mut Cursor) -> Option<InForce> {
    cursor.want_word("in")?;
    cursor.want_word("force")?;
    let from = cursor.date()?;
    let until = if cursor.eat_word("until") { Some(cursor.date()?) } else { None };
    if until.is_some_and(|until| until <= from) {
        let span = cursor.last_span();
        let message = format!("in force from {from} until a day that is not later");
        cursor.report(Diagnostic::error("date", cursor.source, span, message).help("`until` is the first day on which it no longer holds"));
    }
    Some(InForce { from, until })
}

fn attributes(cursor: &mut Cursor, provision: &mut Provision) -> Option<()> {
    loop {
        match cursor.word() {
            "cite" => {
                cursor.next();
                provision.cites.extend(cursor.texts("a citation in quotes")?);
            }
            "verified" => {
                cursor.next();
                provision.status = Some(SourceStatus::Verified);
            }
            "recalled" => {
                cursor.next();
                provision.status = Some(SourceStatus::Recalled);
            }
            "in" if cursor.word_at(1) == "force" => provision.in_force = Some(in_force(cursor)?),
            "published" => {
                cursor.next();
                provision.published = Some(cursor.date()?);
            }
            "note" => {
                cursor.next();
                let note = cursor.text("a remark in quotes")?;
                provision.note = Some(match provision.note.take() {
                    Some(before) => format!("{before} {note}"),
                    None => note,
                });
            }
            _ => return Some(()),
        }
    }
}

fn clause_begins(cursor: &Cursor) -> bool {
    matches!(cursor.word(), "when" | "unless" | "needs")
}

fn clause(cursor: &mut Cursor) -> Option<Clause> {
    let kind = match cursor.word() {
        "when" => ClauseKind::When,
        "unless" => ClauseKind::Unless,
        _ => ClauseKind::Needs,
    };
    cursor.next();
    let condition = condition(cursor)?;
    let mut clause = Clause { kind, condition, cites: Vec::new(), note: None };
    loop {
        if cursor.eat_word("cite") {
            clause.cites.extend(cursor.texts("a citation in quotes")?);
        } else if cursor.eat_word("note") {
            clause.note = Some(cursor.text("a remark in quotes")?);
        } else {
            return Some(clause);
        }
    }
}

pub(super) fn reading(cursor: &mut Cursor) -> Option<Reading> {
    cursor.next();
    let id = cursor.name("a name in kebab case")?;
    let question = cursor.text("the question in quotes")?;
    cursor.want(TokenKind::Open, "`{`")?;
    let mut reading = Reading { id, question, options: Vec::new() };
    while cursor.eat_word("option") {
        let id: Name = cursor.name("the name of an option")?;
        let text = cursor.text("what the option says, in quotes")?;
        let cites = if cursor.eat_word("cite") { cursor.texts("a citation in quotes")? } else { Vec::new() };
        reading.options.push(ReadingOption { id, text, cites });
    }
    cursor.want(TokenKind::Close, "`option` or `}`")?;
    if reading.options.len() < 2 {
        let message = format!("reading `{}` has {} option; competing readings are two or more", reading.id.text, reading.options.len());
        cursor.report(Diagnostic::error("reading", cursor.source, reading.id.span, message));
    }
    Some(reading)
}
