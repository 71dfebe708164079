// SPDX-License-Identifier: Apache-2.0
//! A crossing of which no row leaves: the rows that the law lets leave are counted and added up by groups, noise is put
//! over it, and only that is published.
//!
//! Two records are written. The one beside the data says nothing of the table that is not noisy; the one beside what is
//! kept apart, on the exporter's side, has all counts, and is what a log records.

mod count;
mod noise;

use crate::apart::Apart;
use crate::budget::{Budget, Charge};
use crate::cross::{Crossed, Job, Progress, begun, conserved, opened, publish_apart, publish_folder};
use crate::files::{is_remote, write_whole};
use crate::hints::Hints;
use crate::journal::{Done, Journal, Part};
use crate::record::{self, NAME, Output};
use crate::seal::Seal;
use crate::shelf;
use crate::sink::Sink;
use crate::source::Source;
use crate::unit::name_of;
use crate::{CrossingError, Format};
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use arrow_select::filter::filter;
use comity_border::risk::Counter;
use comity_border::{Enforcer, Plan, Release, Secret};
use comity_evidence::Hash;
use count::{Cells, Count, Total};
use noise::{Mechanisms, Noisy};
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// In the public record, what the exporter can be held to later: the digest of the private one, whose random id hides it.
const PRIVATE: &str = "private_record";

fn commitment(private: &Value) -> String {
    Hash::of(text_of(private).as_bytes()).to_hex()
}

/// What a release will cost and how noisy it will be: it follows from the manifest alone.
///
/// # Errors
///
/// [`CrossingError::Release`] if no noise keeps to what it may cost.
pub fn announced(release: &Release) -> Result<Value, CrossingError> {
    Ok(said(release, &Mechanisms::of(release)?))
}

/// The id of a release under way, so that it is charged once.
const CHARGE: &str = "charge.json";
/// How many persons of a group are, beside its cells.
const PERSONS: &str = "persons";

/// Makes the release that a plan asks for.
pub(crate) fn release(
    plan: &Plan,
    release: &Release,
    secret: Option<&Secret>,
    job: &Job,
    go_on: &mut dyn FnMut(Progress) -> bool,
) -> Result<Crossed, CrossingError> {
    let folder = job.budget.as_ref().ok_or(CrossingError::NoBudget)?;
    let hash = plan.hash()?.to_hex();
    let staged = job.staging();
    let text = begun(plan, job.format)?;
    if let Some(crossed) = made_before(job, &hash)? {
        if staged.exists() {
            Journal::open(&staged, &text)?.end()?;
        }
        return Ok(crossed);
    }
    let mechanisms = Mechanisms::of(release)?;
    let seal = Seal::new(&plan.manifest)?;
    let sources = opened(plan, &job.inputs, &job.stamps)?;
    if let (Some(seal), Some(first)) = (&seal, sources.first()) {
        seal.fits(job.format.unwrap_or(first.format()))?;
    }
    let journal = Journal::open(&staged, &text)?;
    let private = match half_published(&journal, job)? {
        // It was drawn, and stopped before it was published.
        Some(private) => private,
        None if job.apart.exists() => return Err(CrossingError::Taken(job.apart.clone())),
        None => {
            let counted = counted(plan, release, secret, &sources, &journal, job, go_on)?;
            let id = id_of(&journal)?;
            let charge = Charge { table: &plan.manifest.table, id: &id, loss: release.loss, plan: &hash, day: job.day };
            Budget::at(folder).charge(&charge)?;
            draw(plan, release, (&hash, &id, job), &mechanisms, &counted, &journal, seal)?
        }
    };
    let shown = text_of(&private);
    if !job.apart.exists() {
        publish_apart(&journal, &job.apart, &shown)?;
    }
    let public = journal.data().join(NAME);
    if is_remote(&job.to) {
        let public = fs::read_to_string(&public).map_err(CrossingError::file("cannot read", &public))?;
        shelf::publish(&journal, &job.to, &record::outputs(&private), &public)?;
    } else {
        if job.to.exists() {
            return Err(CrossingError::Taken(job.to.clone()));
        }
        publish_folder(&journal.data(), &job.to)?;
    }
    journal.end()?;
    crossed(private, false)
}

/// The release that is published already; an error where something else is.
fn made_before(job: &Job, hash: &str) -> Result<Option<Crossed>, CrossingError> {
    let there = if is_remote(&job.to) { shelf::published(&job.to)?.is_some() } else { job.to.exists() };
    if !there {
        return Ok(None);
    }
    let private = read(&job.apart.join(NAME))?.filter(|record| record.get("plan").and_then(Value::as_str) == Some(hash));
    let private = private.filter(|record| record.get("release").is_some_and(Value::is_object));
    crossed(private.ok_or_else(|| CrossingError::Taken(job.to.clone()))?, true).map(Some)
}

