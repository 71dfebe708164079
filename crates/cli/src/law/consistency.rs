// SPDX-License-Identifier: Apache-2.0
//! What the exact part of `comity law check` has to say, in words: one remark for each thing found, with its flow file.

use crate::out::Progress;
use comity_judge::consistency::{BUDGET, Example, Found, Kind, Place, Report, check};
use comity_law::ast::{InForce, Instrument};
use comity_law::{Diagnostic, Library, Severity};
use jiff::civil::Date;

/// A remark, with the flow that shows it.
pub struct Remark {
    /// The remark.
    pub diagnostic: Diagnostic,
    /// The flow that shows it, where one does, and what it shows.
    pub example: Option<(String, Example)>,
}

impl Remark {
    /// A remark that no flow is needed for.
    pub fn of(diagnostic: Diagnostic) -> Self {
        Self { diagnostic, example: None }
    }
}

/// All remarks of the exact part.
#[derive(Default)]
pub struct Remarks {
    /// Conflicts, gaps, and what never does anything.
    pub remarks: Vec<Remark>,
    /// Provisions that say themselves that they hold for no flow yet.
    pub waiting: Vec<String>,
    /// The instruments that were not looked at, because they have errors.
    pub skipped: Vec<String>,
    /// How many stretches of days were looked at.
    pub stretches: usize,
}

/// Looks at instruments on every flow and day; those with errors are left out.
pub fn look(library: &Library, instruments: &[&Instrument], problems: &[Diagnostic], today: Date) -> Remarks {
    let mut all = Remarks::default();
    let progress = Progress::new(None);
    for (number, instrument) in instruments.iter().enumerate() {
        let id = &instrument.id.text;
        if problems.iter().any(|problem| stops(problem, instrument)) {
            all.skipped.push(id.clone());
            continue;
        }
        let report = check(library, instrument, today, BUDGET, |done, stretches| {
            progress.say(&format!("{id}, {} of {}: {done} of {stretches} stretches of days", number + 1, instruments.len()));
        });
        all.add(instrument, report);
    }
    all
}

/// Whether an error leaves the meaning of an instrument open. Two versions of one day do not: whether they differ is a question.
fn stops(problem: &Diagnostic, instrument: &Instrument) -> bool {
    let own = problem.source == instrument.source && instrument.span.start <= problem.span.start && problem.span.end <= instrument.span.end;
    problem.severity == Severity::Error && problem.code != "overlapping-versions" && own
}

impl Remarks {
    fn add(&mut self, instrument: &Instrument, report: Report) {
        self.stretches += report.stretches;
        for found in report.found {
            if found.kind == Kind::Waits {
                self.waiting.push(format!("{} {}", instrument.id.text, found.at.provision));
                continue;
            }
            let (code, message, help) = words(&found);
            let at = &found.at;
            let message = format!("{message}{}{}", adopted_in(instrument, at), days(&found.days));
            let diagnostic = match found.kind.is_conflict() {
                true => Diagnostic::error(code, at.source, at.span, message),
                false => Diagnostic::warning(code, at.source, at.span, message),
            };
            let example = found.example.map(|example| (shown(found.kind, &example), example));
            self.remarks.push(Remark { diagnostic: diagnostic.help(help), example });
        }
        for undecided in report.undecided {
            let at = undecided.at;
            let message = format!("{} is not decided within the budget of {BUDGET} nodes, first on {}", name(&at), undecided.day);
            let message = format!("{message}{}", adopted_in(instrument, &at));
            let diagnostic = Diagnostic::warning("not-decided", at.source, at.span, message);
            let diagnostic =
                diagnostic.help("whether it conflicts, leaves a gap or never matters is not known; nothing is said of it here");
            self.remarks.push(Remark::of(diagnostic));
        }
    }
}

/// The code, what is wrong, and what to do about it.
fn words(found: &Found) -> (&'static str, String, &'static str) {
    let at = name(&found.at);
    let other = found.other.as_ref().map_or_else(|| "the instrument".to_owned(), name);
    match found.kind {
        Kind::TwoValues => (
            "conflict",
            format!("{at} has two values on one day: two versions are in force, and differ on a flow"),
            "give each version days of its own",
        ),
        Kind::OrderedAndProhibited => (
            "conflict",
            format!("{at} orders a flow that {other} prohibits, and neither is an exception to the other"),
            "write which prevails, as the text has it: `exception ID to ID`, or a condition of one of them",
        ),
        Kind::CannotBothBeMet => (
            "conflict",
            format!("{at} and {other} cannot both be met: each by itself can, and neither is an exception to the other"),
            "write which prevails, as the text has it: `exception ID to ID`, or a condition of one of them",
        ),
        Kind::Gap => (
            "gap",
            format!("{at} leaves a flow without any way: no provision bars it, and nothing that anybody does opens a mechanism"),
            "if the text means to bar it, say so with `forbid`; else a mechanism is missing or a condition too narrow",
        ),
        Kind::NeverHolds => (
            "never-matters",
            format!("{at} holds for no flow on any day"),
            "its conditions exclude each other, or what they ask is not to be had on its days in force",
        ),
        Kind::NeverMatters => (
            "never-matters",
            format!("{at} changes no finding: without it every verdict, mechanism, duty and order is the same"),
            "other provisions say it already: leave it out, or see what its conditions fail to say",
        ),
        Kind::ExceptionNeverFires => {
            let target = found.other.as_ref().map_or("", |other| other.provision.as_str());
            (
                "never-fires",
                format!("{at} never fires for `{target}`: where the conditions of `{target}` hold, those of the exception do not"),
                "compare the conditions of the two, or drop the name from the exception",
            )
        }
        Kind::UnlessNeverHolds => (
            "never-fires",
            format!("this `unless` of {at} never holds where its other conditions do"),
            "compare it with the other conditions of the provision, or leave it out",
        ),
        // Told of in one line at the end.
        Kind::Waits => ("waits", format!("{at} waits"), ""),
    }
}

/// What an example shows.
fn shown(kind: Kind, example: &Example) -> String {
    match kind {
        Kind::TwoValues => "here the two differ".to_owned(),
        Kind::NeverMatters => format!("here it holds and makes no difference on {}", example.leg),
        _ => format!("this is {} on {}", example.verdict.map_or("undetermined", comity_judge::Verdict::word), example.leg),
    }
}

/// A provision with the keyword of its effect.
fn name(place: &Place) -> String {
    format!("{} `{}`", place.effect, place.provision)
}

/// The instrument that took a provision over, where it does not stand in its own text.
fn adopted_in(instrument: &Instrument, at: &Place) -> String {
    let own = instrument.span;
    let inside = at.source == instrument.source && own.start <= at.span.start && at.span.end <= own.end;
    if inside { String::new() } else { format!(" in `{}`, which takes it over", instrument.id.text) }
}

fn days(spans: &[InForce]) -> String {
    let words: Vec<String> = spans
        .iter()
        .map(|span| match span.until {
            None => format!("from {}", span.from),
            Some(until) => format!("from {}, no longer on {until}", span.from),
        })
        .collect();
    if words.is_empty() { String::new() } else { format!(" ({})", words.join("; ")) }
}
