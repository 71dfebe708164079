// SPDX-License-Identifier: Apache-2.0
//! Diagram, bulk and the readable definition agree on random pairs of an instrument and a flow, unknown facts included.
//!
//! `COMITY_PAIRS` sets how many pairs there are; `.ci/soak` sets a million. Half of them are of the shipped library, on
//! days near which something changes; a third are of random laws, on which nobody had an eye; the rest are of small
//! random laws whose flows can all be listed, so that even what steps lead to is told by trying.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]

#[expect(dead_code, reason = "the choices as the fuzz targets make them, of which this asks a part")]
#[path = "../../../fuzz/src/bytes.rs"]
mod bytes;
#[path = "../../../fuzz/src/laws.rs"]
mod laws;
#[path = "support/small_laws/mod.rs"]
mod small_laws;
mod support;

use bytes::Bytes;
use comity_flow::{Flow, Value, write};
use comity_judge::bulk::Bulk;
use comity_judge::chart::Chart;
use comity_judge::definition::{Outcome, Reader};
use comity_judge::lines::Lines;
use comity_judge::{Options, Possible, Verdict};
use comity_law::ast::Instrument;
use comity_law::{Library, Severity};
use comity_terms::{KeyId, Scheme, vocabulary};
use jiff::civil::{Date, date};
use small_laws::{Atom, Law, World};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::{Dice, Palette, completions, consistent, library, readings};

const TODAY: Date = date(2026, 11, 24);
/// So many completions are all looked at; of more, a few.
const ALL: usize = 16;
const SOME: usize = 6;

type Fixed = Vec<(String, String, String)>;

#[derive(Debug, Default)]
struct Tally {
    pairs: usize,
    undetermined: usize,
    /// Pairs of which every completion was looked at.
    whole: usize,
    completions: usize,
    /// Pairs of which bulk says that its answer may list too much.
    inexact: usize,
    /// Batches whose diagram outgrew its budget.
    too_large: usize,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.pairs += other.pairs;
        self.undetermined += other.undetermined;
        self.whole += other.whole;
        self.completions += other.completions;
        self.inexact += other.inexact;
        self.too_large += other.too_large;
    }
}

fn pairs() -> usize {
    std::env::var("COMITY_PAIRS").ok().and_then(|number| number.parse().ok()).unwrap_or(6_000)
}

/// Works on every number below `count`, on all cores, and adds up what came of it.
fn all(count: usize, work: impl Fn(usize) -> Tally + Sync) -> Tally {
    let (next, total) = (AtomicUsize::new(0), Mutex::new(Tally::default()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(number) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|number| *number < count) {
                    let done = work(number);
                    total.lock().unwrap().add(&done);
                }
            });
        }
    });
    total.into_inner().unwrap()
}

/// What a flow file can state: a set of clauses with modules is read as one of them, and a measure that says that the
/// importer reads clear text says it for the key too.
fn statable(flow: &mut Flow) {
    let words = vocabulary();
    let whole = |id: &str| words.find(Scheme::Contract, &format!("{id}/*")).is_some();
    let contracts = words.key("safeguards.contracts").unwrap();
    if let Some(Value::Many(set)) = flow.facts.get_mut(&contracts) {
        *set = set.iter().filter(|index| !whole(words.id_at(Scheme::Contract, *index))).collect();
    }
    flow.items.retain(|item| item.key != contracts || !whole(words.id(item.term)));
    let clear = words.find(Scheme::Measure, "importer-reads-clear-text").unwrap();
    let measures = words.key("safeguards.measures").unwrap();
    if matches!(flow.facts.get(&measures), Some(Value::Many(set)) if set.has(clear.index())) {
        flow.facts.insert(words.key("importer.reads_clear_text").unwrap(), Value::Flag(true));
    }
}

/// The completion of a flow that picks one value for each fact that is unknown.
fn some_completion(dice: &mut Dice, flow: &Flow, forgotten: &[(KeyId, Vec<Value>)]) -> Flow {
    let mut next = flow.clone();
    for (key, values) in forgotten {
        next.facts.insert(*key, dice.pick(values).clone());
    }
    statable(&mut next);
    next
}

