// SPDX-License-Identifier: Apache-2.0
//! The semantics that may not bend, one test each, on small fictitious laws.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use comity_flow::{Flow, Format, read};
use comity_judge::{Judgment, Options, State, Truth, judge};
use comity_law::Library;
use jiff::civil::date;

fn library(laws: &str) -> Library {
    let (library, diagnostics) = Library::read([("test.law".to_owned(), laws.to_owned())]);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    library
}

fn flow(text: &str) -> Flow {
    read(text, Format::Toml, &|_| Err("no profile".to_owned())).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn judged(laws: &str, text: &str) -> Judgment {
    judge(&library(laws), &flow(text), &Options::today(date(2026, 11, 24))).unwrap()
}

/// Permit where the destination is adequate, or under assessed clauses; block special categories that are not encrypted.
///
/// On a flow to an adequate place that leaves the categories out, Cedar 4.12 answers *allow* (the policy that forbids
/// errors on the missing attribute, is skipped, and a diagnostic says so), and Rego (rego-cpp 1.5.2) answers *allow*
/// (an undefined denial is no denial). Both were measured; `docs/explanation/semantics.md` says how.
const TOY: &str = r#"
instrument xx.toy "Toy law" {
  kind law  cite "Toy"  of FR  in force 2020-01-01
  applies here cite "1" when exporter.seat in FR
  restrict transfer cite "2" when importer.seat outside FR
  permit adequate by adequacy cite "3" when importer.seat in { JP }
  permit clauses by standard-clauses cite "4" needs contract eu.scc-2021 needs safeguards.assessment.result is equivalent
  forbid special cite "5" when data.categories meets { health } unless measure encryption-in-transit
}"#;

#[test]
fn a_missing_fact_is_a_question_and_never_an_answer() {
    let facts = "on = 2024-03-01\n[exporter]\nseat = \"FR\"\n[importer]\nseat = \"JP\"\n";
    let judgment = judged(TOY, facts);
    assert_eq!(judgment.word(), "undetermined");
    assert_eq!(judgment.possible.words(), ["permitted", "incomplete"]);
    assert_eq!(judgment.findings[0].questions, ["data.categories"]);

    let with = |categories: &str| judged(TOY, &format!("{facts}[data]\ncategories = [{categories}]")).word();
    assert_eq!(with("\"health\""), "incomplete");
    assert_eq!(with("\"contact\""), "permitted");
    let encrypted = format!("{facts}[safeguards]\nmeasures = [\"encryption-in-transit\"]");
    assert_eq!(judged(TOY, &encrypted).word(), "permitted", "with the measure the categories cannot matter");
}

#[test]
fn what_is_decided_needs_no_further_facts() {
    // Two thirds of the facts are missing; none of them can change the answer.
    let judgment = judged(TOY, "on = 2024-03-01\n[exporter]\nseat = \"FR\"\n[importer]\nseat = \"FR\"\n[data]\ncategories = []");
    assert_eq!(judgment.word(), "unrestricted");
}

#[test]
fn one_finding_per_instrument_and_no_vote() {
    let laws = format!(
        "{TOY}\n{}",
        r#"
instrument xx.other "Other law" {
  kind law  cite "Other"  of JP  in force 2020-01-01
  applies incoming cite "1" when importer.seat in JP
  restrict all cite "2" when always
  permit consent by explicit-consent cite "3" needs safeguards.consent.explicit
}"#
    );
    let facts = "on = 2024-03-01\n[exporter]\nseat = \"FR\"\n[importer]\nseat = \"JP\"\n[data]\ncategories = [\"contact\"]";
    let judgment = judged(&laws, facts);
    let words: Vec<(&str, &str)> = judgment.findings.iter().map(|finding| (finding.instrument.as_str(), finding.possible.word())).collect();
    assert_eq!(words, [("xx.other", "incomplete"), ("xx.toy", "permitted")]);
    assert_eq!(judgment.word(), "incomplete", "the worst finding is the judgment");
}

#[test]
fn facts_that_help_here_and_harm_there_are_completed_together() {
    let law = |id: &str, condition: &str| {
        format!(
            "instrument {id} \"Law\" {{ kind law cite \"Law\" of FR in force 2020-01-01 applies here cite \"1\" when always \
             restrict all cite \"2\" when always permit p by adequacy cite \"3\" when {condition} \
             permit consent by explicit-consent cite \"4\" needs safeguards.consent }}\n"
        )
    };
    let laws = law("xx.a", "exporter.public_body") + &law("xx.b", "not exporter.public_body");
    let judgment = judged(&laws, "on = 2024-03-01\n[exporter]\nseat = \"FR\"\n");
    let apart: Vec<&str> = judgment.findings.iter().map(|finding| finding.possible.word()).collect();
    assert_eq!(apart, ["undetermined", "undetermined"]);
    assert_eq!(judgment.possible.words(), ["incomplete"], "whatever the fact is, one of the two laws is not met");
    assert!(judgment.exact);
}

#[test]
fn a_place_without_an_instrument_keeps_the_judgment_open() {
    let facts =
        "on = 2024-03-01\n[exporter]\nseat = \"FR\"\ntargets = [\"KE\"]\n[importer]\nseat = \"JP\"\n[data]\ncategories = [\"contact\"]";
    let judgment = judged(TOY, facts);
    assert_eq!((judgment.word(), judgment.uncovered.as_slice()), ("undetermined", ["KE".to_owned()].as_slice()));
    assert_eq!(judgment.exit_status(), 11);
    let limited = judged(TOY, &format!("under = [\"xx.toy\"]\n{facts}"));
    assert_eq!(limited.word(), "permitted", "`under` speaks of those instruments only");
    let failing = judged(TOY, &facts.replace("JP", "US"));
    assert_eq!(failing.word(), "incomplete", "what one law forbids, no other can allow");
}

const TIMES: &str = r#"
instrument xx.time "Times" {
  kind law  cite "T"  of FR  in force 2020-01-01
  applies here cite "1" when always
  restrict all cite "2" when always
  permit old by adequacy cite "3" in force 2020-01-01 until 2024-01-01 when always
  permit new by adequacy cite "4" in force 2024-06-01 published 2024-03-01 when always
  permit consent by explicit-consent cite "5" needs safeguards.consent
}"#;

#[test]
fn provisions_have_days_and_no_now() {
    let on = |day: &str| judged(TIMES, &format!("on = {day}\n[exporter]\nseat = \"FR\"")).word();
    assert_eq!(on("2019-12-31"), "unrestricted", "before the instrument");
    assert_eq!(on("2023-12-31"), "permitted");
    assert_eq!(on("2024-01-01"), "incomplete", "`until` is the first day without");
    assert_eq!(on("2024-06-01"), "permitted");
}

#[test]
fn knowledge_has_a_day_of_its_own() {
    let table = "by,of,kind,scope,cite,from,until,published,end_published,status,note\n\
                 FR,US,adequacy,,Decision 1,2016-01-01,2020-07-16,,2020-07-16,verified,struck down\n";
    let law = r#"instrument xx.k "K" { kind law cite "K" of FR in force 2010-01-01
      applies here cite "1" when always  restrict all cite "2" when always
      permit decision by adequacy cite "3" when FR recognizes importer
      permit consent by explicit-consent cite "4" needs safeguards.consent }"#;
    let (library, diagnostics) = Library::read([("k.law".to_owned(), law.to_owned()), ("recognitions.csv".to_owned(), table.to_owned())]);
    assert!(diagnostics.is_empty());
    let flow = flow("on = 2020-08-01\n[exporter]\nseat = \"FR\"\n[importer]\nseat = \"US\"");
    let known = |day| judge(&library, &flow, &Options { known_on: Some(day), ..Options::today(date(2026, 11, 24)) }).unwrap();
    assert_eq!(known(date(2020, 7, 15)).word(), "permitted", "nobody could know of the judgment yet");
    assert_eq!(known(date(2020, 7, 16)).word(), "incomplete");
    let finding = &known(date(2020, 7, 15)).findings[0];
    assert_eq!(finding.cites, ["3", "Decision 1"], "the row that carries the flow is cited");
}

