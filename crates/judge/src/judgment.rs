// SPDX-License-Identifier: Apache-2.0
//! Judging a flow under a library.

use crate::compile::{Frame, length};
use crate::evidence::{Evidence, asked_for};
use crate::finding::{Collision, Duty, Finding, Judgment, Mechanism, Possible, State, Verdict};
use crate::formula::{Evaluation, Test, Truth};
use crate::leg::Leg;
use crate::program::{Gate, Program, Scope};
use crate::ready::{Judge, ReadyProgram};
use crate::solve::Solver;
use crate::store::{Store, Variable};
use crate::trace::{Plan, name};
use comity_flow::{Declared, Flow, Value};
use comity_law::Library;
use comity_law::ast::{Effect, Instrument, Kind, Period, Provision};
use comity_terms::{Bits, KeyKind, Scheme, vocabulary};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How many nodes the search over several instruments together may visit: it only narrows what each leaves open.
const JOINT: usize = 4_000;

/// How to judge.
#[derive(Clone, Debug)]
pub struct Options {
    /// The day to judge at where the flow names none.
    pub today: Date,
    /// The day to judge at, whatever the flow says.
    pub on: Option<Date>,
    /// The day of the knowledge; none: today.
    pub known_on: Option<Date>,
    /// The instruments to judge under, whatever the flow says; empty: as the flow says.
    pub under: Vec<String>,
    /// Readings fixed by name: instrument, reading, option.
    pub readings: Vec<(String, String, String)>,
}

impl Options {
    /// The day at which a flow is judged.
    pub(crate) fn day_of(&self, flow: &Flow) -> Date {
        self.on.or(flow.on).unwrap_or(self.today)
    }

    /// The day of the knowledge.
    pub(crate) fn known_on(&self) -> Date {
        self.known_on.unwrap_or(self.today)
    }

    /// Judge as the flow says, today being this day.
    #[must_use]
    pub fn today(today: Date) -> Self {
        Self { today, on: None, known_on: None, under: Vec::new(), readings: Vec::new() }
    }
}

/// Why a flow could not be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum JudgeError {
    /// `under` names an instrument that the library does not have; with the nearest id.
    UnknownInstrument(String, Option<String>),
    /// A fixed reading does not exist.
    UnknownReading(String),
}

impl std::fmt::Display for JudgeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UnknownInstrument(id, None) => write!(f, "instrument `{id}` is not in the library"),
            Self::UnknownInstrument(id, Some(near)) => write!(f, "instrument `{id}` is not in the library; did you mean `{near}`?"),
            Self::UnknownReading(id) => write!(f, "no instrument has a reading and option `{id}`"),
        }
    }
}

impl std::error::Error for JudgeError {}

/// Judges a flow: one finding for each instrument that governs it, on each leg.
///
/// A pure function of the library, the flow and the options.
///
/// # Errors
///
/// If `under` or a fixed reading names what the library does not have.
pub fn judge(library: &Library, flow: &Flow, options: &Options) -> Result<Judgment, JudgeError> {
    Judge::once(library, options).judge(flow)
}

/// What is asked of the programs of a leg.
pub(crate) struct Asked<'q> {
    pub(crate) flow: &'q Flow,
    pub(crate) leg: Leg,
    pub(crate) store: &'q Store,
    /// Readings that the options fix.
    pub(crate) fixed: &'q [(String, String, String)],
    /// The acts and grants of the flow.
    pub(crate) declared: &'q [Declared],
    /// Whether derivations are wanted.
    pub(crate) whole: bool,
}

