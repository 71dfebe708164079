// SPDX-License-Identifier: Apache-2.0
//! From a file to a judgment, for every command that judges.

use crate::args::JudgeArgs;
use crate::exit::Status;
use crate::input::Source;
use crate::library::unknown;
use crate::out::Out;
use comity_flow::{Flow, Problem};
use comity_judge::{JudgeError, Judgment, Options, judge};
use comity_law::Library;
use comity_terms::{Scheme, vocabulary};
use jiff::civil::Date;
use std::io;

/// What became of one file.
pub enum Outcome {
    /// It was judged.
    Judged(Box<Flow>, Box<Judgment>),
    /// It has problems; with its text.
    Invalid(String, Vec<Problem>),
    /// It could not be read.
    Unreadable(String),
}

/// The options of the command line, or the status where they name what the library does not have.
pub fn options(args: &JudgeArgs, library: &Library, today: Date, out: &mut Out) -> io::Result<Result<Options, Status>> {
    for id in &args.under {
        if library.instrument(id).is_none() {
            out.error(&format!("--under: {}", unknown(library, id)))?;
            return Ok(Err(Status::Usage));
        }
    }
    let mut readings = Vec::new();
    for choice in &args.reading {
        if let Some(fault) = reading_fault(library, &choice.0, &choice.1, &choice.2) {
            out.error(&format!("--reading: {fault}"))?;
            return Ok(Err(Status::Usage));
        }
        readings.push((choice.0.clone(), choice.1.clone(), choice.2.clone()));
    }
    Ok(Ok(Options { today, on: args.on, known_on: args.known_on, under: args.under.clone(), readings }))
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

/// Reads and judges one file.
pub fn outcome(library: &Library, source: &Source, options: &Options) -> Outcome {
    let text = match source.text() {
        Ok(text) => text,
        Err(message) => return Outcome::Unreadable(format!("cannot read `{}`: {message}", source.name())),
    };
    if text.trim().is_empty() {
        let help = Some("`comity new` prints a flow file to fill in".to_owned());
        return Outcome::Invalid(text, vec![Problem { line: 1, column: 1, message: format!("{} is empty", source.name()), help }]);
    }
    let flow = match source.flow(&text) {
        Ok(flow) => flow,
        Err(problems) => return Outcome::Invalid(text, problems),
    };
    match judge(library, &flow, options) {
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

/// Judges many files on all processors, a batch at a time, and hands the outcomes over in the order of the files.
pub fn each(
    library: &Library,
    sources: &[Source],
    options: &Options,
    mut then: impl FnMut(&Source, Outcome) -> io::Result<()>,
) -> io::Result<()> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    for batch in sources.chunks(workers * 8) {
        let share = batch.len().div_ceil(workers).max(1);
        let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
            let parts: Vec<_> = batch
                .chunks(share)
                .map(|part| scope.spawn(move || part.iter().map(|source| outcome(library, source, options)).collect::<Vec<_>>()))
                .collect();
            let joined = parts.into_iter().zip(batch.chunks(share)).map(|(part, sources)| {
                // A judgment that breaks down must not take the others with it.
                part.join().unwrap_or_else(|_| sources.iter().map(broken).collect())
            });
            joined.flatten().collect()
        });
        for (source, outcome) in batch.iter().zip(outcomes) {
            then(source, outcome)?;
        }
    }
    Ok(())
}

fn broken(source: &Source) -> Outcome {
    Outcome::Unreadable(format!("judging `{}`, or a file beside it, broke down: this is a mistake in Comity", source.name()))
}
