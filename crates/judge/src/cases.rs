// SPDX-License-Identifier: Apache-2.0
//! Running the cases inside instruments, and what of each instrument they cover.

mod reference;

use crate::finding::{Judgment, Trace};
use crate::formula::Truth;
use crate::judgment::{Options, judge};
use comity_flow::{Counter, Flow, Format, Item, Onward, Problem, Sender, Value, read, write};
use comity_law::Library;
use comity_law::ast::{Case, CaseFact, CaseValue, Effect, Instrument};
use comity_terms::{KeyId, KeyKind, Scheme, vocabulary};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// The outcome of one case.
#[derive(Clone, Debug)]
pub struct CaseOutcome {
    /// The title of the case.
    pub title: String,
    /// Where it differs from what it expects; empty: it passes.
    pub faults: Vec<String>,
}

/// Which provisions the cases of an instrument saw holding, and which not.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// For each provision: seen holding, seen not holding.
    pub provisions: BTreeMap<String, (bool, bool)>,
}

impl Coverage {
    /// The provisions that were not seen both ways.
    pub fn gaps(&self) -> impl Iterator<Item = (&str, (bool, bool))> {
        self.provisions.iter().filter(|(_, seen)| **seen != (true, true)).map(|(id, seen)| (id.as_str(), *seen))
    }
}

/// Runs the cases of an instrument.
#[must_use]
pub fn run(library: &Library, instrument: &Instrument, today: Date) -> (Vec<CaseOutcome>, Coverage) {
    let mut coverage = Coverage::default();
    let counted = |effect: &Effect| {
        !matches!(
            effect,
            Effect::Define | Effect::Right | Effect::Clock(..) | Effect::Penalty(_) | Effect::Serves | Effect::Oblige | Effect::Onward
        )
    };
    for provision in instrument.provisions.iter().filter(|provision| counted(&provision.effect)) {
        coverage.provisions.entry(provision.id.text.clone()).or_default();
    }
    let mut outcomes = Vec::new();
    for case in &instrument.cases {
        let (faults, judgment) = faults(library, instrument, case, today);
        if let Some(judgment) = judgment {
            cover(&judgment, &instrument.id.text, &mut coverage);
        }
        outcomes.push(CaseOutcome { title: case.title.clone(), faults });
    }
    (outcomes, coverage)
}

/// Whether a case fails. The case and its base are those of the instrument that is passed in; it is judged under the one
/// of that id in the library.
#[must_use]
pub fn fails(library: &Library, instrument: &Instrument, case: &Case, today: Date) -> bool {
    !faults(library, instrument, case, today).0.is_empty()
}

/// Where a case differs from what it expects, and the judgment.
fn faults(library: &Library, instrument: &Instrument, case: &Case, today: Date) -> (Vec<String>, Option<Judgment>) {
    let options = Options {
        known_on: case.known,
        readings: case
            .readings
            .iter()
            .map(|(id, option)| (owner(library, instrument, &id.text), id.text.clone(), option.text.clone()))
            .collect(),
        ..Options::today(today)
    };
    let flow = match flow_of(instrument, case) {
        Ok(flow) => flow,
        Err(problems) => return (problems.into_iter().map(|problem| problem.message).collect(), None),
    };
    if reference::is_asked(instrument, &case.expected.verdict) {
        return match reference::judge_reference(library, instrument, flow, &options) {
            Ok(judgment) => (compare(case, reference::word(&judgment), &judgment), None),
            Err(fault) => (vec![fault], None),
        };
    }
    match judge(library, &flow, &options) {
        Ok(judgment) => (compare(case, judgment.word(), &judgment), Some(judgment)),
        Err(error) => (vec![error.to_string()], None),
    }
}

/// The instrument that a reading belongs to: this one, or another that it refers to.
pub(crate) fn owner(library: &Library, instrument: &Instrument, reading: &str) -> String {
    let has = |other: &&Instrument| other.readings.iter().any(|known| known.id.text == reading);
    Some(instrument)
        .filter(has)
        .or_else(|| library.instruments.iter().find(has))
        .map_or_else(|| instrument.id.text.clone(), |owner| owner.id.text.clone())
}

fn cover(judgment: &Judgment, instrument: &str, coverage: &mut Coverage) {
    fn mark(trace: &Trace, coverage: &mut Coverage) {
        if let Some(seen) = coverage.provisions.get_mut(&trace.id) {
            seen.0 |= trace.truth == Truth::True;
            seen.1 |= trace.truth == Truth::False;
        }
        trace.exceptions.iter().for_each(|exception| mark(exception, coverage));
    }
    for finding in judgment.findings.iter().filter(|finding| finding.instrument == instrument) {
        finding.derivation.iter().for_each(|trace| mark(trace, coverage));
    }
    for other in judgment.not_applicable.iter().filter(|other| other.instrument == instrument) {
        other.derivation.iter().for_each(|trace| mark(trace, coverage));
    }
}

