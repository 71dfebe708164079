// SPDX-License-Identifier: Apache-2.0
//! How often each of many values occurs, where nobody asks before the end.
//!
//! Values are gathered and sorted in runs: of millions of values that are all different this takes a fraction of what a
//! table of hashes does, whose every step is a miss of the cache.

/// So many values are gathered before they are sorted for the first time.
const GATHERED: usize = 1 << 16;

/// Values with how often they occurred.
#[derive(Default)]
pub(super) struct Frequencies {
    fresh: Vec<(u64, u64)>,
    /// Ascending, each value once.
    known: Vec<(u64, u64)>,
    /// Whether there were more values than are counted.
    more: bool,
}

impl Frequencies {
    /// Counts a value, so often. At most `most` different values are counted.
    pub(super) fn add(&mut self, value: u64, times: u64, most: usize) {
        self.fresh.push((value, times));
        // What is known is gone through again only when as much has come: each value is moved a few times in all.
        if self.fresh.len() >= GATHERED.max(self.known.len()) {
            self.merge(most);
        }
    }

    fn merge(&mut self, most: usize) {
        self.fresh.sort_unstable();
        let mut merged: Vec<(u64, u64)> = Vec::with_capacity(self.known.len() + self.fresh.len());
        let (mut known, mut fresh) = (self.known.iter().copied().peekable(), self.fresh.drain(..).peekable());
        let mut room = most.saturating_sub(self.known.len());
        loop {
            let next = match (known.peek(), fresh.peek()) {
                (Some(one), Some(other)) if one.0 <= other.0 => known.next(),
                (None, None) => break,
                (Some(_), None) => known.next(),
                (_, Some((value, times))) => {
                    let (value, times) = (*value, *times);
                    fresh.next();
                    match merged.last_mut() {
                        Some(last) if last.0 == value => last.1 += times,
                        _ if room > 0 => {
                            room -= 1;
                            merged.push((value, times));
                        }
                        _ => self.more = true,
                    }
                    continue;
                }
            };
            merged.extend(next);
        }
        self.known = merged;
    }

    /// How many different values there are, how often the most frequent occurs, and whether all were counted.
    pub(super) fn finish(mut self, most: usize) -> (u64, u64, bool) {
        self.merge(most);
        (self.known.len() as u64, self.known.iter().map(|(_, times)| *times).max().unwrap_or(0), !self.more)
    }
}

#[cfg(test)]
mod tests {
    use super::Frequencies;
    use std::collections::HashMap;

    #[test]
    fn they_are_those_of_a_table() {
        for (values, of) in [(500_000_u64, 7_u64), (300_000, 200_000), (70_000, u64::MAX), (0, 1)] {
            let (mut found, mut table) = (Frequencies::default(), HashMap::<u64, u64>::new());
            let mut state = 3_u64;
            for number in 0..values {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let (value, times) = ((state >> 7) % of, 1 + number % 3);
                found.add(value, times, usize::MAX);
                *table.entry(value).or_default() += times;
            }
            let expected = (table.len() as u64, table.values().copied().max().unwrap_or(0), true);
            assert_eq!(found.finish(usize::MAX), expected, "{values} values of {of}");
        }
    }

    #[test]
    fn what_is_beyond_the_most_is_told() {
        let mut found = Frequencies::default();
        for round in 0..3 {
            for value in 0..100_000_u64 {
                found.add(value * 3 + round, 1, 1_000);
            }
        }
        let (distinct, top, all) = found.finish(1_000);
        assert_eq!((distinct, all), (1_000, false));
        assert!(top >= 1);
    }
}