/// Adds the findings of a leg to a judgment, and what is obliged; the verdicts of all of them together.
pub(crate) fn of_leg<'a>(
    frame: &Frame<'a>,
    programs: &[Rc<ReadyProgram<'a>>],
    asked: &Asked,
    judgment: &mut Judgment,
    obliged: &mut Vec<String>,
) -> Possible {
    let start = judgment.findings.len();
    for ready in programs {
        let solver = Solver::new(frame);
        let now = solver.evaluation(asked.store);
        for gate in ready.program.obliges.iter().filter(|gate| now.value(gate.formula) == Truth::True) {
            obliged.push(format!("{} {}", ready.program.instrument().id.text, gate.provision.cites.join(", ")));
        }
        judgment.findings.push(finding(&solver, ready, asked, &now));
    }
    let programs: Vec<&Program> = programs.iter().map(|ready| &ready.program).collect();
    let findings = judgment.findings.get(start..).unwrap_or_default();
    together(frame, &programs, findings, asked.store, &mut judgment.exact)
}

/// Draws the verdict of a judgment from those of its legs.
pub(crate) fn close(judgment: &mut Judgment, per_leg: &[Possible], obliged: &[String]) {
    judgment.possible = worst(per_leg);
    // Facts shared by several legs are completed apart, so several legs that are all undecided may list too much.
    if judgment.possible.decided().is_none() && per_leg.iter().filter(|leg| leg.decided().is_none()).count() > 1 {
        judgment.exact = false;
    }
    judgment.collisions = collisions(judgment, obliged);
}

/// Which instruments count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Those that may govern the flow as it stands.
    Now,
    /// Those that may govern it after steps too: data that are moved come under the law of the place.
    AfterSteps,
}

/// What governs a leg of a flow: the frame, the programs and the facts.
pub(crate) fn governing<'a>(
    library: &'a Library,
    flow: &Flow,
    options: &Options,
    leg: Leg,
    reach: Reach,
) -> Result<(Frame<'a>, Vec<Program<'a>>, Store), JudgeError> {
    let on = options.on.or(flow.on).unwrap_or(options.today);
    let under = if options.under.is_empty() { &flow.under } else { &options.under };
    let instruments = chosen(library, under)?;
    check_readings(library, &options.readings)?;
    let mut frame = Frame::new(library, on, options.known_on.unwrap_or(options.today));
    frame.first_leg = leg == Leg::First;
    let (programs, _) = compile(&mut frame, &instruments, flow, leg, &options.readings, reach);
    let store = leg.store(flow, &frame, &options.readings);
    Ok((frame, programs, store))
}

/// The key path that a question about a variable names.
pub(crate) fn question(frame: &Frame, variable: Variable, store: &Store) -> String {
    name(frame, variable, store)
}

/// Compiles the instruments that may govern a leg; the others are given back as far as their scope.
fn compile<'a>(
    frame: &mut Frame<'a>,
    instruments: &[&'a Instrument],
    flow: &Flow,
    leg: Leg,
    readings: &[(String, String, String)],
    reach: Reach,
) -> (Vec<Program<'a>>, Vec<Scope<'a>>) {
    let scopes: Vec<Scope> = instruments.iter().map(|instrument| Scope::compile(frame, instrument)).collect();
    let store = leg.store(flow, frame, readings);
    let (maybe, others): (Vec<Scope>, Vec<Scope>) = {
        let solver = Solver::new(frame);
        let wide = solver.widened_for_advice(&store);
        scopes.into_iter().partition(|scope| match reach {
            Reach::Now => solver.value(scope.applicable, &store) != Truth::False,
            Reach::AfterSteps => solver.could(scope.applicable, &wide),
        })
    };
    let mut programs: Vec<Program> = maybe.into_iter().map(|scope| Program::compile(frame, scope)).collect();
    if leg != Leg::First {
        let store = leg.store(flow, frame, readings);
        programs.retain(|program| Solver::new(frame).value(program.onward, &store) != Truth::False);
    }
    (programs, others)
}

/// The possible verdicts of one instrument on the first leg, without findings or derivation, and whether they are exact.
#[must_use]
pub fn verdicts(library: &Library, instrument: &Instrument, flow: &Flow, options: &Options) -> (Possible, bool) {
    verdicts_on_leg(library, instrument, flow, Leg::First, options)
}

