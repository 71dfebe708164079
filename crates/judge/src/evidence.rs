// SPDX-License-Identifier: Apache-2.0
//! What findings rest on, and judging by nothing but what is shown.
//!
//! A flow declares acts and grants. Whoever looked at the evidence says of each whether a document or a receipt shows it;
//! that is passed in, and nothing is looked up here. Where evidence is required, a complete flow has the verdict
//!
//! > the worse of what is declared and what is shown, the latter at worst `incomplete`,
//!
//! what is shown being the flow without the acts and grants that only its own words stand for. Evidence can still be
//! brought, so that its lack never prohibits; and it never improves a verdict, by the law that absence does not.

use crate::finding::{Finding, Judgment, Missing, Possible, Verdict};
use crate::judgment::{JudgeError, worst};
use crate::leg::Leg;
use crate::ready::Judge;
use comity_flow::{Declared, Flow};
use comity_terms::vocabulary;
use std::collections::BTreeMap;

/// What an act or a grant rests on; the more convincing, the greater.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Evidence {
    /// The words of the flow alone.
    #[default]
    Declaration,
    /// A document that was seen, and is the one that the flow names.
    Document,
    /// A receipt of a log that holds.
    Receipt,
}

impl Evidence {
    /// The word of the flow format.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Declaration => "declaration",
            Self::Document => "document",
            Self::Receipt => "receipt",
        }
    }
}

/// An act or a grant of a flow, and what it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resting {
    /// The act or grant.
    pub declared: Declared,
    /// What it rests on.
    pub evidence: Evidence,
    /// The evidence that the flow names for it, as it does.
    pub references: Vec<String>,
    /// Why evidence that is named does not count.
    pub problems: Vec<String>,
}

/// What whoever looked at the evidence of a flow has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    seen: BTreeMap<Declared, (Evidence, Vec<String>)>,
    /// Whether declarations do not count.
    required: bool,
}

impl Shown {
    /// Nothing seen yet.
    #[must_use]
    pub fn new(required: bool) -> Self {
        Self { required, ..Self::default() }
    }

    /// Notes what an act or grant rests on, with what is wrong with evidence that is named and does not count.
    pub fn put(&mut self, declared: Declared, evidence: Evidence, problems: Vec<String>) {
        self.seen.insert(declared, (evidence, problems));
    }

    /// What an act or grant rests on: a declaration, unless something else was noted.
    #[must_use]
    pub fn of(&self, declared: &Declared) -> Evidence {
        self.seen.get(declared).map_or(Evidence::Declaration, |(evidence, _)| *evidence)
    }

    /// Each act and grant of a flow, with what it rests on.
    fn resting(&self, flow: &Flow, all: &[Declared]) -> Vec<Resting> {
        let resting = |declared: &Declared| Resting {
            declared: *declared,
            evidence: self.of(declared),
            references: flow.references_of(declared).into_iter().map(str::to_owned).collect(),
            problems: self.seen.get(declared).map(|(_, problems)| problems.clone()).unwrap_or_default(),
        };
        all.iter().map(resting).collect()
    }
}

