// SPDX-License-Identifier: Apache-2.0
//! Facts as columns: each value that a variable takes is stored once, with the outcome of every test on it.
//!
//! A row of a column is a small number, its code. For each code, two strings of bits tell the outcome of each test on
//! the column: `must` where it holds, `may` where it is not excluded. The strings of all columns share words, so that a
//! block of rows is turned into bits, 64 tests at a time.

use crate::formula::{Test, Truth};
use crate::store::{Domain, ItemDay, Store, Variable};
use comity_terms::{Class, vocabulary};
use jiff::civil::Date;
use std::collections::HashMap;

/// A value that a column takes: what is known of the variable, with the days of its items.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Entry {
    domain: Domain,
    /// The items listed, and the day of the flow, where tests look at days.
    items: Option<(Vec<ItemDay>, Date)>,
}

/// The values that one variable takes in all rows seen.
struct Column {
    variable: Variable,
    /// Tests on it, by number in the frame, in the order of their bits.
    tests: Vec<usize>,
    /// Whether a test looks at the days of items.
    dated: bool,
    entries: Vec<Entry>,
    codes: HashMap<Entry, u32>,
    /// For each entry: it is one value of a fact that nobody changes, so that only the tests on it count.
    settled: Vec<bool>,
}

/// The tests of one instrument among those of a piece.
pub(super) struct Mask {
    piece: usize,
    bits: u64,
}

/// The part of a column's tests whose bits stand in one word.
pub(super) struct Piece {
    pub(super) column: usize,
    pub(super) word: usize,
    /// For each code, the bits of `must` and `may` at their place in the word.
    pub(super) bits: Vec<[u64; 2]>,
}

/// All columns of one kind of leg.
#[derive(Default)]
pub(super) struct Columns {
    columns: Vec<Column>,
    by_variable: HashMap<Variable, usize>,
    /// How many tests of the frame have been taken in.
    taken: usize,
    pub(super) pieces: Vec<Piece>,
    /// For each test of the frame: its column, its word and its bit.
    places: Vec<(usize, usize, u32)>,
    words: usize,
}

impl Columns {
    /// How many words the bits of all tests take.
    pub(super) fn words(&self) -> usize {
        self.words
    }

    /// The word and the bit of a test.
    pub(super) fn place(&self, test: usize) -> (usize, u32) {
        self.places.get(test).map_or((0, 0), |(_, word, bit)| (*word, *bit))
    }

    /// The bits of some tests, piece by piece.
    pub(super) fn masks(&self, tests: &[usize]) -> Vec<Mask> {
        let mut masks: Vec<Mask> = Vec::new();
        for (column, word, bit) in tests.iter().filter_map(|test| self.places.get(*test)) {
            let Some(piece) = self.pieces.iter().position(|piece| piece.column == *column && piece.word == *word) else { continue };
            match masks.iter_mut().find(|mask| mask.piece == piece) {
                Some(mask) => mask.bits |= 1 << bit,
                None => masks.push(Mask { piece, bits: 1 << bit }),
            }
        }
        masks
    }

    /// What an instrument can tell of a row: the outcome of its tests, and the value itself where more may hang on it
    /// (what is not known, and what steps start from).
    pub(super) fn facts(&self, masks: &[Mask], codes: &[u32], out: &mut Vec<u64>) {
        for mask in masks {
            let Some(piece) = self.pieces.get(mask.piece) else { continue };
            let code = codes.get(piece.column).copied().unwrap_or(u32::MAX);
            let at = usize::try_from(code).unwrap_or(usize::MAX);
            let [must, may] = piece.bits.get(at).copied().unwrap_or([0, !0]);
            let settled = self.columns.get(piece.column).and_then(|column| column.settled.get(at)).copied().unwrap_or(false);
            // No code is as large as the mark of what is settled.
            out.extend([must & mask.bits, may & mask.bits, if settled { u64::MAX } else { u64::from(code) }]);
        }
    }

    /// Takes in tests that the frame has gained. Codes keep their meaning; the bits wait for [`Self::lay_out`].
    ///
    /// True if there were any.
    pub(super) fn grow(&mut self, tests: &[Test]) -> bool {
        if self.taken == tests.len() {
            return false;
        }
        for (number, test) in tests.iter().enumerate().skip(self.taken) {
            let variable = test.variable();
            let next = self.columns.len();
            let position = *self.by_variable.entry(variable).or_insert(next);
            if position == next {
                self.columns.push(Column {
                    variable,
                    tests: Vec::new(),
                    dated: false,
                    entries: Vec::new(),
                    codes: HashMap::new(),
                    settled: Vec::new(),
                });
            }
            if let Some(column) = self.columns.get_mut(position) {
                column.tests.push(number);
                if matches!(test, Test::Item(..)) && !column.dated {
                    column.dated = true;
                    // An entry without days no longer says enough.
                    column.entries.clear();
                    column.codes.clear();
                    column.settled.clear();
                }
            }
        }
        self.taken = tests.len();
        true
    }

