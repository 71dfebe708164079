// SPDX-License-Identifier: Apache-2.0
//! What is known of the facts of one leg: for each variable, the values that are still possible.
//!
//! A fact that is not stated and a fact that a step may change look the same here: several values are possible.
//! The difference is who picks: a verdict asks about *all* completions of unknown facts, and whether *some* change of
//! controllable facts repairs the flow. See [`crate::solve`].

use crate::formula::Truth;
use comity_flow::Value;
use comity_terms::{Bits, KeyId, KeyKind, Vocabulary, vocabulary};
use jiff::civil::Date;

/// The flag values as indices of a set.
pub(crate) const NO: u16 = 0;
pub(crate) const YES: u16 = 1;

/// The values that a variable may still take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Domain {
    /// One of these: terms of a scheme, options of a reading, or [`NO`] and [`YES`].
    One(Bits),
    /// A set that has all of `yes`, and may have any of `open`.
    Many { yes: Bits, open: Bits },
    /// A number between these, both included.
    Range { low: u64, high: u64 },
}

impl Domain {
    /// Every value of a key.
    pub(crate) fn all(words: &Vocabulary, kind: KeyKind) -> Self {
        match kind {
            KeyKind::Flag => Self::One(Bits::first(2)),
            KeyKind::One(scheme) => Self::One(words.all(scheme)),
            KeyKind::Many(scheme) => Self::Many { yes: Bits::EMPTY, open: words.all(scheme) },
            KeyKind::Count | KeyKind::Day => Self::Range { low: 0, high: u64::MAX },
        }
    }

    /// One stated value.
    pub(crate) fn stated(value: &Value) -> Option<Self> {
        match value {
            Value::Flag(flag) => Some(Self::flag(*flag)),
            Value::Count(count) => Some(Self::Range { low: *count, high: *count }),
            Value::One(term) => Some(Self::One(Bits::single(term.index()))),
            Value::Many(set) => Some(Self::Many { yes: *set, open: Bits::EMPTY }),
            Value::Day(_) => None,
        }
    }

    pub(crate) fn flag(flag: bool) -> Self {
        Self::One(Bits::single(if flag { YES } else { NO }))
    }

    /// Whether it is one value.
    pub(crate) fn is_settled(&self) -> bool {
        match self {
            Self::One(candidates) => candidates.len() == 1,
            Self::Many { open, .. } => open.is_empty(),
            Self::Range { low, high } => low == high,
        }
    }

    /// Whether no value is left.
    pub(crate) fn is_void(&self) -> bool {
        match self {
            Self::One(candidates) => candidates.is_empty(),
            Self::Many { .. } => false,
            Self::Range { low, high } => low > high,
        }
    }
}

/// The day of an item of a safeguard list, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ItemDay {
    pub(crate) key: KeyId,
    pub(crate) term: u16,
    /// The earliest possible day.
    pub(crate) low: Date,
    /// The latest possible day.
    pub(crate) high: Date,
}

/// A variable of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Variable {
    /// A key of the flow.
    Key(KeyId),
    /// A finer counter, by its number in the frame.
    Counter(usize),
    /// A reading, by its number in the frame.
    Reading(usize),
    /// The day of an item, by its number in the store.
    ItemDay(usize),
}

/// The facts of one leg.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pub(crate) keys: Vec<Domain>,
    pub(crate) counters: Vec<Domain>,
    pub(crate) readings: Vec<Domain>,
    pub(crate) item_days: Vec<ItemDay>,
    /// Items in place of which it is settled whether a step obtains them again, so that beside the old one there is one
    /// dated from now on.
    pub(crate) renewed: Vec<(KeyId, u16, bool)>,
    /// The day of the flow.
    pub(crate) day: Date,
    /// Whether time passes before the flow starts; open where a step can still let it pass.
    pub(crate) waiting: Truth,
    /// The keys that a step may change: none, but in a store that has been widened.
    pub(crate) free: Vec<bool>,
}

/// Keys that hang together, looked up once.
pub(crate) struct Linked {
    count: Option<KeyId>,
    count_12_months: Option<KeyId>,
    count_this_year: Option<KeyId>,
    sensitive_this_year: Option<KeyId>,
    assessment: Option<KeyId>,
    assessment_parts: Vec<(KeyId, u16)>,
    consent: Option<KeyId>,
    consent_parts: Vec<KeyId>,
}

impl Linked {
    fn of(words: &Vocabulary) -> Self {
        let part = |path: &str| {
            let key = words.key(path)?;
            let KeyKind::One(scheme) = words.key_at(key)?.kind else { return None };
            Some((key, words.find(scheme, "none")?.index()))
        };
        Self {
            count: words.key("subjects.count"),
            count_12_months: words.key("subjects.count_12_months"),
            count_this_year: words.key("subjects.count_this_year"),
            sensitive_this_year: words.key("subjects.sensitive_count_this_year"),
            assessment: words.key("safeguards.assessment"),
            assessment_parts: ["safeguards.assessment.kind", "safeguards.assessment.result"].iter().filter_map(|path| part(path)).collect(),
            consent: words.key("safeguards.consent"),
            consent_parts: words
                .keys()
                .iter()
                .filter(|key| key.path.starts_with("safeguards.consent."))
                .filter_map(|key| words.key(&key.path))
                .collect(),
        }
    }
}

