// SPDX-License-Identifier: Apache-2.0
//! A crossing from the first row to the last: units on all cores, then everything published in one step.

use crate::crew::{Crew, Site, Threads, all};
use crate::files::{digest, is_remote, sync_folder_of, write_whole};
use crate::journal::Journal;
use crate::record::{self, NAME as RECORD, Output};
use crate::seal::Seal;
use crate::shelf;
use crate::source::{Source, Unit};
use crate::survey::{Stamp, open};
use crate::{CrossingError, Format};
use comity_border::anonymity::asked;
use comity_border::risk::{Counter, Risk};
use comity_border::{Plan, Secret, Tally};
use jiff::civil::Date;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What is to be done.
#[derive(Clone, Debug)]
pub struct Job {
    /// The tables, as the plan names them.
    pub inputs: Vec<PathBuf>,
    /// The folder that is to be published, or the URL of a place in a store; there is nothing yet.
    pub to: PathBuf,
    /// The folder for what is kept apart, on the exporter's side.
    pub apart: PathBuf,
    /// Today: the day of the crossing, which its record states.
    pub day: Date,
    /// How what leaves is written; without, as the tables are.
    pub format: Option<Format>,
    /// How many units are worked on at once.
    pub workers: usize,
    /// The folder of the state that has the privacy budget; only a release takes from it.
    pub budget: Option<PathBuf>,
    /// The stamps of the survey that this very process made; without, each table is read once more to know that it is the one.
    pub stamps: Vec<Stamp>,
}

impl Job {
    pub(crate) fn staging(&self) -> PathBuf {
        staging_of(&self.to, &self.apart)
    }
}

/// The staging folder of a crossing into `to`: beside what is published, or what is kept apart where that is on no disk of
/// this machine.
#[must_use]
pub fn staging_of(to: &Path, apart: &Path) -> PathBuf {
    staging(if is_remote(to) { apart } else { to })
}

/// How far the work is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// `copy`, `survey` or `cross`.
    pub phase: &'static str,
    /// Rows looked at.
    pub rows: u64,
    /// How many of them leave, where that is decided by now.
    pub passed: u64,
    /// Rows in all, where the files say so.
    pub of: Option<u64>,
}

/// A crossing that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Crossed {
    /// The record: what is published beside the data as `crossing.json`.
    pub record: Value,
    /// Rows by what became of them.
    pub tally: Tally,
    /// Rows that could not be read, which are kept apart.
    pub broken: u64,
    /// What a person should know of those who can still be told; empty where it was published before.
    pub warnings: Vec<String>,
    /// Whether it had been published before, and nothing was done now.
    pub before: bool,
}

/// Makes a crossing, or goes on with one that was interrupted.
///
/// `go_on` is told how far the work is, and stops it by `false`; what is done by then is kept for the next time.
///
/// # Errors
///
/// [`CrossingError`]; then nothing was published.
pub fn cross(plan: &Plan, secret: Option<&Secret>, job: &Job, go_on: &mut dyn FnMut(Progress) -> bool) -> Result<Crossed, CrossingError> {
    if let Some(_asked) = &plan.manifest.release {
        here(job)?;
        #[cfg(feature = "dp")]
        return crate::release::release(plan, _asked, secret, job, go_on);
        #[cfg(not(feature = "dp"))]
        return Err(CrossingError::NoRelease);
    }
    cross_with(plan, job, &mut Threads { secret, workers: job.workers }, go_on)
}

/// What is kept apart stays on this machine.
fn here(job: &Job) -> Result<(), CrossingError> {
    if is_remote(&job.apart) { Err(CrossingError::Apart(job.apart.display().to_string())) } else { Ok(()) }
}