#[test]
fn exceptions_have_exceptions() {
    let law = r#"instrument xx.e "E" { kind law cite "E" of FR in force 2020-01-01
      applies here cite "1" when always
      restrict all cite "2" when always
      exception small to all cite "3" when subjects.count < 100
      exception sensitive to small cite "4" when data.categories has health
      exception consented to sensitive cite "5" when safeguards.consent
      permit never by adequacy cite "6" when never }"#;
    let judge = |count: u32, categories: &str, rest: &str| {
        judged(
            law,
            &format!(
                "on = 2024-01-01\n[exporter]\nseat = \"FR\"\n[data]\ncategories = [{categories}]\n[subjects]\ncount = {count}\n{rest}"
            ),
        )
        .word()
    };
    assert_eq!(judge(100, "", ""), "prohibited");
    assert_eq!(judge(99, "", ""), "unrestricted");
    assert_eq!(judge(99, "\"health\"", ""), "incomplete", "consent would revive the exception");
    assert_eq!(judge(99, "\"health\"", "[safeguards.consent]\nexplicit = true"), "unrestricted");
}

#[test]
fn satisfied_and_open_are_different_demands() {
    let law = |state: &str| {
        format!(
            "instrument xx.s \"S\" {{ kind law cite \"S\" of FR in force 2020-01-01 applies here cite \"1\" when always \
             restrict all cite \"2\" when always permit clauses by standard-clauses cite \"3\" needs contract eu.scc-2021 \
             permit last by compelling-legitimate-interest cite \"4\" when none of (clauses) is {state} }}"
        )
    };
    let facts = "on = 2024-01-01\n[exporter]\nseat = \"FR\"";
    assert_eq!(judged(&law("satisfied"), facts).word(), "permitted", "no clauses are signed");
    let open = judged(&law("open"), facts);
    assert_eq!(open.word(), "incomplete", "clauses could be signed, so the last resort is closed");
    let last = open.findings[0].mechanisms.iter().find(|mechanism| mechanism.provision == "last").unwrap();
    assert_eq!(last.state, State::Closed);
}

