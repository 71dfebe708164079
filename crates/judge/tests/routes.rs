// SPDX-License-Identifier: Apache-2.0
//! Routes: what they leave is lawful, none of their steps can be left out, and the cheapest comes first.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use comity_flow::{Flow, Format, read};
use comity_judge::cost::Costs;
use comity_judge::lines::Lines;
use comity_judge::route::{Rests, RouteOptions, apply, routes};
use comity_judge::{Options, Verdict, judge, verdicts};
use comity_law::Library;
use comity_law::ast::Kind;
use jiff::civil::date;
use support::{Dice, library, random_flow};

fn options() -> Options {
    Options::today(date(2026, 11, 24))
}

fn wanted(limit: usize) -> RouteOptions {
    RouteOptions { limit, ..RouteOptions::default() }
}

fn flow(text: &str) -> Flow {
    read(text, Format::Toml, &|_| Err("no profile".to_owned())).unwrap()
}

fn toy() -> Library {
    let law = r#"
instrument xx.route "Route" {
  kind law  cite "R"  of FR  in force 2020-01-01
  applies here cite "1" when exporter.seat in FR
  restrict abroad cite "2" when importer.seat outside FR
  require told cite "3" needs notice subjects-informed
  permit clauses by standard-clauses cite "4" needs contract eu.scc-2021 needs safeguards.assessment.result is equivalent
  permit rules by bcr cite "5" when importer.group needs certificate bcr-controller
  permit consent by explicit-consent cite "6" needs safeguards.consent.explicit
  forbid home cite "7" when route.storage meets { CN } and route.first_recorded_in is not empty
}"#;
    let (library, diagnostics) = Library::read([("r.law".to_owned(), law.to_owned())]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    library
}

const FACTS: &str = "on = 2024-03-01\n[exporter]\nseat = \"FR\"\n[importer]\nseat = \"US\"\ngroup = true\n[route]\nstorage = [\"CN\"]\nfirst_recorded_in = [\"FR\"]\n";

#[test]
fn the_cheapest_safeguard_comes_first_and_consent_last() {
    let found = routes(&toy(), &flow(FACTS), &options(), &wanted(5)).unwrap();
    assert!(found.exact);
    let lines: Vec<(Rests, Vec<&str>)> =
        found.routes.iter().map(|route| (route.rests, route.steps.iter().map(|step| step.path.as_str()).collect())).collect();
    assert_eq!(lines[0].0, Rests::Safeguard);
    assert!(lines[0].1.contains(&"safeguards.contracts+eu.scc-2021"), "{lines:?}");
    assert!(lines[0].1.contains(&"safeguards.notices+subjects-informed"));
    let consent = lines.iter().position(|(rests, _)| *rests == Rests::Derogation).expect("consent is a way");
    assert!(lines[..consent].iter().all(|(rests, _)| *rests == Rests::Safeguard));
    assert!(found.routes.iter().any(|route| route.mechanisms == [("xx.route".to_owned(), "bcr".to_owned())]), "{lines:?}");
    let costs: Vec<u64> = found.routes[..consent].iter().map(|route| route.cost).collect();
    assert!(costs.is_sorted(), "{costs:?}");
}

#[test]
fn a_step_says_what_it_is_for() {
    // Moving the data and recording them elsewhere first cost the same.
    let found = routes(&toy(), &flow(FACTS), &options(), &wanted(2)).unwrap();
    let step = |path: &str| found.routes.iter().flat_map(|route| &route.steps).find(|step| step.path.starts_with(path)).unwrap();
    assert_eq!(step("safeguards.notices").aims, ["xx.route: told"]);
    assert_eq!(step("safeguards.contracts").aims, ["xx.route: standard-clauses"]);
    assert_eq!(step("route.storage").cites, ["7"]);
}

#[test]
fn own_costs_change_the_order() {
    let mut costs = Costs::default();
    costs.add("step,hours,days,money,note\nsafeguards.contracts,900,300,0,\nsafeguards.assessment,900,300,0,").unwrap();
    let found = routes(&toy(), &flow(FACTS), &options(), &RouteOptions { limit: 1, costs, ..RouteOptions::default() }).unwrap();
    assert_eq!(found.routes[0].mechanisms[0].1, "bcr");
    let bad = Costs::default().add("step,hours,days,money\nx,1,many,3").unwrap_err();
    assert_eq!(bad[0].message, "expected a whole number of days, found `many`");
}

#[test]
fn where_nothing_works_the_provisions_are_named() {
    let law = r#"instrument xx.no "No" { kind law cite "N" of FR in force 2020-01-01
      applies here cite "1" when always  restrict all cite "2" when always
      permit adequate by adequacy cite "3" when importer.seat in JP }"#;
    let (library, _) = Library::read([("n.law".to_owned(), law.to_owned())]);
    let found = routes(&library, &flow(FACTS), &options(), &wanted(3)).unwrap();
    assert!(found.routes.is_empty());
    let closed: Vec<&str> = found.closed_by.iter().map(|closed| closed.provision.as_str()).collect();
    assert_eq!(closed, ["all", "adequate"]);
}

