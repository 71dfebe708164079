// SPDX-License-Identifier: Apache-2.0
//! Which steps would repair a flow: for each mechanism that is open, a set from which nothing can be left out.

use crate::finding::Missing;
use crate::formula::{Formula, Truth};
use crate::program::Program;
use crate::solve::Solver;
use crate::store::{Domain, Store, Variable, YES};
use comity_law::ast::Effect;
use comity_terms::{Bits, Class, Key, KeyId, KeyKind};

/// One change of a controllable fact.
#[derive(Clone, Debug, PartialEq)]
enum Change {
    /// Another value.
    Set(KeyId, Domain),
    /// One more member.
    Add(KeyId, u16),
    /// Obtain an item again, so that it is dated from now on.
    Renew(KeyId, u16),
    /// Let time pass before the flow starts.
    Wait,
}

impl<'a> Solver<'_, 'a> {
    /// The ways to repair a store that fails (or may fail) under a program.
    pub(crate) fn missing(&self, program: &Program<'a>, store: &Store) -> Vec<Missing> {
        let wide = self.widened_for_advice(store);
        let mut found: Vec<Missing> = Vec::new();
        let restricted = program.restricts.is_empty() || program.restricts.iter().any(|gate| self.value(gate.formula, store) != Truth::False);
        for gate in program.permits.iter().filter(|_| restricted) {
            let Some(target) = gate.carried else { continue };
            let Some(changes) = self.changes(target, store, &wide) else { continue };
            if changes.is_empty() {
                continue;
            }
            let carries = self.value(gate.formula, store) == Truth::True;
            let aim = if carries { self.failing_gate(program, store) } else { None };
            let (aim, provision, cites) = aim.unwrap_or_else(|| {
                let mechanism = gate.mechanism.map_or("", |mechanism| self.frame.words.id(mechanism)).to_owned();
                (mechanism, gate.provision.id.text.clone(), gate.provision.cites.clone())
            });
            self.note(&mut found, Missing { aim, provision, steps: self.paths(&changes, store), cites });
        }
        if found.is_empty()
            && let Some(changes) = self.changes(program.lawful, store, &wide)
            && !changes.is_empty()
        {
            let gate = self.failing_gate(program, store);
            let (aim, provision, cites) = gate.unwrap_or_else(|| ("unrestricted".to_owned(), String::new(), Vec::new()));
            self.note(&mut found, Missing { aim, provision, steps: self.paths(&changes, store), cites });
        }
        found
    }

    /// Keeps a way unless another with the same aim needs no more.
    fn note(&self, found: &mut Vec<Missing>, new: Missing) {
        let covers = |a: &Missing, b: &Missing| a.aim == b.aim && a.steps.iter().all(|step| b.steps.contains(step));
        if found.iter().any(|known| covers(known, &new)) {
            return;
        }
        found.retain(|known| !covers(&new, known));
        found.push(new);
    }

    /// The first block that holds, or requirement that is not met.
    fn failing_gate(&self, program: &Program<'a>, store: &Store) -> Option<(String, String, Vec<String>)> {
        let blocked = program.forbids.iter().filter(|gate| self.value(gate.formula, store) != Truth::False);
        let unmet = program.requires.iter().filter(|gate| self.value(gate.formula, store) != Truth::True);
        let gate = blocked.chain(unmet).next()?;
        let aim = match &gate.provision.effect {
            Effect::Forbid(Some(mechanism)) | Effect::Require(Some(mechanism)) => self.frame.words.id(*mechanism).to_owned(),
            _ => gate.provision.id.text.clone(),
        };
        let mut cites = gate.provision.cites.clone();
        cites.extend(gate.provision.clauses.iter().flat_map(|clause| clause.cites.iter().cloned()));
        Some((aim, gate.provision.id.text.clone(), cites))
    }

    /// Changes that make the target hold whatever the unknown facts, with none that could be left out.
    fn changes(&self, target: Formula, store: &Store, wide: &Store) -> Option<Vec<Change>> {
        let reached = self.attain(target, wide)?;
        let mut changes = self.difference(store, &reached);
        // Big changes first, so that what falls away is the least natural step.
        let mut position = 0;
        while position < changes.len() {
            let mut fewer = changes.clone();
            fewer.remove(position);
            if self.value(target, &self.applied(store, &fewer)) == Truth::True {
                changes = fewer;
            } else {
                position += 1;
            }
        }
        (self.value(target, &self.applied(store, &changes)) == Truth::True).then_some(changes)
    }

    fn applied(&self, store: &Store, changes: &[Change]) -> Store {
        let mut next = store.clone();
        for change in changes {
            match change {
                Change::Set(key, domain) => next.set(Variable::Key(*key), *domain),
                Change::Add(key, index) => {
                    if let Some(Domain::Many { yes, open }) = next.get(Variable::Key(*key)).copied() {
                        let one = Bits::single(*index);
                        next.set(Variable::Key(*key), Domain::Many { yes: yes.or(&one), open: open.minus(&one) });
                    }
                }
                Change::Renew(key, index) => next.item_days.retain(|item| item.key != *key || item.term != *index),
                Change::Wait => next.waiting = true,
            }
        }
        self.settle(&mut next, changes);
        next
    }

    /// Makes parts and wholes agree after a change: who states a result has made an assessment.
    fn settle(&self, store: &mut Store, changes: &[Change]) {
        let words = self.frame.words;
        for whole in ["safeguards.assessment", "safeguards.consent"] {
            let Some(whole_key) = words.key(whole) else { continue };
            let touched = changes.iter().any(|change| match change {
                Change::Set(key, _) => words.key_at(*key).is_some_and(|key| key.path.starts_with(whole)),
                _ => false,
            });
            if !touched {
                continue;
            }
            store.set(Variable::Key(whole_key), Domain::flag(true));
            for key in words.keys().iter().filter(|key| key.path.starts_with(whole) && key.path != whole) {
                let Some(id) = words.key(&key.path) else { continue };
                let stated = changes.iter().any(|change| matches!(change, Change::Set(changed, _) if *changed == id));
                let none = store.get(Variable::Key(id)).is_some_and(|domain| self.is_none(key, domain));
                if !stated && none {
                    store.set(Variable::Key(id), Domain::all(words, key.kind));
                }
            }
        }
        store.propagate();
    }

    fn is_none(&self, key: &Key, domain: &Domain) -> bool {
        let KeyKind::One(scheme) = key.kind else { return false };
        self.frame.words.find(scheme, "none").is_some_and(|none| *domain == Domain::One(Bits::single(none.index())))
    }

    fn difference(&self, store: &Store, reached: &Store) -> Vec<Change> {
        let words = self.frame.words;
        let mut changes = Vec::new();
        for (position, key) in words.keys().iter().enumerate().filter(|(_, key)| key.class != Class::Given) {
            let (Some(before), Some(after), Some(id)) = (store.keys.get(position), reached.keys.get(position), words.key(&key.path)) else {
                continue;
            };
            match (before, after) {
                (Domain::Many { yes: before, .. }, Domain::Many { yes: after, open }) if key.class == Class::Design => {
                    let kept = before.and(&after.or(open)).or(after);
                    if kept != *before {
                        let value = if kept.is_empty() { self.home(open, store) } else { kept };
                        changes.push(Change::Set(id, Domain::Many { yes: value, open: Bits::EMPTY }));
                    }
                }
                (Domain::Many { yes: before, .. }, Domain::Many { yes: after, .. }) => {
                    changes.extend(after.minus(before).iter().map(|index| Change::Add(id, index)));
                }
                (Domain::One(before), Domain::One(after)) if !before.within(after) => {
                    // Among values that all serve, one that the flow leaves possible.
                    if let Some(index) = before.and(after).lowest().or(after.lowest()) {
                        changes.push(Change::Set(id, Domain::One(Bits::single(index))));
                    }
                }
                (Domain::Range { low, .. }, Domain::Range { low: floor, high }) if low < floor || low > high => {
                    changes.push(Change::Set(id, Domain::Range { low: *floor, high: *floor }));
                }
                _ => {}
            }
        }
        for item in store.item_days.iter().filter(|item| reached.is_free(Variable::Key(item.key))) {
            let renewal = Change::Renew(item.key, item.term);
            if !changes.contains(&renewal) {
                changes.push(renewal);
            }
        }
        if reached.waiting {
            changes.push(Change::Wait);
        }
        changes
    }

    /// A place to keep data in where the old ones will not do: the exporter's own, if allowed.
    fn home(&self, open: &Bits, store: &Store) -> Bits {
        let seat = self.frame.words.key("exporter.seat").and_then(|key| match store.get(Variable::Key(key)) {
            Some(Domain::One(seat)) if seat.len() == 1 && seat.meets(open) => Some(*seat),
            _ => None,
        });
        seat.unwrap_or_else(|| open.lowest().map_or(Bits::EMPTY, Bits::single))
    }

    /// Steps as key paths, with `+value` where a value is added.
    fn paths(&self, changes: &[Change], store: &Store) -> Vec<String> {
        let words = self.frame.words;
        let onward = words
            .key("onward")
            .and_then(|key| store.get(Variable::Key(key)))
            .is_some_and(|domain| *domain == Domain::One(Bits::single(YES)));
        let mut paths: Vec<String> = Vec::new();
        for change in changes {
            let path = match change {
                Change::Wait => "on".to_owned(),
                Change::Add(key, index) | Change::Renew(key, index) => {
                    let Some(key) = words.key_at(*key) else { continue };
                    let KeyKind::Many(scheme) = key.kind else { continue };
                    format!("{}+{}", recipient(&key.path, onward), words.id_at(scheme, *index))
                }
                Change::Set(id, domain) => {
                    let Some(key) = words.key_at(*id) else { continue };
                    self.set_path(key, *id, domain, store, onward)
                }
            };
            if !paths.contains(&path) {
                paths.push(path);
            }
        }
        paths
    }

    fn set_path(&self, key: &Key, id: KeyId, domain: &Domain, store: &Store, onward: bool) -> String {
        let words = self.frame.words;
        // An assessment that was never made is one step, whatever must come out of it.
        let made = words.key("safeguards.assessment").and_then(|key| store.get(Variable::Key(key)));
        if key.path.starts_with("safeguards.assessment") && made == Some(&Domain::flag(false)) {
            return "safeguards.assessment".to_owned();
        }
        let path = recipient(&key.path, onward);
        match (key.kind, domain, store.get(Variable::Key(id))) {
            (KeyKind::Many(scheme), Domain::Many { yes, .. }, Some(Domain::Many { yes: before, .. })) if key.class == Class::Design => {
                let added: Vec<&str> = yes.minus(before).iter().map(|index| words.id_at(scheme, index)).collect();
                if added.is_empty() { path } else { format!("{path}+{}", added.join("+")) }
            }
            _ => path,
        }
    }
}

/// On an onward leg the recipient's keys stand under `[[onward]]`.
fn recipient(path: &str, onward: bool) -> String {
    if !onward {
        return path.to_owned();
    }
    match path.split_once('.') {
        Some(("importer", rest)) => format!("onward.{rest}"),
        Some(("safeguards", rest @ ("contracts" | "measures"))) => format!("onward.{rest}"),
        _ => path.to_owned(),
    }
}