/// An instrument on a day, with everything that judges.
struct Bench<'l> {
    library: &'l Library,
    /// The law, where it is made up.
    text: &'l str,
    instrument: &'l Instrument,
    day: Date,
    chart: Chart<'l>,
    fixed: Vec<Fixed>,
}

impl<'l> Bench<'l> {
    fn new(library: &'l Library, text: &'l str, instrument: &'l Instrument, day: Date, lines: &Lines) -> Option<Self> {
        let chart = Chart::of(library, instrument, day, TODAY).ok()?;
        Some(Self { library, text, instrument, day, chart, fixed: readings(library, lines) })
    }

    fn told(&self, flow: &Flow) -> String {
        format!("under {} on {} for\n{}{}", self.instrument.id.text, self.day, write(flow), self.text)
    }

    /// The one verdict of a complete flow by the diagram, which the definition must share.
    fn complete(&self, flow: &Flow, fixed: &Fixed) -> Verdict {
        let reader = Reader { library: self.library, flow, day: self.day, known: TODAY, readings: fixed };
        let outcome = reader.outcome(self.instrument).unwrap_or_else(|missing| panic!("{missing:?} {}", self.told(flow)));
        let possible = self.chart.possible(flow, fixed);
        let verdict = possible.decided().unwrap_or_else(|| panic!("{:?} {fixed:?} {}", possible.words(), self.told(flow)));
        let alike = match outcome {
            Outcome::Unrestricted => verdict == Verdict::Unrestricted,
            Outcome::Permitted => verdict == Verdict::Permitted,
            Outcome::Fails => verdict >= Verdict::Incomplete,
        };
        assert!(alike, "the definition says {outcome:?}, the diagram {verdict:?} {fixed:?} {}", self.told(flow));
        verdict
    }

    /// The completions of a flow against the set of its verdicts.
    fn completed(&self, dice: &mut Dice, flow: &Flow, forgotten: &[(KeyId, Vec<Value>)], possible: &Possible, tally: &mut Tally) {
        let many = forgotten.iter().map(|(_, values)| values.len()).product::<usize>() * self.fixed.len();
        let mut met = BTreeSet::new();
        if many <= ALL {
            for mut completion in completions(flow, forgotten) {
                statable(&mut completion);
                for fixed in &self.fixed {
                    met.insert(self.complete(&completion, fixed));
                    tally.completions += 1;
                }
            }
            assert_eq!(possible.0, met, "the diagram, and all completions {}", self.told(flow));
            tally.whole += 1;
            return;
        }
        for _ in 0..SOME {
            let completion = some_completion(dice, flow, forgotten);
            if consistent(&completion.facts) {
                met.insert(self.complete(&completion, dice.pick(&self.fixed)));
                tally.completions += 1;
            }
        }
        assert!(met.is_subset(&possible.0), "{:?} has not all of {met:?} {}", possible.words(), self.told(flow));
    }

    /// Random flows near the lines of the instrument, some facts of most of them unknown.
    fn batch(&self, dice: &mut Dice, palette: &Palette, bulk: &mut Bulk, size: usize) -> Tally {
        let mut tally = Tally::default();
        let mut unknown = Vec::with_capacity(size);
        let mut flows = Vec::with_capacity(size);
        for _ in 0..size {
            let mut flow = palette.flow(dice, self.instrument, self.day);
            flow.under.clear();
            let forget = dice.below(9);
            unknown.push(palette.forget(dice, &mut flow, forget, 1 << 24));
            statable(&mut flow);
            flows.push(flow);
        }
        let table = bulk.judge(&flows);
        for (position, (flow, forgotten)) in flows.iter().zip(&unknown).enumerate() {
            let possible = self.chart.possible(flow, &[]);
            let cell = table.cells(position)[0];
            if cell.exact() {
                assert_eq!(possible, cell.possible(), "the diagram, and bulk {}", self.told(flow));
            } else {
                assert!(possible.0.is_subset(&cell.possible().0), "{:?} and {:?} {}", possible, cell.possible(), self.told(flow));
                tally.inexact += 1;
            }
            self.completed(dice, flow, forgotten, &possible, &mut tally);
            tally.pairs += 1;
            tally.undetermined += usize::from(possible.decided().is_none());
        }
        tally
    }
}

