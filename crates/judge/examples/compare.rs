// SPDX-License-Identifier: Apache-2.0
//! How long it takes to compare two instruments of a thousand provisions that differ in one condition.
//!
//! `cargo run --release -p comity-judge --example compare -- [PROVISIONS]` prints the differences, and the median time of ten runs.
//! The rules are like those of the benchmark.

#[path = "shared/laws.rs"]
mod laws;

use comity_judge::compare::{Side, compare};
use comity_law::Library;
use jiff::civil::date;
use laws::law;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let provisions = std::env::args().nth(1).map_or(Ok(1_000), |number| number.parse())?;
    let texts = [("a.law", law("xx.before", provisions, false)), ("b.law", law("xx.after", provisions, true))];
    let (library, problems) = Library::read(texts.map(|(name, text)| (name.to_owned(), text)));
    if !problems.is_empty() {
        return Err(format!("{problems:?}").into());
    }
    let day = date(2024, 3, 1);
    let side = |id: &str| library.instrument(id).map(|instrument| Side { library: &library, instrument, day, known: day });
    let (Some(before), Some(after)) = (side("xx.before"), side("xx.after")) else { return Err("both are there".into()) };
    let mut times = Vec::new();
    for run in 0..10 {
        let started = Instant::now();
        let comparison = compare(before, after)?;
        times.push(started.elapsed());
        if run == 0 {
            println!("{provisions} provisions: {:.3e} classes of flows, {} nodes", comparison.classes, comparison.nodes);
            for difference in &comparison.differences {
                let (first, second) = (difference.first.word(), difference.second.word());
                println!(
                    "{first} before, {second} after: {:.0} classes, {} provisions behind it",
                    difference.classes,
                    difference.behind.len()
                );
            }
        }
    }
    times.sort();
    if let (Some(median), Some(best)) = (times.get(times.len() / 2), times.first()) {
        println!("median {median:?}, best {best:?}");
    }
    Ok(())
}
