// SPDX-License-Identifier: Apache-2.0
//! From a file to a judgment, for every command that judges.

mod many;

use crate::args::{JudgeArgs, LibraryArgs, ReadingChoice};
use crate::evidence::Looker;
use crate::exit::Status;
use crate::input::Source;
use crate::library::{load_for_use, unknown};
use crate::out::Out;
use crate::render::diagnostic;
use comity_flow::{Flow, Problem};
use comity_judge::{Judge, JudgeError, Judgment, Options};
use comity_law::Library;
use comity_law::ast::Instrument;
use comity_terms::{Scheme, vocabulary};
use jiff::civil::Date;
use std::io;

pub use many::{Wanted, each, each_with};

/// What became of one file.
pub enum Outcome {
    /// It was judged.
    Judged(Box<Flow>, Box<Judgment>),
    /// It has problems; with its text.
    Invalid(String, Vec<Problem>),
    /// It could not be read.
    Unreadable(String),
}

/// The library and the options of a command that judges, or the status where there is no going on.
pub fn ready(library: &LibraryArgs, judge: &JudgeArgs, today: Date, out: &mut Out) -> io::Result<Result<(Library, Options), Status>> {
    let library = match load_for_use(library, today, out)? {
        Ok(library) => library,
        Err(status) => return Ok(Err(status)),
    };
    Ok(options(judge, &library, today, out)?.map(|options| (library, options)))
}

/// The one flow of a command, or the status where it cannot be read; what is wrong with it is said.
pub fn one(source: &Source, out: &mut Out) -> io::Result<Result<Flow, Status>> {
    let text = match source.text() {
        Ok(text) => text,
        Err(message) => {
            out.error(&format!("cannot read `{}`: {message}", source.name()))?;
            return Ok(Err(Status::Failed));
        }
    };
    match source.flow(&text) {
        Ok(flow) => Ok(Ok(flow)),
        Err(problems) => {
            let drawn: String = diagnostic::of_file(&source.name(), &text, &problems, out.look_of_errors());
            out.complain(&drawn)?;
            Ok(Err(Status::Invalid))
        }
    }
}

/// The options of the command line, or the status where they name what the library does not have.
fn options(args: &JudgeArgs, library: &Library, today: Date, out: &mut Out) -> io::Result<Result<Options, Status>> {
    for id in &args.under {
        if library.instrument(id).is_none() {
            out.error(&format!("--under: {}", unknown(library, id)))?;
            return Ok(Err(Status::Usage));
        }
    }
    let mut readings = Vec::new();
    for choice in &args.reading {
        let instrument = match owner(choice, args, library) {
            Ok(instrument) => instrument,
            Err(fault) => {
                out.error(&format!("--reading: {fault}"))?;
                return Ok(Err(Status::Usage));
            }
        };
        if let Some(fault) = reading_fault(library, &instrument, &choice.id, &choice.option) {
            out.error(&format!("--reading: {fault}"))?;
            return Ok(Err(Status::Usage));
        }
        readings.push((instrument, choice.id.clone(), choice.option.clone()));
    }
    Ok(Ok(Options { today, on: args.on, known_on: args.known_on, under: args.under.clone(), readings }))
}

