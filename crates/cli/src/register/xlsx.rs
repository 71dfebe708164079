// SPDX-License-Identifier: Apache-2.0
//! Workbooks: the first sheet of an `.xlsx` file, where the build has them.

use super::read::Raw;
use std::path::Path;

#[cfg(not(feature = "xlsx"))]
const WITHOUT: &str = "this build reads and writes CSV only; save the sheet as CSV in UTF-8, or build Comity with `--features xlsx`";

/// The rows of the first sheet.
#[cfg(feature = "xlsx")]
pub fn rows(path: &Path) -> Result<Box<dyn Iterator<Item = Raw>>, String> {
    use calamine::Reader;
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).map_err(|error: calamine::XlsxError| error.to_string())?;
    let range = book.worksheet_range_at(0).ok_or("it has no sheet")?.map_err(|error| error.to_string())?;
    let first = range.start().map_or(0, |(row, _)| row);
    let left = range.start().map_or(0, |(_, column)| column);
    let rows: Vec<Vec<String>> = range.rows().map(|row| (0..left).map(|_| String::new()).chain(row.iter().map(cell)).collect()).collect();
    let first = usize::try_from(first).unwrap_or(0);
    Ok(Box::new(rows.into_iter().enumerate().map(move |(position, cells)| Ok((first + position + 1, cells)))))
}

#[cfg(feature = "xlsx")]
fn cell(value: &calamine::Data) -> String {
    use calamine::Data;
    match value {
        Data::Empty => String::new(),
        Data::DateTime(moment) => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            let time = if (hour, minute, second) == (0, 0, 0) { String::new() } else { format!("T{hour:02}:{minute:02}:{second:02}") };
            format!("{year:04}-{month:02}-{day:02}{time}")
        }
        Data::DateTimeIso(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The rows of the first sheet.
#[cfg(not(feature = "xlsx"))]
pub fn rows(_: &Path) -> Result<Box<dyn Iterator<Item = Raw>>, String> {
    Err(WITHOUT.to_owned())
}

/// Writes a workbook of one sheet.
#[cfg(feature = "xlsx")]
pub fn write(path: &Path, header: &[String], rows: &[Vec<String>]) -> Result<(), String> {
    fill(path, header, rows).map_err(|error| error.to_string())
}

#[cfg(feature = "xlsx")]
fn fill(path: &Path, header: &[String], rows: &[Vec<String>]) -> Result<(), rust_xlsxwriter::XlsxError> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let bold = rust_xlsxwriter::Format::new().set_bold();
    sheet.set_name("flows")?;
    for (column, name) in (0_u16..).zip(header) {
        sheet.write_string_with_format(0, column, name, &bold)?;
    }
    sheet.set_freeze_panes(1, 1)?;
    for (line, row) in (1_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(row).filter(|(_, cell)| !cell.is_empty()) {
            // Everything is text: a spreadsheet must not make a number of an id, nor a day of its own calendar of a day.
            sheet.write_string(line, column, cell)?;
        }
    }
    book.save(path)
}

/// Writes a workbook of one sheet.
#[cfg(not(feature = "xlsx"))]
pub fn write(_: &Path, _: &[String], _: &[Vec<String>]) -> Result<(), String> {
    Err(WITHOUT.to_owned())
}
