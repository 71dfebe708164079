// SPDX-License-Identifier: Apache-2.0
//! Prints how fast many flows are judged at once:
//! `cargo run --release -p comity-judge --example bulk -- casebook [FLOWS] [COPIES] [DAYS] [THREADS]`.
//!
//! The flows are those of the casebook with other places, data and purposes; with COPIES the library holds every
//! instrument so many times under other names. With DAYS the flows are spread over so many days, else all are on one.
//! With THREADS all of them judge the same flows at once, and the slowest counts. Times are of the processor.

#[path = "shared/clock.rs"]
mod clock;

use clock::{Clock, median};
use comity_flow::{Flow, Format, Value, read};
use comity_judge::Options;
use comity_judge::bulk::Bulk;
use comity_law::Library;
use comity_law::library::embedded;
use comity_terms::{KeyKind, vocabulary};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use std::path::Path;
use std::time::{Duration, Instant};

const TODAY: Date = date(2026, 11, 24);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("the folder of the casebook")?;
    let wanted: usize = arguments.next().map_or(Ok(20_000), |number| number.parse())?;
    let copies: usize = arguments.next().map_or(Ok(1), |number| number.parse())?;
    let days: i32 = arguments.next().map_or(Ok(1), |number| number.parse())?;
    let threads: usize = arguments.next().map_or(Ok(1), |number| number.parse())?;
    let sources = embedded().iter().flat_map(|(name, text)| {
        (0..copies).map(move |copy| if copy == 0 { ((*name).to_owned(), (*text).to_owned()) } else { renamed(name, text, copy) })
    });
    let (library, problems) = Library::read_without_cases(sources);
    if copies > 1 {
        println!("{} instruments, {} problems", library.instruments.len(), problems.len());
    }
    let templates = flows(Path::new(&folder))?;
    let mut many: Vec<Flow> = (0..wanted).filter_map(|number| Some(varied(templates.get(number % templates.len())?, number))).collect();
    for (number, flow) in (0..days).cycle().zip(&mut many) {
        flow.on = Some(TODAY.checked_sub(number.days())?);
    }
    let options = Options::today(TODAY);

    let clock = Clock::start();
    let mut bulk = Bulk::new(&library, &options)?;
    let rows = bulk.rows(&many);
    println!("ready and coded: {:?}", clock.elapsed());
    if let Ok(only) = std::env::var("ONLY") {
        // One flow by itself, to see what it costs.
        for flow in many.iter().skip(only.parse()?).take(60) {
            let start = Instant::now();
            let mut costs: Vec<(String, Duration)> = Vec::new();
            for instrument in bulk.instruments().to_vec() {
                let start = Instant::now();
                let (possible, exact) = comity_judge::verdicts(&library, instrument, flow, &options);
                costs.push((format!("{} {} {exact}", instrument.id.text, possible.words().join("/")), start.elapsed()));
            }
            let each = start.elapsed();
            costs.sort_by_key(|(_, cost)| std::cmp::Reverse(*cost));
            costs.truncate(2);
            let start = Instant::now();
            let word = bulk.judge(std::slice::from_ref(flow)).answers.first().map(|answer| answer.word());
            println!("{} {each:?} {costs:?}; whole {:?} {word:?}", flow.id, start.elapsed());
        }
        return Ok(());
    }
    let clock = Clock::start();
    let table = bulk.table(&rows);
    let time = clock.elapsed();
    let governing: usize = (0..many.len()).map(|flow| table.cells(flow).iter().filter(|cell| cell.governs()).count()).sum();
    let undetermined = table.answers.iter().filter(|answer| answer.verdict().is_none()).count();
    println!(
        "first time: {} flows under {} instruments in {time:?}: {} searched, {undetermined} undetermined, {governing} times an instrument governs",
        many.len(),
        bulk.instruments().len(),
        bulk.searched(),
    );
    let verdicts = (many.len() * bulk.instruments().len()) as f64;
    let told = |what: &str, time: Duration| {
        println!(
            "{what}: {time:?}, {:.1} million verdicts a second and core, {:.0} ns for each instrument that governs",
            verdicts / time.as_secs_f64() / 1e6,
            time.as_secs_f64() * 1e9 / governing as f64,
        );
    };
    told("again", again(&mut bulk, &many)?);
    if threads > 1 {
        let each = |_| -> Result<Duration, String> {
            let mut own = Bulk::new(&library, &options).map_err(|error| error.to_string())?;
            again(&mut own, &many)
        };
        let times: Vec<Duration> = std::thread::scope(|scope| {
            let running: Vec<_> = (0..threads).map(|number| scope.spawn(move || each(number))).collect();
            running.into_iter().map(|thread| thread.join().map_err(|_| "a thread broke down".to_owned())?).collect::<Result<_, String>>()
        })?;
        told(&format!("again, the slowest of {threads} at once"), times.into_iter().max().unwrap_or_default());
    }
    Ok(())
}

/// The median time of judging flows that were judged before.
fn again(bulk: &mut Bulk, flows: &[Flow]) -> Result<Duration, String> {
    let rows = bulk.rows(flows);
    let first = bulk.table(&rows);
    let mut times = Vec::new();
    for _ in 0..9 {
        let clock = Clock::start();
        let table = bulk.table(&rows);
        times.push(clock.elapsed());
        if table.answers != first.answers {
            return Err("another answer the second time".to_owned());
        }
    }
    Ok(median(times))
}

fn renamed(name: &str, text: &str, copy: usize) -> (String, String) {
    (format!("{copy}/{name}"), text.replacen("instrument ", &format!("instrument copy{copy}-"), 1))
}

fn flows(folder: &Path) -> Result<Vec<Flow>, Box<dyn std::error::Error>> {
    let mut all = Vec::new();
    let mut paths: Vec<_> = std::fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            all.extend(flows(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let flow = read(&std::fs::read_to_string(&path)?, Format::Toml, &|_| Err(String::new()));
            all.extend(flow.map(|flow| Flow { under: Vec::new(), ..flow }));
        }
    }
    Ok(all)
}

/// A flow with a few facts changed, the same for the same number.
fn varied(flow: &Flow, number: usize) -> Flow {
    let words = vocabulary();
    let mut next = flow.clone();
    let mut state = (number as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut dice = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 11).unwrap_or(0) % bound.max(1)
    };
    for path in ["importer.seat", "data.categories", "purpose.of", "subjects.count"] {
        let Some((id, key)) = words.key(path).and_then(|id| Some((id, words.key_at(id)?))) else { continue };
        if dice(2) == 0 {
            continue;
        }
        let value = match key.kind {
            KeyKind::One(scheme) => {
                let all: Vec<u16> = words.all(scheme).iter().collect();
                all.get(dice(all.len())).and_then(|index| words.term_at(scheme, *index)).map(Value::One)
            }
            KeyKind::Many(scheme) => {
                let all: Vec<u16> = words.all(scheme).iter().collect();
                Some(Value::Many((0..1 + dice(3)).filter_map(|_| all.get(dice(all.len())).copied()).collect()))
            }
            KeyKind::Count => Some(Value::Count(dice(2_000_000) as u64)),
            KeyKind::Flag | KeyKind::Day => None,
        };
        next.facts.extend(value.map(|value| (id, value)));
        if path == "subjects.count" {
            // A count of a year that is smaller would contradict it.
            next.facts.retain(|key, _| Some(*key) != words.key("subjects.count_12_months"));
        }
    }
    next
}
