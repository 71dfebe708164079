// SPDX-License-Identifier: Apache-2.0
//! The decision diagram: a reduced, ordered, multi-valued diagram with numbers at its leaves.
//!
//! Every node tests one variable and has a child for each of its values. Nodes are stored once, and a node whose
//! children are all alike is that child, so equal functions are equal references: whether two laws decide alike is a
//! comparison of two numbers, where they differ is a walk, and how often is a count.
//! A budget bounds the size; beyond it every operation answers [`Full`] and the caller says so.

mod paths;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

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

/// A map whose keys are numbers that this crate makes itself: nobody can choose them to collide.
pub(crate) type Map<K, V> = HashMap<K, V, BuildHasherDefault<Mix>>;

/// Mixes numbers by multiplication.
#[derive(Clone, Copy, Default)]
pub(crate) struct Mix(u64);

impl Mix {
    fn add(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for Mix {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.add(u64::from(*byte)));
    }

    fn write_u32(&mut self, number: u32) {
        self.add(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.add(number);
    }

    fn finish(&self) -> u64 {
        // The upper bits are mixed best, and the map looks at the lower ones too.
        self.0 ^ (self.0 >> 29)
    }
}

/// A node: the level it tests, where its children stand, and the next node whose children have the same mixture.
#[derive(Clone, Copy)]
struct Node {
    level: u32,
    children: u32,
    next: u32,
}

/// No node.
const NONE: u32 = u32::MAX;

/// A store of nodes over variables in a fixed order.
pub(crate) struct Diagram {
    /// How many values each level has.
    arity: Vec<usize>,
    nodes: Vec<Node>,
    /// The children of all nodes, one after another.
    children: Vec<Ref>,
    /// For each mixture of a level and children, the last node that has it.
    unique: Map<u64, u32>,
    joined: Map<(Join, Ref, Ref), Ref>,
    negated: Map<Ref, Ref>,
    /// The children of nodes that are being made.
    making: Vec<Ref>,
    budget: usize,
}

impl Diagram {
    pub(crate) fn new(arity: Vec<usize>, budget: usize) -> Self {
        Self {
            arity,
            nodes: Vec::new(),
            children: Vec::new(),
            unique: Map::default(),
            joined: Map::default(),
            negated: Map::default(),
            making: Vec::new(),
            budget,
        }
    }

    /// How many nodes there are.
    pub(crate) fn size(&self) -> usize {
        self.nodes.len()
    }

    fn width(&self, level: usize) -> usize {
        self.arity.get(level).copied().unwrap_or(0)
    }

    /// The node at a level whose children were put last into `making`, from `base` on.
    fn made(&mut self, level: usize, base: usize) -> Result<Ref, Full> {
        let result = self.find_or_add(level, base);
        self.making.truncate(base);
        result
    }

    fn find_or_add(&mut self, level: usize, base: usize) -> Result<Ref, Full> {
        let made = self.making.get(base..).unwrap_or_default();
        if let Some(first) = made.first()
            && made.iter().all(|child| child == first)
        {
            return Ok(*first);
        }
        let level = u32::try_from(level).map_err(|_| Full)?;
        let mut mix = Mix::default();
        mix.add(u64::from(level));
        made.iter().for_each(|child| mix.add(u64::from(child.0)));
        let mixture = mix.finish();
        let mut next = self.unique.get(&mixture).copied().unwrap_or(NONE);
        let last = next;
        while let Some(node) = usize::try_from(next).ok().and_then(|at| self.nodes.get(at)) {
            if node.level == level && self.children_of(node) == made {
                return Ok(Ref(next));
            }
            next = node.next;
        }
        if self.nodes.len() >= self.budget {
            return Err(Full);
        }
        let number = u32::try_from(self.nodes.len()).ok().filter(|number| number & LEAF == 0).ok_or(Full)?;
        self.nodes.push(Node { level, children: u32::try_from(self.children.len()).map_err(|_| Full)?, next: last });
        self.children.extend_from_slice(made);
        self.unique.insert(mixture, number);
        Ok(Ref(number))
    }

