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
use std::collections::{BTreeMap, HashMap};

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
    /// Whether a test looks at the days of items.
    dated: bool,
    entries: Vec<Entry>,
    codes: HashMap<Entry, u32>,
    /// For each entry, a number that entries share which differ in days alone.
    undated: Vec<u32>,
    by_domain: HashMap<Domain, u32>,
    /// For each entry: it is one value of a fact that nobody changes, so that only the tests on it count.
    settled: Vec<bool>,
}

/// The tests of one instrument among those of a piece.
pub(super) struct Mask {
    pub(super) piece: usize,
    bits: u64,
    /// Whether one of them looks at the days of items.
    dated: bool,
}

/// Tests on a column that were taken in together, and whose bits stand in one word.
pub(super) struct Piece {
    pub(super) column: usize,
    pub(super) word: usize,
    /// The numbers of the tests in the frame, in the order of their bits.
    tests: Vec<usize>,
    /// The first bit.
    start: u32,
    /// For each code, the bits of `must` and `may` at their place in the word, or [`UNASKED`].
    bits: Vec<[u64; 2]>,
}

/// Bits that nobody asked for yet: what must hold always may, so no outcome looks like this.
const UNASKED: [u64; 2] = [!0, 0];

/// Where the bit of a test stands.
#[derive(Clone, Copy)]
struct Place {
    piece: usize,
    word: usize,
    bit: u32,
}

/// All columns of one kind of leg.
///
/// A test keeps its bit and a value its code when tests of other days are taken in: what was learnt stays right.
#[derive(Default)]
pub(super) struct Columns {
    columns: Vec<Column>,
    by_variable: HashMap<Variable, usize>,
    pieces: Vec<Piece>,
    /// For each test of the frame that has been taken in.
    places: Vec<Place>,
    /// How many bits of each word are taken.
    used: Vec<u32>,
}

/// The bits of a word.
const WIDTH: u32 = u64::BITS;

impl Columns {
    /// How many words the bits of all tests take.
    pub(super) fn words(&self) -> usize {
        self.used.len()
    }

    /// The word and the bit of a test.
    pub(super) fn place(&self, test: usize) -> (usize, u32) {
        self.places.get(test).map_or((0, 0), |place| (place.word, place.bit))
    }

    /// The column that a test is about.
    pub(super) fn column(&self, test: usize) -> usize {
        self.places.get(test).and_then(|place| self.pieces.get(place.piece)).map_or(0, |piece| piece.column)
    }

    /// The outcome of a test for a code of its column.
    pub(super) fn truth(&mut self, test: usize, code: u32, tests: &[Test]) -> Truth {
        let Some(place) = self.places.get(test).copied() else { return Truth::Open };
        let [must, may] = self.bits(place.piece, code, tests);
        match (must & (1 << place.bit) != 0, may & (1 << place.bit) != 0) {
            (true, _) => Truth::True,
            (false, true) => Truth::Open,
            (false, false) => Truth::False,
        }
    }

    /// The bits of some tests, piece by piece.
    pub(super) fn masks(&self, numbers: &[usize], tests: &[Test]) -> Vec<Mask> {
        let mut masks: Vec<Mask> = Vec::new();
        let mut positions: HashMap<usize, usize> = HashMap::new();
        for number in numbers {
            let Some(place) = self.places.get(*number) else { continue };
            let next = masks.len();
            let position = *positions.entry(place.piece).or_insert(next);
            if position == next {
                masks.push(Mask { piece: place.piece, bits: 0, dated: false });
            }
            if let Some(mask) = masks.get_mut(position) {
                mask.bits |= 1 << place.bit;
                mask.dated |= matches!(tests.get(*number), Some(Test::Item(..)));
            }
        }
        masks
    }

    /// The word in which a piece stands.
    pub(super) fn word(&self, piece: usize) -> usize {
        self.pieces.get(piece).map_or(0, |piece| piece.word)
    }

    /// What an instrument can tell of a row: the outcome of its tests, and the value itself where more may hang on it
    /// (what is not known, and what steps start from).
    pub(super) fn facts(&mut self, masks: &[Mask], codes: &[u32], tests: &[Test], out: &mut Vec<u64>) {
        for mask in masks {
            let Some(piece) = self.pieces.get_mut(mask.piece) else { continue };
            let code = codes.get(piece.column).copied().unwrap_or(u32::MAX);
            let at = usize::try_from(code).unwrap_or(usize::MAX);
            let column = self.columns.get(piece.column);
            let [must, may] = piece.of(column, code, tests);
            let settled = column.and_then(|column| column.settled.get(at)).copied().unwrap_or(false);
            let value = if mask.dated { code } else { column.and_then(|column| column.undated.get(at)).copied().unwrap_or(code) };
            // No code is as large as the mark of what is settled.
            out.extend([must & mask.bits, may & mask.bits, if settled { u64::MAX } else { u64::from(value) }]);
        }
    }

    /// Takes in tests that the frame has gained. Codes and bits keep their meaning.
    ///
    /// True if a column now tells days apart that did not: then its codes are new.
    pub(super) fn grow(&mut self, tests: &[Test]) -> bool {
        let mut recoded = false;
        let mut pending: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (number, test) in tests.iter().enumerate().skip(self.places.len()) {
            let variable = test.variable();
            let next = self.columns.len();
            let position = *self.by_variable.entry(variable).or_insert(next);
            if position == next {
                self.columns.push(Column::new(variable));
            }
            if let Some(column) = self.columns.get_mut(position)
                && matches!(test, Test::Item(..))
                && !column.dated
            {
                // An entry without days no longer says enough.
                recoded |= !column.entries.is_empty();
                *column = Column { dated: true, ..Column::new(variable) };
                self.pieces.iter_mut().filter(|piece| piece.column == position).for_each(|piece| piece.bits.clear());
            }
            pending.entry(position).or_default().push(number);
        }
        self.places.resize(tests.len(), Place { piece: 0, word: 0, bit: 0 });
        self.place_all(pending);
        recoded
    }

