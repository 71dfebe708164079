// SPDX-License-Identifier: Apache-2.0
//! How far the rows that leave still tell who somebody is: counted on the output, not assumed from the measures.
//!
//! Rows that agree in all columns which identify together are a class. The measures are those of the literature:
//! *k* (Samarati and Sweeney 1998), *l* (Machanavajjhala et al. 2007, distinct values) and *t* (Li, Li and Venkatasubramanian
//! 2007, here with the distance of total variation, since the values have no order).

mod frequencies;

use crate::manifest::{Identifies, Manifest};
use crate::measure::Measure;
use crate::plan::Plan;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType};
use foldhash::quality::FixedState;
use frequencies::Frequencies;
use serde_json::{Value, json};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, Hash, Hasher};

/// So many classes, persons in classes, and pseudonyms are counted; beyond, what is found is a bound and says so.
const MOST: usize = 4_000_000;
/// A column with fewer pseudonyms than this can be told from outside.
const FEW: usize = 1_000;
/// One pseudonym that stands in more than this share of rows can be told by how often it occurs.
const LARGE: f64 = 0.05;

/// The columns that count.
struct Columns {
    together: Vec<String>,
    sensitive: Vec<String>,
    hidden: Vec<String>,
    person: Option<String>,
}

/// Counts over the rows that leave.
pub struct Counter {
    columns: Columns,
    rows: u64,
    /// For each class its persons (or rows, where no column tells persons apart).
    classes: HashMap<u64, u64>,
    /// Persons that were counted in a class.
    persons: HashSet<(u64, u64)>,
    /// For each sensitive column, for each class, how often each value occurs.
    values: Vec<HashMap<u64, BTreeMap<u64, u64>>>,
    /// For each hidden column how often each pseudonym occurs.
    pseudonyms: Vec<Frequencies>,
    complete: bool,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq)]
pub struct Risk {
    /// The rows that leave.
    pub rows: u64,
    /// The columns that identify together, as they leave.
    pub together: Vec<String>,
    /// Whether persons were counted; otherwise rows.
    pub persons: bool,
    /// How many classes there are.
    pub classes: u64,
    /// The size of the smallest class; none where no column identifies together.
    pub k: Option<u64>,
    /// Classes of one.
    pub alone: u64,
    /// For each sensitive column: the fewest distinct values in a class, and the largest distance of a class from all rows.
    pub sensitive: Vec<(String, u64, f64)>,
    /// For each hidden column: distinct pseudonyms, and the share of the most frequent.
    pub pseudonyms: Vec<(String, u64, f64)>,
    /// Whether all was counted. Otherwise there were too many classes or pseudonyms, and *k* may be smaller than it seems.
    pub complete: bool,
}

fn named(manifest: &Manifest, plan: &Plan, wanted: impl Fn(&crate::manifest::Column, &[&Measure]) -> bool) -> Vec<String> {
    let columns = manifest.columns.iter().enumerate();
    columns.filter(|(at, column)| wanted(column, &plan.measures_of(*at))).map(|(_, column)| column.name.clone()).collect()
}

