// SPDX-License-Identifier: Apache-2.0
//! Judgments on the wire. The keys are those of the page of the flow file; others stand after them.

use comity_flow::Problem;
use comity_judge::{ClauseTrace, Collision, Duty, Finding, Judgment, Mechanism, Missing, NotApplicable, Resting, Trace, Truth};
use comity_law::ast::{ClauseKind, SourceStatus};
use serde_json::{Map, Value, json};

fn list<T>(items: &[T], each: impl Fn(&T) -> Value) -> Value {
    Value::Array(items.iter().map(each).collect())
}

/// One object for a judgment.
pub fn judgment(judgment: &Judgment) -> Value {
    json!({
        "flow": judgment.flow,
        "on": judgment.on.to_string(),
        "known_on": judgment.known_on.to_string(),
        "verdict": judgment.word(),
        "uncovered": judgment.uncovered,
        "findings": list(&judgment.findings, |of| finding(judgment, of)),
        "not_applicable": list(&judgment.not_applicable, not_applicable),
        "collisions": list(&judgment.collisions, collision),
        "possible": judgment.possible.words(),
        "exact": judgment.exact,
        "under": judgment.under,
        "assumed": judgment.assumed,
        "evidence": list(&judgment.evidence, resting),
    })
}

/// What an act or grant rests on.
pub fn resting(of: &Resting) -> Value {
    let mut value = json!({ "safeguard": of.declared.path(), "rests_on": of.evidence.word(), "ref": of.references });
    if let (Some(object), false) = (value.as_object_mut(), of.problems.is_empty()) {
        object.insert("problems".to_owned(), of.problems.clone().into());
    }
    value
}

fn finding(judgment: &Judgment, finding: &Finding) -> Value {
    let mut open: Vec<&str> = Vec::new();
    for mechanism in finding.mechanisms.iter().filter(|mechanism| mechanism.state == comity_judge::State::Open) {
        if !open.contains(&mechanism.id.as_str()) {
            open.push(&mechanism.id);
        }
    }
    json!({
        "instrument": finding.instrument,
        "text_from": finding.text_from.map(|day| day.to_string()),
        "digest": finding.digest,
        "verdict": finding.possible.word(),
        "possible": finding.possible.words(),
        "leg": finding.leg,
        "mechanism": finding.mechanism,
        "cites": finding.cites,
        "open_mechanisms": open,
        "missing": list(&finding.missing, missing),
        "questions": finding.questions,
        "rests_on": finding.rests_on,
        "duties": list(&finding.duties, duty),
        "exact": finding.exact,
        "recalled": finding.recalled,
        "mechanisms": list(&finding.mechanisms, mechanism),
        "readings": finding.readings,
        "title": finding.title,
        "relies_on": list(&finding.relies_on, |declared| {
            json!({ "safeguard": declared.path(), "rests_on": judgment.rests_on(declared).word() })
        }),
    })
}

fn missing(missing: &Missing) -> Value {
    json!({"for": missing.aim, "steps": missing.steps, "cite": missing.cites.join("; "), "provision": missing.provision})
}

fn mechanism(mechanism: &Mechanism) -> Value {
    json!({
        "id": mechanism.id, "state": mechanism.state.word(), "cite": mechanism.cites.join("; "),
        "provision": mechanism.provision, "because": mechanism.because,
    })
}

fn duty(duty: &Duty) -> Value {
    json!({
        "id": duty.id, "cite": duty.cites.join("; "), "on": duty.on,
        "due": duty.due.map(|day| day.to_string()), "clock": duty.clock, "note": duty.note,
    })
}

fn not_applicable(other: &NotApplicable) -> Value {
    json!({"instrument": other.instrument, "cite": other.cites.join("; ")})
}

fn collision(collision: &Collision) -> Value {
    json!({"obliged_by": collision.obliged_by, "forbidden_by": collision.forbidden_by})
}

/// The judgment with the whole derivation of each finding.
pub fn explanation(of: &Judgment) -> Value {
    let mut value = judgment(of);
    if let Some(findings) = value.get_mut("findings").and_then(Value::as_array_mut) {
        for (value, finding) in findings.iter_mut().zip(&of.findings) {
            if let Some(object) = value.as_object_mut() {
                object.insert("derivation".to_owned(), list(&finding.derivation, trace));
            }
        }
    }
    if let Some(others) = value.get_mut("not_applicable").and_then(Value::as_array_mut) {
        for (value, other) in others.iter_mut().zip(&of.not_applicable) {
            if let Some(object) = value.as_object_mut() {
                object.insert("derivation".to_owned(), list(&other.derivation, trace));
            }
        }
    }
    value
}

/// The word for a truth.
pub fn truth(truth: Truth) -> &'static str {
    match truth {
        Truth::True => "holds",
        Truth::False => "does not hold",
        Truth::Open => "undecided",
    }
}

/// The word for a clause.
pub fn clause_word(kind: ClauseKind) -> &'static str {
    match kind {
        ClauseKind::When => "when",
        ClauseKind::Unless => "unless",
        ClauseKind::Needs => "needs",
    }
}

/// The word for a source status.
pub fn status_word(status: SourceStatus) -> &'static str {
    match status {
        SourceStatus::Verified => "verified",
        SourceStatus::Recalled => "recalled",
    }
}

fn trace(of: &Trace) -> Value {
    json!({
        "provision": of.id, "effect": of.effect, "truth": truth(of.truth), "cite": of.cites.join("; "),
        "status": status_word(of.status), "note": of.note,
        "clauses": list(&of.clauses, clause),
        "exceptions": list(&of.exceptions, trace),
    })
}

fn clause(clause: &ClauseTrace) -> Value {
    let facts: Map<String, Value> = clause.facts.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
    json!({
        "kind": clause_word(clause.kind), "text": clause.text, "truth": truth(clause.truth), "facts": facts, "cites": clause.cites,
    })
}

/// One object for a file with problems.
pub fn invalid(file: &str, problems: &[Problem]) -> Value {
    let first = problems.first();
    json!({
        "file": file,
        "error": first.map_or("the file is invalid", |problem| problem.message.as_str()),
        "line": first.map(|problem| problem.line),
        "column": first.map(|problem| problem.column),
        "help": first.and_then(|problem| problem.help.as_deref()),
        "problems": list(problems, |problem| json!({
            "line": problem.line, "column": problem.column, "message": problem.message, "help": problem.help,
        })),
    })
}

/// One object for a file that could not be read.
pub fn unreadable(file: &str, message: &str) -> Value {
    json!({"file": file, "error": message, "line": null})
}
