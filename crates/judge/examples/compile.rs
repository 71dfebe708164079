// SPDX-License-Identifier: Apache-2.0
//! How long it takes to make ten thousand provisions ready, as one instrument and as a hundred:
//! `cargo run --release -p comity-judge --example compile -- [PROVISIONS]`.
//!
//! Read: from the text. Compiled: what judging flow after flow needs. Diagram: the verdict of every flow, one instrument
//! after another, as comparing and checking need it. Times are of the processor.

#[path = "shared/clock.rs"]
mod clock;
#[path = "shared/laws.rs"]
mod laws;

use clock::{Clock, median};
use comity_flow::{Flow, Format, read};
use comity_judge::Options;
use comity_judge::bulk::Bulk;
use comity_judge::chart::Chart;
use comity_law::Library;
use jiff::civil::{Date, date};
use laws::law;

const DAY: Date = date(2024, 3, 1);
const RUNS: usize = 5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let provisions: usize = std::env::args().nth(1).map_or(Ok(10_000), |number| number.parse())?;
    let flow = read("[exporter]\nseat = \"FR\"", Format::Toml, &|_| Err(String::new())).map_err(|problems| format!("{problems:?}"))?;
    for instruments in [1, 100] {
        let each = provisions / instruments;
        let files: Vec<(String, String)> =
            (0..instruments).map(|number| (format!("{number}.law"), law(&format!("xx.l{number}"), each, number % 2 == 1))).collect();
        measure(&files, each, &flow)?;
    }
    Ok(())
}

fn measure(files: &[(String, String)], each: usize, flow: &Flow) -> Result<(), Box<dyn std::error::Error>> {
    let (mut read, mut compiled, mut charted, mut nodes) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for _ in 0..RUNS {
        let clock = Clock::start();
        let (library, problems) = Library::read(files.iter().cloned());
        read.push(clock.elapsed());
        if !problems.is_empty() {
            return Err(format!("{problems:?}").into());
        }
        let clock = Clock::start();
        let mut bulk = Bulk::new(&library, &Options::today(DAY))?;
        let rows = bulk.rows(std::slice::from_ref(flow));
        compiled.push(clock.elapsed());
        drop(rows);
        let clock = Clock::start();
        nodes = 0;
        for instrument in &library.instruments {
            nodes += Chart::of(&library, instrument, DAY, DAY)?.size();
        }
        charted.push(clock.elapsed());
    }
    let (read, compiled, charted) = (median(read), median(compiled), median(charted));
    println!("{} of {each} provisions: read {read:?}, compiled {compiled:?}, diagram {charted:?} ({nodes} nodes)", files.len());
    Ok(())
}
