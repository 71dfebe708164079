// SPDX-License-Identifier: Apache-2.0
//! `comity cross`: a table judged row by row, made lawful to send, and written once.

mod far;
mod piped;
mod show;

use crate::args::{CheckFormat, CrossArgs, Format};
use crate::exit::Status;
use crate::input::{Source, reason};
use crate::judging;
use crate::log::record::Recorder;
use crate::out::Out;
use crate::render::diagnostic;
use comity_border::plan::{AnonymityError, Plan, anonymise, compile};
use comity_border::service::Context;
use comity_border::{Manifest, PlanError, Secret};
use comity_crossing::{
    BudgetError, Crossed, CrossingError, Job, Survey, Wanted, announced, classes, copies, cross, lineage, recipients, staging_of, survey,
};
use comity_evidence::entry::Kind;
use comity_evidence::{Hash, Payload};
use comity_flow::{Problem, write};
use comity_judge::Options;
use comity_keys::{KeyError, Place};
use comity_law::Library;
use comity_log::Event;
use far::Far;
use jiff::civil::Date;
use serde_json::Value;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Why a command ends before its work is done.
enum Stop {
    /// With a status and one line.
    Said(Status, String),
    /// Nothing can be written to whoever reads along.
    Output(io::Error),
    /// With problems of a file that was read.
    Problems(PathBuf, String, Vec<Problem>),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<CrossingError> for Stop {
    fn from(error: CrossingError) -> Self {
        let status = match &error {
            CrossingError::Table { .. } | CrossingError::Format(_) | CrossingError::Shapes(..) | CrossingError::Enforce(_) => {
                Status::Invalid
            }
            CrossingError::Recipient { .. } => Status::Invalid,
            CrossingError::Budget(BudgetError::Spent { .. }) => Status::No,
            CrossingError::Taken(_)
            | CrossingError::Begun(_)
            | CrossingError::Interrupted(_)
            | CrossingError::Piped(_)
            | CrossingError::Query { .. }
            | CrossingError::Apart(_)
            | CrossingError::NoEncryption
            | CrossingError::NoRelease
            | CrossingError::NoBudget
            | CrossingError::ReleasePiped
            | CrossingError::Budget(_)
            | CrossingError::SealedPipe
            | CrossingError::SealedColumns(_)
            | CrossingError::Unmeasured => Status::Usage,
            _ => Status::Failed,
        };
        Self::Said(status, error.to_string())
    }
}

impl From<KeyError> for Stop {
    fn from(error: KeyError) -> Self {
        let status = match &error {
            KeyError::Secret { .. } => Status::Invalid,
            KeyError::Place(_) => Status::Usage,
            _ => Status::Failed,
        };
        match error {
            KeyError::File { what, path, source } => {
                Self::Said(status, format!("cannot read {what} `{}`: {}", path.display(), reason(&source)))
            }
            other => Self::Said(status, other.to_string()),
        }
    }
}

/// Makes the plan, shows it, and carries it out.
pub fn run(args: &CrossArgs, today: Date, out: &mut Out) -> io::Result<Status> {
    let (library, options) = match judging::ready(&args.library, &args.judge, today, out)? {
        Ok(ready) => ready,
        Err(status) => return Ok(status),
    };
    let flow = match judging::one(&Source::File(args.flow.clone()), out)? {
        Ok(flow) => flow,
        Err(status) => return Ok(status),
    };
    // What a plan holds stands by itself: profiles are written out, and the day is named.
    let flow = comity_flow::Flow { on: Some(options.on.or(flow.on).unwrap_or(options.today)), ..flow };
    match work(args, &library, &options, &flow, out) {
        Ok(status) => Ok(status),
        Err(Stop::Output(error)) => Err(error),
        Err(Stop::Said(status, message)) => {
            out.error(&message)?;
            Ok(status)
        }
        Err(Stop::Problems(path, text, problems)) => {
            let drawn = diagnostic::of_file(&path.to_string_lossy(), &text, &problems, out.look_of_errors());
            out.complain(&drawn)?;
            Ok(Status::Invalid)
        }
    }
}

fn work(args: &CrossArgs, library: &Library, options: &Options, flow: &comity_flow::Flow, out: &mut Out) -> Result<Status, Stop> {
    let text = fs::read_to_string(&args.manifest).map_err(|error| {
        Stop::Said(Status::Failed, format!("cannot read the manifest `{}`: {}", args.manifest.display(), reason(&error)))
    })?;
    let problems = |problems| Stop::Problems(args.manifest.clone(), text.clone(), problems);
    let manifest = Manifest::parse(&text).map_err(problems)?;
    // Before a row is read: a table can be large, and may stand in a database.
    let secret = secret(args, flow, &manifest)?;
    recipients(&manifest)?;
    let noise = manifest.release.as_ref().map(announced).transpose()?;
    let day = flow.on.unwrap_or(options.today);
    let far = Far::new();
    let apart = args.to.as_ref().map(|to| args.apart.clone().unwrap_or_else(|| beside(to, ".apart")));
    // Only a crossing into a place goes on after it was interrupted, and only it leaves copies behind for that.
    let goes_on = !args.dry_run && !piped::comes(args) && !piped::leaves(args);
    let staging = args.to.as_ref().zip(apart.as_ref()).filter(|_| goes_on).map(|(to, apart)| staging_of(to, apart));
    let wanted = Wanted {
        tables: piped::surveyed(args)?,
        query: args.database.query.as_deref(),
        certificates: args.database.certificates.as_deref(),
        staging: staging.as_deref(),
    };
    let copies = copies(wanted, &mut |progress| far.at(progress))?;
    if copies.resumed() {
        far.clear();
        out.warning("the crossing was interrupted: it goes on with the rows that were read when it was begun")?;
    }
    let mut found = survey(copies.tables(), &manifest, day, &mut |progress| far.at(progress)).map_err(|error| match error {
        CrossingError::Manifest(found) => problems(found),
        other => other.into(),
    })?;
    copies.name(&mut found.inputs);
    if !piped::comes(args) {
        far.of(found.rows);
    }
    far.clear();
    let mut plan = compile(library, options, &write(flow), &manifest, secret.as_ref(), &found.cells()).map_err(|error| match error {
        PlanError::NoSecret(_) => no_secret(&error),
        PlanError::Undeclared { line, .. } => problems(vec![Problem { line, column: 1, message: error.to_string(), help: None }]),
        other => Stop::Said(Status::Invalid, other.to_string()),
    })?;
    if manifest.asks_of_classes() && !piped::comes(args) {
        let histogram = classes(copies.tables(), &plan, &mut |progress| far.at(progress))?;
        far.clear();
        plan = anonymise(library, options, &plan, secret.as_ref(), &histogram).map_err(|error| {
            let status = if matches!(error, AnonymityError::Unreached { .. }) { Status::No } else { Status::Invalid };
            Stop::Said(status, error.to_string())
        })?;
    }
    // A plan for what is yet to come names no tables.
    if !piped::comes(args) {
        plan.inputs.clone_from(&found.inputs);
    }
    let hash = plan.hash().map_err(|error| Stop::Said(Status::Failed, error.to_string()))?.to_hex();
    if let Some(path) = &args.save_plan {
        let text = plan.to_text().map_err(|error| Stop::Said(Status::Failed, error.to_string()))?;
        new_file(path, &text)?;
    }
    if args.dry_run {
        let clean = show::holds_nothing(&plan, &found);
        preview(&plan, &hash, (&found, noise.as_ref()), args, out)?;
        return Ok(if clean { Status::Fine } else { Status::Incomplete });
    }
    if let Some(approved) = &args.approved
        && *approved != hash
    {
        let message = format!("the plan has the hash {hash}, and {approved} was approved; nothing was moved. Look at it with --dry-run");
        return Err(Stop::Said(Status::No, message));
    }
    let (Some(to), Some(apart)) = (&args.to, apart) else { return Err(Stop::Said(Status::Usage, "--to DIR is missing".to_owned())) };
    if comity_crossing::is_remote(to) && args.apart.is_none() {
        let message = "name the folder for what is kept apart, which stays on this machine, with --apart DIR";
        return Err(Stop::Said(Status::Usage, message.to_owned()));
    }
    let job = Job {
        inputs: copies.tables().to_vec(),
        to: to.clone(),
        apart,
        day: options.today,
        budget: crate::budget::folder(args.budget.as_deref()),
        format: args.write_as,
        stamps: found.stamps.clone(),
        workers: args.workers.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from),
    };
    // A log that cannot be written is found before rows move, not after.
    let recorder = args.record.as_deref().map(|log| Recorder::open(log, options.today)).transpose();
    let recorder = recorder.map_err(|message| Stop::Said(Status::Failed, message))?;
    let mut go_on = |progress| {
        far.at(progress);
        true
    };
    if piped::leaves(args) {
        out.aside()?;
    }
    let crossed = match piped::run(args, copies.tables(), &plan, secret.as_ref(), &job, &mut go_on)? {
        Some(crossed) => crossed,
        None => cross(&plan, secret.as_ref(), &job, &mut go_on)?,
    };
    drop(far);
    if let Some(path) = &args.lineage {
        let event = lineage(&plan, &crossed.record, &run_id(&hash), &jiff::Timestamp::now().to_string());
        new_file(path, &format!("{event:#}\n"))?;
    }
    let whole = crossed.tally.passed == crossed.tally.total() + crossed.broken;
    let status = if whole { Status::Fine } else { Status::Incomplete };
    let shown = match args.format.format {
        Format::Json => out.json(&crossed.record),
        format => out.blocks(&show::crossed(&plan, &crossed, &job), format),
    };
    shown?;
    if let Some(recorder) = recorder {
        record(recorder, &crossed, &job, args, out)?;
    }
    Ok(status)
}

