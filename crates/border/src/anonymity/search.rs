// SPDX-License-Identifier: Apache-2.0
//! The search for the way that loses least.

use super::histogram::Entry;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap, HashSet};

/// So many combinations of cells are put into classes at most, over all ways that are looked at.
const WORK: u64 = 400_000_000;
/// Distances that differ by less are the same: they are sums of shares.
const SAME: f64 = 1e-9;

/// A column that identifies together.
pub(crate) struct Column {
    /// For each outcome, each position in the list of measures, and each distinct cell: the number of what leaves of it.
    /// Equal numbers are equal texts, also across positions.
    pub(crate) leaves: Vec<Vec<u32>>,
    /// For each outcome the position that the law asks for at the least.
    pub(crate) base: Vec<usize>,
}

/// What is searched.
pub(crate) struct Search<'a> {
    pub(crate) columns: Vec<Column>,
    pub(crate) entries: &'a [Entry],
    /// For each sensitive column, each outcome and each distinct cell: the number of what leaves of it.
    pub(crate) sensitive: Vec<Vec<Vec<u32>>>,
    pub(crate) k: u64,
    pub(crate) l: u64,
    pub(crate) t: Option<f64>,
    /// So many rows may be held back.
    pub(crate) may_hold: u64,
}

/// A way: for each column that identifies together the position in its list of measures, unless the law asks for a later one.
pub(crate) type Floors = Vec<usize>;

/// What comes of a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) floors: Floors,
    /// Pairs of rows and columns that agree, rows held back with all.
    pub(crate) agree: u128,
    /// The entries that are held back, by number.
    pub(crate) held: BTreeSet<usize>,
    pub(crate) held_rows: u64,
    pub(crate) held_classes: u64,
    /// The classes that leave.
    pub(crate) classes: u64,
}

/// What was found.
pub(crate) struct Found {
    /// The best way; none where no way reaches what is asked.
    pub(crate) best: Option<Node>,
    /// The way that holds back least, where none holds back as little as is allowed.
    pub(crate) nearest: Option<Node>,
    pub(crate) looked_at: u64,
    /// Whether everything was looked at that could be better.
    pub(crate) whole: bool,
}

struct Group {
    entries: Vec<usize>,
    rows: u64,
}

