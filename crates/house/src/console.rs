// SPDX-License-Identifier: Apache-2.0
//! Commands that the documents show are run, and files that they show are the files.
//!
//! In a block marked `console`, each line that begins with `$ ` is run by `bash` in the root of the project, with the built
//! `comity` first on the path; what follows is its output. A block without any output is only shown, and must succeed.
//! `cargo run --release -q -p comity --` stands for `comity`.
//! A block whose mark ends in `file=PATH` holds that file.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

const BY_CARGO: &str = "cargo run --release -q -p comity --";

/// The document with every output and every file as it is now.
///
/// # Errors
///
/// If a file cannot be read or a command cannot be run.
pub fn refreshed(root: &Path, comity: &Path, document: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        out.push_str(line);
        out.push('\n');
        let Some(mark) = line.strip_prefix("```").filter(|mark| !mark.is_empty()) else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if let Some((_, path)) = mark.split_once("file=") {
            let text = fs::read_to_string(root.join(path)).map_err(|error| format!("{path}: {error}"))?;
            out.push_str(text.trim_end());
            out.push('\n');
        } else if mark == "console" {
            out.push_str(&session(root, comity, &body)?);
        } else {
            body.iter().for_each(|line| {
                out.push_str(line);
                out.push('\n');
            });
        }
        out.push_str("```\n");
    }
    Ok(out)
}

fn session(root: &Path, comity: &Path, body: &[&str]) -> Result<String, String> {
    let commands: Vec<&str> = body.iter().filter_map(|line| line.strip_prefix("$ ")).collect();
    let silent = commands.len() == body.len();
    let mut out = String::new();
    for command in commands {
        out.push_str("$ ");
        out.push_str(command);
        out.push('\n');
        let (text, good) = run(root, comity, command)?;
        if silent && !good {
            return Err(format!("`{command}` fails: {text}"));
        }
        if !silent && !text.is_empty() {
            out.push_str(text.trim_end());
            out.push('\n');
        }
    }
    Ok(out)
}

fn run(root: &Path, comity: &Path, command: &str) -> Result<(String, bool), String> {
    let folder = comity.parent().ok_or("the command has no folder")?;
    let mut path = folder.as_os_str().to_owned();
    path.push(":");
    path.push(env::var_os("PATH").unwrap_or_default());
    let output = Command::new("bash")
        .args(["-c", &format!("exec 2>&1; {}", command.replace(BY_CARGO, "comity"))])
        .current_dir(root)
        .env("PATH", path)
        .env("NO_COLOR", "1")
        .env("COLUMNS", "100")
        .output()
        .map_err(|error| format!("bash: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    // Trailing blanks would be lost in many editors.
    let text: Vec<&str> = text.lines().map(str::trim_end).collect();
    Ok((text.join("\n"), output.status.success()))
}

/// The documents that show what is no longer so, with what they should say.
///
/// # Errors
///
/// If a file cannot be read or a command cannot be run.
pub fn stale(root: &Path, comity: &Path) -> Result<Vec<(String, String)>, String> {
    let mut stale = Vec::new();
    let files = crate::tree::files(root).map_err(|error| error.to_string())?;
    for path in files.into_iter().filter(|path| path.ends_with(".md") && !path.starts_with("law/")) {
        let text = fs::read_to_string(root.join(&path)).map_err(|error| format!("{path}: {error}"))?;
        let fresh = refreshed(root, comity, &text).map_err(|error| format!("{path}: {error}"))?;
        if fresh.trim_end() != text.trim_end() {
            stale.push((path, fresh));
        }
    }
    Ok(stale)
}
