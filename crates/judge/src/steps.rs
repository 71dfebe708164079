// SPDX-License-Identifier: Apache-2.0
//! Which steps would repair a flow: for each mechanism that is open, a set from which nothing can be left out.

use crate::change::Change;
use crate::finding::Missing;
use crate::formula::{Formula, Truth};
use crate::program::Program;
use crate::solve::Solver;
use crate::store::{Domain, Store, Variable};
use comity_law::ast::Effect;
use comity_terms::{Bits, Class};

impl<'a> Solver<'_, 'a> {
    /// The ways to repair a store that fails (or may fail) under a program.
    pub(crate) fn missing(&self, program: &Program<'a>, store: &Store) -> Vec<Missing> {
        let wide = self.widened_for_advice(store);
        let mut found: Vec<Missing> = Vec::new();
        let restricted =
            program.restricts.is_empty() || program.restricts.iter().any(|gate| self.value(gate.formula, store) != Truth::False);
        for gate in program.permits.iter().filter(|_| restricted) {
            let Some(target) = gate.carried else { continue };
            let Some(changes) = self.changes(target, store, &wide) else { continue };
            if changes.is_empty() || self.undoes(program, store, &changes) {
                continue;
            }
            let carries = self.value(gate.formula, store) == Truth::True;
            let aim = if carries { self.failing_gate(program, store) } else { None };
            let (aim, provision, cites) = aim.unwrap_or_else(|| {
                let mechanism = gate.mechanism.map_or("", |mechanism| self.frame.words.id(mechanism)).to_owned();
                (mechanism, gate.provision.id.text.clone(), gate.provision.cites.clone())
            });
            self.note(&mut found, Missing { aim, provision, steps: self.frame.paths(&changes, store), cites });
        }
        if found.is_empty()
            && let Some(changes) = self.changes(program.lawful, store, &wide)
            && !changes.is_empty()
        {
            let gate = self.failing_gate(program, store);
            let (aim, provision, cites) = gate.unwrap_or_else(|| ("unrestricted".to_owned(), String::new(), Vec::new()));
            self.note(&mut found, Missing { aim, provision, steps: self.frame.paths(&changes, store), cites });
        }
        found
    }

    /// Whether the changes close a mechanism that holds or may hold. A derogation that asks for the lack of a safeguard
    /// could be opened by spoiling the safeguard; nobody is advised to do that.
    fn undoes(&self, program: &Program<'a>, store: &Store, changes: &[Change]) -> bool {
        let after = self.frame.applied(store, changes);
        program
            .permits
            .iter()
            .any(|gate| self.value(gate.formula, store) != Truth::False && self.value(gate.formula, &after) == Truth::False)
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
            if self.value(target, &self.frame.applied(store, &fewer)) == Truth::True {
                changes = fewer;
            } else {
                position += 1;
            }
        }
        (self.value(target, &self.frame.applied(store, &changes)) == Truth::True).then_some(changes)
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
        changes.extend(reached.renewed.iter().filter(|(.., again)| *again).map(|(key, term, _)| Change::Renew(*key, *term)));
        if reached.waiting == Truth::True {
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
}