/// As [`verdicts`], on any leg: the verdicts that count where the instrument reaches the leg.
pub(crate) fn verdicts_on_leg(library: &Library, instrument: &Instrument, flow: &Flow, leg: Leg, options: &Options) -> (Possible, bool) {
    let on = options.on.or(flow.on).unwrap_or(options.today);
    let mut frame = Frame::new(library, on, options.known_on.unwrap_or(options.today));
    frame.first_leg = leg == Leg::First;
    let scope = Scope::compile(&mut frame, instrument);
    let program = Program::compile(&mut frame, scope);
    let store = leg.store(flow, &frame, &options.readings);
    let solver = Solver::new(&frame);
    let possible = Possible(solver.verdicts(&[&program], &store));
    (possible, !solver.exhausted())
}

/// The verdicts of programs together; none where the search gave up.
pub(crate) fn jointly<'a>(frame: &Frame<'a>, programs: &[&Program<'a>], store: &Store) -> Option<Possible> {
    let solver = Solver::with_budget(frame, JOINT);
    let joint = solver.verdicts(programs, store);
    (!solver.exhausted()).then_some(Possible(joint))
}

pub(crate) fn chosen<'a>(library: &'a Library, under: &[String]) -> Result<Vec<&'a Instrument>, JudgeError> {
    if under.is_empty() {
        return Ok(library.instruments.iter().filter(|instrument| matches!(instrument.kind, Kind::Law | Kind::Treaty)).collect());
    }
    under
        .iter()
        .map(|id| {
            library.instrument(id).ok_or_else(|| {
                let known = library.instruments.iter().map(|instrument| instrument.id.text.as_str());
                JudgeError::UnknownInstrument(id.clone(), comity_terms::nearest(id, known).map(str::to_owned))
            })
        })
        .collect()
}

pub(crate) fn check_readings(library: &Library, readings: &[(String, String, String)]) -> Result<(), JudgeError> {
    for (instrument, id, option) in readings {
        let known = library.instrument(instrument).is_some_and(|instrument| {
            let reading = instrument.readings.iter().find(|reading| reading.id.text == *id);
            reading.is_some_and(|reading| reading.options.iter().any(|known| known.id.text == *option))
        });
        if !known {
            return Err(JudgeError::UnknownReading(format!("{instrument}/{id}={option}")));
        }
    }
    Ok(())
}

/// The verdicts of all findings of a leg together.
fn together<'a>(frame: &Frame<'a>, programs: &[&Program<'a>], findings: &[Finding], store: &Store, exact: &mut bool) -> Possible {
    let apart: Vec<Possible> = findings.iter().map(|finding| finding.possible.clone()).collect();
    let combined = worst(&apart);
    if findings.iter().any(|finding| !finding.exact) {
        *exact = false;
    }
    // What each allows by itself may not be possible together: one fact can help here and harm there.
    if combined.decided().is_some() || apart.iter().filter(|possible| possible.decided().is_none()).count() < 2 {
        return combined;
    }
    jointly(frame, programs, store).unwrap_or_else(|| {
        *exact = false;
        combined
    })
}

/// The worst of one verdict from each set, in every combination.
pub(crate) fn worst(sets: &[Possible]) -> Possible {
    let floor = sets.iter().filter_map(|set| set.0.first().copied()).max().unwrap_or(Verdict::Unrestricted);
    let mut all: std::collections::BTreeSet<Verdict> =
        sets.iter().flat_map(|set| set.0.iter().copied()).filter(|verdict| *verdict >= floor).collect();
    all.insert(floor);
    Possible(all)
}

pub(crate) fn plans<'a>(frame: &mut Frame<'a>, program: &Program<'a>) -> Vec<Plan<'a>> {
    gates(program).into_iter().map(|gate| Plan::new(frame, program.instrument(), gate.provision, 0)).collect()
}

