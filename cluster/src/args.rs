// SPDX-License-Identifier: Apache-2.0
//! The command line.

use crate::place::Place;
use clap::{Args, Parser, Subcommand, ValueEnum};
use comity_crossing::Format;
use std::net::SocketAddr;
use std::num::{NonZeroU64, NonZeroUsize};
use std::path::PathBuf;

const STATUS: &str = "\
Exit status of `cross`: 0 every row left, 12 some rows were kept apart or left out, 10 the plan is not the approved one, or
is of other law than this command knows, 3 a file is not right, 2 wrong usage, 1 the work failed and goes on with the same
command.";

/// A plan of `comity cross` carried out by many machines, on Ballista.
#[derive(Debug, Parser)]
#[command(name = "comity-cluster", version, arg_required_else_help = true, after_help = STATUS)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Hand units to executors; one in a cluster
    Scheduler(SchedulerArgs),
    /// Work on units, in the country of the exporter; any number in a cluster
    Executor(ExecutorArgs),
    /// Carry out a plan that `comity cross --dry-run --save-plan FILE` wrote
    Cross(CrossArgs),
}

/// `comity-cluster scheduler`.
#[derive(Args, Debug)]
pub struct SchedulerArgs {
    /// The address to listen on; whoever reaches it can have plans carried out, so let it be the exporter's machines alone
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:50050")]
    pub listen: SocketAddr,
    /// An executor that was not heard of for so long is lost, and others get its units; busy ones are heard of every 5 seconds
    #[arg(long, value_name = "SECONDS", default_value = "30")]
    pub lost_after: NonZeroU64,
}

/// `comity-cluster executor`.
#[derive(Args, Debug)]
pub struct ExecutorArgs {
    /// Where the scheduler listens
    #[arg(long, value_name = "HOST:PORT", value_parser = as_address)]
    pub scheduler: (String, u16),
    /// The country in which this machine stands; it works for exporters that are there, and for no others
    #[arg(long, value_name = "PLACE", value_parser = Place::parse)]
    pub jurisdiction: Place,
    /// The secret of pseudonyms and tokens: a file with 64 hexadecimal digits; without it, the environment's COMITY_SECRET
    #[arg(long, value_name = "FILE")]
    pub secret: Option<PathBuf>,
    /// Write below this folder alone, whatever is ordered
    #[arg(long, value_name = "DIR")]
    pub staging: Option<PathBuf>,
    /// How many units are worked on at once [default: the number of cores]
    #[arg(long, value_name = "COUNT")]
    pub workers: Option<NonZeroUsize>,
}

/// `comity-cluster cross`.
#[derive(Args, Debug)]
pub struct CrossArgs {
    /// The plan
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// The tables that the plan was made of, in the same order
    #[arg(value_name = "TABLE", required = true)]
    pub tables: Vec<PathBuf>,
    /// The folder to publish what leaves in; it must not be there yet. It lies where every executor sees it
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    /// The folder for rows that are kept apart, with the reason [default: TO with `.apart` added]
    #[arg(long, value_name = "DIR")]
    pub apart: Option<PathBuf>,
    /// The format to write in [default: that of the tables]
    #[arg(long = "as", value_name = "FORMAT", value_parser = as_format)]
    pub write_as: Option<Format>,
    /// Where the scheduler listens
    #[arg(long, value_name = "HOST:PORT", value_parser = as_address)]
    pub scheduler: (String, u16),
    /// The hash of the plan, which somebody approved
    #[arg(long, value_name = "HASH")]
    pub approved: String,
    /// Carry the plan out although the law may have changed since it was made, as when a crossing that was begun is finished
    #[arg(long)]
    pub law_as_planned: bool,
    /// How to show what was done
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: Shown,
}

/// How an answer is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shown {
    /// For people
    Text,
    /// The record
    Json,
}

fn as_format(text: &str) -> Result<Format, String> {
    Format::named(text).ok_or_else(|| format!("expected parquet, csv, jsonl, arrow or arrows, found `{text}`"))
}

fn as_address(text: &str) -> Result<(String, u16), String> {
    let parts = text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse().ok()?)));
    parts
        .filter(|(host, _)| !host.is_empty())
        .map(|(host, port)| (host.to_owned(), port))
        .ok_or_else(|| format!("expected a host and a port, such as `127.0.0.1:50050`, found `{text}`"))
}