#[test]
fn the_first_route_is_as_cheap_as_any_by_brute_force() {
    // Every set of the steps that any route uses, judged one by one.
    let library = toy();
    let facts = flow(FACTS);
    let found = routes(&library, &facts, &options(), &wanted(12)).unwrap();
    let best = found.routes.iter().filter(|route| route.rests == Rests::Safeguard).map(|route| route.cost).min().unwrap();
    assert_eq!(found.routes[0].cost, best);
    for route in &found.routes {
        let after = judge(&library, &apply(&facts, route), &options()).unwrap();
        assert_eq!(after.verdict(), Some(Verdict::Permitted));
    }
}

#[test]
fn what_a_route_leaves_is_lawful_under_every_instrument() {
    let library = library();
    let (mut repaired, mut hopeless) = (0, 0);
    for (number, instrument) in
        library.instruments.iter().filter(|instrument| matches!(instrument.kind, Kind::Law | Kind::Treaty)).enumerate()
    {
        let mut dice = Dice::new(number as u64 + 300);
        let lines = Lines::of(&library, instrument, date(2026, 11, 24));
        let days: Vec<_> = lines.days.iter().copied().filter(|day| instrument.in_force.is_none_or(|force| force.from <= *day)).collect();
        for _ in 0..150 {
            let day = if days.is_empty() { date(2026, 11, 24) } else { *dice.pick(&days) };
            let lines = Lines::of(&library, instrument, day);
            let flow = random_flow(&mut dice, &lines, instrument, day);
            let fixed = Options { readings: support::readings(&library, &lines).swap_remove(0), ..options() };
            let verdict = verdicts(&library, instrument, &flow, &fixed).0.decided().unwrap();
            let found = routes(&library, &flow, &fixed, &wanted(2)).unwrap();
            match verdict {
                Verdict::Incomplete => {
                    assert!(
                        !found.routes.is_empty() || !found.exact,
                        "no route under {} for\n{}",
                        instrument.id.text,
                        comity_flow::write(&flow)
                    );
                    for route in &found.routes {
                        let after = apply(&flow, route);
                        let now = verdicts(&library, instrument, &after, &fixed).0;
                        let steps: Vec<&str> = route.steps.iter().map(|step| step.path.as_str()).collect();
                        assert!(
                            now.decided().is_some_and(|verdict| verdict <= Verdict::Permitted),
                            "{now:?} after {steps:?} under {} for\n{}",
                            instrument.id.text,
                            comity_flow::write(&flow)
                        );
                        repaired += 1;
                    }
                }
                Verdict::Prohibited => {
                    assert!(
                        found.routes.is_empty(),
                        "a route for a prohibited flow under {}\n{}",
                        instrument.id.text,
                        comity_flow::write(&flow)
                    );
                    assert!(!found.closed_by.is_empty());
                    hopeless += 1;
                }
                Verdict::Unrestricted | Verdict::Permitted => assert!(found.routes[0].steps.is_empty()),
            }
        }
    }
    println!("{repaired} routes, {hopeless} flows without one");
    assert!(repaired > 50);
}
