// SPDX-License-Identifier: Apache-2.0
//! A library that was made ready, and kept what it compiled for other flows, judges as one that sees its first flow.
//!
//! `COMITY_FLOWS` sets how many random flows each instrument gets; `.ci/soak` sets it high.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use comity_flow::{Flow, Format, Onward, Sender, Value, read, write};
use comity_judge::lines::Lines;
use comity_judge::{Judge, Options, judge};
use comity_law::Library;
use comity_law::ast::Kind;
use comity_terms::vocabulary;
use jiff::ToSpan;
use jiff::civil::{Date, date};
use support::{Dice, forget, library, random_flow};

const TODAY: Date = date(2026, 11, 24);

/// Random flows near the lines of every instrument, in an order in which neither days nor instruments stand together.
fn random(library: &Library, each: usize) -> Vec<Flow> {
    let mut flows = Vec::new();
    let laws = library.instruments.iter().filter(|instrument| matches!(instrument.kind, Kind::Law | Kind::Treaty));
    for (number, instrument) in laws.enumerate() {
        let mut dice = Dice::new(number as u64 + 7_000);
        for _ in 0..each {
            let mut days: Vec<Date> = Lines::of(library, instrument, TODAY).days.into_iter().chain([TODAY]).collect();
            // The day before a change, the day itself, and days on which nothing changes.
            days.extend(days.clone().iter().flat_map(|day| [day.yesterday(), day.checked_add(17.days())]).flatten());
            let day = *dice.pick(&days);
            let lines = Lines::of(library, instrument, day);
            let mut flow = random_flow(&mut dice, &lines, instrument, day);
            if dice.chance(70) {
                flow.under.clear();
            }
            let unknown = dice.below(6);
            forget(&mut dice, &lines, &mut flow, unknown, 4_096);
            if dice.chance(20) {
                flow.onward.push(recipient(&mut dice));
            }
            flows.push(flow);
        }
    }
    let mut dice = Dice::new(1);
    for last in (1..flows.len()).rev() {
        flows.swap(last, dice.below(last + 1));
    }
    flows
}

/// A later recipient of whom only the place is known.
fn recipient(dice: &mut Dice) -> Onward {
    let words = vocabulary();
    let place = words.place(dice.pick::<&str>(&["US", "GB", "CN", "FR", "BR"])).unwrap();
    let facts = [(words.key("importer.seat").unwrap(), Value::One(place))].into();
    Onward { name: "next".to_owned(), from: Sender::Importer, facts, purpose: None, items: Vec::new() }
}

fn same(library: &Library, flows: &[Flow], options: &Options) -> usize {
    let mut ready = Judge::new(library, options);
    let mut findings = 0;
    for flow in flows {
        let by_itself = judge(library, flow, options);
        let kept = ready.judge(flow);
        assert!(kept == by_itself, "{kept:#?}\nis not\n{by_itself:#?}\nfor\n{}", write(flow));
        let (Ok(short), Ok(mut whole)) = (ready.findings(flow), by_itself) else { continue };
        findings += whole.findings.len();
        whole.findings.iter_mut().for_each(|finding| finding.derivation.clear());
        whole.not_applicable.iter_mut().for_each(|other| other.derivation.clear());
        assert!(short == whole, "without derivations: {short:#?}\nis not\n{whole:#?}\nfor\n{}", write(flow));
    }
    findings
}

#[test]
fn flow_after_flow_is_each_by_itself() {
    let library = library();
    let each = std::env::var("COMITY_FLOWS").ok().and_then(|number| number.parse().ok()).unwrap_or(4);
    let flows = random(&library, each);
    let findings = same(&library, &flows, &Options::today(TODAY));
    println!("{} flows, {findings} findings", flows.len());
    assert!(findings > flows.len(), "hardly anything governs: the flows are too tame");
    assert!(flows.iter().any(|flow| !flow.onward.is_empty()));
}

#[test]
fn with_an_earlier_knowledge_and_a_fixed_reading() {
    let library = library();
    let flows = random(&library, 1);
    let (owner, reading) =
        library.instruments.iter().find_map(|instrument| Some((instrument.id.text.clone(), instrument.readings.first()?))).unwrap();
    let option = reading.options.first().unwrap().id.text.clone();
    let readings = vec![(owner, reading.id.text.clone(), option)];
    same(&library, &flows, &Options { readings, known_on: Some(date(2024, 1, 31)), ..Options::today(TODAY) });
    let missing = Options { under: vec!["xx.none".to_owned()], ..Options::today(TODAY) };
    assert!(flows.iter().take(1).all(|flow| Judge::new(&library, &missing).judge(flow).is_err()));
}

#[test]
fn the_casebook_flow_after_flow_is_each_by_itself() {
    let library = library();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../casebook");
    let files = ["probes", "decided"].iter().flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap());
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    let tables = paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "toml"));
    let flows: Vec<Flow> =
        tables.map(|path| read(&std::fs::read_to_string(path).unwrap(), Format::Toml, &|_| Err(String::new())).unwrap()).collect();
    assert!(flows.iter().any(|flow| !flow.onward.is_empty()), "no later recipient among the flows");
    same(&library, &flows, &Options::today(TODAY));
}
