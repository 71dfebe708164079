// SPDX-License-Identifier: Apache-2.0
//! Which crate of the workspace may use which.

use serde_json::Value;

/// For each crate, in reading order, the crates of the workspace that it may use. Everything else is forbidden.
pub const ALLOWED: &[(&str, &[&str])] = &[
    ("comity-terms", &[]),
    ("comity-flow", &["comity-terms"]),
    ("comity-law", &["comity-terms"]),
    ("comity-clock", &[]),
    ("comity-discover", &["comity-terms"]),
    ("comity-judge", &["comity-terms", "comity-flow", "comity-law", "comity-clock"]),
    ("comity-evidence", &[]),
    ("comity-postgres", &[]),
    ("comity-log", &["comity-evidence", "comity-postgres"]),
    ("comity-verifier", &["comity-evidence"]),
    ("comity-witness", &["comity-evidence", "comity-log"]),
    ("comity-border", &["comity-terms", "comity-flow", "comity-law", "comity-judge", "comity-evidence"]),
    ("comity-keys", &["comity-terms", "comity-evidence", "comity-border"]),
    // Its tests make plans, and so need law and judge; it uses neither.
    (
        "comity-crossing",
        &["comity-terms", "comity-flow", "comity-law", "comity-judge", "comity-evidence", "comity-postgres", "comity-border"],
    ),
    // The verifier only for a test: that the command and the browser say the same.
    (
        "comity",
        &[
            "comity-terms",
            "comity-flow",
            "comity-law",
            "comity-judge",
            "comity-clock",
            "comity-evidence",
            "comity-log",
            "comity-border",
            "comity-crossing",
            "comity-discover",
            "comity-keys",
            "comity-verifier",
            "comity-witness",
        ],
    ),
    ("comity-editor", &["comity-terms", "comity-flow", "comity-law"]),
    ("comity-house", &["comity-terms", "comity-flow", "comity-law", "comity-judge"]),
];

/// The crates that touch nothing outside themselves.
pub const INNER: &[&str] =
    &["comity-terms", "comity-flow", "comity-law", "comity-clock", "comity-discover", "comity-judge", "comity-evidence"];

/// Formats are what the evidence crate is: it may read and write JSON, which no other inner crate does.
const OF_FORMATS: &[(&str, &str)] = &[("comity-evidence", "serde"), ("comity-evidence", "serde_json")];

/// Parts that bring the world in, or fix the shape of our types on the wire: not for inner crates.
pub const OUTER_PARTS: &[&str] = &["clap", "serde", "serde_json", "tokio", "reqwest", "rand", "anstream", "glob", "tempfile"];

/// What is wrong with the graph of `cargo metadata`, one sentence each.
#[must_use]
pub fn faults(metadata: &Value) -> Vec<String> {
    let members: Vec<&str> = strings(metadata.get("workspace_members"));
    let packages = metadata.get("packages").and_then(Value::as_array);
    let own = packages.into_iter().flatten().filter(|package| text(package, "id").is_some_and(|id| members.contains(&id)));
    let own: Vec<&Value> = own.collect();
    let names: Vec<&str> = own.iter().filter_map(|package| text(package, "name")).collect();
    let mut faults = Vec::new();
    for package in &own {
        let Some(name) = text(package, "name") else { continue };
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
            faults.push(format!("crate `{name}` has no place in the graph: add it to `ALLOWED` and to ARCHITECTURE.md"));
            continue;
        };
        for dependency in package.get("dependencies").and_then(Value::as_array).into_iter().flatten() {
            let Some(used) = text(dependency, "name") else { continue };
            if names.contains(&used) && !allowed.contains(&used) {
                faults.push(format!("crate `{name}` may not use `{used}`"));
            }
            // Tests may use what they like.
            let for_tests = text(dependency, "kind") == Some("dev");
            if INNER.contains(&name) && OUTER_PARTS.contains(&used) && !OF_FORMATS.contains(&(name, used)) && !for_tests {
                faults.push(format!("inner crate `{name}` may not use `{used}`"));
            }
        }
    }
    faults
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

fn strings(value: Option<&Value>) -> Vec<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::faults;
    use serde_json::json;

    fn graph(used: &str) -> serde_json::Value {
        json!({
            "workspace_members": ["a", "b"],
            "packages": [
                { "id": "a", "name": "comity-terms", "dependencies": [{ "name": used, "kind": null }] },
                { "id": "b", "name": "comity-judge", "dependencies": [{ "name": "comity-terms", "kind": null }] },
            ],
        })
    }

    #[test]
    fn an_allowed_graph_has_no_faults() {
        assert!(faults(&graph("csv")).is_empty());
    }

    #[test]
    fn a_forbidden_edge_is_named() {
        assert_eq!(faults(&graph("comity-judge")), ["crate `comity-terms` may not use `comity-judge`"]);
        assert_eq!(faults(&graph("serde_json")), ["inner crate `comity-terms` may not use `serde_json`"]);
    }
}
