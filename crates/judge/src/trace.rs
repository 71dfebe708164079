// SPDX-License-Identifier: Apache-2.0
//! The derivation: every provision with its clauses, the facts they looked at, and what they rest on.

use crate::compile::Frame;
use crate::finding::{ClauseTrace, Trace};
use crate::formula::{Evaluation, Formula, Test, Truth};
use crate::store::{Domain, Store, Variable, YES};
use comity_law::ast::{Clause, ClauseKind, Condition, ConditionKind, Effect, Instrument, Provision, SourceStatus};
use comity_terms::{Class, KeyKind, Vocabulary};

/// Formulas compiled for the derivation, in step with the provisions they belong to.
pub(crate) struct Plan<'a> {
    instrument: &'a Instrument,
    provision: &'a Provision,
    formula: Formula,
    /// The tests of acts and grants in the formula.
    safeguards: Vec<usize>,
    clauses: Vec<ClausePlan<'a>>,
    exceptions: Vec<Plan<'a>>,
}

/// A clause of a plan.
struct ClausePlan<'a> {
    clause: &'a Clause,
    formula: Formula,
    supports: Vec<Support>,
    /// The condition in the instrument's words.
    text: String,
    /// The variables that the formula looks at, with their names, in the order in which it does.
    variables: Vec<(Variable, String)>,
}

/// A row or another instrument that a clause rests on where it holds.
struct Support {
    formula: Formula,
    cites: Vec<String>,
    recalled: bool,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(frame: &mut Frame<'a>, instrument: &'a Instrument, provision: &'a Provision, depth: usize) -> Self {
        let formula = match provision.effect {
            Effect::Require(_) => frame.requirement(instrument, provision),
            _ => frame.provision(instrument, provision),
        };
        let text = frame.library.source(provision.source).map_or("", |source| &*source.text);
        let clauses = provision
            .clauses
            .iter()
            .map(|clause| {
                let formula = frame.condition(instrument, &clause.condition);
                let mut supports = Vec::new();
                support(frame, instrument, &clause.condition, &mut supports, 0);
                let span = clause.condition.span;
                let text = text.get(span.start..span.end).unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ");
                ClausePlan { clause, formula, supports, text, variables: variables(frame, formula) }
            })
            .collect();
        let exceptions = if depth > 8 {
            Vec::new()
        } else {
            let exceptions = frame.exceptions(instrument, &provision.id.text);
            exceptions.into_iter().map(|exception| Self::new(frame, instrument, exception, depth + 1)).collect()
        };
        let mut safeguards = Vec::new();
        frame.formulas.tests(formula, &mut safeguards);
        safeguards.retain(|number| frame.tests.get(*number).is_some_and(|test| is_of_safeguard(frame, test)));
        Self { instrument, provision, formula, safeguards, clauses, exceptions }
    }

    /// Whether it is the plan of a provision.
    pub(crate) fn is_of(&self, provision: &Provision) -> bool {
        std::ptr::eq(self.provision, provision)
    }

    /// The tests of acts and grants that the provision asks for.
    pub(crate) fn safeguards<'f>(&'f self, frame: &'f Frame) -> impl Iterator<Item = &'f Test> {
        self.safeguards.iter().filter_map(|number| frame.tests.get(*number))
    }

    /// The derivation of the provision in a store.
    pub(crate) fn trace(&self, frame: &Frame, now: &Evaluation) -> Trace {
        let clauses = self
            .clauses
            .iter()
            .map(|plan| {
                let mut cites = plan.clause.cites.clone();
                for support in plan.supports.iter().filter(|support| now.value(support.formula) == Truth::True) {
                    cites.extend(support.cites.iter().cloned());
                }
                let facts = plan.variables.iter();
                ClauseTrace {
                    kind: plan.clause.kind,
                    text: plan.text.clone(),
                    truth: now.value(plan.formula),
                    facts: facts.filter_map(|(variable, name)| Some((name.clone(), value(frame, *variable, now.store())?))).collect(),
                    cites,
                }
            })
            .collect();
        Trace {
            id: self.provision.id.text.clone(),
            effect: self.provision.effect.word(),
            truth: now.value(self.formula),
            cites: self.provision.cites.clone(),
            status: self.instrument.status_of(self.provision),
            note: self.provision.note.clone(),
            clauses,
            exceptions: self.exceptions.iter().map(|exception| exception.trace(frame, now)).collect(),
        }
    }

