// SPDX-License-Identifier: Apache-2.0
//! Whether a mechanism is open, where it rests on another: the definition and the solver say the same.

use comity_flow::{Format, read};
use comity_judge::definition::{Outcome, Reader};
use comity_judge::{Options, verdicts};
use comity_law::Library;
use jiff::civil::date;

/// Found by fuzzing: `second` is not satisfied while `first` is, and the parties can undo that by signing a contract.
/// The definition took the state of `first` for a fact that nobody changes, and so for closed what is open.
#[test]
fn a_mechanism_that_waits_for_another_to_fail_is_open_where_that_can_be_made_to_fail() {
    let law = r#"
instrument xx.act "Act" {
  kind law  cite "Act"  in force 2020-01-01
  permit first by bcr cite "1" unless contract comparable-protection
  permit second by bcr cite "2" unless any of (first) is satisfied
  permit third by bcr cite "3" when none of (first) is satisfied unless importer.group
  applies where-open cite "4" when any of (second) is open and any of (third) is open
  restrict all cite "5" when always
}"#;
    let (library, problems) = Library::read([("xx/act.law".to_owned(), law.to_owned())]);
    assert!(problems.is_empty(), "{problems:?}");
    let text = "on = 2024-03-01\n[importer]\ngroup = GROUP\n[safeguards]\ncontracts = [CONTRACTS]\n";
    for (group, contracts, expected) in [
        ("false", "", Outcome::Permitted),
        ("false", "\"comparable-protection\"", Outcome::Permitted),
        ("true", "", Outcome::Unrestricted),
        ("true", "\"comparable-protection\"", Outcome::Unrestricted),
    ] {
        let text = text.replace("GROUP", group).replace("CONTRACTS", contracts);
        let flow = read(&text, Format::Toml, &|_| Err("no profile".to_owned())).unwrap();
        let instrument = library.instrument("xx.act").unwrap();
        let today = date(2026, 11, 24);
        let reader = Reader { library: &library, flow: &flow, day: date(2024, 3, 1), known: today, readings: &[] };
        assert_eq!(reader.outcome(instrument), Ok(expected), "the definition for\n{text}");
        let (possible, exact) = verdicts(&library, instrument, &flow, &Options::today(today));
        let word = if expected == Outcome::Permitted { "permitted" } else { "unrestricted" };
        assert_eq!((possible.words(), exact), (vec![word], true), "the solver for\n{text}");
    }
}