impl Judge<'_> {
    /// Judges a flow with what was seen of its evidence, the derivations left out unless `whole`.
    ///
    /// # Errors
    ///
    /// As [`Judge::judge`].
    pub fn judge_shown(&mut self, flow: &Flow, shown: &Shown, whole: bool) -> Result<Judgment, JudgeError> {
        let mut judgment = self.judgment(flow, whole)?;
        let all = flow.declared();
        if shown.required {
            let lacking: Vec<Declared> = all.iter().filter(|declared| shown.of(declared) == Evidence::Declaration).copied().collect();
            if !lacking.is_empty() {
                let bare = self.judgment(&flow.without(&lacking), whole)?;
                judgment = self.required(flow, &lacking, judgment, bare);
            }
        }
        for finding in &mut judgment.findings {
            finding.rests_on = vec![Evidence::Declaration.word()];
            // Given facts are declarations whatever else is shown.
            for evidence in [Evidence::Document, Evidence::Receipt] {
                if finding.relies_on.iter().any(|declared| shown.of(declared) == evidence) {
                    finding.rests_on.push(evidence.word());
                }
            }
        }
        judgment.evidence = shown.resting(flow, &all);
        Ok(judgment)
    }

    /// The judgment where evidence is required, of the one as declared and the one without what is only declared.
    fn required(&mut self, flow: &Flow, lacking: &[Declared], declared: Judgment, bare: Judgment) -> Judgment {
        let mut out = declared;
        let mut others = bare.findings;
        let mut findings = Vec::with_capacity(out.findings.len());
        for finding in std::mem::take(&mut out.findings) {
            let place = others.iter().position(|other| same(other, &finding));
            let other = place.map(|place| others.remove(place));
            findings.push(self.finding_required(flow, lacking, finding, other));
        }
        // What governs only without a measure that nothing shows, such as one that makes the data anonymous.
        for mut other in others {
            let possible = combined(&unrestricted(), &other.possible);
            if possible == unrestricted() {
                continue;
            }
            if possible.decided() == Some(Verdict::Incomplete) {
                other.missing = vec![self.lacking_evidence(flow, lacking, &other)];
            }
            other.possible = possible;
            out.not_applicable.retain(|known| known.instrument != other.instrument);
            findings.push(other);
        }
        let (first, second) = (out.possible.decided().is_some(), bare.possible.decided().is_some());
        let together = combined(&out.possible, &bare.possible);
        let apart: Vec<Possible> = findings.iter().map(|finding| finding.possible.clone()).collect();
        let apart = worst(&apart);
        out.findings = findings;
        out.possible = Possible(together.0.intersection(&apart.0).copied().collect());
        out.exact = out.exact && bare.exact && (first || second || out.possible.decided().is_some());
        for collision in bare.collisions {
            let by = |text: &str| text.split(' ').next().unwrap_or_default().to_owned();
            let known = |known: &crate::Collision| {
                known.obliged_by == collision.obliged_by && by(&known.forbidden_by) == by(&collision.forbidden_by)
            };
            if !out.collisions.iter().any(known) {
                out.collisions.push(collision);
            }
        }
        out
    }

    fn finding_required(&mut self, flow: &Flow, lacking: &[Declared], finding: Finding, bare: Option<Finding>) -> Finding {
        let Some(bare) = bare else {
            // Without what is only declared it does not govern at all: nothing better than what is declared.
            return finding;
        };
        let possible = combined(&finding.possible, &bare.possible);
        let exact = finding.exact
            && bare.exact
            && [&finding.possible, &bare.possible, &possible].iter().any(|possible| possible.decided().is_some());
        let lawful = finding.possible.decided().is_some_and(|verdict| verdict <= Verdict::Permitted);
        match possible.decided() {
            // It is carried by what is shown.
            Some(verdict) if verdict <= Verdict::Permitted => {
                if bare.possible == possible {
                    bare
                } else {
                    finding
                }
            }
            Some(Verdict::Incomplete) if lawful => {
                let missing = vec![self.lacking_evidence(flow, lacking, &finding)];
                Finding { possible, exact, mechanism: None, missing, mechanisms: bare.mechanisms, ..finding }
            }
            Some(Verdict::Prohibited) => finding,
            _ => {
                let shown: Vec<Missing> = bare.missing.iter().map(|missing| with_evidence(missing, lacking)).collect();
                let mut questions = Vec::new();
                if possible.decided().is_none() {
                    questions.clone_from(&finding.questions);
                    questions.extend(bare.questions.into_iter().filter(|question| !finding.questions.contains(question)));
                }
                // What is carried by declarations, and may be carried by something else: evidence would do in any case.
                let missing = match (lawful, shown.is_empty()) {
                    (true, _) => vec![self.lacking_evidence(flow, lacking, &finding)],
                    (false, true) => finding.missing.clone(),
                    (false, false) => shown,
                };
                Finding { possible, exact, mechanism: None, missing, questions, ..finding }
            }
        }
    }

    /// The evidence that would do: none of it can be left out.
    fn lacking_evidence(&mut self, flow: &Flow, lacking: &[Declared], finding: &Finding) -> Missing {
        let relied: Vec<Declared> = lacking.iter().filter(|declared| finding.relies_on.contains(declared)).copied().collect();
        let mut needed = if self.suffices(flow, lacking, &relied, finding) { relied } else { lacking.to_vec() };
        let mut position = 0;
        while position < needed.len() {
            let mut fewer = needed.clone();
            fewer.remove(position);
            if self.suffices(flow, lacking, &fewer, finding) {
                needed = fewer;
            } else {
                position += 1;
            }
        }
        Missing {
            aim: finding.mechanism.clone().unwrap_or_else(|| "unrestricted".to_owned()),
            provision: String::new(),
            steps: needed.iter().map(Declared::evidence_path).collect(),
            cites: finding.cites.clone(),
        }
    }

    /// Whether evidence of some of what lacks it makes the flow lawful under the instrument of a finding.
    fn suffices(&mut self, flow: &Flow, lacking: &[Declared], brought: &[Declared], finding: &Finding) -> bool {
        let Some(instrument) = self.library().instrument(&finding.instrument) else { return false };
        let gone: Vec<Declared> = lacking.iter().filter(|declared| !brought.contains(declared)).copied().collect();
        let shown = flow.without(&gone);
        let Some(leg) = Leg::all(&shown).find(|leg| leg.name(&shown) == finding.leg) else { return false };
        let (possible, _) = self.alone(instrument, &shown, leg);
        possible.0.iter().all(|verdict| *verdict <= Verdict::Permitted)
    }
}

