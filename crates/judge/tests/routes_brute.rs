// SPDX-License-Identifier: Apache-2.0
//! Routes on small random laws, against every set of steps there is, by the plain definition.
//!
//! `COMITY_LAWS` sets how many laws are tried; `.ci/soak` sets it high.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[path = "support/small_laws/mod.rs"]
mod small_laws;
mod support;

use comity_flow::write;
use comity_judge::cost::Costs;
use comity_judge::definition::{Outcome, Reader};
use comity_judge::route::{Rests, Route, RouteOptions, apply, routes};
use comity_judge::{Options, Verdict, verdicts};
use comity_law::{Library, Severity};
use jiff::civil::{Date, date};
use small_laws::{Atom, Law, World, read};
use std::collections::BTreeSet;
use support::Dice;

const TODAY: Date = date(2026, 11, 24);
const DAYS: [Date; 3] = [date(2020, 6, 1), date(2022, 6, 1), date(2025, 6, 1)];
/// So many routes are asked for.
const LIMIT: usize = 3;
const ATOMS: [Atom; 9] = [
    Atom::PublicBody,
    Atom::ClearText,
    Atom::Clauses,
    Atom::OldClauses,
    Atom::Approval,
    Atom::Filing,
    Atom::Consent,
    Atom::Assessment,
    Atom::Storage,
];

type Steps = BTreeSet<&'static str>;

fn outcome(library: &Library, id: &str, world: &World, at: usize, day: Date) -> Outcome {
    let flow = world.flow(at, day);
    Reader { library, flow: &flow, day, known: TODAY, readings: &[] }.outcome(library.instrument(id).unwrap()).unwrap()
}

/// One small law, or two that govern the same flows.
struct Case {
    world: World,
    laws: Vec<Law>,
    library: Library,
    text: String,
    day: Date,
}

const IDS: [&str; 2] = ["xx.small", "xx.other"];

impl Case {
    fn random(dice: &mut Dice) -> Option<Self> {
        let atoms = Atom::some_of(dice, &ATOMS);
        let laws: Vec<Law> = (0..1 + dice.below(2))
            .map(|_| {
                let mut law = Law::random(dice, &atoms);
                for permit in law.provisions.iter_mut().filter(|provision| provision.word == "permit") {
                    permit.mechanism = *dice.pick(&["adequacy", "bcr", "explicit-consent", "public-interest"]);
                }
                law
            })
            .collect();
        let text: String = laws.iter().zip(IDS).map(|(law, id)| law.text().replace("xx.small", id)).collect();
        let library = read(&text);
        let fine = !comity_law::check(&library, TODAY).iter().any(|problem| problem.severity == Severity::Error);
        fine.then(|| Self { world: World::new(&atoms), laws, library, text, day: *dice.pick(&DAYS) })
    }

    fn ids(&self) -> impl Iterator<Item = &'static str> {
        IDS.into_iter().take(self.laws.len())
    }

    /// For each flow, whether every law lets it go, and whether it does so without a derogation.
    fn lawful(&self) -> Vec<(bool, bool)> {
        let mut all = vec![(true, true); self.world.size()];
        for (law, id) in self.laws.iter().zip(self.ids()) {
            let permits = law.provisions.iter().filter(|provision| provision.word == "permit");
            let safeguards = permits.filter(|permit| matches!(permit.mechanism, "adequacy" | "bcr"));
            let probes: Vec<Library> = safeguards.map(|permit| read(&law.probe(permit))).collect();
            for (at, (lawful, safe)) in all.iter_mut().enumerate() {
                let outcome_here = outcome(&self.library, id, &self.world, at, self.day);
                let carried = |probe: &Library| outcome(probe, "xx.small", &self.world, at, self.day) == Outcome::Fails;
                *lawful &= outcome_here != Outcome::Fails;
                *safe &= match outcome_here {
                    Outcome::Unrestricted => true,
                    Outcome::Permitted => probes.iter().any(carried),
                    Outcome::Fails => false,
                };
            }
        }
        all
    }
}

/// The sets that contain none of the others, nor any of `known`.
fn smallest(sets: BTreeSet<Steps>, known: &[Steps]) -> Vec<Steps> {
    let all: Vec<Steps> = sets.into_iter().collect();
    let least = |set: &&Steps| {
        // Who obtains explicit consent has obtained consent.
        let mut whole = (*set).clone();
        whole.extend(set.contains("safeguards.consent.explicit").then_some("safeguards.consent"));
        !all.iter().any(|other| other.is_subset(&whole) && other != *set) && !known.iter().any(|other| other.is_subset(&whole))
    };
    all.iter().filter(least).cloned().collect()
}

