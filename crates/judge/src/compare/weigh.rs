// SPDX-License-Identifier: Apache-2.0
//! Which flows of a corpus fall in which difference.

use super::{Comparison, Question, Side};
use crate::compile::Frame;
use crate::finding::Verdict;
use crate::formula::Truth;
use crate::leg::Leg;
use crate::program::Program;
use crate::solve::Solver;
use crate::store::Store;
use std::collections::BTreeSet;

/// Puts each flow, by its first leg and with the safeguards in place on the earlier day, where it belongs in the comparison:
/// what the flow itself changes between the days is no difference of the laws.
pub(crate) fn weigh(frame: &Frame, programs: [&Program; 2], sides: [&Side; 2], question: &Question, comparison: &mut Comparison) {
    let [a, b] = sides;
    let last = a.day.min(b.day);
    for (number, flow) in question.flows.iter().enumerate() {
        let mut flow = flow.moved_to(last);
        flow.items.retain(|item| item.on.is_none_or(|on| on <= last));
        let [first, second] = sides.map(|side| Leg::First.store_on(&flow, frame, side.day, &[]));
        let [one, two] = programs;
        let solver = Solver::new(frame);
        let governed = |program: &Program, store: &Store| solver.value(program.scope.applicable, store);
        match (governed(one, &first), governed(two, &second)) {
            _ if !question.both_govern => {}
            (Truth::False, _) | (_, Truth::False) => {
                comparison.beyond.push(number);
                continue;
            }
            (Truth::True, Truth::True) => {}
            _ => {
                comparison.open.push(number);
                continue;
            }
        }
        let (Some(x), Some(y)) = (decided(frame, one, &first), decided(frame, two, &second)) else {
            comparison.open.push(number);
            continue;
        };
        if x == y {
            comparison.alike_flows.push(number);
            continue;
        }
        let Some(difference) = comparison.differences.iter_mut().find(|difference| (difference.first, difference.second) == (x, y)) else {
            comparison.open.push(number);
            continue;
        };
        difference.flows.push(number);
        for group in &mut difference.groups {
            let [f, g] = group.conditions;
            if solver.value(f, &first) == Truth::True && solver.value(g, &second) == Truth::True {
                group.flows.push(number);
            }
        }
    }
}

/// The verdict of a program, where unknown facts leave only one.
fn decided(frame: &Frame, program: &Program, store: &Store) -> Option<Verdict> {
    let possible: BTreeSet<Verdict> = Solver::new(frame).verdicts(&[program], store);
    let mut all = possible.into_iter();
    all.next().filter(|_| all.next().is_none())
}
