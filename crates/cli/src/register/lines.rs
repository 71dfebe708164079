// SPDX-License-Identifier: Apache-2.0
//! JSON Lines: one flow as a JSON object to a line, read one after the other.

use crate::input::{Row, Source, Written, reason};
use comity_flow::Problem;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Whether the path is one of flows in JSON Lines.
pub fn is_lines(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("jsonl") || ending.eq_ignore_ascii_case("ndjson"))
}

/// The lines as flows that are still to be read; empty ones are left out.
///
/// A file that cannot be read ends in [`Source::Fault`].
pub fn lines(path: &Path) -> Box<dyn Iterator<Item = Source>> {
    let name = path.to_string_lossy().into_owned();
    let file = match File::open(path) {
        Ok(file) => BufReader::with_capacity(1 << 16, file),
        Err(error) => {
            let message = format!("cannot read `{name}`: {}", reason(&error));
            return Box::new(std::iter::once(Source::Fault { file: name, message }));
        }
    };
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let line = move |(position, bytes): (usize, std::io::Result<Vec<u8>>)| {
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => {
                let message = format!("cannot read `{name}` to its end: {}", reason(&error));
                return Some(Source::Fault { file: name.clone(), message });
            }
        };
        if bytes.trim_ascii().is_empty() {
            return None;
        }
        let number = position + 1;
        let mut row = Row { file: name.clone(), folder: folder.clone(), number, line: number, written: Written::Json, ..Row::default() };
        match String::from_utf8(bytes) {
            Ok(text) => row.text = text,
            Err(error) => row.faults.push(Problem {
                line: number,
                column: 1,
                message: format!("line {number}: it is not UTF-8 text: byte {} cannot be read", error.utf8_error().valid_up_to() + 1),
                help: None,
            }),
        }
        Some(Source::Row(Box::new(row)))
    };
    let mut failed = false;
    let lines = file.split(b'\n').enumerate().take_while(move |(_, bytes)| {
        // What fails once fails for ever.
        !std::mem::replace(&mut failed, bytes.is_err())
    });
    Box::new(lines.filter_map(line))
}
