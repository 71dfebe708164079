// SPDX-License-Identifier: Apache-2.0
//! Conflicts, gaps and idle provisions of small random laws, against every flow there is, by the plain definition.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may fail loudly")]

#[path = "support/small_laws/mod.rs"]
mod small_laws;
mod support;

use comity_judge::consistency::{BUDGET, Found, Kind, check};
use comity_judge::definition::{Outcome, Reader};
use comity_judge::{Options, Verdict, verdicts};
use comity_law::Library;
use jiff::civil::{Date, date};
use small_laws::{Atom, Law, Provision, World, read};
use std::collections::BTreeSet;
use support::Dice;

const TODAY: Date = date(2026, 11, 24);
/// One day of each stretch on which the dated conditions of the small laws can change.
const DAYS: [Date; 3] = [date(2020, 6, 1), date(2022, 6, 1), date(2025, 6, 1)];

/// The outcome of a law on a flow of the world, by the definition.
fn outcome(library: &Library, world: &World, at: usize, day: Date) -> Outcome {
    let flow = world.flow(at, day);
    let readings = world.readings(at);
    let reader = Reader { library, flow: &flow, day, known: day.max(TODAY), readings: &readings };
    reader.outcome(library.instrument("xx.small").unwrap()).unwrap_or_else(|missing| panic!("{missing:?}"))
}

/// The flows and days on which a library fails: all that a probe tells.
fn failing(library: &Library, world: &World) -> Vec<bool> {
    DAYS.iter().flat_map(|day| (0..world.size()).map(|at| outcome(library, world, at, *day) == Outcome::Fails)).collect()
}

/// Everything that the findings of a law say on every flow and day.
fn says(law: &Law, world: &World) -> Vec<BTreeSet<String>> {
    let main = read(&law.text());
    let mut all: Vec<BTreeSet<String>> = DAYS
        .iter()
        .flat_map(|day| (0..world.size()).map(|at| BTreeSet::from([format!("{:?}", outcome(&main, world, at, *day))])))
        .collect();
    let governed = failing(&read(&law.governs()), world);
    for provision in &law.provisions {
        if !matches!(provision.word, "permit" | "duty" | "oblige") {
            continue;
        }
        let holds = failing(&read(&law.probe(provision)), world);
        for ((says, holds), governed) in all.iter_mut().zip(holds).zip(&governed) {
            let counts = match provision.word {
                "permit" => says.contains("Permitted"),
                "duty" => !says.contains("Unrestricted"),
                _ => *governed,
            };
            if holds && counts {
                let what = if provision.word == "permit" { provision.mechanism } else { provision.id.as_str() };
                says.insert(format!("{} {what}", provision.word));
            }
        }
    }
    all
}

/// Which flows fail and cannot be repaired, by trying every flow that steps lead to.
fn prohibited(law: &Law, world: &World) -> Vec<bool> {
    let fails = failing(&read(&law.text()), world);
    (0..fails.len()).map(|at| !world.reachable(at, &DAYS).any(|other| !fails[other])).collect()
}

struct Expected {
    conflicts: BTreeSet<(Kind, String, String)>,
    gap: bool,
}

fn expected(law: &Law, world: &World) -> Expected {
    let prohibited = prohibited(law, world);
    let mut conflicts = BTreeSet::new();
    for order in law.provisions.iter().filter(|provision| provision.word == "oblige") {
        let holds = failing(&read(&law.probe(order)), world);
        if prohibited.iter().zip(holds).any(|(prohibited, holds)| *prohibited && holds) {
            conflicts.insert((Kind::OrderedAndProhibited, order.id.clone(), String::new()));
        }
    }
    let bars: Vec<&Provision> =
        ["forbid", "require"].iter().flat_map(|word| law.provisions.iter().filter(move |provision| provision.word == *word)).collect();
    let unmet: Vec<Vec<bool>> = bars.iter().map(|bar| failing(&read(&law.probe(bar)), world)).collect();
    let can = |at: usize, which: &[usize]| world.reachable(at, &DAYS).any(|other| which.iter().all(|bar| !unmet[*bar][other]));
    let mut silent: Vec<usize> =
        (0..prohibited.len()).filter(|at| prohibited[*at] && (0..bars.len()).all(|bar| can(*at, &[bar]))).collect();
    for second in 0..bars.len() {
        for first in 0..second {
            let before = silent.len();
            silent.retain(|at| can(*at, &[first, second]));
            if silent.len() < before {
                conflicts.insert((Kind::CannotBothBeMet, bars[second].id.clone(), bars[first].id.clone()));
            }
        }
    }
    Expected { conflicts, gap: !silent.is_empty() }
}

/// The exceptions and `unless` that never hold where their provision otherwise would.
fn dead(law: &Law, world: &World) -> BTreeSet<(Kind, String, String)> {
    let mut out = BTreeSet::new();
    for provision in &law.provisions {
        for target in provision.targets.iter().map(|target| law.named(target)) {
            let both = failing(&read(&law.alone(target)), world).into_iter().zip(failing(&read(&law.probe(provision)), world));
            if !both.into_iter().any(|(own, fires)| own && fires) {
                out.insert((Kind::ExceptionNeverFires, provision.id.clone(), target.id.clone()));
            }
        }
        for number in (0..provision.clauses.len()).filter(|number| provision.clauses[*number].0 == "unless") {
            if !failing(&read(&law.turned(provision, number)), world).into_iter().any(|fires| fires) {
                out.insert((Kind::UnlessNeverHolds, provision.id.clone(), String::new()));
            }
        }
    }
    out
}

