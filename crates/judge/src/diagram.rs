// SPDX-License-Identifier: Apache-2.0
//! The decision diagram: a reduced, ordered, multi-valued diagram with numbers at its leaves.
//!
//! Every node tests one variable and has a child for each of its values. Nodes are stored once, and a node whose
//! children are all alike is that child, so equal functions are equal references: whether two laws decide alike is a
//! comparison of two numbers, where they differ is a walk, and how often is a count.
//! A budget bounds the size; beyond it every operation answers [`Full`] and the caller says so.

use std::collections::HashMap;

/// A reference to a node, or to a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Ref(u32);

const LEAF: u32 = 1 << 31;

impl Ref {
    /// The leaf with a value.
    pub(crate) fn leaf(value: u32) -> Self {
        Self(value | LEAF)
    }

    /// No and yes.
    pub(crate) fn flag(value: bool) -> Self {
        Self::leaf(u32::from(value))
    }

    /// The value, if it is a leaf.
    pub(crate) fn value(self) -> Option<u32> {
        (self.0 & LEAF != 0).then_some(self.0 & !LEAF)
    }

    fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// The budget of nodes is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct NodeData {
    level: u32,
    children: Box<[Ref]>,
}

/// How two leaves are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Join {
    /// Both.
    And,
    /// Either.
    Or,
    /// The second where the first is yes, else the third leaf value, given here.
    Keep(u32),
    /// `first * factor + second`.
    Pair(u32),
}

impl Join {
    fn leaves(self, a: u32, b: u32) -> u32 {
        match self {
            Self::And => u32::from(a != 0 && b != 0),
            Self::Or => u32::from(a != 0 || b != 0),
            Self::Keep(other) => {
                if a == 0 {
                    other
                } else {
                    b
                }
            }
            Self::Pair(factor) => a * factor + b,
        }
    }

    /// The result where one side alone settles it.
    fn shortcut(self, a: Ref, b: Ref) -> Option<Ref> {
        match (self, a.value(), b.value()) {
            (Self::And, Some(0), _) | (Self::And, _, Some(0)) => Some(Ref::flag(false)),
            (Self::Or, Some(1), _) | (Self::Or, _, Some(1)) => Some(Ref::flag(true)),
            (Self::And, Some(1), _) | (Self::Or, Some(0), _) => Some(b),
            (Self::And, _, Some(1)) | (Self::Or, _, Some(0)) => Some(a),
            (Self::Keep(other), Some(0), _) => Some(Ref::leaf(other)),
            (Self::Keep(_), Some(1), _) => Some(b),
            (Self::And | Self::Or, None, None) if a == b => Some(a),
            _ => None,
        }
    }
}

/// A store of nodes over variables in a fixed order.
pub(crate) struct Diagram {
    /// How many values each level has.
    arity: Vec<usize>,
    nodes: Vec<NodeData>,
    unique: HashMap<NodeData, Ref>,
    joined: HashMap<(Join, Ref, Ref), Ref>,
    budget: usize,
}

impl Diagram {
    pub(crate) fn new(arity: Vec<usize>, budget: usize) -> Self {
        Self { arity, nodes: Vec::new(), unique: HashMap::new(), joined: HashMap::new(), budget }
    }