    /// The citations of a provision that holds, with those of what its clauses rest on, and the recalled ones among them.
    pub(crate) fn cites(&self, now: &Evaluation, cites: &mut Vec<String>, recalled: &mut Vec<String>) {
        let own = self.instrument.status_of(self.provision) == SourceStatus::Recalled;
        for cite in &self.provision.cites {
            push(cites, cite);
            if own {
                push(recalled, cite);
            }
        }
        for plan in &self.clauses {
            let holds = now.value(plan.formula) == Truth::True;
            if plan.clause.kind == ClauseKind::Unless && !holds {
                continue;
            }
            plan.clause.cites.iter().for_each(|cite| push(cites, cite));
            for support in plan.supports.iter().filter(|support| now.value(support.formula) == Truth::True) {
                for cite in &support.cites {
                    push(cites, cite);
                    if support.recalled {
                        push(recalled, cite);
                    }
                }
            }
        }
    }

    /// Whether every condition of the provision holds, its needs left aside.
    pub(crate) fn due(&self, now: &Evaluation) -> bool {
        let mut conditions = self.clauses.iter().filter(|plan| plan.clause.kind != ClauseKind::Needs);
        conditions.all(|plan| (plan.clause.kind == ClauseKind::Unless) != (now.value(plan.formula) == Truth::True))
            && !self.exceptions.iter().any(|exception| now.value(exception.formula) == Truth::True)
    }

    /// The conditions that fail on given facts, in the instrument's words.
    pub(crate) fn failing(&self, now: &Evaluation) -> Vec<String> {
        let mut out = Vec::new();
        for plan in &self.clauses {
            let truth = now.value(plan.formula);
            let fails = match plan.clause.kind {
                ClauseKind::When => truth == Truth::False,
                ClauseKind::Unless => truth == Truth::True,
                ClauseKind::Needs => false,
            };
            if fails {
                let word = if plan.clause.kind == ClauseKind::Unless { "unless" } else { "when" };
                out.push(format!("{word} {}", plan.text));
            }
        }
        for exception in self.exceptions.iter().filter(|exception| now.value(exception.formula) == Truth::True) {
            out.push(format!("exception {} ({})", exception.provision.id.text, exception.provision.cites.join(", ")));
        }
        out
    }
}

fn is_of_safeguard(frame: &Frame, test: &Test) -> bool {
    let Variable::Key(key) = test.variable() else { return false };
    frame.words.key_at(key).is_some_and(|key| matches!(key.class, Class::Act | Class::Grant))
}

pub(crate) fn push(list: &mut Vec<String>, item: &str) {
    if !item.is_empty() && !list.iter().any(|known| known == item) {
        list.push(item.to_owned());
    }
}

/// Collects rows of tables and provisions of other instruments that a condition may rest on.
fn support(frame: &mut Frame, instrument: &Instrument, condition: &Condition, out: &mut Vec<Support>, depth: usize) {
    if depth > 8 {
        return;
    }
    match &condition.kind {
        ConditionKind::All(parts) | ConditionKind::Any(parts) => {
            parts.iter().for_each(|part| support(frame, instrument, part, out, depth));
        }
        ConditionKind::Definition(name) => {
            let holding: Vec<&Provision> = instrument
                .provisions
                .iter()
                .filter(|provision| provision.effect == Effect::Define && provision.id.text == name.text)
                .filter(|provision| instrument.holds(provision, frame.day, frame.known))
                .collect();
            for definition in holding {
                let formula = frame.provision(instrument, definition);
                let recalled = instrument.status_of(definition) == SourceStatus::Recalled;
                out.push(Support { formula, cites: definition.cites.clone(), recalled });
                definition.clauses.iter().for_each(|clause| support(frame, instrument, &clause.condition, out, depth + 1));
            }
        }
        ConditionKind::Recognition(party, kind) => {
            for (row, formula) in frame.recognitions(instrument, *party, kind) {
                out.push(Support { formula, cites: vec![row.cite.clone()], recalled: row.status == SourceStatus::Recalled });
            }
        }
        ConditionKind::Instrument(name) => {
            let Some(other) = frame.library.instrument(&name.text) else { return };
            for serves in other.provisions.iter().filter(|provision| provision.effect == Effect::Serves) {
                if other.holds(serves, frame.day, frame.known) {
                    let formula = frame.provision(other, serves);
                    let recalled = other.status_of(serves) == SourceStatus::Recalled;
                    out.push(Support { formula, cites: serves.cites.clone(), recalled });
                }
            }
        }
        _ => {}
    }
}