/// All gates of a program in the order of a derivation.
fn gates<'p, 'a>(program: &'p Program<'a>) -> Vec<&'p Gate<'a>> {
    [
        &program.scope.applies,
        &program.scope.outside,
        &program.restricts,
        &program.forbids,
        &program.requires,
        &program.permits,
        &program.duties,
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn finding<'a>(solver: &Solver<'_, 'a>, ready: &ReadyProgram<'a>, asked: &Asked, now: &Evaluation) -> Finding {
    let (program, store) = (&ready.program, asked.store);
    let instrument = program.instrument();
    let possible = Possible(solver.verdicts(&[program], store));
    let exact = !solver.exhausted();
    let decided = possible.decided();
    let wide = solver.widened(store);
    let mechanisms: Vec<Mechanism> = program.permits.iter().map(|gate| mechanism(solver, ready, gate, now, &wide)).collect();
    let carrying = program.permits.iter().find(|gate| now.value(gate.formula) == Truth::True);
    let (mut cites, mut recalled) = (Vec::new(), Vec::new());
    let mut used: Vec<&Gate> = Vec::new();
    match decided {
        Some(Verdict::Permitted) => used.extend(carrying),
        Some(Verdict::Unrestricted) => {}
        _ => {
            used.extend(program.forbids.iter().filter(|gate| now.value(gate.formula) != Truth::False));
            used.extend(program.requires.iter().filter(|gate| now.value(gate.formula) != Truth::True));
            if carrying.is_none() || used.is_empty() {
                used.extend(program.restricts.iter().filter(|gate| now.value(gate.formula) != Truth::False));
            }
        }
    }
    if decided == Some(Verdict::Permitted) {
        // A requirement that amounts to a mechanism is part of why the flow may go, where it is due at all.
        let due = |gate: &&Gate| ready.plan_of(gate).is_some_and(|plan| plan.due(now));
        used.extend(program.requires.iter().filter(|gate| gate.mechanism.is_some()).filter(due));
    }
    if used.is_empty() {
        used.extend(program.scope.applies.iter().filter(|gate| now.value(gate.formula) == Truth::True).take(1));
        used.extend(program.scope.outside.iter().filter(|gate| now.value(gate.formula) == Truth::True));
        used.extend(&program.restricts);
    }
    for gate in &used {
        if let Some(plan) = ready.plan_of(gate) {
            plan.cites(now, &mut cites, &mut recalled);
        }
    }
    // What the verdict rests on is more than what is cited: a block that a measure lifts is not.
    match decided {
        Some(Verdict::Permitted) => {
            used.extend(&program.forbids);
            used.extend(program.requires.iter().filter(|gate| ready.plan_of(gate).is_some_and(|plan| plan.due(now))));
        }
        Some(Verdict::Unrestricted) => {
            used.extend(program.scope.applies.iter().chain(&program.scope.outside).chain(&program.restricts).chain(&program.forbids));
        }
        _ => {}
    }
    let tests: Vec<&Test> = used.iter().filter_map(|gate| ready.plan_of(gate)).flat_map(|plan| plan.safeguards(solver.frame)).collect();
    let relies_on = asked_for(asked.declared, asked.leg, &tests);
    let missing = if matches!(decided, Some(Verdict::Unrestricted | Verdict::Permitted | Verdict::Prohibited)) {
        Vec::new()
    } else {
        Solver::new(solver.frame).missing(program, store)
    };
    Finding {
        instrument: instrument.id.text.clone(),
        title: instrument.title.clone(),
        text_from: ready.text_from,
        digest: ready.digest.clone(),
        leg: asked.leg.name(asked.flow),
        mechanism: (decided == Some(Verdict::Permitted))
            .then(|| carrying.and_then(|gate| gate.mechanism).map(|mechanism| solver.frame.words.id(mechanism).to_owned()))
            .flatten(),
        questions: if decided.is_some() { Vec::new() } else { questions(solver, program, store) },
        possible,
        exact,
        cites,
        recalled,
        mechanisms,
        missing,
        rests_on: vec![Evidence::Declaration.word()],
        relies_on,
        duties: duties(program, asked.flow, now),
        readings: fixed_readings(solver.frame, asked.fixed),
        derivation: if asked.whole { ready.plans.iter().map(|plan| plan.trace(solver.frame, now)).collect() } else { Vec::new() },
    }
}

/// The first day of the version that was used: the latest change of the instrument up to the day.
pub(crate) fn text_from(instrument: &Instrument, day: Date) -> Option<Date> {
    instrument
        .provisions
        .iter()
        .filter_map(|provision| provision.in_force)
        .flat_map(|force| [Some(force.from), force.until])
        .flatten()
        .chain(instrument.in_force.map(|force| force.from))
        .filter(|change| *change <= day)
        .max()
}

fn mechanism<'a>(solver: &Solver<'_, 'a>, ready: &ReadyProgram<'a>, gate: &Gate<'a>, now: &Evaluation, wide: &Store) -> Mechanism {
    let state = match now.value(gate.formula) {
        Truth::True => State::Satisfied,
        _ if solver.attain(gate.formula, wide).is_some() => State::Open,
        Truth::False if solver.value(gate.formula, wide) == Truth::False || !solver.could(gate.formula, wide) => State::Closed,
        _ => State::Undecided,
    };
    Mechanism {
        id: gate.mechanism.map_or(String::new(), |mechanism| solver.frame.words.id(mechanism).to_owned()),
        provision: gate.provision.id.text.clone(),
        state,
        cites: gate.provision.cites.clone(),
        because: if state == State::Closed { ready.plan_of(gate).map(|plan| plan.failing(now)).unwrap_or_default() } else { Vec::new() },
    }
}