/// As [`cross`], with others to work on the units. What is published is the same, whoever works.
///
/// # Errors
///
/// [`CrossingError`]; then nothing was published.
pub fn cross_with(plan: &Plan, job: &Job, crew: &mut dyn Crew, go_on: &mut dyn FnMut(Progress) -> bool) -> Result<Crossed, CrossingError> {
    here(job)?;
    if plan.manifest.release.is_some() {
        return Err(CrossingError::ReleaseByCrew);
    }
    let text = begun(plan, job.format)?;
    let hash = plan.hash()?.to_hex();
    if let Some(record) = published(&job.to)? {
        let same = record.get("plan").and_then(Value::as_str) == Some(&hash);
        let taken = || CrossingError::Taken(job.to.clone());
        let crossed = before(record).filter(|_| same).ok_or_else(taken)?;
        if job.staging().exists() {
            // It was published, and stopped before the staging folder was gone.
            Journal::open(&job.staging(), &text)?.end()?;
        }
        return Ok(crossed);
    }
    let seal = Seal::new(&plan.manifest)?;
    let sources = opened(plan, &job.inputs, &job.stamps)?;
    if let (Some(seal), Some(first)) = (&seal, sources.first()) {
        seal.fits(job.format.unwrap_or(first.format()))?;
    }
    let journal = Journal::open(&job.staging(), &text)?;
    if let Some(crossed) = last_step(&journal, job)? {
        journal.end()?;
        return Ok(crossed);
    }
    let units: Vec<Unit> = sources.iter().enumerate().flat_map(|(input, source)| source.units(input)).collect();
    let site =
        Site { plan, sources: &sources, units: &units, journal: &journal, format: job.format, inputs: &job.inputs, done: BTreeMap::new() };
    let done = all(crew, site, go_on)?;
    let mut tally = Tally { rows: vec![0; plan.outcomes.len()], ..Tally::default() };
    let (mut broken, mut outputs, mut kept) = (0, Vec::new(), 0);
    for unit in done.values() {
        tally.add(&unit.tally);
        broken += unit.broken;
        outputs.extend(unit.data.iter().map(|part| Output {
            name: part.name.clone(),
            rows: part.rows,
            file: part.file.clone(),
            clear: None,
        }));
        kept += unit.apart.as_ref().map_or(0, |part| part.rows);
    }
    conserved(&tally, broken, outputs.iter().map(|output| output.rows).sum(), kept)?;
    let risk = measured(plan, &journal, &outputs)?;
    if let Some(seal) = &seal {
        seal.seal(&journal.data(), &mut outputs)?;
    }
    if is_remote(&job.to) {
        let attempt = shelf::attempt(&hash, &outputs);
        outputs.iter_mut().for_each(|output| output.name = format!("{attempt}/{}", output.name));
    }
    let record = record::record(plan, (&hash, job.day), &plan.inputs, (&tally, broken), &outputs, &risk);
    let shown = serde_json::to_string_pretty(&record).unwrap_or_default() + "\n";
    write_whole(&journal.data().join(RECORD), shown.as_bytes())?;
    if is_remote(&job.to) {
        if kept > 0 {
            publish_apart(&journal, &job.apart, &shown)?;
        }
        shelf::publish(&journal, &job.to, &outputs, &shown)?;
    } else {
        publish(&journal, (&job.to, &job.apart), kept > 0, &shown)?;
    }
    journal.end()?;
    Ok(Crossed { record, tally, broken, warnings: risk.warnings(), before: false })
}

/// The tables, which are those of the plan and fit its manifest.
pub(crate) fn opened(plan: &Plan, inputs: &[PathBuf], stamps: &[Stamp]) -> Result<Vec<Source>, CrossingError> {
    let sources = open(inputs)?;
    unchanged(plan, &sources, stamps)?;
    for source in &sources {
        source.against(&plan.manifest)?;
    }
    Ok(sources)
}

/// Every row that came in was written or left out.
pub(crate) fn conserved(tally: &Tally, broken: u64, passed: u64, kept: u64) -> Result<(), CrossingError> {
    let (read, accounted) = (tally.total() + broken, passed + tally.dropped + kept);
    if tally.conserved() && accounted == read { Ok(()) } else { Err(CrossingError::Conservation { read, accounted }) }
}

/// Measures what is about to be published, and refuses where fewer share what identifies together than the manifest asks.
fn measured(plan: &Plan, journal: &Journal, outputs: &[Output]) -> Result<Risk, CrossingError> {
    let mut counter = Counter::new(plan);
    let columns: Vec<String> = counter.columns().into_iter().map(str::to_owned).collect();
    let names: Vec<&str> = columns.iter().map(String::as_str).collect();
    for output in outputs.iter().filter(|output| output.rows > 0) {
        let path = journal.data().join(&output.name);
        Source::open(&path)?.each(&names, |batch| counter.add(batch).map_err(|error| CrossingError::table(&path, error)))?;
    }
    permitted(plan, counter.finish())
}

/// What was measured, if the manifest is content with it.
pub(crate) fn permitted(plan: &Plan, risk: Risk) -> Result<Risk, CrossingError> {
    let (least, variety, closeness) = (plan.manifest.least, plan.manifest.variety, plan.manifest.closeness);
    match risk.k {
        Some(k) if k < least => return Err(CrossingError::Classes { together: risk.together.join(", "), least, k }),
        Some(_) if plan.manifest.asks_of_classes() && !risk.complete => return Err(CrossingError::Uncounted),
        _ => {}
    }
    // Distances are sums of shares, and differ in their last digits.
    let poor = risk.sensitive.iter().find(|(_, l, t)| *l < variety || closeness.is_some_and(|closeness| *t > closeness + 1e-9));
    match poor.filter(|_| risk.rows > 0 && !risk.together.is_empty()) {
        Some((column, l, t)) => Err(CrossingError::Variety { column: column.clone(), l: *l, t: *t, asked: asked(&plan.manifest) }),
        None => Ok(risk),
    }
}