impl Counter {
    /// A counter for what leaves under a plan.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let manifest = &plan.manifest;
        let leaves = |measures: &[&Measure]| measures.iter().any(|measure| measure.leaves());
        let together = named(manifest, plan, |column, measures| column.identifies == Identifies::Together && leaves(measures));
        let sensitive = named(manifest, plan, |column, measures| column.sensitive && leaves(measures));
        let hidden = named(manifest, plan, |_, measures| measures.iter().any(|measure| measure.needs_key()));
        let person = named(manifest, plan, |column, measures| Some(&column.name) == manifest.person.as_ref() && leaves(measures));
        let columns = Columns { together, sensitive, hidden, person: person.into_iter().next() };
        Self {
            rows: 0,
            classes: HashMap::new(),
            persons: HashSet::new(),
            values: columns.sensitive.iter().map(|_| HashMap::new()).collect(),
            pseudonyms: columns.hidden.iter().map(|_| Frequencies::default()).collect(),
            complete: true,
            columns,
        }
    }

    /// The columns that have to be read, each once.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let Columns { together, sensitive, hidden, person } = &self.columns;
        let mut all: Vec<&str> = together.iter().chain(sensitive).chain(hidden).chain(person).map(String::as_str).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Counts rows that leave; columns are found by name.
    ///
    /// # Errors
    ///
    /// [`ArrowError`] if a column is missing or has no text.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let cells = |name: &String| -> Result<Cells, ArrowError> {
            Cells::of(batch.column_by_name(name).ok_or_else(|| ArrowError::SchemaError(format!("column `{name}` is missing")))?)
        };
        self.rows += batch.num_rows() as u64;
        for (name, pseudonyms) in self.columns.hidden.iter().zip(&mut self.pseudonyms) {
            let column = batch.column_by_name(name).ok_or_else(|| ArrowError::SchemaError(format!("column `{name}` is missing")))?;
            // Nobody chooses pseudonyms, so that none are made to have one hash.
            for (value, rows) in Cells::by(column, |cell| FixedState::with_seed(7).hash_one(cell))?.counted() {
                pseudonyms.add(value, rows, MOST);
            }
        }
        if self.columns.together.is_empty() && self.columns.sensitive.is_empty() {
            return Ok(());
        }
        let of = |names: &[String]| names.iter().map(cells).collect::<Result<Vec<_>, _>>();
        let (together, sensitive) = (of(&self.columns.together)?, of(&self.columns.sensitive)?);
        let person = self.columns.person.as_ref().map(cells).transpose()?;
        for row in 0..batch.num_rows() {
            let class = hash(&together.iter().map(|column| column.at(row)).collect::<Vec<_>>());
            let new = match &person {
                Some(_) if self.persons.len() >= MOST => {
                    self.complete = false;
                    true
                }
                Some(person) => self.persons.insert((class, person.at(row))),
                None => true,
            };
            if new {
                count(&mut self.classes, class, 1, &mut self.complete);
            }
            for (column, values) in sensitive.iter().zip(&mut self.values) {
                if values.len() < MOST || values.contains_key(&class) {
                    *values.entry(class).or_default().entry(column.at(row)).or_default() += 1;
                }
            }
        }
        Ok(())
    }

    /// What was measured.
    #[must_use]
    pub fn finish(mut self) -> Risk {
        let counted = !self.columns.together.is_empty() && self.rows > 0;
        let sensitive = self.columns.sensitive.iter().zip(&self.values).map(|(name, classes)| {
            let mut all: BTreeMap<u64, u64> = BTreeMap::new();
            classes.values().flatten().for_each(|(value, rows)| *all.entry(*value).or_default() += rows);
            let fewest = classes.values().map(BTreeMap::len).min().unwrap_or(0);
            let farthest = classes.values().map(|class| distance(class, &all)).fold(0.0, f64::max);
            (name.clone(), fewest as u64, farthest)
        });
        let mut pseudonyms = Vec::new();
        for (name, found) in self.columns.hidden.iter().zip(std::mem::take(&mut self.pseudonyms)) {
            let (distinct, top, all) = found.finish(MOST);
            self.complete &= all;
            pseudonyms.push((name.clone(), distinct, share(top, self.rows)));
        }
        Risk {
            rows: self.rows,
            persons: self.columns.person.is_some(),
            classes: if counted { self.classes.len() as u64 } else { 0 },
            k: counted.then(|| self.classes.values().min().copied().unwrap_or(0)),
            alone: if counted { self.classes.values().filter(|size| **size == 1).count() as u64 } else { 0 },
            sensitive: sensitive.collect(),
            pseudonyms,
            complete: self.complete,
            together: self.columns.together,
        }
    }
}

/// The cells of a column as hashes: of a dictionary, each entry is hashed once.
struct Cells {
    hashes: Vec<u64>,
    /// For each row the number of its hash; none where each row has its own.
    rows: Option<Vec<usize>>,
}

impl Cells {
    fn of(column: &ArrayRef) -> Result<Self, ArrowError> {
        Self::by(column, |cell| hash(&cell))
    }

