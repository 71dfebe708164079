// SPDX-License-Identifier: Apache-2.0
//! The files of the project, and the questions asked of the build tool.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs, io};

/// The folder of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    let own = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    own.ancestors().find(|folder| folder.join("crates").is_dir()).map_or_else(|| own.clone(), Path::to_path_buf)
}

/// Every file of the project by its path from the root, with slashes, in order; built and hidden ones left out.
///
/// # Errors
///
/// If a folder cannot be read.
pub fn files(root: &Path) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut waiting = vec![root.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let hidden = name.starts_with('.') && name != ".ci";
            if hidden || name == "target" || name == "mutants.out" {
                continue;
            }
            if path.is_dir() {
                waiting.push(path);
            } else if let Ok(relative) = path.strip_prefix(root) {
                found.push(relative.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// What `cargo metadata` says of the workspace and all it is built from.
///
/// # Errors
///
/// If the build tool cannot be run or says nothing that can be read.
pub fn metadata(root: &Path) -> Result<serde_json::Value, String> {
    let output = cargo(root).args(["metadata", "--format-version", "1"]).output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}

/// The built command `comity`: the one that `COMITY_BIN` names, else one built now.
///
/// # Errors
///
/// If it cannot be built.
pub fn command(root: &Path) -> Result<PathBuf, String> {
    if let Some(path) = env::var_os("COMITY_BIN") {
        return Ok(PathBuf::from(path));
    }
    let output = cargo(root)
        .args(["build", "--quiet", "--package", "comity", "--message-format", "json"])
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let built = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    built
        .filter_map(|message| message.get("executable").and_then(|path| path.as_str()).map(PathBuf::from))
        .find(|path| path.file_stem().is_some_and(|stem| stem == "comity"))
        .ok_or_else(|| "the build tool names no executable `comity`".to_owned())
}

fn cargo(root: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}
