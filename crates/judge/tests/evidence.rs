// SPDX-License-Identifier: Apache-2.0
//! The laws of evidence, on random flows under every instrument: requiring it never improves a verdict.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use comity_flow::{Declared, Flow, Format, read};
use comity_judge::lines::Lines;
use comity_judge::{Evidence, Judge, Judgment, Options, Shown, Verdict, judge};
use comity_law::Library;
use comity_law::ast::{Instrument, Kind};
use jiff::civil::{Date, date};
use support::{Dice, completions, forget, library, random_flow, readings};

const TODAY: Date = date(2026, 11, 24);

fn flows(usual: usize) -> usize {
    std::env::var("COMITY_FLOWS").ok().and_then(|number| number.parse().ok()).unwrap_or(usual)
}

fn laws(library: &Library) -> Vec<&Instrument> {
    library.instruments.iter().filter(|instrument| matches!(instrument.kind, Kind::Law | Kind::Treaty)).collect()
}

/// A flow near the lines of an instrument whose every fact is stated, and options that fix every reading.
fn stated(dice: &mut Dice, library: &Library, instrument: &Instrument) -> (Flow, Options, Lines) {
    let day = instrument.in_force.map_or(TODAY, |force| force.from.max(date(2024, 3, 1)));
    let lines = Lines::of(library, instrument, day);
    let mut flow = random_flow(dice, &lines, instrument, day);
    // Stated, and not drawn from a measure.
    flow.lines.insert("importer.reads_clear_text".to_owned(), 1);
    let fixed = readings(library, &lines).swap_remove(0);
    (flow, Options { readings: fixed, ..Options::today(TODAY) }, lines)
}

/// As [`stated`], a flow that is lawful by what it declares, if some throws give one.
fn telling(dice: &mut Dice, library: &Library, instrument: &Instrument) -> (Flow, Options, Lines) {
    let mut thrown = stated(dice, library, instrument);
    for _ in 0..15 {
        let found = judge(library, &thrown.0, &thrown.1).unwrap();
        let relies = found.findings.iter().any(|finding| !finding.relies_on.is_empty());
        if relies && found.possible.decided().is_some_and(|verdict| verdict <= Verdict::Permitted) {
            break;
        }
        thrown = stated(dice, library, instrument);
    }
    thrown
}

fn shown(of: &[Declared]) -> Shown {
    let mut shown = Shown::new(true);
    of.iter().for_each(|declared| shown.put(*declared, Evidence::Document, Vec::new()));
    shown
}

fn some(dice: &mut Dice, of: &[Declared], percent: usize) -> Vec<Declared> {
    of.iter().filter(|_| dice.chance(percent)).copied().collect()
}

/// The verdict by the words of the definition, from two judgments that know nothing of evidence.
fn defined(library: &Library, flow: &Flow, lacking: &[Declared], options: &Options) -> Verdict {
    let verdict = |flow: &Flow| judge(library, flow, options).unwrap().possible.decided().unwrap();
    verdict(flow).max(verdict(&flow.without(lacking)).min(Verdict::Incomplete))
}

fn range(judgment: &Judgment) -> (Verdict, Verdict) {
    (*judgment.possible.0.first().unwrap(), *judgment.possible.0.last().unwrap())
}

