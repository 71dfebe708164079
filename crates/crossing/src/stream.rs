// SPDX-License-Identifier: Apache-2.0
//! Crossings through pipes: from the first row to the last, once.
//!
//! What comes through a pipe cannot be surveyed before it is decided, so its plan is made of a sample that was looked at
//! and approved before. A combination that no row of the sample had is not in the plan, and its rows are kept apart.
//!
//! What has left through a pipe has left. There is no staging and no going on: a crossing that was interrupted leaves its
//! folder behind, with what had left by then, and does not begin again until a person has removed it.

use crate::apart::Apart;
use crate::cross::{Crossed, Progress, conserved, opened, permitted, publish, publish_folder, staging};
use crate::files::{Counting, is_remote, write_whole};
use crate::hints::Hints;
use crate::journal::{Done, Journal, Part};
use crate::record::{self, Output};
use crate::seal::Seal;
use crate::sink::Sink;
use crate::source::{Batches, Source, piped};
use crate::survey::Stamp;
use crate::unit::coded;
use crate::{CrossingError, Format};
use arrow_schema::SchemaRef;
use comity_border::plan::Input;
use comity_border::risk::Counter;
use comity_border::{Enforcer, Plan, Secret};
use jiff::civil::Date;
use serde_json::json;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// What pipes are called where files have names.
const PIPE: &str = "-";

/// Where rows come from.
pub enum Origin {
    /// Tables, as the plan names them.
    Tables(Vec<PathBuf>, Vec<Stamp>),
    /// A pipe.
    Pipe {
        /// What is read.
        pipe: Box<dyn Read + Send>,
        /// The format of what is read.
        format: Format,
        /// The tables that the plan was made of.
        sample: Vec<PathBuf>,
    },
}

/// Where rows that leave go.
pub enum Destination {
    /// A folder that is published in one step; it is not there yet.
    Folder(PathBuf),
    /// A pipe.
    Pipe(Box<dyn Write + Send>),
}

/// What is to be done.
pub struct Stream {
    /// Where rows come from.
    pub from: Origin,
    /// Where rows that leave go.
    pub to: Destination,
    /// The folder for what is kept apart, on the exporter's side, and for the record where what leaves has no folder.
    pub apart: PathBuf,
    /// How what leaves is written; without, as what is read.
    pub format: Option<Format>,
    /// Today: the day of the crossing, which its record states.
    pub day: Date,
}

/// Makes a crossing from or into a pipe.
///
/// # Errors
///
/// [`CrossingError`]. Into a folder, nothing was published then; through a pipe, rows may have left, and the folder that
/// is named like `apart` with `.crossing` added says how many.
pub fn stream(
    plan: &Plan,
    secret: Option<&Secret>,
    stream: Stream,
    go_on: &mut dyn FnMut(Progress) -> bool,
) -> Result<Crossed, CrossingError> {
    let Stream { from, to, apart, format, day } = stream;
    if plan.manifest.release.is_some() {
        return Err(CrossingError::ReleasePiped);
    }
    let piped = matches!(from, Origin::Pipe { .. }) || matches!(to, Destination::Pipe(_));
    if piped && plan.manifest.asks_of_classes() {
        return Err(CrossingError::Unmeasured);
    }
    let seal = Seal::new(&plan.manifest)?;
    if seal.is_some() && matches!(to, Destination::Pipe(_)) {
        return Err(CrossingError::SealedPipe);
    }
    let folder = match &to {
        Destination::Folder(folder) => folder.clone(),
        Destination::Pipe(_) => apart.clone(),
    };
    if let Some(remote) = [&folder, &apart].into_iter().find(|path| is_remote(path)) {
        let problem = "what comes through a pipe crosses into a folder, or through another pipe".to_owned();
        return Err(CrossingError::Store { what: "cannot use", url: remote.display().to_string(), problem });
    }
    for taken in [&folder, &apart] {
        if taken.exists() {
            return Err(CrossingError::Taken(taken.clone()));
        }
    }
    let staged = staging(&folder);
    if staged.exists() {
        return Err(CrossingError::Interrupted(staged));
    }
    let mut work = Work::begin(plan, secret, from, format)?;
    if let Some(seal) = &seal {
        seal.fits(work.format)?;
    }
    let journal = Journal::open(&staged, &plan.to_text()?)?;
    let through = matches!(to, Destination::Pipe(_));
    let made =
        work.all(&journal, to, go_on).and_then(|done| finish(plan, &mut work, &journal, (done, through, seal), (&folder, &apart), day));
    match &made {
        Ok(_) => journal.end()?,
        // Nothing left, so that it may begin again.
        Err(_) if !through => journal.end()?,
        Err(error) => {
            let tally = &work.enforcer.tally;
            let told = json!({"plan": plan.hash()?.to_hex(), "day": day.to_string(), "passed": tally.passed, "kept_apart": tally.quarantined, "problem": error.to_string()});
            write_whole(&staged.join("interrupted.json"), format!("{told:#}\n").as_bytes())?;
        }
    }
    made
}

/// A crossing under way.
struct Work {
    enforcer: Enforcer,
    format: Format,
    /// What is read, one part after the other.
    feed: Box<dyn Iterator<Item = Result<Batches, CrossingError>>>,
    /// What errors name.
    path: PathBuf,
    inputs: Box<dyn Fn() -> Vec<Input>>,
    counter: Option<Counter>,
}

