// SPDX-License-Identifier: Apache-2.0
//! Whether a judgment agrees with what a court decided, or with what a probe expects.

use crate::finding::{Judgment, State, Verdict};
use comity_flow::{Flow, Lawful};

/// How a judgment compares with the outcome that a file states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// The outcome that the file states, in its own word.
    pub expected: String,
    /// The verdict of the judgment.
    pub verdict: String,
    /// Whether the verdict agrees.
    pub agrees: bool,
    /// Whether a stated mechanism or reason matches too; true where none is stated.
    pub reason_agrees: bool,
}

/// Compares a judgment with the `[decided]` or `[expected]` of its file; none where the file has neither.
///
/// A case is decided alike where `yes` meets `permitted` or `unrestricted`, `not-restricted` meets `unrestricted`,
/// and `no` meets `incomplete` or `prohibited`. `undetermined` never agrees with a case.
#[must_use]
pub fn agreement(flow: &Flow, judgment: &Judgment) -> Option<Agreement> {
    let verdict = judgment.word().to_owned();
    if let Some(expected) = &flow.expected {
        let agrees = expected.verdict == verdict;
        let reason_agrees = agrees
            && match judgment.verdict() {
                Some(Verdict::Permitted) => mechanism_matches(judgment, expected.mechanism.as_deref()),
                Some(Verdict::Incomplete) => reason_matches(judgment, &expected.missing),
                _ => true,
            };
        return Some(Agreement { expected: expected.verdict.clone(), verdict, agrees, reason_agrees });
    }
    let decided = flow.decided.as_ref()?;
    let (word, agrees) = match decided.lawful {
        Lawful::Yes => ("yes", matches!(judgment.verdict(), Some(Verdict::Permitted | Verdict::Unrestricted))),
        Lawful::NotRestricted => ("not-restricted", judgment.verdict() == Some(Verdict::Unrestricted)),
        Lawful::No => ("no", matches!(judgment.verdict(), Some(Verdict::Incomplete | Verdict::Prohibited))),
    };
    let reason_agrees = agrees
        && match decided.lawful {
            Lawful::Yes if judgment.verdict() == Some(Verdict::Permitted) => mechanism_matches(judgment, decided.mechanism.as_deref()),
            Lawful::Yes | Lawful::NotRestricted => true,
            Lawful::No => reason_matches(judgment, &decided.lacking),
        };
    Some(Agreement { expected: word.to_owned(), verdict, agrees, reason_agrees })
}

fn mechanism_matches(judgment: &Judgment, stated: Option<&str>) -> bool {
    let Some(stated) = stated.filter(|stated| !stated.is_empty()) else { return true };
    judgment.findings.iter().any(|finding| finding.mechanism.as_deref() == Some(stated))
}

/// A stated reason matches where it equals the aim of an alternative, or is the beginning of a step's key path;
/// `any-mechanism` where no mechanism is satisfied.
fn reason_matches(judgment: &Judgment, stated: &[String]) -> bool {
    if stated.is_empty() {
        return true;
    }
    stated.iter().any(|reason| {
        judgment.findings.iter().any(|finding| {
            let none_satisfied = !finding.mechanisms.iter().any(|mechanism| mechanism.state == State::Satisfied);
            (reason == "any-mechanism" && none_satisfied)
                || finding
                    .missing
                    .iter()
                    .any(|missing| missing.aim == *reason || missing.steps.iter().any(|step| step.starts_with(reason.as_str())))
        })
    })
}
