// SPDX-License-Identifier: Apache-2.0
//! A set of verdicts in four bits, for what is done once for each node of a search or each cell of a table.

use crate::finding::{Possible, Verdict};
use std::collections::BTreeSet;

/// A set of verdicts, a bit for each, the best verdict lowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdicts(u8);

impl Verdicts {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALL: Self = Self(0b1111);
    pub(crate) const UNRESTRICTED: Self = Self(1);
    pub(crate) const PERMITTED: Self = Self(2);
    pub(crate) const INCOMPLETE: Self = Self(4);
    pub(crate) const PROHIBITED: Self = Self(8);
    pub(crate) const FAILING: Self = Self(12);

    /// The set of one.
    pub(crate) fn only(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Unrestricted => Self::UNRESTRICTED,
            Verdict::Permitted => Self::PERMITTED,
            Verdict::Incomplete => Self::INCOMPLETE,
            Verdict::Prohibited => Self::PROHIBITED,
        }
    }

    pub(crate) fn of(possible: &Possible) -> Self {
        possible.0.iter().fold(Self::NONE, |all, verdict| all.with(Self::only(*verdict)))
    }

    pub(crate) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) fn within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    pub(crate) fn is_one(self) -> bool {
        self.0.count_ones() == 1
    }

    /// The verdict, if there is only one.
    pub(crate) fn decided(self) -> Option<Verdict> {
        Verdict::ALL.into_iter().find(|verdict| Self::only(*verdict) == self)
    }

    /// The worst of one verdict from each set, in every combination: nothing better than the best of the worst set is left.
    pub(crate) fn worst(sets: impl IntoIterator<Item = Self>) -> Self {
        let (mut all, mut floor) = (0, 1_u8);
        for set in sets {
            floor = floor.max(set.0 & set.0.wrapping_neg());
            all |= set.0;
        }
        Self((all & !(floor - 1)) | floor)
    }

    pub(crate) fn list(self) -> BTreeSet<Verdict> {
        Verdict::ALL.into_iter().filter(|verdict| Self::only(*verdict).within(self)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Verdicts;

    #[test]
    fn the_worst_of_every_combination() {
        let set = |bits| Verdicts(bits);
        assert_eq!(Verdicts::worst([]), Verdicts::UNRESTRICTED);
        assert_eq!(Verdicts::worst([set(0b0011), set(0b0001)]), set(0b0011));
        // One that is at least permitted keeps the whole from being unrestricted.
        assert_eq!(Verdicts::worst([set(0b0101), set(0b0010)]), set(0b0110));
        assert_eq!(Verdicts::worst([set(0b1000), set(0b0111)]), set(0b1000));
    }
}
