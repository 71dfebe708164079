// SPDX-License-Identifier: Apache-2.0
//! The rows of a register, one after the other: only as many are in memory as are looked at.

use super::cell::{Slip, to_toml, unguarded};
use super::columns::{Column, Shape, column};
use super::map::Map;
use super::split::{Encoding, Raw, Rows};
use crate::input::{Row, Source, reason};
use comity_flow::Problem;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows as they stand, until one cannot be read at all.
pub type RawRows = Box<dyn Iterator<Item = Result<Raw, String>>>;

/// Whether the path is one of a register.
pub fn is_register(path: &Path) -> bool {
    ["csv", "xlsx", "parquet"].iter().any(|ending| ends(path, ending))
}

/// Whether the name of the file has the ending.
pub fn ends(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

/// The rows of a register as flows that are still to be read.
///
/// A file that cannot be read ends in [`Source::Fault`], one with wrong columns in a row that has problems only.
pub fn rows(path: &Path, map: &Map) -> Box<dyn Iterator<Item = Source>> {
    let name = path.to_string_lossy().into_owned();
    let fault = |message: String| Source::Fault { message: format!("cannot read `{name}`: {message}"), file: name.clone() };
    // The names of the columns stand in no row of a Parquet file.
    let map = if ends(path, "parquet") { &Map { above: 0, ..map.clone() } } else { map };
    match raw(path, map) {
        Ok(raw) => rows_of(path, raw, map),
        Err(message) => Box::new(std::iter::once(fault(message))),
    }
}

/// The rows of a register as flows that are still to be read; the path is where it stands.
pub fn rows_of<'a>(path: &Path, raw: impl Iterator<Item = Result<Raw, String>> + 'a, map: &Map) -> Box<dyn Iterator<Item = Source> + 'a> {
    let name = path.to_string_lossy().into_owned();
    let fault = |message: String| Source::Fault { message: format!("cannot read `{name}`: {message}"), file: name.clone() };
    let mut raw = raw.skip(map.above);
    let header = match raw.next() {
        Some(Ok(header)) => header,
        Some(Err(message)) => return Box::new(std::iter::once(fault(message))),
        None if map.above == 0 => return Box::new(std::iter::once(fault("it is empty; the first row names the columns".to_owned()))),
        None => return Box::new(std::iter::once(fault(format!("it has no row {}, which should name the columns", map.above + 1)))),
    };
    let columns = match Columns::of(&header, map) {
        Ok(columns) => columns,
        Err(faults) => {
            let row = Row { file: name, number: header.number, line: header.line, faults, ..Row::default() };
            return Box::new(std::iter::once(Source::Row(Box::new(row))));
        }
    };
    let reader = Reader {
        name,
        folder: path.parent().map(Path::to_path_buf).unwrap_or_default(),
        map: map.clone(),
        columns,
        header: Arc::new(header.cells),
    };
    Box::new(raw.filter_map(move |row| match row {
        Ok(row) if row.faults.is_empty() && row.cells.iter().all(|cell| cell.trim().is_empty()) => None,
        Ok(row) => Some(Source::Row(Box::new(reader.row(row)))),
        Err(message) => {
            let message = format!("cannot read `{}` to its end: {message}", reader.name);
            Some(Source::Fault { message, file: reader.name.clone() })
        }
    }))
}

/// The rows as they stand.
fn raw(path: &Path, map: &Map) -> Result<RawRows, String> {
    if ends(path, "xlsx") {
        return super::xlsx::rows(path, map.sheet.as_deref());
    }
    if ends(path, "parquet") {
        return super::parquet::rows(path, map);
    }
    let file = File::open(path).map_err(|error| reason(&error))?;
    let mut file = BufReader::with_capacity(1 << 16, file);
    let start = file.fill_buf().map_err(|error| reason(&error))?;
    if start.starts_with(&[0xFF, 0xFE]) || start.starts_with(&[0xFE, 0xFF]) {
        return Err("it is text in UTF-16; save it as CSV in UTF-8".to_owned());
    }
    let mark = if start.starts_with(&[0xEF, 0xBB, 0xBF]) { 3 } else { 0 };
    let start = start.get(mark..).unwrap_or_default();
    // Some spreadsheets say in a line of its own what stands between cells.
    let said = start.strip_prefix(b"sep=").and_then(|rest| Some((*rest.first()?, rest.get(1..)?)));
    let said = said.and_then(|(sign, rest)| match rest {
        [b'\r', b'\n', ..] => Some((sign, 7)),
        [b'\r' | b'\n', ..] => Some((sign, 6)),
        _ => None,
    });
    let (delimiter, used) = said.unwrap_or_else(|| (delimiter(start, map.above), 0));
    file.consume(mark + used);
    let line = if used == 0 { 1 } else { 2 };
    // The mark says that it is UTF-8, whatever else is said of the file.
    let encoding = if mark > 0 { Encoding::Utf8 } else { map.encoding };
    let rows = Rows::new(file, delimiter, encoding, line);
    Ok(Box::new(rows.map(|row| row.map_err(|error| reason(&error)))))
}