    fn by(column: &ArrayRef, hash: impl Fn(Option<&str>) -> u64) -> Result<Self, ArrowError> {
        let hashed = |column: &ArrayRef| -> Result<Vec<u64>, ArrowError> {
            let cells = arrow_cast::cast(column, &DataType::Utf8)?;
            Ok(cells.as_string::<i32>().iter().map(&hash).collect())
        };
        if let DataType::Dictionary(key, _) = column.data_type()
            && **key == DataType::Int32
        {
            let dictionary = column.as_dictionary::<Int32Type>();
            let mut hashes = hashed(dictionary.values())?;
            let none = hashes.len();
            hashes.push(hash(None));
            let place = |key: Option<i32>| key.and_then(|key| usize::try_from(key).ok()).unwrap_or(none);
            return Ok(Self { hashes, rows: Some(dictionary.keys().iter().map(place).collect()) });
        }
        Ok(Self { hashes: hashed(column)?, rows: None })
    }

    fn at(&self, row: usize) -> u64 {
        let place = self.rows.as_ref().map_or(Some(row), |rows| rows.get(row).copied());
        place.and_then(|place| self.hashes.get(place)).copied().unwrap_or(0)
    }

    /// Each hash with how many rows have it; hashes may repeat.
    fn counted(&self) -> Vec<(u64, u64)> {
        let Some(rows) = &self.rows else { return self.hashes.iter().map(|hash| (*hash, 1)).collect() };
        let mut counts = vec![0_u64; self.hashes.len()];
        for place in rows {
            if let Some(count) = counts.get_mut(*place) {
                *count += 1;
            }
        }
        self.hashes.iter().copied().zip(counts).filter(|(_, rows)| *rows > 0).collect()
    }
}

fn count(of: &mut HashMap<u64, u64>, what: u64, rows: u64, complete: &mut bool) {
    if of.len() >= MOST && !of.contains_key(&what) {
        *complete = false;
    } else {
        *of.entry(what).or_default() += rows;
    }
}

fn hash<T: Hash>(what: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Half the sum of the differences of shares: 0 for the same distribution, 1 for none in common.
pub(crate) fn distance(class: &BTreeMap<u64, u64>, all: &BTreeMap<u64, u64>) -> f64 {
    let (of_class, of_all) = (class.values().sum(), all.values().sum());
    let difference = all.iter().map(|(value, rows)| {
        let here = class.get(value).copied().unwrap_or(0);
        (share(here, of_class) - share(*rows, of_all)).abs()
    });
    difference.sum::<f64>() / 2.0
}

impl Risk {
    /// What a person should know, in sentences; empty where nothing stands out.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut said = Vec::new();
        let what = if self.persons { "persons" } else { "rows" };
        if self.alone > 0 {
            let verb = if self.alone == 1 { "is the only one" } else { "are each the only one" };
            said.push(format!("{} of {} {what} {verb} with their {}", self.alone, self.counted(), self.together.join(", ")));
        }
        for (column, distinct, top) in &self.pseudonyms {
            if (*distinct as usize) < FEW || *top > LARGE {
                said.push(format!(
                    "`{column}` has {distinct} pseudonyms, the most frequent in {:.1} % of rows: who knows how often values occur can tell them",
                    top * 100.0
                ));
            }
        }
        for (column, fewest, _) in &self.sensitive {
            if *fewest < 2 && self.rows > 0 {
                said.push(format!("in some class all have the same `{column}`: whoever knows that somebody is in it knows it of them"));
            }
        }
        if !self.complete {
            said.push("there were too many classes or pseudonyms to count all; what is said here is at best".to_owned());
        }
        said
    }

    fn counted(&self) -> String {
        if self.persons { "the".to_owned() } else { self.rows.to_string() }
    }

    /// The measures as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let rounded = |share: f64| (share * 10_000.0).round() / 10_000.0;
        let sensitive: Vec<Value> =
            self.sensitive.iter().map(|(column, l, t)| json!({"column": column, "l": l, "t": rounded(*t).to_string()})).collect();
        let pseudonyms: Vec<Value> = self
            .pseudonyms
            .iter()
            .map(|(column, distinct, top)| json!({"column": column, "distinct": distinct, "top_share": rounded(*top).to_string()}))
            .collect();
        json!({
            "rows": self.rows,
            "counted": if self.persons { "persons" } else { "rows" },
            "together": self.together,
            "classes": self.classes,
            "k": self.k,
            "alone": self.alone,
            "sensitive": sensitive,
            "pseudonyms": pseudonyms,
            "complete": self.complete,
        })
    }
}