#[test]
fn competing_readings_are_completed_like_facts() {
    let law = r#"instrument xx.r "R" { kind law cite "R" of FR in force 2020-01-01
      reading reach "Does it reach that far?" { option far "Yes" cite "A"  option near "No" cite "B" }
      applies here cite "1" when always
      restrict all cite "2" when reading reach is far
      permit never by adequacy cite "3" when never }"#;
    let facts = "on = 2024-01-01\n[exporter]\nseat = \"FR\"";
    let open = judged(law, facts);
    assert_eq!((open.word(), open.findings[0].questions.as_slice()), ("undetermined", ["reading:reach".to_owned()].as_slice()));
    let fixed = Options { readings: vec![("xx.r".into(), "reach".into(), "near".into())], ..Options::today(date(2026, 11, 24)) };
    let judgment = judge(&library(law), &flow(facts), &fixed).unwrap();
    assert_eq!((judgment.word(), judgment.findings[0].readings.as_slice()), ("unrestricted", ["xx.r/reach=near".to_owned()].as_slice()));
}

#[test]
fn an_order_against_a_prohibition_is_a_collision() {
    let laws = r#"
      instrument xx.block "Block" { kind law cite "B" of CN in force 2020-01-01
        applies here cite "1" when exporter.seat is CN
        forbid foreign-courts cite "41" when purpose.request_of_foreign_authority }
      instrument yy.order "Order" { kind law cite "O" of US in force 2020-01-01
        applies here cite "1" when importer.seat is US
        oblige disclosure cite "2703" when purpose.compelled_by has US }"#;
    let text = "on = 2024-01-01\n[exporter]\nseat = \"CN\"\n[importer]\nseat = \"US\"\n[purpose]\nrequest_of_foreign_authority = true\ncompelled_by = [\"US\"]";
    let judgment = judged(laws, text);
    assert_eq!(judgment.word(), "prohibited");
    let pairs: Vec<(&str, &str)> =
        judgment.collisions.iter().map(|collision| (collision.obliged_by.as_str(), collision.forbidden_by.as_str())).collect();
    assert_eq!(pairs, [("US (declared in purpose.compelled_by)", "xx.block 41"), ("yy.order 2703", "xx.block 41")]);
}

#[test]
fn each_later_recipient_is_a_leg() {
    let law = r#"instrument xx.o "O" { kind law cite "O" of FR in force 2020-01-01
      applies here cite "1" when exporter.seat is FR
      onward further cite "2" when always
      restrict abroad cite "3" when importer.seat outside FR
      permit clauses by standard-clauses cite "4" needs contract eu.scc-2021 }"#;
    let text = "on = 2024-01-01\n[exporter]\nseat = \"FR\"\n[importer]\nseat = \"US\"\n[safeguards]\ncontracts = [\"eu.scc-2021\"]\n\
                [[onward]]\nname = \"Helper\"\nfrom = \"importer\"\nseat = \"IN\"\n[[onward]]\nname = \"Store\"\nfrom = \"Helper\"\nseat = \"FR\"";
    let judgment = judged(law, text);
    let legs: Vec<(&str, &str)> = judgment.findings.iter().map(|finding| (finding.leg.as_str(), finding.possible.word())).collect();
    assert_eq!(legs, [("exporter>importer", "permitted"), ("importer>Helper", "incomplete"), ("Helper>Store", "unrestricted")]);
    assert_eq!(judgment.findings[1].missing[0].steps, ["onward.contracts+eu.scc-2021"]);
}