/// The sign between the cells of the row that names the columns: many spreadsheets write `;` where the comma divides decimals.
fn delimiter(start: &[u8], above: usize) -> u8 {
    let mut quoted = false;
    let mut lines = 0;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    for byte in start {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted && lines == above => break,
            b'\n' if !quoted => lines += 1,
            byte if !quoted && lines == above => {
                counts.iter_mut().filter(|(sign, _)| sign == byte).for_each(|(_, count)| *count += 1);
            }
            _ => {}
        }
    }
    // The first of the largest: a file of one column has none, and is read with commas.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(sign, _)| *sign)
}

/// What stands in which column.
struct Columns(Vec<Option<&'static Column>>);

impl Columns {
    fn of(header: &Raw, map: &Map) -> Result<Self, Vec<Problem>> {
        let mut columns: Vec<Option<&'static Column>> = Vec::new();
        let mut faults = Vec::new();
        let mut fault = |position: usize, message: String, help: &str| {
            let (line, at) = header.spans.get(position).map_or((header.line, position + 1), |span| (span.line, span.column));
            let name = header.cells.get(position).map_or("", |name| unguarded(name).trim());
            let message = format!("column `{name}` ({}{}): {message}", letters(position), header.number);
            faults.push(Problem { line, column: at, message, help: (!help.is_empty()).then(|| help.to_owned()) });
        };
        for (position, message) in &header.faults {
            fault(*position, message.clone(), UTF_8);
        }
        for (position, name) in header.cells.iter().enumerate() {
            let name = unguarded(name).trim();
            let Some(path) = map.path(name).filter(|_| !name.is_empty()) else {
                columns.push(None);
                continue;
            };
            let found = column(path);
            match found {
                None => fault(
                    position,
                    format!("expected a key path of a flow file, such as `importer.seat`{}", map.near(name)),
                    "a mapping file renames columns under `[columns]` and leaves out those under `ignore`: see `comity import --help`",
                ),
                Some(found) if columns.iter().flatten().any(|known| known.path == found.path) => {
                    fault(position, format!("`{}` stands in two columns", found.path), "leave one of them out");
                }
                Some(_) => {}
            }
            columns.push(found);
        }
        if faults.is_empty() { Ok(Self(columns)) } else { Err(faults) }
    }
}

/// What to do about bytes that are no text.
const UTF_8: &str =
    "save the file as CSV in UTF-8; a mapping file with `encoding = \"windows-1252\"` reads one of Western European Windows";

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
    fn row(&self, raw: Raw) -> Row {
        let Raw { number, line, cells, spans, faults } = raw;
        let mut row = Row {
            file: self.name.clone(),
            folder: self.folder.clone(),
            number,
            line,
            header: Arc::clone(&self.header),
            spans,
            ..Row::default()
        };
        let mut broken = Vec::new();
        for (position, message) in faults {
            let help = message.contains("UTF-8").then(|| UTF_8.to_owned());
            row.fault(Some(position), Slip { message, help });
            broken.push(position);
        }
        let own = || self.columns.0.iter().zip(&cells).filter(|(_, cell)| !cell.trim().is_empty()).filter_map(|(column, _)| *column);
        let inner = |path: &str| own().any(|column| column.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.')));
        for (position, (column, cell)) in self.columns.0.iter().zip(&cells).enumerate() {
            let Some(column) = column else { continue };
            if !broken.contains(&position) {
                self.cell(&mut row, column, cell, Some(position), inner(&column.path));
            }
        }
        for (path, cell) in &self.map.defaults {
            // A default tells more of an assessment or a consent that the row speaks of, and never makes one.
            let parent = path.rsplit_once('.').and_then(|(parent, _)| column(parent));
            let unspoken = parent.is_some_and(|parent| parent.shape == Shape::Presence && !inner(&parent.path));
            if let Some(column) = column(path)
                && !unspoken
                && !own().any(|own| own.path == *path)
                && !inner(path)
            {
                self.cell(&mut row, column, cell, None, false);
            }
        }
        let width = self.columns.0.len();
        let more: Vec<&str> = cells.iter().skip(width).map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
        if !more.is_empty() {
            let message = format!(
                "expected {width} cells, as the row that names the columns has, found {}; too many are `{}`",
                cells.len(),
                more.join("`, `")
            );
            row.fault(Some(width), Slip { message, help: Some("a cell that holds the separator stands in double quotes".to_owned()) });
        }
        row.cells = cells;
        row
    }

    fn cell(&self, row: &mut Row, column: &'static Column, cell: &str, position: Option<usize>, has_inner: bool) {
        let cell = unguarded(cell);
        let value = match to_toml(cell, column, &self.map) {
            Ok(None) => return,
            // The table is there where one of its own columns is filled, and is written with it.
            Ok(Some(value)) if column.shape == Shape::Presence => match value.as_str() {
                "true" if has_inner => return,
                "true" => "{}".to_owned(),
                "false" if has_inner => {
                    let message = format!("expected `yes`, because a column of `{}.` is filled, found `{}`", column.path, cell.trim());
                    return row.fault(position, message.into());
                }
                "false" => return,
                _ => {
                    return row.fault(position, format!("`{}`: expected `yes` or `no`, found `{}`", column.path, cell.trim()).into());
                }
            },
            Ok(Some(value)) => value,
            Err(slip) => return row.fault(position, slip),
        };
        row.lines.push((&column.path, position));
        row.text.push_str(&format!("{} = {value}\n", column.path));
    }
}
