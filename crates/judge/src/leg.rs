// SPDX-License-Identifier: Apache-2.0
//! The legs of a flow, and the facts of each.
//!
//! The first leg goes from the exporter to the importer. Each later recipient makes one more leg, on which `importer.*`
//! is that recipient, `sender.*` is whoever hands on, and contracts and measures are the recipient's own;
//! everything else stays the flow's.

use crate::compile::Frame;
use crate::store::{Domain, ItemDay, Store, Variable};
use comity_clock::{Length, before};
use comity_flow::{Flow, Sender, Value};
use comity_terms::{Bits, KeyId, Vocabulary};
use jiff::civil::Date;

/// One leg of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leg {
    /// From the exporter to the importer.
    First,
    /// To the later recipient with this number.
    Onward(usize),
}

impl Leg {
    pub(crate) fn all(flow: &Flow) -> impl Iterator<Item = Self> {
        std::iter::once(Self::First).chain((0..flow.onward.len()).map(Self::Onward))
    }

    /// The name shown in answers, such as `exporter>importer`.
    pub(crate) fn name(self, flow: &Flow) -> String {
        let Self::Onward(number) = self else { return "exporter>importer".to_owned() };
        let recipient = |number: usize| {
            flow.onward
                .get(number)
                .map(|entry| entry.name.clone())
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| format!("onward[{}]", number + 1))
        };
        let from = match flow.onward.get(number).map(|entry| &entry.from) {
            Some(Sender::Onward(earlier)) => recipient(*earlier),
            _ => "importer".to_owned(),
        };
        format!("{from}>{}", recipient(number))
    }

    /// The facts of the leg.
    pub(crate) fn store(self, flow: &Flow, frame: &Frame, fixed: &[(String, String, String)]) -> Store {
        self.store_on(flow, frame, frame.day, fixed)
    }

    /// The facts of the leg on a day that the frame serves.
    pub(crate) fn store_on(self, flow: &Flow, frame: &Frame, day: Date, fixed: &[(String, String, String)]) -> Store {
        let words = frame.words;
        let mut store = Store::unknown(words, day);
        for (key, value) in &flow.facts {
            put(&mut store, *key, value);
        }
        let mut items: Vec<&comity_flow::Item> = flow.items.iter().collect();
        match self {
            Self::First => {
                copy(&mut store, words, "exporter.seat", "sender.seat");
                copy(&mut store, words, "exporter.role", "sender.role");
                put_path(&mut store, words, "onward", &Value::Flag(false));
            }
            Self::Onward(number) => self.recipient(flow, number, &mut store, words, &mut items),
        }
        store.item_days = items.iter().filter_map(|item| item_day(item, day)).collect();
        // What one count says of another counts for the finer ones too.
        store.propagate();
        // A counter that nothing here asks for is left open: were it contradictory, that would be nobody's concern.
        let asked = |number| frame.only.is_none() || frame.asks(Variable::Counter(number));
        let counters = frame.counters.iter().enumerate().map(|(number, spec)| match asked(number) {
            true => counter(flow, &store, words, spec, day),
            false => Domain::Range { low: 0, high: u64::MAX },
        });
        store.counters = counters.collect();
        store.readings = frame
            .readings
            .iter()
            .map(|reading| {
                let chosen = fixed.iter().find(|(instrument, id, _)| *instrument == reading.instrument && *id == reading.id);
                let index = chosen.and_then(|(_, _, option)| reading.options.iter().position(|known| known == option));
                Domain::One(
                    index.map_or(Bits::first(reading.options.len()), |index| Bits::single(u16::try_from(index).unwrap_or(u16::MAX))),
                )
            })
            .collect();
        // A contradiction in the file itself is refused when it is read; here it would leave no value, which the solver reports.
        store.propagate();
        store
    }

    fn recipient<'f>(self, flow: &'f Flow, number: usize, store: &mut Store, words: &Vocabulary, items: &mut Vec<&'f comity_flow::Item>) {
        let Some(entry) = flow.onward.get(number) else { return };
        let facts_of = |sender: &Sender| match sender {
            Sender::Importer => &flow.facts,
            Sender::Onward(earlier) => flow.onward.get(*earlier).map_or(&flow.facts, |entry| &entry.facts),
        };
        let sender = facts_of(&entry.from);
        for (from, to) in [("importer.seat", "sender.seat"), ("importer.role", "sender.role")] {
            if let Some(value) = words.key(from).and_then(|key| sender.get(&key)) {
                put_path(store, words, to, value);
            }
        }
        for key in words.keys().iter().filter(|key| key.path.starts_with("importer.")) {
            if let Some(id) = words.key(&key.path) {
                store.set(Variable::Key(id), Domain::all(words, key.kind));
            }
        }
        for (key, value) in &entry.facts {
            put(store, *key, value);
        }
        if let Some(purpose) = entry.purpose {
            put_path(store, words, "purpose.of", &Value::Many(purpose));
        }
        put_path(store, words, "onward", &Value::Flag(true));
        // Contracts and measures are the recipient's own: what the first importer signed binds nobody behind it.
        for path in ["safeguards.contracts", "safeguards.measures"] {
            let Some(key) = words.key(path) else { continue };
            let own = entry.items.iter().filter(|item| item.key == key).map(|item| item.term.index()).collect();
            put(store, key, &Value::Many(own));
            items.retain(|item| item.key != key);
        }
        items.extend(&entry.items);
    }
}