#[test]
fn requiring_evidence_never_improves_a_verdict_and_bringing_it_mends_it() {
    let library = library();
    let (mut judged, mut worse, mut mended) = (0, 0, 0);
    for (number, instrument) in laws(&library).into_iter().enumerate() {
        let mut dice = Dice::new(number as u64 + 7000);
        for _ in 0..flows(6) {
            let (flow, options, _) = telling(&mut dice, &library, instrument);
            let mut judge = Judge::new(&library, &options);
            let all = flow.declared();
            let plain = judge.judge_shown(&flow, &Shown::default(), false).unwrap();
            let seen = some(&mut dice, &all, 50);
            let fewer = some(&mut dice, &seen, 50);
            let lacking: Vec<Declared> = all.iter().filter(|declared| !seen.contains(declared)).copied().collect();
            let required = judge.judge_shown(&flow, &shown(&seen), false).unwrap();
            let why = || format!("under {} for\n{}", instrument.id.text, comity_flow::write(&flow));
            let of = |judgment: &Judgment| judgment.possible.decided().unwrap();
            assert!(of(&required) >= of(&plain), "evidence improved {}", why());
            assert_eq!(of(&required), defined(&library, &flow, &lacking, &options), "{}", why());
            let strict = judge.judge_shown(&flow, &shown(&fewer), false).unwrap();
            assert!(of(&strict) >= of(&required), "less evidence improved {}", why());
            // With all evidence the judgment is the one as declared, but for what it rests on.
            let mut whole = judge.judge_shown(&flow, &shown(&all), false).unwrap();
            whole.evidence.clone_from(&plain.evidence);
            whole.findings.iter_mut().for_each(|finding| finding.rests_on = vec!["declaration"]);
            assert_eq!(whole, plain, "{}", why());
            judged += 1;
            if of(&required) == of(&plain) {
                continue;
            }
            worse += 1;
            assert_eq!(of(&required), Verdict::Incomplete, "the lack of evidence only makes incomplete: {}", why());
            // Bringing the evidence that is named mends it.
            let steps: Vec<&String> =
                required.findings.iter().flat_map(|finding| &finding.missing).flat_map(|missing| &missing.steps).collect();
            let brought = all.iter().filter(|declared| seen.contains(declared) || steps.contains(&&declared.evidence_path()));
            let brought: Vec<Declared> = brought.copied().collect();
            assert!(brought.len() > seen.len(), "no evidence is named: {steps:?} {}", why());
            let after = judge.judge_shown(&flow, &shown(&brought), false).unwrap();
            assert!(of(&after) <= Verdict::Permitted, "{steps:?} did not mend it: {}", why());
            mended += 1;
        }
    }
    println!("{judged} flows, {worse} of them worse where evidence is required, {mended} mended");
    assert!(worse * 20 > judged, "evidence hardly ever matters: the generator is too tame");
}

#[test]
fn what_is_unknown_is_completed_with_evidence_required_too() {
    let library = library();
    let mut undetermined = 0;
    for (number, instrument) in laws(&library).into_iter().enumerate() {
        let mut dice = Dice::new(number as u64 + 9000);
        for _ in 0..flows(3) {
            let (mut flow, options, lines) = telling(&mut dice, &library, instrument);
            let seen = some(&mut dice, &flow.declared(), 40);
            let forgotten = forget(&mut dice, &lines, &mut flow, 2, 12);
            let mut judge = Judge::new(&library, &options);
            let found = judge.judge_shown(&flow, &shown(&seen), false).unwrap();
            let (low, high) = range(&judge.judge_shown(&flow, &Shown::default(), false).unwrap());
            assert!(range(&found).0 >= low && range(&found).1 >= high, "evidence improved {}", comity_flow::write(&flow));
            for completion in completions(&flow, &forgotten) {
                let verdict = judge.judge_shown(&completion, &shown(&seen), false).unwrap().possible.decided().unwrap();
                assert!(
                    found.possible.0.contains(&verdict),
                    "{verdict:?} is not among {:?}:\n{}",
                    found.possible,
                    comity_flow::write(&flow)
                );
            }
            undetermined += usize::from(found.possible.decided().is_none());
        }
    }
    assert!(undetermined >= 5, "hardly any flow is undetermined: {undetermined}");
}

const LAW: &str = r#"
instrument xx.act "Act" {
  kind law  cite "Act 1"  of FR  in force 2020-01-01
  applies here cite "s. 1" when exporter.seat in FR
  outside nobody cite "s. 1(2)" when safeguards.measures has anonymised
  restrict abroad cite "s. 2" when importer.seat outside FR
  permit terms by standard-clauses cite "s. 3" {
    needs contract eu.scc-2021
    needs safeguards.assessment cite "s. 3(2)"
  }
  permit badge by certification cite "s. 4" when importer.certified has dpf
}"#;

#[test]
fn what_something_else_may_carry_still_names_the_evidence_that_would_do() {
    // The importer's certificates are not stated: they may carry the flow, or not.
    let open = judged("[safeguards]\ncontracts = [\"eu.scc-2021/2\"]\n[safeguards.assessment]\nresult = \"equivalent\"", &[]);
    assert_eq!((open.word(), &open.findings[0].questions), ("undetermined", &vec!["importer.certified".to_owned()]));
    assert_eq!(open.findings[0].missing[0].steps, ["safeguards.contracts.ref+eu.scc-2021/2", "safeguards.assessment.ref"]);
}