    fn children_of(&self, node: &Node) -> &[Ref] {
        let width = usize::try_from(node.level).map_or(0, |level| self.width(level));
        let start = usize::try_from(node.children).unwrap_or(usize::MAX);
        self.children.get(start..start.saturating_add(width)).unwrap_or_default()
    }

    /// Drops every node that none of these functions needs, and gives their new references in the same order.
    pub(crate) fn keep<const N: usize>(&mut self, roots: [Ref; N]) -> [Ref; N] {
        let mut needed = vec![false; self.nodes.len()];
        let mut next: Vec<Ref> = roots.to_vec();
        while let Some(reference) = next.pop() {
            let (Some(node), Some(mark)) = (self.nodes.get(reference.index()), needed.get_mut(reference.index())) else { continue };
            if !std::mem::replace(mark, true) {
                next.extend(self.children_of(node));
            }
        }
        let empty = Self::new(self.arity.clone(), self.budget);
        let old = std::mem::replace(self, empty);
        let mut moved: Vec<Ref> = Vec::with_capacity(needed.len());
        let at = |moved: &[Ref], reference: Ref| moved.get(reference.index()).copied().unwrap_or(reference);
        // A node is made after its children, so that those have moved before it.
        for (node, needed) in old.nodes.iter().zip(needed) {
            let mut new = Ref::flag(false);
            if needed {
                self.making.extend(old.children_of(node).iter().map(|child| at(&moved, *child)));
                let level = usize::try_from(node.level).unwrap_or(usize::MAX);
                // There were as many nodes before.
                new = self.made(level, 0).unwrap_or(new);
            }
            moved.push(new);
        }
        roots.map(|root| at(&moved, root))
    }

    /// A node that tells the values in `yes` from the others.
    pub(crate) fn test(&mut self, level: usize, yes: impl Fn(usize) -> bool) -> Result<Ref, Full> {
        let base = self.making.len();
        self.making.extend((0..self.width(level)).map(|value| Ref::flag(yes(value))));
        self.made(level, base)
    }

    fn node(&self, reference: Ref) -> Option<&Node> {
        self.nodes.get(reference.index()).filter(|_| reference.value().is_none())
    }

    /// The level of the topmost variable; the number of levels for a leaf.
    pub(crate) fn level(&self, reference: Ref) -> usize {
        self.node(reference).map_or(self.arity.len(), |node| usize::try_from(node.level).unwrap_or(usize::MAX))
    }

    /// The child for a value of the variable at a level.
    pub(crate) fn child(&self, reference: Ref, level: usize, value: usize) -> Ref {
        match self.node(reference) {
            Some(node) if usize::try_from(node.level) == Ok(level) => self.children_of(node).get(value).copied().unwrap_or(reference),
            _ => reference,
        }
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
        let base = self.making.len();
        for value in 0..self.width(level) {
            let (a, b) = (self.child(a, level, value), self.child(b, level, value));
            let child = self.join(join, a, b)?;
            self.making.push(child);
        }
        let result = self.made(level, base)?;
        self.joined.insert(key, result);
        Ok(result)
    }

    /// Joins any number of functions, halves first, so that what comes between stays small.
    pub(crate) fn join_all(&mut self, join: Join, mut all: Vec<Ref>) -> Result<Ref, Full> {
        while all.len() > 1 {
            let mut half = Vec::with_capacity(all.len().div_ceil(2));
            for pair in all.chunks(2) {
                half.push(match pair {
                    [a, b] => self.join(join, *a, *b)?,
                    _ => pair.first().copied().unwrap_or(Ref::flag(join == Join::And)),
                });
            }
            all = half;
        }
        Ok(all.first().copied().unwrap_or(Ref::flag(join == Join::And)))
    }

    /// The function where a variable has a value.
    pub(crate) fn fixed(&mut self, reference: Ref, level: usize, value: usize, done: &mut Map<Ref, Ref>) -> Result<Ref, Full> {
        let top = self.level(reference);
        if top >= level {
            return Ok(self.child(reference, level, value));
        }
        if let Some(known) = done.get(&reference) {
            return Ok(*known);
        }
        let base = self.making.len();
        for own in 0..self.width(top) {
            let child = self.child(reference, top, own);
            let child = self.fixed(child, level, value, done)?;
            self.making.push(child);
        }
        let result = self.made(top, base)?;
        done.insert(reference, result);
        Ok(result)
    }

