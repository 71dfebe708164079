// SPDX-License-Identifier: Apache-2.0
//! `cargo run -p comity-house -- write|check`: the generated pages, and the commands in the documents.

use comity_house::{console, pages, tree};
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    let write = match env::args().nth(1).as_deref() {
        Some("write") => true,
        Some("check") => false,
        _ => {
            eprintln!("usage: cargo run -p comity-house -- write|check");
            return ExitCode::from(2);
        }
    };
    match run(&tree::root(), write) {
        Ok(stale) if stale.is_empty() => ExitCode::SUCCESS,
        Ok(stale) => {
            let what = if write { "written" } else { "not up to date" };
            stale.iter().for_each(|path| eprintln!("{what}: {path}"));
            if !write {
                eprintln!("help: run `cargo run -p comity-house -- write`, and read what changed");
            }
            if write { ExitCode::SUCCESS } else { ExitCode::from(10) }
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The paths that differ, rewritten if asked.
fn run(root: &Path, write: bool) -> Result<Vec<String>, String> {
    let broken = pages::library_errors();
    if !broken.is_empty() {
        return Err(format!("the library of instruments has errors, so no page is looked at\n{}", broken.join("\n")));
    }
    let comity = tree::command(root)?;
    let mut stale = pages::stale(root)?;
    for (path, text) in &stale {
        apply(root, path, text.as_deref(), write)?;
    }
    for (path, text) in console::stale(root, &comity)? {
        apply(root, &path, Some(&text), write)?;
        stale.push((path, None));
    }
    Ok(stale.into_iter().map(|(path, _)| path).collect())
}

fn apply(root: &Path, path: &str, text: Option<&str>, write: bool) -> Result<(), String> {
    let file = root.join(path);
    let say = |error: std::io::Error| format!("{path}: {error}");
    match text {
        _ if !write => Ok(()),
        None => fs::remove_file(file).map_err(say),
        Some(text) => {
            if let Some(folder) = file.parent() {
                fs::create_dir_all(folder).map_err(say)?;
            }
            fs::write(file, text).map_err(say)
        }
    }
}
