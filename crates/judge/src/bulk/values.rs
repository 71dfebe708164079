// SPDX-License-Identifier: Apache-2.0
//! The bits of a block on which the verdict of a program hangs.

use super::block::{Block, Pair, bit};
use super::code::Code;
use super::columns::Columns;
use super::table::Cell;
use crate::finding::Verdict;
use crate::formula::Truth;
use comity_terms::Term;

/// What the bits of a block say for a program.
pub(super) struct Values {
    governs: Pair,
    unrestricted: Pair,
    lawful: Pair,
    /// The mechanisms, each with its place in the order of the instrument.
    permits: Vec<(usize, Pair, Term)>,
}

impl Values {
    pub(super) fn of(block: &Block, columns: &Columns, code: &Code, first: bool) -> Self {
        let mut governs = block.value(columns, code.applicable);
        if !first {
            // What does not reach later legs does not govern them.
            let onward = block.value(columns, code.onward);
            governs = governs.both_may(&onward);
        }
        let permits = code.permits.iter();
        Self {
            governs,
            unrestricted: block.value(columns, code.unrestricted),
            lawful: block.value(columns, code.lawful),
            permits: permits.map(|(order, input, mechanism)| (*order, block.value(columns, *input), *mechanism)).collect(),
        }
    }

    /// The answer for a row, where bits alone show that the instrument lets it go.
    pub(super) fn decided(&self, block: &Block, code: &Code, at: usize) -> Option<Cell> {
        if truth(&self.governs, at) == Truth::False {
            return Some(Cell::outside());
        }
        match (truth(&self.unrestricted, at), truth(&self.lawful, at)) {
            (Truth::True, _) => Some(Cell::decided(Verdict::Unrestricted, None)),
            (Truth::False, Truth::True) => Some(Cell::decided(Verdict::Permitted, self.carrying(block, code, at))),
            _ => None,
        }
    }

    /// The first mechanism of the instrument that holds for a row.
    fn carrying(&self, block: &Block, code: &Code, at: usize) -> Option<Term> {
        let plain =
            self.permits.iter().find(|(_, pair, _)| truth(pair, at) == Truth::True).map(|(order, _, mechanism)| (*order, *mechanism));
        let wide = code.wide_permits.iter().enumerate().filter_map(|(wide, parts)| parts.get(&block.first(wide, at)?)).copied();
        wide.chain(plain).min_by_key(|(order, _)| *order).map(|(_, mechanism)| mechanism)
    }

    /// Whether the instrument lets a row go, as far as bits can tell.
    pub(super) fn lets_go(&self, at: usize) -> Truth {
        match (truth(&self.governs, at), truth(&self.lawful, at)) {
            (Truth::False, _) | (_, Truth::True) => Truth::True,
            (Truth::True, Truth::False) => Truth::False,
            _ => Truth::Open,
        }
    }
}

fn truth(pair: &Pair, at: usize) -> Truth {
    match (bit(&pair.must, at), bit(&pair.may, at)) {
        (true, _) => Truth::True,
        (false, true) => Truth::Open,
        (false, false) => Truth::False,
    }
}
