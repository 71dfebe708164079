// SPDX-License-Identifier: Apache-2.0
//! Mutation testing of instruments: a small change of the law must make a case of the instrument fail.
//!
//! A mutant that every case lets pass shows a clause, a day or a number that the cases do not hold in place.

use crate::{cases, witness};
use comity_law::ast::{Case, ClauseKind, Condition, ConditionKind, Effect, InForce, Instrument, Provision};
use comity_law::{Library, Span};
use jiff::civil::Date;

/// A small change of an instrument, and whether a case noticed it.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// The provision.
    pub provision: String,
    /// What was changed.
    pub change: String,
    /// Where.
    pub span: Span,
    /// Whether a case failed.
    pub killed: bool,
    /// For a survivor: a case that would notice it, as the instrument stands; to be read beside the law before it is kept.
    pub witness: Option<String>,
}

/// Cases that fail on the library as it stands: while one does, a failing case says nothing about a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailingCases {
    /// Instrument and title of each.
    pub cases: Vec<(String, String)>,
}

impl std::fmt::Display for FailingCases {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let titles: Vec<String> = self.cases.iter().map(|(instrument, title)| format!("\"{title}\" of `{instrument}`")).collect();
        write!(f, "no mutant was made, because cases fail on the instrument as it stands: {}", titles.join(", "))
    }
}

impl std::error::Error for FailingCases {}

/// Makes every mutant of an instrument and runs on each the cases that watch it; `progress` hears how many of how many are done.
/// With `suggest`, looks for a case that would notice each survivor.
///
/// An instrument with cases is watched by its own. One without is watched by the cases of those that refer to it: standard
/// clauses govern nothing by themselves, and a law that needs them shows what they serve.
///
/// # Errors
///
/// If a case fails before anything was changed.
pub fn run(
    library: &Library,
    instrument: &Instrument,
    today: Date,
    suggest: bool,
    mut progress: impl FnMut(usize, usize),
) -> Result<Vec<Mutant>, FailingCases> {
    let mut cases = watching(library, instrument);
    let failing: Vec<(String, String)> = cases
        .iter()
        .filter(|(owner, case)| cases::fails(library, owner, case, today))
        .map(|(owner, case)| (owner.id.text.clone(), case.title.clone()))
        .collect();
    if !failing.is_empty() {
        return Err(FailingCases { cases: failing });
    }
    let mutants = mutants(instrument);
    let count = mutants.len();
    let mut world = library.clone();
    let Some(position) = world.instruments.iter().position(|other| other.id.text == instrument.id.text) else { return Ok(Vec::new()) };
    let mut results = Vec::with_capacity(count);
    for (number, (changed, mutant)) in mutants.into_iter().enumerate() {
        let mut next = instrument.clone();
        next.provisions = changed;
        let Some(slot) = world.instruments.get_mut(position) else { break };
        *slot = next;
        // The case that noticed the last mutant often notices its neighbors: it goes first.
        let noticing = cases.iter().position(|(owner, case)| cases::fails(&world, owner, case, today));
        if let Some(noticing) = noticing {
            cases.get_mut(..=noticing).into_iter().for_each(|first| first.rotate_right(1));
        }
        let killed = noticing.is_some();
        let witness = (suggest && !killed).then(|| witness::find(library, &world, instrument, &mutant, &cases, today)).flatten();
        results.push(Mutant { killed, witness, ..mutant });
        progress(number + 1, count);
    }
    Ok(results)
}

/// The cases that can notice a change of the instrument, each with the instrument it stands in.
fn watching<'a>(library: &'a Library, instrument: &'a Instrument) -> Vec<(&'a Instrument, &'a Case)> {
    let mut watchers: Vec<&Instrument> = vec![instrument];
    if instrument.cases.is_empty() {
        // Clauses may rest on clauses: what refers to a watcher watches too.
        let mut next = 0;
        while let Some(watched) = watchers.get(next).copied() {
            let fresh = |other: &&Instrument| !watchers.iter().any(|known| known.id.text == other.id.text);
            let found: Vec<&Instrument> =
                library.instruments.iter().filter(fresh).filter(|other| refers(other, &watched.id.text)).collect();
            watchers.extend(found);
            next += 1;
        }
    }
    watchers.into_iter().flat_map(|watcher| watcher.cases.iter().map(move |case| (watcher, case))).collect()
}

/// Whether a condition of the instrument names another instrument.
fn refers(instrument: &Instrument, id: &str) -> bool {
    fn names(condition: &Condition, id: &str) -> bool {
        match &condition.kind {
            ConditionKind::All(parts) | ConditionKind::Any(parts) => parts.iter().any(|part| names(part, id)),
            ConditionKind::Not(inner) => names(inner, id),
            ConditionKind::Instrument(name) => name.text == id,
            _ => false,
        }
    }
    instrument.provisions.iter().flat_map(|provision| &provision.clauses).any(|clause| names(&clause.condition, id))
}

