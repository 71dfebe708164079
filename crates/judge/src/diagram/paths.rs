// SPDX-License-Identifier: Apache-2.0
//! Questions about the paths of a diagram: how many there are, the cheapest, and what some values leave open.

use super::{Diagram, Map, Mix, Ref};
use std::collections::{BTreeSet, HashSet};
use std::hash::BuildHasherDefault;

impl Diagram {
    /// Whether a wanted leaf can be reached where some variables have values and the others any, and besides wanted ones
    /// only the leaf `beyond`.
    pub(crate) fn settles(&self, reference: Ref, values: &[Option<usize>], wanted: &impl Fn(u32) -> bool, beyond: u32) -> bool {
        let mut next = vec![reference];
        let mut seen: HashSet<Ref, BuildHasherDefault<Mix>> = HashSet::default();
        let mut reached = false;
        while let Some(reference) = next.pop() {
            if let Some(value) = reference.value() {
                if wanted(value) {
                    reached = true;
                } else if value != beyond {
                    return false;
                }
                continue;
            }
            if !seen.insert(reference) {
                continue;
            }
            let level = self.level(reference);
            match values.get(level).copied().flatten() {
                Some(value) => next.push(self.child(reference, level, value)),
                None => next.extend((0..self.width(level)).map(|value| self.child(reference, level, value))),
            }
        }
        reached
    }

    /// The leaves that can be reached where each variable has one of the values that are marked for it.
    pub(crate) fn leaves(&self, reference: Ref, values: &[Vec<bool>]) -> BTreeSet<u32> {
        let mut next = vec![reference];
        let mut seen: HashSet<Ref, BuildHasherDefault<Mix>> = HashSet::default();
        let mut leaves = BTreeSet::new();
        while let Some(reference) = next.pop() {
            if let Some(value) = reference.value() {
                leaves.insert(value);
            } else if seen.insert(reference) {
                let level = self.level(reference);
                let open = values.get(level).map(Vec::as_slice).unwrap_or_default();
                let open = open.iter().enumerate().filter(|(_, open)| **open);
                next.extend(open.map(|(value, _)| self.child(reference, level, value)));
            }
        }
        leaves
    }

    /// The leaf where every variable has a value.
    pub(crate) fn at(&self, reference: Ref, values: &[usize]) -> Option<u32> {
        let mut current = reference;
        while current.value().is_none() {
            let level = self.level(current);
            current = self.child(current, level, *values.get(level)?);
        }
        current.value()
    }

    /// Values along a path to a leaf other than 0, chosen by `choose` from so many that lead there; none for the leaf 0.
    pub(crate) fn walk(&self, reference: Ref, values: &mut [usize], mut choose: impl FnMut(usize) -> usize) -> Option<()> {
        let mut current = reference;
        while current.value().is_none() {
            let level = self.level(current);
            // A node is no leaf, so some value of it leads on.
            let open: Vec<usize> = (0..self.width(level)).filter(|value| self.child(current, level, *value) != Ref::flag(false)).collect();
            let value = *open.get(choose(open.len()))?;
            *values.get_mut(level)? = value;
            current = self.child(current, level, value);
        }
        current.value().filter(|value| *value != 0).map(|_| ())
    }

    /// How many assignments end at leaves that `wanted` accepts; each value of a variable counts with its weight.
    pub(crate) fn count(&self, reference: Ref, weights: &[Vec<f64>], wanted: &impl Fn(u32) -> bool) -> f64 {
        let all = |level: usize| weights.get(level).map_or(1.0, |weights| weights.iter().sum::<f64>());
        let skipped = |from: usize, to: usize| (from..to).map(all).product::<f64>();
        fn walk(
            diagram: &Diagram,
            reference: Ref,
            weights: &[Vec<f64>],
            wanted: &impl Fn(u32) -> bool,
            skipped: &impl Fn(usize, usize) -> f64,
            done: &mut Map<Ref, f64>,
        ) -> f64 {
            if let Some(value) = reference.value() {
                return if wanted(value) { 1.0 } else { 0.0 };
            }
            if let Some(known) = done.get(&reference) {
                return *known;
            }
            let level = diagram.level(reference);
            let own = weights.get(level).map(Vec::as_slice).unwrap_or_default();
            let total = own
                .iter()
                .enumerate()
                .map(|(value, weight)| {
                    let child = diagram.child(reference, level, value);
                    weight * skipped(level + 1, diagram.level(child)) * walk(diagram, child, weights, wanted, skipped, done)
                })
                .sum();
            done.insert(reference, total);
            total
        }
        skipped(0, self.level(reference)) * walk(self, reference, weights, wanted, &skipped, &mut Map::default())
    }

    /// The cheapest assignment to a leaf that `wanted` accepts: for each level that matters, the value; none if there is none.
    pub(crate) fn cheapest(&self, reference: Ref, costs: &[Vec<u32>], wanted: &impl Fn(u32) -> bool) -> Option<(u32, Vec<(usize, usize)>)> {
        fn walk(
            diagram: &Diagram,
            reference: Ref,
            costs: &[Vec<u32>],
            wanted: &impl Fn(u32) -> bool,
            done: &mut Map<Ref, Option<(u32, usize)>>,
        ) -> Option<u32> {
            if let Some(value) = reference.value() {
                return wanted(value).then_some(0);
            }
            if let Some(known) = done.get(&reference) {
                return known.map(|(cost, _)| cost);
            }
            let level = diagram.level(reference);
            let own = costs.get(level).map(Vec::as_slice).unwrap_or_default();
            let best = own
                .iter()
                .enumerate()
                .filter_map(|(value, cost)| {
                    Some((walk(diagram, diagram.child(reference, level, value), costs, wanted, done)?.saturating_add(*cost), value))
                })
                .min();
            done.insert(reference, best);
            best.map(|(cost, _)| cost)
        }
        let mut done: Map<Ref, Option<(u32, usize)>> = Map::default();
        let cost = walk(self, reference, costs, wanted, &mut done)?;
        let mut path = Vec::new();
        let mut current = reference;
        while current.value().is_none() {
            let level = self.level(current);
            let (_, value) = done.get(&current).copied().flatten()?;
            path.push((level, value));
            current = self.child(current, level, value);
        }
        Some((cost, path))
    }
}