impl Work {
    fn begin(plan: &Plan, secret: Option<&Secret>, from: Origin, format: Option<Format>) -> Result<Self, CrossingError> {
        let coded: Vec<String> = coded(plan).into_iter().map(str::to_owned).collect();
        let counter = Some(Counter::new(plan));
        match from {
            Origin::Tables(tables, stamps) => {
                let sources = opened(plan, &tables, &stamps)?;
                let first = sources.first().ok_or_else(|| CrossingError::Format(String::new()))?;
                let (schema, own, path) = (SchemaRef::clone(first.schema()), first.format(), first.path.clone());
                let feed = sources.into_iter().enumerate().flat_map(move |(input, source)| {
                    let coded = coded.clone();
                    source.units(input).into_iter().map(move |unit| {
                        let coded: Vec<&str> = coded.iter().map(String::as_str).collect();
                        source.batches(&unit, None, &coded)
                    })
                });
                let inputs = plan.inputs.clone();
                Ok(Self {
                    enforcer: Enforcer::new(plan, secret, &schema)?,
                    format: format.unwrap_or(own),
                    feed: Box::new(feed),
                    path,
                    inputs: Box::new(move || inputs.clone()),
                    counter,
                })
            }
            Origin::Pipe { pipe, format: own, sample } => {
                let path = PathBuf::from("standard input");
                let sample = Source::open_all(&sample)?;
                let (pipe, came) = Counting::new(pipe);
                let coded: Vec<&str> = coded.iter().map(String::as_str).collect();
                let (batches, schema) = piped(&path, Box::new(pipe), own, &sample, &coded)?;
                Ok(Self {
                    enforcer: Enforcer::new(plan, secret, &schema)?,
                    format: format.unwrap_or(own),
                    feed: Box::new(std::iter::once(Ok(batches))),
                    path,
                    inputs: Box::new(move || {
                        let came = came.digested();
                        vec![Input { name: PIPE.to_owned(), size: came.size, digest: came.digest }]
                    }),
                    counter,
                })
            }
        }
    }

    /// All rows, in order.
    fn all(&mut self, journal: &Journal, to: Destination, go_on: &mut dyn FnMut(Progress) -> bool) -> Result<Done, CrossingError> {
        let name = format!("part-000000.{}", self.format.ending());
        let mut data = match to {
            Destination::Folder(_) => Sink::create(&journal.data().join(&name), self.format, self.enforcer.output(), &Hints::default())?,
            Destination::Pipe(pipe) => Sink::pipe(pipe, Path::new("standard output"), self.format, self.enforcer.output())?,
        };
        let mut apart = Apart::new(journal.apart().join(&name), self.format, Hints::default());
        let (mut done, mut rows) = (Done::default(), 0);
        for batches in &mut self.feed {
            let mut batches = batches?;
            while let Some((batch, broken)) = batches.next()? {
                let enforced = self.enforcer.enforce(&batch)?;
                apart.keep(&self.enforcer, &enforced.quarantined, (&self.path, &broken))?;
                if enforced.passed.num_rows() > 0 {
                    if let Some(counter) = &mut self.counter {
                        counter.add(&enforced.passed).map_err(|error| CrossingError::table(&self.path, error))?;
                    }
                    data.write(&enforced.passed)?;
                }
                rows += (batch.num_rows() + broken.len()) as u64;
                if !go_on(Progress { phase: "cross", rows, passed: self.enforcer.tally.passed, of: None }) {
                    return Err(CrossingError::Stopped);
                }
            }
        }
        let part = |(file, rows)| Part { name: name.clone(), rows, file };
        done.broken = apart.broken;
        done.apart = apart.finish()?.map(part);
        done.data = Some(part(data.finish()?));
        done.tally = self.enforcer.tally.clone();
        Ok(done)
    }
}

/// Checks that nothing was lost, and publishes what stands in folders.
fn finish(
    plan: &Plan,
    work: &mut Work,
    journal: &Journal,
    (done, through, seal): (Done, bool, Option<Seal>),
    (folder, apart): (&Path, &Path),
    day: Date,
) -> Result<Crossed, CrossingError> {
    conserved(&done.tally, done.broken, done.data.as_ref().map_or(0, |part| part.rows), done.apart.as_ref().map_or(0, |part| part.rows))?;
    let name = |part: &Part| if through { PIPE.to_owned() } else { part.name.clone() };
    let output = |part: &Part| Output { name: name(part), rows: part.rows, file: part.file.clone(), clear: None };
    let mut outputs: Vec<Output> = done.data.iter().map(output).collect();
    let counter = work.counter.take().unwrap_or_else(|| Counter::new(plan));
    let risk = permitted(plan, counter.finish())?;
    if let Some(seal) = &seal {
        seal.seal(&journal.data(), &mut outputs)?;
    }
    let record = record::record(plan, (&plan.hash()?.to_hex(), day), &(work.inputs)(), (&done.tally, done.broken), &outputs, &risk);
    let shown = serde_json::to_string_pretty(&record).unwrap_or_default() + "\n";
    if through {
        write_whole(&journal.apart().join(record::NAME), shown.as_bytes())?;
        publish_folder(&journal.apart(), apart)?;
    } else {
        write_whole(&journal.data().join(record::NAME), shown.as_bytes())?;
        publish(journal, (folder, apart), done.apart.is_some(), &shown)?;
    }
    Ok(Crossed { record, tally: done.tally, broken: done.broken, warnings: risk.warnings(), before: false })
}
