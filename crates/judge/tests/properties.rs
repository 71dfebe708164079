// SPDX-License-Identifier: Apache-2.0
//! The laws of the semantics, on random flows under every instrument of the library.
//!
//! `COMITY_FLOWS` sets how many flows each instrument gets; `.ci/soak` sets it high.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail loudly")]

mod support;

use comity_flow::{Flow, Value};
use comity_judge::definition::{Outcome, Reader};
use comity_judge::lines::Lines;
use comity_judge::{Options, Possible, Verdict, verdicts};
use comity_law::Library;
use comity_law::ast::{Instrument, Kind};
use comity_terms::{Class, KeyKind, vocabulary};
use jiff::civil::{Date, date};
use std::collections::BTreeSet;
use support::{Dice, completions, forget, library, random_flow, readings};

const TODAY: Date = date(2026, 11, 24);

fn flows(usual: usize) -> usize {
    std::env::var("COMITY_FLOWS").ok().and_then(|number| number.parse().ok()).unwrap_or(usual)
}

fn laws(library: &Library) -> Vec<&Instrument> {
    library.instruments.iter().filter(|instrument| matches!(instrument.kind, Kind::Law | Kind::Treaty)).collect()
}

/// A day near which something changes.
fn some_day(dice: &mut Dice, library: &Library, instrument: &Instrument) -> Date {
    let lines = Lines::of(library, instrument, TODAY);
    let from = instrument.in_force.map_or(TODAY, |force| force.from);
    let days: Vec<Date> = lines.days.into_iter().filter(|day| *day >= from).chain([TODAY]).collect();
    *dice.pick(&days)
}

fn decide(library: &Library, instrument: &Instrument, flow: &Flow, fixed: &[(String, String, String)]) -> Possible {
    let options = Options { readings: fixed.to_vec(), ..Options::today(TODAY) };
    let (possible, exact) = verdicts(library, instrument, flow, &options);
    assert!(exact, "the budget ran out for {}", comity_flow::write(flow));
    possible
}

/// The verdict of a complete flow: the definition says whether it fails, the search for steps how.
fn complete(library: &Library, instrument: &Instrument, flow: &Flow, fixed: &[(String, String, String)]) -> Verdict {
    let reader = Reader { library, flow, day: flow.on.unwrap(), known: TODAY, readings: fixed };
    let outcome = reader.outcome(instrument).unwrap_or_else(|missing| panic!("{missing:?} in\n{}", comity_flow::write(flow)));
    let verdict = decide(library, instrument, flow, fixed).decided().expect("a complete flow has one verdict");
    let alike = match outcome {
        Outcome::Unrestricted => verdict == Verdict::Unrestricted,
        Outcome::Permitted => verdict == Verdict::Permitted,
        Outcome::Fails => verdict >= Verdict::Incomplete,
    };
    assert!(
        alike,
        "the definition says {outcome:?}, the solver {verdict:?} under {} for\n{}",
        instrument.id.text,
        comity_flow::write(flow)
    );
    verdict
}

#[test]
fn the_verdicts_are_those_of_all_completions() {
    let library = library();
    let (mut judged, mut undetermined, mut all_completions) = (0, 0, 0);
    for (number, instrument) in laws(&library).into_iter().enumerate() {
        let mut dice = Dice::new(number as u64 + 1);
        for _ in 0..flows(150) {
            let day = some_day(&mut dice, &library, instrument);
            let lines = Lines::of(&library, instrument, day);
            let mut flow = random_flow(&mut dice, &lines, instrument, day);
            let unknown = 1 + dice.below(8);
            let forgotten = forget(&mut dice, &lines, &mut flow, unknown, 64);
            let mut expected = BTreeSet::new();
            for fixed in readings(&library, &lines) {
                for completion in completions(&flow, &forgotten) {
                    expected.insert(complete(&library, instrument, &completion, &fixed));
                    all_completions += 1;
                }
            }
            let found = decide(&library, instrument, &flow, &[]);
            assert_eq!(found.0, expected, "under {} for\n{}", instrument.id.text, comity_flow::write(&flow));
            judged += 1;
            undetermined += usize::from(found.decided().is_none());
        }
    }
    println!("{judged} flows, {undetermined} of them undetermined, {all_completions} completions");
    assert!(undetermined * 20 > judged, "hardly any flow is undetermined: the generator is too tame");
}

#[test]
fn removing_a_safeguard_never_improves_a_verdict() {
    let library = library();
    let words = vocabulary();
    let mut removed = 0;
    for (number, instrument) in laws(&library).into_iter().enumerate() {
        let mut dice = Dice::new(number as u64 + 100);
        for _ in 0..flows(60) {
            let day = some_day(&mut dice, &library, instrument);
            let lines = Lines::of(&library, instrument, day);
            let flow = random_flow(&mut dice, &lines, instrument, day);
            let fixed = readings(&library, &lines).swap_remove(0);
            let before = decide(&library, instrument, &flow, &fixed).decided().unwrap();
            for key in words.keys().iter().filter(|key| key.path.starts_with("safeguards.") && key.class != Class::Given) {
                let id = words.key(&key.path).unwrap();
                let KeyKind::Many(scheme) = key.kind else { continue };
                let Some(Value::Many(set)) = flow.facts.get(&id).cloned() else { continue };
                // What is a fact about the importer, or makes it another flow, is no safeguard.
                for index in set.iter().filter(|index| words.entries(scheme)[usize::from(*index)].step) {
                    let mut fewer = flow.clone();
                    let mut rest = set;
                    rest.remove(index);
                    fewer.facts.insert(id, Value::Many(rest));
                    fewer.items.retain(|item| item.key != id || item.term.index() != index);
                    let after = decide(&library, instrument, &fewer, &fixed).decided().unwrap();
                    let what = words.id_at(scheme, index);
                    assert!(
                        after >= before,
                        "without {what}: {before:?} becomes {after:?} under {}\n{}",
                        instrument.id.text,
                        comity_flow::write(&flow)
                    );
                    removed += 1;
                }
            }
        }
    }
    assert!(removed > 1000, "only {removed} safeguards were removed");
}

#[test]
fn the_order_of_provisions_and_files_changes_nothing() {
    let library = library();
    let mut turned = library.clone();
    for instrument in &mut turned.instruments {
        instrument.provisions.reverse();
    }
    turned.recognitions.reverse();
    for (number, instrument) in laws(&library).into_iter().enumerate() {
        let other = turned.instrument(&instrument.id.text).unwrap();
        let mut dice = Dice::new(number as u64 + 200);
        for _ in 0..flows(60) {
            let day = some_day(&mut dice, &library, instrument);
            let lines = Lines::of(&library, instrument, day);
            let mut flow = random_flow(&mut dice, &lines, instrument, day);
            forget(&mut dice, &lines, &mut flow, 3, 64);
            let found = decide(&library, instrument, &flow, &[]);
            assert_eq!(found, decide(&turned, other, &flow, &[]), "under {}\n{}", instrument.id.text, comity_flow::write(&flow));
        }
    }
}
