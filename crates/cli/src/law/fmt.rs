// SPDX-License-Identifier: Apache-2.0
//! `comity law fmt`: lays out instruments.

use crate::exit::Status;
use crate::input::{reason, walk};
use crate::out::Out;
use crate::render::doc::count;
use comity_law::lexer::{TokenKind, tokens};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Lays out the files, or says which would change.
pub fn run(files: &[String], check: bool, out: &mut Out) -> io::Result<Status> {
    let mut status = Status::Fine;
    let (mut changed, mut total) = (0, 0);
    let (mut paths, mut faults) = (Vec::new(), Vec::new());
    for file in files {
        let path = Path::new(file);
        if file == "-" {
            return stdin(check, out);
        } else if path.is_dir() {
            walk(path, &["law"], &mut paths, &mut faults);
        } else {
            paths.push(path.to_path_buf());
        }
    }
    for path in &paths {
        match lay_out(path, check) {
            Ok(did) => {
                total += 1;
                if did {
                    changed += 1;
                    out.raw(&format!("{} {}\n", if check { "would change" } else { "changed" }, path.display()))?;
                }
            }
            Err(message) => faults.push(message),
        }
    }
    for fault in faults {
        out.error(&fault)?;
        status = status.and(Status::Failed);
    }
    let word = if check { "would change" } else { "changed" };
    out.raw(&format!("{changed} of {} {word}\n", count(total, "file")))?;
    Ok(if check && changed > 0 { status.and(Status::No) } else { status })
}

fn stdin(check: bool, out: &mut Out) -> io::Result<Status> {
    let mut text = String::new();
    if let Err(error) = io::stdin().lock().read_to_string(&mut text) {
        out.error(&format!("cannot read standard input: {}", reason(&error)))?;
        return Ok(Status::Failed);
    }
    match formatted(&text) {
        Ok(new) if check => Ok(if new == text { Status::Fine } else { Status::No }),
        Ok(new) => {
            out.raw(&new)?;
            Ok(Status::Fine)
        }
        Err(message) => {
            out.error(&format!("standard input: {message}"))?;
            Ok(Status::Failed)
        }
    }
}

/// Whether the file changed, or would.
fn lay_out(path: &PathBuf, check: bool) -> Result<bool, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("cannot read `{}`: {}", path.display(), reason(&error)))?;
    let new = formatted(&text).map_err(|message| format!("`{}`: {message}", path.display()))?;
    if new == text {
        return Ok(false);
    }
    if !check {
        fs::write(path, new).map_err(|error| format!("cannot write `{}`: {}", path.display(), reason(&error)))?;
    }
    Ok(true)
}

/// The new layout. Law is never changed by laying it out: the words are compared before anything is written.
fn formatted(text: &str) -> Result<String, String> {
    let new = comity_law::format(text);
    let words = |text: &str| -> Vec<String> {
        tokens(text)
            .iter()
            .filter(|token| token.kind != TokenKind::End)
            .map(|token| text.get(token.span.start..token.span.end).unwrap_or("").trim_end().to_owned())
            .collect()
    };
    if words(text) == words(&new) {
        Ok(new)
    } else {
        Err("the layout would change its words, so it was left alone: this is a mistake in Comity".to_owned())
    }
}
