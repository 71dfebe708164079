// SPDX-License-Identifier: Apache-2.0
//! Cases inside instruments are read as flow files are.

use comity_judge::cases;
use comity_law::Library;
use jiff::civil::date;

/// The faults of the one case of a small law, or of a treaty that it stands in.
fn faults(instrument: &str) -> Vec<String> {
    let (library, problems) = Library::read([("xx.law".to_owned(), instrument.to_owned())]);
    assert!(problems.is_empty(), "{problems:?}");
    let mut outcomes = library.instruments.iter().flat_map(|instrument| cases::run(&library, instrument, date(2026, 11, 24)).0);
    outcomes.next().map_or_else(|| vec!["there is no case".to_owned()], |outcome| outcome.faults)
}

fn law(case: &str) -> Vec<String> {
    faults(&format!(
        r#"instrument xx.act "Act" {{
  kind law cite "Act" of FR in force 2020-01-01
  applies here cite "1" when exporter.seat is FR
  restrict abroad cite "2" when importer.seat is not FR
  permit clauses by standard-clauses cite "3" needs contract comparable-protection
  base {{ exporter.seat = FR importer.seat = IN }}
  case "it" {{ on 2024-03-01 {case}
}}"#
    ))
}

#[test]
fn a_safeguard_dated_after_the_flow_is_not_in_place() {
    assert_eq!(law("safeguards.contracts = { comparable-protection on 2024-03-01 } } => permitted"), Vec::<String>::new());
    assert_eq!(law("safeguards.contracts = { comparable-protection on 2024-03-02 } } => incomplete"), Vec::<String>::new());
}

#[test]
fn counts_that_contradict_each_other_fail_the_case() {
    let faults = law("subjects.count = 10 subjects.count_12_months = 5 } => incomplete");
    assert!(faults.iter().any(|fault| fault.contains("subjects.count_12_months")), "{faults:?}");
    assert_eq!(law("subjects.count = 5 subjects.count_12_months = 5 } => incomplete"), Vec::<String>::new());
}

#[test]
fn a_treaty_is_asked_whether_a_reference_to_it_holds() {
    let treaty = |case: &str| {
        faults(&format!(
            r#"instrument xx.treaty "Treaty" {{
  kind treaty cite "Treaty" in force 2020-01-01
  serves parties cite "1" when importer.seat is FR
  base {{ importer.seat = FR }}
  case "it" {{ on 2024-03-01 {case}
}}"#
        ))
    };
    for right in ["} => satisfied", "importer.seat = IN } => not-satisfied", "unknown importer.seat } => undetermined asks importer.seat"] {
        assert_eq!(treaty(right), Vec::<String>::new(), "{right}");
    }
    assert_eq!(treaty("} => not-satisfied"), ["expected not-satisfied, found satisfied"]);
    assert_eq!(treaty("importer.seat = IN } => satisfied").len(), 1);
}