fn crossed(record: Value, before: bool) -> Result<Crossed, CrossingError> {
    let broken = || CrossingError::Release("its record is not whole".to_owned());
    let warnings = record.pointer("/release/warnings").and_then(Value::as_array).cloned().unwrap_or_default();
    let warnings = warnings.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    Ok(Crossed { warnings, before, ..crate::cross::before(record).ok_or_else(broken)? })
}

/// The private record of what is drawn, whether what is kept apart is published already or not.
fn half_published(journal: &Journal, job: &Job) -> Result<Option<Value>, CrossingError> {
    if let Some(private) = read(&journal.apart().join(NAME))? {
        return Ok(Some(private));
    }
    let (Some(public), Some(private)) = (read(&journal.data().join(NAME))?, read(&job.apart.join(NAME))?) else { return Ok(None) };
    let same = public.get(PRIVATE).and_then(Value::as_str) == Some(commitment(&private).as_str());
    Ok(same.then_some(private))
}

/// A record that is there; none where there is none.
fn read(path: &Path) -> Result<Option<Value>, CrossingError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(serde_json::from_str(&text).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(CrossingError::file("cannot read", path)(error)),
    }
}

fn text_of(record: &Value) -> String {
    serde_json::to_string_pretty(record).unwrap_or_default() + "\n"
}

/// The id of this release: random, and the same when it goes on.
fn id_of(journal: &Journal) -> Result<String, CrossingError> {
    let path = journal.folder.join(CHARGE);
    let known = read(&path)?.and_then(|value| Some(value.get("release")?.as_str()?.to_owned()));
    if let Some(id) = known {
        return Ok(id);
    }
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| CrossingError::Release(format!("no random bytes: {error}")))?;
    let id: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    write_whole(&path, format!("{}\n", json!({"release": id})).as_bytes())?;
    Ok(id)
}

/// What was counted before any noise.
struct Counted {
    done: Done,
    groups: Vec<(Cells, Total)>,
    format: Format,
    of_nobody: u64,
    cut: u64,
}

/// Counts the rows that the law lets leave, and keeps the others apart.
fn counted(
    plan: &Plan,
    release: &Release,
    secret: Option<&Secret>,
    sources: &[Source],
    journal: &Journal,
    job: &Job,
    go_on: &mut dyn FnMut(Progress) -> bool,
) -> Result<Counted, CrossingError> {
    let first = sources.first().ok_or_else(|| CrossingError::Format(String::new()))?;
    let format = job.format.unwrap_or(first.format());
    let person = plan.manifest.person.as_deref().ok_or_else(|| CrossingError::Release("`person` is missing".to_owned()))?;
    let mut count = Count::new(release);
    let mut done = Done::default();
    let name = name_of(0, format);
    let mut apart = Apart::new(journal.apart().join(&name), format, Hints::default());
    let (mut rows, mut first_pass) = (0, true);
    loop {
        let mut enforcer = Enforcer::new(plan, secret, first.schema())?;
        for (source, unit) in
            sources.iter().enumerate().flat_map(|(input, source)| source.units(input).into_iter().map(move |unit| (source, unit)))
        {
            let mut batches = source.batches(&unit, None, &[])?;
            while let Some((batch, broken)) = batches.next()? {
                let enforced = enforcer.enforce(&batch)?;
                let failed = |error: &dyn std::fmt::Display| CrossingError::table(&source.path, error.to_string());
                let persons = batch.column_by_name(person).ok_or_else(|| failed(&format!("column `{person}` is missing")))?;
                let persons = match &enforced.leaving {
                    Some(mask) => filter(persons, mask).map_err(|error| failed(&error))?,
                    None => Arc::clone(persons),
                };
                count.add(&persons, &enforced.passed)?;
                if first_pass {
                    apart.keep(&enforcer, &enforced.quarantined, (&source.path, &broken))?;
                }
                rows += (batch.num_rows() + broken.len()) as u64;
                if !go_on(Progress { phase: "cross", rows, passed: enforcer.tally.passed, of: None }) {
                    return Err(CrossingError::Stopped);
                }
            }
        }
        if first_pass {
            done.tally = enforcer.tally.clone();
        }
        first_pass = false;
        if !count.end_pass() {
            break;
        }
    }
    done.broken = apart.broken;
    done.apart = apart.finish()?.map(|(file, rows)| Part { name: name.clone(), rows, file });
    conserved(&done.tally, done.broken, done.tally.passed, done.apart.as_ref().map_or(0, |part| part.rows))?;
    let (of_nobody, cut) = (count.of_nobody, count.cut);
    Ok(Counted { done, groups: count.finish(), format, of_nobody, cut })
}

