// SPDX-License-Identifier: Apache-2.0
//! The command as a person meets it: what it prints, where, and with which exit status.
//!
//! Each scene runs in the folder `tests/fixture` and is kept as a transcript in `tests/snapshots`.
//! With `COMITY_WRITE_EXPECTED=1` the transcripts are written instead, for a person to review the difference.

mod support;

use std::process::{Output, Stdio};
use support::{command, fixture, piped, run, scene, status, text};

#[test]
fn check_as_text() {
    let commands: Vec<String> = ["permitted", "incomplete", "prohibited", "undetermined", "uncovered"]
        .iter()
        .map(|flow| format!("check flows/{flow}.toml --library law --known-on 2026-01-01"))
        .collect();
    scene("check-text", &commands.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn check_as_plain_sentences() {
    scene(
        "check-plain",
        &[
            "check flows/incomplete.toml --library law --format plain --known-on 2026-01-01",
            "check flows/undetermined.toml --library law --format plain --known-on 2026-01-01",
        ],
    );
}

#[test]
fn check_as_json() {
    scene(
        "check-json",
        &[
            "check flows/permitted.toml flows/incomplete.toml flows/undetermined.toml --library law --format json --known-on 2026-01-01",
            "check broken/invalid.toml --library law --format json",
        ],
    );
}

#[test]
fn check_with_choices() {
    scene(
        "check-choices",
        &[
            "check flows/undetermined.toml --library law --known-on 2026-01-01 --under aq.aurora --reading aq.aurora/repeated=single --verbose",
            "check flows/uncovered.toml --library law --known-on 2026-01-01 --under aq.aurora",
            "check flows/permitted.toml --library law --known-on 2026-01-01 --on 2020-06-01",
        ],
    );
}

#[test]
fn check_of_a_folder_ends_with_a_table() {
    scene("check-folder", &["check flows --library law --known-on 2026-01-01 --verbose"]);
}

#[test]
fn invalid_flows() {
    scene(
        "invalid",
        &[
            "check broken/invalid.toml --library law",
            "check broken/profile-user.toml --library law",
            "check broken/unknown-under.toml --library law",
            "check broken/nothing-here.toml --library law",
            "check broken/*.nothing --library law",
            "explain broken/invalid.toml --library law",
        ],
    );
}

#[test]
fn wrong_usage() {
    scene(
        "usage",
        &[
            "check flows/permitted.toml --library law --under aq.aurorra",
            "check flows/permitted.toml --library law --reading aq.aurora/repeated=never",
            "check flows/permitted.toml --library law --reading aq.aurora/often=single",
            "check flows/permitted.toml --library nowhere",
            "check flows/permitted.toml --library broken",
            "law show aq.auroro --library law",
            "law show aq.aurora adequasy --library law",
            "terms --scheme plase",
        ],
    );
}

#[test]
fn explain() {
    scene(
        "explain",
        &[
            "explain flows/incomplete.toml --library law --known-on 2026-01-01",
            "explain flows/permitted.toml --library law --known-on 2026-01-01 --all",
            "explain flows/prohibited.toml --library law --known-on 2026-01-01 --format plain",
        ],
    );
    scene("explain-json", &["explain flows/permitted.toml --library law --known-on 2026-01-01 --format json"]);
}

#[test]
fn casebook() {
    scene(
        "casebook",
        &[
            "casebook cases --library law",
            "casebook cases --library law --format json",
            "casebook cases --library law --only zz.nowhere",
            "casebook cases/alike.toml --library law",
        ],
    );
}

#[test]
fn law() {
    scene(
        "law",
        &[
            "law list --library law",
            "law show aq.aurora --library law",
            "law show aq.aurora clauses --library law",
            "law timeline aq.aurora --library law",
        ],
    );
    scene(
        "law-check",
        &[
            "law check --library law",
            "law check --library law bv.code",
            "law check --library broken",
            "law check --library broken --format plain",
            "law check --library broken --format json",
        ],
    );
    scene("law-test", &["law test --library law", "law test bv.code --library law --coverage", "law test --library broken"]);
}

#[test]
fn several_files_have_one_status() {
    let of = |files: &[&str]| {
        let mut arguments = vec!["check", "--library", "law", "--known-on", "2026-01-01"];
        arguments.extend(files);
        status(&arguments)
    };
    assert_eq!(of(&["flows/permitted.toml"]), 0);
    assert_eq!(of(&["flows/permitted.toml", "flows/undetermined.toml"]), 11);
    assert_eq!(of(&["flows/undetermined.toml", "flows/incomplete.toml"]), 12);
    assert_eq!(of(&["flows/prohibited.toml", "flows/incomplete.toml"]), 10);
    assert_eq!(of(&["flows/prohibited.toml", "broken/invalid.toml"]), 3);
    assert_eq!(of(&["broken/invalid.toml", "broken/nothing-here.toml", "flows/prohibited.toml"]), 1);
}

#[test]
fn standard_input_is_toml_or_json() {
    let arguments = ["check", "--library", "law", "--format", "json", "--known-on", "2026-01-01"];
    let toml = std::fs::read_to_string(fixture().join("flows/permitted.toml")).expect("the fixture is there");
    let json = r#"{"id": "penguins-to-nz", "on": "2024-03-01", "exporter": {"seat": "AQ", "public_body": false},
        "importer": {"seat": "NZ", "type": []}, "data": {"categories": ["contact"]},
        "purpose": {"of": ["research"], "frequency": "systematic"}}"#;
    let from_toml = piped(&arguments, &toml);
    assert_eq!(from_toml.status.code(), Some(0));
    assert_eq!(text(&from_toml.stdout), text(&piped(&arguments, json).stdout));
    assert_eq!(
        text(&from_toml.stdout),
        text(&piped(&["check", "-", "--library", "law", "--format", "json", "--known-on", "2026-01-01"], &toml).stdout)
    );
    assert_eq!(piped(&arguments, "").status.code(), Some(3));
}

#[test]
fn colors_only_where_they_are_wanted() {
    let arguments = ["check", "flows/permitted.toml", "--library", "law"];
    let escape = |output: Output| text(&output.stdout).contains('\u{1b}');
    assert!(!escape(run(&arguments)), "no terminal, no colors");
    assert!(escape(command(&arguments).env("CLICOLOR_FORCE", "1").output().expect("it runs")));
    assert!(!escape(command(&arguments).env("NO_COLOR", "1").output().expect("it runs")));
    let mut plain = arguments.to_vec();
    plain.extend(["--format", "plain"]);
    assert!(!escape(command(&plain).env("CLICOLOR_FORCE", "1").output().expect("it runs")), "plain has no colors anywhere");
}

#[test]
fn colors_change_no_word() {
    let arguments = ["check", "flows/incomplete.toml", "--library", "law"];
    let colored = text(&command(&arguments).env("CLICOLOR_FORCE", "1").output().expect("it runs").stdout);
    let mut bare = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        bare.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    bare.push_str(rest);
    assert_eq!(bare, text(&run(&arguments).stdout));
}

#[test]
fn a_reader_that_goes_away_is_no_accident() {
    let mut child = command(&["terms", "--format", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn a_new_flow_reads_as_it_stands() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new.toml");
    let name = path.to_str().expect("a plain path");
    assert_eq!(status(&["new", "--output", name]), 0);
    assert_ne!(status(&["check", name]), 3, "the template is a valid flow");
    assert_eq!(status(&["new", "--output", name]), 1, "a file is never overwritten");
    assert_eq!(text(&run(&["new"]).stdout), std::fs::read_to_string(&path).expect("it was written"));
}

#[test]
fn layout_changes_files_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("aurora.law");
    let messy = "instrument aq.aurora \"Aurora Act\" {\nkind   law\n        cite \"Act\" # why\n}\n";
    std::fs::write(&path, messy).expect("it can be written");
    let name = folder.path().to_str().expect("a plain path");
    assert_eq!(status(&["law", "fmt", "--check", name]), 10);
    assert_eq!(std::fs::read_to_string(&path).expect("it is there"), messy, "--check changes nothing");
    assert_eq!(status(&["law", "fmt", name]), 0);
    assert_eq!(status(&["law", "fmt", "--check", name]), 0);
}

#[test]
fn the_library_can_be_used_without_its_broken_parts() {
    let output = run(&["law", "list", "--library", "broken"]);
    assert!(text(&output.stdout).contains("the library has 2 errors"));
    let output = run(&["check", "flows/permitted.toml", "--library", "broken", "--keep-going"]);
    assert!(text(&output.stderr).contains("left out: aurora.law"));
    assert_eq!(output.status.code(), Some(11), "the place of the exporter is uncovered then");
}

#[test]
fn mutants_are_not_counted_while_a_case_fails() {
    let output = run(&["law", "mutate", "aq.aurora", "--library", "law"]);
    assert_eq!(output.status.code(), Some(10));
    let said = text(&output.stderr);
    assert!(said.contains("\"wrongly expected\" of `aq.aurora`"), "{said}");
    assert!(said.contains("`comity law test aq.aurora` shows why"), "{said}");
    assert_eq!(text(&output.stdout), "", "no share is shown");
}

#[test]
fn every_command_has_help() {
    for line in [
        "",
        "check",
        "explain",
        "route",
        "casebook",
        "import",
        "export",
        "law",
        "law list",
        "law show",
        "law check",
        "law test",
        "law fmt",
        "law compare",
        "law mutate",
        "law coverage",
        "law timeline",
        "terms",
        "terms keys",
        "terms groups",
        "terms schemes",
        "terms aliases",
        "new",
        "completions",
        "man",
    ] {
        let arguments: Vec<&str> = line.split_whitespace().chain(["--help"]).collect();
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(0), "comity {line} --help");
        assert!(text(&output.stdout).contains("Usage: comity"), "comity {line} --help");
    }
}

#[test]
fn what_the_shell_needs() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).contains("casebook"), "{shell}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    assert_eq!(status(&["man", "--output", folder.path().to_str().expect("a plain path")]), 0);
    assert!(folder.path().join("comity-check.1").exists());
    assert!(text(&run(&["man"]).stdout).contains(".TH comity"));
}

#[test]
fn the_vocabulary_can_be_searched() {
    scene(
        "terms",
        &["terms broker", "terms genetic", "terms keys clear", "terms groups @eaeu --on 2015-01-01", "terms aliases due-diligence"],
    );
}
