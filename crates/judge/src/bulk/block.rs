// SPDX-License-Identifier: Apache-2.0
//! A block of rows as bits: for each test and each step, where it must hold and where it may.
//!
//! Strong Kleene logic on two bits: a value is true where both are set, false where neither is, and not decided where
//! only `may` is. One operation on a word is one operation on 64 rows.

use super::code::{Code, Input, Kind, Step};
use super::columns::Columns;
use crate::formula::{Test, Truth};
use std::collections::BTreeMap;
use std::ops::Range;

/// Words of 64 rows in a block.
const WORDS: usize = 4;

/// Rows in a block.
pub(super) const ROWS: usize = WORDS * 64;

/// One bit for each row of a block.
pub(super) type Lane = [u64; WORDS];

/// Where something must hold, and where it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) must: Lane,
    pub(super) may: Lane,
}

impl Pair {
    const FALSE: Self = Self { must: [0; WORDS], may: [0; WORDS] };
    const TRUE: Self = Self { must: [!0; WORDS], may: [!0; WORDS] };

    fn and(&mut self, other: &Self) {
        self.must.iter_mut().zip(other.must).for_each(|(a, b)| *a &= b);
        self.may.iter_mut().zip(other.may).for_each(|(a, b)| *a &= b);
    }

    fn or(&mut self, other: &Self) {
        self.must.iter_mut().zip(other.must).for_each(|(a, b)| *a |= b);
        self.may.iter_mut().zip(other.may).for_each(|(a, b)| *a |= b);
    }

    /// Where one must hold or may, and the other may too.
    pub(super) fn both_may(mut self, other: &Self) -> Self {
        self.may.iter_mut().zip(other.may).for_each(|(a, b)| *a &= b);
        self.must.iter_mut().zip(other.may).for_each(|(a, b)| *a &= b);
        self
    }

    fn negated(&self) -> Self {
        Self { must: self.may.map(|word| !word), may: self.must.map(|word| !word) }
    }
}

/// The bits of a block, kept from block to block to spare the allocation.
#[derive(Default)]
pub(super) struct Block {
    tests: Vec<Pair>,
    steps: Vec<Pair>,
    /// For each wide disjunction and each row, the first part that holds.
    firsts: Vec<[Option<usize>; ROWS]>,
}

/// What a block is evaluated on.
pub(super) struct Ground<'g> {
    pub(super) columns: &'g mut Columns,
    pub(super) tests: &'g [Test],
    /// The codes of each row.
    pub(super) rows: &'g [&'g [u32]],
    /// The rows that the code is for.
    pub(super) range: Range<usize>,
}

impl Block {
    /// Turns the codes of rows into the bits of the tests of some pieces: `rows` has the codes of each row, one for each
    /// column. Bits of other pieces are left as they were, and nobody asks for them.
    pub(super) fn load(&mut self, columns: &mut Columns, tests: &[Test], pieces: &[usize], rows: &[&[u32]]) {
        self.tests.resize(columns.words() * 64, Pair::FALSE);
        let mut by_word: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for piece in pieces {
            by_word.entry(columns.word(*piece)).or_default().push(*piece);
        }
        for (lane, rows) in rows.chunks(64).take(WORDS).enumerate() {
            for (word, pieces) in &by_word {
                let mut must = [0_u64; 64];
                let mut may = [0_u64; 64];
                for piece in pieces {
                    columns.add(*piece, rows, tests, &mut must, &mut may);
                }
                transpose(&mut must);
                transpose(&mut may);
                let bits = self.tests.iter_mut().skip(word * 64);
                for ((pair, must), may) in bits.zip(must).zip(may) {
                    if let (Some(a), Some(b)) = (pair.must.get_mut(lane), pair.may.get_mut(lane)) {
                        (*a, *b) = (must, may);
                    }
                }
            }
        }
    }

