// SPDX-License-Identifier: Apache-2.0
//! How long a certified route takes over 40 instruments and 30 steps:
//! `cargo run --release -p comity-judge --example route -- [INSTRUMENTS] [STEPS]`.
//!
//! Each made-up instrument restricts the flow, asks for one of the steps in any case, and permits it in three ways of one
//! to three steps each, of which one rests on consent. A second figure is of a flow under every law of the library that
//! can govern it. Times are of the processor.

#[path = "shared/clock.rs"]
mod clock;

use clock::{Clock, median};
use comity_flow::{Flow, Format, read};
use comity_judge::Options;
use comity_judge::route::{RouteOptions, routes};
use comity_law::Library;
use comity_law::library::embedded;
use comity_terms::{Scheme, vocabulary};
use jiff::civil::{Date, date};
use std::fmt::Write;

const DAY: Date = date(2026, 3, 1);
const RUNS: usize = 15;

/// Conditions that one step each fulfils.
fn steps(wanted: usize) -> Vec<String> {
    let words = vocabulary();
    let lists = [
        ("contract", Scheme::Contract),
        ("approval", Scheme::Approval),
        ("filing", Scheme::Filing),
        ("notice", Scheme::Notice),
        ("measure", Scheme::Measure),
        ("certificate", Scheme::Certificate),
    ];
    let mut columns: Vec<Vec<String>> = Vec::new();
    for (word, scheme) in lists {
        let plain = |id: &str| words.find(scheme, &format!("{id}/*")).is_none() && !id.contains('/');
        let entries = words.entries(scheme).iter().filter(|entry| entry.step && plain(&entry.id));
        columns.push(entries.map(|entry| format!("{word} {}", entry.id)).collect());
    }
    let longest = columns.iter().map(Vec::len).max().unwrap_or(0);
    let mixed = (0..longest).flat_map(|row| columns.iter().filter_map(move |column| column.get(row).cloned()));
    mixed.take(wanted).collect()
}

fn made(instruments: usize, steps: &[String]) -> String {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut some = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).ok().and_then(|number| steps.get(number % steps.len())).cloned().unwrap_or_default()
    };
    let mut text = String::new();
    for number in 0..instruments {
        let _ = write!(
            text,
            "instrument xx.l{number} \"Law {number}\" {{\n  kind law cite \"L\" of FR in force 2020-01-01\n  applies here cite \"1\" when always\n  \
             restrict all cite \"2\" when always\n  require told cite \"3\" needs {}\n  permit a by standard-clauses cite \"4\" needs {} needs {}\n  \
             permit b by bcr cite \"5\" needs {} needs {} needs {}\n  permit c by explicit-consent cite \"6\" needs safeguards.consent.explicit needs {}\n}}\n",
            some(),
            some(),
            some(),
            some(),
            some(),
            some(),
            some()
        );
    }
    text
}

fn flow(text: &str) -> Result<Flow, Box<dyn std::error::Error>> {
    Ok(read(text, Format::Toml, &|_| Err(String::new())).map_err(|problems| format!("{problems:?}"))?)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let instruments = arguments.next().map_or(Ok(40), |number| number.parse())?;
    let wanted = arguments.next().map_or(Ok(30), |number| number.parse())?;
    let steps = steps(wanted);
    let (library, problems) = Library::read([("made.law".to_owned(), made(instruments, &steps))]);
    if !problems.is_empty() {
        return Err(format!("{problems:?}").into());
    }
    let plain = flow("[exporter]\nseat = \"FR\"\n[importer]\nseat = \"US\"\ncertified = []\n[safeguards]\ncontracts = []")?;
    measure(&format!("{instruments} made-up instruments, {} steps", steps.len()), &library, &plain)?;

    let (library, _) = Library::read_without_cases(embedded().iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())));
    let everywhere = flow(include_str!("shared/everywhere.toml"))?;
    let judgment = comity_judge::judge(&library, &everywhere, &Options::today(DAY))?;
    let restricting = judgment.findings.iter().filter(|finding| finding.mechanism.is_some() || !finding.missing.is_empty()).count();
    measure(&format!("{} laws of the library, {restricting} of which restrict the flow", judgment.findings.len()), &library, &everywhere)
}

fn measure(what: &str, library: &Library, flow: &Flow) -> Result<(), Box<dyn std::error::Error>> {
    for limit in [1, 3] {
        let options = RouteOptions { limit, ..RouteOptions::default() };
        let mut times = Vec::new();
        let mut found = routes(library, flow, &Options::today(DAY), &options)?;
        for _ in 0..RUNS {
            let clock = Clock::start();
            found = routes(library, flow, &Options::today(DAY), &options)?;
            times.push(clock.elapsed());
        }
        let sizes: Vec<(usize, u64)> = found.routes.iter().map(|route| (route.steps.len(), route.cost)).collect();
        println!(
            "{what}, {limit} wanted: {:?}, certified {}, {} sets looked at, steps and cost {sizes:?}, closed by {}",
            median(times),
            found.exact,
            found.looked_at,
            found.closed_by.len()
        );
    }
    Ok(())
}
