// SPDX-License-Identifier: Apache-2.0
//! Small changes of a case towards what a provision asks: the flows among which a witness is looked for.

use crate::lines::Lines;
use comity_flow::Value;
use comity_law::ast::{Case, CaseFact, CaseValue, Clause, Condition, ConditionKind, Effect, Instrument, Name, Provision};
use comity_law::{Library, Span};
use comity_terms::{KeyId, KeyKind, Scheme, Term, vocabulary};
use jiff::civil::Date;

/// How many changes are tried at most on one case.
const CHANGES: usize = 240;

/// How many of them are also tried in pairs.
const PAIRED: usize = 60;

/// One change of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// Another day of the flow.
    Day(Date),
    /// Another value of a fact.
    Fact(KeyId, CaseValue),
    /// Another value of a fact of the later recipients.
    Onward(KeyId, CaseValue),
    /// A later recipient that is no more than a name and a place.
    Recipient(Term, Term),
    /// A reading fixed.
    Reading(Name, Name),
}

impl Change {
    /// Whether both settle the same fact, so that the second would undo the first.
    pub(crate) fn same_fact(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Fact(one, _), Self::Fact(two, _)) | (Self::Onward(one, _), Self::Onward(two, _)) => one == two,
            (Self::Day(_), Self::Day(_)) | (Self::Recipient(..), Self::Recipient(..)) => true,
            (Self::Reading(one, _), Self::Reading(two, _)) => one.text == two.text,
            _ => false,
        }
    }
}

/// How many of the facts that the changes touch a case states itself.
pub(crate) fn stated(case: &Case, changes: &[Change]) -> usize {
    let touched = |key: &KeyId| changes.iter().any(|change| matches!(change, Change::Fact(other, _) if other == key));
    case.facts.iter().filter(|fact| matches!(fact, CaseFact::Value(key, _) if touched(key))).count()
}

/// The case with a change.
pub(crate) fn changed(case: &Case, change: &Change) -> Case {
    let words = vocabulary();
    let mut next = case.clone();
    match change {
        Change::Day(day) => next.on = Some(*day),
        Change::Reading(reading, option) => next.readings.push((reading.clone(), option.clone())),
        Change::Fact(key, value) => {
            next.facts.retain(|fact| !matches!(fact, CaseFact::Value(known, _) if known == key));
            next.facts.push(CaseFact::Value(*key, value.clone()));
        }
        Change::Onward(key, value) => {
            for fact in &mut next.facts {
                if let CaseFact::Onward(values) = fact {
                    values.retain(|(known, _)| known != key);
                    values.push((*key, value.clone()));
                }
            }
        }
        Change::Recipient(seat, role) => {
            let one = |term: &Term| CaseValue::Terms(vec![(*term, None)]);
            let facts = [
                ("importer.seat", one(seat)),
                ("importer.role", one(role)),
                ("importer.type", CaseValue::Terms(Vec::new())),
                ("importer.certified", CaseValue::Terms(Vec::new())),
                ("importer.subject_to", CaseValue::Terms(Vec::new())),
                ("importer.group", CaseValue::Flag(false)),
                ("importer.reads_clear_text", CaseValue::Flag(true)),
                ("importer.same_legal_entity", CaseValue::Flag(false)),
            ];
            let facts = facts.into_iter().filter_map(|(path, value)| Some((words.key(path)?, value)));
            next.facts.push(CaseFact::Onward(facts.collect()));
        }
    }
    next
}

/// The changes worth trying on a case, the likeliest first, and how many of them are worth trying in pairs.
///
/// First what the changed clause asks, then the rest of the provision, then what the mechanisms it speaks of ask.
pub(crate) fn changes(
    library: &Library,
    instrument: &Instrument,
    provision: &Provision,
    span: Span,
    case: &Case,
    day: Date,
) -> (Vec<Change>, usize) {
    let with = |keep: &dyn Fn(&Clause) -> bool| {
        let clauses = provision.clauses.iter().filter(|clause| keep(clause)).cloned().collect();
        Lines::of_provision(library, instrument, &Provision { clauses, ..provision.clone() }, day)
    };
    let inside = |clause: &Clause| clause.condition.span.start <= span.start && span.end <= clause.condition.span.end;
    let own = |clause: &Clause| !speaks_of_mechanisms(&clause.condition);
    let mut all = Vec::new();
    collect(library, &with(&|clause| inside(clause) && own(clause)), case, &mut all);
    collect(library, &with(&own), case, &mut all);
    if provision.effect == Effect::Onward {
        all.extend(recipients(case));
    }
    if provision.clauses.is_empty() {
        collect(library, &Lines::of(library, instrument, day), case, &mut all);
    }
    let paired = all.len().min(PAIRED);
    collect(library, &with(&|_| true), case, &mut all);
    all.truncate(CHANGES);
    (all, paired)
}