    /// The value of an input.
    pub(super) fn value(&self, columns: &Columns, input: Input) -> Pair {
        match input {
            Input::Test(number) => {
                let (word, bit) = columns.place(number);
                let position = usize::try_from(bit).map_or(usize::MAX, |bit| word * 64 + bit);
                self.tests.get(position).copied().unwrap_or(Pair { must: [0; WORDS], may: [!0; WORDS] })
            }
            Input::Step(number) => self.steps.get(number).copied().unwrap_or(Pair { must: [0; WORDS], may: [!0; WORDS] }),
        }
    }

    /// Evaluates the first steps of a program, those that decide whether it governs.
    pub(super) fn begin(&mut self, ground: &mut Ground, code: &Code) {
        self.steps.clear();
        self.firsts.clear();
        self.firsts.resize(code.wides.len(), [None; ROWS]);
        for step in code.steps.iter().take(code.scope) {
            self.step(ground, code, step);
        }
    }

    /// Evaluates the other steps.
    pub(super) fn finish(&mut self, ground: &mut Ground, code: &Code) {
        for step in code.steps.iter().skip(code.scope) {
            self.step(ground, code, step);
        }
    }

    fn step(&mut self, ground: &mut Ground, code: &Code, step: &Step) {
        let inputs = code.inputs.get(step.from..step.until).unwrap_or_default();
        let mut result = if step.kind == Kind::All { Pair::TRUE } else { Pair::FALSE };
        for input in inputs {
            let value = self.value(ground.columns, *input);
            match step.kind {
                Kind::All => result.and(&value),
                Kind::Any => result.or(&value),
                Kind::Not => result = value.negated(),
            }
        }
        if let Some(number) = step.wide {
            result.or(&self.wide(ground, code, number));
        }
        self.steps.push(result);
    }

    /// Looks a wide disjunction up, for each row that the code is for.
    fn wide(&mut self, ground: &mut Ground, code: &Code, number: usize) -> Pair {
        let mut result = Pair::FALSE;
        let Some(mut wide) = code.wides.get(number).and_then(|wide| wide.try_borrow_mut().ok()) else {
            return Pair { must: [0; WORDS], may: [!0; WORDS] };
        };
        for at in ground.range.clone() {
            let Some(codes) = ground.rows.get(at) else { continue };
            let (truth, first) = wide.value(ground.columns, ground.tests, codes);
            if let Some(slot) = self.firsts.get_mut(number).and_then(|firsts| firsts.get_mut(at)) {
                *slot = first;
            }
            let bit = 1 << (at % 64);
            if let (true, Some(must)) = (truth == Truth::True, result.must.get_mut(at / 64)) {
                *must |= bit;
            }
            if let (true, Some(may)) = (truth != Truth::False, result.may.get_mut(at / 64)) {
                *may |= bit;
            }
        }
        result
    }

    /// The first part of a wide disjunction that holds for a row.
    pub(super) fn first(&self, wide: usize, at: usize) -> Option<usize> {
        self.firsts.get(wide)?.get(at).copied().flatten()
    }
}

/// The bit of a row.
pub(super) fn bit(lane: &Lane, at: usize) -> bool {
    lane.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0)
}

/// Turns 64 words of 64 bits over: bit `b` of word `w` becomes bit `w` of word `b`.
fn transpose(words: &mut [u64; 64]) {
    let mut width = 32;
    let mut mask = 0x0000_0000_FFFF_FFFF_u64;
    while width > 0 {
        for pair in words.chunks_exact_mut(width * 2) {
            let (low, high) = pair.split_at_mut(width);
            for (a, b) in low.iter_mut().zip(high) {
                let swapped = ((*a >> width) ^ *b) & mask;
                *a ^= swapped << width;
                *b ^= swapped;
            }
        }
        width /= 2;
        mask ^= mask << width;
    }
}

#[cfg(test)]
mod tests {
    use super::transpose;

    #[test]
    fn a_transpose_swaps_rows_and_columns() {
        let mut state = 1_u64;
        let mut words = [0_u64; 64];
        for word in &mut words {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            *word = state;
        }
        let before = words;
        transpose(&mut words);
        for (row, word) in words.iter().enumerate() {
            for (column, other) in before.iter().enumerate() {
                assert_eq!((word >> column) & 1, (other >> row) & 1);
            }
        }
        transpose(&mut words);
        assert_eq!(words, before);
    }
}
