// SPDX-License-Identifier: Apache-2.0
//! The definition of the semantics: a plain reading of an instrument on a complete flow.
//!
//! Two-valued, one clause after another, no search and no sharing. It is slow and it is right: what the solver says of a
//! flow with unknown facts is tested against what this says of all its completions.
//! It does not tell `incomplete` from `prohibited`, which needs a search for steps.

use comity_clock::before;
use comity_flow::{Flow, Value};
use comity_law::Library;
use comity_law::ast::{
    Age, ClauseKind, Comparison, Condition, ConditionKind, Effect, Instrument, MechanismState, Provision, Quantity, TermSet,
};
use comity_terms::{Bits, Class, KeyId, Term, vocabulary};
use jiff::civil::Date;

/// What an instrument says of a complete flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Nothing in it restricts the flow.
    Unrestricted,
    /// A mechanism carries it.
    Permitted,
    /// It fails: `incomplete` or `prohibited`.
    Fails,
}

/// A fact that the definition needed and the flow does not state, or a reading that is not fixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotComplete(pub String);

/// A complete flow, read on its first leg.
pub struct Reader<'a> {
    /// The library.
    pub library: &'a Library,
    /// The flow.
    pub flow: &'a Flow,
    /// The day of the flow.
    pub day: Date,
    /// The day of the knowledge.
    pub known: Date,
    /// Fixed readings: instrument, reading, option.
    pub readings: &'a [(String, String, String)],
}

type Answer = Result<bool, NotComplete>;

impl<'a> Reader<'a> {
    /// The outcome under an instrument.
    ///
    /// # Errors
    ///
    /// If a fact that is looked at is not stated.
    pub fn outcome(&self, instrument: &'a Instrument) -> Result<Outcome, NotComplete> {
        if !instrument.in_force_on(self.day, self.known)
            || !self.some(instrument, |effect| *effect == Effect::Applies)?
            || self.some(instrument, |effect| *effect == Effect::Outside)?
        {
            return Ok(Outcome::Unrestricted);
        }
        if self.some(instrument, |effect| matches!(effect, Effect::Forbid(_)))? {
            return Ok(Outcome::Fails);
        }
        if !self.some(instrument, |effect| *effect == Effect::Restrict)? {
            return Ok(Outcome::Unrestricted);
        }
        for provision in self.in_force(instrument).filter(|provision| matches!(provision.effect, Effect::Require(_))) {
            if self.conditions(instrument, provision)? && !self.needs(instrument, provision)? {
                return Ok(Outcome::Fails);
            }
        }
        let carried = self.some(instrument, |effect| matches!(effect, Effect::Permit(_)))?;
        Ok(if carried { Outcome::Permitted } else { Outcome::Fails })
    }