/// Where the judgment, whose verdict is `found`, differs from what the case expects.
fn compare(case: &Case, found: &str, judgment: &Judgment) -> Vec<String> {
    let expected = &case.expected;
    let mut faults = Vec::new();
    if found != expected.verdict {
        let mut fault = format!("expected {}, found {found}", expected.verdict);
        if judgment.verdict().is_none() {
            fault.push_str(&format!(" ({})", judgment.possible.words().join(" or ")));
        }
        faults.push(fault);
    }
    let findings = &judgment.findings;
    if let Some(by) = &expected.by {
        let carried = findings.iter().any(|finding| finding.mechanism.as_ref() == Some(by));
        let aimed = findings.iter().any(|finding| finding.missing.iter().any(|missing| missing.aim == *by || missing.provision == *by));
        if !carried && !aimed {
            let found: Vec<&str> = findings.iter().filter_map(|finding| finding.mechanism.as_deref()).collect();
            let aims: Vec<&str> = findings.iter().flat_map(|finding| finding.missing.iter().map(|missing| missing.aim.as_str())).collect();
            faults.push(format!("expected `by {by}`, found {}", if found.is_empty() { aims.join(", ") } else { found.join(", ") }));
        }
    }
    if let Some(path) = &expected.missing {
        let mut steps = findings.iter().flat_map(|finding| finding.missing.iter().flat_map(|missing| missing.steps.iter()));
        if !steps.any(|step| step.starts_with(path.as_str())) {
            let all: Vec<String> = findings
                .iter()
                .flat_map(|finding| finding.missing.iter().map(|missing| format!("{}: {}", missing.aim, missing.steps.join(" and "))))
                .collect();
            faults.push(format!(
                "expected `missing {path}`, found {}",
                if all.is_empty() { "nothing missing".to_owned() } else { all.join("; ") }
            ));
        }
    }
    if let Some(question) = &expected.asks {
        let questions: Vec<&str> = findings.iter().flat_map(|finding| finding.questions.iter().map(String::as_str)).collect();
        if !questions.contains(&question.as_str()) {
            faults.push(format!(
                "expected `asks {question}`, found {}",
                if questions.is_empty() { "no question".to_owned() } else { questions.join(", ") }
            ));
        }
    }
    let owed: Vec<&str> = findings.iter().flat_map(|finding| finding.duties.iter().map(|duty| duty.id.as_str())).collect();
    for duty in expected.owes.iter().filter(|duty| !owed.contains(&duty.as_str())) {
        faults.push(format!("expected `owes {duty}`, found {}", if owed.is_empty() { "no duty".to_owned() } else { owed.join(", ") }));
    }
    for duty in expected.spares.iter().filter(|duty| owed.contains(&duty.as_str())) {
        faults.push(format!("expected `spares {duty}`, and the flow owes it"));
    }
    if let Some(cite) = &expected.cite
        && !findings.iter().any(|finding| finding.cites.iter().any(|found| found.contains(cite.as_str())))
    {
        let all: Vec<&str> = findings.iter().flat_map(|finding| finding.cites.iter().map(String::as_str)).collect();
        faults.push(format!("expected the citation \"{cite}\", found {}", all.join("; ")));
    }
    faults
}

/// The flow of a case: the base of the instrument, then the case, read as a flow file that states them is read.
///
/// # Errors
///
/// What the reader of flow files says of facts that cannot be true together.
pub fn flow_of(instrument: &Instrument, case: &Case) -> Result<Flow, Vec<Problem>> {
    let mut stated =
        Flow { id: case.title.clone(), title: case.title.clone(), on: case.on, under: vec![instrument.id.text.clone()], ..Flow::default() };
    for fact in instrument.base.iter().chain(&case.facts) {
        apply(&mut stated, fact);
    }
    // What silence means, which safeguards are in place on the day, and what contradicts itself is settled in one place only.
    let mut flow = read(&write(&stated), Format::Toml, &|_| Err("a case has no profile".to_owned()))?;
    // The lines are those of a text that nobody sees.
    flow.lines.clear();
    Ok(flow)
}

fn value_of(kind: KeyKind, value: &CaseValue) -> Option<Value> {
    Some(match (kind, value) {
        (KeyKind::Flag, CaseValue::Flag(flag)) => Value::Flag(*flag),
        (KeyKind::Count, CaseValue::Count(count)) => Value::Count(*count),
        (KeyKind::One(_), CaseValue::Terms(terms)) => Value::One(terms.first()?.0),
        (KeyKind::Many(_), CaseValue::Terms(terms)) => Value::Many(terms.iter().map(|(term, _)| term.index()).collect()),
        _ => return None,
    })
}

