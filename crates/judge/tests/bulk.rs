// SPDX-License-Identifier: Apache-2.0
//! Judging many flows at once answers what judging each by itself answers.
//!
//! `COMITY_FLOWS` sets how many random flows each instrument gets; `.ci/soak` sets it high.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod support;

use comity_flow::{Flow, Format, Value, read, write};
use comity_judge::bulk::Bulk;
use comity_judge::lines::Lines;
use comity_judge::{Options, Truth, Verdict, judge, verdicts};
use comity_law::Library;
use comity_terms::{Bits, Scheme, vocabulary};
use jiff::civil::{Date, date};
use support::{Dice, consistent, forget, library, random_flow};

const TODAY: Date = date(2026, 11, 24);

/// Random flows near the lines of every instrument, some facts of most of them unknown.
fn random(library: &Library, each: usize) -> Vec<Flow> {
    let mut flows = Vec::new();
    let ready = Bulk::new(library, &Options::today(TODAY)).unwrap();
    for (number, instrument) in ready.instruments().iter().enumerate() {
        let mut dice = Dice::new(number as u64 + 900);
        for _ in 0..each {
            let from = instrument.in_force.map_or(TODAY, |force| force.from);
            let days: Vec<Date> =
                Lines::of(library, instrument, TODAY).days.into_iter().filter(|day| *day >= from).chain([TODAY]).collect();
            let day = *dice.pick(&days);
            let lines = Lines::of(library, instrument, day);
            let mut flow = random_flow(&mut dice, &lines, instrument, day);
            flow.under.clear();
            let unknown = dice.below(6);
            forget(&mut dice, &lines, &mut flow, unknown, 4_096);
            flows.push(flow);
        }
    }
    flows
}

/// The flows of the casebook, later recipients and all.
fn casebook() -> Vec<Flow> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../casebook");
    let files = ["probes", "decided"].iter().flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap());
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| read(&std::fs::read_to_string(path).unwrap(), Format::Toml, &|_| Err(String::new())).unwrap())
        .collect()
}

fn same(library: &Library, flows: &[Flow], options: &Options, whole: bool) -> (usize, usize) {
    let mut bulk = Bulk::new(library, options).unwrap();
    let table = bulk.judge(flows);
    let mut undetermined = 0;
    for (position, flow) in flows.iter().enumerate() {
        for (cell, instrument) in table.cells(position).iter().zip(bulk.instruments()) {
            let (possible, exact) = verdicts(library, instrument, flow, options);
            assert_eq!(cell.possible(), possible, "under {} for\n{}", instrument.id.text, write(flow));
            assert_eq!(cell.exact(), exact, "under {} for\n{}", instrument.id.text, write(flow));
            undetermined += usize::from(possible.decided().is_none());
        }
        if whole {
            let judgment = judge(library, flow, options).unwrap();
            assert_eq!(table.answers[position].word(), judgment.word(), "for\n{}", write(flow));
            assert_eq!(table.answers[position].exact, judgment.exact, "for\n{}", write(flow));
            for finding in judgment.findings.iter().filter(|finding| finding.leg == "exporter>importer") {
                let column = bulk.instruments().iter().position(|instrument| instrument.id.text == finding.instrument);
                if let Some(cell) = column.and_then(|column| table.cells(position).get(column)) {
                    assert!(cell.governs());
                    let mechanism = cell.mechanism().map(|mechanism| vocabulary().id(mechanism).to_owned());
                    assert_eq!(mechanism, finding.mechanism, "under {} for\n{}", finding.instrument, write(flow));
                }
            }
        }
    }
    // Judged again, from what was learnt, the answers are the same.
    let searched = bulk.searched();
    let rows = bulk.rows(flows);
    assert_eq!(bulk.table(&rows).answers, table.answers);
    let kept = flows.iter().all(|flow| flow.under.is_empty() && consistent(&flow.facts));
    assert!(!kept || bulk.searched() == searched, "what was learnt is asked again");
    // Without a search, what is said is right.
    let mut open = 0;
    for ((flow, truth), answer) in flows.iter().zip(bulk.lawful(&rows)).zip(&table.answers) {
        if !consistent(&flow.facts) {
            continue;
        }
        let possible = answer.possible().0;
        let lawful = possible.iter().filter(|verdict| **verdict <= Verdict::Permitted).count();
        match truth {
            Truth::True => assert_eq!(lawful, possible.len(), "for\n{}", write(flow)),
            Truth::False => assert_eq!(lawful, 0, "for\n{}", write(flow)),
            Truth::Open => open += 1,
        }
    }
    println!("{open} of {} left open without a search", flows.len());
    let before = bulk.searched();
    for ((flow, settled), answer) in flows.iter().zip(bulk.settled(&rows)).zip(&table.answers) {
        if let Some(verdict) = settled.filter(|_| consistent(&flow.facts)) {
            assert_eq!(Some(verdict), answer.verdict(), "for\n{}", write(flow));
            assert!(verdict <= Verdict::Permitted);
        }
    }
    assert_eq!(bulk.searched(), before);
    (undetermined, bulk.searched())
}

