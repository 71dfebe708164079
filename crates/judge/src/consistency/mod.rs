// SPDX-License-Identifier: Apache-2.0
//! Whether an instrument is consistent, exactly: over every flow, every leg and every day.
//!
//! Provisions that apply together and disagree, flows that are restricted and find no way, provisions that change no
//! finding, exceptions that never fire: each is a set of flows in the diagram, empty or not. A set that is not empty has a
//! smallest member, and that is the example. `docs/explanation/semantics.md` says what each means.

mod days;
mod failures;
mod lens;
mod says;
mod stretch;
mod trials;

use crate::finding::Verdict;
use comity_flow::Flow;
use comity_law::ast::{ClauseKind, Condition, ConditionKind, Effect, InForce, Instrument, Provision};
use comity_law::{Library, SourceId, Span};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use stretch::{Asked, Signature};

/// How many nodes the diagram of one leg on one day may have.
pub const BUDGET: usize = 1_000_000;

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Conflict: two versions of a definition are in force on a day and differ on a flow.
    TwoValues,
    /// Conflict: the instrument orders a flow that it prohibits.
    OrderedAndProhibited,
    /// Conflict: two provisions ask what steps can bring about one by one and not together.
    CannotBothBeMet,
    /// Gap: a restricted flow that no provision bars finds no mechanism, whatever anybody does.
    Gap,
    /// The provision holds for no flow on any day.
    NeverHolds,
    /// The provision holds for some flows, and without it every finding on every flow is the same.
    NeverMatters,
    /// An exception never holds where the provision that it excepts would.
    ExceptionNeverFires,
    /// An `unless` never holds where the rest of its provision does.
    UnlessNeverHolds,
    /// The provision says itself that it holds for no flow yet: `never`, or a recognition that no row of a table gives.
    /// It is in force and waits, and is nothing to repair.
    Waits,
}

impl Kind {
    /// Whether it is a conflict, which the instrument must not have.
    #[must_use]
    pub fn is_conflict(self) -> bool {
        matches!(self, Self::TwoValues | Self::OrderedAndProhibited | Self::CannotBothBeMet)
    }
}

/// A provision, or a part of one, in its source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The name of the provision; of the instrument, where it is about all of it.
    pub provision: String,
    /// The keyword of its effect; `instrument` for all of it.
    pub effect: &'static str,
    /// The source.
    pub source: SourceId,
    /// The place in the source.
    pub span: Span,
}

impl Place {
    fn of(provision: &Provision) -> Self {
        Self { provision: provision.id.text.clone(), effect: provision.effect.word(), source: provision.source, span: provision.id.span }
    }

    fn whole(instrument: &Instrument) -> Self {
        Self { provision: instrument.id.text.clone(), effect: "instrument", source: instrument.source, span: instrument.id.span }
    }
}

/// A flow that shows the point, with as few facts as do.
#[derive(Clone, Debug)]
pub struct Example {
    /// The flow, as a person would write it: what is not stated makes no difference.
    pub flow: Flow,
    /// The readings that must be fixed: instrument, reading, option.
    pub readings: Vec<(String, String, String)>,
    /// The day of knowledge.
    pub known_on: Date,
    /// The leg that shows it, such as `exporter>importer`.
    pub leg: String,
    /// The verdict of the instrument on that leg, where the facts decide it.
    pub verdict: Option<Verdict>,
}

/// One thing that is wrong.
#[derive(Clone, Debug)]
pub struct Found {
    /// What.
    pub kind: Kind,
    /// Where.
    pub at: Place,
    /// The other provision, where two are about it.
    pub other: Option<Place>,
    /// The days on which it is so; empty: on all days.
    pub days: Vec<InForce>,
    /// A smallest flow that shows it; none where it is that no flow does something.
    pub example: Option<Example>,
}

/// What the budget did not decide.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Undecided {
    /// The provision, or the whole instrument.
    pub at: Place,
    /// The first day on which it was not decided.
    pub day: Date,
}

/// Everything about one instrument.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What is wrong: conflicts first.
    pub found: Vec<Found>,
    /// What was not decided within the budget.
    pub undecided: Vec<Undecided>,
    /// How many stretches of days were looked at.
    pub stretches: usize,
    /// The largest diagram, in nodes.
    pub nodes: usize,
}

/// A provision or part of one of which it is asked whether it ever does something.
#[derive(Clone, Debug)]
struct Suspect {
    doubt: Doubt,
    at: Place,
    /// Whether it says itself that it holds for no flow.
    waits: bool,
    /// Whether it holds for some flow, and the first that was found.
    holds: bool,
    example: Option<Example>,
    undecided: Option<Date>,
}

