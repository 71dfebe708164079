// SPDX-License-Identifier: Apache-2.0
//! Which flow files are meant, and their texts.

use crate::register::cell::Slip;
use crate::register::split::Span;
use crate::register::{Map, is_lines, is_register, lines, rows};
use comity_flow::{Flow, Format, Problem};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Endings of spreadsheets that are not read.
const SPREADSHEETS: [&str; 5] = ["xls", "xlsm", "xlsb", "ods", "numbers"];

/// A file that was named or found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
    /// A row of a register.
    Row(Box<Row>),
    /// A register that could not be read, or not to its end.
    Fault {
        /// The register.
        file: String,
        /// What could not be read, and why.
        message: String,
    },
}

/// How the text of a row is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Written {
    /// From cells, as TOML with a key to a line.
    #[default]
    Cells,
    /// As it stands in the file: a JSON object on one line.
    Json,
}

/// A row of a register as the text of a flow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The register.
    pub file: String,
    /// The folder it stands in, for profiles.
    pub folder: PathBuf,
    /// The number of the row, as a spreadsheet counts.
    pub number: usize,
    /// The line of the file.
    pub line: usize,
    /// The flow.
    pub text: String,
    /// How it is written.
    pub written: Written,
    /// The key path of each line of the text, and the position of its column; none: a default of the mapping file.
    pub lines: Vec<(&'static str, Option<usize>)>,
    /// The names of the columns.
    pub header: Arc<Vec<String>>,
    /// The cells as they stand.
    pub cells: Vec<String>,
    /// The places of the cells; none where the file has no lines.
    pub spans: Vec<Span>,
    /// What is wrong with the cells themselves.
    pub faults: Vec<Problem>,
}

impl Row {
    /// The row and a column of it, in words.
    fn place(&self, position: Option<usize>) -> String {
        let number = self.number;
        match position {
            Some(at) => {
                let name = self.header.get(at).map_or("", |name| name.trim());
                format!("row {number}, column `{name}` ({}{number})", crate::register::read::letters(at))
            }
            None => format!("row {number}, a default of the mapping file"),
        }
    }

    /// Line and column of a cell; where the file has no lines, the row and the number of the column.
    fn at(&self, position: Option<usize>) -> (usize, usize) {
        let Some(position) = position else { return (self.line, 1) };
        let after = || self.spans.last().map_or((self.line, position + 1), |last| (last.end_line, last.end_column));
        self.spans.get(position).map_or_else(after, |span| (span.line, span.column))
    }

    /// The place of the cell that a key path was read from, or of the first cell of a table.
    pub fn span(&self, path: &str) -> Option<Span> {
        let inner = |known: &str| known.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
        let exact = self.lines.iter().find(|(known, _)| *known == path);
        let (_, position) = exact.or_else(|| self.lines.iter().find(|(known, at)| inner(known) && at.is_some()))?;
        self.spans.get((*position)?).copied()
    }

    /// Notes what is wrong with a cell.
    pub fn fault(&mut self, position: Option<usize>, slip: Slip) {
        let (line, column) = self.at(position);
        let message = format!("{}: {}", self.place(position), slip.message);
        self.faults.push(Problem { line, column, message, help: slip.help });
    }

    /// The flow, or what is wrong with the row, each problem with its row and column.
    fn flow(&self) -> Result<Flow, Vec<Problem>> {
        let profile = |name: &str| fs::read_to_string(self.folder.join(name)).map_err(|error| reason(&error));
        if self.written == Written::Json && !self.faults.is_empty() {
            return Err(self.faults.clone());
        }
        let format = if self.written == Written::Json { Format::Json } else { Format::Toml };
        match comity_flow::read(&self.text, format, &profile) {
            Ok(mut flow) if self.faults.is_empty() => {
                flow.lines.values_mut().for_each(|line| *line = self.at(self.position(*line)).0);
                Ok(flow)
            }
            Ok(_) => Err(self.faults.clone()),
            Err(problems) => Err(self.faults.iter().cloned().chain(problems.into_iter().map(|problem| self.located(problem))).collect()),
        }
    }

