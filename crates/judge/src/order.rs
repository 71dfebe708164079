// SPDX-License-Identifier: Apache-2.0
//! The order of variables in a diagram: what is asked together stands together, or the diagram grows without need.

use crate::compile::Frame;
use crate::formula::{Formula, Node, Test};
use crate::store::Variable;
use std::collections::HashMap;

/// How often the order of variables is improved, at most.
const ROUNDS: usize = 30;

/// Puts variables that are asked together near each other: each moves to the middle of the conditions that ask it, and
/// each condition stands in the middle of its variables, as long as that makes conditions narrower.
pub(crate) fn near(frame: &Frame, roots: &[Formula], start: Vec<Variable>) -> Vec<Variable> {
    let mut conditions: Vec<Vec<Variable>> = Vec::new();
    let mut seen: HashMap<Formula, Vec<Variable>> = HashMap::new();
    for root in roots {
        gather(frame, *root, &mut seen, &mut conditions);
    }
    conditions.sort();
    conditions.dedup();
    let width = |order: &[Variable]| -> usize {
        let at: HashMap<Variable, usize> = order.iter().enumerate().map(|(at, variable)| (*variable, at)).collect();
        let spread = |condition: &Vec<Variable>| {
            let all = condition.iter().filter_map(|variable| at.get(variable));
            all.clone().max().zip(all.min()).map_or(0, |(last, first)| last - first)
        };
        conditions.iter().map(spread).sum()
    };
    let (mut best, mut least) = (start.clone(), width(&start));
    let mut order = start;
    for _ in 0..ROUNDS {
        let at: HashMap<Variable, f64> = order.iter().zip(0_u32..).map(|(variable, at)| (*variable, f64::from(at))).collect();
        let mut pull: HashMap<Variable, (f64, f64)> = HashMap::new();
        for condition in &conditions {
            let size = condition.iter().fold(0.0, |size, _| size + 1.0);
            let middle = condition.iter().filter_map(|variable| at.get(variable)).sum::<f64>() / size;
            for variable in condition {
                let (sum, count) = pull.entry(*variable).or_insert((0.0, 0.0));
                (*sum, *count) = (*sum + middle, *count + 1.0);
            }
        }
        let place = |variable: &Variable| match pull.get(variable) {
            Some((sum, count)) => sum / count,
            None => at.get(variable).copied().unwrap_or(0.0),
        };
        order.sort_by(|a, b| place(a).total_cmp(&place(b)));
        let own = width(&order);
        if own < least {
            (best, least) = (order.clone(), own);
        }
    }
    best
}

/// The variables of a formula, and those of every condition in it that asks for more than one.
fn gather(frame: &Frame, formula: Formula, seen: &mut HashMap<Formula, Vec<Variable>>, out: &mut Vec<Vec<Variable>>) -> Vec<Variable> {
    if let Some(known) = seen.get(&formula) {
        return known.clone();
    }
    let mut own: Vec<Variable> = match frame.formulas.node(formula) {
        Some(Node::All(parts) | Node::Any(parts)) => parts.iter().flat_map(|part| gather(frame, *part, seen, out)).collect(),
        Some(Node::Not(inner)) => gather(frame, *inner, seen, out),
        Some(Node::Test(number)) => frame.tests.get(*number).map(Test::variable).into_iter().collect(),
        None => Vec::new(),
    };
    own.sort_unstable();
    own.dedup();
    if own.len() > 1 {
        out.push(own.clone());
    }
    seen.insert(formula, own.clone());
    own
}
