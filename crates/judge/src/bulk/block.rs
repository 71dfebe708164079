// SPDX-License-Identifier: Apache-2.0
//! A block of rows as bits: for each test and each step, where it must hold and where it may.
//!
//! Strong Kleene logic on two bits: a value is true where both are set, false where neither is, and not decided where
//! only `may` is. One operation on a word is one operation on 64 rows.

use super::code::{Code, Input, Kind, Step};
use super::columns::Columns;

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
}

impl Block {
    /// Turns the codes of rows into the bits of all tests. `rows` gives the codes of each row, one for each column.
    pub(super) fn load<'r>(&mut self, columns: &Columns, rows: impl Iterator<Item = &'r [u32]>) {
        let rows: Vec<&[u32]> = rows.take(ROWS).collect();
        self.tests.clear();
        self.tests.resize(columns.words() * 64, Pair::FALSE);
        for (lane, rows) in rows.chunks(64).enumerate() {
            for word in 0..columns.words() {
                let mut must = [0_u64; 64];
                let mut may = [0_u64; 64];
                for piece in columns.pieces.iter().filter(|piece| piece.word == word) {
                    for ((row, must), may) in rows.iter().zip(&mut must).zip(&mut may) {
                        let code = row.get(piece.column).and_then(|code| usize::try_from(*code).ok()).unwrap_or(usize::MAX);
                        let [yes, open] = piece.bits.get(code).copied().unwrap_or([0, !0]);
                        *must |= yes;
                        *may |= open;
                    }
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
    pub(super) fn begin(&mut self, columns: &Columns, code: &Code) {
        self.steps.clear();
        for step in code.steps.iter().take(code.scope) {
            self.step(columns, code, step);
        }
    }

    /// Evaluates the other steps.
    pub(super) fn finish(&mut self, columns: &Columns, code: &Code) {
        for step in code.steps.iter().skip(code.scope) {
            self.step(columns, code, step);
        }
    }

    fn step(&mut self, columns: &Columns, code: &Code, step: &Step) {
        let inputs = code.inputs.get(step.from..step.until).unwrap_or_default();
        let mut result = if step.kind == Kind::All { Pair::TRUE } else { Pair::FALSE };
        for input in inputs {
            let value = self.value(columns, *input);
            match step.kind {
                Kind::All => result.and(&value),
                Kind::Any => result.or(&value),
                Kind::Not => result = value.negated(),
            }
        }
        self.steps.push(result);
    }
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
