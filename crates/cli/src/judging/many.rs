// SPDX-License-Identifier: Apache-2.0
//! Many flows on all processors, their outcomes in the order of the sources.
//!
//! Rows of registers go to the workers in packs. Once there are many of them, a worker asks of a whole pack at once which
//! flows are lawful, on bits ([`Bulk::settled`]), and judges only the others one by one.

use super::{Detail, Outcome, flow_of, judged};
use crate::evidence::Looker;
use crate::input::Source;
use comity_flow::Flow;
use comity_judge::bulk::Bulk;
use comity_judge::{Judge, Options, Verdict};
use comity_law::Library;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, mpsc};

/// So many packs are under way for each worker: enough for the others to go on beside one that costs a hundred times more.
const WINDOW: usize = 2;

/// So many rows are a pack.
const PACK: usize = 256;

/// From this pack on, workers make the library ready for many flows at once, which costs each as much as some hundred rows.
const MANY: usize = 4;

/// Rows of more days than this are judged one by one: law is compiled for each span of days, and shared by few of them.
const DAYS: usize = 32;

/// What is wanted of each source.
pub struct Wanted<'w, T> {
    /// What looks at the evidence that flows name.
    pub looker: Option<&'w Looker>,
    /// How much of its judgment.
    pub detail: &'w (dyn Fn(&Source) -> Detail + Sync),
    /// What is made of the outcome, by whoever judged it.
    pub make: &'w (dyn Fn(&Source, Outcome) -> T + Sync),
    /// What is made of a row of which no more is wanted than that it is lawful; none: all of its judgment is wanted.
    pub lawful: Option<&'w (dyn Fn(Verdict) -> T + Sync)>,
}

/// Judges many flows, all of each judgment.
pub fn each(
    library: &Library,
    sources: impl Iterator<Item = Source>,
    options: &Options,
    then: impl FnMut(&Source, Outcome) -> io::Result<()>,
) -> io::Result<()> {
    let wanted = Wanted { looker: None, detail: &|_| Detail::Whole, make: &|_, outcome| outcome, lawful: None };
    each_with(library, sources, options, &wanted, then)
}

/// Judges many flows, and hands over what is made of each, in the order of the sources.
///
/// No more than a window of them is in memory at once: sources are asked for as outcomes are handed over.
pub fn each_with<T: Send>(
    library: &Library,
    sources: impl Iterator<Item = Source>,
    options: &Options,
    wanted: &Wanted<T>,
    mut then: impl FnMut(&Source, T) -> io::Result<()>,
) -> io::Result<()> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let (to_workers, work) = mpsc::channel::<(usize, Vec<Source>)>();
    let (to_us, results) = mpsc::channel();
    let work = Mutex::new(work);
    let judge_all = || {
        let to_us = to_us.clone();
        let mut worker = Worker::new(library, options, wanted);
        // Nobody sends once the last source is out, and nobody receives where the outcomes are no longer wanted.
        while let Some((place, pack)) = work.lock().ok().and_then(|work| work.recv().ok()) {
            let made = worker.pack(place, pack);
            if to_us.send((place, made)).is_err() {
                return;
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(judge_all);
        }
        // They belong to this thread, so that the workers end when it leaves, whatever the reason.
        let (to_workers, results) = (to_workers, results);
        let mut packs = Packs { sources: sources.peekable() };
        let mut waiting: BTreeMap<usize, Vec<(Source, T)>> = BTreeMap::new();
        let (mut sent, mut handed_over) = (0, 0);
        loop {
            while sent - handed_over < workers * WINDOW {
                let Some(pack) = packs.next() else { break };
                if to_workers.send((sent, pack)).is_err() {
                    return Err(io::Error::other("no worker is left"));
                }
                sent += 1;
            }
            if sent == handed_over {
                return Ok(());
            }
            let (place, made) = results.recv().map_err(io::Error::other)?;
            waiting.insert(place, made);
            while let Some(made) = waiting.remove(&handed_over) {
                for (source, made) in made {
                    then(&source, made)?;
                }
                handed_over += 1;
            }
        }
    })
}

/// Sources in packs: rows that follow each other together, anything else by itself.
struct Packs<I: Iterator<Item = Source>> {
    sources: std::iter::Peekable<I>,
}

impl<I: Iterator<Item = Source>> Iterator for Packs<I> {
    type Item = Vec<Source>;