fn preview(plan: &Plan, hash: &str, (found, noise): (&Survey, Option<&Value>), args: &CrossArgs, out: &mut Out) -> io::Result<()> {
    match args.format.format {
        Format::Json => out.json(&show::json(plan, hash, found, noise)),
        format => out.blocks(&show::plan(plan, hash, found, noise), format),
    }
}

/// The secret of the job, which is never shown; a service is asked for it once, and not where nothing needs one.
fn secret(args: &CrossArgs, flow: &comity_flow::Flow, manifest: &Manifest) -> Result<Option<Secret>, Stop> {
    let place = Place::named(args.secret.as_deref(), args.secret_command.as_deref())?;
    let Some(column) = manifest.keyed() else {
        return if place.is_service() { Ok(None) } else { Ok(place.secret(&Context::of(flow, manifest))?) };
    };
    match place.secret(&Context::of(flow, manifest))? {
        Some(secret) => Ok(Some(secret)),
        None => Err(no_secret(&PlanError::NoSecret(column.name.clone()))),
    }
}

fn no_secret(error: &PlanError) -> Stop {
    Stop::Said(Status::Usage, format!("{error}; name one with --secret FILE, or make one: openssl rand -hex 32 > secret.hex"))
}

/// Records the crossing. The same crossing is the same entry, so that what was published and not recorded is made good
/// by the same command.
fn record(mut recorder: Recorder, crossed: &Crossed, job: &Job, args: &CrossArgs, out: &mut Out) -> Result<(), Stop> {
    let failed = |message: String| {
        let mend = if piped::comes(args) || piped::leaves(args) {
            format!("Its record is `{}`; `comity log append` takes it", piped::record(args, job).display())
        } else {
            "Run the same command again: it records and moves nothing".to_owned()
        };
        Stop::Said(Status::Failed, format!("the crossing is published, and not recorded: {message}. {mend}"))
    };
    let fields = crossed.record.as_object().cloned().unwrap_or_default();
    let day = fields.get("crossed_on").and_then(Value::as_str).unwrap_or_default().to_owned();
    let payload = Payload::new(fields).map_err(|error| failed(error.to_string()))?;
    let once = Some(Hash::of(payload.to_text().as_bytes()));
    recorder.push_of(Event { kind: Kind::Crossing, day, matter: None, once, payload }).map_err(failed)?;
    let format = match args.format.format {
        Format::Json => CheckFormat::Json,
        Format::Plain => CheckFormat::Plain,
        Format::Text => CheckFormat::Text,
    };
    recorder.finish(args.receipts.as_deref(), format, out).map_err(failed)
}

/// A name beside a folder.
fn beside(folder: &Path, ending: &str) -> PathBuf {
    let mut name = folder.file_name().map(std::ffi::OsStr::to_os_string).unwrap_or_default();
    name.push(ending);
    folder.with_file_name(name)
}

/// A UUID of version 8 (RFC 9562) from the hash of the plan: the same crossing has the same run.
fn run_id(hash: &str) -> String {
    let digits: Vec<char> = hash.chars().take(32).collect();
    let part = |from: usize, to: usize| digits.iter().skip(from).take(to - from).collect::<String>();
    format!("{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

fn new_file(path: &Path, content: &str) -> Result<(), Stop> {
    let done = OpenOptions::new().write(true).create_new(true).open(path).and_then(|mut file| file.write_all(content.as_bytes()));
    done.map_err(|error| {
        let why = if error.kind() == io::ErrorKind::AlreadyExists { "it exists".to_owned() } else { reason(&error) };
        Stop::Said(Status::Failed, format!("cannot write `{}`: {why}", path.display()))
    })
}
