// SPDX-License-Identifier: Apache-2.0
//! A sample of the distinct values of a column, of fixed size, whatever the order of the rows.
//!
//! Of all distinct values those with the smallest digests are kept, so that each has the same chance to be in the sample
//! however often it occurs, and two runs over one table look at the same values. A value that is kept was never left
//! out before, so its count is exact. How many distinct values there are is estimated from how close the digests lie
//! (Bar-Yossef, Jayram, Kumar, Sivakumar, Trevisan: Counting Distinct Elements in a Data Stream, 2002).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

/// A sample that values are added to.
#[derive(Clone, Debug)]
pub struct Sample {
    limit: usize,
    kept: BTreeMap<(u64, String), u64>,
    overflowed: bool,
    /// Rows that were added.
    pub rows: u64,
    /// Rows without a value.
    pub empty: u64,
}

/// How many distinct values there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distinct {
    /// So many.
    Exactly(u64),
    /// About so many, estimated from the sample.
    About(u64),
}

impl Distinct {
    /// The number.
    #[must_use]
    pub fn count(self) -> u64 {
        match self {
            Self::Exactly(count) | Self::About(count) => count,
        }
    }
}

impl Sample {
    /// An empty sample that keeps at most so many distinct values.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), kept: BTreeMap::new(), overflowed: false, rows: 0, empty: 0 }
    }

    /// Adds the value of a row; none, and a text of nothing but spaces, is a row without a value.
    pub fn add(&mut self, value: Option<&str>) {
        self.add_rows(value, 1);
    }

    /// Adds a value that stands in so many rows.
    pub fn add_rows(&mut self, value: Option<&str>, rows: u64) {
        if rows == 0 {
            return;
        }
        self.rows += rows;
        let Some(value) = value.filter(|value| !value.trim().is_empty()) else {
            self.empty += rows;
            return;
        };
        let digest = digest(value);
        let full = self.kept.len() >= self.limit;
        if full && self.kept.last_key_value().is_some_and(|((last, _), _)| digest > *last) {
            self.overflowed = true;
            return;
        }
        match self.kept.entry((digest, value.to_owned())) {
            Entry::Occupied(mut known) => *known.get_mut() += rows,
            Entry::Vacant(place) => {
                place.insert(rows);
                if full {
                    self.overflowed = true;
                    self.kept.pop_last();
                }
            }
        }
    }

    /// The values that are kept, with the number of rows of each.
    pub fn values(&self) -> impl Iterator<Item = (&str, u64)> {
        self.kept.iter().map(|((_, value), count)| (value.as_str(), *count))
    }

    /// How many distinct values were added.
    #[must_use]
    pub fn distinct(&self) -> Distinct {
        let kept = u64::try_from(self.kept.len()).unwrap_or(u64::MAX);
        match self.kept.last_key_value() {
            Some(((last, _), _)) if self.overflowed => {
                let share = u128::from(*last).max(1);
                let estimate = u128::from(kept.saturating_sub(1)) * u128::from(u64::MAX) / share;
                Distinct::About(u64::try_from(estimate).unwrap_or(u64::MAX).max(kept))
            }
            _ => Distinct::Exactly(kept),
        }
    }
}

fn digest(value: &str) -> u64 {
    // Always with the same key: what is looked at must not change from run to run.
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::{Distinct, Sample};

    #[test]
    fn order_makes_no_difference_and_counts_are_exact() {
        let values: Vec<String> = (0..5000).map(|number| format!("value {}", number % 2000)).collect();
        let (mut first, mut second) = (Sample::new(100), Sample::new(100));
        values.iter().for_each(|value| first.add(Some(value)));
        values.iter().rev().for_each(|value| second.add(Some(value)));
        assert!(first.values().eq(second.values()));
        for (value, count) in first.values() {
            assert_eq!(values.iter().filter(|known| *known == value).count(), usize::try_from(count).expect("a small one"), "{value}");
        }
        assert_eq!(first.values().count(), 100);
        let Distinct::About(about) = first.distinct() else { panic!("{:?}", first.distinct()) };
        assert!((1500..2500).contains(&about), "{about}");
    }

    #[test]
    fn few_values_are_counted_exactly() {
        let mut sample = Sample::new(3);
        for value in [Some("a"), None, Some("b"), Some("a"), Some(" ")] {
            sample.add(value);
        }
        assert_eq!((sample.rows, sample.empty, sample.distinct()), (5, 2, Distinct::Exactly(2)));
        let mut together = Sample::new(3);
        for (value, rows) in [(Some("a"), 2), (Some("b"), 1), (None, 2), (Some("c"), 0)] {
            together.add_rows(value, rows);
        }
        assert_eq!((together.rows, together.empty, together.distinct()), (5, 2, Distinct::Exactly(2)));
        assert!(sample.values().eq(together.values()));
        assert_eq!(Sample::new(0).distinct(), Distinct::Exactly(0));
    }
}