#[test]
fn many_at_once_is_each_by_itself() {
    let library = library();
    let each = std::env::var("COMITY_FLOWS").ok().and_then(|number| number.parse().ok()).unwrap_or(3);
    let flows = random(&library, each);
    let (undetermined, searched) = same(&library, &flows, &Options::today(TODAY), false);
    println!("{} flows, {undetermined} answers undetermined, {searched} searched", flows.len());
    assert!(undetermined > flows.len() / 20, "hardly anything is undetermined: the flows are too tame");
}

#[test]
fn the_casebook_at_once_is_each_by_itself() {
    let library = library();
    let flows = casebook();
    assert!(flows.iter().any(|flow| !flow.onward.is_empty()), "no later recipient among the flows");
    same(&library, &flows, &Options::today(TODAY), true);
    // Under all instruments, on one day, and with an earlier knowledge.
    let open: Vec<Flow> = flows.iter().map(|flow| Flow { under: Vec::new(), ..flow.clone() }).collect();
    let options = Options { on: Some(date(2024, 3, 1)), known_on: Some(date(2024, 3, 1)), ..Options::today(TODAY) };
    same(&library, &open, &options, true);
}

#[test]
fn what_is_learnt_of_a_contradiction_stays_with_it() {
    let library = library();
    let words = vocabulary();
    let [count, in_a_year] = ["subjects.count", "subjects.count_12_months"].map(|path| words.key(path).unwrap());
    // Each flow as it is, and as one that no reader would let through: the facts that most laws look at are the same.
    let flows: Vec<Flow> = casebook()
        .into_iter()
        .take(60)
        .flat_map(|flow| {
            let mut other = Flow { under: Vec::new(), ..flow };
            other.facts.remove(&in_a_year);
            other.facts.insert(count, Value::Count(5_000));
            let one = other.clone();
            other.facts.insert(in_a_year, Value::Count(10));
            [other, one]
        })
        .collect();
    let options = Options { on: Some(TODAY), ..Options::today(TODAY) };
    same(&library, &flows, &options, true);
}

#[test]
fn rows_stay_right_when_other_days_come() {
    let library = library();
    let flows: Vec<Flow> = casebook().into_iter().take(20).collect();
    let (early, late) = flows.split_at(10);
    let mut bulk = Bulk::new(&library, &Options::today(TODAY)).unwrap();
    let rows = bulk.rows(early);
    let before = bulk.table(&rows).answers;
    let _ = bulk.judge(late);
    assert_eq!(bulk.table(&rows).answers, before);
}

#[test]
fn more_flows_than_a_block_keep_their_places() {
    let law = r#"
instrument xx.act "Act" {
  kind law  cite "Act 1"  of FR  in force 2020-01-01
  applies here cite "s. 1" when exporter.seat in FR
  restrict abroad cite "s. 2" when importer.seat outside FR
  permit neighbours by adequacy cite "s. 3" when importer.seat in { DE, IT, ES }
  permit terms by standard-clauses cite "s. 4" needs contract eu.scc-2021
}"#;
    let (library, problems) = Library::read([("xx/act.law".to_owned(), law.to_owned())]);
    assert!(problems.is_empty());
    let words = vocabulary();
    let places: Vec<u16> = words.all(Scheme::Place).iter().collect();
    let flows: Vec<Flow> = (0..1_000)
        .map(|number| {
            let mut flow = Flow { id: number.to_string(), on: Some(TODAY), ..Flow::default() };
            let home = words.find(Scheme::Place, if number % 7 == 0 { "BR" } else { "FR" }).unwrap();
            flow.facts.insert(words.key("exporter.seat").unwrap(), Value::One(home));
            if number % 5 != 0 {
                let place = words.term_at(Scheme::Place, places[number % places.len()]).unwrap();
                flow.facts.insert(words.key("importer.seat").unwrap(), Value::One(place));
            }
            flow.facts.insert(words.key("safeguards.contracts").unwrap(), Value::Many(Bits::EMPTY));
            flow
        })
        .collect();
    let options = Options::today(TODAY);
    let mut bulk = Bulk::new(&library, &options).unwrap();
    let table = bulk.judge(&flows);
    let mut words_seen = std::collections::BTreeSet::new();
    for (position, flow) in flows.iter().enumerate() {
        let judgment = judge(&library, flow, &options).unwrap();
        assert_eq!(table.answers[position].word(), judgment.word(), "flow {position}");
        assert_eq!(table.answers[position].possible(), judgment.possible, "flow {position}");
        words_seen.insert(judgment.word());
    }
    assert!(words_seen.len() >= 3, "the flows are too much alike: {words_seen:?}");
    assert!(bulk.searched() < 10, "equal facts are searched for again");
}

