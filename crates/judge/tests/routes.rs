// SPDX-License-Identifier: Apache-2.0
//! Routes: what they leave is lawful, none of their steps can be left out, and the cheapest comes first.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use comity_flow::{Flow, Format, read};
use comity_judge::cost::Costs;
use comity_judge::lines::Lines;
use comity_judge::route::{Importer, Rests, RouteOptions, apply, routes, routes_among};
use comity_judge::{Options, Verdict, judge, verdicts};
use comity_law::Library;
use comity_law::ast::Kind;
use comity_terms::{Bits, Scheme, vocabulary};
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

#[test]
fn another_importer_is_a_step_with_a_cost() {
    let library = toy();
    let own = flow(&FACTS.replace("CN", "FR"));
    let other = |name: &str, text: &str| Importer { name: name.to_owned(), flow: flow(text) };
    let others = [
        other("Home", "[importer]\nseat = \"FR\""),
        other("Far", "[importer]\nseat = \"JP\"\ngroup = false\n[safeguards]\nnotices = [\"subjects-informed\"]"),
    ];
    let costs = |importer: u32| {
        let mut costs = Costs::default();
        costs.add(&format!("step,hours,days,money,note\nimporter,0,3,{importer},\n")).unwrap();
        RouteOptions { limit: 9, costs, ..RouteOptions::default() }
    };
    let cheap = routes_among(&library, &own, &options(), &costs(1), &others).unwrap();
    let first = &cheap.routes[0];
    assert_eq!(first.steps.iter().map(|step| step.path.as_str()).collect::<Vec<_>>(), ["importer+Home"]);
    assert!(cheap.routes.iter().any(|route| route.steps[0].path == "importer+Far"));
    assert!(cheap.routes.windows(2).all(|pair| (pair[0].rests, pair[0].cost) <= (pair[1].rests, pair[1].cost)));
    for route in &cheap.routes {
        let left = apply(&own, route);
        let found = judge(&library, &left, &options()).unwrap();
        assert!(found.possible.0.iter().all(|verdict| *verdict <= Verdict::Permitted), "{}", comity_flow::write(&left));
    }
    let dear = routes_among(&library, &own, &options(), &costs(1_000_000), &others).unwrap();
    assert!(!dear.routes[0].steps.iter().any(|step| step.path.starts_with("importer+")));
}

#[test]
fn what_was_signed_with_the_old_importer_does_not_count_for_another() {
    let signed = FACTS.replace("CN", "FR")
        + "[safeguards]\ncontracts = [\"eu.scc-2021/2\"]\nnotices = [\"subjects-informed\"]\n[safeguards.assessment]\nkind = \"transfer-impact\"\nresult = \"equivalent\"\n";
    let own = flow(&signed);
    let library = toy();
    assert_eq!(judge(&library, &own, &options()).unwrap().verdict(), Some(Verdict::Permitted));
    assert!(routes(&library, &own, &options(), &wanted(1)).unwrap().routes[0].steps.is_empty());
    // Told that the own importer cannot be used any more, by a place that is forbidden.
    let barred = flow(&signed.replace("storage = [\"FR\"]", "storage = [\"CN\"]"));
    let other = Importer { name: "Far".to_owned(), flow: flow("[importer]\nseat = \"JP\"\ngroup = false\n[route]\nstorage = [\"JP\"]") };
    let found = routes_among(&library, &barred, &options(), &wanted(20), &[other]).unwrap();
    let with = found.routes.iter().find(|route| route.steps[0].path == "importer+Far").expect("it is a way");
    let steps: Vec<&str> = with.steps.iter().map(|step| step.path.as_str()).collect();
    assert!(
        steps.iter().any(|step| step.starts_with("safeguards.contracts+")) && steps.contains(&"safeguards.notices+subjects-informed"),
        "{steps:?}"
    );
}

#[test]
fn what_costs_less_is_named_with_what_it_leaves() {
    let law = r#"
instrument xx.one "One" { kind law cite "O" of FR in force 2020-01-01
  applies here cite "1" when exporter.seat in FR
  restrict abroad cite "2" when importer.seat outside FR
  permit clauses by standard-clauses cite "3" needs contract eu.scc-2021/2
  permit consent by explicit-consent cite "4" needs safeguards.consent }
instrument xx.two "Two" { kind law cite "T" of FR in force 2020-01-01
  applies here cite "1" when exporter.seat in FR
  restrict abroad cite "2" when importer.seat outside FR
  permit rules by bcr cite "3" needs certificate bcr-controller
  permit consent by explicit-consent cite "4" needs safeguards.consent }"#;
    let (library, diagnostics) = Library::read([("t.law".to_owned(), law.to_owned())]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let own = flow("on = 2024-03-01\n[exporter]\nseat = \"FR\"\n[importer]\nseat = \"US\"\ncertified = []\n[safeguards]\ncontracts = []");
    let found = routes(&library, &own, &options(), &RouteOptions { limit: 1, cheaper: true, ..RouteOptions::default() }).unwrap();
    assert_eq!(found.routes[0].rests, Rests::Safeguard);
    // Clauses are part of the best route already; consent would do for both, and comes after every safeguard.
    let [cheaper] = found.cheaper.as_slice() else { panic!("{:?}", found.cheaper) };
    assert_eq!((cheaper.instrument.as_str(), cheaper.steps.as_slice()), ("xx.two", ["safeguards.consent".to_owned()].as_slice()));
    assert!(cheaper.fails.is_empty());
    // Where consent is no way under the first, it leaves that one.
    let law = law.replacen(
        "permit consent by explicit-consent cite \"4\" needs safeguards.consent",
        "oblige nothing cite \"4\" needs importer.group",
        1,
    );
    let (library, diagnostics) = Library::read([("t.law".to_owned(), law)]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let found = routes(&library, &own, &options(), &RouteOptions { limit: 1, cheaper: true, ..RouteOptions::default() }).unwrap();
    assert_eq!(found.cheaper[0].fails.iter().map(|closed| closed.instrument.as_str()).collect::<Vec<_>>(), ["xx.one"]);
    assert!(found.cheaper[0].cost < found.routes[0].cost);
}

#[test]
fn a_category_that_is_not_needed_may_be_left_out() {
    let law = r#"
instrument xx.health "Health" { kind law cite "H" of FR in force 2020-01-01
  applies here cite "1" when exporter.seat in FR
  restrict health cite "2" when data.categories has health
  permit clauses by standard-clauses cite "3" needs certificate bcr-controller }"#;
    let (library, diagnostics) = Library::read([("h.law".to_owned(), law.to_owned())]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    let own =
        flow("on = 2024-03-01\n[exporter]\nseat = \"FR\"\n[importer]\ncertified = []\n[data]\ncategories = [\"health\", \"contact\"]");
    let words = vocabulary();
    let droppable: Bits = words.below(words.find(Scheme::Category, "health").unwrap());
    let found = routes(&library, &own, &options(), &RouteOptions { limit: 2, droppable, ..RouteOptions::default() }).unwrap();
    assert_eq!(found.routes[0].steps.len(), 1);
    assert!(found.routes[0].steps[0].path.starts_with("data.categories"), "{:?}", found.routes[0].steps);
    assert_eq!(judge(&library, &apply(&own, &found.routes[0]), &options()).unwrap().verdict(), Some(Verdict::Unrestricted));
    let without = routes(&library, &own, &options(), &wanted(2)).unwrap();
    assert_eq!(without.routes[0].steps[0].path, "importer.certified+bcr-controller");
}
