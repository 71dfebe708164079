// SPDX-License-Identifier: Apache-2.0
//! `comity law matrix`: how far apart instruments are, every pair of them.

use crate::args::{MatrixArgs, MatrixFormat};
use crate::exit::Status;
use crate::library::unknown;
use crate::out::{Out, Progress};
use crate::render::heat;
use crate::render::matrix::{Cell, Matrix, document, of_cell};
use comity_judge::compare::{Side, distance};
use comity_law::ast::{Instrument, Kind};
use jiff::civil::Date;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

/// Compares every pair and shows the matrix.
pub fn run(args: &MatrixArgs, today: Date, out: &mut Out) -> io::Result<Status> {
    let loaded = match super::open(&args.library, today, out)? {
        Ok(loaded) => loaded,
        Err(status) => return Ok(status),
    };
    let library = &loaded.library;
    if let Some(id) = args.ids.iter().find(|id| library.instrument(id).is_none()) {
        out.error(&unknown(library, id))?;
        return Ok(Status::Usage);
    }
    let day = args.on.unwrap_or(today);
    let mut chosen: Vec<&Instrument> = match args.ids.as_slice() {
        [] => library
            .instruments
            .iter()
            .filter(|instrument| matches!(instrument.kind, Kind::Law | Kind::Treaty) && instrument.in_force_on(day, today))
            .collect(),
        ids => ids.iter().filter_map(|id| library.instrument(id)).collect(),
    };
    chosen.dedup_by(|a, b| a.id.text == b.id.text);
    let pairs: Vec<(usize, usize)> = (0..chosen.len()).flat_map(|row| (row + 1..chosen.len()).map(move |column| (row, column))).collect();
    if pairs.is_empty() {
        out.error("a matrix needs two instruments at least; `comity law list` shows all")?;
        return Ok(Status::Usage);
    }
    let side = |index: usize| chosen.get(index).map(|instrument| Side { library, instrument, day, known: today });
    let next = AtomicUsize::new(0);
    let (to_us, results) = mpsc::channel();
    let mut cells: Vec<Cell> = Vec::new();
    let progress = Progress::new(None);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            let (to_us, next, pairs, side) = (to_us.clone(), &next, &pairs, &side);
            scope.spawn(move || {
                while let Some((row, column)) = pairs.get(next.fetch_add(1, Ordering::Relaxed)).copied() {
                    let (Some(first), Some(second)) = (side(row), side(column)) else { continue };
                    if to_us.send(Cell::new(row, column, distance(first, second).ok())).is_err() {
                        return;
                    }
                }
            });
        }
        drop(to_us);
        for cell in results {
            cells.push(cell);
            progress.say(&format!("{} of {} pairs", cells.len(), pairs.len()));
        }
    });
    drop(progress);
    cells.sort_by_key(|cell| (cell.row, cell.column));
    let names = chosen.iter().map(|instrument| (instrument.id.text.clone(), instrument.title.clone())).collect();
    let matrix = Matrix { names, cells, day };
    match args.format {
        MatrixFormat::Json => {
            for cell in &matrix.cells {
                out.json(&of_cell(&matrix, cell))?;
            }
        }
        MatrixFormat::Csv => csv(&matrix, out)?,
        MatrixFormat::Svg => out.raw(&heat::svg(&matrix))?,
        MatrixFormat::Text => out.blocks(&document(&matrix), crate::args::Format::Text)?,
        MatrixFormat::Plain => out.blocks(&document(&matrix), crate::args::Format::Plain)?,
    }
    Ok(Status::Fine)
}

fn csv(matrix: &Matrix, out: &mut Out) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out.writer());
    writer.write_record([
        "first",
        "second",
        "on",
        "classes",
        "differently",
        "share",
        "first_at_least_as_protective",
        "second_at_least_as_protective",
    ])?;
    for cell in &matrix.cells {
        let base = [matrix.id(cell.row).to_owned(), matrix.id(cell.column).to_owned(), matrix.day.to_string()];
        let more = match &cell.measure {
            Some(measure) => [
                format!("{:e}", measure.classes),
                format!("{:e}", measure.classes * measure.share),
                measure.share.to_string(),
                measure.first.to_string(),
                measure.second.to_string(),
            ],
            None => ["gave up", "", "", "", ""].map(str::to_owned),
        };
        writer.write_record(base.iter().chain(&more))?;
    }
    writer.flush()
}
