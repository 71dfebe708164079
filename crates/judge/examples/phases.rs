// SPDX-License-Identifier: Apache-2.0
//! Prints how long each phase of judging one flow takes: `cargo run --release -p comity-judge --example phases -- FILE`.

use comity_flow::{Format, read};
use comity_judge::{Options, judge};
use comity_law::Library;
use comity_law::library::embedded;
use jiff::civil::date;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("the path of a flow file")?;
    let text = std::fs::read_to_string(file)?;
    let start = Instant::now();
    let words = comity_terms::vocabulary().keys().len();
    println!("vocabulary, {words} keys: {:?}", start.elapsed());
    let start = Instant::now();
    let (library, _) = Library::read_without_cases(embedded().iter().copied());
    println!("library, {} instruments: {:?}", library.instruments.len(), start.elapsed());
    let start = Instant::now();
    let flow = read(&text, Format::Toml, &|_| Err("no profile".to_owned())).map_err(|problems| format!("{problems:?}"))?;
    println!("flow: {:?}", start.elapsed());
    for _ in 0..3 {
        let start = Instant::now();
        let judgment = judge(&library, &flow, &Options::today(date(2026, 11, 24)))?;
        println!("judgment ({}): {:?}", judgment.word(), start.elapsed());
    }
    Ok(())
}
