// SPDX-License-Identifier: Apache-2.0
//! Making a plan: each combination judged under the library, with the least costly measures that make it lawful.

use super::{Combination, Law, Outcome, Plan};
use crate::manifest::Manifest;
use crate::meaning::meaning;
use crate::measure::Measure;
use crate::overlay::Overlay;
use crate::secret::Secret;
use crate::weigh::{Assignment, assignments};
use comity_flow::{Flow, Format, Problem, Value, read};
use comity_judge::{Judge, JudgeError, Judgment, Options, Verdict};
use comity_law::Library;
use comity_terms::{Bits, Scheme, vocabulary};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Why there is no plan.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The flow file has problems.
    #[error("the flow file is not right")]
    Flow(Vec<Problem>),
    /// A column would carry what the flow does not declare.
    #[error(
        "column `{column}` (line {line} of the manifest) holds `{category}`, which `data.categories` of the flow does not declare; declare it there, or let the column have no other measure than `drop`"
    )]
    Undeclared {
        /// The column.
        column: String,
        /// Its line in the manifest.
        line: usize,
        /// The category.
        category: String,
    },
    /// The flow file asks for a column to be hidden and there is no key.
    #[error("column `{0}` may be pseudonymised or tokenised, and no secret was given")]
    NoSecret(String),
    /// The flow cannot be judged.
    #[error("{0}")]
    Judge(#[from] JudgeError),
    /// A cell does not mean what the combination says.
    #[error("`{0}` has no meaning in column `{1}`")]
    Meaning(String, String),
}

/// Makes the plan for the combinations that occur.
///
/// Each value of `combinations` gives, for each deciding column, a cell that means it. The plan is the same whatever their
/// order, and a pure function of all that is passed in.
///
/// # Errors
///
/// [`PlanError`] if the flow is not right, or does not declare what the table carries.
pub fn compile(
    library: &Library,
    options: &Options,
    flow_text: &str,
    manifest: &Manifest,
    secret: Option<&Secret>,
    cells: &[Vec<String>],
) -> Result<Plan, PlanError> {
    let flow = read(flow_text, Format::Toml, &|_| Err("a plan takes flows without a profile".to_owned())).map_err(PlanError::Flow)?;
    declared(&flow, manifest)?;
    let keyed = manifest.keyed();
    if let (Some(column), None) = (keyed, secret) {
        return Err(PlanError::NoSecret(column.name.clone()));
    }
    let on = options.on.or(flow.on).unwrap_or(options.today);
    let (ladder, whole) = assignments(manifest);
    let mut work = Work { judge: Judge::new(library, options), manifest, ladder, laws: BTreeSet::new(), known: HashMap::new() };
    let mut outcomes: BTreeMap<Outcome, usize> = BTreeMap::new();
    let mut decisions: BTreeMap<Combination, Outcome> = BTreeMap::new();
    for cells in cells {
        let mut overlays = Vec::new();
        let mut combination = Vec::new();
        for ((_, column, decides), cell) in manifest.deciding().zip(cells) {
            let found = meaning(decides, cell, on).ok_or_else(|| PlanError::Meaning(cell.clone(), column.name.clone()))?;
            combination.push(found.label);
            overlays.push(found.overlay);
        }
        if decisions.contains_key(&combination) {
            continue;
        }
        let outcome = work.outcome(&flow, &overlays)?;
        outcomes.entry(outcome.clone()).or_default();
        decisions.insert(combination, outcome);
    }
    outcomes.values_mut().enumerate().for_each(|(number, position)| *position = number);
    let decisions =
        decisions.into_iter().map(|(combination, outcome)| (combination, outcomes.get(&outcome).copied().unwrap_or(usize::MAX))).collect();
    let mut notes = Vec::new();
    if !whole {
        notes.push("not all measures could be looked at together; another choice may cost less".to_owned());
    }
    Ok(Plan {
        flow: flow.id.clone(),
        flow_text: flow_text.to_owned(),
        manifest: manifest.clone(),
        on,
        known_on: options.known_on.unwrap_or(options.today),
        laws: work.laws.into_iter().collect(),
        recipient: flow.importer_name.clone(),
        purpose: purposes(&flow),
        key: keyed.and(secret).map(Secret::name),
        outcomes: outcomes.into_keys().collect(),
        decisions,
        anonymity: None,
        inputs: Vec::new(),
        notes,
    })
}

/// The purposes of the flow, in the order of the vocabulary.
pub(crate) fn purposes(flow: &Flow) -> String {
    let words = vocabulary();
    match words.key("purpose.of").and_then(|key| flow.facts.get(&key)) {
        Some(Value::Many(purposes)) => purposes.iter().map(|index| words.id_at(Scheme::Purpose, index)).collect::<Vec<_>>().join(" "),
        _ => String::new(),
    }
}