    fn next(&mut self) -> Option<Vec<Source>> {
        let first = self.sources.next()?;
        let rows = matches!(first, Source::Row(_));
        let mut pack = vec![first];
        while rows && pack.len() < PACK {
            match self.sources.next_if(|source| matches!(source, Source::Row(_))) {
                Some(row) => pack.push(row),
                None => break,
            }
        }
        Some(pack)
    }
}

/// What one thread keeps.
struct Worker<'a, 'w, T> {
    library: &'a Library,
    options: &'a Options,
    wanted: &'w Wanted<'w, T>,
    judge: Judge<'a>,
    /// The library ready for many flows at once, where there are many.
    bulk: Option<Bulk<'a>>,
}

impl<'a, 'w, T> Worker<'a, 'w, T> {
    fn new(library: &'a Library, options: &'a Options, wanted: &'w Wanted<'w, T>) -> Self {
        Self { library, options, wanted, judge: Judge::new(library, options), bulk: None }
    }

    fn pack(&mut self, place: usize, pack: Vec<Source>) -> Vec<(Source, T)> {
        let broke = |source: &Source| Outcome::Unreadable(format!("reading `{}` broke down: this is a mistake in Comity", source.name()));
        let read = |source: &Source| catch_unwind(AssertUnwindSafe(|| flow_of(source))).unwrap_or_else(|_| Err(broke(source)));
        let mut flows: Vec<Result<Flow, Outcome>> = pack.iter().map(read).collect();
        let settled = self.settled(place, &pack, &mut flows);
        let whole = pack.into_iter().zip(flows).zip(settled);
        whole
            .map(|((source, flow), settled)| {
                let made = match (settled, flow) {
                    (Some(made), _) => made,
                    (None, Ok(flow)) => (self.wanted.make)(&source, self.one(&source, flow)),
                    (None, Err(outcome)) => (self.wanted.make)(&source, outcome),
                };
                (source, made)
            })
            .collect()
    }

    fn one(&mut self, source: &Source, flow: Flow) -> Outcome {
        let (judge, wanted) = (&mut self.judge, self.wanted);
        catch_unwind(AssertUnwindSafe(|| judged(judge, source, flow, (wanted.detail)(source), wanted.looker))).unwrap_or_else(|_| {
            // One flow must not take others with it, and what broke down is not trusted with the next.
            self.judge = Judge::new(self.library, self.options);
            Outcome::Unreadable(format!("judging `{}` broke down: this is a mistake in Comity", source.name()))
        })
    }

    /// What is made of the rows of a pack that are lawful, where no more is wanted of them; none where that is still to be
    /// judged.
    fn settled(&mut self, place: usize, pack: &[Source], flows: &mut [Result<Flow, Outcome>]) -> Vec<Option<T>> {
        let mut settled: Vec<Option<T>> = pack.iter().map(|_| None).collect();
        let many = place >= MANY && matches!(pack.first(), Some(Source::Row(_)));
        let Some(lawful) = self.wanted.lawful.filter(|_| many) else { return settled };
        let days: BTreeSet<_> = flows.iter().flatten().map(|flow| flow.on).collect();
        if days.len() > DAYS && self.options.on.is_none() {
            return settled;
        }
        if self.bulk.is_none() {
            self.bulk = Bulk::new(self.library, self.options).ok();
        }
        let Some(bulk) = &mut self.bulk else { return settled };
        // Evidence is looked at one by one.
        let declared_only = |flow: &Flow| self.wanted.looker.is_none_or(|looker| looker.has_nothing_to_look_at(flow));
        let mut places = Vec::with_capacity(flows.len());
        let mut asked = Vec::with_capacity(flows.len());
        for (place, flow) in flows.iter_mut().enumerate() {
            if let Ok(flow) = flow
                && declared_only(flow)
            {
                places.push(place);
                asked.push(std::mem::take(flow));
            }
        }
        let answers = catch_unwind(AssertUnwindSafe(|| {
            let rows = bulk.rows(&asked);
            bulk.settled(&rows)
        }));
        // Where it breaks down, each is judged by itself, and the one that does it is named.
        let answers = answers.unwrap_or_else(|_| {
            self.bulk = None;
            vec![None; asked.len()]
        });
        for ((place, flow), verdict) in places.into_iter().zip(asked).zip(answers) {
            if let Some(slot) = settled.get_mut(place) {
                *slot = verdict.map(lawful);
            }
            if let Some(slot) = flows.get_mut(place) {
                *slot = Ok(flow);
            }
        }
        settled
    }
}
