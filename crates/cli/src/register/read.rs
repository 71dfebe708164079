// SPDX-License-Identifier: Apache-2.0
//! The rows of a register, one after the other: only as many are in memory as are looked at.

use super::cell::{to_toml, unguarded};
use super::columns::{Column, Shape, column};
use super::map::{Map, near};
use crate::input::{Row, Source, reason};
use comity_flow::Problem;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A row as the file has it: its line, and its cells.
pub type Raw = Result<(usize, Vec<String>), String>;

/// Whether the path is one of a register.
pub fn is_register(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv") || ending.eq_ignore_ascii_case("xlsx"))
}

/// The rows of a register as flows that are still to be read.
///
/// A file that cannot be read ends in [`Source::Fault`], one with wrong columns in a row that has problems only.
pub fn rows(path: &Path, map: &Map) -> Box<dyn Iterator<Item = Source>> {
    let name = path.to_string_lossy().into_owned();
    let fault = |message: String| -> Box<dyn Iterator<Item = Source>> {
        Box::new(std::iter::once(Source::Fault(format!("cannot read `{}`: {message}", path.display()))))
    };
    let mut raw = match raw(path) {
        Ok(raw) => raw,
        Err(message) => return fault(message),
    };
    let header = match raw.next() {
        Some(Ok((_, header))) => header,
        Some(Err(message)) => return fault(message),
        None => return fault("it is empty; the first row names the columns".to_owned()),
    };
    let columns = match Columns::of(&header, map) {
        Ok(columns) => columns,
        Err(faults) => {
            let row = Row { file: name, number: 1, line: 1, faults, ..Row::default() };
            return Box::new(std::iter::once(Source::Row(Box::new(row))));
        }
    };
    let reader = Reader {
        name,
        folder: path.parent().map(Path::to_path_buf).unwrap_or_default(),
        map: map.clone(),
        columns,
        header: Arc::new(header),
    };
    let mut number = 1;
    Box::new(raw.filter_map(move |row| {
        number += 1;
        match row {
            Ok((_, cells)) if cells.iter().all(|cell| cell.trim().is_empty()) => None,
            Ok((line, cells)) => Some(Source::Row(Box::new(reader.row(number, line, cells)))),
            Err(message) => Some(Source::Fault(format!("cannot read row {number} of `{}`: {message}", reader.name))),
        }
    }))
}

/// The rows as they stand.
fn raw(path: &Path) -> Result<Box<dyn Iterator<Item = Raw>>, String> {
    if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx")) {
        return super::xlsx::rows(path);
    }
    let file = File::open(path).map_err(|error| reason(&error))?;
    let mut file = BufReader::with_capacity(1 << 16, file);
    let start = file.fill_buf().map_err(|error| reason(&error))?;
    let delimiter = delimiter(start);
    let mark = usize::from(start.starts_with(&[0xEF, 0xBB, 0xBF])) * 3;
    file.consume(mark);
    Ok(Box::new(csv_rows(file, delimiter)))
}

fn csv_rows(file: impl Read + 'static, delimiter: u8) -> impl Iterator<Item = Raw> {
    let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(file);
    reader.into_byte_records().map(|record| {
        let record = record.map_err(|error| error.to_string())?;
        let line = record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(0));
        let cells: Result<Vec<String>, String> = record
            .iter()
            .map(|cell| {
                String::from_utf8(cell.to_vec()).map_err(|_| format!("line {line} is not UTF-8 text; save the file as CSV in UTF-8"))
            })
            .collect();
        Ok((line, cells?))
    })
}

/// Spreadsheets write `;` where the comma divides decimals.
fn delimiter(start: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    for byte in start {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            byte if !quoted => counts.iter_mut().filter(|(sign, _)| sign == byte).for_each(|(_, count)| *count += 1),
            _ => {}
        }
    }
    // The first of the largest: a file of one column has none, and is read with commas.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(sign, _)| *sign)
}