impl Search<'_> {
    fn rows(&self) -> u64 {
        self.entries.iter().map(|entry| entry.rows).sum()
    }

    /// The number of what leaves of a cell of an entry.
    fn leaves(&self, column: usize, floor: usize, entry: &Entry) -> u32 {
        let Some(of) = self.columns.get(column) else { return 0 };
        let position = floor.max(of.base.get(entry.outcome).copied().unwrap_or(0));
        let cell = entry.cells.get(column).and_then(|cell| usize::try_from(*cell).ok()).unwrap_or(usize::MAX);
        of.leaves.get(position).and_then(|texts| texts.get(cell)).copied().unwrap_or(u32::MAX)
    }

    /// For each number of what leaves of a column, its rows.
    fn counts(&self, column: usize, floor: usize) -> HashMap<u32, u64> {
        let mut counts = HashMap::new();
        for entry in self.entries {
            *counts.entry(self.leaves(column, floor, entry)).or_default() += entry.rows;
        }
        counts
    }

    /// Of pairs of rows that columns tell apart as they are, how many in a million the way does not.
    pub(crate) fn lost(&self, node: &Node) -> u64 {
        let rows = u128::from(self.rows());
        let mut whole: u128 = 0;
        let mut before: u128 = 0;
        for column in 0..self.columns.len() {
            let mut counts: HashMap<u32, u64> = HashMap::new();
            for entry in self.entries {
                *counts.entry(entry.cells.get(column).copied().unwrap_or(u32::MAX)).or_default() += entry.rows;
            }
            before += squares(&counts);
            whole += rows * rows;
        }
        let apart = whole - before;
        if apart == 0 {
            return 0;
        }
        u64::try_from((node.agree - before.min(node.agree)) * 1_000_000 / apart).unwrap_or(u64::MAX)
    }

    /// Looks for the way that loses least; `lawful` says whether the law permits one.
    pub(crate) fn run<E>(&self, lawful: &mut dyn FnMut(&[usize]) -> Result<bool, E>) -> Result<Found, E> {
        // For each column its positions in the order of what they lose, whatever else is chosen.
        let mut orders: Vec<Vec<(u128, usize)>> = Vec::new();
        for (column, of) in self.columns.iter().enumerate() {
            let mut order: Vec<(u128, usize)> =
                (0..of.leaves.len()).map(|position| (squares(&self.counts(column, position)), position)).collect();
            order.sort_unstable();
            orders.push(order);
        }
        let bound = |steps: &[usize]| -> (u128, Floors) {
            let chosen = || steps.iter().zip(&orders).filter_map(|(step, order)| order.get(*step));
            (chosen().map(|(agree, _)| agree).sum(), chosen().map(|(_, position)| *position).collect())
        };
        let start: Vec<usize> = vec![0; orders.len()];
        let (agree, floors) = bound(&start);
        let mut open = BinaryHeap::from([Reverse((agree, floors.iter().sum::<usize>(), floors, start))]);
        let mut found = Found { best: None, nearest: None, looked_at: 0, whole: true };
        let mut work = 0;
        while let Some(Reverse((least, _, floors, steps))) = open.pop() {
            if found.best.as_ref().is_some_and(|best| best.agree < least) {
                break;
            }
            if work > WORK {
                found.whole = false;
                break;
            }
            // Each way is reached once: only the last column that was moved, and those after it, are moved on.
            let last = steps.iter().rposition(|step| *step > 0).unwrap_or(0);
            for (column, order) in orders.iter().enumerate().skip(last) {
                let mut next = steps.clone();
                let Some(step) = next.get_mut(column).filter(|step| **step + 1 < order.len()) else { continue };
                *step += 1;
                let (agree, floors) = bound(&next);
                open.push(Reverse((agree, floors.iter().sum::<usize>(), floors, next)));
            }
            if !lawful(&floors)? {
                continue;
            }
            found.looked_at += 1;
            work += self.entries.len() as u64;
            let node = self.node(floors);
            let better = |known: &Option<Node>, rank: &dyn Fn(&Node) -> (u128, usize, Floors)| {
                known.as_ref().is_none_or(|known| rank(&node) < rank(known))
            };
            let loss = |node: &Node| (node.agree, node.floors.iter().sum(), node.floors.clone());
            let held = |node: &Node| (u128::from(node.held_rows), node.floors.iter().sum(), node.floors.clone());
            if node.held_rows <= self.may_hold && node.classes > 0 {
                if better(&found.best, &loss) {
                    found.best = Some(node);
                }
            } else if better(&found.nearest, &held) {
                found.nearest = Some(node);
            }
        }
        Ok(found)
    }

    /// What comes of a way: classes that do not reach what is asked are held back, until all that are left do.
    fn node(&self, floors: Floors) -> Node {
        let mut groups: HashMap<Box<[u32]>, Group> = HashMap::new();
        for (number, entry) in self.entries.iter().enumerate() {
            let class = floors.iter().enumerate().map(|(column, floor)| self.leaves(column, *floor, entry)).collect();
            let group = groups.entry(class).or_insert_with(|| Group { entries: Vec::new(), rows: 0 });
            group.entries.push(number);
            group.rows += entry.rows;
        }
        let mut left: Vec<Group> = groups.into_values().collect();
        let mut held: Vec<Group> = Vec::new();
        loop {
            // Whom the others are compared with changes when a class is held back.
            let all: Vec<BTreeMap<u64, u64>> =
                if self.t.is_some() { self.distributions(left.iter().flat_map(|group| &group.entries)) } else { Vec::new() };
            let before = held.len();
            let (good, bad): (Vec<Group>, Vec<Group>) = left.into_iter().partition(|group| self.reaches(group, &all));
            held.extend(bad);
            left = good;
            if held.len() == before || left.is_empty() {
                break;
            }
        }
        let counts: Vec<HashMap<u32, u64>> = floors.iter().enumerate().map(|(column, floor)| self.counts(column, *floor)).collect();
        let rows = u128::from(self.rows());
        let mut agree: u128 = counts.iter().map(squares).sum();
        let held_entries: BTreeSet<usize> = held.iter().flat_map(|group| group.entries.iter().copied()).collect();
        for entry in held_entries.iter().filter_map(|number| self.entries.get(*number)) {
            for ((column, floor), counts) in floors.iter().enumerate().zip(&counts) {
                let shared = counts.get(&self.leaves(column, *floor, entry)).copied().unwrap_or(0);
                agree += u128::from(entry.rows) * (rows - u128::from(shared));
            }
        }
        Node {
            floors,
            agree,
            held: held_entries,
            held_rows: held.iter().map(|group| group.rows).sum(),
            held_classes: held.len() as u64,
            classes: left.len() as u64,
        }
    }

    /// For each sensitive column how often each of its values leaves.
    fn distributions<'b>(&self, entries: impl Iterator<Item = &'b usize>) -> Vec<BTreeMap<u64, u64>> {
        let mut all: Vec<BTreeMap<u64, u64>> = vec![BTreeMap::new(); self.sensitive.len()];
        for entry in entries.filter_map(|number| self.entries.get(*number)) {
            for ((values, of_outcome), counts) in entry.sensitive.iter().zip(&self.sensitive).zip(&mut all) {
                let texts = of_outcome.get(entry.outcome);
                for (cell, rows) in values {
                    let text = texts.and_then(|texts| texts.get(usize::try_from(*cell).ok()?)).copied().unwrap_or(u32::MAX);
                    *counts.entry(u64::from(text)).or_default() += rows;
                }
            }
        }
        all
    }

    fn reaches(&self, group: &Group, all: &[BTreeMap<u64, u64>]) -> bool {
        if group.rows < self.k || !self.enough_persons(group) {
            return false;
        }
        if self.l == 0 && self.t.is_none() {
            return true;
        }
        let own = self.distributions(group.entries.iter());
        if own.iter().any(|values| (values.len() as u64) < self.l) {
            return false;
        }
        self.t.is_none_or(|t| own.iter().zip(all).all(|(own, all)| crate::risk::distance(own, all) <= t + SAME))
    }

    fn enough_persons(&self, group: &Group) -> bool {
        let entries = || group.entries.iter().filter_map(|number| self.entries.get(*number));
        if entries().any(|entry| entry.persons.is_none()) {
            return true;
        }
        let mut seen: HashSet<u64> = HashSet::new();
        for person in entries().filter_map(|entry| entry.persons.as_ref()).flatten() {
            seen.insert(*person);
            if seen.len() as u64 >= self.k {
                return true;
            }
        }
        self.k == 0
    }
}

/// How many pairs of rows agree.
fn squares(counts: &HashMap<u32, u64>) -> u128 {
    counts.values().map(|rows| u128::from(*rows) * u128::from(*rows)).sum()
}