static LINKED: std::sync::LazyLock<Linked> = std::sync::LazyLock::new(|| Linked::of(vocabulary()));

impl Store {
    /// A store in which nothing is known.
    pub(crate) fn unknown(words: &Vocabulary, day: Date) -> Self {
        Self {
            keys: words.keys().iter().map(|key| Domain::all(words, key.kind)).collect(),
            counters: Vec::new(),
            readings: Vec::new(),
            item_days: Vec::new(),
            renewed: Vec::new(),
            day,
            waiting: Truth::False,
            free: Vec::new(),
        }
    }

    pub(crate) fn get(&self, variable: Variable) -> Option<&Domain> {
        match variable {
            Variable::Key(key) => self.keys.get(key.index()),
            Variable::Counter(number) => self.counters.get(number),
            Variable::Reading(number) => self.readings.get(number),
            Variable::ItemDay(_) => None,
        }
    }

    pub(crate) fn set(&mut self, variable: Variable, domain: Domain) {
        let slot = match variable {
            Variable::Key(key) => self.keys.get_mut(key.index()),
            Variable::Counter(number) => self.counters.get_mut(number),
            Variable::Reading(number) => self.readings.get_mut(number),
            Variable::ItemDay(_) => None,
        };
        if let Some(slot) = slot {
            *slot = domain;
        }
    }

    /// Whether a step may change the variable.
    pub(crate) fn is_free(&self, variable: Variable) -> bool {
        matches!(variable, Variable::Key(key) if self.free.get(key.index()).copied().unwrap_or(false))
    }

    /// Whether an item in place is obtained again; open where a step can still do so.
    pub(crate) fn obtained_again(&self, key: KeyId, term: u16) -> Truth {
        match self.renewed.iter().find(|(known, index, _)| (*known, *index) == (key, term)) {
            Some((.., again)) => Truth::of(*again),
            None if self.is_free(Variable::Key(key)) => Truth::Open,
            None => Truth::False,
        }
    }

    pub(crate) fn with(&self, variable: Variable, domain: Domain) -> Self {
        let mut next = self.clone();
        next.set(variable, domain);
        next
    }

    /// Draws the consequences of what the vocabulary makes consistent; false if nothing consistent is left.
    ///
    /// Counts that include others are at least as large; an assessment that was not made has no result;
    /// consent that was not obtained has no qualities.
    pub(crate) fn propagate(&mut self) -> bool {
        let linked = &*LINKED;
        self.at_most(linked.count, linked.count_12_months);
        self.at_most(linked.sensitive_this_year, linked.count_this_year);
        self.parts_of_assessment(linked);
        self.parts_of_consent(linked);
        !self.is_void()
    }

    /// Whether what is stated contradicts itself, so that some variable has no value left.
    pub(crate) fn is_void(&self) -> bool {
        self.keys.iter().chain(&self.counters).chain(&self.readings).any(Domain::is_void)
    }

    fn range(&self, key: Option<KeyId>) -> Option<(u64, u64)> {
        match self.keys.get(key?.index())? {
            Domain::Range { low, high } => Some((*low, *high)),
            _ => None,
        }
    }

    /// `less <= more`.
    fn at_most(&mut self, less: Option<KeyId>, more: Option<KeyId>) {
        let (Some((low, high)), Some((more_low, more_high))) = (self.range(less), self.range(more)) else { return };
        if let Some(key) = less {
            self.set(Variable::Key(key), Domain::Range { low, high: high.min(more_high) });
        }
        if let Some(key) = more {
            self.set(Variable::Key(key), Domain::Range { low: more_low.max(low), high: more_high });
        }
    }

    fn candidates(&self, key: KeyId) -> Bits {
        match self.keys.get(key.index()) {
            Some(Domain::One(candidates)) => *candidates,
            _ => Bits::EMPTY,
        }
    }

    fn parts_of_assessment(&mut self, linked: &Linked) {
        let Some(made) = linked.assessment else { return };
        for (part, none) in &linked.assessment_parts {
            if !self.candidates(*part).has(*none) {
                self.keep(made, YES);
            }
            if self.candidates(*part) == Bits::single(*none) {
                self.keep(made, NO);
            }
        }
        let made = self.candidates(made);
        for (part, none) in &linked.assessment_parts {
            if made == Bits::single(NO) {
                self.keep(*part, *none);
            } else if made == Bits::single(YES) {
                let mut rest = self.candidates(*part);
                rest.remove(*none);
                self.set(Variable::Key(*part), Domain::One(rest));
            }
        }
    }

    fn parts_of_consent(&mut self, linked: &Linked) {
        let Some(obtained) = linked.consent else { return };
        for part in &linked.consent_parts {
            if self.candidates(*part) == Bits::single(YES) {
                self.keep(obtained, YES);
            }
        }
        if self.candidates(obtained) == Bits::single(NO) {
            for part in &linked.consent_parts {
                self.keep(*part, NO);
            }
        }
    }

    fn keep(&mut self, key: KeyId, index: u16) {
        let rest = self.candidates(key).and(&Bits::single(index));
        self.set(Variable::Key(key), Domain::One(rest));
    }
}