fn same(one: &Finding, other: &Finding) -> bool {
    one.instrument == other.instrument && one.leg == other.leg
}

fn unrestricted() -> Possible {
    Possible([Verdict::Unrestricted].into())
}

/// The worse of a verdict as declared and one as shown, in every combination, the latter at worst `incomplete`.
fn combined(declared: &Possible, shown: &Possible) -> Possible {
    let all = declared.0.iter().flat_map(|one| shown.0.iter().map(|other| (*one).max((*other).min(Verdict::Incomplete))));
    Possible(all.collect())
}

/// A way to repair the flow as shown: what is declared already needs its evidence only.
fn with_evidence(missing: &Missing, lacking: &[Declared]) -> Missing {
    let step = |step: &String| {
        let declared = lacking.iter().find(|declared| {
            let path = declared.path();
            path == *step || path.strip_prefix(step.as_str()).is_some_and(|rest| rest.starts_with('/'))
        });
        declared.map_or_else(|| step.clone(), Declared::evidence_path)
    };
    Missing { steps: missing.steps.iter().map(step).collect(), ..missing.clone() }
}

/// Which of the acts and grants some tests ask for, on a leg.
pub(crate) fn asked_for(all: &[Declared], leg: Leg, tests: &[&crate::formula::Test]) -> Vec<Declared> {
    use crate::formula::Test;
    use crate::store::Variable;
    let words = vocabulary();
    let path = |key| words.key_at(key).map_or("", |key| key.path.as_str());
    let own = |declared: &&Declared| match (leg, declared.onward) {
        (Leg::First, owner) => owner.is_none(),
        (Leg::Onward(number), Some(owner)) => owner == number,
        (Leg::Onward(_), None) => !matches!(path(declared.key), "safeguards.contracts" | "safeguards.measures" | "importer.certified"),
    };
    let asks = |test: &&Test, declared: &Declared| match (test, declared.term) {
        (Test::Meets(key, set) | Test::Item(key, set, _) | Test::Several(key, _, set), Some(term)) => {
            *key == declared.key && set.contains(term)
        }
        (Test::In(Variable::Key(key), _), None) => {
            path(*key).strip_prefix(path(declared.key)).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        }
        _ => false,
    };
    all.iter().filter(own).filter(|declared| tests.iter().any(|test| asks(test, declared))).copied().collect()
}
