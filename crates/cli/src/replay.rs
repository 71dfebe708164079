// SPDX-License-Identifier: Apache-2.0
//! `comity replay`: flows as they are judged now, and as they would be under a draft or on another day.

use crate::args::{Format, ReplayArgs};
use crate::draft;
use crate::exit::Status;
use crate::input::{Source, expand, has_rows, with_rows};
use crate::judging::{self, Outcome};
use crate::out::{Out, Progress};
use crate::register::map_file;
use crate::render::replay::{Change, Shift, Total, document, of_change, of_same, of_summary};
use crate::render::{diagnostic, json};
use comity_flow::Flow;
use comity_judge::route::{RouteOptions, Routes, routes};
use comity_judge::{Finding, Judgment, Options, Trace, Truth, Verdict, judge};
use comity_law::Library;
use jiff::civil::Date;
use std::io;
use std::path::Path;

/// What the flows are replayed against.
struct Against<'a> {
    library: &'a Library,
    options: Options,
    day: Option<Date>,
}

/// Replays the flows and shows what changes.
pub fn run(args: &ReplayArgs, today: Date, out: &mut Out) -> io::Result<Status> {
    let map = match map_file::open(args.map.as_deref(), out)? {
        Ok(map) => map,
        Err(status) => return Ok(status),
    };
    let (library, options) = match judging::ready(&args.library, &args.judge, today, out)? {
        Ok(ready) => ready,
        Err(status) => return Ok(status),
    };
    let mut total = Total { against: args.against.join(" and "), ..Total::default() };
    let (mut next, mut day) = (None, None);
    for against in &args.against {
        if let Ok(date) = against.parse::<Date>() {
            day = Some(date);
            continue;
        }
        let base = next.as_ref().unwrap_or(&library);
        let read = match draft::read(base, Path::new(against), today, out)? {
            Ok(read) => read,
            Err(status) => return Ok(status),
        };
        total.replaced.extend(read.replaced);
        total.added.extend(read.added);
        next = Some(read.library);
    }
    let against =
        Against { library: next.as_ref().unwrap_or(&library), options: Options { on: day.or(options.on), ..options.clone() }, day };
    let (sources, faults) = expand(&args.files);
    let registers = sources.iter().any(|source| matches!(source, Source::File(path) if has_rows(path)));
    let mut status = Status::Fine;
    for fault in faults {
        out.error(&fault)?;
        status = status.and(Status::Failed);
    }
    let progress = Progress::new(if registers { None } else { Some(sources.len()) });
    let as_json = args.format.format == Format::Json;
    let mut changes = Vec::new();
    judging::each(&library, with_rows(sources, &map), &options, |source, outcome| {
        let found = match outcome {
            Outcome::Judged(flow, before) => replay(source, &flow, *before, &against),
            Outcome::Invalid(text, problems) => {
                status = status.and(Status::Invalid);
                total.invalid += 1;
                if as_json {
                    out.json(&json::invalid(&source.file(), &problems))?;
                } else {
                    let drawn: String = diagnostic::of_file(&source.file(), &text, &problems, out.look_of_errors());
                    out.complain(&drawn)?;
                }
                return Ok(());
            }
            Outcome::Unreadable(message) => {
                status = status.and(Status::Failed);
                total.invalid += 1;
                return out.error(&message);
            }
        };
        let change = match found {
            Ok(change) => change,
            Err(message) => {
                status = status.and(Status::Invalid);
                return out.error(&message);
            }
        };
        *total.counts.entry((change.before.word(), change.after.word())).or_default() += 1;
        progress.at(total.counts.values().sum());
        let same = change.before.word() == change.after.word() && change.shifts.is_empty();
        if change.worse() {
            status = status.and(Status::of(change.after.verdict()));
        }
        if as_json {
            return out.json(&if same { of_same(&change) } else { of_change(&change) });
        }
        if same {
            total.same += 1;
        } else {
            changes.push(change);
        }
        Ok(())
    })?;
    drop(progress);
    if as_json {
        out.json(&of_summary(&total))?;
    } else {
        out.blocks(&document(&total, &changes), args.format.format)?;
    }
    Ok(status)
}

