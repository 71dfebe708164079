// SPDX-License-Identifier: Apache-2.0
//! A chain of custody as PROV-JSON (W3C member submission of 24 April 2013), in the terms of PROV-DM.
//!
//! Each event is an activity, each role an agent, and the exhibit an entity with one specialization for each state of it.
//! A state lasts from the acquisition or a transformation to the next transformation, or to the destruction.

use super::{Action, Chain, Event};
use serde_json::{Map, Value, json};

/// The namespace of the ids and of the attributes that PROV does not have.
const NAMESPACE: &str = "https://github.com/comity-org/comity/custody#";
const EXHIBIT: &str = "custody:exhibit";

/// The records of a document, by their kinds.
#[derive(Default)]
struct Document {
    kinds: Map<String, Value>,
}

impl Document {
    fn put(&mut self, kind: &str, id: String, record: Value) {
        let records = self.kinds.entry(kind).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(records) = records {
            records.insert(id, record);
        }
    }

    /// A relation, which nothing refers to: its id is a blank one.
    fn relate(&mut self, kind: &str, record: Value) {
        let number = self.kinds.get(kind).and_then(Value::as_object).map_or(0, Map::len) + 1;
        self.put(kind, format!("_:{kind}-{number}"), record);
    }

    /// An entity that is the exhibit in a state, or a copy of it.
    fn state(&mut self, id: &str, label: String, event: &Event) {
        self.put("entity", id.to_owned(), json!({ "prov:label": label, "custody:sha256": event.digest.to_hex() }));
        self.relate("specializationOf", json!({ "prov:specificEntity": id, "prov:generalEntity": EXHIBIT }));
    }
}

impl Chain {
    /// The chain as a PROV-JSON document.
    #[must_use]
    pub fn to_prov_json(&self) -> Value {
        let mut document = Document::default();
        document.put("entity", EXHIBIT.to_owned(), json!({ "prov:label": self.exhibit() }));
        let mut roles: Vec<&str> = Vec::new();
        let mut current = String::new();
        for (number, event) in (1..).zip(self.events()) {
            let activity = format!("custody:event-{number}");
            let at = event.at.as_str();
            document.put("activity", activity.clone(), as_activity(event));
            let role = roles.iter().position(|known| *known == event.role).unwrap_or_else(|| {
                roles.push(&event.role);
                roles.len() - 1
            });
            let agent = format!("custody:role-{}", role + 1);
            document.put("agent", agent.clone(), json!({ "prov:label": event.role }));
            document.relate("wasAssociatedWith", json!({ "prov:activity": activity, "prov:agent": agent, "prov:role": event.role }));
            if number > 1 {
                let before = format!("custody:event-{}", number - 1);
                document.relate("wasInformedBy", json!({ "prov:informed": activity, "prov:informant": before }));
            }
            let made = match event.action {
                Action::Acquired if number == 1 => Some(("state", "acquired")),
                Action::Transformed => Some(("state", "transformed")),
                Action::Copied => Some(("copy", "copy")),
                Action::Acquired | Action::Disclosed | Action::Returned | Action::Destroyed => None,
            };
            if event.action == Action::Destroyed {
                let ended = json!({ "prov:entity": current, "prov:activity": activity, "prov:time": at });
                document.relate("wasInvalidatedBy", ended);
            } else if number > 1 {
                document.relate("used", json!({ "prov:activity": activity, "prov:entity": current, "prov:time": at }));
            }
            let Some((kind, label)) = made else { continue };
            let entity = format!("custody:{kind}-{number}");
            document.state(&entity, format!("{}, {label} in event {number}", event.exhibit), event);
            document.relate("wasGeneratedBy", json!({ "prov:entity": entity, "prov:activity": activity, "prov:time": at }));
            if number > 1 {
                let derived = json!({ "prov:generatedEntity": entity, "prov:usedEntity": current, "prov:activity": activity });
                document.relate("wasDerivedFrom", derived);
            }
            if kind == "state" {
                current = entity;
            }
        }
        let mut written = Map::new();
        written.insert("prefix".to_owned(), json!({ "custody": NAMESPACE }));
        written.extend(document.kinds);
        Value::Object(written)
    }
}

fn as_activity(event: &Event) -> Value {
    let mut activity = json!({
        "prov:startTime": event.at.as_str(),
        "prov:endTime": event.at.as_str(),
        "prov:label": format!("{}: {}", event.exhibit, event.action),
        "prov:location": event.place,
        "custody:action": event.action.to_string(),
        "custody:ground": event.ground,
        "custody:sha256": event.digest.to_hex(),
        "custody:hash": event.hash().to_hex(),
    });
    if let (Some(previous), Value::Object(activity)) = (event.previous, &mut activity) {
        activity.insert("custody:previous".to_owned(), previous.to_hex().into());
    }
    activity
}