fn options(instrument: &Instrument) -> Options {
    Options { under: vec![instrument.id.text.clone()], ..Options::today(TODAY) }
}

/// Pairs of one shipped instrument, on so many days.
fn shipped(library: &Library, instrument: &Instrument, seed: u64, wanted: usize) -> Tally {
    let mut dice = Dice::new(seed);
    let mut tally = Tally::default();
    let mut bulk = Bulk::new(library, &options(instrument)).unwrap();
    let from = instrument.in_force.map_or(TODAY, |force| force.from);
    let days: Vec<Date> = Lines::of(library, instrument, TODAY).days.into_iter().filter(|day| *day >= from).chain([TODAY]).collect();
    let size = (wanted / days.len()).clamp(20, 500).min(wanted);
    while tally.pairs < wanted {
        let day = *dice.pick(&days);
        let lines = Lines::of(library, instrument, day);
        match Bench::new(library, "", instrument, day, &lines) {
            Some(bench) => tally.add(&bench.batch(&mut dice, &Palette::of(&lines), &mut bulk, size.min(wanted - tally.pairs))),
            None => {
                tally.too_large += 1;
                assert!(tally.too_large < 3, "the diagram of {} outgrows its budget", instrument.id.text);
            }
        }
    }
    tally
}

#[test]
fn the_shipped_library() {
    let library = library();
    let laws = Bulk::new(&library, &Options::today(TODAY)).unwrap().instruments().to_vec();
    let wanted = (pairs() / 2).div_ceil(laws.len());
    let tally = all(laws.len(), |number| shipped(&library, laws[number], 7_000 + number as u64, wanted));
    println!("{} instruments: {tally:?}", laws.len());
    assert!(tally.undetermined * 20 > tally.pairs, "hardly any flow is undetermined: the flows are too tame");
    assert!(tally.too_large == 0 && tally.inexact * 100 < tally.pairs, "too much is left open");
}

/// Pairs of one random law on one day.
fn random_law(number: u64, size: usize) -> Tally {
    let mut dice = Dice::new(number + 90_000);
    let data: Vec<u8> = (0..60 + dice.below(240)).map(|_| u8::try_from(dice.below(256)).unwrap()).collect();
    let text = laws::law(&mut Bytes::new(&data));
    let files = [("a.law", text.clone()), ("b.law", laws::CLAUSES.to_owned()), ("recognitions.csv", laws::TABLE.to_owned())];
    let (library, mut problems) = Library::read(files.map(|(name, text)| (name.to_owned(), text)));
    problems.extend(comity_law::check(&library, TODAY));
    // An exception may lean on what it excepts: that is a circle, and the library would not be used.
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Tally::default();
    }
    let instrument = library.instrument("xx.random").unwrap();
    let day = *dice.pick(&[date(2024, 3, 1), date(2020, 1, 1), date(2021, 9, 27), date(2019, 6, 1), TODAY]);
    let lines = Lines::of(&library, instrument, day);
    let Some(bench) = Bench::new(&library, &text, instrument, day, &lines) else { return Tally { too_large: 1, ..Tally::default() } };
    let mut bulk = Bulk::new(&library, &options(instrument)).unwrap();
    bench.batch(&mut dice, &Palette::of(&lines), &mut bulk, size)
}

