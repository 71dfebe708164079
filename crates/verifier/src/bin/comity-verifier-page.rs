// SPDX-License-Identifier: Apache-2.0
//! `comity-verifier-page PROGRAM PAGE`: writes the page around a program that was compiled to WebAssembly.

use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    let [program, page] = env::args_os().skip(1).collect::<Vec<_>>().try_into().unwrap_or_default();
    if page.is_empty() {
        eprintln!("usage: comity-verifier-page PROGRAM PAGE");
        return ExitCode::from(2);
    }
    let made = fs::read(&program)
        .map_err(|error| format!("cannot read `{}`: {error}", program.display()))
        .and_then(|bytes| comity_verifier::page::page(&bytes).map_err(|error| error.to_string()))
        .and_then(|text| fs::write(&page, text).map_err(|error| format!("cannot write `{}`: {error}", page.display())));
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}
