// SPDX-License-Identifier: Apache-2.0
//! A small fixed set of indices, one bit for each term of a scheme.

use crate::vocabulary::Term;

const WORDS: usize = 8;

/// A set of term indices of one scheme, at most [`Bits::CAPACITY`] of them.
///
/// Sets of places and terms are met, subtracted and compared on every evaluation step, so they are plain words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Bits([u64; WORDS]);

impl Bits {
    /// The largest number of terms that a scheme may have.
    pub const CAPACITY: usize = WORDS * 64;
    /// The set without members.
    pub const EMPTY: Self = Self([0; WORDS]);

    /// The set of the first `count` indices.
    #[must_use]
    pub fn first(count: usize) -> Self {
        (0..count.min(Self::CAPACITY)).map(|index| u16::try_from(index).unwrap_or(u16::MAX)).collect()
    }

    /// The set of one index.
    #[must_use]
    pub fn single(index: u16) -> Self {
        let mut set = Self::EMPTY;
        set.insert(index);
        set
    }

    /// Adds an index; one beyond the capacity is ignored.
    pub fn insert(&mut self, index: u16) {
        if let Some(word) = self.0.get_mut(usize::from(index) / 64) {
            *word |= 1 << (index % 64);
        }
    }

    /// Removes an index.
    pub fn remove(&mut self, index: u16) {
        if let Some(word) = self.0.get_mut(usize::from(index) / 64) {
            *word &= !(1 << (index % 64));
        }
    }

    /// Whether the index is a member.
    #[must_use]
    pub fn has(&self, index: u16) -> bool {
        self.0.get(usize::from(index) / 64).is_some_and(|word| word & (1 << (index % 64)) != 0)
    }

    /// Whether the term's index is a member; the caller keeps schemes apart.
    #[must_use]
    pub fn contains(&self, term: Term) -> bool {
        self.has(term.index())
    }

    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// The number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether the two sets share a member.
    #[must_use]
    pub fn meets(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).any(|(a, b)| a & b != 0)
    }

    /// Whether every member is in `other`.
    #[must_use]
    pub fn within(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).all(|(a, b)| a & !b == 0)
    }

    /// The members of both.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a &= b);
        self
    }

    /// The members of either.
    #[must_use]
    pub fn or(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a |= b);
        self
    }

    /// The members of this set that are not in `other`.
    #[must_use]
    pub fn minus(mut self, other: &Self) -> Self {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a &= !b);
        self
    }

    /// The members in rising order.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        self.0.iter().enumerate().flat_map(|(position, word)| {
            let base = u16::try_from(position * 64).unwrap_or(u16::MAX);
            let mut rest = *word;
            std::iter::from_fn(move || {
                if rest == 0 {
                    return None;
                }
                let bit = rest.trailing_zeros();
                rest &= rest - 1;
                Some(base + u16::try_from(bit).unwrap_or(0))
            })
        })
    }

    /// The smallest member.
    #[must_use]
    pub fn lowest(&self) -> Option<u16> {
        self.iter().next()
    }
}

impl FromIterator<u16> for Bits {
    fn from_iter<I: IntoIterator<Item = u16>>(indices: I) -> Self {
        let mut set = Self::EMPTY;
        for index in indices {
            set.insert(index);
        }
        set
    }
}
