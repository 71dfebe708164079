// SPDX-License-Identifier: Apache-2.0
//! How often each combination of what identifies together occurs among the rows that the law lets leave.

use crate::enforce::Decider;
use crate::plan::{Outcome, Plan};
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType};
use std::collections::hash_map::{DefaultHasher, Entry as Place};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{Hash, Hasher};

/// So many combinations, persons and sensitive values are counted together; beyond, nothing can be said.
const MOST: usize = 4_000_000;

/// The distinct cells of a column; none stands for empty ones.
pub(crate) struct Coded {
    /// Where it stands in the manifest.
    pub(crate) column: usize,
    name: String,
    codes: HashMap<Option<String>, u32>,
    pub(crate) cells: Vec<Option<String>>,
}

/// Rows that agree in their outcome and in all cells that identify together.
pub(crate) struct Entry {
    pub(crate) outcome: usize,
    /// For each column that identifies together the number of its cell.
    pub(crate) cells: Box<[u32]>,
    pub(crate) rows: u64,
    /// Their persons; none where no column tells persons apart.
    pub(crate) persons: Option<HashSet<u64>>,
    /// For each sensitive column how often each of its cells occurs.
    pub(crate) sensitive: Vec<BTreeMap<u32, u64>>,
}

/// Counts of what identifies together, over the rows that leave under a plan.
pub struct Histogram {
    leaves: Vec<bool>,
    names: Vec<String>,
    pub(crate) together: Vec<Coded>,
    pub(crate) sensitive: Vec<Coded>,
    person: Option<String>,
    index: HashMap<(u16, Box<[u32]>), usize>,
    pub(crate) entries: Vec<Entry>,
    counted: usize,
    pub(crate) complete: bool,
    /// Rows that the law lets leave.
    pub rows: u64,
}

impl Coded {
    fn new(plan: &Plan, column: usize) -> Self {
        let name = plan.manifest.columns.get(column).map_or_else(String::new, |column| column.name.clone());
        Self { column, name, codes: HashMap::new(), cells: Vec::new() }
    }

    fn code(&mut self, cell: Option<&str>) -> u32 {
        match self.codes.entry(cell.map(str::to_owned)) {
            Place::Occupied(known) => *known.get(),
            Place::Vacant(place) => {
                let next = u32::try_from(self.cells.len()).unwrap_or(u32::MAX);
                self.cells.push(cell.map(str::to_owned));
                *place.insert(next)
            }
        }
    }

    /// The number of the cell of each row; a dictionary is looked at entry by entry.
    fn of_batch(&mut self, batch: &RecordBatch) -> Result<Vec<u32>, ArrowError> {
        let column = column(batch, &self.name)?;
        if let DataType::Dictionary(key, _) = column.data_type()
            && **key == DataType::Int32
        {
            let dictionary = column.as_dictionary::<Int32Type>();
            let values = texts(dictionary.values())?;
            let values = values.as_string::<i32>();
            // An entry that no row has is not a cell of the table.
            let mut codes: Vec<Option<u32>> = vec![None; values.len()];
            let mut none = None;
            return Ok(dictionary
                .keys()
                .iter()
                .map(|key| {
                    let at = key.and_then(|key| usize::try_from(key).ok()).filter(|at| *at < values.len() && values.is_valid(*at));
                    let Some(at) = at else { return *none.get_or_insert_with(|| self.code(None)) };
                    match codes.get_mut(at) {
                        Some(code) => *code.get_or_insert_with(|| self.code(Some(values.value(at)))),
                        None => 0,
                    }
                })
                .collect());
        }
        let cells = texts(column)?;
        Ok(cells.as_string::<i32>().iter().map(|cell| self.code(cell)).collect())
    }
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, ArrowError> {
    batch.column_by_name(name).ok_or_else(|| ArrowError::SchemaError(format!("column `{name}` is missing")))
}

fn texts(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    arrow_cast::cast(column, &DataType::Utf8)
}

impl Histogram {
    /// A histogram for the rows that leave under a plan.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let together: Vec<Coded> = plan.manifest.together().map(|(at, _)| Coded::new(plan, at)).collect();
        let leaves = |at: usize| plan.measures_of(at).iter().any(|measure| measure.leaves());
        let sensitive = plan.manifest.columns.iter().enumerate().filter(|(at, column)| column.sensitive && leaves(*at));
        let sensitive: Vec<Coded> = sensitive.map(|(at, _)| Coded::new(plan, at)).collect();
        let deciding = plan.manifest.deciding().map(|(_, column, _)| column.name.clone());
        let coded = together.iter().chain(&sensitive).map(|coded| coded.name.clone());
        let mut names: Vec<String> = deciding.chain(coded).chain(plan.manifest.person.clone()).collect();
        names.sort_unstable();
        names.dedup();
        Self {
            leaves: plan.outcomes.iter().map(|outcome| matches!(outcome, Outcome::Pass { .. })).collect(),
            names,
            together,
            sensitive,
            person: plan.manifest.person.clone(),
            index: HashMap::new(),
            entries: Vec::new(),
            counted: 0,
            complete: true,
            rows: 0,
        }
    }

    /// The columns that have to be read, each once.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        self.names.iter().map(String::as_str).collect()
    }

    /// Counts rows of the table; columns are found by name. `decider` is made for the schema of the batch.
    ///
    /// # Errors
    ///
    /// [`ArrowError`] if a column is missing or has no text.
    pub fn add(&mut self, decider: &mut Decider, batch: &RecordBatch) -> Result<(), ArrowError> {
        let outcomes = decider.decide(batch)?;
        let mut together = Vec::new();
        for coded in &mut self.together {
            together.push(coded.of_batch(batch)?);
        }
        let mut sensitive = Vec::new();
        for coded in &mut self.sensitive {
            sensitive.push(coded.of_batch(batch)?);
        }
        let persons = self.person.as_ref().map(|name| texts(column(batch, name)?)).transpose()?;
        let persons = persons.as_ref().map(|cells| cells.as_string::<i32>());
        for (row, outcome) in outcomes.iter().enumerate() {
            if self.leaves.get(usize::from(*outcome)) != Some(&true) {
                continue;
            }
            self.rows += 1;
            if self.counted >= MOST {
                self.complete = false;
                continue;
            }
            let cells: Box<[u32]> = together.iter().filter_map(|codes| codes.get(row).copied()).collect();
            let at = match self.index.entry((*outcome, cells)) {
                Place::Occupied(known) => *known.get(),
                Place::Vacant(place) => {
                    let cells = place.key().1.clone();
                    self.counted += 1;
                    self.entries.push(Entry {
                        outcome: usize::from(*outcome),
                        cells,
                        rows: 0,
                        persons: persons.map(|_| HashSet::new()),
                        sensitive: vec![BTreeMap::new(); sensitive.len()],
                    });
                    *place.insert(self.entries.len() - 1)
                }
            };
            let Some(entry) = self.entries.get_mut(at) else { continue };
            entry.rows += 1;
            if let (Some(known), Some(cells)) = (&mut entry.persons, persons) {
                let person = cells.is_valid(row).then(|| cells.value(row));
                self.counted += usize::from(known.insert(hash(&person)));
            }
            for (values, codes) in entry.sensitive.iter_mut().zip(&sensitive) {
                let Some(code) = codes.get(row) else { continue };
                let rows = values.entry(*code).or_insert_with(|| {
                    self.counted += 1;
                    0
                });
                *rows += 1;
            }
        }
        Ok(())
    }
}

fn hash<T: Hash>(what: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}