#[test]
fn random_laws() {
    let size = 40;
    let laws = (pairs() / 3).div_ceil(size);
    let tally = all(laws, |number| random_law(number as u64, size));
    println!("{laws} laws: {tally:?}");
    assert!(tally.pairs * 2 > laws * size, "hardly any law can be used");
    assert!(tally.undetermined * 20 > tally.pairs, "hardly any flow is undetermined: the laws are too tame");
    assert!(tally.too_large == 0 && tally.inexact * 100 < tally.pairs, "too much is left open");
}

/// The verdict of every flow of a small world, by the definition and by trying every flow that steps lead to.
fn brute(library: &Library, world: &World, day: Date) -> Vec<Verdict> {
    let instrument = library.instrument("xx.small").unwrap();
    let outcomes: Vec<Outcome> = (0..world.size())
        .map(|at| {
            let (flow, fixed) = (world.flow(at, day), world.readings(at));
            Reader { library, flow: &flow, day, known: TODAY, readings: &fixed }.outcome(instrument).unwrap()
        })
        .collect();
    let verdict = |at: usize| match outcomes[at] {
        Outcome::Unrestricted => Verdict::Unrestricted,
        Outcome::Permitted => Verdict::Permitted,
        Outcome::Fails if world.reachable(at, &[day]).any(|other| outcomes[other] != Outcome::Fails) => Verdict::Incomplete,
        Outcome::Fails => Verdict::Prohibited,
    };
    (0..world.size()).map(verdict).collect()
}

/// Pairs of one small law on one day: every verdict is known.
fn small_law(number: u64, size: usize) -> Tally {
    let mut dice = Dice::new(number + 40_000);
    let atoms = Atom::some(&mut dice);
    let world = World::new(&atoms);
    let text = Law::random(&mut dice, &atoms).text();
    let library = small_laws::read(&text);
    if comity_law::check(&library, TODAY).iter().any(|problem| problem.severity == Severity::Error) {
        return Tally::default();
    }
    let instrument = library.instrument("xx.small").unwrap();
    let day = *dice.pick(&[date(2020, 6, 1), date(2022, 6, 1), date(2025, 6, 1)]);
    let verdicts = brute(&library, &world, day);
    let chart = Chart::of(&library, instrument, day, TODAY).unwrap();
    let mut tally = Tally::default();
    let hidden: Vec<Vec<usize>> = (0..size).map(|_| world.askable().into_iter().filter(|_| dice.chance(50)).collect()).collect();
    let chosen: Vec<usize> = (0..size).map(|_| dice.below(world.size())).collect();
    for (at, hidden) in chosen.iter().zip(&hidden) {
        let flow = world.flow_without(*at, hidden, day);
        // A reading is fixed for all flows of a table, so each pair has a table of its own.
        let fixed = if world.reading().is_some_and(|place| hidden.contains(&place)) { Vec::new() } else { world.readings(*at) };
        let told = || format!("of\n{text}for\n{}{fixed:?}", write(&flow));
        let completions = world.completions(*at, hidden);
        let expected: BTreeSet<Verdict> = completions.iter().map(|at| verdicts[*at]).collect();
        assert_eq!(chart.possible(&flow, &fixed).0, expected, "the diagram {}", told());
        let mut bulk = Bulk::new(&library, &Options { readings: fixed.clone(), ..options(instrument) }).unwrap();
        let cell = bulk.judge(std::slice::from_ref(&flow)).cells(0)[0];
        assert!(cell.exact(), "{}", told());
        assert_eq!(cell.possible().0, expected, "bulk {}", told());
        tally.pairs += 1;
        tally.whole += 1;
        tally.completions += completions.len();
        tally.undetermined += usize::from(expected.len() > 1);
    }
    tally
}

#[test]
fn small_laws_whose_flows_can_all_be_listed() {
    let size = 40;
    let laws = (pairs() / 6).div_ceil(size);
    let tally = all(laws, |number| small_law(number as u64, size));
    println!("{laws} laws: {tally:?}");
    assert!(tally.pairs * 2 > laws * size, "hardly any law can be used");
    assert!(tally.undetermined * 20 > tally.pairs, "hardly any flow is undetermined: the laws are too tame");
}