    /// How many nodes there are.
    pub(crate) fn size(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn node(&mut self, level: usize, children: Vec<Ref>) -> Result<Ref, Full> {
        if let Some(first) = children.first()
            && children.iter().all(|child| child == first)
        {
            return Ok(*first);
        }
        let data = NodeData { level: u32::try_from(level).map_err(|_| Full)?, children: children.into() };
        if let Some(known) = self.unique.get(&data) {
            return Ok(*known);
        }
        if self.nodes.len() >= self.budget {
            return Err(Full);
        }
        let reference = Ref(u32::try_from(self.nodes.len()).map_err(|_| Full)?);
        self.nodes.push(data.clone());
        self.unique.insert(data, reference);
        Ok(reference)
    }

    /// A node that tells the values in `yes` from the others.
    pub(crate) fn test(&mut self, level: usize, yes: impl Fn(usize) -> bool) -> Result<Ref, Full> {
        let arity = self.arity.get(level).copied().unwrap_or(0);
        self.node(level, (0..arity).map(|value| Ref::flag(yes(value))).collect())
    }

    /// The level of the topmost variable; the number of levels for a leaf.
    pub(crate) fn level(&self, reference: Ref) -> usize {
        self.nodes
            .get(reference.index())
            .filter(|_| reference.value().is_none())
            .map_or(self.arity.len(), |node| usize::try_from(node.level).unwrap_or(usize::MAX))
    }

    /// The child for a value of the variable at a level.
    pub(crate) fn child(&self, reference: Ref, level: usize, value: usize) -> Ref {
        if self.level(reference) != level {
            return reference;
        }
        self.nodes.get(reference.index()).and_then(|node| node.children.get(value)).copied().unwrap_or(reference)
    }

    pub(crate) fn join(&mut self, join: Join, a: Ref, b: Ref) -> Result<Ref, Full> {
        if let Some(result) = join.shortcut(a, b) {
            return Ok(result);
        }
        if let (Some(a), Some(b)) = (a.value(), b.value()) {
            return Ok(Ref::leaf(join.leaves(a, b)));
        }
        let key = if matches!(join, Join::And | Join::Or) && b < a { (join, b, a) } else { (join, a, b) };
        if let Some(known) = self.joined.get(&key) {
            return Ok(*known);
        }
        let level = self.level(a).min(self.level(b));
        let arity = self.arity.get(level).copied().unwrap_or(0);
        let mut children = Vec::with_capacity(arity);
        for value in 0..arity {
            let (a, b) = (self.child(a, level, value), self.child(b, level, value));
            children.push(self.join(join, a, b)?);
        }
        let result = self.node(level, children)?;
        self.joined.insert(key, result);
        Ok(result)
    }

    pub(crate) fn negate(&mut self, reference: Ref) -> Result<Ref, Full> {
        self.map(reference, &mut HashMap::new(), &|value| u32::from(value == 0))
    }

    /// Other values at the leaves.
    pub(crate) fn map(&mut self, reference: Ref, done: &mut HashMap<Ref, Ref>, change: &impl Fn(u32) -> u32) -> Result<Ref, Full> {
        if let Some(value) = reference.value() {
            return Ok(Ref::leaf(change(value)));
        }
        if let Some(known) = done.get(&reference) {
            return Ok(*known);
        }
        let level = self.level(reference);
        let arity = self.arity.get(level).copied().unwrap_or(0);
        let mut children = Vec::with_capacity(arity);
        for value in 0..arity {
            let child = self.child(reference, level, value);
            children.push(self.map(child, done, change)?);
        }
        let result = self.node(level, children)?;
        done.insert(reference, result);
        Ok(result)
    }

    /// For one variable: what holds at a value or at a value that can be reached from it; `reach` lists those.
    pub(crate) fn reachable(
        &mut self,
        reference: Ref,
        level: usize,
        reach: &[Vec<usize>],
        done: &mut HashMap<Ref, Ref>,
    ) -> Result<Ref, Full> {
        let top = self.level(reference);
        if top > level {
            return Ok(reference);
        }
        if let Some(known) = done.get(&reference) {
            return Ok(*known);
        }
        let arity = self.arity.get(top).copied().unwrap_or(0);
        let mut children = Vec::with_capacity(arity);
        for value in 0..arity {
            let own = self.child(reference, top, value);
            if top < level {
                children.push(self.reachable(own, level, reach, done)?);
                continue;
            }
            let mut all = own;
            for other in reach.get(value).into_iter().flatten() {
                let other = self.child(reference, top, *other);
                all = self.join(Join::Or, all, other)?;
            }
            children.push(all);
        }
        let result = self.node(top, children)?;
        done.insert(reference, result);
        Ok(result)
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
            done: &mut HashMap<Ref, f64>,
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
        skipped(0, self.level(reference)) * walk(self, reference, weights, wanted, &skipped, &mut HashMap::new())
    }

    /// The cheapest assignment to a leaf that `wanted` accepts: for each level that matters, the value; none if there is none.
    pub(crate) fn cheapest(&self, reference: Ref, costs: &[Vec<u32>], wanted: &impl Fn(u32) -> bool) -> Option<(u32, Vec<(usize, usize)>)> {
        fn walk(
            diagram: &Diagram,
            reference: Ref,
            costs: &[Vec<u32>],
            wanted: &impl Fn(u32) -> bool,
            done: &mut HashMap<Ref, Option<(u32, usize)>>,
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
        let mut done = HashMap::new();
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

#[cfg(test)]
mod tests {
    use super::{Diagram, Full, Join, Ref};

    fn three() -> Diagram {
        Diagram::new(vec![2, 3, 2], 1_000)
    }

    #[test]
    fn equal_functions_are_equal_references() {
        let mut diagram = three();
        let a = diagram.test(0, |value| value == 1).unwrap();
        let b = diagram.test(1, |value| value == 2).unwrap();
        let and = diagram.join(Join::And, a, b).unwrap();
        let (not_a, not_b) = (diagram.negate(a).unwrap(), diagram.negate(b).unwrap());
        let or = diagram.join(Join::Or, not_a, not_b).unwrap();
        assert_eq!(diagram.negate(or).unwrap(), and, "De Morgan");
        assert_eq!(diagram.negate(not_a).unwrap(), a);
        assert_eq!(diagram.join(Join::Or, a, not_a).unwrap(), Ref::flag(true));
    }

    #[test]
    fn counting_weighs_skipped_variables() {
        let mut diagram = three();
        let b = diagram.test(1, |value| value == 2).unwrap();
        let weights = vec![vec![1.0, 1.0], vec![5.0, 2.0, 3.0], vec![1.0, 1.0]];
        assert!((diagram.count(b, &weights, &|value| value == 1) - 12.0).abs() < 1e-9);
        assert!((diagram.count(Ref::flag(true), &weights, &|value| value == 1) - 40.0).abs() < 1e-9);
    }

    #[test]
    fn the_cheapest_way_is_a_shortest_path() {
        let mut diagram = three();
        let a = diagram.test(0, |value| value == 1).unwrap();
        let c = diagram.test(2, |value| value == 1).unwrap();
        let or = diagram.join(Join::Or, a, c).unwrap();
        let costs = vec![vec![0, 5], vec![0, 0, 0], vec![0, 3]];
        assert_eq!(diagram.cheapest(or, &costs, &|value| value == 1), Some((3, vec![(0, 0), (2, 1)])));
        assert_eq!(diagram.cheapest(Ref::flag(false), &costs, &|value| value == 1), None);
    }

    #[test]
    fn what_a_step_can_reach() {
        let mut diagram = three();
        let a = diagram.test(0, |value| value == 1).unwrap();
        // Value 1 can be reached from value 0.
        let reached = diagram.reachable(a, 0, &[vec![1], vec![]], &mut std::collections::HashMap::new()).unwrap();
        assert_eq!(reached, Ref::flag(true));
        let kept = diagram.reachable(a, 0, &[vec![], vec![0]], &mut std::collections::HashMap::new()).unwrap();
        assert_eq!(kept, a);
    }

    #[test]
    fn the_budget_is_kept() {
        let mut diagram = Diagram::new(vec![2; 8], 2);
        let parts: Vec<Ref> = (0..2).map(|level| diagram.test(level, |value| value == 1).unwrap()).collect();
        assert_eq!(diagram.join(Join::And, parts[0], parts[1]), Err(Full));
    }
}