/// An instrument of many rules, each for one origin, destination and purpose.
fn wide_law(rules: usize, dice: &mut Dice, places: &[&str], purposes: &[&str]) -> String {
    let mut text = String::from(
        "instrument xx.wide \"Wide\" {\n  kind law cite \"W\" of FR in force 2020-01-01\n  applies here cite \"0\" when exporter.seat in { FR, DE }\n  \
         restrict all cite \"0\" when always\n  permit safe by adequacy cite \"1\" when importer.seat in { BR }\n  \
         forbid special cite \"2\" when data.categories meets health unless measure encryption-in-transit\n",
    );
    for number in 0..rules {
        let mechanism = *dice.pick::<&str>(&["standard-clauses", "explicit-consent", "transit"]);
        let (origin, place, purpose) = (*dice.pick::<&str>(&["FR", "DE"]), *dice.pick(places), *dice.pick(purposes));
        let origin = format!(" when exporter.seat is {origin}");
        let rest = match number % 5 {
            0 => " needs contract eu.scc-2021",
            1 => " unless route.direct_from_subject",
            // No conjunction of tests.
            2 => " when route.direct_from_subject or data.categories meets health",
            _ => "",
        };
        text.push_str(&format!(
            "  permit r{number} by {mechanism} cite \"{number}\"{origin} when importer.seat is {place} when purpose.of has {purpose}{rest}\n"
        ));
    }
    text + "}\n"
}

#[test]
fn a_rule_among_many_is_looked_up() {
    let words = vocabulary();
    let mut dice = Dice::new(31);
    let all = words.entries(Scheme::Place).iter().map(|entry| entry.id.as_str());
    let places: Vec<&str> = all.filter(|id| id.len() == 2 && !["EU", "FR", "DE", "BR"].contains(id)).take(80).collect();
    let purposes = ["advertising", "hosting", "recruitment", "fraud-prevention", "travel", "testing"];
    let law = wide_law(700, &mut dice, &places, &purposes);
    let (library, problems) = Library::read([("xx/wide.law".to_owned(), law)]);
    assert!(problems.is_empty(), "{problems:?}");
    let options = Options::today(TODAY);
    let find = |scheme, id: &str| words.find(scheme, id).unwrap();
    let flows: Vec<Flow> = (0..400)
        .map(|number| {
            let mut flow = Flow { id: number.to_string(), on: Some(TODAY), ..Flow::default() };
            let one = |set: &[&str], dice: &mut Dice, scheme| find(scheme, dice.pick::<&str>(set));
            let mut facts = vec![
                ("exporter.seat", Value::One(one(&["FR", "DE", "ES"], &mut dice, Scheme::Place))),
                ("importer.seat", Value::One(one(&places, &mut dice, Scheme::Place))),
                ("purpose.of", Value::Many((0..1 + dice.below(2)).map(|_| one(&purposes, &mut dice, Scheme::Purpose).index()).collect())),
                ("route.direct_from_subject", Value::Flag(dice.chance(30))),
                ("data.categories", Value::Many(Bits::single(one(&["health", "contact"], &mut dice, Scheme::Category).index()))),
                ("safeguards.measures", Value::Many(Bits::single(find(Scheme::Measure, "encryption-in-transit").index()))),
                ("safeguards.contracts", Value::Many(Bits::EMPTY)),
                ("safeguards.consent", Value::Flag(false)),
            ];
            // Two flows in three are complete.
            if number % 3 == 0 {
                facts.remove(dice.below(6));
            }
            flow.facts = facts.into_iter().map(|(path, value)| (words.key(path).unwrap(), value)).collect();
            flow
        })
        .collect();
    same(&library, &flows, &options, true);
    let mut bulk = Bulk::new(&library, &options).unwrap();
    let rows = bulk.rows(&flows);
    let lawful = bulk.lawful(&rows);
    for truth in [Truth::True, Truth::False, Truth::Open] {
        assert!(lawful.iter().filter(|known| **known == truth).count() > 10, "hardly any flow is {truth:?}");
    }
    let settled = bulk.settled(&rows);
    for verdict in [Some(Verdict::Permitted), None] {
        assert!(settled.iter().filter(|known| **known == verdict).count() > 3, "hardly any flow is settled as {verdict:?}");
    }
    assert_eq!(bulk.searched(), 0);
}