    pub(crate) fn negate(&mut self, reference: Ref) -> Result<Ref, Full> {
        let mut done = std::mem::take(&mut self.negated);
        let result = self.map(reference, &mut done, &|value| u32::from(value == 0));
        self.negated = done;
        result
    }

    /// Other values at the leaves.
    pub(crate) fn map(&mut self, reference: Ref, done: &mut Map<Ref, Ref>, change: &impl Fn(u32) -> u32) -> Result<Ref, Full> {
        if let Some(value) = reference.value() {
            return Ok(Ref::leaf(change(value)));
        }
        if let Some(known) = done.get(&reference) {
            return Ok(*known);
        }
        let level = self.level(reference);
        let base = self.making.len();
        for value in 0..self.width(level) {
            let child = self.child(reference, level, value);
            let child = self.map(child, done, change)?;
            self.making.push(child);
        }
        let result = self.made(level, base)?;
        done.insert(reference, result);
        Ok(result)
    }

    /// For one variable: what holds at a value or at a value that can be reached from it; `reach` lists those.
    pub(crate) fn reachable(&mut self, reference: Ref, level: usize, reach: &[Vec<usize>], done: &mut Map<Ref, Ref>) -> Result<Ref, Full> {
        let top = self.level(reference);
        if top > level {
            return Ok(reference);
        }
        if let Some(known) = done.get(&reference) {
            return Ok(*known);
        }
        let base = self.making.len();
        for value in 0..self.width(top) {
            let own = self.child(reference, top, value);
            if top < level {
                let child = self.reachable(own, level, reach, done)?;
                self.making.push(child);
                continue;
            }
            let mut all = own;
            for other in reach.get(value).into_iter().flatten() {
                let other = self.child(reference, top, *other);
                all = self.join(Join::Or, all, other)?;
            }
            self.making.push(all);
        }
        let result = self.made(top, base)?;
        done.insert(reference, result);
        Ok(result)
    }
}

#[cfg(test)]
mod tests {
    use super::{Diagram, Full, Join, Map, Ref};

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
        let reached = diagram.reachable(a, 0, &[vec![1], vec![]], &mut Map::default()).unwrap();
        assert_eq!(reached, Ref::flag(true));
        let kept = diagram.reachable(a, 0, &[vec![], vec![0]], &mut Map::default()).unwrap();
        assert_eq!(kept, a);
    }

    #[test]
    fn what_is_not_needed_goes() {
        let mut diagram = three();
        let a = diagram.test(0, |value| value == 1).unwrap();
        let b = diagram.test(1, |value| value == 2).unwrap();
        let c = diagram.test(2, |value| value == 1).unwrap();
        let or = diagram.join(Join::Or, b, c).unwrap();
        let and = diagram.join(Join::And, a, or).unwrap();
        let before = diagram.size();
        let weights = vec![vec![1.0; 2], vec![1.0; 3], vec![1.0; 2]];
        let count = diagram.count(and, &weights, &|value| value == 1);
        let [kept, yes] = diagram.keep([and, Ref::flag(true)]);
        assert_eq!(yes, Ref::flag(true));
        assert!(diagram.size() < before);
        assert!((diagram.count(kept, &weights, &|value| value == 1) - count).abs() < 1e-9);
        // Equal functions are still equal references.
        let a = diagram.test(0, |value| value == 1).unwrap();
        assert_eq!(diagram.join(Join::And, a, kept).unwrap(), kept);
    }

    #[test]
    fn the_budget_is_kept() {
        let mut diagram = Diagram::new(vec![2; 8], 2);
        let parts: Vec<Ref> = (0..2).map(|level| diagram.test(level, |value| value == 1).unwrap()).collect();
        assert_eq!(diagram.join(Join::And, parts[0], parts[1]), Err(Full));
    }
}