    /// The position of the column behind a line of the text.
    fn position(&self, line: usize) -> Option<usize> {
        self.lines.get(line.saturating_sub(1)).and_then(|(_, position)| *position)
    }

    /// A problem of the text as one of the row.
    fn located(&self, problem: Problem) -> Problem {
        if problem.message.starts_with("in profile ") {
            return Problem { message: format!("row {}: {}", self.number, problem.message), line: self.line, column: 1, ..problem };
        }
        if self.written == Written::Json {
            return Problem { message: format!("line {}: {}", self.line, problem.message), line: self.line, ..problem };
        }
        let position = self.position(problem.line);
        let (line, column) = self.at(position);
        Problem { message: format!("{}: {}", self.place(position), problem.message), line, column, ..problem }
    }
}

/// Whether the path is one of a file with a flow to each row or line.
pub fn has_rows(path: &Path) -> bool {
    is_register(path) || is_lines(path)
}

/// The sources, with each register replaced by its rows: they are read as they are asked for.
pub fn with_rows<'a>(sources: Vec<Source>, map: &'a Map) -> impl Iterator<Item = Source> + 'a {
    sources.into_iter().flat_map(move |source| -> Box<dyn Iterator<Item = Source>> {
        match &source {
            Source::File(path) if is_register(path) => rows(path, map),
            Source::File(path) if is_lines(path) => lines(path),
            _ => Box::new(std::iter::once(source)),
        }
    })
}

impl Source {
    /// What to call it.
    pub fn name(&self) -> String {
        match self {
            Self::File(path) => path.to_string_lossy().into_owned(),
            Self::Stdin => "standard input".to_owned(),
            Self::Row(row) => format!("{}:{}", row.file, row.line),
            Self::Fault { file, .. } => file.clone(),
        }
    }

    /// The file it stands in.
    pub fn file(&self) -> String {
        match self {
            Self::Row(row) => row.file.clone(),
            other => other.name(),
        }
    }

    /// The id of a flow that states none.
    pub fn stem(&self) -> String {
        match self {
            Self::File(path) => path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned()),
            Self::Stdin => "stdin".to_owned(),
            Self::Row(row) => format!("row-{}", row.number),
            Self::Fault { .. } => String::new(),
        }
    }

    /// The folder it stands in, for what it names; empty for the folder of the command.
    pub fn folder(&self) -> PathBuf {
        match self {
            Self::Row(row) => row.folder.clone(),
            Self::File(path) => path.parent().map(Path::to_path_buf).unwrap_or_default(),
            Self::Stdin | Self::Fault { .. } => PathBuf::new(),
        }
    }

    /// Its text.
    pub fn text(&self) -> Result<String, String> {
        match self {
            Self::File(path) => fs::read(path).map_err(|error| reason(&error)).and_then(|bytes| {
                String::from_utf8(bytes).map_err(|error| {
                    if path.extension().is_some_and(|ending| SPREADSHEETS.iter().any(|known| ending.eq_ignore_ascii_case(known))) {
                        return "a register is read from .csv, .xlsx or .parquet; save it as one of them".to_owned();
                    }
                    format!("it is not UTF-8 text: byte {} cannot be read", error.utf8_error().valid_up_to() + 1)
                })
            }),
            Self::Stdin => {
                let mut text = String::new();
                io::stdin().lock().read_to_string(&mut text).map_err(|error| reason(&error))?;
                Ok(text)
            }
            // The text of a row is one that nobody wrote, so nobody is shown an excerpt of it.
            Self::Row(_) => Ok(String::new()),
            Self::Fault { message, .. } => Err(message.clone()),
        }
    }

    /// The flow in its text, or what is wrong with it.
    pub fn flow(&self, text: &str) -> Result<Flow, Vec<Problem>> {
        let mut flow = match self {
            Self::Row(row) => row.flow()?,
            other => read_in(&other.folder(), text)?,
        };
        if flow.id.trim().is_empty() {
            flow.id = self.stem();
        }
        Ok(flow)
    }
}

