// SPDX-License-Identifier: Apache-2.0
//! `comity-cluster cross`: the coordinator.

use crate::args::{CrossArgs, Shown};
use crate::crew::Cluster;
use crate::law;
use comity_border::{EnforceError, Plan};
use comity_crossing::{Crossed, CrossingError, Job, cross_with, is_database};
use jiff::civil::Date;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

/// Why a command ends before its work is done: an exit status, with one line.
pub type Stop = (u8, String);

/// The tool failed.
pub const FAILED: u8 = 1;
const USAGE: u8 = 2;
/// A file is not right.
pub const INVALID: u8 = 3;
const NO: u8 = 10;
const INCOMPLETE: u8 = 12;

/// Carries a plan out, and says with which status to end.
///
/// # Errors
///
/// [`Stop`]; then nothing was published.
pub fn run(args: &CrossArgs, today: Date) -> Result<u8, Stop> {
    let text = std::fs::read_to_string(&args.plan)
        .map_err(|error| (FAILED, format!("cannot read the plan `{}`: {error}", args.plan.display())))?;
    let plan = Plan::parse(text.trim_end()).map_err(|error| (INVALID, format!("`{}`: {error}", args.plan.display())))?;
    let hash = plan.hash().map_err(|error| (INVALID, error.to_string()))?.to_hex();
    if hash != args.approved {
        return Err((NO, format!("the plan has the hash {hash}, and {} was approved; nothing was moved", args.approved)));
    }
    if plan.inputs.is_empty() {
        return Err((USAGE, "the plan is for a stream, and names no tables; a cluster carries out plans of tables".to_owned()));
    }
    if args.tables.iter().any(|table| is_database(table)) {
        return Err((USAGE, "tables in databases are crossed by `comity cross`; a cluster carries out plans of files".to_owned()));
    }
    if let Some(anonymity) = plan.anonymity.as_ref().filter(|anonymity| anonymity.held > 0) {
        return Err((INVALID, format!("{}; a cluster does not carry it out", EnforceError::Classes(anonymity.held_classes))));
    }
    let changed = law::changed(&plan, today);
    if !changed.is_empty() && !args.law_as_planned {
        let hint = "make the plan again, or carry it out with --law-as-planned";
        return Err((NO, format!("the law of the plan may have changed: {}; nothing was moved. {hint}", changed.join("; "))));
    }
    for change in changed {
        crate::warn(&format!("the law of the plan may have changed: {change}; it is carried out as planned"));
    }
    let (host, port) = &args.scheduler;
    let job = Job {
        inputs: args.tables.clone(),
        to: args.to.clone(),
        apart: args.apart.clone().unwrap_or_else(|| beside(&args.to, ".apart")),
        day: today,
        format: args.write_as,
        workers: 1,
        budget: None,
        // The plan was made by another process: each table is read once to know that it is the one.
        stamps: Vec::new(),
    };
    let mut crew = Cluster { scheduler: format!("{host}:{port}") };
    let seen = std::io::stderr().is_terminal();
    let mut last = None;
    let crossed = cross_with(&plan, &job, &mut crew, &mut |progress| {
        if seen && last.replace(progress.rows) != Some(progress.rows) {
            let of = progress.of.map_or_else(String::new, |of| format!(" of {of}"));
            crate::warn(&format!("{}{of} rows crossed", progress.rows));
        }
        true
    })
    .map_err(|error| (status(&error), error.to_string()))?;
    show(&crossed, &job, args.format);
    let whole = crossed.tally.passed == crossed.tally.total() + crossed.broken;
    Ok(if whole { 0 } else { INCOMPLETE })
}

fn show(crossed: &Crossed, job: &Job, shown: Shown) {
    if shown == Shown::Json {
        crate::say(&format!("{:#}", crossed.record));
        return;
    }
    let head = if crossed.before { "Published before; nothing was done now" } else { "Published" };
    let mut lines = vec![format!("{head}: {}", job.to.display())];
    let apart = crossed.tally.quarantined + crossed.broken;
    let kept = format!("kept apart in {}", job.apart.display());
    for (rows, what) in [(crossed.tally.passed, "left"), (apart, &kept), (crossed.tally.dropped, "left out")] {
        if rows > 0 {
            lines.push(format!("  - {rows} {} {what}", if rows == 1 { "row" } else { "rows" }));
        }
    }
    lines.extend(crossed.warnings.iter().map(|warning| format!("  - note: {warning}")));
    crate::say(&lines.join("\n"));
}

/// The exit status, as that of `comity cross`.
fn status(error: &CrossingError) -> u8 {
    match error {
        CrossingError::Table { .. } | CrossingError::Format(_) | CrossingError::Shapes(..) | CrossingError::Enforce(_) => INVALID,
        CrossingError::Manifest(_) | CrossingError::Recipient { .. } => INVALID,
        CrossingError::Taken(_) | CrossingError::Begun(_) | CrossingError::Apart(_) | CrossingError::NoEncryption => USAGE,
        CrossingError::ReleaseByCrew => USAGE,
        _ => FAILED,
    }
}

/// A name beside a folder.
fn beside(folder: &Path, ending: &str) -> PathBuf {
    let mut name = folder.file_name().map(std::ffi::OsStr::to_os_string).unwrap_or_default();
    name.push(ending);
    folder.with_file_name(name)
}
