// SPDX-License-Identifier: Apache-2.0
//! Routes among several importers: the one that the flow names, and others that could be used in its place.

use super::{RouteOptions, Routes, Step, routes};
use crate::judgment::{JudgeError, Options};
use comity_flow::{Flow, Value};
use comity_law::Library;
use comity_terms::{Bits, KeyId, KeyKind, Scheme, vocabulary};

/// An importer that could be used instead.
#[derive(Clone, Debug)]
pub struct Importer {
    /// What to call it; no two have one name.
    pub name: String,
    /// What would be so with it: the facts under `importer` and `route`, and the safeguards that are in place with it.
    pub flow: Flow,
}

/// The cheapest routes of a flow, with its own importer or with others. Using another is a step with a cost of its own
/// (`importer` in the table of costs).
///
/// # Errors
///
/// If the options name what the library does not have.
pub fn routes_among(
    library: &Library,
    flow: &Flow,
    options: &Options,
    wanted: &RouteOptions,
    others: &[Importer],
) -> Result<Routes, JudgeError> {
    let mut found = routes(library, flow, options, wanted)?;
    if found.routes.first().is_some_and(|route| route.steps.is_empty()) {
        return Ok(found);
    }
    for other in others {
        let instead = with_importer(flow, other);
        let path = format!("importer+{}", other.name);
        let cost = wanted.costs.of(&path);
        let own = routes(library, &instead, options, &RouteOptions { cheaper: false, ..wanted.clone() })?;
        found.exact &= own.exact;
        found.looked_at += own.looked_at;
        for mut route in own.routes {
            route.steps.insert(0, Step { path: path.clone(), leg: None, aims: Vec::new(), cites: Vec::new(), cost });
            route.cost += wanted.costs.weight(cost);
            route.days = route.days.max(cost.days);
            route.instead = Some(Box::new(instead.clone()));
            found.routes.push(route);
        }
    }
    found.routes.sort_by_key(|route| (route.rests, route.cost));
    found.routes.truncate(wanted.limit.max(1));
    if !found.routes.is_empty() {
        found.closed_by.clear();
        found.questions.clear();
    }
    let best = found.routes.first().map_or(0, |route| route.cost);
    found.cheaper.retain(|cheaper| cheaper.cost < best);
    Ok(found)
}

/// The flow with another importer. What was signed, filed, assessed or consented to for the old one does not count for
/// the new one, and nothing goes on to the old one's recipients; measures of the exporter stay.
fn with_importer(flow: &Flow, other: &Importer) -> Flow {
    let words = vocabulary();
    let path = |key: &KeyId| words.key_at(*key).map_or("", |key| key.path.as_str());
    let own = |key: &KeyId| path(key).starts_with("importer.");
    let bound = |key: &KeyId| path(key).starts_with("safeguards.") && path(key) != "safeguards.measures";
    let brought = |key: &KeyId| own(key) || path(key).starts_with("route.") || path(key).starts_with("safeguards.");

    let mut next = flow.clone();
    next.importer_name = if other.flow.importer_name.is_empty() { other.name.clone() } else { other.flow.importer_name.clone() };
    next.facts.retain(|key, _| !own(key));
    for (key, value) in next.facts.iter_mut().filter(|(key, _)| bound(key)) {
        *value = nothing(*key, value);
    }
    next.items.retain(|item| !own(&item.key) && !bound(&item.key));
    next.references.retain(|declared, _| declared.path().starts_with("safeguards.measures"));
    next.assessed_on = other.flow.assessed_on;
    next.onward = other.flow.onward.clone();
    next.facts.extend(other.flow.facts.iter().filter(|(key, _)| brought(key)).map(|(key, value)| (*key, value.clone())));
    let stated: Vec<KeyId> = other.flow.facts.keys().copied().filter(brought).collect();
    next.items.retain(|item| !stated.contains(&item.key));
    next.items.extend(other.flow.items.iter().filter(|item| brought(&item.key)).cloned());
    next.references.extend(other.flow.references.iter().map(|(declared, text)| (*declared, text.clone())));
    next
}

/// That nothing of it is in place.
fn nothing(key: KeyId, value: &Value) -> Value {
    let words = vocabulary();
    match (value, words.key_at(key).map(|key| key.kind)) {
        (Value::Flag(_), _) => Value::Flag(false),
        (Value::Many(_), _) => Value::Many(Bits::EMPTY),
        (Value::One(term), Some(KeyKind::One(scheme @ (Scheme::AssessmentResult | Scheme::AssessmentKind)))) => {
            Value::One(words.find(scheme, "none").unwrap_or(*term))
        }
        _ => value.clone(),
    }
}