/// What is asked of a suspect.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Doubt {
    /// Whether it changes a finding: the position of the provision, and where the instrument without it stands.
    Matters(usize),
    /// Whether an exception fires for a provision of a name: the position of the exception, and the name.
    Fires(usize, String),
    /// Whether an `unless` ever holds: the positions of the provision and of the clause.
    Unless(usize, usize),
}

/// Looks at one instrument on all days, to the knowledge of each day or of `today`, whichever is later.
///
/// `progress` hears how many of how many stretches of days are done.
#[must_use]
pub fn check(library: &Library, instrument: &Instrument, today: Date, budget: usize, mut progress: impl FnMut(usize, usize)) -> Report {
    let starts = days::change_days(library, instrument, today);
    let bare = Instrument { cases: Vec::new(), ..instrument.clone() };
    let without: BTreeMap<usize, Instrument> = candidates(&bare).map(|position| (position, lacking(&bare, position))).collect();
    let mut suspects = suspects(library, &bare, &without);
    let mut report = Report { stretches: starts.len(), ..Report::default() };
    // The stretch of today comes first: what is found in it is the example that people can use.
    let now = starts.iter().rposition(|start| *start <= today).unwrap_or(0);
    let order = std::iter::once(now).chain((0..starts.len()).rev().filter(|at| *at != now));
    let mut known: HashMap<Signature, usize> = HashMap::new();
    let mut alike: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut hits: Vec<(Found, BTreeSet<usize>)> = Vec::new();
    for (done, at) in order.enumerate() {
        let Some(day) = starts.get(at).copied() else { continue };
        let mut asked = Asked { library, instrument: &bare, without: &without, day, known: day.max(today), budget, nodes: 0 };
        let signature = asked.signature();
        let first = signature.and_then(|signature| match known.entry(signature) {
            std::collections::hash_map::Entry::Occupied(entry) => Some(*entry.get()),
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert(at);
                None
            }
        });
        match first {
            Some(first) => alike.entry(first).or_default().push(at),
            None => {
                let (found, undecided) = asked.look(&mut suspects);
                report.undecided.extend(undecided);
                report.nodes = report.nodes.max(asked.nodes);
                for found in found {
                    match hits.iter_mut().find(|(hit, _)| (hit.kind, &hit.at, &hit.other) == (found.kind, &found.at, &found.other)) {
                        Some((_, days)) => days.insert(at),
                        None => {
                            hits.push((found, BTreeSet::from([at])));
                            true
                        }
                    };
                }
            }
        }
        progress(done + 1, starts.len());
    }
    for (mut found, mut stretches) in hits {
        let more: Vec<usize> = stretches.iter().filter_map(|at| alike.get(at)).flatten().copied().collect();
        stretches.extend(more);
        found.days = spans(&stretches, &starts, bare.in_force);
        report.found.push(found);
    }
    report.conclude(suspects);
    report
}

impl Report {
    /// What is left of the suspects never does anything.
    fn conclude(&mut self, suspects: Vec<Suspect>) {
        let silent = |suspects: &[Suspect], position: usize| {
            suspects.iter().any(|other| matches!(other.doubt, Doubt::Fires(exception, _) if exception == position))
        };
        let all = suspects.clone();
        for suspect in suspects {
            if let Some(day) = suspect.undecided {
                self.undecided.push(Undecided { at: suspect.at, day });
                continue;
            }
            let (kind, other) = match &suspect.doubt {
                Doubt::Fires(..) if suspect.waits => continue,
                Doubt::Matters(_) if suspect.waits && !suspect.holds => (Kind::Waits, None),
                // That an exception never fires says more than that it never matters.
                Doubt::Matters(position) if silent(&all, *position) => continue,
                Doubt::Matters(_) if suspect.holds => (Kind::NeverMatters, None),
                Doubt::Matters(_) => (Kind::NeverHolds, None),
                Doubt::Fires(_, target) => (Kind::ExceptionNeverFires, Some(Place { provision: target.clone(), ..suspect.at.clone() })),
                Doubt::Unless(..) => (Kind::UnlessNeverHolds, None),
            };
            self.found.push(Found { kind, at: suspect.at, other, days: Vec::new(), example: suspect.example });
        }
        self.found.sort_by(|a, b| (!a.kind.is_conflict(), &a.at, a.kind).cmp(&(!b.kind.is_conflict(), &b.at, b.kind)));
        self.undecided.sort();
        self.undecided.dedup_by(|a, b| a.at == b.at);
    }
}

