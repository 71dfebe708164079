// SPDX-License-Identifier: Apache-2.0
//! What occurs in the cells that decide, before anything is decided.

use crate::files::{digest, is_remote};
use crate::source::Source;
use crate::store::Object;
use crate::{CrossingError, Progress};
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use comity_border::Manifest;
use comity_border::meaning::meaning;
use comity_border::plan::{Combination, Input};
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// So many cells that are not understood are named for each column.
const NAMED: usize = 20;

/// What a survey found.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// For each combination how many rows have it, and for each deciding column a cell that means it.
    pub combinations: BTreeMap<Combination, (u64, Vec<String>)>,
    /// For each deciding column cells that are not understood, with how often they occur; `""` stands for empty ones.
    pub not_understood: BTreeMap<String, BTreeMap<String, u64>>,
    /// Words of the manifest that no cell has, with their lines.
    pub unseen: Vec<comity_flow::Problem>,
    /// Rows with a cell that is not understood.
    pub unknown: u64,
    /// Rows that cannot be read.
    pub broken: u64,
    /// Rows in all.
    pub rows: u64,
    /// What was read.
    pub inputs: Vec<Input>,
    /// What the file system says of each: as long as it says the same, the file is not read again to know that it is the same.
    pub stamps: Vec<Stamp>,
}

impl Survey {
    /// The cells to make a plan of.
    #[must_use]
    pub fn cells(&self) -> Vec<Vec<String>> {
        self.combinations.values().map(|(_, cells)| cells.clone()).collect()
    }
}

/// What the file system says of a file: its size, and when it was last written to; of an object, what its store says in
/// place of the content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    size: u64,
    written: Option<SystemTime>,
    tag: Option<String>,
}

impl Stamp {
    /// The stamp of a file, taken before it is read.
    pub(crate) fn of(path: &Path) -> Result<Self, CrossingError> {
        if is_remote(path) {
            let object = Object::of(path)?;
            return Ok(Self { size: object.size(), written: None, tag: object.tag().map(str::to_owned) });
        }
        let found = std::fs::metadata(path).map_err(CrossingError::file("cannot read", path))?;
        Ok(Self { size: found.len(), written: found.modified().ok(), tag: None })
    }

    /// The stamp as a text: the same on every machine that sees the same file of the same storage.
    pub(crate) fn text(&self) -> String {
        let written = self.written.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        let written = written.map_or_else(String::new, |time| time.as_nanos().to_string());
        format!("{} {written} {}", self.size, self.tag.as_deref().unwrap_or_default())
    }

    /// Whether it tells one content from another.
    pub(crate) fn is_known(&self) -> bool {
        self.written.is_some() || self.tag.is_some()
    }
}

/// Reads the deciding columns of the tables.
///
/// # Errors
///
/// [`CrossingError`] if a table cannot be read, does not fit the manifest, or has another shape than the first.
pub fn survey(inputs: &[PathBuf], manifest: &Manifest, day: Date, progress: &mut dyn FnMut(Progress)) -> Result<Survey, CrossingError> {
    let deciding: Vec<&str> = manifest.deciding().map(|(_, column, _)| column.name.as_str()).collect();
    let mut survey = Survey::default();
    let mut coders: Vec<Coder> = manifest.deciding().map(|_| Coder::default()).collect();
    let mut found: HashMap<Vec<Option<u32>>, (u64, Vec<String>)> = HashMap::new();
    let sources = open(inputs)?;
    let total: Option<u64> =
        sources.iter().enumerate().map(|(at, source)| source.units(at).iter().map(|unit| unit.rows).sum::<Option<u64>>()).sum();
    for (at, source) in sources.iter().enumerate() {
        source.against(manifest)?;
        let stamp = Stamp::of(&source.path)?;
        let digested = digest(&source.path)?;
        survey.stamps.push(stamp);
        let name = source.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        survey.inputs.push(Input { name, size: digested.size, digest: digested.digest });
        for unit in source.units(at) {
            let mut batches = source.batches(&unit, Some(&deciding), &deciding)?;
            while let Some((batch, broken)) = batches.next()? {
                survey.broken += broken.len() as u64;
                survey.rows += (batch.num_rows() + broken.len()) as u64;
                let mut codes: Vec<Vec<(Option<u32>, u32)>> = Vec::new();
                for ((_, column, decides), coder) in manifest.deciding().zip(&mut coders) {
                    let cells = batch
                        .column_by_name(&column.name)
                        .ok_or_else(|| CrossingError::table(&source.path, format!("column `{}` is missing", column.name)))?;
                    codes.push(
                        coder
                            .codes(cells, |cell| meaning(decides, cell, day).map(|meaning| meaning.label))
                            .map_err(|error| CrossingError::table(&source.path, error))?,
                    );
                }
                for row in 0..batch.num_rows() {
                    let of_row = || codes.iter().filter_map(|column| column.get(row));
                    let combination: Vec<Option<u32>> = of_row().map(|(label, _)| *label).collect();
                    if let Some((rows, _)) = found.get_mut(&combination) {
                        *rows += 1;
                        continue;
                    }
                    let cells = of_row().zip(&coders).map(|((_, cell), coder)| coder.cell(*cell)).collect();
                    found.insert(combination, (1, cells));
                }
                progress(Progress { phase: "survey", passed: 0, rows: survey.rows, of: total });
            }
        }
    }
    for (combination, (rows, cells)) in found {
        let labels: Option<Combination> = combination.iter().zip(&coders).map(|(code, coder)| coder.label((*code)?)).collect();
        match labels {
            Some(labels) => {
                survey.combinations.insert(labels, (rows, cells));
            }
            None => survey.unknown += rows,
        }
    }
    for ((_, column, _), coder) in manifest.deciding().zip(&coders) {
        survey.unseen.extend(column.unseen(&coder.known.keys().map(|cell| cell.trim()).collect()));
        let mut cells: Vec<(&String, u64)> = coder.missed().collect();
        cells.sort_by_key(|(cell, rows)| (std::cmp::Reverse(*rows), cell.as_str()));
        if !cells.is_empty() {
            let named = cells.into_iter().take(NAMED).map(|(cell, rows)| (cell.clone(), rows)).collect();
            survey.not_understood.insert(column.name.clone(), named);
        }
    }
    Ok(survey)
}