/// Whether the flow declares every category that a column could carry.
fn declared(flow: &Flow, manifest: &Manifest) -> Result<(), PlanError> {
    let words = vocabulary();
    let Some(Value::Many(declared)) = words.key("data.categories").and_then(|key| flow.facts.get(&key)) else { return Ok(()) };
    let mut allowed = Bits::EMPTY;
    for term in declared.iter().filter_map(|index| words.term_at(Scheme::Category, index)) {
        allowed = allowed.or(&words.below(term));
        allowed.insert(term.index());
    }
    for column in manifest.columns.iter().filter(|column| column.measures.iter().any(Measure::leaves)) {
        if let Some(other) = column.holds.minus(&allowed).lowest() {
            let category = words.id_at(Scheme::Category, other).to_owned();
            return Err(PlanError::Undeclared { column: column.name.clone(), line: column.line, category });
        }
    }
    Ok(())
}

struct Work<'a> {
    judge: Judge<'a>,
    manifest: &'a Manifest,
    ladder: Vec<Assignment>,
    laws: BTreeSet<Law>,
    /// Outcomes by facts: other words often say the same.
    known: HashMap<String, Outcome>,
}

impl Work<'_> {
    fn outcome(&mut self, flow: &Flow, overlays: &[Overlay]) -> Result<Outcome, PlanError> {
        let name = format!("{overlays:?}");
        if let Some(known) = self.known.get(&name) {
            return Ok(known.clone());
        }
        let mut base = flow.clone();
        overlays.iter().for_each(|overlay| overlay.lay(&mut base));
        let mut nearest: Option<Judgment> = None;
        let mut found = None;
        for assignment in &self.ladder {
            let mut flow = base.clone();
            assignment.effect.lay(&mut flow);
            let judgment = self.judge.findings(&flow)?;
            self.laws.extend(judgment.findings.iter().map(|finding| Law {
                instrument: finding.instrument.clone(),
                text_from: finding.text_from,
                digest: finding.digest.clone(),
            }));
            if matches!(judgment.verdict(), Some(Verdict::Permitted | Verdict::Unrestricted)) {
                let columns = self.manifest.columns.iter().zip(&assignment.choice);
                found = Some(pass(&judgment, columns.filter_map(|(column, at)| column.measures.get(*at).cloned()).collect()));
                break;
            }
            // The first is what is wanted most: its reasons are what people can act on.
            nearest.get_or_insert(judgment);
        }
        let outcome = found.unwrap_or_else(|| {
            nearest.map_or(Outcome::Hold { verdict: "undetermined".to_owned(), reasons: Vec::new() }, |judgment| hold(&judgment))
        });
        self.known.insert(name, outcome.clone());
        Ok(outcome)
    }
}

/// The outcome of rows that leave with these measures under a judgment.
pub(super) fn pass(judgment: &Judgment, measures: Vec<Measure>) -> Outcome {
    let of = |list: BTreeSet<String>| list.into_iter().collect::<Vec<_>>();
    let findings = || judgment.findings.iter();
    Outcome::Pass {
        verdict: judgment.word().to_owned(),
        mechanisms: of(findings().filter_map(|finding| Some(format!("{}: {}", finding.instrument, finding.mechanism.as_ref()?))).collect()),
        cites: of(findings().flat_map(|finding| finding.cites.iter().map(|cite| format!("{}: {cite}", finding.instrument))).collect()),
        duties: of(findings()
            .flat_map(|finding| finding.duties.iter().map(|duty| format!("{}: {}", finding.instrument, duty.id)))
            .collect()),
        measures,
    }
}

fn hold(judgment: &Judgment) -> Outcome {
    let lawful = |finding: &comity_judge::Finding| matches!(finding.possible.decided(), Some(Verdict::Permitted | Verdict::Unrestricted));
    let mut reasons: BTreeSet<String> = BTreeSet::new();
    for finding in judgment.findings.iter().filter(|finding| !lawful(finding)) {
        let mut reason = format!("{}: {}", finding.instrument, finding.possible.word());
        if !finding.cites.is_empty() {
            reason.push_str(&format!(" ({})", finding.cites.join("; ")));
        }
        if let Some(missing) = finding.missing.first() {
            reason.push_str(&format!("; for {}: {}", missing.aim, missing.steps.join(", ")));
        } else if !finding.questions.is_empty() {
            reason.push_str(&format!("; would decide: {}", finding.questions.join(", ")));
        }
        reasons.insert(reason);
    }
    for place in &judgment.uncovered {
        reasons.insert(format!("{place}: no instrument of the library speaks for this place"));
    }
    Outcome::Hold { verdict: judgment.word().to_owned(), reasons: reasons.into_iter().collect() }
}
