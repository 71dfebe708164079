// SPDX-License-Identifier: Apache-2.0
//! From a file to a judgment, for every command that judges.

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
use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, mpsc};

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
    outcome_by(&mut Judge::new(library, options), source, Detail::Whole, None)
}

/// Reads and judges one file, with a library that was made ready.
fn outcome_by(ready: &mut Judge, source: &Source, detail: Detail, looker: Option<&Looker>) -> Outcome {
    let text = match source.text() {
        Ok(text) => text,
        Err(message) if matches!(source, Source::Fault { .. }) => return Outcome::Unreadable(message),
        Err(message) => return Outcome::Unreadable(format!("cannot read `{}`: {message}", source.name())),
    };
    if text.trim().is_empty() && !matches!(source, Source::Row(_)) {
        let help = Some("`comity new` prints a flow file to fill in".to_owned());
        return Outcome::Invalid(text, vec![Problem { line: 1, column: 1, message: format!("{} is empty", source.name()), help }]);
    }
    let flow = match source.flow(&text) {
        Ok(flow) => flow,
        Err(problems) => return Outcome::Invalid(text, problems),
    };
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
            Outcome::Invalid(text, vec![Problem { line, column: 1, message: error.to_string(), help }])
        }
    }
}

/// Judges many flows on all processors, and hands the outcomes over in the order of the sources.
pub fn each(
    library: &Library,
    sources: impl Iterator<Item = Source>,
    options: &Options,
    then: impl FnMut(&Source, Outcome) -> io::Result<()>,
) -> io::Result<()> {
    each_with(library, sources, options, None, &|_| Detail::Whole, &|_, outcome| outcome, then)
}

/// As [`each`], with a look at the evidence, so much of each judgment as is wanted, and what is made of the outcome by
/// whoever judged it.
///
/// No more than a window of them is in memory at once: sources are asked for as outcomes are handed over.
pub fn each_with<T: Send>(
    library: &Library,
    mut sources: impl Iterator<Item = Source>,
    options: &Options,
    looker: Option<&Looker>,
    detail: &(impl Fn(&Source) -> Detail + Sync),
    make: &(impl Fn(&Source, Outcome) -> T + Sync),
    mut then: impl FnMut(&Source, T) -> io::Result<()>,
) -> io::Result<()> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let (to_workers, work) = mpsc::channel::<(usize, Source)>();
    let (to_us, results) = mpsc::channel();
    let work = Mutex::new(work);
    let judge_all = || {
        let to_us = to_us.clone();
        let mut ready = Judge::new(library, options);
        // Nobody sends once the last source is out, and nobody receives where the outcomes are no longer wanted.
        while let Some((place, source)) = work.lock().ok().and_then(|work| work.recv().ok()) {
            let outcome =
                catch_unwind(AssertUnwindSafe(|| outcome_by(&mut ready, &source, detail(&source), looker))).unwrap_or_else(|_| {
                    // One flow must not take others with it, and what broke down is not trusted with the next.
                    ready = Judge::new(library, options);
                    Outcome::Unreadable(format!("judging `{}` broke down: this is a mistake in Comity", source.name()))
                });
            let made = make(&source, outcome);
            if to_us.send((place, source, made)).is_err() {
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
        let mut waiting: BTreeMap<usize, (Source, T)> = BTreeMap::new();
        let (mut sent, mut handed_over) = (0, 0);
        loop {
            while sent - handed_over < workers * WINDOW {
                let Some(source) = sources.next() else { break };
                if to_workers.send((sent, source)).is_err() {
                    return Err(io::Error::other("no worker is left"));
                }
                sent += 1;
            }
            if sent == handed_over {
                return Ok(());
            }
            let (place, source, made) = results.recv().map_err(io::Error::other)?;
            waiting.insert(place, (source, made));
            while let Some((source, made)) = waiting.remove(&handed_over) {
                then(&source, made)?;
                handed_over += 1;
            }
        }
    })
}

/// So many flows are under way for each worker: enough for the others to go on beside one that costs a hundred times more.
const WINDOW: usize = 128;