/// Judges one flow again.
fn replay(source: &Source, flow: &Flow, before: Judgment, against: &Against) -> Result<Change, String> {
    let moved = against.day.map(|day| flow.moved_to(day));
    let flow = moved.as_ref().unwrap_or(flow);
    let after = judge(against.library, flow, &against.options).map_err(|error| format!("{}: {error}", source.name()))?;
    let shifts = shifts(&before, &after);
    let change = Change { file: source.name(), before, after, shifts, repair: None };
    // Only where something got worse is there something to repair.
    let repair = (change.worse() && change.after.verdict() != Some(Verdict::Prohibited)).then(|| cheapest(flow, against)).transpose()?;
    Ok(Change { repair, ..change })
}

fn cheapest(flow: &Flow, against: &Against) -> Result<Routes, String> {
    let wanted = RouteOptions { limit: 1, ..RouteOptions::default() };
    routes(against.library, flow, &against.options, &wanted).map_err(|error| error.to_string())
}

/// The instruments whose finding changes, with the provisions that come into the reason and leave it.
fn shifts(before: &Judgment, after: &Judgment) -> Vec<Shift> {
    let mut names: Vec<(&str, &str)> = Vec::new();
    for finding in before.findings.iter().chain(&after.findings) {
        let name = (finding.instrument.as_str(), finding.leg.as_str());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let find = |judgment: &'_ Judgment, (instrument, leg): (&str, &str)| -> Option<Finding> {
        judgment.findings.iter().find(|finding| finding.instrument == instrument && finding.leg == leg).cloned()
    };
    let mut out = Vec::new();
    for name in names {
        let (old, new) = (find(before, name), find(after, name));
        let same = match (&old, &new) {
            (Some(old), Some(new)) => old.possible == new.possible && old.mechanism == new.mechanism,
            _ => false,
        };
        // An instrument that newly governs a flow and leaves it alone changes nothing that anybody would notice.
        let idle =
            |finding: &Option<Finding>| finding.as_ref().is_none_or(|finding| finding.possible.decided() == Some(Verdict::Unrestricted));
        if same || (idle(&old) && idle(&new)) {
            continue;
        }
        let (gone, come) = (reasons(old.as_ref()), reasons(new.as_ref()));
        let vanish = gone.iter().filter(|reason| !come.contains(reason)).cloned().collect();
        let appear = come.iter().filter(|reason| !gone.contains(reason)).cloned().collect();
        out.push(Shift { instrument: name.0.to_owned(), leg: name.1.to_owned(), before: old, after: new, appear, vanish });
    }
    out
}

/// The provisions that make a finding, in words: those that hold, and the requirements that are not met.
fn reasons(finding: Option<&Finding>) -> Vec<String> {
    let Some(finding) = finding else { return Vec::new() };
    let restricted = finding.possible.decided() != Some(Verdict::Unrestricted);
    let matters = |trace: &&Trace| match trace.effect {
        "require" => trace.truth != Truth::True,
        "applies" | "duty" | "oblige" | "onward" => false,
        "permit" => restricted && trace.truth == Truth::True,
        _ => trace.truth == Truth::True,
    };
    let say = |trace: &Trace| {
        let cites = if trace.cites.is_empty() { String::new() } else { format!(" ({})", trace.cites.join("; ")) };
        let unmet = if trace.effect == "require" { ", not met" } else { "" };
        format!("{} {}{cites}{unmet}", trace.effect, trace.id)
    };
    let mut all: Vec<String> = finding.derivation.iter().filter(matters).map(say).collect();
    all.extend(finding.missing.iter().map(|missing| format!("missing for {}: {}", missing.aim, missing.steps.join(" and "))));
    if !finding.questions.is_empty() {
        all.push(format!("hangs on {}", finding.questions.join(", ")));
    }
    if let Some(day) = finding.text_from.filter(|_| all.is_empty()) {
        all.push(format!("the text in force since {day}"));
    }
    all
}
