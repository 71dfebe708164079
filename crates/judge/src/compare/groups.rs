// SPDX-License-Identifier: Apache-2.0
//! The flows of one difference in groups by the provisions behind them, few enough to read.
//!
//! A group is a provision of one side beside one of the other. Groups overlap, since a flow can have two mechanisms.
//! They are chosen one after another, each so that it takes in as much as possible of what the earlier ones left.

use super::causes::{Cause, Causes, Reason};
use crate::diagram::{Full, Join, Ref};
use crate::example::Path;
use crate::finding::Verdict;
use crate::formula::Formula;
use crate::space::{NOTHING, Space};
use comity_flow::Flow;
use jiff::civil::Date;

/// So many groups are told of a difference, at most.
pub const GROUPS: usize = 8;

/// Flows of one difference that have the same provisions behind them.
#[derive(Clone, Debug)]
pub struct Group {
    /// What lies behind the verdict of the first side.
    pub first: Cause,
    /// What lies behind the verdict of the second side.
    pub second: Cause,
    /// The share of the difference that is in the group.
    pub share: f64,
    /// The share of the difference that is in the group and in none before it.
    pub own: f64,
    /// A flow of the group that is in none before it, as near as possible to the example of the first group.
    pub example: Flow,
    /// Which of the given flows are in the group.
    pub flows: Vec<usize>,
    /// The conditions of the two causes.
    pub(crate) conditions: [Formula; 2],
}

/// What is asked of every difference alike.
pub(crate) struct Asked<'s> {
    pub(crate) causes: [&'s Causes; 2],
    /// The flows that can be.
    pub(crate) sane: Ref,
    pub(crate) weights: &'s [Vec<f64>],
    pub(crate) costs: &'s [Vec<u32>],
    /// The day of the examples.
    pub(crate) day: Date,
}

/// The groups of a difference, and the share of it in which each cause of each side counts.
#[derive(Default)]
pub(crate) struct Grouped {
    pub(crate) groups: Vec<Group>,
    pub(crate) counts: [Vec<(Cause, f64)>; 2],
    /// The share that is in no group.
    pub(crate) left: f64,
}

/// The causes of one side as sets of flows, with bounds on how much of what is left each takes in.
struct Candidates<'s> {
    reasons: &'s [Reason],
    sets: Vec<Ref>,
    bounds: Vec<f64>,
}

impl<'s> Candidates<'s> {
    fn new(space: &mut Space, reasons: &'s [Reason], here: Ref, weights: &[Vec<f64>]) -> Result<Self, Full> {
        let (mut sets, mut bounds) = (Vec::new(), Vec::new());
        for (_, formula) in reasons {
            let set = space.formula(*formula)?;
            let both = space.diagram.join(Join::And, here, set)?;
            sets.push(set);
            bounds.push(space.diagram.count(both, weights, &|value| value == 1));
        }
        Ok(Self { reasons, sets, bounds })
    }

    /// The one that takes in most of `within`, and what it takes in. Bounds only fall, so most need not be counted again.
    fn best(&self, space: &mut Space, bounds: &mut [f64], within: Ref, weights: &[Vec<f64>]) -> Result<Option<(usize, Ref)>, Full> {
        let mut exact: Vec<Option<Ref>> = vec![None; bounds.len()];
        loop {
            let largest = bounds.iter().enumerate().max_by(|(i, a), (j, b)| a.total_cmp(b).then(j.cmp(i)));
            let Some((at, _)) = largest.filter(|(_, bound)| **bound > 0.0) else { return Ok(None) };
            if let Some(Some(found)) = exact.get(at) {
                return Ok(Some((at, *found)));
            }
            let (Some(set), Some(bound), Some(slot)) = (self.sets.get(at), bounds.get_mut(at), exact.get_mut(at)) else { return Ok(None) };
            let both = space.diagram.join(Join::And, within, *set)?;
            *bound = space.diagram.count(both, weights, &|value| value == 1);
            *slot = Some(both);
        }
    }
}

/// Groups the flows in `here`, of which there are `count`. Where the diagram outgrows its budget, the groups found so
/// far are kept.
pub(crate) fn groups(space: &mut Space, here: Ref, count: f64, verdicts: [Verdict; 2], asked: &Asked) -> Grouped {
    let mut out = Grouped { left: 1.0, ..Grouped::default() };
    // Whoever runs out of room has said what fitted in.
    let _ = fill(space, here, count, verdicts, asked, &mut out);
    out
}

fn fill(space: &mut Space, here: Ref, count: f64, verdicts: [Verdict; 2], asked: &Asked, out: &mut Grouped) -> Result<(), Full> {
    let ([one, two], [first, second], weights) = (asked.causes, verdicts, asked.weights);
    let a = Candidates::new(space, one.of_verdict(first), here, weights)?;
    let b = Candidates::new(space, two.of_verdict(second), here, weights)?;
    for (candidates, counts) in [&a, &b].into_iter().zip(&mut out.counts) {
        let all = candidates.reasons.iter().zip(&candidates.bounds).filter(|(_, own)| **own > 0.0);
        *counts = all.map(|((cause, _), own)| (cause.clone(), own / count)).collect();
        counts.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    }
    let (mut rest, mut bounds, mut start) = (here, a.bounds.clone(), None);
    while out.groups.len() < GROUPS && rest != Ref::flag(false) {
        let Some((i, part)) = a.best(space, &mut bounds, rest, weights)? else { break };
        let Some((j, part)) = b.best(space, &mut b.bounds.clone(), part, weights)? else { break };
        let (Some((x, f)), Some((y, g)), Some(p), Some(q)) = (a.reasons.get(i), b.reasons.get(j), a.sets.get(i), b.sets.get(j)) else {
            break;
        };
        let both = space.diagram.join(Join::And, *p, *q)?;
        let all = space.diagram.join(Join::And, here, both)?;
        let Some(path) = example(space, part, asked, start.as_ref())? else { break };
        let of = |space: &Space, set: Ref| space.diagram.count(set, weights, &|value| value == 1) / count;
        out.groups.push(Group {
            first: one.beside(x, y),
            second: two.beside(y, x),
            share: of(space, all),
            own: of(space, part),
            example: space.flow(&path, asked.day),
            flows: Vec::new(),
            conditions: [*f, *g],
        });
        start.get_or_insert(path);
        let others = space.diagram.negate(both)?;
        rest = space.diagram.join(Join::And, rest, others)?;
        out.left = of(space, rest);
    }
    Ok(())
}

/// A smallest flow of a set, as near as can be to another one.
fn example(space: &mut Space, set: Ref, asked: &Asked, near: Option<&Path>) -> Result<Option<Path>, Full> {
    // What no flow can be is no reason to state a fact.
    let set = space.diagram.join(Join::Keep(NOTHING), asked.sane, set)?;
    let mut costs = asked.costs.to_vec();
    for (own, value) in costs.iter_mut().zip(near.into_iter().flatten()) {
        let Some(value) = *value else { continue };
        for (at, cost) in own.iter_mut().enumerate() {
            *cost = if at == value { 0 } else { *cost + OTHER };
        }
    }
    Ok(space.smallest(set, &costs, &|leaf| leaf == 1, NOTHING))
}

/// What it costs an example to have another value than the one it is to be near to.
const OTHER: u32 = 3;