fn put(store: &mut Store, key: KeyId, value: &Value) {
    if let Some(domain) = Domain::stated(value) {
        store.set(Variable::Key(key), domain);
    }
}

fn put_path(store: &mut Store, words: &Vocabulary, path: &str, value: &Value) {
    if let Some(key) = words.key(path) {
        put(store, key, value);
    }
}

fn copy(store: &mut Store, words: &Vocabulary, from: &str, to: &str) {
    if let (Some(from), Some(to)) = (words.key(from), words.key(to))
        && let Some(domain) = store.get(Variable::Key(from)).copied()
    {
        store.set(Variable::Key(to), domain);
    }
}

/// The day of an item in place on the day of the flow.
fn item_day(item: &comity_flow::Item, day: Date) -> Option<ItemDay> {
    let started = item.on.is_none_or(|on| on <= day);
    let ended = item.until.is_some_and(|until| until <= day);
    (started && !ended).then(|| ItemDay {
        key: item.key,
        term: item.term.index(),
        low: item.on.unwrap_or(Date::MIN),
        high: item.on.unwrap_or(day),
    })
}

/// What the flow says of a finer counter: the `[[subjects.counts]]` that covers it, else `subjects.count_12_months`.
fn counter(flow: &Flow, store: &Store, words: &Vocabulary, spec: &crate::compile::CounterSpec, day: Date) -> Domain {
    let start = before(day, Length::Months(spec.months)).unwrap_or(Date::MIN);
    // The day after the start of the window still covers it: "in the last twelve months" is counted from either.
    let start_next = start.tomorrow().unwrap_or(start);
    let mut bounds: Option<(u64, u64)> = None;
    for entry in flow.counts.iter().filter(|entry| entry.unit == spec.unit && entry.of.meets(&spec.of)) {
        // A count over a longer time bounds from above, one over a shorter time from below; without a day it is of the window.
        let reaches_back = entry.since.is_none_or(|since| since <= start_next);
        let no_older = entry.since.is_none_or(|since| since >= start);
        let low = if no_older { entry.at_least } else { 0 };
        let high = if reaches_back { entry.at_most.unwrap_or(u64::MAX) } else { u64::MAX };
        let (low_before, high_before) = bounds.unwrap_or((0, u64::MAX));
        bounds = Some((low.max(low_before), high.min(high_before)));
    }
    if let Some((low, high)) = bounds {
        return Domain::Range { low, high };
    }
    words
        .key("subjects.count_12_months")
        .and_then(|key| store.get(Variable::Key(key)).copied())
        .unwrap_or(Domain::Range { low: 0, high: u64::MAX })
}