/// The questions, the one on which most completions hang per effort first.
fn questions<'a>(solver: &Solver<'_, 'a>, program: &Program<'a>, store: &Store) -> Vec<String> {
    let words = vocabulary();
    let mut ranked: BTreeMap<String, f64> = BTreeMap::new();
    for (variable, weight) in solver.weights(&[program], store) {
        let effort = match variable {
            Variable::Key(key) => words.key_at(key).map_or(3, |key| key.effort),
            Variable::Reading(_) => 5,
            Variable::Counter(_) | Variable::ItemDay(_) => 2,
        };
        *ranked.entry(name(solver.frame, variable, store)).or_default() += weight / f64::from(effort.max(1));
    }
    let mut ranked: Vec<(String, f64)> = ranked.into_iter().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    ranked.into_iter().map(|(path, _)| path).collect()
}

/// The fixed readings that the finding could depend on.
fn fixed_readings(frame: &Frame, fixed: &[(String, String, String)]) -> Vec<String> {
    let asked = |instrument: &String, id: &String| {
        let number = frame.readings.iter().position(|known| known.instrument == *instrument && known.id == *id);
        number.is_some_and(|number| frame.asks(Variable::Reading(number)))
    };
    fixed
        .iter()
        .filter(|(instrument, id, _)| asked(instrument, id))
        .map(|(instrument, id, option)| format!("{instrument}/{id}={option}"))
        .collect()
}

fn duties(program: &Program, flow: &Flow, now: &Evaluation) -> Vec<Duty> {
    let live = now.value(program.unrestricted) != Truth::True;
    let gates = program.duties.iter().filter(|gate| live && now.value(gate.formula) == Truth::True);
    gates.filter_map(|gate| duty(gate.provision, flow, now.store().day)).collect()
}

fn duty(provision: &Provision, flow: &Flow, day: Date) -> Option<Duty> {
    let Effect::Duty(bearer, clock) = &provision.effect else { return None };
    let start = clock.as_ref().and_then(|(_, trigger)| trigger_day(trigger, flow, day));
    let due = clock.as_ref().zip(start).and_then(|((period, _), start)| comity_clock::after(start, length(*period)?));
    Some(Duty {
        id: provision.id.text.clone(),
        on: bearer.clone(),
        cites: provision.cites.clone(),
        due,
        clock: clock.as_ref().map(|(period, trigger)| format!("{} of {trigger}", period_in_words(*period))),
        note: provision.note.clone(),
    })
}

