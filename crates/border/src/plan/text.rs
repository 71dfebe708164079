// SPDX-License-Identifier: Apache-2.0
//! The plan as text: canonical JSON (RFC 8785), so that its hash is one and the same everywhere.

use super::{Input, Law, Outcome, Plan};
use crate::anonymity::Anonymity;
use crate::manifest::Manifest;
use crate::measure::Measure;
use comity_evidence::{Hash, canonical};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The version of the format.
const VERSION: u64 = 1;

/// Why a text is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no plan: {0}")]
pub struct PlanTextError(String);

fn wrong(problem: impl Into<String>) -> PlanTextError {
    PlanTextError(problem.into())
}

impl Plan {
    /// The plan as canonical JSON on one line.
    ///
    /// # Errors
    ///
    /// [`PlanTextError`] where a size is too large for JSON.
    pub fn to_text(&self) -> Result<String, PlanTextError> {
        canonical::canonical(&self.to_json()).map_err(|error| wrong(error.to_string()))
    }

    /// SHA-256 of [`Plan::to_text`]: what an approval binds to.
    ///
    /// # Errors
    ///
    /// As [`Plan::to_text`].
    pub fn hash(&self) -> Result<Hash, PlanTextError> {
        Ok(Hash::of(self.to_text()?.as_bytes()))
    }

    /// The plan as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let laws: Vec<Value> = self
            .laws
            .iter()
            .map(|law| json!({"instrument": law.instrument, "text_from": law.text_from.map(|day| day.to_string()), "digest": law.digest}))
            .collect();
        let outcomes: Vec<Value> = self.outcomes.iter().map(of_outcome).collect();
        let decisions: Vec<Value> = self.decisions.iter().map(|(row, outcome)| json!({"row": row, "outcome": outcome})).collect();
        let inputs: Vec<Value> =
            self.inputs.iter().map(|input| json!({"name": input.name, "size": input.size, "digest": input.digest.to_hex()})).collect();
        json!({
            "plan": VERSION,
            "flow": self.flow,
            "flow_file": self.flow_text,
            "manifest": self.manifest.text,
            "on": self.on.to_string(),
            "known_on": self.known_on.to_string(),
            "laws": laws,
            "recipient": self.recipient,
            "purpose": self.purpose,
            "key": self.key,
            "columns": self.manifest.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(),
            "deciding": self.manifest.deciding().map(|(_, column, _)| column.name.as_str()).collect::<Vec<_>>(),
            "outcomes": outcomes,
            "decisions": decisions,
            "anonymity": self.anonymity.as_ref().map(Anonymity::to_json),
            "inputs": inputs,
            "notes": self.notes,
        })
    }

    /// The plan in a text.
    ///
    /// # Errors
    ///
    /// [`PlanTextError`] if the text is none, or does not fit together.
    pub fn parse(text: &str) -> Result<Self, PlanTextError> {
        let value: Value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let table = value.as_object().ok_or_else(|| wrong("expected an object"))?;
        if table.get("plan").and_then(Value::as_u64) != Some(VERSION) {
            return Err(wrong(format!("`plan`: expected the version {VERSION}")));
        }
        let manifest = Manifest::parse(&text_of(table, "manifest")?)
            .map_err(|problems| wrong(format!("its manifest: {}", problems.first().map_or_else(String::new, ToString::to_string))))?;
        let outcomes = list(table, "outcomes")?.iter().map(outcome).collect::<Result<Vec<_>, _>>()?;
        let mut decisions = BTreeMap::new();
        let width = manifest.deciding().count();
        for decision in list(table, "decisions")? {
            let decision = decision.as_object().ok_or_else(|| wrong("`decisions`: expected objects"))?;
            let row = texts(decision, "row")?;
            let position = decision.get("outcome").and_then(Value::as_u64).and_then(|position| usize::try_from(position).ok());
            let position = position.filter(|position| *position < outcomes.len()).ok_or_else(|| wrong("`decisions`: no such outcome"))?;
            if row.len() != width {
                return Err(wrong(format!("`decisions`: expected {width} cells in a row, found {}", row.len())));
            }
            decisions.insert(row, position);
        }
        let plan = Self {
            flow: text_of(table, "flow")?,
            flow_text: text_of(table, "flow_file")?,
            on: day(table, "on")?,
            known_on: day(table, "known_on")?,
            laws: list(table, "laws")?.iter().map(law).collect::<Result<_, _>>()?,
            recipient: text_of(table, "recipient")?,
            purpose: text_of(table, "purpose")?,
            key: table.get("key").and_then(Value::as_str).map(str::to_owned),
            outcomes,
            decisions,
            anonymity: match table.get("anonymity") {
                None | Some(Value::Null) => None,
                Some(value) => Some(Anonymity::parse(value).ok_or_else(|| wrong("`anonymity`: expected its counts"))?),
            },
            inputs: list(table, "inputs")?.iter().map(input).collect::<Result<_, _>>()?,
            notes: texts(table, "notes")?,
            manifest,
        };
        for outcome in &plan.outcomes {
            if let Outcome::Pass { measures, .. } = outcome
                && measures.len() != plan.manifest.columns.len()
            {
                return Err(wrong("an outcome does not have one measure for each column"));
            }
        }
        // What was changed by hand, such as an unknown key, would otherwise be approved unseen.
        let written = canonical::canonical(&value).map_err(|error| wrong(error.to_string()))?;
        if plan.to_text()? == written { Ok(plan) } else { Err(wrong("it has keys that no plan has, or they do not fit together")) }
    }
}

