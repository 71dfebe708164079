// SPDX-License-Identifier: Apache-2.0
//! Asking, replaying and comparing, as a person meets them.

#![expect(clippy::expect_used, reason = "a test may fail loudly, its helpers too")]

mod support;

use std::fs;
use std::path::Path;
use support::{fixture, piped, run, scene, status, text};

const AURORA: [&str; 6] = ["--library", "law", "--known-on", "2026-01-01", "--on", "2024-03-01"];

fn talk(folder: &Path, first: &[&str], answers: &str) -> (std::process::Output, std::path::PathBuf) {
    let path = folder.join("answered.toml");
    let mut arguments = vec!["ask"];
    arguments.extend(first);
    arguments.extend(AURORA);
    let name = path.to_str().expect("a plain path").to_owned();
    arguments.extend(["--output", &name]);
    (piped(&arguments, answers), path)
}

#[test]
fn the_next_questions_of_a_file() {
    scene(
        "ask",
        &[
            "ask flows/undetermined.toml --library law --known-on 2026-01-01",
            "ask flows/undetermined.toml --library law --known-on 2026-01-01 --number 1 --format plain",
            "ask flows/undetermined.toml --library law --known-on 2026-01-01 --format json",
            "ask flows/permitted.toml --library law --known-on 2026-01-01",
            "ask broken/invalid.toml --library law",
        ],
    );
}

#[test]
fn a_conversation_from_nothing_ends_decided() {
    let folder = tempfile::tempdir().expect("a folder");
    let (output, path) = talk(folder.path(), &[], "AQ\nforeign-mil\nno\n");
    let errors = text(&output.stderr);
    assert!(errors.contains("Question 1. In which country or territory is the exporter"), "{errors}");
    assert!(errors.contains("> "), "{errors}");
    assert!(text(&output.stdout).starts_with("answered: prohibited on 2024-03-01"), "{}\n{errors}", text(&output.stdout));
    assert_eq!(output.status.code(), Some(10));
    let mut check = vec!["check", path.to_str().expect("a plain path")];
    check.extend(AURORA);
    assert_eq!(status(&check), 10, "the file has the verdict that was said");
}

#[test]
fn a_conversation_can_go_back_skip_and_stop() {
    let folder = tempfile::tempdir().expect("a folder");
    let (output, path) = talk(folder.path(), &[], "AQ\nback\nback\nantarc\nskip\nnonsense\n?\nquit\n");
    let errors = text(&output.stderr);
    assert!(errors.contains("There is no answer to take back."), "{errors}");
    assert!(errors.contains("Asked by:") && errors.contains("aq.aurora"), "{errors}");
    let written = fs::read_to_string(path).expect("it was written");
    assert!(written.contains("seat = \"AQ\"") && !written.contains("type"), "{written}");
    assert_eq!(output.status.code(), Some(11));
}

#[test]
fn a_conversation_never_overwrites() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("answered.toml"), "mine").expect("it can be written");
    let (output, path) = talk(folder.path(), &[], "AQ\n");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(fs::read_to_string(path).expect("it is there"), "mine");
}

#[test]
fn a_conversation_goes_on_from_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let (output, path) = talk(folder.path(), &["flows/undetermined.toml", "--interactive"], "foreign-military\n");
    assert_eq!(output.status.code(), Some(10), "{}", text(&output.stderr));
    let written = fs::read_to_string(path).expect("it was written");
    assert!(written.contains("type = [\"foreign-military\"]") && written.contains("explicit = true"), "{written}");
}

#[test]
fn flows_under_a_draft() {
    scene(
        "replay",
        &[
            "replay flows --against drafts/aurora.law --library law --known-on 2026-01-01",
            "replay flows --against drafts/aurora.law --library law --known-on 2026-01-01 --format plain",
            "replay flows --against drafts/aurora.law --library law --known-on 2026-01-01 --format json",
            "replay flows --against 2019-06-01 --library law --known-on 2026-01-01",
            "replay flows/permitted.toml --against law --library law --known-on 2026-01-01",
            "replay flows --against broken/aurora.law --library law",
            "replay flows --against drafts/nothing.law --library law",
        ],
    );
}