/// An example shows what it says when it is read from its file, and does not without any one of its facts.
fn confirm(library: &Library, found: &Found, text: &str) {
    let Some(example) = &found.example else { return };
    let written = comity_flow::write(&example.flow);
    let told = || format!("{found:?}\n{text}\n{written}");
    let again = comity_flow::read(&written, comity_flow::Format::Toml, &|_| Err(String::new())).unwrap_or_else(|_| panic!("{}", told()));
    if !matches!(found.kind, Kind::Gap | Kind::OrderedAndProhibited | Kind::CannotBothBeMet) {
        return;
    }
    let instrument = library.instrument("xx.small").unwrap();
    let options = Options { readings: example.readings.clone(), ..Options::today(TODAY) };
    assert_eq!(verdicts(library, instrument, &again, &options).0.decided(), Some(Verdict::Prohibited), "{}", told());
    // A fact can be there to show that nothing else bars the flow, or which restriction holds.
    let alone = !text.contains("  forbid") && !text.contains("  require") && text.matches("  restrict").count() == 1;
    if found.kind != Kind::Gap || !alone {
        return;
    }
    for key in example.flow.facts.keys() {
        let mut less = example.flow.clone();
        less.facts.remove(key);
        less.items.retain(|item| item.key != *key);
        let less = comity_flow::read(&comity_flow::write(&less), comity_flow::Format::Toml, &|_| Err(String::new())).unwrap();
        let decided = verdicts(library, instrument, &less, &options).0.decided();
        let safeguard = comity_terms::vocabulary().key_at(*key).unwrap().path.starts_with("safeguards.");
        assert!(safeguard || decided != Some(Verdict::Prohibited), "it needs no {key:?}: {}", told());
    }
}

#[test]
fn every_answer_is_that_of_all_flows() {
    let laws = std::env::var("COMITY_LAWS").ok().and_then(|number| number.parse().ok()).unwrap_or(250);
    let mut seen: Vec<Kind> = Vec::new();
    for seed in 1..=laws {
        let mut dice = Dice::new(seed);
        let atoms = Atom::some(&mut dice);
        let world = World::new(&atoms);
        let law = Law::random(&mut dice, &atoms);
        let text = law.text();
        let library = read(&text);
        if comity_law::check(&library, TODAY).iter().any(|problem| problem.severity == comity_law::Severity::Error) {
            continue;
        }
        let report = check(&library, library.instrument("xx.small").unwrap(), TODAY, BUDGET, |_, _| {});
        assert!(report.undecided.is_empty(), "{:?} of law {seed}\n{text}", report.undecided);
        let found = |kinds: &[Kind]| -> BTreeSet<(Kind, String, String)> {
            let other = |found: &Found| found.other.as_ref().map_or(String::new(), |other| other.provision.clone());
            let all = report.found.iter().filter(|found| kinds.contains(&found.kind));
            all.map(|found| (found.kind, found.at.provision.clone(), other(found))).collect()
        };
        let expected = expected(&law, &world);
        let orders: BTreeSet<_> = found(&[Kind::OrderedAndProhibited]).into_iter().map(|(kind, at, _)| (kind, at, String::new())).collect();
        let conflicts = &orders | &found(&[Kind::CannotBothBeMet]);
        assert_eq!(conflicts, expected.conflicts, "conflicts of law {seed}\n{text}");
        assert_eq!(!found(&[Kind::Gap]).is_empty(), expected.gap, "gaps of law {seed}\n{text}\n{:?}", report.found);
        assert_eq!(found(&[Kind::ExceptionNeverFires, Kind::UnlessNeverHolds]), dead(&law, &world), "law {seed}\n{text}");

        let whole = says(&law, &world);
        let silent: BTreeSet<String> = found(&[Kind::ExceptionNeverFires]).into_iter().map(|(_, at, _)| at).collect();
        let idle: BTreeSet<String> = found(&[Kind::NeverHolds, Kind::NeverMatters, Kind::Waits]).into_iter().map(|(_, at, _)| at).collect();
        for position in 0..law.provisions.len() {
            let id = &law.provisions[position].id;
            if law.provisions[position].word == "define" && !law.uses(id) || silent.contains(id) {
                continue;
            }
            let changes = says(&law.without(position), &world) != whole;
            assert_eq!(!idle.contains(id), changes, "whether `{id}` matters in law {seed}\n{text}");
        }
        for found in &report.found {
            confirm(&library, found, &text);
            seen.push(found.kind);
        }
    }
    for kind in [
        Kind::OrderedAndProhibited,
        Kind::CannotBothBeMet,
        Kind::Gap,
        Kind::NeverHolds,
        Kind::NeverMatters,
        Kind::ExceptionNeverFires,
        Kind::UnlessNeverHolds,
    ] {
        let times = seen.iter().filter(|seen| **seen == kind).count();
        println!("{kind:?}: {times} times");
        assert!(times > 0, "{kind:?} was never found: the laws are too tame");
    }
}
