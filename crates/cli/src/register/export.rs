// SPDX-License-Identifier: Apache-2.0
//! `comity export`: a register of flow files.

use super::columns::{Column, Shape, column, columns};
use super::read::ends;
use super::split::Raw;
use super::{Map, cell, is_register, map_file, parquet, read, xlsx};
use crate::args::ExportArgs;
use crate::exit::Status;
use crate::input::{Source, expand, reason, with_rows};
use crate::out::{Out, Progress};
use crate::render::diagnostic;
use crate::render::doc::count;
use comity_flow::Flow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

/// The cells of a flow, by key path.
pub type Cells = BTreeMap<String, String>;

/// Writes the register.
pub fn run(args: &ExportArgs, out: &mut Out) -> io::Result<Status> {
    if !is_register(&args.to) {
        out.error(&format!("expected a register that ends in .csv, .xlsx or .parquet, found `{}`", args.to.display()))?;
        return Ok(Status::Usage);
    }
    let map = match map_file::open(args.map.as_deref(), out)? {
        Ok(map) => map,
        Err(status) => return Ok(status),
    };
    let mut status = Status::Fine;
    let (sources, faults) = expand(&args.files);
    for fault in faults {
        out.error(&fault)?;
        status = status.and(Status::Failed);
    }
    let progress = Progress::new(Some(sources.len()));
    let mut register: Vec<Cells> = Vec::new();
    let mut flows: Vec<Flow> = Vec::new();
    for (number, source) in with_rows(sources, &map).enumerate() {
        let text = match source.text() {
            Ok(text) => text,
            Err(message) => {
                let told = matches!(source, Source::Fault { .. });
                out.error(&if told { message } else { format!("cannot read `{}`: {message}", source.name()) })?;
                status = status.and(Status::Failed);
                continue;
            }
        };
        match source.flow(&text) {
            Ok(flow) => {
                register.push(cells(&flow, &map));
                if !map.defaults.is_empty() {
                    flows.push(flow);
                }
            }
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
    // Without defaults a flow comes back as it is, which the tests hold; a default would speak where the flow is silent.
    if !map.defaults.is_empty() {
        for fault in changed(&args.to, &header, &rows, &flows, &map) {
            out.error(&fault)?;
            status = status.and(Status::Invalid);
        }
    }
    let written = if ends(&args.to, "xlsx") {
        xlsx::write(&args.to, &header, &rows, &map)
    } else if ends(&args.to, "parquet") {
        parquet::write(&args.to, &header, &rows, &map)
    } else {
        write_csv(&args.to, &header, &rows, &map)
    };
    if let Err(message) = written {
        out.error(&format!("cannot write `{}`: {message}", args.to.display()))?;
        return Ok(status.and(Status::Failed));
    }
    out.raw(&format!("{} written to {}\n", count(rows.len(), "flow"), args.to.display()))?;
    Ok(status)
}

/// The flows that would not import unchanged because the mapping file has defaults, one sentence each.
fn changed(to: &Path, header: &[String], rows: &[Vec<String>], flows: &[Flow], map: &Map) -> Vec<String> {
    let header = Raw { number: 1, line: 1, cells: header.to_vec(), ..Raw::default() };
    let raw = (2..).zip(rows).map(|(number, cells)| Ok(Raw { number, line: number, cells: cells.clone(), ..Raw::default() }));
    let back = read::rows_of(to, std::iter::once(Ok(header.clone())).chain(raw), &Map { above: 0, ..map.clone() });
    let faults = back.zip(flows).filter_map(|(row, flow)| {
        let keys = match row.flow("") {
            Ok(again) => {
                let (again, flow) = (comity_flow::write(&again), comity_flow::write(flow));
                let new = again.lines().filter(|line| !flow.lines().any(|known| known == *line)).collect::<Vec<_>>();
                if new.is_empty() {
                    return None;
                }
                format!("would come back with {}", new.iter().map(|line| format!("`{line}`")).collect::<Vec<_>>().join(", "))
            }
            Err(problems) => {
                let why = problems.first().map_or("", |problem| problem.message.as_str());
                format!("would not come back: {why}")
            }
        };
        Some(format!("flow `{}` {keys}, because the mapping file has a default; export without it", flow.id))
    });
    faults.collect()
}

/// The names of the columns that are used, and the rows.
pub fn table(register: &[Cells], map: &Map) -> (Vec<String>, Vec<Vec<String>>) {
    let used: BTreeSet<&str> = register.iter().flat_map(|cells| cells.keys().map(String::as_str)).collect();
    let used: Vec<&str> = columns().iter().map(|column| column.path.as_str()).filter(|path| used.contains(path)).collect();
    let header = used.iter().map(|path| cell::guarded(map.header(path))).collect();
    let cell = |cells: &Cells, path: &str| cell::guarded(cells.get(path).cloned().unwrap_or_default());
    (header, register.iter().map(|cells| used.iter().map(|path| cell(cells, path)).collect()).collect())
}

/// Writes a CSV file.
pub fn write_csv(path: &Path, header: &[String], rows: &[Vec<String>], map: &Map) -> Result<(), String> {
    // The row that names the columns stands where the mapping file looks for it.
    let mut writer = csv::WriterBuilder::new().from_writer("\n".repeat(map.above).into_bytes());
    writer.write_record(header).map_err(|error| error.to_string())?;
    for row in rows {
        writer.write_record(row).map_err(|error| error.to_string())?;
    }
    let mut text = writer.into_inner().map_err(|error| error.to_string())?;
    if !text.is_ascii() {
        // Without this mark spreadsheets, and a mapping file with another encoding, take the letters for others.
        text.splice(..0, *b"\xEF\xBB\xBF");
    }
    fs::write(path, text).map_err(|error| reason(&error))
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
        match (column(&path), value) {
            (Some(Column { shape: Shape::Presence, .. }), toml::Value::Table(inner)) => {
                if inner.is_empty() {
                    out.insert(path, "true".to_owned());
                } else {
                    flatten(&path, inner, map, out);
                }
            }
            (None, toml::Value::Table(inner)) => flatten(&path, inner, map, out),
            (Some(column), value) => {
                let cell = cell::from_toml(value, column, map);
                out.insert(path, cell);
            }
            (None, _) => {}
        }
    }
}
