// SPDX-License-Identifier: Apache-2.0
//! Noise, drawn by OpenDP: its measurements say themselves what they cost, and nothing is released that costs more.
//!
//! Which groups are there is private, too: a group leaves only if its noisy number of persons reaches a threshold, at the
//! price of δ (Korolova, Kenthapadi, Mishra and Ntoulas 2009; Rogers 2023).

use super::count::{Cells, Total};
use crate::CrossingError;
use comity_border::Release;
use opendp::core::Measurement;
use opendp::domains::{AtomDomain, MapDomain, VectorDomain};
use opendp::error::Error;
use opendp::measurements::{make_laplace, make_laplace_threshold};
use opendp::measures::{Approximate, MaxDivergence};
use opendp::metrics::{AbsoluteDistance, L0PInfDistance, L1Distance};
use std::collections::HashMap;

/// How noisy a statistic is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Noise {
    /// The scale of the discrete Laplace distribution: its standard deviation by the square root of 2, in steps.
    pub(super) scale: f64,
    /// Groups with fewer persons than this do not leave, of the number of persons.
    pub(super) threshold: Option<i64>,
}

impl Noise {
    /// With a probability of 95 %, the noise is at most this, in steps.
    pub(super) fn within(&self) -> f64 {
        (self.scale * 20_f64.ln()).ceil()
    }
}

/// What leaves: groups with the noisy number of their persons, and their noisy sums in steps.
pub(super) struct Noisy {
    pub(super) groups: Vec<(Cells, i64, Vec<i64>)>,
}

type Selecting = Measurement<
    MapDomain<AtomDomain<u32>, AtomDomain<i64>>,
    L0PInfDistance<1, AbsoluteDistance<i64>>,
    Approximate<MaxDivergence>,
    HashMap<u32, i64>,
>;
type Adding = Measurement<VectorDomain<AtomDomain<i64>>, L1Distance<i64>, MaxDivergence, Vec<i64>>;

/// The mechanisms of a release. They follow from the manifest alone.
pub(super) struct Mechanisms {
    selecting: Selecting,
    adding: Vec<Adding>,
    noise: Vec<Noise>,
}

fn failed(error: Error) -> CrossingError {
    CrossingError::Release(error.to_string())
}

fn selecting(scale: f64, threshold: i64) -> Result<Selecting, Error> {
    let domain = MapDomain::new(AtomDomain::<u32>::default(), AtomDomain::<i64>::default());
    make_laplace_threshold(domain, L0PInfDistance(AbsoluteDistance::default()), scale, threshold, None)
}

/// The least scale, within a millionth, that costs at most `epsilon` by the measurement's own account.
fn calibrated(sensitivity: i64, epsilon: f64, cost: impl Fn(f64) -> Result<f64, Error>) -> Result<f64, CrossingError> {
    let mut scale = sensitivity as f64 / epsilon;
    for _ in 0..64 {
        if cost(scale).map_err(failed)? <= epsilon {
            return Ok(scale);
        }
        scale *= 1.000_001;
    }
    Err(CrossingError::Release(format!("no noise is found that costs at most ε = {epsilon}")))
}

impl Mechanisms {
    /// The mechanisms of a release.
    ///
    /// # Errors
    ///
    /// [`CrossingError::Release`] if what it may cost cannot be kept to.
    pub(super) fn of(release: &Release) -> Result<Self, CrossingError> {
        let (share, delta, most) = (release.share(), release.loss.delta(), i64::from(release.groups));
        if share <= 0.0 || delta <= 0.0 {
            return Err(CrossingError::Release("it may cost nothing".to_owned()));
        }
        let distance = (release.groups, most, 1);
        let scale = calibrated(most, share, |scale| Ok(selecting(scale, i64::MAX / 4)?.map(&distance)?.0))?;
        let costs = |threshold: i64| selecting(scale, threshold).and_then(|made| made.map(&distance)).map_err(failed);
        // The least threshold that costs at most δ: it costs less the higher it is.
        let (mut low, mut high) = (0_i64, 1_i64);
        while costs(high)?.1 > delta {
            (low, high) = (high, high.checked_mul(2).ok_or_else(|| CrossingError::Release(format!("δ = {delta} cannot be kept to")))?);
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if costs(middle)?.1 > delta { low = middle } else { high = middle }
        }
        let mut noise = vec![Noise { scale, threshold: Some(high) }];
        let mut adding = Vec::new();
        for sum in &release.sums {
            let sensitivity = sum.sensitivity().checked_mul(most).ok_or_else(|| CrossingError::Release("a sum is too large".to_owned()))?;
            let make =
                |scale: f64| make_laplace(VectorDomain::new(AtomDomain::<i64>::default()), L1Distance::<i64>::default(), scale, None);
            let scale = calibrated(sensitivity, share, |scale| {
                let made: Adding = make(scale)?;
                made.map(&sensitivity)
            })?;
            adding.push(make(scale).map_err(failed)?);
            noise.push(Noise { scale, threshold: None });
        }
        Ok(Self { selecting: selecting(scale, high).map_err(failed)?, adding, noise })
    }

    /// How noisy the statistics are: persons first, then the sums.
    pub(super) fn noise(&self) -> &[Noise] {
        &self.noise
    }