#[test]
fn two_laws_and_the_flows_that_they_tell_apart() {
    scene(
        "compare",
        &[
            "law compare aq.aurora bv.code --library law --on 2024-03-01",
            "law compare aq.aurora bv.code --library law --on 2024-03-01 --flows flows",
            "law compare aq.aurora --library law --on 2019-06-01 --against 2024-03-01 --flows flows --format plain",
            "law compare aq.aurora bv.code --library law --on 2024-03-01 --flows flows --format json",
            "law compare aq.aurora bv.code --library law --on 2024-03-01 --both-govern --flows flows",
            "law compare aq.aurora bv.code --library law --on 2024-03-01 --flows flows/nothing.toml broken/invalid.toml",
        ],
    );
}

#[test]
fn the_kind_of_a_change() {
    let kind = |file: &str| {
        let output = run(&["law", "compare", file, "--library", "law", "--on", "2024-03-01", "--format", "json"]);
        let line: serde_json::Value = serde_json::from_str(&text(&output.stdout)).expect("it is JSON");
        line["change"]["kind"].as_str().expect("a kind").to_owned()
    };
    assert_eq!(kind("drafts/aurora.law"), "major");
    assert_eq!(kind("law/aq/aurora.law"), "patch");
    let law = fs::read_to_string(fixture().join("law/aq/aurora.law")).expect("it is there");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("aurora.law");
    let earlier = law.replace("in force 2020-01-01", "in force 2019-01-01");
    fs::write(&path, earlier).expect("it can be written");
    assert_eq!(kind(path.to_str().expect("a plain path")), "minor", "only days on which the old version was not in force");
    let output = run(&["law", "compare", "drafts/aurora.law", "--library", "law", "--on", "2024-03-01"]);
    assert!(text(&output.stdout).starts_with("major: some decided verdict changes, first on 2020-01-01"));
}

#[test]
fn every_pair_of_instruments() {
    let pairs = "law matrix eu.gdpr gb.uk-gdpr ch.fadp --on 2024-03-01";
    let output = run(&pairs.split(' ').collect::<Vec<_>>());
    assert_eq!(output.status.code(), Some(0));
    assert!(text(&output.stdout).starts_with("3 instruments, 3 pairs on 2024-03-01"));
    scene(
        "matrix",
        &[
            "law matrix aq.aurora bv.code --library law --on 2024-03-01",
            "law matrix aq.aurora bv.code --library law --on 2024-03-01 --format plain",
            "law matrix aq.aurora bv.code --library law --on 2024-03-01 --format csv",
            "law matrix aq.aurora bv.code --library law --on 2024-03-01 --format json",
            "law matrix aq.aurora --library law",
            "law matrix aq.auroro bv.code --library law",
        ],
    );
}

#[test]
fn the_picture_is_well_formed_and_says_its_numbers() {
    let drawn = text(&run(&["law", "matrix", "aq.aurora", "bv.code", "--library", "law", "--on", "2024-03-01", "--format", "svg"]).stdout);
    let mut open: Vec<&str> = Vec::new();
    let (mut rest, mut cells) = (drawn.as_str(), 0);
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, after) = after.split_once('>').expect("every tag is closed");
        let name = tag.trim_start_matches('/').split([' ', '/']).next().expect("a tag has a name");
        cells += usize::from(tag.contains("role=\"cell\""));
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        rest = after;
    }
    assert!(open.is_empty(), "{open:?}");
    assert_eq!(cells, 4);
    for part in ["<title id=\"title\">", "<desc id=\"desc\">", "role=\"columnheader\"", "prefers-color-scheme: dark", "judged differently"]
    {
        assert!(drawn.contains(part), "{part}");
    }
}
