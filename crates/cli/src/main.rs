// SPDX-License-Identifier: Apache-2.0
//! The `comity` command.
//!
//! Everything that touches the world is here: files, standard streams, the clock.
//! What is lawful is decided in the crates below; this one reads, asks and shows.

mod args;
mod ask;
#[cfg(feature = "border")]
mod budget;
mod casebook;
mod check;
#[cfg(feature = "border")]
mod cross;
mod custody;
#[cfg(feature = "border")]
mod discover;
mod draft;
mod evidence;
mod exit;
mod explain;
mod input;
mod judging;
mod law;
mod library;
mod log;
mod new;
mod out;
mod register;
mod render;
mod replay;
mod route;
mod terms;

use args::{Cli, Command, LawCommand};
use clap::Parser;
use exit::Status;
use jiff::civil::Date;
use out::Out;
use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = Out::new();
    let status = run(cli.command, &mut out).and_then(|status| out.flush().map(|()| status));
    match status {
        Ok(status) => status.into(),
        // The reader went away. Its pipe gets no verdict it could mistake for "lawful".
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Status::Failed.into(),
        Err(error) => {
            let _ = out.error(&format!("cannot write: {error}"));
            Status::Failed.into()
        }
    }
}

/// The only place where the day of the clock is read.
fn today() -> Date {
    jiff::Zoned::now().date()
}

fn run(command: Command, out: &mut Out) -> io::Result<Status> {
    match command {
        Command::Check(args) => check::run(&args, today(), out),
        Command::Explain(args) => explain::run(&args, today(), out),
        Command::Route(args) => route::run(&args, today(), out),
        Command::Ask(args) => ask::run(&args, today(), out),
        Command::Replay(args) => replay::run(&args, today(), out),
        Command::Casebook(args) => casebook::run(&args, today(), out),
        Command::Law(LawCommand::List { library, format }) => law::list::run(&library, format.format, today(), out),
        Command::Law(LawCommand::Show { id, provision, library, format }) => {
            law::show::run(&id, provision.as_deref(), &library, format.format, today(), out)
        }
        Command::Law(LawCommand::Check { id, quick, library, format }) => {
            law::check::run(id.as_deref(), quick, &library, format.format, today(), out)
        }
        Command::Law(LawCommand::Matrix(args)) => law::matrix::run(&args, today(), out),
        Command::Law(LawCommand::Compare(args)) => law::compare::run(&args, today(), out),
        Command::Law(LawCommand::Mutate { ids, suggest, library, format }) => {
            law::mutate::run(&ids, suggest, &library, format.format, today(), out)
        }
        Command::Law(LawCommand::Test { ids, coverage, library, format }) => {
            law::test::run(&ids, coverage, &library, format.format, today(), out)
        }
        Command::Law(LawCommand::Fmt { files, check }) => law::fmt::run(&files, check, out),
        Command::Law(LawCommand::Timeline { id, library, format }) => law::timeline::run(&id, &library, format.format, today(), out),
        Command::Law(LawCommand::Coverage { on, library, format }) => {
            let today = today();
            law::coverage::run(&library, format, on.unwrap_or(today), today, out)
        }
        Command::Log(command) => log::run(&command, today(), out),
        Command::Receipt(command) => log::run_receipt(&command, out),
        Command::Custody(command) => custody::run(&command, jiff::Timestamp::now(), out),
        #[cfg(feature = "border")]
        Command::Cross(args) => cross::run(&args, today(), out),
        #[cfg(feature = "border")]
        Command::Budget(args) => budget::run(&args, today(), out),
        #[cfg(feature = "border")]
        Command::Discover(args) => discover::run(&args, out),
        Command::Import(args) => register::import::run(&args, out),
        Command::Export(args) => register::export::run(&args, out),
        Command::Terms(args) => terms::run(&args, out),
        Command::New(args) => new::flow(&args, out),
        Command::Completions { shell } => new::completions(shell, out),
        Command::Man { output } => new::manual(output.as_deref(), out),
    }
}
