// SPDX-License-Identifier: Apache-2.0
//! A few flows tried before the diagram is asked: most provisions change a finding on a flow that is easy to come by,
//! and one such flow answers the question. The flows are the same in every run; what they do not show, the diagram decides.

use super::lens::{View, is_empty};
use crate::diagram::{Full, Ref};
use crate::formula::{Formula, Node};
use std::collections::HashMap;

/// How many flows are tried for each way into a set.
const TRIES: usize = 12;

/// A sequence of numbers that looks without order (xorshift).
struct Sequence(u64);

impl Sequence {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % bound.max(1)
    }
}

impl View<'_, '_> {
    /// Whether one of the flows that are tried tells a pair of formulas apart: flows in all of `within`, and in one of `ways`.
    pub(crate) fn tells_apart(&mut self, pairs: &[(Formula, Formula)], within: &[Formula], ways: &[Formula]) -> Result<bool, Full> {
        let mut base = self.sane;
        for formula in within {
            let holds = self.space.formula(*formula)?;
            base = self.both(base, holds)?;
        }
        let mut sequence = Sequence(0x9E37_79B9_7F4A_7C15);
        if self.tried(base, pairs, &mut sequence)? {
            return Ok(true);
        }
        for way in ways {
            let way = self.space.formula(*way)?;
            let set = self.both(base, way)?;
            if self.tried(set, pairs, &mut sequence)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn tried(&mut self, set: Ref, pairs: &[(Formula, Formula)], sequence: &mut Sequence) -> Result<bool, Full> {
        if is_empty(set) {
            return Ok(false);
        }
        for attempt in 0..TRIES {
            // What the set leaves open is as in a flow without anything out of the ordinary, later now and then otherwise.
            let arities: Vec<usize> = self.space.levels.iter().map(crate::classes::Level::arity).collect();
            let mut values: Vec<usize> =
                arities.iter().map(|arity| if sequence.below(4 * TRIES) < attempt { sequence.below(*arity) } else { 0 }).collect();
            if self.space.diagram.walk(set, &mut values, |count| sequence.below(count)).is_none() {
                continue;
            }
            let mut known = HashMap::new();
            for (a, b) in pairs {
                if self.value(*a, &values, &mut known)? != self.value(*b, &values, &mut known)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The value of a formula on one flow.
    fn value(&mut self, formula: Formula, values: &[usize], known: &mut HashMap<Formula, bool>) -> Result<bool, Full> {
        if let Some(value) = known.get(&formula) {
            return Ok(*value);
        }
        let frame = self.space.frame;
        let value = match frame.formulas.node(formula) {
            Some(Node::All(parts)) => self.settled(parts, values, known, false)?,
            Some(Node::Any(parts)) => self.settled(parts, values, known, true)?,
            Some(Node::Not(inner)) => !self.value(*inner, values, known)?,
            Some(Node::Test(_)) => {
                let test = self.space.formula(formula)?;
                self.space.diagram.at(test, values) == Some(1)
            }
            None => false,
        };
        known.insert(formula, value);
        Ok(value)
    }

    /// Whether a part has the value that settles the whole.
    fn settled(&mut self, parts: &[Formula], values: &[usize], known: &mut HashMap<Formula, bool>, settling: bool) -> Result<bool, Full> {
        for part in parts {
            if self.value(*part, values, known)? == settling {
                return Ok(settling);
            }
        }
        Ok(!settling)
    }
}
