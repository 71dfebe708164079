// SPDX-License-Identifier: Apache-2.0
//! The solver against the plain definition.

use crate::bytes::Bytes;
use crate::laws::{CLAUSES, TABLE, law};
use crate::support::{Dice, forget, random_flow, readings};
use comity_flow::Flow;
use comity_judge::definition::{Outcome, Reader};
use comity_judge::lines::Lines;
use comity_judge::{Options, Verdict, verdicts};
use comity_law::ast::Instrument;
use comity_law::{Library, Severity, check};
use jiff::civil::{Date, date};

const TODAY: Date = date(2026, 11, 24);

/// A random instrument and a random complete flow, which then loses facts.
///
/// The complete flow has one verdict, and the definition agrees with it. What is left after facts are lost has a set of
/// verdicts, and the first is in it. Judging in full gives the same set as asking for verdicts alone.
pub fn judge(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let seed = bytes.seed();
    let day = *bytes.pick(&[date(2024, 3, 1), date(2020, 1, 1), date(2021, 9, 27), date(2018, 1, 1), TODAY]);
    let unknown = 1 + bytes.below(12);
    let text = law(&mut bytes);
    let files = [("a.law", text.clone()), ("b.law", CLAUSES.to_owned()), ("recognitions.csv", TABLE.to_owned())];
    let (library, mut problems) = Library::read(files.map(|(name, text)| (name.to_owned(), text)));
    assert!(problems.is_empty(), "{problems:?} in\n{text}");
    problems.extend(check(&library, TODAY));
    // An exception may lean on what it excepts: that is a circle, and the library would not be used.
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return;
    }
    let instrument = library.instrument("xx.random").expect("it is in the library");
    let mut dice = Dice::new(seed);
    let lines = Lines::of(&library, instrument, day);
    let complete = random_flow(&mut dice, &lines, instrument, day);
    let all = readings(&library, &lines);
    let fixed = &all[dice.below(all.len())];

    let verdict = decided(&library, instrument, &complete, fixed, &text);
    let mut partial = complete.clone();
    forget(&mut dice, &lines, &mut partial, unknown, 1 << 20);
    let options = Options::today(TODAY);
    let (possible, exact) = verdicts(&library, instrument, &partial, &options);
    let told = || format!("under\n{text}for\n{}", comity_flow::write(&partial));
    assert!(possible.0.contains(&verdict), "{:?} leaves out {verdict:?} of a completion {}", possible.0, told());

    let judgment = comity_judge::judge(&library, &partial, &options).expect("the instrument is known");
    for finding in &judgment.findings {
        assert!(!exact || !finding.exact || finding.possible == possible, "judging in full gives {:?} {}", finding.possible, told());
    }
}

/// The verdict of a complete flow, which the definition must share.
fn decided(library: &Library, instrument: &Instrument, flow: &Flow, fixed: &[(String, String, String)], text: &str) -> Verdict {
    let options = Options { readings: fixed.to_vec(), ..Options::today(TODAY) };
    let told = || format!("under\n{text}for\n{}", comity_flow::write(flow));
    let (possible, _) = verdicts(library, instrument, flow, &options);
    let verdict = possible.decided().unwrap_or_else(|| panic!("a complete flow has the verdicts {:?} {}", possible.0, told()));
    let reader = Reader { library, flow, day: flow.on.expect("it has a day"), known: TODAY, readings: fixed };
    let outcome = reader.outcome(instrument).unwrap_or_else(|missing| panic!("{missing:?} {}", told()));
    let alike = match outcome {
        Outcome::Unrestricted => verdict == Verdict::Unrestricted,
        Outcome::Permitted => verdict == Verdict::Permitted,
        Outcome::Fails => verdict >= Verdict::Incomplete,
    };
    assert!(alike, "the definition says {outcome:?}, the solver {verdict:?} {}", told());
    verdict
}
