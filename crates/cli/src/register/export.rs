// SPDX-License-Identifier: Apache-2.0
//! `comity export`: a register of flow files.

use super::columns::{Shape, column, columns};
use super::{Map, cell, is_register, xlsx};
use crate::args::ExportArgs;
use crate::exit::Status;
use crate::input::{expand, reason, with_rows};
use crate::out::{Out, Progress};
use crate::render::diagnostic;
use crate::render::doc::count;
use comity_flow::Flow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io;
use std::path::Path;

/// The cells of a flow, by key path.
pub type Cells = BTreeMap<String, String>;

/// Writes the register.
pub fn run(args: &ExportArgs, out: &mut Out) -> io::Result<Status> {
    if !is_register(&args.to) {
        out.error(&format!("expected a register that ends in .csv or .xlsx, found `{}`", args.to.display()))?;
        return Ok(Status::Usage);
    }
    let map = match args.map.as_deref().map(Map::read).unwrap_or_else(|| Ok(Map::default())) {
        Ok(map) => map,
        Err(message) => {
            out.error(&message)?;
            return Ok(Status::Invalid);
        }
    };
    let mut status = Status::Fine;
    let (sources, faults) = expand(&args.files);
    for fault in faults {
        out.error(&fault)?;
        status = status.and(Status::Failed);
    }
    let progress = Progress::new(Some(sources.len()));
    let mut register: Vec<Cells> = Vec::new();
    for (number, source) in with_rows(sources, &map).enumerate() {
        let text = match source.text() {
            Ok(text) => text,
            Err(message) => {
                out.error(&format!("cannot read `{}`: {message}", source.name()))?;
                status = status.and(Status::Failed);
                continue;
            }
        };
        match source.flow(&text) {
            Ok(flow) => register.push(cells(&flow, &map)),
            Err(problems) => {
                let drawn = diagnostic::of_file(&source.file(), &text, &problems, out.look_of_errors());
                out.complain(&drawn)?;
                status = status.and(Status::Invalid);
            }
        }
        progress.at(number + 1);
    }
    drop(progress);
    let (header, rows) = table(&register, &map);
    let written = if args.to.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx")) {
        xlsx::write(&args.to, &header, &rows)
    } else {
        write_csv(&args.to, &header, &rows)
    };
    if let Err(message) = written {
        out.error(&format!("cannot write `{}`: {message}", args.to.display()))?;
        return Ok(status.and(Status::Failed));
    }
    out.complain(&format!("{} written to {}\n", count(rows.len(), "flow"), args.to.display()))?;
    Ok(status)
}

/// The names of the columns that are used, and the rows.
pub fn table(register: &[Cells], map: &Map) -> (Vec<String>, Vec<Vec<String>>) {
    let used: BTreeSet<&str> = register.iter().flat_map(|cells| cells.keys().map(String::as_str)).collect();
    let used: Vec<&str> = columns().iter().map(|column| column.path.as_str()).filter(|path| used.contains(path)).collect();
    let header = used.iter().map(|path| cell::guarded(map.header(path))).collect();
    let cell = |cells: &Cells, path: &str| cell::guarded(cells.get(path).cloned().unwrap_or_default());
    (header, register.iter().map(|cells| used.iter().map(|path| cell(cells, path)).collect()).collect())
}

fn write_csv(path: &Path, header: &[String], rows: &[Vec<String>]) -> Result<(), String> {
    let file = File::create(path).map_err(|error| reason(&error))?;
    let mut writer = csv::Writer::from_writer(file);
    writer.write_record(header).map_err(|error| error.to_string())?;
    for row in rows {
        writer.write_record(row).map_err(|error| error.to_string())?;
    }
    writer.flush().map_err(|error| reason(&error))
}

/// The cells of a flow. What its profile says is written out, and so is what the format filled in.
pub fn cells(flow: &Flow, map: &Map) -> Cells {
    let mut out = Cells::new();
    // The writer of flow files knows every fact; its text is the one source of what a flow says.
    if let Ok(table) = toml::from_str::<toml::Table>(&comity_flow::write(flow)) {
        flatten("", &table, map, &mut out);
    }
    out
}

fn flatten(prefix: &str, table: &toml::Table, map: &Map, out: &mut Cells) {
    for (name, value) in table {
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let shape = column(&path).map(|column| column.shape);
        match (shape, value) {
            (Some(Shape::Presence), toml::Value::Table(inner)) => {
                if inner.is_empty() {
                    out.insert(path, "true".to_owned());
                } else {
                    flatten(&path, inner, map, out);
                }
            }
            (None, toml::Value::Table(inner)) => flatten(&path, inner, map, out),
            (Some(shape), value) => {
                let word = |id: &str| map.unword(&path, id);
                let cell = cell::from_toml(value, shape, &word);
                out.insert(path, cell);
            }
            (None, _) => {}
        }
    }
}
