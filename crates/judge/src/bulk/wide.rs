// SPDX-License-Identifier: Apache-2.0
//! Wide disjunctions: thousands of rules, each a conjunction of a few tests, of which one fact excludes nearly all.
//!
//! For each value of each fact, two strings with a bit for each part tell which parts the value leaves possible, and of
//! which it makes every test on this fact hold. Both are found once for a value. A row is then answered by the strings of
//! its values, and only where the most selective of them has bits: how long that takes hardly depends on how many parts
//! there are.

use super::columns::Columns;
use crate::compile::Frame;
use crate::formula::{Formula, Node, Test, Truth};
use std::collections::{BTreeMap, HashMap};

/// A disjunction of so many parts is looked up; fewer are faster evaluated for many rows at once.
pub(super) const WIDE: usize = 256;

/// So many values are kept for each fact before all are forgotten.
const VALUES: usize = 4_096;

/// A part of which a test must hold, or must not.
#[derive(Clone, Copy)]
struct Literal {
    part: usize,
    test: usize,
    positive: bool,
}

/// A bit for each part: what one value of one fact says of them.
struct Planes {
    must: Vec<u64>,
    may: Vec<u64>,
    /// The words of `may` that are not zero.
    live: Vec<usize>,
}

/// The tests of all parts on one column.
struct Fact {
    column: usize,
    literals: Vec<Literal>,
    /// What each code says.
    known: HashMap<u32, Planes>,
}

/// A disjunction of conjunctions of tests.
pub(super) struct Wide {
    words: usize,
    /// The bits of the last word that stand for parts.
    rest: u64,
    facts: Vec<Fact>,
}

impl Wide {
    /// Takes the parts that are conjunctions of tests; the others are given back, with the positions of those taken.
    /// None where too few could be taken.
    pub(super) fn of(frame: &Frame, columns: &Columns, parts: &[Formula]) -> Option<(Self, Vec<Formula>, Vec<Formula>)> {
        if parts.len() < WIDE {
            return None;
        }
        let (mut taken, mut left) = (Vec::new(), Vec::new());
        let mut by_column: BTreeMap<usize, Vec<Literal>> = BTreeMap::new();
        for part in parts {
            let mut literals = Vec::new();
            if conjuncts(frame, *part, taken.len(), true, &mut literals) {
                taken.push(*part);
                for literal in literals {
                    by_column.entry(columns.column(literal.test)).or_default().push(literal);
                }
            } else {
                left.push(*part);
            }
        }
        if taken.len() < WIDE {
            return None;
        }
        let facts = by_column.into_iter().map(|(column, literals)| Fact { column, literals, known: HashMap::new() });
        let rest = match taken.len() % 64 {
            0 => !0,
            bits => (1 << bits) - 1,
        };
        Some((Self { words: taken.len().div_ceil(64), rest, facts: facts.collect() }, taken, left))
    }

    /// The value for a row, and the first part that holds.
    pub(super) fn value(&mut self, columns: &mut Columns, tests: &[Test], codes: &[u32]) -> (Truth, Option<usize>) {
        let (words, rest) = (self.words, self.rest);
        for fact in &mut self.facts {
            fact.know(columns, tests, codes, words, rest);
        }
        let planes: Vec<&Planes> = self.facts.iter().filter_map(|fact| fact.known.get(&fact.code(codes))).collect();
        let Some(fewest) = planes.iter().min_by_key(|planes| planes.live.len()) else { return (Truth::Open, None) };
        let mut open = false;
        for word in &fewest.live {
            let all = |plane: fn(&Planes) -> &Vec<u64>| {
                planes.iter().fold(!0_u64, |bits, planes| bits & plane(planes).get(*word).copied().unwrap_or(0))
            };
            if all(|planes| &planes.may) == 0 {
                continue;
            }
            let must = all(|planes| &planes.must);
            if must != 0 {
                return (Truth::True, usize::try_from(must.trailing_zeros()).ok().map(|bit| word * 64 + bit));
            }
            open = true;
        }
        (if open { Truth::Open } else { Truth::False }, None)
    }
}

impl Fact {
    fn code(&self, codes: &[u32]) -> u32 {
        codes.get(self.column).copied().unwrap_or(u32::MAX)
    }

    /// Finds what the value of a row says, if that was not found before.
    fn know(&mut self, columns: &mut Columns, tests: &[Test], codes: &[u32], words: usize, rest: u64) {
        let code = self.code(codes);
        if self.known.contains_key(&code) {
            return;
        }
        if self.known.len() >= VALUES {
            self.known.clear();
        }
        // A part that does not ask for the fact is neither excluded nor kept from holding by it.
        let mut must = vec![!0_u64; words];
        if let Some(last) = must.last_mut() {
            *last = rest;
        }
        let mut may = must.clone();
        for literal in &self.literals {
            let truth = columns.truth(literal.test, code, tests);
            let truth = if literal.positive { truth } else { !truth };
            let (word, bit) = (literal.part / 64, 1_u64 << (literal.part % 64));
            if truth != Truth::True
                && let Some(must) = must.get_mut(word)
            {
                *must &= !bit;
            }
            if truth == Truth::False
                && let Some(may) = may.get_mut(word)
            {
                *may &= !bit;
            }
        }
        let live = may.iter().enumerate().filter(|(_, bits)| **bits != 0).map(|(word, _)| word).collect();
        self.known.insert(code, Planes { must, may, live });
    }
}

/// Collects the tests of a conjunction; false if it is none.
fn conjuncts(frame: &Frame, formula: Formula, part: usize, positive: bool, out: &mut Vec<Literal>) -> bool {
    match frame.formulas.node(formula) {
        Some(Node::Test(test)) => {
            out.push(Literal { part, test: *test, positive });
            true
        }
        Some(Node::All(parts)) if positive && !parts.is_empty() => parts.iter().all(|inner| conjuncts(frame, *inner, part, true, out)),
        Some(Node::Any(parts)) if !positive && !parts.is_empty() => parts.iter().all(|inner| conjuncts(frame, *inner, part, false, out)),
        Some(Node::Not(inner)) => conjuncts(frame, *inner, part, !positive, out),
        _ => false,
    }
}
