// SPDX-License-Identifier: Apache-2.0
//! The rules of the house, held against the house.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly, its helpers too")]

use comity_house::{console, files, graph, licence, links, pages, tree};
use std::fs;

fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

/// Path and text of every file that is text.
fn texts() -> Vec<(String, String)> {
    let root = tree::root();
    let files = tree::files(&root).unwrap();
    files.into_iter().filter_map(|path| fs::read_to_string(root.join(&path)).ok().map(|text| (path, text))).collect()
}

#[test]
fn crates_use_only_what_they_may() {
    none(graph::faults(&tree::metadata(&tree::root()).unwrap()));
}

#[test]
fn every_licence_is_on_the_list() {
    none(licence::faults(&tree::metadata(&tree::root()).unwrap()));
}

#[test]
fn the_two_lists_of_licences_are_one() {
    let deny = fs::read_to_string(tree::root().join("deny.toml")).unwrap();
    let line = deny.lines().find(|line| line.starts_with("allow = ")).unwrap();
    let listed: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
    assert_eq!(listed, licence::ALLOWED);
}

#[test]
fn files_keep_the_rules() {
    none(texts().iter().flat_map(|(path, text)| files::faults(path, text)).collect());
}

#[test]
fn links_lead_somewhere() {
    let root = tree::root();
    // The templates of generated pages are read where the pages stand.
    let pages = |path: &str| path.ends_with(".md") && !path.starts_with("crates/house/pages/");
    none(texts().iter().filter(|(path, _)| pages(path)).flat_map(|(path, text)| links::faults(&root, path, text)).collect());
}

#[test]
fn generated_pages_are_fresh() {
    let stale = pages::stale(&tree::root()).unwrap();
    none(stale.into_iter().map(|(path, _)| format!("{path}: run `cargo run -p comity-house -- write`")).collect());
}

#[test]
fn what_the_documents_show_is_so() {
    let root = tree::root();
    let comity = tree::command(&root).unwrap();
    let stale = console::stale(&root, &comity).unwrap();
    none(stale.into_iter().map(|(path, _)| format!("{path}: run `cargo run -p comity-house -- write`, and read what changed")).collect());
}