/// Every mutant: the changed provisions, and what was done.
fn mutants(instrument: &Instrument) -> Vec<(Vec<Provision>, Mutant)> {
    let mut out = Vec::new();
    let governs = instrument.provisions.iter().any(|provision| provision.effect == Effect::Applies);
    for (position, provision) in instrument.provisions.iter().enumerate() {
        // Declarations are for other parts of the product and change no finding; nor do duties of what governs nothing.
        let declares = matches!(provision.effect, Effect::Right | Effect::Clock(..) | Effect::Penalty(_));
        if declares || (!governs && matches!(provision.effect, Effect::Duty(..))) {
            continue;
        }
        let mut add = |changed: Option<Provision>, change: String, span: Span| {
            let mut provisions = instrument.provisions.clone();
            match changed {
                Some(changed) => {
                    if let Some(slot) = provisions.get_mut(position) {
                        *slot = changed;
                    }
                }
                None => {
                    provisions.remove(position);
                }
            }
            out.push((provisions, Mutant { provision: provision.id.text.clone(), change, span, killed: false, witness: None }));
        };
        // What never holds by its own words waits for its day: taking it away changes nothing.
        let waits = provision.clauses.iter().any(|clause| clause.kind != ClauseKind::Unless && is_never(&clause.condition));
        if provision.effect != Effect::Define && !waits {
            add(None, format!("without the {}", provision.effect.word()), provision.id.span);
        }
        for (number, clause) in provision.clauses.iter().enumerate() {
            let word = match clause.kind {
                ClauseKind::When => "when",
                ClauseKind::Unless => "unless",
                ClauseKind::Needs => "needs",
            };
            // A condition that always holds is there for the reader.
            if !matches!(&clause.condition.kind, ConditionKind::All(parts) if parts.is_empty()) {
                let mut changed = provision.clone();
                changed.clauses.remove(number);
                add(Some(changed), format!("without its `{word}`"), clause.condition.span);
            }
            for (condition, change, span) in variants(&clause.condition) {
                let mut changed = provision.clone();
                if let Some(clause) = changed.clauses.get_mut(number) {
                    clause.condition = condition;
                }
                add(Some(changed), change, span);
            }
        }
        for (force, change) in provision.in_force.map(shifted).unwrap_or_default() {
            let mut changed = provision.clone();
            changed.in_force = Some(force);
            add(Some(changed), change, provision.id.span);
        }
    }
    out
}

/// Whether the condition is `never`.
fn is_never(condition: &Condition) -> bool {
    matches!(&condition.kind, ConditionKind::Any(parts) if parts.is_empty())
}

fn shifted(force: InForce) -> Vec<(InForce, String)> {
    let mut out = Vec::new();
    if let Ok(from) = force.from.tomorrow() {
        out.push((InForce { from, ..force }, format!("in force one day later than {}", force.from)));
    }
    if let Some(Ok(until)) = force.until.map(Date::yesterday) {
        out.push((InForce { until: Some(until), ..force }, "in force one day less".to_owned()));
    }
    out
}

/// Every small change inside a condition: a part dropped, a `not` dropped, a number moved by one.
fn variants(condition: &Condition) -> Vec<(Condition, String, Span)> {
    let rebuild = |kind: ConditionKind| Condition { kind, span: condition.span };
    let mut out = Vec::new();
    match &condition.kind {
        ConditionKind::All(parts) | ConditionKind::Any(parts) => {
            let make = |parts: Vec<Condition>| {
                rebuild(if matches!(condition.kind, ConditionKind::All(_)) { ConditionKind::All(parts) } else { ConditionKind::Any(parts) })
            };
            for (position, part) in parts.iter().enumerate() {
                if parts.len() > 1 {
                    let mut fewer = parts.clone();
                    fewer.remove(position);
                    out.push((make(fewer), "one part dropped".to_owned(), part.span));
                }
                for (variant, change, span) in variants(part) {
                    let mut changed = parts.clone();
                    if let Some(slot) = changed.get_mut(position) {
                        *slot = variant;
                    }
                    out.push((make(changed), change, span));
                }
            }
        }
        ConditionKind::Not(inner) => {
            out.push(((**inner).clone(), "a `not` dropped".to_owned(), condition.span));
            for (variant, change, span) in variants(inner) {
                out.push((rebuild(ConditionKind::Not(Box::new(variant))), change, span));
            }
        }
        ConditionKind::Compare(key, comparison, value) => {
            for (value, change) in moved(*value) {
                out.push((rebuild(ConditionKind::Compare(*key, *comparison, value)), change, condition.span));
            }
        }
        ConditionKind::Counter(counter) => {
            for (value, change) in moved(counter.value) {
                let counter = comity_law::ast::Counter { value, ..counter.clone() };
                out.push((rebuild(ConditionKind::Counter(counter)), change, condition.span));
            }
        }
        _ => {}
    }
    out
}

fn moved(value: u64) -> Vec<(u64, String)> {
    let mut out = vec![(value.saturating_add(1), format!("{value} raised by one"))];
    if value > 0 {
        out.push((value - 1, format!("{value} lowered by one")));
    }
    out
}
