// SPDX-License-Identifier: Apache-2.0
//! What a manifest says of aggregates that leave in place of rows: noisy counts and sums of groups, with differential privacy.
//!
//! The neighbouring tables are those that differ in all rows of one person. What one person adds is bounded first: to how
//! many groups, and how much to each sum.
//!
//! Sources: Dwork, McSherry, Nissim and Smith, *Calibrating Noise to Sensitivity in Private Data Analysis* (2006); NIST SP
//! 800-226, *Guidelines for Evaluating Differential Privacy Guarantees* (2025).

use crate::protection::Protection;
use std::fmt;

/// How much privacy a release costs, or may still cost: (ε, δ), in whole millionths of ε and whole billionths of a
/// thousandth (10⁻¹²) of δ, so that sums are exact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PrivacyLoss {
    /// Millionths of ε.
    pub epsilon: u64,
    /// 10⁻¹² of δ.
    pub delta: u64,
}

impl PrivacyLoss {
    const EPSILON: f64 = 1e6;
    const DELTA: f64 = 1e12;

    /// The loss of an ε and a δ, to the nearest unit.
    ///
    /// None where one of them is negative, no number, or so large that it protects nobody (ε of a million, δ of 1).
    #[must_use]
    pub fn of(epsilon: f64, delta: f64) -> Option<Self> {
        let within = |value: f64, most: f64| value.is_finite() && value >= 0.0 && value <= most;
        let both = within(epsilon, 1e6) && within(delta, 1.0);
        // INVARIANT: both are at most 10¹² units, which 64 bits hold.
        both.then(|| Self { epsilon: (epsilon * Self::EPSILON).round() as u64, delta: (delta * Self::DELTA).round() as u64 })
    }

    /// ε as a number.
    #[must_use]
    pub fn epsilon(&self) -> f64 {
        self.epsilon as f64 / Self::EPSILON
    }

    /// δ as a number.
    #[must_use]
    pub fn delta(&self) -> f64 {
        self.delta as f64 / Self::DELTA
    }

    /// The loss of both together (basic composition); at most what 64 bits hold.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self { epsilon: self.epsilon.saturating_add(other.epsilon), delta: self.delta.saturating_add(other.delta) }
    }

    /// What is left of it after another; none where the other is more.
    #[must_use]
    pub fn without(&self, other: &Self) -> Option<Self> {
        Some(Self { epsilon: self.epsilon.checked_sub(other.epsilon)?, delta: self.delta.checked_sub(other.delta)? })
    }
}

impl fmt::Display for PrivacyLoss {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ε = {}, δ = {}", self.epsilon(), self.delta())
    }
}

/// A sum that is released for each group.
#[derive(Clone, Debug, PartialEq)]
pub struct Sum {
    /// The column whose numbers are added.
    pub column: String,
    /// The least that one person counts for in a group.
    pub from: f64,
    /// The most.
    pub to: f64,
    /// Numbers are rounded to multiples of this before they are added.
    pub step: f64,
}

impl Sum {
    /// So many steps are the bounds away from zero at the most.
    pub const FARTHEST: f64 = 1e9;

    /// The most that one person changes the sum of a group by, in steps.
    #[must_use]
    pub fn sensitivity(&self) -> i64 {
        let (from, to) = self.bounds();
        from.abs().max(to.abs())
    }

    /// The bounds in steps.
    #[must_use]
    pub fn bounds(&self) -> (i64, i64) {
        (self.steps(self.from), self.steps(self.to))
    }

    /// A number in steps.
    #[must_use]
    pub fn steps(&self, number: f64) -> i64 {
        // INVARIANT: what is larger than 64 bits hold becomes the largest that they hold, and no number becomes 0.
        (number / self.step).round() as i64
    }

    /// The name of the column that is released.
    #[must_use]
    pub fn name(&self) -> String {
        format!("sum_{}", self.column)
    }
}

/// Aggregates in place of rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Release {
    /// The columns whose cells, as they leave, are the groups.
    pub by: Vec<String>,
    /// The sums, beside the number of persons.
    pub sums: Vec<Sum>,
    /// In how many groups one person counts at the most.
    pub groups: u32,
    /// What the release costs.
    pub loss: PrivacyLoss,
}

impl Release {
    /// The ε of each statistic: an equal share, in whole millionths.
    #[must_use]
    pub fn share(&self) -> f64 {
        let statistics = 1 + self.sums.len() as u64;
        PrivacyLoss { epsilon: self.loss.epsilon / statistics, delta: 0 }.epsilon()
    }

    /// Whether a column leaves, within groups or sums.
    #[must_use]
    pub fn uses(&self, column: &str) -> bool {
        self.by.iter().any(|by| by == column) || self.sums.iter().any(|sum| sum.column == column)
    }

    /// What it protects against, and what not.
    #[must_use]
    pub fn protects(&self) -> Protection {
        Protection {
            against: "telling from what leaves whether any one person is in the table, or what their rows say, beyond what (ε, δ) allows; whatever else is known",
            not: "what is true of a whole group; persons who are in the table under several names, and tables on the same persons under other names; a large ε",
            board: "no use case; whether aggregates are still personal data is for each law",
            source: "Article 29 Working Party, Opinion 05/2014 on Anonymisation Techniques (WP216), section 3.1.3; NIST SP 800-226",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PrivacyLoss, Release, Sum};

    #[test]
    fn losses_add_up_exactly() {
        let tenth = PrivacyLoss::of(0.1, 1e-7).unwrap_or_default();
        let spent = (0..10).fold(PrivacyLoss::default(), |spent, _| spent.and(&tenth));
        assert_eq!(Some(spent), PrivacyLoss::of(1.0, 1e-6));
        assert_eq!(spent.without(&spent), Some(PrivacyLoss::default()));
        assert_eq!(spent.without(&spent.and(&tenth)), None);
        for (epsilon, delta) in [(-0.1, 0.0), (f64::NAN, 0.0), (1.0, 1.5), (f64::INFINITY, 0.0), (1.0, -1e-9)] {
            assert_eq!(PrivacyLoss::of(epsilon, delta), None, "{epsilon} {delta}");
        }
    }

    #[test]
    fn what_one_person_changes_is_bounded_by_both_ends() {
        let sum = Sum { column: "spent".to_owned(), from: -20.0, to: 5.0, step: 0.5 };
        assert_eq!((sum.bounds(), sum.sensitivity()), ((-40, 10), 40));
        assert_eq!(sum.steps(f64::NAN), 0);
        let loss = PrivacyLoss::of(1.0, 1e-6).unwrap_or_default();
        let release = Release { by: vec!["place".to_owned()], sums: vec![sum.clone(), sum], groups: 1, loss };
        assert!(release.share() <= 1.0 / 3.0 && release.share() > 0.333);
        assert!(release.uses("place") && release.uses("spent") && !release.uses("name"));
    }
}
