// SPDX-License-Identifier: Apache-2.0
//! `comity cross` from standard input and into standard output.

use super::Stop;
use crate::args::CrossArgs;
use crate::exit::Status;
use comity_border::{Plan, Secret};
use comity_crossing::{Crossed, Destination, Job, Origin, Progress, Stream, stream};
use std::io;
use std::path::{Path, PathBuf};

/// What stands for standard input or output.
const PIPE: &str = "-";

/// Whether rows come through standard input.
pub fn comes(args: &CrossArgs) -> bool {
    args.tables.iter().any(|table| *table == Path::new(PIPE))
}

/// Whether rows leave through standard output.
pub fn leaves(args: &CrossArgs) -> bool {
    args.to.as_deref() == Some(Path::new(PIPE))
}

/// What is looked at to make the plan: the tables, or what stands for those that cannot be read twice.
pub fn surveyed(args: &CrossArgs) -> Result<&[PathBuf], Stop> {
    let wrong = |message: &str| Err(Stop::Said(Status::Usage, message.to_owned()));
    if !comes(args) {
        if args.input_format.is_some() || !args.sample.is_empty() {
            return wrong("--input-format and --sample are for tables that come through standard input: name the table `-`");
        }
        return Ok(&args.tables);
    }
    if args.tables.len() > 1 {
        return wrong("standard input is one table: name no other beside `-`");
    }
    if args.input_format.is_none() && !args.dry_run {
        return wrong("standard input has no name that tells its format: name it with --input-format csv, jsonl or arrows");
    }
    if args.sample.is_empty() {
        return wrong(
            "standard input cannot be looked at before its rows are decided: name a table with the combinations that occur in it with --sample",
        );
    }
    Ok(&args.sample)
}

/// Makes the crossing; none where no pipe is asked for. `tables` are those that were surveyed.
pub fn run(
    args: &CrossArgs,
    tables: &[PathBuf],
    plan: &Plan,
    secret: Option<&Secret>,
    job: &Job,
    go_on: &mut dyn FnMut(Progress) -> bool,
) -> Result<Option<Crossed>, Stop> {
    if !comes(args) && !leaves(args) {
        return Ok(None);
    }
    if leaves(args) && args.apart.is_none() {
        let message = "standard output is for what leaves: name the folder for what is kept apart, and for the record, with --apart DIR";
        return Err(Stop::Said(Status::Usage, message.to_owned()));
    }
    let from = match args.input_format {
        Some(format) => Origin::Pipe { pipe: Box::new(io::stdin()), format, sample: tables.to_vec() },
        None => Origin::Tables(tables.to_vec(), job.stamps.clone()),
    };
    let to = if leaves(args) { Destination::Pipe(Box::new(io::stdout())) } else { Destination::Folder(job.to.clone()) };
    let work = Stream { from, to, apart: job.apart.clone(), format: job.format, day: job.day };
    Ok(Some(stream(plan, secret, work, go_on)?))
}

/// The file with the record.
pub fn record(args: &CrossArgs, job: &Job) -> PathBuf {
    if leaves(args) { &job.apart } else { &job.to }.join("crossing.json")
}
