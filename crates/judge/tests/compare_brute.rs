// SPDX-License-Identifier: Apache-2.0
//! Comparisons of small random laws, against every flow there is, by the plain definition.
//!
//! `COMITY_LAWS` sets how many pairs of laws there are.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

#[path = "support/small_laws/mod.rs"]
mod small_laws;
mod support;

use comity_flow::{Flow, write};
use comity_judge::Verdict;
use comity_judge::compare::{Question, Side, compare, compare_over, distance};
use comity_judge::definition::{Outcome, Reader};
use comity_law::ast::Instrument;
use comity_law::{Library, Severity};
use jiff::civil::{Date, date};
use small_laws::{Atom, Law, World};
use std::collections::{BTreeMap, BTreeSet};
use support::Dice;

const TODAY: Date = date(2026, 11, 24);
/// One day of each stretch on which the dated conditions of the small laws can change.
const DAYS: [Date; 3] = [date(2020, 6, 1), date(2022, 6, 1), date(2025, 6, 1)];

/// What laws can say of the same flow: readings belong to one law, and places of storage are too many to list.
const SHARED: [Atom; 11] = [
    Atom::PublicBody,
    Atom::Group,
    Atom::ClearText,
    Atom::Health,
    Atom::Count,
    Atom::Clauses,
    Atom::OldClauses,
    Atom::Approval,
    Atom::Filing,
    Atom::Consent,
    Atom::Assessment,
];

/// The verdict of a law on each flow of the world.
fn brute(library: &Library, instrument: &Instrument, world: &World, day: Date) -> Vec<Verdict> {
    let outcomes: Vec<Outcome> = (0..world.size())
        .map(|at| {
            let flow = world.flow(at, day);
            Reader { library, flow: &flow, day, known: TODAY, readings: &[] }.outcome(instrument).unwrap()
        })
        .collect();
    let verdict = |at: usize| match outcomes[at] {
        Outcome::Unrestricted => Verdict::Unrestricted,
        Outcome::Permitted => Verdict::Permitted,
        Outcome::Fails if world.reachable(at, &[day]).any(|other| outcomes[other] != Outcome::Fails) => Verdict::Incomplete,
        Outcome::Fails => Verdict::Prohibited,
    };
    (0..world.size()).map(verdict).collect()
}

/// Compares two laws on a day; how many flows they judge differently, of how many.
fn pair(dice: &mut Dice) -> Option<(usize, usize)> {
    let atoms = Atom::some_of(dice, &SHARED);
    let world = World::new(&atoms);
    let other = Law::random(dice, &atoms).text().replace("instrument xx.small ", "instrument xx.other ");
    let text = format!("{}\n{other}", Law::random(dice, &atoms).text());
    let library = small_laws::read(&text);
    if comity_law::check(&library, TODAY).iter().any(|problem| problem.severity == Severity::Error) {
        return None;
    }
    let day = *dice.pick(&DAYS);
    let side = |id| Side { library: &library, instrument: library.instrument(id).unwrap(), day, known: TODAY };
    let (first, second) = (side("xx.small"), side("xx.other"));
    let [a, b] = [first, second].map(|side| brute(&library, side.instrument, &world, day));

    let mut expected: BTreeMap<(Verdict, Verdict), BTreeSet<usize>> = BTreeMap::new();
    for (at, (a, b)) in a.iter().zip(&b).enumerate().filter(|(_, (a, b))| a != b) {
        expected.entry((*a, *b)).or_default().insert(at);
    }
    let told = || format!("on {day} of\n{text}");
    let flows: Vec<Flow> = (0..world.size()).map(|at| world.flow(at, day)).collect();
    let found = compare_over(first, second, &Question { flows: &flows, both_govern: false }).unwrap();
    assert!(found.open.is_empty() && found.beyond.is_empty(), "{}", told());
    let sets: BTreeMap<(Verdict, Verdict), BTreeSet<usize>> = found
        .differences
        .iter()
        .map(|difference| ((difference.first, difference.second), difference.flows.iter().copied().collect()))
        .collect();
    assert_eq!(sets, expected, "{}", told());
    for difference in &found.differences {
        let examples = difference.groups.iter().map(|group| &group.example).chain([&difference.example]);
        for example in examples {
            // An example leaves out what does not matter, so whatever it leaves out may be anything.
            let alike: Vec<usize> =
                (0..flows.len()).filter(|at| example.facts.iter().all(|(key, value)| flows[*at].facts.get(key) == Some(value))).collect();
            let some = alike.iter().any(|at| sets[&(difference.first, difference.second)].contains(at));
            assert!(some || alike.is_empty(), "{}\n{}", write(example), told());
        }
    }
    let fails = |verdict: &Verdict| *verdict > Verdict::Permitted;
    let protective = |one: &[Verdict], other: &[Verdict]| one.iter().zip(other).all(|(one, other)| fails(one) || !fails(other));
    assert_eq!(found.first_at_least_as_protective, protective(&a, &b), "{}", told());
    assert_eq!(found.second_at_least_as_protective, protective(&b, &a), "{}", told());
    assert_eq!(found.alike >= 1.0 - 1e-12, expected.is_empty(), "{}", told());

    let (plain, far) = (compare(first, second).unwrap(), distance(first, second).unwrap());
    assert!((plain.alike - far.alike).abs() < 1e-9 && (plain.alike - found.alike).abs() < 1e-9, "{}", told());
    assert_eq!(far.first_at_least_as_protective, found.first_at_least_as_protective, "{}", told());
    assert_eq!(far.second_at_least_as_protective, found.second_at_least_as_protective, "{}", told());
    Some((expected.values().map(BTreeSet::len).sum(), world.size()))
}

#[test]
fn comparisons_are_what_every_flow_says() {
    let wanted = std::env::var("COMITY_LAWS").ok().and_then(|number| number.parse().ok()).unwrap_or(400_u64);
    let (mut pairs, mut different, mut flows) = (0, 0, 0);
    for number in 0..wanted {
        if let Some((differing, all)) = pair(&mut Dice::new(number + 90_000)) {
            pairs += 1;
            different += differing;
            flows += all;
        }
    }
    println!("{pairs} pairs of laws, {flows} flows, of which {different} are judged differently");
    assert!(pairs * 2 > wanted, "most laws can be compared: {pairs} of {wanted}");
    assert!(different * 20 > flows, "hardly any flow is judged differently: {different} of {flows}");
}