/// The day of a trigger that the flow itself states.
fn trigger_day(trigger: &str, flow: &Flow, day: Date) -> Option<Date> {
    let list = match trigger {
        "transfer" => return Some(day),
        "contract-signed" | "contract-effective" => "safeguards.contracts",
        "approval" => "safeguards.approvals",
        "filing" => "safeguards.filings",
        _ => return None,
    };
    let key = vocabulary().key(list)?;
    flow.items.iter().filter(|item| item.key == key).filter_map(|item| item.on).filter(|on| *on <= day).max()
}

/// A period in words, as the language writes it.
#[must_use]
pub fn period_in_words(period: Period) -> String {
    let (count, unit) = match period {
        Period::Hours(count) => (count, "hour"),
        Period::Days(count) => (count, "day"),
        Period::WorkingDays(count) => (count, "working day"),
        Period::Weeks(count) => (count, "week"),
        Period::Months(count) => (count, "month"),
        Period::Years(count) => (count, "year"),
        Period::WithoutDelay => return "without undue delay".to_owned(),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// Places whose law is in the library.
pub(crate) fn covered(library: &Library, on: Date) -> Bits {
    let laws = library.instruments.iter().filter(|instrument| matches!(instrument.kind, Kind::Law | Kind::Treaty));
    laws.filter_map(|instrument| instrument.of.as_ref()).fold(Bits::EMPTY, |set, of| set.or(&of.on(vocabulary(), on)))
}

/// Places whose law could govern the flow, other than those covered.
pub(crate) fn elsewhere(flow: &Flow, covered: &Bits) -> Bits {
    let words = vocabulary();
    let mut keys = vec![
        "exporter.seat",
        "exporter.established_in",
        "exporter.targets",
        "exporter.monitors",
        "route.first_recorded_in",
        "subjects.located",
    ];
    if !flow.onward.is_empty() {
        // Whoever hands the data on does so under its own law too.
        keys.push("importer.seat");
    }
    let mut places = Bits::EMPTY;
    for key in keys.into_iter().filter_map(|path| words.key(path)) {
        match flow.facts.get(&key) {
            Some(Value::One(term)) => places.insert(term.index()),
            Some(Value::Many(set)) if words.key_at(key).is_some_and(|key| key.kind == KeyKind::Many(Scheme::Place)) => {
                places = places.or(set);
            }
            _ => {}
        }
    }
    places.minus(covered)
}

/// Orders that the flow itself declares.
pub(crate) fn compelled(flow: &Flow) -> Vec<String> {
    let words = vocabulary();
    let value = words.key("purpose.compelled_by").and_then(|key| flow.facts.get(&key));
    let Some(Value::Many(places)) = value else { return Vec::new() };
    places.iter().map(|index| format!("{} (declared in purpose.compelled_by)", words.id_at(Scheme::Place, index))).collect()
}

fn collisions(judgment: &Judgment, obliged: &[String]) -> Vec<Collision> {
    let mut out: Vec<Collision> = Vec::new();
    for finding in &judgment.findings {
        if !matches!(finding.possible.decided(), Some(Verdict::Incomplete | Verdict::Prohibited)) {
            continue;
        }
        let forbidden_by = format!("{} {}", finding.instrument, finding.cites.join(", "));
        for obliged_by in obliged.iter().filter(|obliged| !obliged.starts_with(&format!("{} ", finding.instrument))) {
            let collision = Collision { obliged_by: obliged_by.clone(), forbidden_by: forbidden_by.clone() };
            if !out.contains(&collision) {
                out.push(collision);
            }
        }
    }
    out
}
