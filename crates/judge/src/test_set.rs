// SPDX-License-Identifier: Apache-2.0
//! A set of tests of a frame, by their numbers.

/// A bit for each test.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TestSet(Vec<u64>);

impl TestSet {
    pub(crate) fn insert(&mut self, number: usize) {
        let word = number / 64;
        if word >= self.0.len() {
            self.0.resize(word + 1, 0);
        }
        if let Some(word) = self.0.get_mut(word) {
            *word |= 1 << (number % 64);
        }
    }

    pub(crate) fn has(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// Takes in all of another set.
    pub(crate) fn extend(&mut self, other: &Self) {
        if other.0.len() > self.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(a, b)| *a |= b);
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::TestSet;

    #[test]
    fn a_set_has_what_was_put_in() {
        let (mut a, mut b) = (TestSet::default(), TestSet::default());
        a.insert(3);
        b.insert(64);
        b.insert(700);
        a.extend(&b);
        let all: Vec<usize> = (0..1_000).filter(|number| a.has(*number)).collect();
        assert_eq!(all, [3, 64, 700]);
        a.clear();
        assert!(!a.has(3) && b.has(700));
    }
}
