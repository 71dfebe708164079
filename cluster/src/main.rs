// SPDX-License-Identifier: Apache-2.0
//! The command `comity-cluster`: the plan of a crossing carried out by many machines, on Ballista.
//!
//! One coordinator (`cross`) opens the journal, checks, measures, seals and publishes, as `comity cross` does; executors make
//! parts, and the scheduler hands units to them. What is published is the same, byte for byte.

mod args;
mod codec;
mod crew;
mod cross;
mod executor;
mod law;
mod place;
mod scheduler;
mod transfer;
mod trouble;
mod worker;

use args::{Cli, Command, ExecutorArgs};
use clap::Parser;
use comity_border::Secret;
use cross::{FAILED, INVALID, Stop};
use std::future::Future;
use std::io::Write;
use std::process::ExitCode;
use worker::Worker;

/// The environment's variable with the secret.
const SECRET: &str = "COMITY_SECRET";

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Scheduler(args) => serve(scheduler::serve(args.listen, args.lost_after.get())),
        Command::Executor(args) => execute(args),
        Command::Cross(args) => cross::run(&args, jiff::Zoned::now().date()),
    };
    match done {
        Ok(status) => status.into(),
        Err((status, message)) => {
            warn(&format!("error: {message}"));
            status.into()
        }
    }
}

fn execute(args: ExecutorArgs) -> Result<u8, Stop> {
    let secret = secret(&args)?;
    let units = args.workers.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    serve(executor::work(Worker::new(args.jurisdiction, secret, args.staging), args.scheduler, units))
}

/// Runs what serves until the process is told to end.
fn serve(work: impl Future<Output = Result<(), String>>) -> Result<u8, Stop> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| (FAILED, format!("cannot start: {error}")))?;
    runtime.block_on(work).map(|()| 0).map_err(|message| (FAILED, message))
}

/// The secret from the file or the environment; it is never shown.
fn secret(args: &ExecutorArgs) -> Result<Option<Secret>, Stop> {
    let (of, text) = match (&args.secret, std::env::var(SECRET)) {
        (Some(path), _) => {
            let of = format!("the secret `{}`", path.display());
            let text = std::fs::read_to_string(path).map_err(|error| (FAILED, format!("cannot read {of}: {error}")))?;
            (of, text)
        }
        (None, Ok(text)) => (format!("the secret in {SECRET}"), text),
        (None, Err(_)) => return Ok(None),
    };
    Secret::parse(&text).map(Some).map_err(|error| (INVALID, format!("{of}: {error}")))
}

/// A line on standard output. A reader that is gone changes nothing of the work.
fn say(line: &str) {
    let _gone = writeln!(std::io::stdout().lock(), "{line}");
}

/// A line on standard error.
fn warn(line: &str) {
    let _gone = writeln!(std::io::stderr().lock(), "{line}");
}
