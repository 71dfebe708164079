// SPDX-License-Identifier: Apache-2.0
//! `comity import`: one flow file for each row of a register.

use super::{PROBLEM, cell, is_register, map_file, rows};
use crate::args::ImportArgs;
use crate::exit::Status;
use crate::input::{Row, Source, reason};
use crate::out::{Out, Progress};
use crate::render::diagnostic;
use crate::render::doc::count;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Rows that were not imported, with the reason.
const QUARANTINE: &str = "not-imported.csv";
/// The same while it is being written.
const UNFINISHED: &str = ".not-imported.csv.new";

struct Import<'a> {
    args: &'a ImportArgs,
    written: usize,
    refused: usize,
    /// The name of each new file, in small letters, with the id of its flow.
    names: BTreeMap<String, String>,
    /// Written beside its place and moved there at the end: it may be the register that is being read.
    quarantine: Option<csv::Writer<File>>,
    status: Status,
}

/// Writes the files.
pub fn run(args: &ImportArgs, out: &mut Out) -> io::Result<Status> {
    let path = &args.file;
    if !is_register(path) {
        out.error(&format!("expected a register that ends in .csv, .xlsx or .parquet, found `{}`", path.display()))?;
        return Ok(Status::Usage);
    }
    let map = match map_file::open(args.map.as_deref(), out)? {
        Ok(map) => map,
        Err(status) => return Ok(status),
    };
    if let Err(error) = fs::create_dir_all(&args.to) {
        out.error(&format!("cannot make the folder `{}`: {}", args.to.display(), reason(&error)))?;
        return Ok(Status::Failed);
    }
    let mut import = Import { args, written: 0, refused: 0, names: BTreeMap::new(), quarantine: None, status: Status::Fine };
    let progress = Progress::new(None);
    for (number, source) in rows(path, &map).enumerate() {
        import.take(&source, out)?;
        progress.at(number + 1);
    }
    drop(progress);
    import.close(out)
}

impl Import<'_> {
    fn take(&mut self, source: &Source, out: &mut Out) -> io::Result<()> {
        let Source::Row(row) = source else {
            if let Source::Fault { message, .. } = source {
                self.status = self.status.and(Status::Failed);
                out.error(message)?;
            }
            return Ok(());
        };
        let flow = match source.flow("") {
            Ok(flow) => flow,
            Err(problems) => {
                let drawn = diagnostic::of_file(&source.file(), "", &problems, out.look_of_errors());
                out.complain(&drawn)?;
                let why: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
                return self.refuse(row, Status::Invalid, &why.join("; "), out);
            }
        };
        let name = file_name(&flow.id);
        match self.names.entry(name.to_lowercase()) {
            Entry::Vacant(place) => {
                place.insert(flow.id.clone());
            }
            Entry::Occupied(earlier) => {
                let why = if *earlier.get() == flow.id {
                    format!("row {}: expected an id of its own, found `{}`, which an earlier row has too", row.number, flow.id)
                } else {
                    format!("row {}: the ids `{}` and `{}`, of an earlier row, give one file name", row.number, flow.id, earlier.get())
                };
                out.error(&format!("{}: {why}", row.file))?;
                return self.refuse(row, Status::Invalid, &why, out);
            }
        }
        let path = self.args.to.join(&name);
        let text = laid_out(row, &flow.id, &self.args.to);
        let mut options = OpenOptions::new();
        options.write(true);
        if self.args.overwrite {
            options.create(true).truncate(true)
        } else {
            options.create_new(true)
        };
        match options.open(&path).and_then(|mut file| file.write_all(text.as_bytes())) {
            Ok(()) => self.written += 1,
            Err(error) => {
                let exists = error.kind() == io::ErrorKind::AlreadyExists;
                let why = if exists { "it exists; --overwrite replaces it".to_owned() } else { reason(&error) };
                let why = format!("row {}: cannot write `{}`: {why}", row.number, path.display());
                out.error(&why)?;
                return self.refuse(row, Status::Failed, &why, out);
            }
        }
        Ok(())
    }

    /// Nothing is lost: the row is kept beside the others, with the reason.
    fn refuse(&mut self, row: &Row, status: Status, why: &str, out: &mut Out) -> io::Result<()> {
        self.status = self.status.and(status);
        // The row that names the columns is no flow.
        if row.cells.is_empty() {
            return Ok(());
        }
        self.refused += 1;
        if self.quarantine.is_none() {
            let path = self.args.to.join(UNFINISHED);
            match csv::WriterBuilder::new().flexible(true).from_path(&path) {
                Ok(mut writer) => {
                    let header = row.header.iter().map(String::as_str).filter(|name| *name != PROBLEM);
                    if writer.write_record(header.chain([PROBLEM])).is_ok() {
                        self.quarantine = Some(writer);
                    }
                }
                Err(error) => out.error(&format!("cannot write `{}`: {error}", path.display()))?,
            }
        }
        if let Some(writer) = &mut self.quarantine {
            let width = row.header.len();
            let cells = (0..width).filter(|at| row.header.get(*at).is_none_or(|name| name != PROBLEM));
            let cells = cells.map(|at| row.cells.get(at).map_or("", String::as_str).to_owned());
            let written = writer.write_record(cells.chain([cell::guarded(why.to_owned())]));
            written.map_err(io::Error::other)?;
        }
        Ok(())
    }

    fn close(mut self, out: &mut Out) -> io::Result<Status> {
        let kept = self.args.to.join(QUARANTINE);
        let moved = self.quarantine.take().map(|mut writer| {
            writer.flush()?;
            fs::rename(self.args.to.join(UNFINISHED), &kept)
        });
        let to = self.args.to.display();
        out.raw(&format!("{} written to {to}\n", count(self.written, "flow file")))?;
        if self.refused > 0 {
            let where_to = match &moved {
                Some(Ok(())) => format!("; they stand in {} with the reasons", kept.display()),
                _ => String::new(),
            };
            out.raw(&format!("{} not imported{where_to}\n", count(self.refused, "row")))?;
        }
        if let Some(Err(error)) = moved {
            out.error(&format!("cannot write `{}`: {}", kept.display(), reason(&error)))?;
            return Ok(self.status.and(Status::Failed));
        }
        Ok(self.status)
    }
}

