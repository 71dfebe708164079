// SPDX-License-Identifier: Apache-2.0
//! What comes out: verdicts, findings, judgments.

use crate::evidence::{Evidence, Resting};
use crate::formula::Truth;
use comity_flow::Declared;
use comity_law::ast::{ClauseKind, SourceStatus};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The verdict of one instrument on a flow, or of all together; the worse, the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Outside the instrument's scope or definitions, or nothing in it restricts the flow.
    Unrestricted,
    /// Restricted, and a mechanism or a named exemption is satisfied.
    Permitted,
    /// Some set of acts, grants or design changes makes it permitted or unrestricted.
    Incomplete,
    /// No such set exists.
    Prohibited,
}

impl Verdict {
    /// All of them, the best first.
    pub const ALL: [Self; 4] = [Self::Unrestricted, Self::Permitted, Self::Incomplete, Self::Prohibited];

    /// The word of the flow format.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Unrestricted => "unrestricted",
            Self::Permitted => "permitted",
            Self::Incomplete => "incomplete",
            Self::Prohibited => "prohibited",
        }
    }
}

/// The verdicts that the completions of what is known leave possible.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Possible(pub BTreeSet<Verdict>);

impl Possible {
    /// The verdict, if there is only one.
    #[must_use]
    pub fn decided(&self) -> Option<Verdict> {
        let mut all = self.0.iter();
        match (all.next(), all.next()) {
            (Some(verdict), None) => Some(*verdict),
            _ => None,
        }
    }

    /// The word of the flow format: the verdict, or `undetermined`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.decided().map_or("undetermined", Verdict::word)
    }

    /// The words of all that are possible, the best first.
    #[must_use]
    pub fn words(&self) -> Vec<&'static str> {
        self.0.iter().map(|verdict| verdict.word()).collect()
    }
}

/// A way to repair a flow: each of the steps is needed, and together they suffice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// The mechanism that would carry it, or the provision that would be met.
    pub aim: String,
    /// The provision.
    pub provision: String,
    /// Key paths, with `+value` where a value is added.
    pub steps: Vec<String>,
    /// Where the law asks it.
    pub cites: Vec<String>,
}

/// How a mechanism stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It carries the flow.
    Satisfied,
    /// Acts or grants could satisfy it.
    Open,
    /// Its conditions on given facts fail.
    Closed,
    /// Unknown facts decide.
    Undecided,
}

impl State {
    /// The word for the screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Undecided => "undecided",
        }
    }
}

/// A mechanism of an instrument, as it stands for a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mechanism {
    /// The id of the mechanism.
    pub id: String,
    /// The provision.
    pub provision: String,
    /// How it stands.
    pub state: State,
    /// Where the law has it.
    pub cites: Vec<String>,
    /// For a closed one, the conditions that fail, as the instrument words them.
    pub because: Vec<String>,
}

/// A duty that the flow brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// Its name in the instrument.
    pub id: String,
    /// Who bears it.
    pub on: String,
    /// Its citations.
    pub cites: Vec<String>,
    /// The last day, where the flow states the day that starts the clock.
    pub due: Option<Date>,
    /// The period and trigger in words, where it has a clock.
    pub clock: Option<String>,
    /// A remark.
    pub note: Option<String>,
}

/// One clause in a derivation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClauseTrace {
    /// What the clause does.
    pub kind: ClauseKind,
    /// The condition as the instrument words it.
    pub text: String,
    /// Whether it holds (as written, before an `unless` turns it round).
    pub truth: Truth,
    /// The facts it looked at: key path and value in words.
    pub facts: Vec<(String, String)>,
    /// Its own citations, and those of the rows and instruments that it rests on.
    pub cites: Vec<String>,
}

/// One provision in a derivation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Its name in the instrument.
    pub id: String,
    /// The keyword of its effect.
    pub effect: &'static str,
    /// Whether it holds; for a `require`, whether it is met.
    pub truth: Truth,
    /// Its citations.
    pub cites: Vec<String>,
    /// Whether it was seen in a source.
    pub status: SourceStatus,
    /// Its remark.
    pub note: Option<String>,
    /// Its clauses.
    pub clauses: Vec<ClauseTrace>,
    /// The exceptions to it.
    pub exceptions: Vec<Trace>,
}