/// What a crossing is begun with: parts of another plan, or in another format, are not those of this one.
pub(crate) fn begun(plan: &Plan, format: Option<Format>) -> Result<String, CrossingError> {
    let text = plan.to_text()?;
    Ok(format.map_or(text.clone(), |format| format!("{text}\n{}\n", format.ending())))
}

/// The staging folder, beside what is published.
pub(crate) fn staging(to: &Path) -> PathBuf {
    let mut name = to.file_name().map(std::ffi::OsStr::to_os_string).unwrap_or_default();
    name.push(".crossing");
    to.with_file_name(name)
}

/// The record of what is published already; an error where something else is there.
fn published(to: &Path) -> Result<Option<Value>, CrossingError> {
    if is_remote(to) {
        let record = shelf::published(to)?.map(|text| serde_json::from_str(&text));
        return record.transpose().map_err(|_| CrossingError::Taken(to.to_path_buf()));
    }
    if !to.exists() {
        return Ok(None);
    }
    let path = to.join(RECORD);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound || error.kind() == io::ErrorKind::NotADirectory => {
            return Err(CrossingError::Taken(to.to_path_buf()));
        }
        Err(error) => return Err(CrossingError::file("cannot read", &path)(error)),
    };
    serde_json::from_str(&text).map(Some).map_err(|_| CrossingError::Taken(to.to_path_buf()))
}

pub(crate) fn before(record: Value) -> Option<Crossed> {
    let rows = record.get("rows")?;
    let number = |key: &str| rows.get(key)?.as_u64();
    let of_outcomes = record.get("outcomes")?.as_array()?.iter().map(|outcome| outcome.get("rows")?.as_u64()).collect::<Option<_>>()?;
    let broken = number("broken")?;
    let tally = Tally {
        rows: of_outcomes,
        unknown: number("unknown")?,
        small: number("small")?,
        passed: number("passed")?,
        quarantined: number("kept_apart")?.checked_sub(broken)?,
        dropped: number("dropped")?,
    };
    Some(Crossed { record, tally, broken, warnings: Vec::new(), before: true })
}

/// Whether the inputs are those of the plan. A plan without inputs takes any.
fn unchanged(plan: &Plan, sources: &[Source], stamps: &[Stamp]) -> Result<(), CrossingError> {
    if plan.inputs.is_empty() {
        return Ok(());
    }
    let name = |source: &Source| source.path.display().to_string();
    for (at, source) in sources.iter().enumerate() {
        let stamp = Stamp::of(&source.path)?;
        if stamp.is_known() && stamps.get(at) == Some(&stamp) {
            continue;
        }
        let found = digest(&source.path)?;
        let same = plan.inputs.get(at).is_some_and(|input| input.size == found.size && input.digest == found.digest);
        if !same {
            return Err(CrossingError::Changed(name(source)));
        }
    }
    if plan.inputs.len() == sources.len() { Ok(()) } else { Err(CrossingError::Changed("the list of tables".to_owned())) }
}

/// Publishes the data where an earlier run was stopped after it had published what is kept apart.
fn last_step(journal: &Journal, job: &Job) -> Result<Option<Crossed>, CrossingError> {
    let read = |path: PathBuf| fs::read_to_string(path).ok();
    let (Some(staged), Some(there)) = (read(journal.data().join(RECORD)), read(job.apart.join(RECORD))) else { return Ok(None) };
    if staged != there {
        return Ok(None);
    }
    let Some(crossed) = serde_json::from_str(&staged).ok().and_then(before) else { return Ok(None) };
    if is_remote(&job.to) {
        shelf::publish(journal, &job.to, &record::outputs(&crossed.record), &staged)?;
    } else {
        publish_folder(&journal.data(), &job.to)?;
    }
    Ok(Some(Crossed { before: false, ..crossed }))
}

/// Publishes: what is kept apart first, then the data in one step. A name that is taken is never written over.
pub(crate) fn publish(journal: &Journal, (to, held): (&Path, &Path), apart: bool, record: &str) -> Result<(), CrossingError> {
    for taken in [Some(to), apart.then_some(held)].into_iter().flatten() {
        if taken.exists() {
            return Err(CrossingError::Taken(taken.to_path_buf()));
        }
    }
    if apart {
        publish_apart(journal, held, record)?;
    }
    publish_folder(&journal.data(), to)
}

/// Publishes what is kept apart.
pub(crate) fn publish_apart(journal: &Journal, held: &Path, record: &str) -> Result<(), CrossingError> {
    if held.exists() {
        return Err(CrossingError::Taken(held.to_path_buf()));
    }
    write_whole(&journal.apart().join(RECORD), record.as_bytes())?;
    publish_folder(&journal.apart(), held)
}

/// Gives a folder that is whole its name.
pub(crate) fn publish_folder(staged: &Path, to: &Path) -> Result<(), CrossingError> {
    fs::rename(staged, to).map_err(CrossingError::file("cannot publish", to))?;
    sync_folder_of(to)
}
