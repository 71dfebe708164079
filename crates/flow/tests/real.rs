// SPDX-License-Identifier: Apache-2.0
//! Every case and probe of the case book reads without a problem, and what is written reads back the same.

use comity_flow::{Flow, Format, read, write};
use std::path::{Path, PathBuf};

fn no_profile(_: &str) -> Result<String, String> {
    Err("no profile here".to_owned())
}

/// The folder named by `COMITY_FACTS`, or the case book of the workspace.
fn folder() -> PathBuf {
    match std::env::var_os("COMITY_FACTS") {
        Some(folder) => PathBuf::from(folder),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../casebook"),
    }
}

fn flow_files(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            flow_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "toml") {
            // Other files of the same notation may stand in the folder.
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            if text.contains("[decided]") || text.contains("[expected]") {
                found.push((path, text));
            }
        }
    }
}

/// What a written file keeps: all but the lines and the record of what was assumed.
fn kept(mut flow: Flow) -> Flow {
    flow.lines.clear();
    flow.assumed.clear();
    flow
}

#[test]
fn every_file_of_the_case_book_reads() {
    let mut files = Vec::new();
    flow_files(&folder(), &mut files);
    files.sort();
    if files.is_empty() {
        eprintln!("skipped: no case files are here; set COMITY_FACTS to their folder");
        return;
    }
    let mut wrong = Vec::new();
    for (path, text) in &files {
        match read(text, Format::Toml, &no_profile) {
            Err(problems) => wrong.extend(problems.iter().map(|problem| format!("{}:{problem}", path.display()))),
            Ok(flow) => {
                assert!(flow.decided.is_some() || flow.expected.is_some(), "{}", path.display());
                let written = write(&flow);
                let again = read(&written, Format::Toml, &no_profile)
                    .unwrap_or_else(|problems| panic!("{}: {problems:?}\n{written}", path.display()));
                assert_eq!(kept(flow), kept(again), "{}\n{written}", path.display());
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} files:\n{}", wrong.len(), files.len(), wrong.join("\n"));
    eprintln!("{} files read", files.len());
}
