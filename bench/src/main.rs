// SPDX-License-Identifier: Apache-2.0
//! The benchmark: `cargo run --release -- [--comity PATH] [--seconds S] [--write]` in this folder.
//!
//! Prints tables in Markdown. `--write` puts them into the section "Benchmark" of `docs/reference/figures.md`.
//! `--comity PATH` times the whole process of that command too; `--seconds` bounds the time for each figure.

mod casebook;
mod engines;
mod timing;
mod workload;

use engines::Answer;
use jiff::civil::Date;
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use timing::{Times, shown};
use workload::Workload;

const SIZES: [usize; 4] = [4, 100, 1_000, 10_000];

/// How many flows a workload has. Every row answers all of them before the clock runs, which takes minutes for many rules.
fn flows(size: usize) -> usize {
    if size > 1_000 { 500 } else { 2_000 }
}

const HEADING: &str = "## Benchmark";

struct Arguments {
    comity: Option<PathBuf>,
    limit: Duration,
    write: bool,
}

fn arguments() -> Result<Arguments, Box<dyn Error>> {
    let mut found = Arguments { comity: None, limit: Duration::from_secs(10), write: false };
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--comity" => found.comity = Some(given.next().ok_or("--comity needs the path of the command")?.into()),
            "--seconds" => found.limit = Duration::from_secs(given.next().ok_or("--seconds needs a number")?.parse()?),
            "--write" => found.write = true,
            other => return Err(format!("`{other}` is not an option; expected --comity, --seconds or --write").into()),
        }
    }
    Ok(found)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = arguments()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let mut out = preface(today);
    for size in SIZES {
        let table = transfer(size, arguments.limit)?;
        println!("{table}");
        out.push_str(&table);
    }
    out.push_str("### The casebook\n\n");
    let table = casebook::table(&root.join("casebook"), arguments.comity.as_deref(), today, arguments.limit)?;
    println!("{table}");
    out.push_str(&table);
    if arguments.write {
        let page = root.join("docs/reference/figures.md");
        let before = std::fs::read_to_string(&page)?;
        std::fs::write(&page, with_section(&before, &out))?;
    }
    Ok(())
}

fn preface(today: Date) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{HEADING}\n\n\
         Written by the program in `bench/` on {today}, on a shared machine with {cores} cores ({}), one thread, `--release`.\n\
         Peers: cedar-policy 4.14.1, regorus 0.14.1, both with rules read and requests built before the clock runs, unless the row says otherwise.\n\
         Other work may have run beside it: ratios within one table are worth more than the times.\n\n\
         ### Transfer-N\n\n\
         N rules: {}, one of them a prohibition, and N - 4 that each test origin (60 values), destination (200), purpose (30) and, half of them, signed clauses.\n\
         2,000 seeded flows (500 where N is 10,000), half of them near a rule, all complete: with a fact missing the peers answer another question (`docs/explanation/semantics.md`).\n\
         Before anything is timed, every row answers every flow, and the run stops unless all agree with plain code.\n\
         \"Times Cedar\" is the median over that of Cedar's decision: above 1 is slower.\n\
         The first two rows of Comity say whether the flow may go, as the peers do; the others tell apart four verdicts, and write the whole derivation where the row says so.\n\n",
        std::env::consts::ARCH,
        "four general ones"
    )
}

/// The table of one size.
fn transfer(size: usize, limit: Duration) -> Result<String, Box<dyn Error>> {
    let workload = Workload::new(size, flows(size));
    let expected: Vec<bool> = workload.flows.iter().map(|facts| workload.answer(facts)).collect();
    let mut rows = engines::rows(&workload)?;
    for row in &mut rows {
        let wrong = row.answers(expected.len()).iter().zip(&expected).position(|(found, expected)| found != expected);
        if let Some(at) = wrong {
            return Err(format!("{} answers flow {at} of N = {size} otherwise than plain code: {}", row.name, expected[at]).into());
        }
    }
    let allowed = expected.iter().filter(|allowed| **allowed).count();
    let mut out = format!("N = {} ({allowed} of {} flows allowed, all rows agree on all of them):\n\n", workload.n, expected.len());
    out.push_str("| engine | rules read in | median | 99 of 100 within | timed | times Cedar |\n| --- | --- | --- | --- | --- | --- |\n");
    let mut first = None;
    for row in &mut rows {
        let times = match &mut row.answer {
            Answer::One(answer) => Times::of(expected.len(), limit, answer),
            Answer::All(answers) => Times::each(expected.len(), limit, answers),
        };
        let median = times.percentile(50);
        let base: Duration = *first.get_or_insert(median);
        let ratio = match median.as_secs_f64() / base.as_secs_f64().max(1e-9) {
            ratio if ratio < 0.1 => format!("1/{:.0}", 1.0 / ratio.max(1e-9)),
            ratio => format!("{ratio:.2}"),
        };
        let (median, most) = (shown(median), shown(times.percentile(99)));
        let _ = writeln!(out, "| {} | {} | {median} | {most} | {} | {ratio} |", row.name, shown(row.load), times.count());
    }
    out.push('\n');
    Ok(out)
}

/// The page with the section put in the place of the old one, or at the end.
fn with_section(page: &str, section: &str) -> String {
    let (before, rest) = page.split_once(HEADING).unwrap_or((page, ""));
    let after = rest.find("\n## ").and_then(|at| rest.get(at + 1..)).unwrap_or("");
    let gap = if after.is_empty() { "" } else { "\n" };
    format!("{}\n\n{}\n{gap}{after}", before.trim_end(), section.trim_end())
}