/// A file name that every system takes.
fn file_name(id: &str) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.') { letter } else { '-' };
    let name: String = id.trim().chars().map(plain).take(100).collect();
    let name = name.trim_start_matches('.');
    format!("{}.toml", if name.is_empty() { "flow" } else { name })
}

/// The row as a flow file, with its tables.
fn laid_out(row: &Row, id: &str, to: &Path) -> String {
    let mut top = Vec::new();
    let mut tables: Vec<(&str, Vec<String>)> = Vec::new();
    for line in row.text.lines() {
        let Some((path, value)) = line.split_once(" = ") else { continue };
        match path.split_once('.') {
            None if path == "profile" => top.push(format!("profile = {}", profile(row, value, to))),
            None => top.push(line.to_owned()),
            Some((table, key)) => {
                let entry = format!("{key} = {value}");
                match tables.iter_mut().find(|(known, _)| *known == table) {
                    Some((_, lines)) => lines.push(entry),
                    None => tables.push((table, vec![entry])),
                }
            }
        }
    }
    if !top.iter().any(|line| line.starts_with("id = ")) {
        top.insert(0, format!("id = {}", cell::quoted(id)));
    }
    let mut text: String = top.iter().map(|line| format!("{line}\n")).collect();
    for (table, lines) in tables {
        text.push_str(&format!("\n[{table}]\n"));
        lines.iter().for_each(|line| text.push_str(&format!("{line}\n")));
    }
    text
}

/// The profile as the new file has to name it.
fn profile(row: &Row, value: &str, to: &Path) -> String {
    let Ok(table) = toml::from_str::<toml::Table>(&format!("profile = {value}")) else { return value.to_owned() };
    let name = table.get("profile").and_then(toml::Value::as_str).unwrap_or_default();
    let moved = relative(to, &row.folder.join(name));
    moved.map_or_else(|| value.to_owned(), |path| cell::quoted(&path.to_string_lossy().replace('\\', "/")))
}

/// The way from a folder to a file.
fn relative(from: &Path, to: &Path) -> Option<PathBuf> {
    let (from, to) = (fs::canonicalize(from).ok()?, fs::canonicalize(to).ok()?);
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let up = from.components().skip(shared).map(|_| PathBuf::from(".."));
    Some(up.collect::<PathBuf>().join(to.components().skip(shared).collect::<PathBuf>()))
}