/// The variables that a formula looks at, with their names.
fn variables(frame: &Frame, formula: Formula) -> Vec<(Variable, String)> {
    let mut numbers = Vec::new();
    frame.formulas.tests(formula, &mut numbers);
    let mut seen: Vec<(Variable, String)> = Vec::new();
    for number in numbers {
        if let Some(variable) = frame.tests.get(number).map(Test::variable)
            && !seen.iter().any(|(known, _)| *known == variable)
        {
            seen.push((variable, frame.name(variable)));
        }
    }
    seen
}

/// The key path of a variable, or `reading:id`.
pub(crate) fn name(frame: &Frame, variable: Variable, store: &Store) -> String {
    match variable {
        Variable::ItemDay(position) => match store.item_days.get(position).map(|item| frame.name(Variable::Key(item.key))) {
            Some(list) if list == "safeguards.contracts" => "safeguards.contracts_signed_on".to_owned(),
            Some(list) => list,
            None => String::new(),
        },
        other => frame.name(other),
    }
}

impl Frame<'_> {
    /// The name of a variable that is the same in all stores.
    fn name(&self, variable: Variable) -> String {
        match variable {
            Variable::Key(key) => self.words.key_at(key).map_or(String::new(), |key| key.path.clone()),
            Variable::Counter(_) => "subjects.counts".to_owned(),
            Variable::Reading(number) => format!("reading:{}", self.readings.get(number).map_or("", |reading| reading.id.as_str())),
            Variable::ItemDay(_) => String::new(),
        }
    }
}

fn value(frame: &Frame, variable: Variable, store: &Store) -> Option<String> {
    let words = frame.words;
    let kind = match variable {
        Variable::Key(key) => words.key_at(key)?.kind,
        Variable::Counter(_) => KeyKind::Count,
        Variable::Reading(number) => {
            let reading = frame.readings.get(number)?;
            return Some(match store.get(variable)? {
                Domain::One(options) if options.len() == 1 => {
                    options.lowest().and_then(|index| reading.options.get(usize::from(index))).cloned()?
                }
                _ => "open".to_owned(),
            });
        }
        Variable::ItemDay(_) => return None,
    };
    Some(in_words(words, kind, store.get(variable)?))
}

fn in_words(words: &Vocabulary, kind: KeyKind, domain: &Domain) -> String {
    let unknown = || "not stated".to_owned();
    match (kind, domain) {
        (KeyKind::Flag, Domain::One(candidates)) if candidates.len() == 1 => {
            (if candidates.has(YES) { "true" } else { "false" }).to_owned()
        }
        (KeyKind::One(scheme), Domain::One(candidates)) if candidates.len() == 1 => {
            candidates.lowest().map_or_else(unknown, |index| words.id_at(scheme, index).to_owned())
        }
        (KeyKind::Many(scheme), Domain::Many { yes, open }) if open.is_empty() => {
            if yes.is_empty() {
                "none".to_owned()
            } else {
                yes.iter().map(|index| words.id_at(scheme, index)).collect::<Vec<_>>().join(", ")
            }
        }
        (_, Domain::Range { low, high }) if low == high => low.to_string(),
        (_, Domain::Range { low, high }) if *high == u64::MAX && *low > 0 => format!("at least {low}"),
        (_, Domain::Range { low: 0, high }) if *high < u64::MAX => format!("at most {high}"),
        (_, Domain::Range { low, high }) if *high < u64::MAX => format!("{low} to {high}"),
        _ => unknown(),
    }
}