/// What stands in which column.
struct Columns(Vec<Option<&'static Column>>);

impl Columns {
    fn of(header: &[String], map: &Map) -> Result<Self, Vec<Problem>> {
        let mut columns: Vec<Option<&'static Column>> = Vec::new();
        let mut faults = Vec::new();
        for (position, name) in header.iter().enumerate() {
            let name = unguarded(name).trim();
            let path = map.columns.get(name).map_or(name, String::as_str);
            let mut fault = |message: String, help: String| {
                let message = format!("column `{name}` ({}1): {message}", letters(position));
                faults.push(Problem { line: 1, column: position + 1, message, help: Some(help) });
            };
            let found = column(path);
            if name.is_empty() || name == super::PROBLEM || map.ignore.iter().any(|ignored| ignored == name) {
                columns.push(None);
                continue;
            }
            match found {
                None => fault(
                    format!("expected a key path of a flow file, such as `importer.seat`{}", near(name)),
                    "a mapping file renames columns under `[columns]` and leaves out those under `ignore`".to_owned(),
                ),
                Some(found) if columns.iter().flatten().any(|known| known.path == found.path) => {
                    fault(format!("`{}` stands in two columns", found.path), "leave one of them out".to_owned());
                }
                Some(_) => {}
            }
            columns.push(found);
        }
        if faults.is_empty() { Ok(Self(columns)) } else { Err(faults) }
    }
}

/// The name that a spreadsheet gives a column.
pub fn letters(position: usize) -> String {
    let letter = |digit: usize| char::from(b'A' + u8::try_from(digit % 26).unwrap_or(0));
    match position / 26 {
        0 => letter(position).to_string(),
        more => format!("{}{}", letters(more - 1), letter(position)),
    }
}

struct Reader {
    name: String,
    folder: PathBuf,
    map: Map,
    columns: Columns,
    header: Arc<Vec<String>>,
}

impl Reader {
    fn row(&self, number: usize, line: usize, cells: Vec<String>) -> Row {
        let mut row =
            Row { file: self.name.clone(), folder: self.folder.clone(), number, line, header: Arc::clone(&self.header), ..Row::default() };
        let filled = |path: &str| {
            let own = self.columns.0.iter().zip(&cells);
            own.clone().any(|(column, cell)| !cell.trim().is_empty() && column.is_some_and(|column| column.path.starts_with(path)))
        };
        for (position, (column, cell)) in self.columns.0.iter().zip(&cells).enumerate() {
            let Some(column) = column else { continue };
            self.cell(&mut row, column, cell, Some(position), filled(&format!("{}.", column.path)));
        }
        for (path, cell) in &self.map.defaults {
            if let Some(column) = column(path)
                && !filled(path)
            {
                self.cell(&mut row, column, cell, None, filled(&format!("{path}.")));
            }
        }
        let extra = cells.iter().skip(self.columns.0.len()).any(|cell| !cell.trim().is_empty());
        if extra {
            let message = format!("row {number} has {} cells, and the first row names {} columns", cells.len(), self.columns.0.len());
            let help = Some("a cell that holds the separator stands in double quotes".to_owned());
            row.faults.push(Problem { line, column: self.columns.0.len() + 1, message, help });
        }
        row.cells = cells;
        row
    }

    fn cell(&self, row: &mut Row, column: &Column, cell: &str, position: Option<usize>, has_inner: bool) {
        let cell = unguarded(cell);
        if cell.trim().is_empty() {
            return;
        }
        let word = |word: &str| self.map.word(&column.path, word);
        let value = match to_toml(cell, column.shape, &word) {
            // The table is there where one of its own columns is filled, and is written with it.
            Ok(value) if column.shape == Shape::Presence => match value.as_str() {
                "true" if has_inner => return,
                "true" => "{}".to_owned(),
                "false" => return,
                _ => value,
            },
            Ok(value) => value,
            Err(message) => {
                let place = row.place(position);
                row.faults.push(Problem {
                    line: row.line,
                    column: position.map_or(1, |at| at + 1),
                    message: format!("{place}: {message}"),
                    help: None,
                });
                return;
            }
        };
        row.lines.push(position);
        row.text.push_str(&format!("{} = {value}\n", column.path));
    }
}
