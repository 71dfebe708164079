// SPDX-License-Identifier: Apache-2.0
//! Choices from the bytes of an input: small changes of the input make small changes of what is chosen.

/// The bytes of an input, chosen from one after another; zeros follow the last.
pub struct Bytes<'a> {
    rest: std::slice::Iter<'a, u8>,
}

impl<'a> Bytes<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self { rest: data.iter() }
    }

    pub fn byte(&mut self) -> u8 {
        self.rest.next().copied().unwrap_or(0)
    }

    pub fn is_empty(&self) -> bool {
        self.rest.len() == 0
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::from(self.byte()) % bound.max(1)
    }

    pub fn pick<'t, T>(&mut self, items: &'t [T]) -> &'t T {
        &items[self.below(items.len())]
    }

    pub fn seed(&mut self) -> u64 {
        (0..8).fold(0, |seed, _| seed << 8 | u64::from(self.byte()))
    }
}