    fn in_force(&self, instrument: &'a Instrument) -> impl Iterator<Item = &'a Provision> {
        instrument.provisions.iter().filter(|provision| instrument.holds(provision, self.day, self.known))
    }

    fn some(&self, instrument: &'a Instrument, keep: impl Fn(&Effect) -> bool) -> Answer {
        for provision in self.in_force(instrument).filter(|provision| keep(&provision.effect)) {
            if self.holds(instrument, provision)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn holds(&self, instrument: &'a Instrument, provision: &'a Provision) -> Answer {
        Ok(self.conditions(instrument, provision)? && self.needs(instrument, provision)?)
    }

    fn needs(&self, instrument: &'a Instrument, provision: &'a Provision) -> Answer {
        self.every(provision.clauses.iter().filter(|clause| clause.kind == ClauseKind::Needs), |clause| {
            self.is(instrument, &clause.condition)
        })
    }

    /// Every `when`, no `unless`, no exception.
    fn conditions(&self, instrument: &'a Instrument, provision: &'a Provision) -> Answer {
        for clause in &provision.clauses {
            let wanted = match clause.kind {
                ClauseKind::When => true,
                ClauseKind::Unless => false,
                ClauseKind::Needs => continue,
            };
            if self.is(instrument, &clause.condition)? != wanted {
                return Ok(false);
            }
        }
        for exception in self.in_force(instrument) {
            if let Effect::Exception(targets) = &exception.effect
                && targets.iter().any(|target| target.text == provision.id.text)
                && self.holds(instrument, exception)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn every<T>(&self, items: impl Iterator<Item = T>, test: impl Fn(T) -> Answer) -> Answer {
        for item in items {
            if !test(item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is(&self, instrument: &'a Instrument, condition: &'a Condition) -> Answer {
        match &condition.kind {
            ConditionKind::All(parts) => self.every(parts.iter(), |part| self.is(instrument, part)),
            ConditionKind::Any(parts) => Ok(!self.every(parts.iter(), |part| Ok(!self.is(instrument, part)?))?),
            ConditionKind::Not(inner) => Ok(!self.is(instrument, inner)?),
            ConditionKind::Flag(key) => Ok(*self.fact(*key)? == Value::Flag(true)),
            ConditionKind::In(key, set) => match self.fact(*key)? {
                Value::One(term) => Ok(self.set(set).contains(*term)),
                _ => Ok(false),
            },
            ConditionKind::Meets(key, set) | ConditionKind::Item(key, set, None) => Ok(self.many(*key)?.meets(&self.set(set))),
            ConditionKind::Within(key, set) => Ok(self.many(*key)?.within(&self.set(set))),
            ConditionKind::Empty(key) => Ok(self.many(*key)?.is_empty()),
            ConditionKind::Several(key, number, set) => {
                let found = self.many(*key)?.and(&self.set(set)).len();
                Ok(found >= usize::try_from(*number).unwrap_or(usize::MAX))
            }
            ConditionKind::Compare(key, comparison, value) => match self.fact(*key)? {
                Value::Count(count) => Ok(compare(*count, *comparison, *value)),
                _ => Ok(false),
            },
            ConditionKind::Counter(counter) => {
                let key = vocabulary().key("subjects.count_12_months").ok_or_else(|| NotComplete("subjects.count_12_months".to_owned()))?;
                match self.fact(key)? {
                    Value::Count(count) => Ok(compare(*count, counter.comparison, counter.value)),
                    _ => Ok(false),
                }
            }
            ConditionKind::Item(key, set, Some(age)) => self.dated(*key, set, *age),
            ConditionKind::Definition(name) => {
                let versions =
                    self.in_force(instrument).filter(|provision| provision.effect == Effect::Define && provision.id.text == name.text);
                Ok(!self.every(versions, |version| Ok(!self.holds(instrument, version)?))?)
            }
            ConditionKind::Instrument(name) => match self.library.instrument(&name.text) {
                Some(other) => self.some(other, |effect| *effect == Effect::Serves),
                None => Ok(false),
            },
            ConditionKind::Recognition(party, kind) => self.recognizes(instrument, *party, kind),
            ConditionKind::Mechanisms(quantity, names, state) => {
                let mut any = false;
                for provision in self.in_force(instrument) {
                    let named = names.iter().any(|name| name.text == provision.id.text) && matches!(provision.effect, Effect::Permit(_));
                    if named && *state == MechanismState::Satisfied {
                        any |= self.holds(instrument, provision)?;
                    } else if named {
                        any |= self.could_hold(instrument, provision, true)?;
                    }
                }
                Ok(any == (*quantity == Quantity::Any))
            }
            ConditionKind::Reading(reading, option) => {
                let fixed = self.readings.iter().find(|(id, name, _)| *id == instrument.id.text && *name == reading.text);
                fixed.map(|(.., chosen)| *chosen == option.text).ok_or_else(|| NotComplete(format!("reading:{}", reading.text)))
            }
        }
    }

    /// Whether a provision could be made to hold, or not to, each controllable fact going the way that suits.
    fn could_hold(&self, instrument: &'a Instrument, provision: &'a Provision, want: bool) -> Answer {
        let mut parts = Vec::new();
        for clause in &provision.clauses {
            let demand = clause.kind != ClauseKind::Unless;
            parts.push(self.could_be(instrument, &clause.condition, demand == want)?);
        }
        for exception in self.in_force(instrument) {
            if matches!(&exception.effect, Effect::Exception(targets) if targets.iter().any(|target| target.text == provision.id.text)) {
                parts.push(self.could_hold(instrument, exception, !want)?);
            }
        }
        Ok(if want { parts.iter().all(|part| *part) } else { parts.iter().any(|part| *part) })
    }

    /// Whether a condition could be made true (or, with `want` false, false).
    fn could_be(&self, instrument: &'a Instrument, condition: &'a Condition, want: bool) -> Answer {
        let controllable = |key: &KeyId| vocabulary().key_at(*key).is_some_and(|key| key.class != Class::Given);
        match &condition.kind {
            ConditionKind::All(parts) | ConditionKind::Any(parts) => {
                let all = matches!(condition.kind, ConditionKind::All(_)) == want;
                let mut answers = Vec::new();
                for part in parts {
                    answers.push(self.could_be(instrument, part, want)?);
                }
                Ok(if all { answers.iter().all(|answer| *answer) } else { answers.iter().any(|answer| *answer) })
            }
            ConditionKind::Not(inner) => self.could_be(instrument, inner, !want),
            ConditionKind::Item(key, _, Some(Age::Before(date))) if controllable(key) && *date <= self.day => {
                Ok(self.is(instrument, condition)? == want)
            }
            ConditionKind::Flag(key)
            | ConditionKind::In(key, _)
            | ConditionKind::Meets(key, _)
            | ConditionKind::Within(key, _)
            | ConditionKind::Empty(key)
            | ConditionKind::Several(key, ..)
            | ConditionKind::Compare(key, ..)
            | ConditionKind::Item(key, ..)
                if controllable(key) =>
            {
                Ok(true)
            }
            ConditionKind::Definition(name) => {
                let versions =
                    self.in_force(instrument).filter(|provision| provision.effect == Effect::Define && provision.id.text == name.text);
                self.one_of(versions, instrument, want)
            }
            ConditionKind::Instrument(name) => match self.library.instrument(&name.text) {
                Some(other) => self.one_of(self.in_force(other).filter(|provision| provision.effect == Effect::Serves), other, want),
                None => Ok(!want),
            },
            ConditionKind::Recognition(party, kind) => {
                let mut answers = Vec::new();
                for row in
                    self.library.recognitions.iter().filter(|row| row.by == *party && row.kind == *kind && row.holds(self.day, self.known))
                {
                    let here = self.seat().is_some_and(|seat| row.of.on(vocabulary(), self.day).contains(seat));
                    let scope = match &row.scope {
                        Some(scope) => self.could_be(instrument, scope, want)?,
                        None => want,
                    };
                    answers.push(if want { here && scope } else { !here || scope });
                }
                Ok(if want { answers.iter().any(|answer| *answer) } else { answers.iter().all(|answer| *answer) })
            }
            ConditionKind::Mechanisms(quantity, names, MechanismState::Satisfied) => {
                let permits = self.in_force(instrument).filter(|provision| {
                    names.iter().any(|name| name.text == provision.id.text) && matches!(provision.effect, Effect::Permit(_))
                });
                self.one_of(permits, instrument, want == (*quantity == Quantity::Any))
            }
            _ => Ok(self.is(instrument, condition)? == want),
        }
    }

    fn one_of(&self, provisions: impl Iterator<Item = &'a Provision>, instrument: &'a Instrument, want: bool) -> Answer {
        let mut answers = Vec::new();
        for provision in provisions {
            answers.push(self.could_hold(instrument, provision, want)?);
        }
        Ok(if want { answers.iter().any(|answer| *answer) } else { answers.iter().all(|answer| *answer) })
    }

    fn seat(&self) -> Option<Term> {
        match vocabulary().key("importer.seat").and_then(|key| self.flow.facts.get(&key)) {
            Some(Value::One(seat)) => Some(*seat),
            _ => None,
        }
    }

    fn recognizes(&self, instrument: &'a Instrument, party: Term, kind: &str) -> Answer {
        let Some(seat) = self.seat() else {
            return Err(NotComplete("importer.seat".to_owned()));
        };
        for row in self.library.recognitions.iter().filter(|row| row.by == party && row.kind == kind && row.holds(self.day, self.known)) {
            let scope = match &row.scope {
                Some(scope) if row.of.on(vocabulary(), self.day).contains(seat) => self.is(instrument, scope)?,
                _ => true,
            };
            if scope && row.of.on(vocabulary(), self.day).contains(seat) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn dated(&self, key: KeyId, set: &TermSet, age: Age) -> Answer {
        let set = self.set(set);
        let in_place = self.many(key)?;
        let items = self.flow.items.iter().filter(|item| item.key == key && set.contains(item.term) && in_place.contains(item.term));
        for item in items {
            let on = item.on.ok_or_else(|| NotComplete(format!("the day of {}", vocabulary().id(item.term))))?;
            let ago = |period| crate::compile::length(period).and_then(|length| before(self.day, length));
            let fits = match age {
                Age::Before(date) => on < date,
                Age::From(date) => on >= date,
                Age::AtLeast(period) => ago(period).is_none_or(|latest| on <= latest),
                Age::Within(period) => ago(period).is_none_or(|earliest| on >= earliest),
            };
            if fits {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn fact(&self, key: KeyId) -> Result<&Value, NotComplete> {
        let words = vocabulary();
        let path = words.key_at(key).map_or("", |key| key.path.as_str());
        if path == "onward" {
            return Ok(&Value::Flag(false));
        }
        let key = match path {
            "sender.seat" => words.key("exporter.seat").unwrap_or(key),
            "sender.role" => words.key("exporter.role").unwrap_or(key),
            _ => key,
        };
        self.flow.facts.get(&key).ok_or_else(|| NotComplete(path.to_owned()))
    }

    fn many(&self, key: KeyId) -> Result<Bits, NotComplete> {
        match self.fact(key)? {
            Value::Many(set) => Ok(*set),
            _ => Ok(Bits::EMPTY),
        }
    }

    fn set(&self, set: &TermSet) -> Bits {
        let words = vocabulary();
        let mut all = set.on(words, self.day);
        for row in self.library.recognitions.iter().filter(|row| set.recognized_by.contains(&row.by)) {
            if row.kind == "adequacy" && row.scope.is_none() && row.holds(self.day, self.known) {
                all = all.or(&row.of.on(words, self.day));
            }
        }
        all
    }
}

fn compare(count: u64, comparison: Comparison, value: u64) -> bool {
    match comparison {
        Comparison::AtLeast => count >= value,
        Comparison::MoreThan => count > value,
        Comparison::LessThan => count < value,
        Comparison::AtMost => count <= value,
        Comparison::Equal => count == value,
    }
}

/// The keys that stand for what nobody changes or for how a flow is built: those that may be unknown.
pub fn askable() -> impl Iterator<Item = KeyId> {
    let words = vocabulary();
    words.keys().iter().filter(|key| matches!(key.class, Class::Given | Class::Design)).filter_map(|key| words.key(&key.path))
}