/// The instrument whose reading is fixed: the one that is named, or the only one that has a reading of this name.
fn owner(choice: &ReadingChoice, args: &JudgeArgs, library: &Library) -> Result<String, String> {
    if let Some(instrument) = &choice.instrument {
        return Ok(instrument.clone());
    }
    let id = choice.id.as_str();
    let has = |instrument: &&Instrument| instrument.readings.iter().any(|reading| reading.id.text == id);
    let all: Vec<&str> = library.instruments.iter().filter(has).map(|instrument| instrument.id.text.as_str()).collect();
    let asked: Vec<&str> = all.iter().copied().filter(|owner| args.under.iter().any(|under| under == owner)).collect();
    match (all.as_slice(), asked.as_slice()) {
        ([one], _) | (_, [one]) => Ok((*one).to_owned()),
        ([], _) => {
            let known = library.instruments.iter().flat_map(|instrument| &instrument.readings).map(|reading| reading.id.text.as_str());
            let near = comity_terms::nearest(id, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            Err(format!("no instrument has a reading `{id}`{near}"))
        }
        _ => {
            let names: Vec<String> = all.iter().map(|owner| format!("`{owner}/{id}`")).collect();
            Err(format!("several instruments have a reading `{id}`; expected one of {}", names.join(", ")))
        }
    }
}

fn reading_fault(library: &Library, instrument: &str, id: &str, option: &str) -> Option<String> {
    let Some(found) = library.instrument(instrument) else { return Some(unknown(library, instrument)) };
    let known: Vec<&str> = found.readings.iter().map(|reading| reading.id.text.as_str()).collect();
    let Some(reading) = found.readings.iter().find(|reading| reading.id.text == id) else {
        let known = if known.is_empty() { "it has none".to_owned() } else { format!("expected one of `{}`", known.join("`, `")) };
        return Some(format!("`{instrument}` has no reading `{id}`; {known}"));
    };
    let options: Vec<&str> = reading.options.iter().map(|option| option.id.text.as_str()).collect();
    (!options.contains(&option))
        .then(|| format!("reading `{id}` of `{instrument}` has no option `{option}`; expected one of `{}`", options.join("`, `")))
}

/// How much of a judgment is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The findings, their derivations left out.
    Findings,
    /// All of it.
    Whole,
}

/// Reads and judges one file.
pub fn outcome(library: &Library, source: &Source, options: &Options) -> Outcome {
    match flow_of(source) {
        Ok(flow) => judged(&mut Judge::new(library, options), source, flow, Detail::Whole, None),
        Err(outcome) => outcome,
    }
}

/// The flow of a source, or what came instead.
fn flow_of(source: &Source) -> Result<Flow, Outcome> {
    let text = match source.text() {
        Ok(text) => text,
        Err(message) if matches!(source, Source::Fault { .. }) => return Err(Outcome::Unreadable(message)),
        Err(message) => return Err(Outcome::Unreadable(format!("cannot read `{}`: {message}", source.name()))),
    };
    if text.trim().is_empty() && !matches!(source, Source::Row(_)) {
        let help = Some("`comity new` prints a flow file to fill in".to_owned());
        return Err(Outcome::Invalid(text, vec![Problem { line: 1, column: 1, message: format!("{} is empty", source.name()), help }]));
    }
    source.flow(&text).map_err(|problems| Outcome::Invalid(text, problems))
}

/// Judges a flow, with a library that was made ready.
fn judged(ready: &mut Judge, source: &Source, flow: Flow, detail: Detail, looker: Option<&Looker>) -> Outcome {
    let judged = match (looker, detail) {
        (Some(looker), _) => ready.judge_shown(&flow, &looker.look(source, &flow), detail == Detail::Whole),
        (None, Detail::Whole) => ready.judge(&flow),
        (None, Detail::Findings) => ready.findings(&flow),
    };
    match judged {
        Ok(judgment) => Outcome::Judged(Box::new(flow), Box::new(judgment)),
        // The options were looked at before, so it is the file that names what the library does not have.
        Err(error) => {
            let line = flow.lines.get("under").copied().unwrap_or(1);
            let help = match &error {
                JudgeError::UnknownInstrument(id, _) if vocabulary().find(Scheme::Instrument, id).is_some() => {
                    "the id is right, but this library has no text of it: nothing can be said under it"
                }
                _ => "`comity law list` shows the instruments of the library",
            };
            let help = Some(help.to_owned());
            let text = source.text().unwrap_or_default();
            Outcome::Invalid(text, vec![Problem { line, column: 1, message: error.to_string(), help }])
        }
    }
}
