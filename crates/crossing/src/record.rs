// SPDX-License-Identifier: Apache-2.0
//! What is kept of a crossing: counts, versions of law, digests. No cell of the table is in it.

use crate::files::Digested;
use comity_border::plan::{Input, Outcome, Plan};
use comity_border::risk::Risk;
use comity_border::{Measure, Tally};
use comity_evidence::Hash;
use jiff::civil::Date;
use serde_json::{Value, json};

/// The schema of OpenLineage events that [`lineage`] writes.
pub const OPENLINEAGE: &str = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
const COLUMNS: &str = "https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet";
const PRODUCER: &str = "https://github.com/comity-org/comity";

/// The name of the record beside what it is of.
pub(crate) const NAME: &str = "crossing.json";

/// A file that was published.
pub(crate) struct Output {
    pub(crate) name: String,
    pub(crate) rows: u64,
    pub(crate) file: Digested,
    /// The file before it was encrypted, with the name it had.
    pub(crate) clear: Option<(String, Digested)>,
}

impl Output {
    /// Puts an encrypted file in place of the one before.
    #[cfg(feature = "age")]
    pub(crate) fn replace(&mut self, name: String, file: Digested) {
        let before = (std::mem::replace(&mut self.name, name), std::mem::replace(&mut self.file, file));
        self.clear.get_or_insert(before);
    }
}

/// The record of a crossing. It is the same whenever the same plan is carried out on the same tables on the same day.
pub(crate) fn record(
    plan: &Plan,
    (hash, day): (&str, Date),
    inputs: &[Input],
    (tally, broken): (&Tally, u64),
    outputs: &[Output],
    risk: &Risk,
) -> Value {
    let outcomes: Vec<Value> = plan
        .outcomes
        .iter()
        .zip(&tally.rows)
        .map(|(outcome, rows)| match outcome {
            Outcome::Pass { verdict, mechanisms, cites, duties, measures } => json!({
                "rows": rows, "leaves": true, "verdict": verdict, "mechanisms": mechanisms, "cites": cites, "duties": duties,
                "measures": measures.iter().map(ToString::to_string).collect::<Vec<_>>(),
            }),
            Outcome::Hold { verdict, reasons } => json!({"rows": rows, "leaves": false, "verdict": verdict, "reasons": reasons}),
        })
        .collect();
    let laws: Vec<Value> = plan
        .laws
        .iter()
        .map(|law| json!({"instrument": law.instrument, "text_from": law.text_from.map(|day| day.to_string()), "digest": law.digest}))
        .collect();
    let inputs: Vec<Value> =
        inputs.iter().map(|input| json!({"name": input.name, "size": input.size, "digest": input.digest.to_hex()})).collect();
    let columns_encrypted_to: serde_json::Map<String, Value> = plan
        .manifest
        .columns
        .iter()
        .filter(|column| !column.encrypt_to.is_empty())
        .map(|column| (column.name.clone(), json!(column.encrypt_to)))
        .collect();
    let outputs: Vec<Value> = outputs
        .iter()
        .map(|output| {
            let clear = output.clear.as_ref();
            let clear = clear.map(|(name, file)| json!({"name": name, "size": file.size, "digest": file.digest.to_hex()}));
            let (name, file) = (&output.name, &output.file);
            json!({"name": name, "rows": output.rows, "size": file.size, "digest": file.digest.to_hex(), "clear": clear})
        })
        .collect();
    json!({
        "crossing": 1,
        "plan": hash,
        "flow": plan.flow,
        "crossed_on": day.to_string(),
        "on": plan.on.to_string(),
        "known_on": plan.known_on.to_string(),
        "table": plan.manifest.table,
        "recipient": plan.recipient,
        "purpose": plan.purpose,
        "key": plan.key,
        "rows": {
            "read": tally.total() + broken,
            "passed": tally.passed,
            "kept_apart": tally.quarantined + broken,
            "dropped": tally.dropped,
            "unknown": tally.unknown,
            "small": tally.small,
            "broken": broken,
        },
        "columns": plan.manifest.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>(),
        "outcomes": outcomes,
        "laws": laws,
        "anonymity": plan.anonymity.as_ref().map(|anonymity| anonymity.to_json()),
        "risk": risk.to_json(),
        "encrypted_to": plan.manifest.encrypt_to,
        "columns_encrypted_to": columns_encrypted_to,
        "inputs": inputs,
        "outputs": outputs,
    })
}

/// What a record says was published.
pub(crate) fn outputs(record: &Value) -> Vec<Output> {
    let listed = record.get("outputs").and_then(Value::as_array).into_iter().flatten();
    let read = |output: &Value| {
        let digest = Hash::from_hex(output.get("digest")?.as_str()?)?;
        let file = Digested { size: output.get("size")?.as_u64()?, digest };
        Some(Output { name: output.get("name")?.as_str()?.to_owned(), rows: output.get("rows")?.as_u64()?, file, clear: None })
    };
    listed.filter_map(read).collect()
}

/// The crossing as an OpenLineage event with column lineage; `run` is a UUID, `time` an instant in RFC 3339.
///
/// Source: OpenLineage, object model and column lineage dataset facet.
#[must_use]
pub fn lineage(plan: &Plan, record: &Value, run: &str, time: &str) -> Value {
    let named = |key: &str| -> Vec<&str> {
        let list = record.get(key).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(|item| item.get("name").and_then(Value::as_str)).collect()
    };
    let namespace = format!("comity:{}", plan.manifest.table);
    let inputs: Vec<Value> = named("inputs").iter().map(|name| json!({"namespace": namespace, "name": name})).collect();
    let mut fields = serde_json::Map::new();
    for (at, column) in plan.manifest.columns.iter().enumerate() {
        let measures = plan.measures_of(at);
        let aggregated = plan.manifest.release.is_some();
        if measures.iter().all(|measure| matches!(measure, Measure::Drop)) {
            continue;
        }
        let transformations: Vec<Value> = measures
            .iter()
            .map(|measure| {
                let same = **measure == Measure::Keep;
                json!({
                    "type": "DIRECT",
                    "subtype": if aggregated { "AGGREGATION" } else if same { "IDENTITY" } else { "TRANSFORMATION" },
                    "description": measure.to_string(),
                    "masking": aggregated || !same,
                })
            })
            .collect();
        let of: Vec<Value> = named("inputs")
            .iter()
            .map(|name| json!({"namespace": namespace, "name": name, "field": column.name, "transformations": transformations}))
            .collect();
        fields.insert(column.name.clone(), json!({"inputFields": of}));
    }
    let outputs: Vec<Value> = named("outputs")
        .iter()
        .map(|name| {
            let lineage = json!({"_producer": PRODUCER, "_schemaURL": COLUMNS, "fields": fields});
            json!({"namespace": namespace, "name": format!("crossed/{name}"), "facets": {"columnLineage": lineage}})
        })
        .collect();
    json!({
        "eventType": "COMPLETE",
        "eventTime": time,
        "run": {"runId": run},
        "job": {"namespace": "comity", "name": format!("cross {}", plan.flow)},
        "inputs": inputs,
        "outputs": outputs,
        "producer": PRODUCER,
        "schemaURL": OPENLINEAGE,
    })
}