/// The flow in a text, with profiles from a folder.
fn read_in(folder: &Path, text: &str) -> Result<Flow, Vec<Problem>> {
    let profile = |name: &str| fs::read_to_string(folder.join(name)).map_err(|error| reason(&error));
    comity_flow::read(text, notation(text), &profile)
}

/// What the system says, in our words where they are plainer.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
        _ => error.to_string(),
    }
}

/// JSON begins with a brace, and TOML never does.
fn notation(text: &str) -> Format {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with('{') { Format::Json } else { Format::Toml }
}

/// The files that arguments mean: files, patterns, folders, `-`. What cannot be found becomes a message.
pub fn expand(arguments: &[String]) -> (Vec<Source>, Vec<String>) {
    let (mut sources, mut faults) = (Vec::new(), Vec::new());
    let add = |source: Source, sources: &mut Vec<Source>| {
        if !sources.contains(&source) {
            sources.push(source);
        }
    };
    for argument in arguments {
        let path = Path::new(argument);
        if argument == "-" {
            add(Source::Stdin, &mut sources);
        } else if path.is_dir() {
            let mut found = Vec::new();
            walk(path, &["toml", "json"], &mut found, &mut faults);
            found.retain(|path| is_flow(path));
            if found.is_empty() {
                faults.push(format!("`{argument}` has no flow file: none of its *.toml and *.json has [exporter] or [importer]"));
            }
            found.into_iter().for_each(|path| add(Source::File(path), &mut sources));
        } else if !path.exists() && argument.contains(['*', '?', '[']) {
            match glob::glob(argument) {
                Ok(paths) => {
                    let before = sources.len();
                    for found in paths.flatten().filter(|path| path.is_file()) {
                        add(Source::File(found), &mut sources);
                    }
                    if sources.len() == before {
                        faults.push(format!("no file matches `{argument}`"));
                    }
                }
                Err(error) => faults.push(format!("`{argument}` is not a pattern: {}", error.msg)),
            }
        } else {
            add(Source::File(path.to_path_buf()), &mut sources);
        }
    }
    (sources, faults)
}

/// All files below a folder that end so, in the order of their names. Hidden files and folders are left alone.
pub fn walk(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>, faults: &mut Vec<String>) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => {
            faults.push(format!("cannot read the folder `{}`: {}", folder.display(), reason(&error)));
            return;
        }
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        // A link to a folder is not followed: it may lead round in a circle.
        if path.is_dir() {
            if !path.is_symlink() {
                walk(&path, endings, found, faults);
            }
        } else if path.extension().is_some_and(|ending| endings.iter().any(|known| ending == *known)) {
            found.push(path);
        }
    }
}

/// Whether a file found in a folder is a flow file: it speaks of an exporter or importer, and is not a profile of others.
fn is_flow(path: &Path) -> bool {
    // What cannot be read is judged like a flow file, so that it is complained of.
    let Ok(text) = fs::read_to_string(path) else { return true };
    let json = notation(&text) == Format::Json;
    let speaks = |party: &str| if json { text.contains(&format!("\"{party}\"")) } else { has_table(&text, party) };
    let profile = path.file_stem().is_some_and(|stem| stem == "company" || stem == "profile");
    if profile { speaks("exporter") && speaks("importer") } else { speaks("exporter") || speaks("importer") }
}

/// Whether a TOML text has the table, as a header or as keys before the first header.
fn has_table(text: &str, table: &str) -> bool {
    let mut top = true;
    for line in text.lines().map(str::trim_start) {
        if let Some(header) = line.strip_prefix('[') {
            top = false;
            let name = header.trim_start();
            if name.strip_prefix(table).is_some_and(|rest| rest.trim_start().starts_with([']', '.'])) {
                return true;
            }
        } else if top && line.strip_prefix(table).is_some_and(|rest| rest.trim_start().starts_with(['.', '='])) {
            return true;
        }
    }
    false
}
/// The folder in which state of this command is kept (XDG Base Directory); none where there is no home folder.
pub fn state() -> Option<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
    state.or_else(home).map(|state| state.join("comity"))
}
