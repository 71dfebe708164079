// SPDX-License-Identifier: Apache-2.0
//! A flow that two versions of an instrument judge differently, found near the cases there are, as the text of a case.
//!
//! Only one provision differs between the versions, so most flows are passed over by looking at that provision alone.

use crate::cases::{fails, flow_of, owner};
use crate::compile::Frame;
use crate::finding::{Finding, Judgment};
use crate::formula::Formula;
use crate::judgment::{Options, judge};
use crate::leg::Leg;
use crate::mutation::Mutant;
use crate::solve::Solver;
use comity_law::Library;
use comity_law::ast::{Case, Effect, Expectation, Instrument, Provision};
use jiff::civil::Date;
use near::{Change, changed, changes, stated};
use std::collections::HashMap;
use suggest::{text, title};

mod near;
mod suggest;

/// How many flows are looked at for each mutant.
const TRIES: usize = 40_000;

/// How many of them are judged in full.
const JUDGED: usize = 400;

/// Looks near the cases for one that the other version judges differently, with as few changes as possible.
///
/// `cases` are those that may serve as a start, each with the instrument it stands in; the library `other` holds the mutant.
pub(crate) fn find(
    library: &Library,
    other: &Library,
    instrument: &Instrument,
    mutant: &Mutant,
    cases: &[(&Instrument, &Case)],
    today: Date,
) -> Option<String> {
    let changed_instrument = other.instrument(&instrument.id.text)?;
    let (before, after) = difference(instrument, changed_instrument)?;
    let mut search = Search { library, other, instrument, before, after, today, probes: HashMap::new(), tries: 0, judged: 0 };
    let mut starts: Vec<Start> =
        cases.iter().filter_map(|(owner, case)| Start::new(library, instrument, before, mutant, owner, case)).collect();
    // The case that says most about what the provision asks is the likeliest to be one step away.
    starts.sort_by_key(|start| std::cmp::Reverse(start.near));
    search.find(&starts)
}

/// The provision that differs, in both versions; the later is absent where it was removed.
fn difference<'a>(before: &'a Instrument, after: &'a Instrument) -> Option<(&'a Provision, Option<&'a Provision>)> {
    let position = before.provisions.iter().zip(&after.provisions).position(|(before, after)| before != after);
    let position = position.unwrap_or(after.provisions.len());
    let found = before.provisions.get(position)?;
    let kept = before.provisions.len() == after.provisions.len();
    Some((found, after.provisions.get(position).filter(|_| kept)))
}

/// A case to start from.
struct Start<'a> {
    owner: &'a Instrument,
    case: &'a Case,
    changes: Vec<Change>,
    /// How many of the changes are worth trying in pairs: those to what the provision itself asks.
    paired: usize,
    near: (bool, usize),
}

impl<'a> Start<'a> {
    fn new(
        library: &Library,
        instrument: &Instrument,
        provision: &Provision,
        mutant: &Mutant,
        owner: &'a Instrument,
        case: &'a Case,
    ) -> Option<Self> {
        let day = case.on?;
        let (changes, paired) = changes(library, instrument, provision, mutant.span, case, day);
        let near = (instrument.holds(provision, day, Date::MAX), stated(case, changes.get(..paired).unwrap_or_default()));
        Some(Self { owner, case, changes, paired, near })
    }
}

/// The provision in both versions, on one day.
struct Probe<'a> {
    frame: Frame<'a>,
    before: Formula,
    after: Formula,
}

struct Search<'a> {
    library: &'a Library,
    other: &'a Library,
    instrument: &'a Instrument,
    before: &'a Provision,
    after: Option<&'a Provision>,
    today: Date,
    probes: HashMap<(Date, Date, bool), Probe<'a>>,
    tries: usize,
    judged: usize,
}

impl<'a> Search<'a> {
    /// No change, then one, then two.
    fn find(&mut self, starts: &[Start]) -> Option<String> {
        for start in starts {
            if let Some(found) = self.suggestion(start, &[]) {
                return Some(found);
            }
        }
        for start in starts {
            for change in &start.changes {
                if let Some(found) = self.suggestion(start, &[change]) {
                    return Some(found);
                }
            }
        }
        for start in starts {
            let near = start.changes.get(..start.paired).unwrap_or_default();
            for (position, first) in near.iter().enumerate() {
                for second in near.iter().skip(position + 1).filter(|second| !second.same_fact(first)) {
                    if let Some(found) = self.suggestion(start, &[first, second]) {
                        return Some(found);
                    }
                }
            }
        }
        None
    }

    /// The text of the case with these changes, where it notices the mutant.
    fn suggestion(&mut self, start: &Start, changes: &[&Change]) -> Option<String> {
        if self.tries >= TRIES || self.judged >= JUDGED {
            return None;
        }
        self.tries += 1;
        let mut case = changes.iter().fold(start.case.clone(), |case, change| changed(&case, change));
        if !self.may_differ(start.owner, &case) {
            return None;
        }
        self.judged += 1;
        case.expected = self.expectation(start.owner, &case)?;
        let notices = !fails(self.library, start.owner, &case, self.today) && fails(self.other, start.owner, &case, self.today);
        if !notices {
            return None;
        }
        case.title = title(start.owner, start.case, &case);
        Some(text(&case))
    }