fn speaks_of_mechanisms(condition: &Condition) -> bool {
    match &condition.kind {
        ConditionKind::All(parts) | ConditionKind::Any(parts) => parts.iter().any(speaks_of_mechanisms),
        ConditionKind::Not(inner) => speaks_of_mechanisms(inner),
        ConditionKind::Mechanisms(..) => true,
        _ => false,
    }
}

fn collect(library: &Library, lines: &Lines, case: &Case, all: &mut Vec<Change>) {
    let words = vocabulary();
    let mut add = |change: Change| {
        if !all.contains(&change) {
            all.push(change);
        }
    };
    lines.days.iter().take(12).for_each(|day| add(Change::Day(*day)));
    for (owner, id) in &lines.readings {
        let reading = library.instrument(owner).and_then(|owner| owner.readings.iter().find(|reading| reading.id.text == *id));
        for (reading, option) in reading.into_iter().flat_map(|reading| reading.options.iter().map(move |option| (reading, option))) {
            add(Change::Reading(reading.id.clone(), option.id.clone()));
        }
    }
    let hops = case.facts.iter().any(|fact| matches!(fact, CaseFact::Onward(_)));
    for key in &lines.keys {
        let Some(path) = words.key_at(*key).map(|key| key.path.as_str()) else { continue };
        if path == "onward" {
            recipients(case).into_iter().for_each(&mut add);
        }
        let own = path.starts_with("importer.") || path == "safeguards.contracts" || path == "safeguards.measures";
        for value in values(lines, *key) {
            if hops && own {
                add(Change::Onward(*key, value.clone()));
            }
            add(Change::Fact(*key, value));
        }
    }
}

/// Later recipients worth trying on a case that has none: one is outside most unions of states, one inside.
fn recipients(case: &Case) -> Vec<Change> {
    let words = vocabulary();
    let role = words.key("importer.role").and_then(|key| words.key_at(key)).and_then(|key| match key.kind {
        KeyKind::One(scheme) => words.find(scheme, "processor"),
        _ => None,
    });
    if case.facts.iter().any(|fact| matches!(fact, CaseFact::Onward(_))) {
        return Vec::new();
    }
    let seats = ["IN", "FR"].into_iter().filter_map(|id| words.find(Scheme::Place, id));
    seats.flat_map(|seat| role.map(|role| Change::Recipient(seat, role))).collect()
}

/// Values worth trying: single members of sets and some pairs, not all their subsets.
fn values(lines: &Lines, key: KeyId) -> Vec<CaseValue> {
    let words = vocabulary();
    let Some(kind) = words.key_at(key).filter(|key| key.path != "onward" && !key.path.starts_with("sender.")).map(|key| key.kind) else {
        return Vec::new();
    };
    let term = |scheme, index| words.term_at(scheme, index).map(|term: Term| (term, None));
    match kind {
        KeyKind::Flag => vec![CaseValue::Flag(true), CaseValue::Flag(false)],
        KeyKind::One(scheme) => {
            lines.classes(key, scheme).into_iter().filter_map(|index| Some(CaseValue::Terms(vec![term(scheme, index)?]))).collect()
        }
        KeyKind::Many(scheme) => {
            let classes: Vec<_> = lines.classes(key, scheme).into_iter().filter_map(|index| term(scheme, index)).collect();
            let mut all = vec![CaseValue::Terms(Vec::new())];
            all.extend(classes.iter().map(|one| CaseValue::Terms(vec![*one])));
            for (position, first) in classes.iter().enumerate().take(5) {
                all.extend(classes.iter().skip(position + 1).take(5).map(|second| CaseValue::Terms(vec![*first, *second])));
            }
            all
        }
        KeyKind::Count => match lines.values(key) {
            Some(values) => values
                .into_iter()
                .filter_map(|value| if let Value::Count(count) = value { Some(CaseValue::Count(count)) } else { None })
                .collect(),
            None => Vec::new(),
        },
        KeyKind::Day => Vec::new(),
    }
}