/// What one instrument says of one leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The instrument.
    pub instrument: String,
    /// Its title.
    pub title: String,
    /// Since when the text that was used is in force.
    pub text_from: Option<Date>,
    /// SHA-256 of its text.
    pub digest: String,
    /// The leg, such as `exporter>importer`.
    pub leg: String,
    /// The verdicts that are possible.
    pub possible: Possible,
    /// False where the budget ran out: then more is listed as possible than may be.
    pub exact: bool,
    /// The mechanism that carries it, where it is permitted.
    pub mechanism: Option<String>,
    /// The citations that led to the verdict.
    pub cites: Vec<String>,
    /// Citations among the provisions used that were never seen in a source.
    pub recalled: Vec<String>,
    /// All mechanisms.
    pub mechanisms: Vec<Mechanism>,
    /// Ways to repair it.
    pub missing: Vec<Missing>,
    /// Key paths (or `reading:id`) that would decide, the most useful first.
    pub questions: Vec<String>,
    /// What the facts rest on: `declaration`, `document`, `receipt`. Given facts are declarations whatever else is shown.
    pub rests_on: Vec<&'static str>,
    /// The acts and grants in place that the provisions behind the verdict ask for.
    pub relies_on: Vec<Declared>,
    /// The duties it brings.
    pub duties: Vec<Duty>,
    /// Readings that were fixed by name: `id=option`.
    pub readings: Vec<String>,
    /// The whole derivation.
    pub derivation: Vec<Trace>,
}

/// One instrument orders what another forbids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collision {
    /// Who obliges: instrument or place, with citation.
    pub obliged_by: String,
    /// Who forbids: instrument, with citation.
    pub forbidden_by: String,
}

/// An instrument that does not govern the flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotApplicable {
    /// The instrument.
    pub instrument: String,
    /// The provisions on when it applies.
    pub cites: Vec<String>,
    /// Why: the provisions on when it applies, and on what is outside its scope.
    pub derivation: Vec<Trace>,
}

/// All findings together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgment {
    /// The id of the flow.
    pub flow: String,
    /// Its title.
    pub title: String,
    /// The day of the flow.
    pub on: Date,
    /// The day of the knowledge.
    pub known_on: Date,
    /// The verdicts that are possible.
    pub possible: Possible,
    /// False where a search gave up, or where facts shared by several legs were taken apart.
    pub exact: bool,
    /// Places whose law could govern the flow and that have no instrument in the library.
    pub uncovered: Vec<String>,
    /// One finding for each instrument and leg.
    pub findings: Vec<Finding>,
    /// Instruments that do not govern it.
    pub not_applicable: Vec<NotApplicable>,
    /// Obligations against prohibitions.
    pub collisions: Vec<Collision>,
    /// The instruments that the question was limited to; empty: the whole library.
    pub under: Vec<String>,
    /// What the format filled in.
    pub assumed: Vec<String>,
    /// Each act and grant of the flow with what it rests on; empty where nobody looked.
    pub evidence: Vec<Resting>,
}

impl Judgment {
    /// The verdict, or none where it is undetermined.
    #[must_use]
    pub fn verdict(&self) -> Option<Verdict> {
        if self.uncovered_matters() { None } else { self.possible.decided() }
    }

    /// The word of the flow format.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.verdict().map_or("undetermined", Verdict::word)
    }

    /// What an act or grant rests on: a declaration where nobody looked.
    #[must_use]
    pub fn rests_on(&self, declared: &Declared) -> Evidence {
        self.evidence.iter().find(|resting| resting.declared == *declared).map_or(Evidence::Declaration, |resting| resting.evidence)
    }

    /// Whether a place without an instrument keeps the judgment from saying that the flow is lawful.
    fn uncovered_matters(&self) -> bool {
        !self.uncovered.is_empty() && self.under.is_empty() && self.possible.decided().is_some_and(|verdict| verdict <= Verdict::Permitted)
    }

    /// The exit status of the command for this judgment.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        match self.verdict() {
            Some(Verdict::Unrestricted | Verdict::Permitted) => 0,
            Some(Verdict::Incomplete) => 12,
            Some(Verdict::Prohibited) => 10,
            None => 11,
        }
    }
}
