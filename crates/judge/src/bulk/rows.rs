// SPDX-License-Identifier: Apache-2.0
//! Flows as rows of codes.

use crate::leg::Leg;
use comity_flow::Flow;
use jiff::civil::Date;

/// One leg of one flow.
pub(super) struct Row {
    pub(super) flow: usize,
    pub(super) leg: Leg,
    pub(super) day: Date,
    /// Whether a place whose law could govern has no instrument.
    pub(super) uncovered: bool,
    /// Whether its facts contradict each other: then more hangs on them than on the tests of an instrument.
    pub(super) void: bool,
    /// A code for each column.
    pub(super) codes: Box<[u32]>,
}

/// Flows that are coded and can be judged.
pub struct Rows<'f> {
    pub(super) flows: &'f [Flow],
    pub(super) first: Vec<Row>,
    pub(super) onward: Vec<Row>,
    /// The state of the columns when the rows were coded.
    pub(super) generation: usize,
}

impl Rows<'_> {
    /// How many flows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.flows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.flows.is_empty()
    }
}