    /// Gives each test a bit: columns with many tests take whole words, what is left over shares words, largest first.
    fn place_all(&mut self, pending: BTreeMap<usize, Vec<usize>>) {
        let chunk = usize::try_from(WIDTH).unwrap_or(64);
        let mut chunks: Vec<(usize, Vec<usize>)> = Vec::new();
        for (column, tests) in pending {
            chunks.extend(tests.chunks(chunk).map(|tests| (column, tests.to_vec())));
        }
        chunks.sort_by_key(|(_, tests)| std::cmp::Reverse(tests.len()));
        // Words that were full before are not looked through again; the last of them has room more often than not.
        let open = self.used.len().saturating_sub(1);
        for (column, tests) in chunks {
            let wanted = u32::try_from(tests.len()).unwrap_or(WIDTH);
            let fitting = self.used.iter().enumerate().skip(open).find(|(_, used)| **used + wanted <= WIDTH).map(|(word, _)| word);
            let word = fitting.unwrap_or_else(|| {
                self.used.push(0);
                self.used.len() - 1
            });
            let Some(used) = self.used.get_mut(word) else { continue };
            let start = *used;
            *used += wanted;
            for (test, bit) in tests.iter().zip(start..) {
                if let Some(place) = self.places.get_mut(*test) {
                    *place = Place { piece: self.pieces.len(), word, bit };
                }
            }
            self.pieces.push(Piece { column, word, tests, start, bits: Vec::new() });
        }
    }

    /// The bits of `must` and `may` of a piece for a code, at their place in the word.
    fn bits(&mut self, piece: usize, code: u32, tests: &[Test]) -> [u64; 2] {
        let Some(piece) = self.pieces.get_mut(piece) else { return [0, !0] };
        piece.of(self.columns.get(piece.column), code, tests)
    }

    /// Adds the bits of a piece to the words of some rows.
    pub(super) fn add(&mut self, piece: usize, rows: &[&[u32]], tests: &[Test], must: &mut [u64; 64], may: &mut [u64; 64]) {
        let Some(piece) = self.pieces.get_mut(piece) else { return };
        let column = self.columns.get(piece.column);
        for ((row, must), may) in rows.iter().zip(must).zip(may) {
            let code = row.get(piece.column).copied().unwrap_or(u32::MAX);
            let [yes, open] = piece.of(column, code, tests);
            *must |= yes;
            *may |= open;
        }
    }

    /// The codes of the facts of a leg, one for each column.
    pub(super) fn codes(&mut self, store: &Store) -> Vec<u32> {
        self.columns.iter_mut().map(|column| column.code(store)).collect()
    }
}

impl Piece {
    /// The bits for a code, computed where they were not asked for before.
    #[inline]
    fn of(&mut self, column: Option<&Column>, code: u32, tests: &[Test]) -> [u64; 2] {
        let at = usize::try_from(code).unwrap_or(usize::MAX);
        match self.bits.get(at) {
            Some(known) if *known != UNASKED => *known,
            _ => self.compute(column, at, tests),
        }
    }

    #[cold]
    fn compute(&mut self, column: Option<&Column>, at: usize, tests: &[Test]) -> [u64; 2] {
        let Some((column, entry)) = column.and_then(|column| Some((column, column.entries.get(at)?))) else { return [0, !0] };
        let store = column.store(entry);
        let mut bits = [0_u64; 2];
        for (number, bit) in self.tests.iter().zip(self.start..) {
            match tests.get(*number).map_or(Truth::Open, |test| test.truth(&store)) {
                Truth::True => bits.iter_mut().for_each(|plane| *plane |= 1 << bit),
                Truth::Open => bits.iter_mut().skip(1).for_each(|plane| *plane |= 1 << bit),
                Truth::False => {}
            }
        }
        if at >= self.bits.len() {
            self.bits.resize(column.entries.len(), UNASKED);
        }
        if let Some(slot) = self.bits.get_mut(at) {
            *slot = bits;
        }
        bits
    }
}

impl Column {
    fn new(variable: Variable) -> Self {
        Self {
            variable,
            dated: false,
            entries: Vec::new(),
            codes: HashMap::new(),
            undated: Vec::new(),
            by_domain: HashMap::new(),
            settled: Vec::new(),
        }
    }

    fn code(&mut self, store: &Store) -> u32 {
        let domain = store.get(self.variable).copied().unwrap_or(Domain::Range { low: 0, high: u64::MAX });
        let items = match (self.dated, self.variable) {
            (true, Variable::Key(key)) => {
                Some((store.item_days.iter().filter(|item| item.key == key).copied().collect::<Vec<_>>(), store.day))
            }
            _ => None,
        };
        let entry = Entry { domain, items };
        if let Some(code) = self.codes.get(&entry) {
            return *code;
        }
        let code = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.settled.push(self.given() && entry.domain.is_settled());
        self.undated.push(*self.by_domain.entry(domain).or_insert(code));
        self.entries.push(entry.clone());
        self.codes.insert(entry, code);
        code
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
            renewed: Vec::new(),
            day,
            waiting: Truth::False,
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
