// SPDX-License-Identifier: Apache-2.0
//! Prints how long the next best question takes where three facts in five are unknown, under the forty longest laws:
//! `cargo run --release -p comity-judge --example ask`.

use comity_flow::{Flow, Value};
use comity_judge::Options;
use comity_judge::ask::ask;
use comity_law::Library;
use comity_law::ast::{Instrument, Kind};
use comity_law::library::embedded;
use comity_terms::{Bits, Key, KeyKind, vocabulary};
use jiff::civil::date;
use std::time::Instant;

/// How many instruments the flow is asked about.
const INSTRUMENTS: usize = 40;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (library, _) = Library::read_without_cases(embedded().iter().copied());
    let mut laws: Vec<&Instrument> =
        library.instruments.iter().filter(|instrument| matches!(instrument.kind, Kind::Law | Kind::Treaty)).collect();
    laws.sort_by_key(|law| std::cmp::Reverse(law.provisions.len()));
    laws.truncate(INSTRUMENTS);
    let under: Vec<String> = laws.iter().map(|law| law.id.text.clone()).collect();
    for turn in 0..5 {
        // Two keys in five are stated, others in every turn, and none of the exporter, so that most laws may govern the flow.
        let stated = |number: usize, key: &Key| (number + turn) % 5 < 2 && !key.path.starts_with("exporter.");
        let mut flow = Flow { id: "asked".to_owned(), on: Some(date(2024, 3, 1)), under: under.clone(), ..Flow::default() };
        for (number, key) in vocabulary().keys().iter().enumerate().filter(|(number, key)| stated(*number, key)) {
            if let (Some(id), Some(value)) = (vocabulary().key(&key.path), ordinary(number, key)) {
                flow.facts.insert(id, value);
            }
        }
        let options = Options::today(date(2026, 11, 24));
        let mut best = f64::INFINITY;
        let mut questions = Vec::new();
        for _ in 0..20 {
            let start = Instant::now();
            questions = ask(&library, &flow, &options)?;
            best = best.min(start.elapsed().as_secs_f64() * 1e3);
        }
        let first: Vec<String> =
            questions.iter().take(5).map(|question| format!("{} ({:.3}/{})", question.path, question.gain, question.effort)).collect();
        println!("{best:8.2} ms: {} facts stated, {} questions: {}", flow.facts.len(), questions.len(), first.join(", "));
    }
    Ok(())
}

/// A value that stands for nothing in particular.
fn ordinary(number: usize, key: &Key) -> Option<Value> {
    let words = vocabulary();
    let index = |scheme| u16::try_from(number % words.entries(scheme).len().max(1)).ok();
    match key.kind {
        KeyKind::Flag => Some(Value::Flag(false)),
        KeyKind::Count => Some(Value::Count(1_000)),
        KeyKind::Day => None,
        KeyKind::One(scheme) => words.term_at(scheme, index(scheme)?).map(Value::One),
        KeyKind::Many(scheme) => Some(Value::Many(Bits::single(index(scheme)?))),
    }
}
