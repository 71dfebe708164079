// SPDX-License-Identifier: Apache-2.0
//! Writes receipts of every kind into a folder, for the test in a browser: `cases.json` says what is there.

#[path = "../tests/support/mod.rs"]
mod support;

use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    let Some(folder) = env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: cases FOLDER");
        return ExitCode::from(2);
    };
    let mut list = Vec::new();
    let mut written = fs::create_dir_all(&folder);
    for case in support::cases() {
        let files = [("json", Some(&case.receipt)), ("policy", Some(&case.policy)), ("document", case.document.as_ref())];
        for (ending, bytes) in files {
            let Some(bytes) = bytes else { continue };
            written = written.and_then(|()| fs::write(folder.join(format!("{}.{ending}", case.name)), bytes));
        }
        list.push(json!({ "name": case.name, "document": case.document.is_some() }));
    }
    match written.and_then(|()| fs::write(folder.join("cases.json"), json!(list).to_string())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: cannot write into `{}`: {error}", folder.display());
            ExitCode::FAILURE
        }
    }
}