    /// Gives each test a bit: columns with many tests take whole words, what is left over shares words, largest first.
    pub(super) fn lay_out(&mut self, tests: &[Test]) {
        self.pieces.clear();
        self.places = vec![(0, 0, 0); tests.len()];
        let mut pending: Vec<(usize, Vec<usize>)> = Vec::new();
        for (position, column) in self.columns.iter().enumerate() {
            pending.extend(column.tests.chunks(64).map(|chunk| (position, chunk.to_vec())));
        }
        pending.sort_by_key(|(_, chunk)| std::cmp::Reverse(chunk.len()));
        let mut used: Vec<usize> = Vec::new();
        for (column, chunk) in pending {
            let fitting = used.iter().position(|used| used + chunk.len() <= 64);
            let word = fitting.unwrap_or_else(|| {
                used.push(0);
                used.len() - 1
            });
            let Some(start) = used.get_mut(word) else { continue };
            for (offset, test) in chunk.iter().enumerate() {
                if let (Some(place), Ok(bit)) = (self.places.get_mut(*test), u32::try_from(*start + offset)) {
                    *place = (column, word, bit);
                }
            }
            *start += chunk.len();
            self.pieces.push(Piece { column, word, bits: Vec::new() });
        }
        self.words = used.len();
        for piece in 0..self.pieces.len() {
            self.fill(piece, tests);
        }
    }

    /// Computes the bits of the codes that a piece does not have yet.
    fn fill(&mut self, piece: usize, tests: &[Test]) {
        let Some(piece) = self.pieces.get_mut(piece) else { return };
        let Some(column) = self.columns.get(piece.column) else { return };
        for entry in column.entries.iter().skip(piece.bits.len()) {
            let store = column.store(entry);
            let mut bits = [0_u64; 2];
            for number in &column.tests {
                let Some((_, word, bit)) = self.places.get(*number) else { continue };
                if *word != piece.word {
                    continue;
                }
                match tests.get(*number).map_or(Truth::Open, |test| test.truth(&store)) {
                    Truth::True => bits.iter_mut().for_each(|plane| *plane |= 1 << bit),
                    Truth::Open => bits.iter_mut().skip(1).for_each(|plane| *plane |= 1 << bit),
                    Truth::False => {}
                }
            }
            piece.bits.push(bits);
        }
    }

    /// The codes of the facts of a leg, one for each column.
    pub(super) fn codes(&mut self, store: &Store, tests: &[Test]) -> Vec<u32> {
        let mut fresh = false;
        let codes = self
            .columns
            .iter_mut()
            .map(|column| {
                let (code, new) = column.code(store);
                fresh |= new;
                code
            })
            .collect();
        if fresh {
            (0..self.pieces.len()).for_each(|piece| self.fill(piece, tests));
        }
        codes
    }
}

impl Column {
    fn code(&mut self, store: &Store) -> (u32, bool) {
        let domain = store.get(self.variable).copied().unwrap_or(Domain::Range { low: 0, high: u64::MAX });
        let items = match (self.dated, self.variable) {
            (true, Variable::Key(key)) => {
                Some((store.item_days.iter().filter(|item| item.key == key).copied().collect::<Vec<_>>(), store.day))
            }
            _ => None,
        };
        let entry = Entry { domain, items };
        if let Some(code) = self.codes.get(&entry) {
            return (*code, false);
        }
        let code = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.settled.push(self.given() && entry.domain.is_settled());
        self.entries.push(entry.clone());
        self.codes.insert(entry, code);
        (code, true)
    }

    /// Whether no step changes the variable.
    fn given(&self) -> bool {
        match self.variable {
            Variable::Key(key) => vocabulary().key_at(key).is_some_and(|key| key.class == Class::Given),
            Variable::Counter(_) | Variable::Reading(_) => true,
            Variable::ItemDay(_) => false,
        }
    }

    /// A store that knows nothing but an entry of this column.
    fn store(&self, entry: &Entry) -> Store {
        let day = entry.items.as_ref().map_or(Date::MIN, |(_, day)| *day);
        let mut store = Store {
            keys: Vec::new(),
            counters: Vec::new(),
            readings: Vec::new(),
            item_days: entry.items.as_ref().map(|(items, _)| items.clone()).unwrap_or_default(),
            day,
            waiting: false,
            free: Vec::new(),
        };
        let unknown = Domain::Range { low: 0, high: u64::MAX };
        let (list, position) = match self.variable {
            Variable::Key(key) => (&mut store.keys, key.index()),
            Variable::Counter(number) => (&mut store.counters, number),
            Variable::Reading(number) => (&mut store.readings, number),
            Variable::ItemDay(_) => return store,
        };
        list.resize(position + 1, unknown);
        if let Some(slot) = list.last_mut() {
            *slot = entry.domain;
        }
        store
    }
}