fn judged(safeguards: &str, seen: &[&str]) -> Judgment {
    let (library, _) = Library::read([("xx/act.law".to_owned(), LAW.to_owned())]);
    let text = format!("on = 2024-03-01\n[exporter]\nseat = \"FR\"\n[importer]\nseat = \"US\"\n{safeguards}");
    let flow = read(&text, Format::Toml, &|_| Err(String::new())).unwrap();
    let mut evidence = Shown::new(true);
    for declared in flow.declared().into_iter().filter(|declared| seen.contains(&declared.path().as_str())) {
        evidence.put(declared, Evidence::Receipt, Vec::new());
    }
    Judge::new(&library, &Options::today(TODAY)).judge_shown(&flow, &evidence, true).unwrap()
}

#[test]
fn the_evidence_that_is_missing_is_named_and_no_more() {
    let both = "certified = []\n[safeguards]\ncontracts = [\"eu.scc-2021/2\"]\nmeasures = [\"access-control\"]\n[safeguards.assessment]\nresult = \"equivalent\"";
    let none = judged(both, &[]);
    assert_eq!(none.word(), "incomplete");
    let missing = &none.findings[0].missing;
    assert_eq!((missing.len(), missing[0].aim.as_str()), (1, "standard-clauses"));
    assert_eq!(missing[0].steps, ["safeguards.contracts.ref+eu.scc-2021/2", "safeguards.assessment.ref"]);
    assert_eq!((none.findings[0].mechanism.as_deref(), &none.findings[0].rests_on), (None, &vec!["declaration"]));
    let half = judged(both, &["safeguards.contracts+eu.scc-2021/2"]);
    assert_eq!((half.word(), &half.findings[0].missing[0].steps), ("incomplete", &vec!["safeguards.assessment.ref".to_owned()]));
    let all = judged(both, &["safeguards.contracts+eu.scc-2021/2", "safeguards.assessment"]);
    assert_eq!((all.word(), &all.findings[0].rests_on), ("permitted", &vec!["declaration", "receipt"]));
    let relied: Vec<String> = all.findings[0].relies_on.iter().map(Declared::path).collect();
    assert_eq!(relied, ["safeguards.contracts+eu.scc-2021/2", "safeguards.assessment"]);
}

#[test]
fn what_is_shown_carries_the_flow_and_what_is_only_declared_does_not() {
    let two = "certified = [\"dpf\"]\n[safeguards]\ncontracts = [\"eu.scc-2021/2\"]\n[safeguards.assessment]\nresult = \"equivalent\"";
    let found = judged(two, &["importer.certified+dpf"]);
    assert_eq!((found.word(), found.findings[0].mechanism.as_deref()), ("permitted", Some("certification")));
    // A contract that is signed and not shown, and an assessment that is not made: both are asked for.
    let signed = judged("certified = []\n[safeguards]\ncontracts = [\"eu.scc-2021/2\"]", &[]);
    let steps: Vec<&Vec<String>> = signed.findings[0].missing.iter().map(|missing| &missing.steps).collect();
    assert!(steps.iter().any(|steps| steps.contains(&"safeguards.contracts.ref+eu.scc-2021/2".to_owned())), "{steps:?}");
    assert!(steps.iter().any(|steps| steps.contains(&"safeguards.assessment".to_owned())), "{steps:?}");
    // What takes the flow out of scope must be shown too; then the act speaks after all.
    let anonymous = judged("certified = []\n[safeguards]\nmeasures = [\"anonymised\"]", &[]);
    assert_eq!(anonymous.word(), "incomplete");
    assert_eq!(anonymous.findings[0].missing[0].steps, ["safeguards.measures.ref+anonymised"]);
    assert!(anonymous.not_applicable.is_empty());
    assert_eq!(
        judged("certified = []\n[safeguards]\nmeasures = [\"anonymised\"]", &["safeguards.measures+anonymised"]).word(),
        "unrestricted"
    );
}