fn of_outcome(outcome: &Outcome) -> Value {
    match outcome {
        Outcome::Pass { verdict, mechanisms, cites, duties, measures } => json!({
            "leaves": true,
            "verdict": verdict,
            "mechanisms": mechanisms,
            "cites": cites,
            "duties": duties,
            "measures": measures.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }),
        Outcome::Hold { verdict, reasons } => json!({"leaves": false, "verdict": verdict, "reasons": reasons}),
    }
}

fn outcome(value: &Value) -> Result<Outcome, PlanTextError> {
    let table = value.as_object().ok_or_else(|| wrong("`outcomes`: expected objects"))?;
    let verdict = text_of(table, "verdict")?;
    match table.get("leaves").and_then(Value::as_bool) {
        Some(true) if matches!(verdict.as_str(), "permitted" | "unrestricted") => {
            let measures = texts(table, "measures")?.iter().map(|text| Measure::parse(text)).collect::<Result<_, _>>();
            Ok(Outcome::Pass {
                mechanisms: texts(table, "mechanisms")?,
                cites: texts(table, "cites")?,
                duties: texts(table, "duties")?,
                measures: measures.map_err(|error| wrong(error.to_string()))?,
                verdict,
            })
        }
        Some(true) => Err(wrong(format!("rows leave under the verdict `{verdict}`"))),
        Some(false) => Ok(Outcome::Hold { verdict, reasons: texts(table, "reasons")? }),
        None => Err(wrong("`leaves`: expected true or false")),
    }
}

fn law(value: &Value) -> Result<Law, PlanTextError> {
    let table = value.as_object().ok_or_else(|| wrong("`laws`: expected objects"))?;
    let text_from = match table.get("text_from") {
        None | Some(Value::Null) => None,
        Some(_) => Some(day(table, "text_from")?),
    };
    Ok(Law { instrument: text_of(table, "instrument")?, text_from, digest: text_of(table, "digest")? })
}

fn input(value: &Value) -> Result<Input, PlanTextError> {
    let table = value.as_object().ok_or_else(|| wrong("`inputs`: expected objects"))?;
    let size = table.get("size").and_then(Value::as_u64).ok_or_else(|| wrong("`size`: expected a number of bytes"))?;
    let digest = Hash::from_hex(&text_of(table, "digest")?).ok_or_else(|| wrong("`digest`: expected 64 hexadecimal digits"))?;
    Ok(Input { name: text_of(table, "name")?, size, digest })
}

fn list<'a>(table: &'a Map<String, Value>, key: &str) -> Result<&'a Vec<Value>, PlanTextError> {
    table.get(key).and_then(Value::as_array).ok_or_else(|| wrong(format!("`{key}`: expected a list")))
}

fn text_of(table: &Map<String, Value>, key: &str) -> Result<String, PlanTextError> {
    table.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| wrong(format!("`{key}`: expected a text")))
}

fn texts(table: &Map<String, Value>, key: &str) -> Result<Vec<String>, PlanTextError> {
    let texts: Option<Vec<String>> = list(table, key)?.iter().map(|item| item.as_str().map(str::to_owned)).collect();
    texts.ok_or_else(|| wrong(format!("`{key}`: expected a list of texts")))
}

fn day(table: &Map<String, Value>, key: &str) -> Result<jiff::civil::Date, PlanTextError> {
    text_of(table, key)?.parse().map_err(|_| wrong(format!("`{key}`: expected a day, such as 2026-11-29")))
}