/// Opens the tables, which are of one shape.
pub(crate) fn open(inputs: &[PathBuf]) -> Result<Vec<Source>, CrossingError> {
    let sources = Source::open_all(inputs)?;
    if let Some(first) = sources.first() {
        for other in &sources {
            if other.schema().fields() != first.schema().fields() || other.format() != first.format() {
                return Err(CrossingError::Shapes(other.path.display().to_string(), first.path.display().to_string()));
            }
        }
    }
    Ok(sources)
}

/// The cells of a column, each text looked at once.
#[derive(Default)]
struct Coder {
    labels: Vec<String>,
    by_label: HashMap<String, u32>,
    cells: Vec<String>,
    /// For each cell the code of its label, its number, and how often it occurred.
    known: HashMap<String, (Option<u32>, u32, u64)>,
}

impl Coder {
    fn code(&mut self, cell: &str, rows: u64, label: &impl Fn(&str) -> Option<String>) -> (Option<u32>, u32) {
        if let Some((code, number, seen)) = self.known.get_mut(cell) {
            *seen += rows;
            return (*code, *number);
        }
        let code = label(cell).map(|label| {
            let next = u32::try_from(self.labels.len()).unwrap_or(u32::MAX);
            *self.by_label.entry(label).or_insert_with_key(|label| {
                self.labels.push(label.clone());
                next
            })
        });
        let number = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
        self.cells.push(cell.to_owned());
        self.known.insert(cell.to_owned(), (code, number, rows));
        (code, number)
    }

    fn codes(
        &mut self,
        column: &ArrayRef,
        label: impl Fn(&str) -> Option<String>,
    ) -> Result<Vec<(Option<u32>, u32)>, arrow_schema::ArrowError> {
        if let DataType::Dictionary(key, _) = column.data_type()
            && **key == DataType::Int32
        {
            let dictionary = column.as_dictionary::<Int32Type>();
            let values = arrow_cast::cast(dictionary.values(), &DataType::Utf8)?;
            let values = values.as_string::<i32>();
            let place = |key: Option<i32>| usize::try_from(key?).ok().filter(|place| *place < values.len());
            let mut rows = vec![0_u64; values.len()];
            for at in dictionary.keys().iter().filter_map(place) {
                if let Some(rows) = rows.get_mut(at) {
                    *rows += 1;
                }
            }
            // Values that no row has are not looked at.
            let codes: Vec<Option<(Option<u32>, u32)>> = values
                .iter()
                .zip(rows)
                .map(|(value, rows)| value.filter(|_| rows > 0).map(|value| self.code(value, rows, &label)))
                .collect();
            let none = dictionary.keys().iter().filter(|key| place(*key).is_none()).count() as u64;
            let empty = (none > 0).then(|| self.code("", none, &label));
            let of = |key: Option<i32>| place(key).and_then(|at| codes.get(at).copied().flatten()).or(empty).unwrap_or((None, 0));
            return Ok(dictionary.keys().iter().map(of).collect());
        }
        let cells = arrow_cast::cast(column, &DataType::Utf8)?;
        Ok(cells.as_string::<i32>().iter().map(|cell| self.code(cell.unwrap_or_default(), 1, &label)).collect())
    }

    fn label(&self, code: u32) -> Option<String> {
        self.labels.get(usize::try_from(code).ok()?).cloned()
    }

    fn cell(&self, number: u32) -> String {
        usize::try_from(number).ok().and_then(|number| self.cells.get(number)).cloned().unwrap_or_default()
    }

    fn missed(&self) -> impl Iterator<Item = (&String, u64)> {
        self.known.iter().filter(|(_, (code, ..))| code.is_none()).map(|(cell, (_, _, rows))| (cell, *rows))
    }
}