    /// Draws. What is drawn is what leaves; drawing again costs again.
    pub(super) fn draw(&self, groups: &[(Cells, Total)]) -> Result<Noisy, CrossingError> {
        let numbered: HashMap<u32, i64> = (0..).zip(groups).map(|(number, (_, total))| (number, total.persons)).collect();
        let persons = self.selecting.invoke(&numbered).map_err(failed)?;
        let chosen: Vec<(&Cells, i64, &Total)> =
            (0..).zip(groups).filter_map(|(number, (cells, total))| Some((cells, *persons.get(&number)?, total))).collect();
        let mut sums: Vec<Vec<i64>> = vec![Vec::new(); chosen.len()];
        for (at, adding) in self.adding.iter().enumerate() {
            // Given which groups leave, their sums are one more measurement.
            let exact: Vec<i64> = chosen.iter().map(|(_, _, total)| total.sums.get(at).copied().unwrap_or(0)).collect();
            for (sums, noisy) in sums.iter_mut().zip(adding.invoke(&exact).map_err(failed)?) {
                sums.push(noisy);
            }
        }
        let groups = chosen.into_iter().zip(sums).map(|((cells, persons, _), sums)| (cells.clone(), persons, sums)).collect();
        Ok(Noisy { groups })
    }
}

#[cfg(test)]
mod tests {
    use super::super::count::{Cells, Total};
    use super::Mechanisms;
    use comity_border::release::Sum;
    use comity_border::{PrivacyLoss, Release};

    fn release(epsilon: f64, delta: f64, groups: u32, sums: Vec<Sum>) -> Release {
        Release { by: vec!["place".to_owned()], sums, groups, loss: PrivacyLoss::of(epsilon, delta).unwrap_or_default() }
    }

    fn spent() -> Sum {
        Sum { column: "spent".to_owned(), from: 0.0, to: 50.0, step: 1.0 }
    }

    fn made(release: &Release) -> Mechanisms {
        match Mechanisms::of(release) {
            Ok(made) => made,
            Err(error) => panic!("{error}"),
        }
    }

    type Draw = (i64, Vec<i64>);

    fn drawn(of: &Mechanisms, persons: i64, sum: i64) -> Option<Draw> {
        let cells: Cells = vec![Some("Cork".to_owned())];
        match of.draw(&[(cells, Total { persons, sums: vec![sum] })]) {
            Ok(noisy) => noisy.groups.into_iter().next().map(|(_, persons, sums)| (persons, sums)),
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn it_costs_what_it_may_and_no_more() {
        for (epsilon, delta, groups) in [(1.0, 1e-6, 1), (0.1, 1e-9, 3), (3.0, 1e-4, 2)] {
            let release = release(epsilon, delta, groups, vec![spent()]);
            let made = made(&release);
            let most = i64::from(groups);
            let Ok((of_persons, of_groups)) = made.selecting.map(&(groups, most, 1)) else { panic!("no cost") };
            let Ok(of_sum) = made.adding[0].map(&(50 * most)) else { panic!("no cost") };
            assert!(of_persons + of_sum <= epsilon && of_persons + of_sum > epsilon * 0.999, "{epsilon}: {of_persons} + {of_sum}");
            assert!(of_groups <= delta && of_groups > delta / 50.0, "{delta}: {of_groups}");
        }
    }

    #[test]
    fn the_noise_is_as_large_as_it_is_said_to_be() {
        const DRAWS: usize = 4000;
        let made = made(&release(1.0, 1e-6, 1, vec![spent()]));
        let draws: Vec<Draw> = (0..DRAWS).filter_map(|_| drawn(&made, 10_000, 123_456)).collect();
        assert_eq!(draws.len(), DRAWS, "a group of ten thousand leaves always");
        let far = |noise: &super::Noise, at: fn(&Draw) -> i64| {
            let mean = draws.iter().map(|draw| at(draw).abs() as f64).sum::<f64>() / DRAWS as f64;
            let beyond = draws.iter().filter(|draw| at(draw).abs() as f64 > noise.within()).count() as f64 / DRAWS as f64;
            // The mean distance of a Laplace distribution is its scale; four standard errors on either side.
            assert!((mean / noise.scale - 1.0).abs() < 0.1, "{mean} for {}", noise.scale);
            assert!(beyond < 0.065, "{beyond} beyond {}", noise.within());
        };
        far(&made.noise()[0], |draw| draw.0 - 10_000);
        far(&made.noise()[1], |draw| draw.1[0] - 123_456);
    }

    /// What one person changes of the probability of any outcome stays within (ε, δ): seen, not only stated.
    #[test]
    fn one_person_more_or_less_is_hard_to_tell() {
        const DRAWS: usize = 20_000;
        let (epsilon, delta) = (1.0, 1e-3);
        let made = made(&release(epsilon, delta, 1, Vec::new()));
        let count = |persons: i64| {
            let mut seen = std::collections::BTreeMap::<Option<i64>, f64>::new();
            for _ in 0..DRAWS {
                *seen.entry(drawn(&made, persons, 0).map(|(persons, _)| persons)).or_default() += 1.0 / DRAWS as f64;
            }
            seen
        };
        for persons in [1, 12] {
            let (with, without) = (count(persons), if persons == 1 { [(None, 1.0)].into() } else { count(persons - 1) });
            for (one, other) in [(&with, &without), (&without, &with)] {
                for (outcome, share) in one {
                    let beside = other.get(outcome).copied().unwrap_or(0.0);
                    // Five standard errors for what twenty thousand draws can tell.
                    let error = 5.0 * (share.max(1.0 / DRAWS as f64) / DRAWS as f64).sqrt() * (1.0 + epsilon.exp());
                    assert!(*share <= epsilon.exp() * beside + delta + error, "{persons}: {outcome:?}: {share} beside {beside}");
                }
            }
        }
    }
}
