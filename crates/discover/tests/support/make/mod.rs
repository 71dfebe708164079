// SPDX-License-Identifier: Apache-2.0
//! A generator of labelled data with a seed. It knows nothing of the crate: its check digits are computed here anew, each
//! the way in which its standard makes one, where the crate asks whether one fits.

#![allow(dead_code, reason = "each test uses some of these")]
#![expect(clippy::indexing_slicing, clippy::string_slice, clippy::panic, reason = "a generator may fail loudly")]

pub mod columns;
pub mod europe;
pub mod numbers;
pub mod people;
pub mod states;
pub mod world;

/// A generator of numbers that look random (Steele, Lea, Flood: SplitMix, 2014).
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from the first up to the last.
    pub fn in_range(&mut self, first: u64, last: u64) -> u64 {
        first + self.next() % (last - first + 1)
    }

    /// So many digits.
    pub fn digits(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(b'0' + (self.next() % 10) as u8)).collect()
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        let place = self.next() as usize % list.len();
        list.get(place).unwrap_or_else(|| panic!("nothing to pick from"))
    }

    /// A day of birth between 1930 and 2010.
    pub fn birth(&mut self) -> (u64, u64, u64) {
        (self.in_range(1930, 2010), self.in_range(1, 12), self.in_range(1, 28))
    }

    /// Letters from A to Z.
    pub fn letters(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from(b'A' + (self.next() % 26) as u8)).collect()
    }
}