#[test]
fn a_filing_that_must_rest_wants_time_or_the_filing() {
    let law = r#"instrument xx.f "F" { kind law cite "F" of RU in force 2020-01-01
      applies here cite "1" when always
      restrict all cite "2" when always
      permit waited by notification cite "3" needs filing ru.transfer-notice for at least 10 working days }"#;
    let with = |filings: &str| judged(law, &format!("on = 2024-03-15\n[exporter]\nseat = \"RU\"\n[safeguards]\nfilings = [{filings}]"));
    assert_eq!(with("{ id = \"ru.transfer-notice\", on = 2024-03-01 }").word(), "permitted");
    let fresh = with("{ id = \"ru.transfer-notice\", on = 2024-03-04 }");
    assert_eq!((fresh.word(), fresh.findings[0].missing[0].steps.as_slice()), ("incomplete", ["on".to_owned()].as_slice()));
    let none = with("");
    assert_eq!((none.word(), none.findings[0].missing[0].steps.len()), ("incomplete", 2));
    let undated = with("\"ru.transfer-notice\"");
    assert_eq!((undated.word(), undated.findings[0].questions.as_slice()), ("undetermined", ["safeguards.filings".to_owned()].as_slice()));
}

#[test]
fn what_is_out_of_date_can_be_renewed_and_what_is_past_cannot() {
    let law = r#"instrument xx.d "D" { kind law cite "D" of CN in force 2020-01-01
      applies here cite "1" when always
      restrict all cite "2" when always
      permit fresh by security-assessment cite "3" when exporter.public_body needs approval cn.security-assessment within 3 years
      permit old by standard-clauses cite "4" when not exporter.public_body needs contract eu.scc-2010 before 2021-09-27 }"#;
    let with = |public: bool, rest: &str| {
        judged(law, &format!("on = 2024-03-15\n[exporter]\nseat = \"CN\"\npublic_body = {public}\n[safeguards]\n{rest}"))
    };
    let stale = with(true, "approvals = [{ id = \"cn.security-assessment\", on = 2021-03-14 }]");
    assert_eq!(stale.word(), "incomplete");
    assert_eq!(stale.findings[0].missing[0].steps, ["safeguards.approvals+cn.security-assessment"]);
    assert_eq!(with(true, "approvals = [{ id = \"cn.security-assessment\", on = 2021-03-15 }]").word(), "permitted");
    assert_eq!(with(false, "contracts = [{ id = \"eu.scc-2010\", on = 2021-09-26 }]").word(), "permitted");
    assert_eq!(with(false, "contracts = [{ id = \"eu.scc-2010\", on = 2021-09-27 }]").word(), "prohibited");
    assert_eq!(with(false, "").word(), "prohibited", "nobody can sign in the past");
}

#[test]
fn duties_have_their_last_day_where_the_flow_states_the_first() {
    let law = r#"instrument xx.u "U" { kind law cite "U" of CN in force 2020-01-01
      applies here cite "1" when always
      restrict all cite "2" when always
      permit clauses by standard-clauses cite "3" needs contract cn.scc-2023
      duty file on exporter within 10 working days of contract-signed cite "4" when contract cn.scc-2023
      duty tell on exporter within 72 hours of awareness cite "5" when never }"#;
    let judgment =
        judged(law, "on = 2024-03-15\n[exporter]\nseat = \"CN\"\n[safeguards]\ncontracts = [{ id = \"cn.scc-2023\", on = 2024-03-01 }]");
    let duty = &judgment.findings[0].duties[0];
    assert_eq!((duty.id.as_str(), duty.due), ("file", Some(date(2024, 3, 15))));
    assert_eq!(judgment.findings[0].duties.len(), 1);
}

#[test]
fn the_derivation_names_every_clause_and_its_facts() {
    let judgment = judged(TOY, "on = 2024-03-01\n[exporter]\nseat = \"FR\"\n[importer]\nseat = \"US\"\n[data]\ncategories = [\"contact\"]");
    let trace = judgment.findings[0].derivation.iter().find(|trace| trace.id == "transfer").unwrap();
    assert_eq!(trace.truth, Truth::True);
    assert_eq!(trace.clauses[0].text, "importer.seat outside FR");
    assert_eq!(trace.clauses[0].facts, [("importer.seat".to_owned(), "US".to_owned())]);
}
