// SPDX-License-Identifier: Apache-2.0
//! Judging flow after flow: what was compiled for one serves the next.
//!
//! An instrument is compiled once for each segment of days on which nothing that it refers to changes, and only as far
//! as it is needed: its scope for every flow, the rest where it may govern one. All instruments share one frame, so that
//! equal conditions are one formula; [`Frame::only`] keeps what other instruments ask out of the search for a flow.

use crate::compile::Frame;
use crate::finding::{Judgment, NotApplicable, Possible};
use crate::formula::Truth;
use crate::judgment::{self, JudgeError, Options, check_readings, chosen, covered, elsewhere};
use crate::leg::Leg;
use crate::program::{Gate, Program, Scope};
use crate::segments::Segments;
use crate::solve::Solver;
use crate::store::Store;
use crate::test_set::TestSet;
use crate::trace::{Plan, push};
use comity_flow::Flow;
use comity_law::Library;
use comity_law::ast::{Effect, Instrument};
use comity_terms::{Bits, Scheme, vocabulary};
use jiff::civil::Date;
use std::collections::HashMap;
use std::rc::Rc;

/// So many formulas, and so many compiled instruments, are kept for a kind of leg before all is compiled anew: tens of
/// megabytes. What counts back from the day of a flow is compiled for every day.
const FORMULAS: usize = 100_000;
const PROGRAMS: usize = 600;

/// So many days are kept, with the places whose law is in the library on them.
const DAYS: usize = 10_000;

/// An instrument, and the day under which what is compiled of it is kept.
type Name = (*const Instrument, Date);

/// The scope of an instrument, compiled.
pub(crate) struct ReadyScope<'a> {
    pub(crate) scope: Scope<'a>,
    /// The tests that it names.
    tests: TestSet,
}

/// An instrument, compiled.
pub(crate) struct ReadyProgram<'a> {
    pub(crate) program: Program<'a>,
    /// The plans of its derivation, in the order of its gates.
    pub(crate) plans: Vec<Plan<'a>>,
    /// The first day of its version.
    pub(crate) text_from: Option<Date>,
    /// The fingerprint of its text.
    pub(crate) digest: String,
    /// The tests that it names.
    tests: TestSet,
}

impl<'a> ReadyProgram<'a> {
    /// The plan of a gate.
    pub(crate) fn plan_of(&self, gate: &Gate<'a>) -> Option<&Plan<'a>> {
        self.plans.iter().find(|plan| plan.is_of(gate.provision))
    }
}

/// What governs a leg of a flow.
pub(crate) struct Governing<'a> {
    pub(crate) programs: Vec<Rc<ReadyProgram<'a>>>,
    /// The instruments that do not govern the flow, with the days under which they are kept.
    others: Vec<(Date, Rc<ReadyScope<'a>>)>,
    pub(crate) store: Store,
}

/// What is kept for the first leg, or for legs behind it: the two compile differently.
struct Side<'a> {
    frame: Frame<'a>,
    scopes: HashMap<Name, Rc<ReadyScope<'a>>>,
    programs: HashMap<Name, Rc<ReadyProgram<'a>>>,
    /// The plans of scopes, for the derivation of why an instrument does not govern.
    beyond: HashMap<Name, Rc<Vec<Plan<'a>>>>,
}

impl<'a> Side<'a> {
    fn new(library: &'a Library, options: &Options, first: bool) -> Self {
        let mut frame = Frame::new(library, options.today, options.known_on());
        frame.first_leg = first;
        Self { frame, scopes: HashMap::new(), programs: HashMap::new(), beyond: HashMap::new() }
    }

