// SPDX-License-Identifier: Apache-2.0
//! Workbooks: the first sheet of an `.xlsx` file, where the build has them.

use super::Map;
use super::read::RawRows;
#[cfg(feature = "xlsx")]
use super::split::Raw;
use std::path::Path;

#[cfg(not(feature = "xlsx"))]
const WITHOUT: &str = "this build reads and writes CSV only; save the sheet as CSV in UTF-8, or build Comity with `--features xlsx`";

/// So many rows of a workbook wait to be looked at.
#[cfg(feature = "xlsx")]
const WAITING: usize = 64;

/// The rows of a sheet, which a thread of its own unpacks as they are asked for.
#[cfg(feature = "xlsx")]
pub fn rows(path: &Path, sheet: Option<&str>) -> Result<RawRows, String> {
    use calamine::Reader;
    let mut book: calamine::Xlsx<_> = calamine::open_workbook(path).map_err(|error: calamine::XlsxError| error.to_string())?;
    let sheets = book.sheet_names();
    let name = match sheet {
        None => sheets.first().cloned().ok_or("it has no sheet")?,
        Some(asked) if sheets.iter().any(|known| known == asked) => asked.to_owned(),
        Some(asked) => {
            let near = comity_terms::nearest(asked, sheets.iter().map(String::as_str));
            let near = near.map_or_else(|| format!("it has `{}`", sheets.join("`, `")), |near| format!("did you mean `{near}`?"));
            return Err(format!("it has no sheet `{asked}`; {near}"));
        }
    };
    let (to, from) = std::sync::mpsc::sync_channel(WAITING);
    let worker = std::thread::spawn(move || {
        let mut send = |row: Result<Raw, String>| to.send(row).is_ok();
        if let Err(error) = unpack(&mut book, &name, &mut send) {
            send(Err(error.to_string()));
        }
    });
    let mut worker = Some(worker);
    Ok(Box::new(std::iter::from_fn(move || match from.recv() {
        Ok(row) => Some(row),
        // The end, or an accident that must not look like the end.
        Err(_) => worker.take().and_then(|worker| worker.join().err()).map(|_| Err("the workbook is damaged".to_owned())),
    })))
}

/// Hands over the rows of a sheet until nobody wants more.
#[cfg(feature = "xlsx")]
fn unpack(
    book: &mut calamine::Xlsx<std::io::BufReader<std::fs::File>>,
    sheet: &str,
    send: &mut dyn FnMut(Result<Raw, String>) -> bool,
) -> Result<(), calamine::XlsxError> {
    let mut cells = book.worksheet_cells_reader(sheet)?;
    let mut row = Raw { number: 1, line: 1, ..Raw::default() };
    while let Some(found) = cells.next_cell()? {
        let (line, column) = found.get_position();
        let (number, column) = (usize::try_from(line).unwrap_or(0) + 1, usize::try_from(column).unwrap_or(0));
        while row.number < number {
            let next = Raw { number: row.number + 1, line: row.number + 1, ..Raw::default() };
            if !send(Ok(std::mem::replace(&mut row, next))) {
                return Ok(());
            }
        }
        row.cells.resize(row.cells.len().max(column + 1), String::new());
        if let Some(place) = row.cells.get_mut(column) {
            *place = cell(&found.get_value().clone().into());
        }
    }
    send(Ok(row));
    Ok(())
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
pub fn rows(_: &Path, _: Option<&str>) -> Result<RawRows, String> {
    Err(WITHOUT.to_owned())
}

/// Writes a workbook of one sheet.
#[cfg(feature = "xlsx")]
pub fn write(path: &Path, header: &[String], rows: &[Vec<String>], map: &Map) -> Result<(), String> {
    fill(path, header, rows, map).map_err(|error| error.to_string())
}

#[cfg(feature = "xlsx")]
fn fill(path: &Path, header: &[String], rows: &[Vec<String>], map: &Map) -> Result<(), rust_xlsxwriter::XlsxError> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let bold = rust_xlsxwriter::Format::new().set_bold();
    sheet.set_name(map.sheet.as_deref().unwrap_or("flows"))?;
    // The row that names the columns stands where the mapping file looks for it.
    let above = u32::try_from(map.above).unwrap_or(0);
    for (column, name) in (0_u16..).zip(header) {
        sheet.write_string_with_format(above, column, name, &bold)?;
    }
    sheet.set_freeze_panes(above + 1, 1)?;
    for (line, row) in (above + 1..).zip(rows) {
        for (column, cell) in (0_u16..).zip(row).filter(|(_, cell)| !cell.is_empty()) {
            // Everything is text: a spreadsheet must not make a number of an id, nor a day of its own calendar of a day.
            sheet.write_string(line, column, cell)?;
        }
    }
    book.save(path)
}

/// Writes a workbook of one sheet.
#[cfg(not(feature = "xlsx"))]
pub fn write(_: &Path, _: &[String], _: &[Vec<String>], _: &Map) -> Result<(), String> {
    Err(WITHOUT.to_owned())
}