    fn options(&self, owner_of_case: &Instrument, case: &Case) -> Options {
        let of = |reading: &str| owner(self.library, owner_of_case, reading);
        let readings = case.readings.iter().map(|(id, option)| (of(&id.text), id.text.clone(), option.text.clone())).collect();
        Options { known_on: case.known, readings, ..Options::today(self.today) }
    }

    /// Whether the provision itself comes out differently on some leg of the flow.
    fn may_differ(&mut self, owner: &Instrument, case: &Case) -> bool {
        let Ok(flow) = flow_of(owner, case) else { return false };
        let options = self.options(owner, case);
        let (day, known) = (flow.on.unwrap_or(self.today), options.known_on.unwrap_or(self.today));
        let (library, instrument, before, after) = (self.library, self.instrument, self.before, self.after);
        // Whether the law follows the data is asked on later legs only.
        let asked = |leg: &Leg| before.effect != Effect::Onward || *leg != Leg::First;
        Leg::all(&flow).filter(asked).any(|leg| {
            let probe = self.probes.entry((day, known, leg == Leg::First)).or_insert_with(|| {
                let mut frame = Frame::new(library, day, known);
                frame.first_leg = leg == Leg::First;
                let before = value(&mut frame, instrument, Some(before));
                let after = value(&mut frame, instrument, after);
                Probe { frame, before, after }
            });
            let store = leg.store(&flow, &probe.frame, &options.readings);
            let solver = Solver::new(&probe.frame);
            solver.value(probe.before, &store) != solver.value(probe.after, &store)
        })
    }

    /// What the case can expect of the instrument as it stands, chosen so that the other version falls short of it.
    fn expectation(&self, owner: &Instrument, case: &Case) -> Option<Expectation> {
        let flow = flow_of(owner, case).ok()?;
        let options = self.options(owner, case);
        let here = judge(self.library, &flow, &options).ok()?;
        let there = judge(self.other, &flow, &options).ok()?;
        // A case is to be read by a person: a verdict, not a choice of several.
        here.verdict().filter(|_| here.exact)?;
        let mut expected = Expectation { verdict: here.word().to_owned(), ..Expectation::default() };
        let only = |list: fn(&Finding) -> Vec<String>| -> Vec<String> {
            let known = all(&there, list);
            all(&here, list).into_iter().filter(|item| !known.contains(item)).collect()
        };
        let mechanisms: fn(&Finding) -> Vec<String> = |finding| finding.mechanism.iter().cloned().collect();
        let aims: fn(&Finding) -> Vec<String> = |finding| finding.missing.iter().map(|missing| missing.aim.clone()).collect();
        let steps: fn(&Finding) -> Vec<String> = |finding| {
            let steps = finding.missing.iter().flat_map(|missing| &missing.steps);
            steps.map(|step| step.split('+').next().unwrap_or(step).to_owned()).collect()
        };
        let duties: fn(&Finding) -> Vec<String> = |finding| finding.duties.iter().map(|duty| duty.id.clone()).collect();
        expected.by =
            [only(mechanisms), all(&here, mechanisms), only(aims), all(&here, aims)].into_iter().find_map(|list| list.into_iter().next());
        expected.owes = only(duties);
        let brought = all(&there, duties);
        expected.spares = brought.into_iter().filter(|duty| !all(&here, duties).contains(duty)).collect();
        let shown = here.word() != there.word()
            || !expected.owes.is_empty()
            || !expected.spares.is_empty()
            || !only(mechanisms).is_empty()
            || !only(aims).is_empty();
        if !shown {
            expected.missing = only(steps).into_iter().next();
            if expected.missing.is_none() {
                expected.cite = only(|finding| finding.cites.clone()).into_iter().next();
            }
        }
        Some(expected)
    }
}

fn all(judgment: &Judgment, list: fn(&Finding) -> Vec<String>) -> Vec<String> {
    judgment.findings.iter().flat_map(list).collect()
}

/// The formula of a provision on the day of the frame; where it does not hold, nothing is permitted, ordered or asked by it.
fn value(frame: &mut Frame, instrument: &Instrument, provision: Option<&Provision>) -> Formula {
    let (day, known) = (frame.day, frame.known);
    let Some(provision) = provision.filter(|provision| instrument.holds(provision, day, known)) else { return frame.formulas.never() };
    match provision.effect {
        // A requirement that is met is as good as none: negated, it is false in both.
        Effect::Require(_) => {
            let met = frame.requirement(instrument, provision);
            frame.formulas.negate(met)
        }
        _ => frame.provision(instrument, provision),
    }
}