    fn scope(&mut self, name: Name, instrument: &'a Instrument, day: Date) -> Rc<ReadyScope<'a>> {
        let frame = &mut self.frame;
        let scope = self.scopes.entry(name).or_insert_with(|| {
            frame.turn_to(frame.library, day, frame.known);
            let scope = Scope::compile(frame, instrument);
            Rc::new(ReadyScope { scope, tests: frame.named() })
        });
        Rc::clone(scope)
    }

    fn program(&mut self, name: Name, scope: &Scope<'a>, day: Date) -> Rc<ReadyProgram<'a>> {
        let frame = &mut self.frame;
        let program = self.programs.entry(name).or_insert_with(|| {
            frame.turn_to(frame.library, day, frame.known);
            let instrument = scope.instrument;
            let program = Program::compile(frame, scope.clone());
            let plans = judgment::plans(frame, &program);
            let digest = frame.library.digest(instrument);
            Rc::new(ReadyProgram { program, plans, text_from: judgment::text_from(instrument, day), digest, tests: frame.named() })
        });
        Rc::clone(program)
    }

    /// Why an instrument does not govern.
    fn not_applicable(&mut self, name: Name, scope: &Scope<'a>, store: &Store, whole: bool) -> NotApplicable {
        let mut cites = Vec::new();
        for provision in scope.instrument.provisions.iter().filter(|provision| provision.effect == Effect::Applies) {
            provision.cites.iter().for_each(|cite| push(&mut cites, cite));
        }
        let derivation = if whole {
            let frame = &mut self.frame;
            let plans = self.beyond.entry(name).or_insert_with(|| {
                frame.turn_to(frame.library, store.day, frame.known);
                let gates = scope.applies.iter().chain(&scope.outside);
                Rc::new(gates.map(|gate| Plan::new(frame, scope.instrument, gate.provision, 0)).collect())
            });
            let solver = Solver::new(&self.frame);
            let now = solver.evaluation(store);
            plans.iter().map(|plan| plan.trace(&self.frame, &now)).collect()
        } else {
            Vec::new()
        };
        NotApplicable { instrument: scope.instrument.id.text.clone(), cites, derivation }
    }
}

/// A library made ready to judge flow after flow, each by itself and with all its findings.
///
/// It answers what [`crate::judge`] answers. It keeps what it compiled, up to a bound, and belongs to one thread.
///
/// ```
/// use comity_flow::{Format, read};
/// use comity_judge::{Judge, Options, judge};
/// use comity_law::{Library, library::embedded};
/// use jiff::civil::date;
///
/// let (library, _) = Library::read(embedded().iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
/// let options = Options::today(date(2026, 1, 1));
/// let mut ready = Judge::new(&library, &options);
/// for day in ["2024-03-01", "2024-03-02"] {
///     let text = format!("on = {day}\n[exporter]\nseat = \"FR\"\n[importer]\nseat = \"US\"");
///     let flow = read(&text, Format::Toml, &|_| Err(String::new())).unwrap();
///     assert_eq!(ready.judge(&flow), judge(&library, &flow, &options));
/// }
/// ```
pub struct Judge<'a> {
    library: &'a Library,
    options: Options,
    /// Whether the readings that the options fix exist.
    readings: Result<(), JudgeError>,
    /// None where a single flow is judged: finding the segments would cost more than they save.
    segments: Option<HashMap<*const Instrument, Segments>>,
    first: Side<'a>,
    onward: Side<'a>,
    /// Places whose law is in the library on a day.
    covered: HashMap<Date, Bits>,
}

impl<'a> Judge<'a> {
    /// Makes a library ready. Nothing is compiled before it is needed.
    #[must_use]
    pub fn new(library: &'a Library, options: &Options) -> Self {
        Self { segments: Some(HashMap::new()), ..Self::once(library, options) }
    }

    /// As [`Self::new`], for one flow.
    pub(crate) fn once(library: &'a Library, options: &Options) -> Self {
        Self {
            library,
            options: options.clone(),
            readings: check_readings(library, &options.readings),
            segments: None,
            first: Side::new(library, options, true),
            onward: Side::new(library, options, false),
            covered: HashMap::new(),
        }
    }

    /// Judges a flow: as [`crate::judge`].
    ///
    /// # Errors
    ///
    /// If `under` or a fixed reading names what the library does not have.
    pub fn judge(&mut self, flow: &Flow) -> Result<Judgment, JudgeError> {
        self.judgment(flow, true)
    }

    /// Judges a flow, with the derivations left out.
    ///
    /// # Errors
    ///
    /// If `under` or a fixed reading names what the library does not have.
    pub fn findings(&mut self, flow: &Flow) -> Result<Judgment, JudgeError> {
        self.judgment(flow, false)
    }

    pub(crate) fn judgment(&mut self, flow: &Flow, whole: bool) -> Result<Judgment, JudgeError> {
        let on = self.options.day_of(flow);
        let under = if self.options.under.is_empty() { flow.under.clone() } else { self.options.under.clone() };
        let instruments = chosen(self.library, &under)?;
        self.readings.clone()?;
        let mut judgment = Judgment {
            flow: flow.id.clone(),
            title: flow.title.clone(),
            on,
            known_on: self.options.known_on(),
            possible: Possible::default(),
            exact: true,
            uncovered: self.uncovered(flow, on),
            findings: Vec::new(),
            not_applicable: Vec::new(),
            collisions: Vec::new(),
            under,
            assumed: flow.assumed.clone(),
            evidence: Vec::new(),
        };
        let declared = flow.declared();
        let mut per_leg = Vec::new();
        let mut obliged = judgment::compelled(flow);
        for leg in Leg::all(flow) {
            let governing = self.governing(&instruments, flow, leg);
            let readings = std::mem::take(&mut self.options.readings);
            let side = self.side(leg);
            if leg == Leg::First {
                let others = governing.others.iter();
                judgment.not_applicable = others
                    .map(|(day, other)| {
                        side.not_applicable((std::ptr::from_ref(other.scope.instrument), *day), &other.scope, &governing.store, whole)
                    })
                    .collect();
            }
            let asked = judgment::Asked { flow, leg, store: &governing.store, fixed: &readings, declared: &declared, whole };
            per_leg.push(judgment::of_leg(&side.frame, &governing.programs, &asked, &mut judgment, &mut obliged));
            self.options.readings = readings;
        }
        judgment::close(&mut judgment, &per_leg, &obliged);
        Ok(judgment)
    }

