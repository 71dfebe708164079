// SPDX-License-Identifier: Apache-2.0
//! Acts and grants, the evidence that a flow names for them, and the flow without them.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use comity_flow::{Declared, Flow, Format, read, write};

const FLOW: &str = r#"
on = 2024-03-01
[exporter]
seat = "DE"
[importer]
seat = "US"
certified = ["bcr-processor", { id = "dpf", ref = "file 9" }]
[[onward]]
name = "backup"
seat = "IN"
certified = [{ id = "cbpr", ref = "register of 2024" }]
contracts = [{ id = "eu.scc-2021/3", ref = "receipt:a.json" }]
measures = ["provider-has-no-access"]
[safeguards]
contracts = [
  { id = "eu.scc-2021/2", on = 2023-02-01, ref = "a.pdf" },
  { id = "eu.scc-2021/2", on = 2025-02-01, ref = "later.pdf" },
  { id = "eu.scc-2010", until = 2022-12-27, ref = "old.pdf" },
]
measures = ["keys-held-by-exporter", "importer-reads-clear-text"]
[safeguards.assessment]
result = "equivalent"
ref = "tia.pdf"
[safeguards.consent]
explicit = true
ref = "receipt:consent.json"
"#;

fn flow(text: &str) -> Flow {
    read(text, Format::Toml, &|_| Err(String::new())).unwrap()
}

#[test]
fn what_is_in_place_is_declared_with_its_evidence() {
    let flow = flow(FLOW);
    let found: Vec<(String, Vec<&str>)> = flow.declared().iter().map(|declared| (declared.path(), flow.references_of(declared))).collect();
    let mut expected = vec![
        ("importer.certified+bcr-processor", vec![]),
        ("importer.certified+dpf", vec!["file 9"]),
        ("onward.certified+cbpr", vec!["register of 2024"]),
        ("safeguards.contracts+eu.scc-2021/2", vec!["a.pdf"]),
        ("onward.contracts+eu.scc-2021/3", vec!["receipt:a.json"]),
        ("safeguards.measures+keys-held-by-exporter", vec![]),
        ("onward.measures+provider-has-no-access", vec![]),
        ("safeguards.assessment", vec!["tia.pdf"]),
        ("safeguards.consent", vec!["receipt:consent.json"]),
    ];
    let mut found: Vec<(&str, Vec<&str>)> = found.iter().map(|(path, references)| (path.as_str(), references.clone())).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(read(&write(&flow), Format::Toml, &|_| Err(String::new())).unwrap().references, flow.references);
}

#[test]
fn a_flow_without_something_is_one_that_never_declared_it() {
    let text = FLOW.replace(", \"importer-reads-clear-text\"", "");
    let whole = flow(&text);
    for (path, gone) in [
        ("safeguards.contracts+eu.scc-2021/2", "{ id = \"eu.scc-2021/2\", on = 2023-02-01, ref = \"a.pdf\" },"),
        ("importer.certified+dpf", ", { id = \"dpf\", ref = \"file 9\" }"),
        ("onward.certified+cbpr", "{ id = \"cbpr\", ref = \"register of 2024\" }"),
        ("onward.contracts+eu.scc-2021/3", "{ id = \"eu.scc-2021/3\", ref = \"receipt:a.json\" }"),
        ("safeguards.measures+keys-held-by-exporter", "\"keys-held-by-exporter\""),
        ("onward.measures+provider-has-no-access", "\"provider-has-no-access\""),
        ("safeguards.assessment", "[safeguards.assessment]\nresult = \"equivalent\"\nref = \"tia.pdf\"\n"),
        ("safeguards.consent", "[safeguards.consent]\nexplicit = true\nref = \"receipt:consent.json\"\n"),
    ] {
        let declared: Vec<Declared> = whole.declared().into_iter().filter(|declared| declared.path() == path).collect();
        assert_eq!(declared.len(), 1, "{path}");
        assert!(text.contains(gone), "{path}");
        let mut text = text.replacen(gone, "", 1);
        if path.ends_with("/2") {
            text = text.replacen("{ id = \"eu.scc-2021/2\", on = 2025-02-01, ref = \"later.pdf\" },", "", 1);
        }
        let (found, never) = (whole.without(&declared), flow(&text));
        assert_eq!(
            (&found.facts, &found.onward, &found.items, &found.references),
            (&never.facts, &never.onward, &never.items, &never.references),
            "{path}"
        );
    }
}

#[test]
fn a_certificate_has_its_evidence_and_no_days() {
    let text = FLOW.replace("ref = \"file 9\"", "on = 2024-01-01");
    let problems = read(&text, Format::Toml, &|_| Err(String::new())).unwrap_err();
    assert!(problems.iter().any(|problem| problem.message.contains("`on`")), "{problems:?}");
}

#[test]
fn a_blank_reference_is_none() {
    let text = FLOW.replace("ref = \"tia.pdf\"", "ref = \"\"").replace("ref = \"file 9\"", "ref = \" \"");
    let (some, none) = (flow(FLOW).references.len(), flow(&text).references.len());
    assert_eq!((some, none), (4, 2));
}