fn weight(costs: &Costs, steps: &Steps) -> u64 {
    steps.iter().map(|step| costs.weight(costs.of(step))).sum()
}

/// The steps of a route; where data come to rest is one step, wherever that is.
fn steps_of(route: &Route) -> BTreeSet<String> {
    let plain = |path: &str| if path.starts_with("route.storage") { "route.storage".to_owned() } else { path.to_owned() };
    route.steps.iter().map(|step| plain(&step.path)).collect()
}

#[test]
fn routes_are_those_of_every_set_of_steps() {
    let laws = std::env::var("COMITY_LAWS").ok().and_then(|number| number.parse().ok()).unwrap_or(300);
    let (mut asked, mut with, mut without, mut several, mut derogations) = (0, 0, 0, 0, 0);
    for seed in 1..=laws {
        let mut dice = Dice::new(seed + 5_000);
        let Some(case) = Case::random(&mut dice) else { continue };
        let lawful = case.lawful();
        let mut costs = Costs::default();
        if dice.chance(50) {
            // Other costs make another order.
            let paths = ["importer.reads_clear_text", "safeguards.contracts", "safeguards.approvals", "safeguards.filings", "on"];
            // The parts of consent cost what consent does.
            let more = ["safeguards.consent", "safeguards.assessment", "route.storage"];
            let rows: String = paths.iter().chain(&more).map(|path| format!("{path},{},1,0,\n", dice.below(20))).collect();
            costs.add(&format!("step,hours,days,money,note\n{rows}")).unwrap();
        }
        for _ in 0..12 {
            let at = dice.below(case.world.size());
            let mut flow = case.world.flow(at, case.day);
            flow.under = case.ids().map(str::to_owned).collect();
            let options = RouteOptions { limit: LIMIT, costs: costs.clone(), ..RouteOptions::default() };
            let found = routes(&case.library, &flow, &Options::today(TODAY), &options).unwrap();
            let told =
                || format!("law {seed}:\n{}for\n{}{:?}", case.text, write(&flow), found.routes.iter().map(steps_of).collect::<Vec<_>>());
            assert!(found.exact, "it gave up on {}", told());
            asked += 1;
            if lawful[at].0 {
                assert!(found.routes.len() == 1 && found.routes[0].steps.is_empty(), "it is lawful as it stands: {}", told());
                continue;
            }
            let reached: Vec<usize> = case.world.reachable(at, &[case.day]).collect();
            let sets = |keep: &dyn Fn(usize) -> bool| -> BTreeSet<Steps> {
                reached.iter().filter(|to| keep(**to)).map(|to| case.world.steps(at, *to)).collect()
            };
            let mut safe = smallest(sets(&|to| lawful[to].1), &[]);
            let mut rest = smallest(sets(&|to| lawful[to].0), &safe);
            for list in [&mut safe, &mut rest] {
                list.sort_by_key(|steps| weight(&costs, steps));
            }
            let expected: Vec<(Rests, &Steps)> =
                safe.iter().map(|steps| (Rests::Safeguard, steps)).chain(rest.iter().map(|steps| (Rests::Derogation, steps))).collect();
            let told = || format!("expected {expected:?} of {}", told());
            assert_eq!(found.routes.len(), expected.len().min(LIMIT), "{}", told());
            assert_eq!(found.closed_by.is_empty(), !expected.is_empty(), "{:?} {}", found.closed_by, told());
            let mut seen = BTreeSet::new();
            for (route, (rests, steps)) in found.routes.iter().zip(&expected) {
                assert_eq!((route.rests, route.cost), (*rests, weight(&costs, steps)), "{}", told());
                let own = steps_of(route);
                let known =
                    expected.iter().any(|(rests, steps)| *rests == route.rests && own.iter().map(String::as_str).eq(steps.iter().copied()));
                assert!(known, "{own:?} is none of the smallest sets {}", told());
                assert!(seen.insert(own), "one route twice: {}", told());
                let after = apply(&flow, route);
                for id in case.ids() {
                    let now = verdicts(&case.library, case.library.instrument(id).unwrap(), &after, &Options::today(TODAY)).0;
                    assert!(now.decided().is_some_and(|verdict| verdict <= Verdict::Permitted), "{now:?} under {id} after it: {}", told());
                }
            }
            with += usize::from(!expected.is_empty());
            without += usize::from(expected.is_empty());
            several += usize::from(expected.len() > 1);
            derogations += usize::from(!safe.is_empty() && !rest.is_empty());
        }
    }
    println!("{asked} flows: {with} with routes, {several} with several, {derogations} with both kinds, {without} without any");
    assert!(with > 50 && without > 50 && several > 50 && derogations > 5, "the laws are too tame");
}