/// A set of clauses named without its module is the module that fits.
fn fitting(terms: &[(comity_terms::Term, Option<Date>)]) -> Vec<(comity_terms::Term, Option<Date>)> {
    let words = vocabulary();
    let whole = |term: comity_terms::Term| words.find(Scheme::Contract, &format!("{}/*", words.id(term))).unwrap_or(term);
    terms.iter().map(|(term, day)| (if term.scheme() == Scheme::Contract { whole(*term) } else { *term }, *day)).collect()
}

fn items(key: KeyId, terms: &[(comity_terms::Term, Option<Date>)]) -> Vec<Item> {
    terms.iter().map(|(term, on)| Item { key, term: *term, on: *on, until: None, reference: None }).collect()
}

fn apply(flow: &mut Flow, fact: &CaseFact) {
    let words = vocabulary();
    match fact {
        CaseFact::Value(key, CaseValue::Unknown) => {
            flow.facts.remove(key);
            flow.items.retain(|item| item.key != *key);
        }
        CaseFact::Value(key, value) => {
            let value = if let CaseValue::Terms(terms) = value { CaseValue::Terms(fitting(terms)) } else { value.clone() };
            let Some(kind) = words.key_at(*key).map(|key| key.kind) else { return };
            let is_list = words.key_at(*key).is_some_and(|key| key.path.starts_with("safeguards.") && matches!(key.kind, KeyKind::Many(_)));
            if let CaseValue::Terms(terms) = &value
                && is_list
            {
                let items = items(*key, terms);
                let in_place = items.iter().filter(|item| item.in_place(flow.on)).map(|item| item.term.index()).collect();
                flow.facts.insert(*key, Value::Many(in_place));
                flow.items.retain(|item| item.key != *key);
                flow.items.extend(items);
            } else if let Some(value) = value_of(kind, &value) {
                flow.facts.insert(*key, value);
            }
            whole(flow, *key);
        }
        CaseFact::Counter(of, unit, count) => flow.counts.push(Counter {
            of: of.on(words, flow.on.unwrap_or(Date::MIN)),
            unit: *unit,
            since: None,
            at_least: *count,
            at_most: Some(*count),
        }),
        CaseFact::Onward(values) => {
            let mut entry =
                Onward { name: String::new(), from: Sender::Importer, facts: BTreeMap::new(), purpose: None, items: Vec::new() };
            for (key, value) in values {
                let Some(info) = words.key_at(*key) else { continue };
                match value {
                    CaseValue::Terms(terms) if info.path.starts_with("safeguards.") => entry.items.extend(items(*key, &fitting(terms))),
                    CaseValue::Terms(terms) if info.path == "purpose.of" => {
                        entry.purpose = Some(terms.iter().map(|(term, _)| term.index()).collect());
                    }
                    _ => {
                        if let Some(value) = value_of(info.kind, value) {
                            entry.facts.insert(*key, value);
                        }
                    }
                }
            }
            flow.onward.push(entry);
        }
    }
}

/// Keeps an assessment or consent and its parts together: a stated part says that there was one,
/// and without one there are no parts. What is not said of an assessment that was made is unknown.
fn whole(flow: &mut Flow, key: KeyId) {
    let words = vocabulary();
    let Some(path) = words.key_at(key).map(|key| key.path.as_str()) else { return };
    let is_none = |value: Option<&Value>| matches!(value, Some(Value::One(term)) if words.id(*term) == "none");
    for whole in ["safeguards.assessment", "safeguards.consent"] {
        let Some(id) = words.key(whole).filter(|_| path.starts_with(whole)) else { continue };
        let made = if path == whole { flow.facts.get(&id) == Some(&Value::Flag(true)) } else { !is_none(flow.facts.get(&key)) };
        flow.facts.insert(id, Value::Flag(made));
        for part in words.keys().iter().filter(|part| part.path.starts_with(whole) && part.path != whole) {
            let Some(part_id) = words.key(&part.path) else { continue };
            match part.kind {
                KeyKind::One(_) if made && is_none(flow.facts.get(&part_id)) => {
                    flow.facts.remove(&part_id);
                }
                KeyKind::One(scheme) if !made => {
                    words.find(scheme, "none").and_then(|none| flow.facts.insert(part_id, Value::One(none)));
                }
                KeyKind::Flag if !made => {
                    flow.facts.insert(part_id, Value::Flag(false));
                }
                _ => {}
            }
        }
    }
}