/// Draws the noise, and stages what is to be published with both records. The private one comes last: once it is there,
/// nothing is drawn again.
fn draw(
    plan: &Plan,
    release: &Release,
    (hash, id, job): (&str, &str, &Job),
    mechanisms: &Mechanisms,
    counted: &Counted,
    journal: &Journal,
    seal: Option<Seal>,
) -> Result<Value, CrossingError> {
    let noisy = mechanisms.draw(&counted.groups)?;
    let name = name_of(0, counted.format);
    let batch = table(release, &noisy)?;
    let mut sink = Sink::create(&journal.data().join(&name), counted.format, &batch.schema(), &Hints::default())?;
    sink.write(&batch)?;
    let (file, rows) = sink.finish()?;
    let mut outputs = vec![Output { name, rows, file, clear: None }];
    if let Some(seal) = &seal {
        seal.seal(&journal.data(), &mut outputs)?;
    }
    if is_remote(&job.to) {
        let attempt = shelf::attempt(id, &outputs);
        outputs.iter_mut().for_each(|output| output.name = format!("{attempt}/{}", output.name));
    }
    let Done { tally, broken, .. } = &counted.done;
    let risk = Counter::new(plan).finish();
    let mut private = record::record(plan, (hash, job.day), &plan.inputs, (tally, *broken), &outputs, &risk);
    let mut said = said(release, mechanisms);
    if let Some(said) = said.as_object_mut() {
        said.insert("groups".to_owned(), json!(noisy.groups.len()));
    }
    let mut public = private.clone();
    if let (Some(private), Some(public)) = (private.as_object_mut(), public.as_object_mut()) {
        private.insert("risk".to_owned(), Value::Null);
        // Exact counts would say what the noise is there to hide. So would the laws, of which one may apply because of a
        // single person, and the hash of the plan, by which a guess of the whole table can be tried.
        for exact in ["plan", "laws", "rows", "outcomes", "inputs", "anonymity", "risk"] {
            public.remove(exact);
        }
        public.insert("release".to_owned(), said.clone());
        let mut all = said;
        if let Some(all) = all.as_object_mut() {
            all.insert("id".to_owned(), json!(id));
            all.insert("rows_of_nobody".to_owned(), json!(counted.of_nobody));
            all.insert("persons_in_more_groups".to_owned(), json!(counted.cut));
            all.insert("warnings".to_owned(), json!(warnings(release, counted)));
        }
        private.insert("release".to_owned(), all);
    }
    if let Some(public) = public.as_object_mut() {
        public.insert(PRIVATE.to_owned(), json!(commitment(&private)));
    }
    write_whole(&journal.data().join(NAME), text_of(&public).as_bytes())?;
    write_whole(&journal.apart().join(NAME), text_of(&private).as_bytes())?;
    Ok(private)
}

fn warnings(release: &Release, counted: &Counted) -> Vec<String> {
    let mut warnings = Vec::new();
    if counted.of_nobody > 0 {
        warnings.push(format!("{} of the rows say of no person, and are not counted", counted.of_nobody));
    }
    if counted.cut > 0 {
        warnings.push(format!("{} persons are in more groups than the {} in which one counts", counted.cut, release.groups));
    }
    warnings
}

/// What is said of a release: what it cost, and how noisy it is.
fn said(release: &Release, mechanisms: &Mechanisms) -> Value {
    let sums = release.sums.iter();
    let steps = std::iter::once(1.0).chain(sums.clone().map(|sum| sum.step));
    let names = std::iter::once(PERSONS.to_owned()).chain(sums.clone().map(comity_border::release::Sum::name));
    let bounds = std::iter::once(None).chain(sums.map(|sum| Some([sum.from, sum.to])));
    let statistics: Vec<Value> = mechanisms
        .noise()
        .iter()
        .zip(steps)
        .zip(names.zip(bounds))
        .map(|((noise, step), (name, bounds))| {
            json!({
                "name": name, "epsilon": release.share(), "mechanism": "discrete Laplace", "scale": noise.scale * step,
                "within_95_percent": noise.within() * step, "threshold": noise.threshold, "one_person_from_to": bounds, "step": step,
            })
        })
        .collect();
    json!({
        "by": release.by,
        "groups_per_person": release.groups,
        "epsilon": release.loss.epsilon(),
        "delta": release.loss.delta(),
        "neighbours": "tables that differ in all rows of one person",
        "statistics": statistics,
    })
}

/// What leaves, a row for each group.
fn table(release: &Release, noisy: &Noisy) -> Result<RecordBatch, CrossingError> {
    let mut fields = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for (at, name) in release.by.iter().enumerate() {
        fields.push(Field::new(name, DataType::Utf8, true));
        let cells = noisy.groups.iter().map(|(cells, ..)| cells.get(at).cloned().flatten());
        columns.push(Arc::new(cells.collect::<StringArray>()));
    }
    fields.push(Field::new(PERSONS, DataType::Int64, false));
    columns.push(Arc::new(noisy.groups.iter().map(|(_, persons, _)| Some(*persons)).collect::<Int64Array>()));
    for (at, sum) in release.sums.iter().enumerate() {
        fields.push(Field::new(sum.name(), DataType::Float64, false));
        let steps = noisy.groups.iter().map(|(_, _, sums)| sums.get(at).copied().unwrap_or(0) as f64 * sum.step);
        columns.push(Arc::new(steps.map(Some).collect::<Float64Array>()));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(|error| CrossingError::Release(error.to_string()))
}
