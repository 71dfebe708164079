// SPDX-License-Identifier: Apache-2.0
//! Who works on the units of a crossing: threads of this process, or a crew that brings its own machines.
//!
//! Whoever works, one process coordinates: it alone opens the tables and the journal before, and afterwards checks that
//! every row went somewhere, measures, seals and publishes. A crew makes parts, and nothing else.

use crate::cross::Progress;
use crate::error::CrossingError;
use crate::format::Format;
use crate::journal::{Done, Journal};
use crate::source::{Source, Unit};
use crate::unit::work;
use comity_border::{Plan, Secret};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;

/// Works on the units of a crossing.
pub trait Crew {
    /// Sees to it that no unit of the site is [open](Site::open).
    ///
    /// `go_on` is told how far the work is, and stops it by `false`; what is done by then is kept for the next time.
    ///
    /// # Errors
    ///
    /// [`CrossingError`], after which nothing is published.
    fn work(&mut self, site: &mut Site<'_>, go_on: &mut dyn FnMut(Progress) -> bool) -> Result<(), CrossingError>;
}

/// A crossing as its crew sees it: the units, and which of them are done.
pub struct Site<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) sources: &'a [Source],
    pub(crate) units: &'a [Unit],
    pub(crate) journal: &'a Journal,
    /// The format that is written, where it is not that of the tables.
    pub(crate) format: Option<Format>,
    /// The tables, as the job names them.
    pub(crate) inputs: &'a [PathBuf],
    pub(crate) done: BTreeMap<usize, Done>,
}

impl Site<'_> {
    /// The numbers of the units that are not done.
    #[must_use]
    pub fn open(&self) -> Vec<usize> {
        (0..self.units.len()).filter(|number| !self.done.contains_key(number)).collect()
    }

    /// How far the work is: the rows of the units that are done, and how many of them leave.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let rows = self.done.values().map(|done| done.tally.total() + done.broken).sum();
        let passed = self.done.values().map(|done| done.tally.passed).sum();
        Progress { phase: "cross", rows, passed, of: self.units.iter().map(|unit| unit.rows).sum() }
    }
}

/// Works on all units that are not done, and says what became of each.
pub(crate) fn all(
    crew: &mut dyn Crew,
    mut site: Site<'_>,
    go_on: &mut dyn FnMut(Progress) -> bool,
) -> Result<BTreeMap<usize, Done>, CrossingError> {
    for number in 0..site.units.len() {
        if let Some(known) = site.journal.done(number)? {
            site.done.insert(number, known);
        }
    }
    crew.work(&mut site, go_on)?;
    if site.open().is_empty() { Ok(site.done) } else { Err(CrossingError::Stopped) }
}

/// The threads of this process.
pub(crate) struct Threads<'a> {
    pub(crate) secret: Option<&'a Secret>,
    pub(crate) workers: usize,
}

impl Crew for Threads<'_> {
    fn work(&mut self, site: &mut Site<'_>, go_on: &mut dyn FnMut(Progress) -> bool) -> Result<(), CrossingError> {
        let before = site.progress();
        let open = site.open();
        let (plan, sources, units, journal, format, secret) = (site.plan, site.sources, site.units, site.journal, site.format, self.secret);
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (rows, passed) = (AtomicU64::new(before.rows), AtomicU64::new(before.passed));
        let failure: Mutex<Option<CrossingError>> = Mutex::new(None);
        let (sender, receiver) = mpsc::channel::<Option<(usize, Done)>>();
        std::thread::scope(|scope| {
            for _ in 0..self.workers.clamp(1, open.len().max(1)) {
                let sender = sender.clone();
                let (next, rows, passed, stop, open, failure) = (&next, &rows, &passed, &stop, &open, &failure);
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let Some(number) = open.get(next.fetch_add(1, Ordering::Relaxed)) else { break };
                        let Some(unit) = units.get(*number) else { break };
                        let Some(source) = sources.get(unit.input) else { break };
                        let read = |more: u64, leave: u64| {
                            rows.fetch_add(more, Ordering::Relaxed);
                            passed.fetch_add(leave, Ordering::Relaxed);
                            // A receiver that is gone stops the work by `stop`.
                            let _gone = sender.send(None);
                            !stop.load(Ordering::Relaxed)
                        };
                        match work(plan, secret, source, (*number, unit), format.unwrap_or(source.format()), journal, &read) {
                            Ok(unit) => {
                                let _gone = sender.send(Some((*number, unit)));
                            }
                            Err(error) => {
                                stop.store(true, Ordering::Relaxed);
                                let mut first = failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                                // What stopped the others is only that they were stopped.
                                if first.is_none() || matches!(*first, Some(CrossingError::Stopped)) {
                                    *first = Some(error);
                                }
                            }
                        }
                    }
                });
            }
            drop(sender);
            for message in receiver {
                site.done.extend(message);
                if !go_on(Progress { rows: rows.load(Ordering::Relaxed), passed: passed.load(Ordering::Relaxed), ..before }) {
                    stop.store(true, Ordering::Relaxed);
                }
            }
        });
        match failure.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}
