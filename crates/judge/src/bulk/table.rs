// SPDX-License-Identifier: Apache-2.0
//! The answers for many flows.

use crate::finding::{Judgment, Possible, Verdict};
use crate::verdicts::Verdicts;
use comity_terms::Term;

/// What one instrument says of one flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// A bit for each verdict that is possible.
    verdicts: Verdicts,
    governs: bool,
    exact: bool,
    mechanism: Option<Term>,
}

impl Cell {
    /// The instrument does not govern the flow.
    pub(super) fn outside() -> Self {
        Self { verdicts: Verdicts::UNRESTRICTED, governs: false, exact: true, mechanism: None }
    }

    /// Nothing is known of it.
    pub(super) fn unknown() -> Self {
        Self { verdicts: Verdicts::ALL, governs: true, exact: false, mechanism: None }
    }

    pub(super) fn decided(verdict: Verdict, mechanism: Option<Term>) -> Self {
        Self { verdicts: Verdicts::only(verdict), governs: true, exact: true, mechanism }
    }

    pub(super) fn of(possible: &Possible, exact: bool) -> Self {
        Self { verdicts: Verdicts::of(possible), governs: true, exact, mechanism: None }
    }

    /// Whether the instrument governs the flow, or may.
    #[must_use]
    pub fn governs(&self) -> bool {
        self.governs
    }

    /// Whether the search for the verdicts came to its end.
    #[must_use]
    pub fn exact(&self) -> bool {
        self.exact
    }

    /// The verdict, if there is only one.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        self.verdicts.decided()
    }

    /// All verdicts that are possible.
    #[must_use]
    pub fn possible(&self) -> Possible {
        Possible(self.verdicts.list())
    }

    pub(super) fn verdicts(&self) -> Verdicts {
        self.verdicts
    }

    /// The mechanism that carries the flow, where it is permitted.
    #[must_use]
    pub fn mechanism(&self) -> Option<Term> {
        self.mechanism
    }
}

/// What all instruments together say of one flow, on all its legs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    verdicts: Verdicts,
    /// False where a search gave up, or where facts shared by several legs were taken apart.
    pub exact: bool,
    /// Whether a place without an instrument keeps the answer from being that the flow is lawful.
    pub uncovered: bool,
}

impl Answer {
    /// `silent`: a place whose law could govern has no instrument.
    pub(super) fn new(verdicts: Verdicts, exact: bool, silent: bool) -> Self {
        Self { verdicts, exact, uncovered: silent && verdicts.decided().is_some_and(|verdict| verdict <= Verdict::Permitted) }
    }

    pub(super) fn of(judgment: &Judgment) -> Self {
        Self::new(Verdicts::of(&judgment.possible), judgment.exact, judgment.verdict().is_none())
    }

    /// Nothing can be said: the flow names instruments that the library does not have.
    pub(super) fn unknown() -> Self {
        Self::new(Verdicts::ALL, false, false)
    }

    /// The verdicts that are possible.
    #[must_use]
    pub fn possible(&self) -> Possible {
        Possible(self.verdicts.list())
    }

    /// The verdict, or none where it is undetermined.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        if self.uncovered { None } else { self.verdicts.decided() }
    }

    /// The word of the flow format.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.verdict().map_or("undetermined", Verdict::word)
    }
}

/// The answers for many flows under many instruments.
pub struct Table {
    pub(super) width: usize,
    pub(super) cells: Vec<Cell>,
    /// For each flow.
    pub answers: Vec<Answer>,
}

impl Table {
    /// What each instrument says of the first leg of a flow, in the order of [`super::Bulk::instruments`].
    #[must_use]
    pub fn cells(&self, flow: usize) -> &[Cell] {
        let start = flow.saturating_mul(self.width);
        self.cells.get(start..start.saturating_add(self.width)).unwrap_or_default()
    }
}