    /// The library.
    pub(crate) fn library(&self) -> &'a Library {
        self.library
    }

    /// The instruments that may govern a leg, and the facts; the frame counts their tests and no others.
    pub(crate) fn governing(&mut self, instruments: &[&'a Instrument], flow: &Flow, leg: Leg) -> Governing<'a> {
        let on = self.options.day_of(flow);
        let names: Vec<Name> = instruments.iter().map(|instrument| self.name(instrument, on)).collect();
        let readings = self.options.readings.clone();
        let side = self.spacious(leg);
        let mut only = TestSet::default();
        let scopes: Vec<(Name, Rc<ReadyScope>)> =
            names.iter().zip(instruments).map(|(name, instrument)| (*name, side.scope(*name, instrument, on))).collect();
        scopes.iter().for_each(|(_, scope)| only.extend(&scope.tests));
        side.frame.only = Some(only.clone());
        let store = leg.store_on(flow, &side.frame, on, &readings);
        let (maybe, others): (Vec<_>, Vec<_>) = {
            let solver = Solver::new(&side.frame);
            let now = solver.evaluation(&store);
            scopes.into_iter().partition(|(_, scope)| now.value(scope.scope.applicable) != Truth::False)
        };
        let mut programs: Vec<Rc<ReadyProgram>> = maybe.into_iter().map(|(name, scope)| side.program(name, &scope.scope, on)).collect();
        programs.iter().for_each(|program| only.extend(&program.tests));
        side.frame.only = Some(only);
        let store = leg.store_on(flow, &side.frame, on, &readings);
        if leg != Leg::First {
            let solver = Solver::new(&side.frame);
            let now = solver.evaluation(&store);
            programs.retain(|ready| now.value(ready.program.onward) != Truth::False);
        }
        Governing { programs, others: others.into_iter().map(|((_, day), scope)| (day, scope)).collect(), store }
    }

    /// The verdicts of all instruments together on a leg; none where the search gave up.
    pub(crate) fn jointly(&mut self, instruments: &[&'a Instrument], flow: &Flow, leg: Leg) -> Option<Possible> {
        let governing = self.governing(instruments, flow, leg);
        let programs: Vec<&Program> = governing.programs.iter().map(|ready| &ready.program).collect();
        judgment::jointly(&self.side(leg).frame, &programs, &governing.store)
    }

    /// The verdicts of one instrument on a leg, whether it reaches the leg or not, and whether they are exact.
    pub(crate) fn alone(&mut self, instrument: &'a Instrument, flow: &Flow, leg: Leg) -> (Possible, bool) {
        let on = self.options.day_of(flow);
        let name = self.name(instrument, on);
        let readings = self.options.readings.clone();
        let side = self.spacious(leg);
        let scope = side.scope(name, instrument, on);
        let ready = side.program(name, &scope.scope, on);
        let mut only = scope.tests.clone();
        only.extend(&ready.tests);
        side.frame.only = Some(only);
        let store = leg.store_on(flow, &side.frame, on, &readings);
        let solver = Solver::new(&side.frame);
        let possible = Possible(solver.verdicts(&[&ready.program], &store));
        (possible, !solver.exhausted())
    }

    /// What is kept for a kind of leg, begun anew where it has grown too large.
    fn spacious(&mut self, leg: Leg) -> &mut Side<'a> {
        let side = self.side(leg);
        if side.frame.formulas.len() > FORMULAS || side.programs.len() > PROGRAMS {
            let new = Side::new(self.library, &self.options, leg == Leg::First);
            *self.side(leg) = new;
        }
        self.side(leg)
    }

    fn side(&mut self, leg: Leg) -> &mut Side<'a> {
        if leg == Leg::First { &mut self.first } else { &mut self.onward }
    }

    /// The name under which an instrument is kept for a day.
    fn name(&mut self, instrument: &'a Instrument, day: Date) -> Name {
        let library = self.library;
        let at = std::ptr::from_ref(instrument);
        let since = match &mut self.segments {
            Some(segments) => segments.entry(at).or_insert_with(|| Segments::of(library, instrument)).since(day),
            None => day,
        };
        (at, since)
    }

    /// Places whose law could govern the flow and that have no instrument in the library.
    fn uncovered(&mut self, flow: &Flow, on: Date) -> Vec<String> {
        if self.covered.len() > DAYS {
            self.covered.clear();
        }
        let library = self.library;
        let covered = self.covered.entry(on).or_insert_with(|| covered(library, on));
        elsewhere(flow, covered).iter().map(|index| vocabulary().id_at(Scheme::Place, index).to_owned()).collect()
    }
}
