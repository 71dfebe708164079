// SPDX-License-Identifier: Apache-2.0
//! `comity law check` on laws that contradict themselves, leave gaps, or have provisions that do nothing.
//!
//! Each scene is kept as a transcript in `tests/snapshots`; `COMITY_WRITE_EXPECTED=1` writes them anew.

mod support;

use support::{piped, run, scene, status, text};

#[test]
fn conflicts() {
    scene(
        "law-check-conflicts",
        &[
            "law check --library inconsistent aq.two-values",
            "law check --library inconsistent aq.ordered",
            "law check --library inconsistent aq.both-asked",
        ],
    );
}

#[test]
fn gaps() {
    scene(
        "law-check-gaps",
        &[
            "law check --library inconsistent aq.gap",
            "law check --library inconsistent aq.gap --format plain",
            "law check --library inconsistent aq.onward",
        ],
    );
}

#[test]
fn what_never_does_anything() {
    scene("law-check-idle", &["law check --library inconsistent aq.idle", "law check --library inconsistent aq.idle --quick"]);
}

#[test]
fn as_json() {
    scene("law-check-json", &["law check --library inconsistent aq.gap --format json"]);
}

#[test]
fn errors_come_first() {
    assert_eq!(status(&["law", "check", "--library", "inconsistent"]), 3, "a conflict is an error");
    assert_eq!(status(&["law", "check", "--library", "inconsistent", "aq.gap"]), 0, "a gap is a warning");
    assert_eq!(status(&["law", "check", "--library", "inconsistent", "aq.ordered", "--quick"]), 0, "nobody looked");
}

#[test]
fn an_example_is_a_flow_file_that_shows_it() {
    for id in ["aq.gap", "aq.onward", "aq.ordered", "aq.both-asked"] {
        let output = run(&["law", "check", "--library", "inconsistent", id, "--format", "json"]);
        let lines: Vec<serde_json::Value> =
            text(&output.stdout).lines().map(|line| serde_json::from_str(line).expect("a line is an object")).collect();
        let example = lines.iter().find_map(|line| line.get("example")).unwrap_or_else(|| panic!("{id} has an example"));
        let flow = example["flow"].as_str().expect("it is a text");
        let judged = piped(&["check", "-", "--library", "inconsistent", "--keep-going", "--format", "json"], flow);
        let judgment: serde_json::Value = serde_json::from_slice(&judged.stdout).expect("it is judged");
        let findings = judgment["findings"].as_array().expect("there are findings");
        let finding = findings.iter().find(|finding| finding["leg"] == example["leg"]).expect("one is on the leg");
        assert_eq!(finding["instrument"], id);
        assert_eq!(finding["verdict"], "prohibited", "{flow}");
    }
}
