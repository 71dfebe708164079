// SPDX-License-Identifier: Apache-2.0
//! The filter that runs in the page: a question on standard input, the answer on standard output.

use comity_verifier::question::{Question, answer};
use std::io::{Write, stdin, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    let answered = Question::read(&mut stdin().lock()).map_err(|error| error.to_string()).and_then(|question| {
        let answer = answer(&question);
        writeln!(stdout(), "{answer}").map_err(|error| error.to_string())
    });
    match answered {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}
