// SPDX-License-Identifier: Apache-2.0
//! Changes of controllable facts: what they do to a store, and how they are written as steps.

use crate::compile::Frame;
use crate::formula::Truth;
use crate::store::{Domain, Store, Variable, YES};
use comity_terms::{Bits, Class, Key, KeyId, KeyKind};

/// One change of a controllable fact.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Change {
    /// Another value.
    Set(KeyId, Domain),
    /// One more member.
    Add(KeyId, u16),
    /// Obtain an item again, so that there is one dated from now on.
    Renew(KeyId, u16),
    /// Let time pass before the flow starts.
    Wait,
}

impl Frame<'_> {
    /// The store after the changes.
    pub(crate) fn applied(&self, store: &Store, changes: &[Change]) -> Store {
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
                Change::Renew(key, index) => next.renewed.push((*key, *index, true)),
                Change::Wait => next.waiting = Truth::True,
            }
        }
        self.settle(&mut next, changes);
        next
    }

    /// Makes parts and wholes agree after a change: who states a result has made an assessment.
    fn settle(&self, store: &mut Store, changes: &[Change]) {
        let words = self.words;
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
        self.words.find(scheme, "none").is_some_and(|none| *domain == Domain::One(Bits::single(none.index())))
    }

    /// Steps as key paths, with `+value` where a value is added.
    pub(crate) fn paths(&self, changes: &[Change], store: &Store) -> Vec<String> {
        let words = self.words;
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
        let words = self.words;
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