/// The provisions that change findings by what they say.
///
/// Rights, clocks and penalties only declare. Clauses make no findings of their own, so that only what serves others
/// counts in them, with what it rests on; a model that nobody is under does nothing until it is adopted.
fn candidates(instrument: &Instrument) -> impl Iterator<Item = usize> + '_ {
    let used = used(instrument);
    let has = |effect: Effect| instrument.provisions.iter().any(|provision| provision.effect == effect);
    let (governs, serves) = (has(Effect::Applies), has(Effect::Serves));
    instrument.provisions.iter().enumerate().filter_map(move |(position, provision)| match provision.effect {
        Effect::Right | Effect::Clock(..) | Effect::Penalty(_) => None,
        // A definition that nothing uses is told of by name.
        Effect::Define if !used.contains(&provision.id.text) => None,
        Effect::Define | Effect::Exception(_) => (governs || serves).then_some(position),
        Effect::Serves => Some(position),
        _ => governs.then_some(position),
    })
}

/// The names of definitions that some condition uses.
fn used(instrument: &Instrument) -> BTreeSet<String> {
    fn walk(condition: &Condition, out: &mut BTreeSet<String>) {
        match &condition.kind {
            ConditionKind::All(parts) | ConditionKind::Any(parts) => parts.iter().for_each(|part| walk(part, out)),
            ConditionKind::Not(inner) => walk(inner, out),
            ConditionKind::Definition(name) => {
                out.insert(name.text.clone());
            }
            _ => {}
        }
    }
    let mut out = BTreeSet::new();
    for clause in instrument.provisions.iter().flat_map(|provision| &provision.clauses) {
        walk(&clause.condition, &mut out);
    }
    out
}

fn lacking(instrument: &Instrument, position: usize) -> Instrument {
    let mut less = instrument.clone();
    less.provisions.remove(position);
    less
}

fn suspects(library: &Library, instrument: &Instrument, without: &BTreeMap<usize, Instrument>) -> Vec<Suspect> {
    let suspect = |doubt: Doubt, at: Place, waits: bool| Suspect { doubt, at, waits, holds: false, example: None, undecided: None };
    let mut all = Vec::new();
    for (position, provision) in instrument.provisions.iter().enumerate() {
        let waits = waits(library, instrument, provision);
        if without.contains_key(&position) {
            all.push(suspect(Doubt::Matters(position), Place::of(provision), waits));
        }
        if let Effect::Exception(targets) = &provision.effect {
            for target in targets {
                let at = Place { span: target.span, ..Place::of(provision) };
                let mut named = instrument.provisions.iter().filter(|other| other.id.text == target.text);
                all.push(suspect(
                    Doubt::Fires(position, target.text.clone()),
                    at,
                    waits || named.all(|named| self::waits(library, instrument, named)),
                ));
            }
        }
        for (number, clause) in provision.clauses.iter().enumerate().filter(|(_, clause)| clause.kind == ClauseKind::Unless) {
            let at = Place { span: clause.condition.span, ..Place::of(provision) };
            all.push(suspect(Doubt::Unless(position, number), at, false));
        }
    }
    all
}

/// Whether a provision says itself that it holds for no flow: `never`, or a recognition that no row gives on its days.
fn waits(library: &Library, instrument: &Instrument, provision: &Provision) -> bool {
    fn never(library: &Library, force: Option<InForce>, condition: &Condition) -> bool {
        match &condition.kind {
            ConditionKind::Any(parts) => parts.iter().all(|part| never(library, force, part)),
            ConditionKind::All(parts) => parts.iter().any(|part| never(library, force, part)),
            ConditionKind::Recognition(party, kind) => {
                let meets = |row: &InForce| force.is_none_or(|force| force.overlaps(row));
                !library.recognitions.iter().any(|row| row.by == *party && row.kind == *kind && meets(&row.in_force))
            }
            _ => false,
        }
    }
    let force = instrument.force_of(provision);
    let mut clauses = provision.clauses.iter().filter(|clause| clause.kind != ClauseKind::Unless);
    clauses.any(|clause| never(library, force, &clause.condition))
}

/// Stretches as days from and until, neighbors joined; none if they are all the days of the instrument.
fn spans(stretches: &BTreeSet<usize>, starts: &[Date], force: Option<InForce>) -> Vec<InForce> {
    if stretches.len() == starts.len() {
        return Vec::new();
    }
    let mut all: Vec<InForce> = Vec::new();
    for at in stretches {
        let Some(from) = starts.get(*at).copied() else { continue };
        let until = starts.get(at + 1).copied().or(force.and_then(|force| force.until));
        match all.last_mut() {
            Some(last) if last.until == Some(from) => last.until = until,
            _ => all.push(InForce { from, until }),
        }
    }
    all
}
