// SPDX-License-Identifier: Apache-2.0
//! The outcome of each row, from the cells that decide.
//!
//! Each deciding column becomes codes, one for each meaning; the codes of a row together are an index into a table of
//! outcomes. A cell is looked up as text only where its column is no dictionary, and then once for each run of equal cells.

use super::{UNKNOWN, texts};
use crate::manifest::Decides;
use crate::meaning::meaning;
use crate::plan::Plan;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Schema};
use jiff::civil::Date;
use std::collections::HashMap;

/// Up to so many combinations the table is an array; beyond, a map.
const DENSE: u64 = 1 << 20;
/// So many cells are remembered for each column.
const REMEMBERED: usize = 1 << 16;

/// The codes of one column.
struct Coder {
    name: String,
    position: usize,
    decides: Decides,
    day: Date,
    /// The code of each meaning that the plan knows; what it does not know has the code after the last.
    codes: HashMap<String, u32>,
    known: HashMap<String, u32>,
}

impl Coder {
    fn unknown(&self) -> u32 {
        u32::try_from(self.codes.len()).unwrap_or(u32::MAX)
    }

    fn code(&mut self, cell: &str) -> u32 {
        if let Some(code) = self.known.get(cell) {
            return *code;
        }
        let label = meaning(&self.decides, cell, self.day).map(|meaning| meaning.label);
        let code = label.and_then(|label| self.codes.get(&label).copied()).unwrap_or_else(|| self.unknown());
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        self.known.insert(cell.to_owned(), code);
        code
    }

    fn of_texts(&mut self, cells: &StringArray) -> Vec<u32> {
        let unknown = self.unknown();
        let mut last: Option<(&str, u32)> = None;
        cells
            .iter()
            .map(|cell| {
                let Some(cell) = cell else { return unknown };
                match last {
                    Some((same, code)) if same == cell => code,
                    _ => {
                        let code = self.code(cell);
                        last = Some((cell, code));
                        code
                    }
                }
            })
            .collect()
    }

    fn of_column(&mut self, column: &ArrayRef) -> Result<Vec<u32>, ArrowError> {
        let unknown = self.unknown();
        if let DataType::Dictionary(key, _) = column.data_type()
            && **key == DataType::Int32
        {
            let dictionary = column.as_dictionary::<Int32Type>();
            let values = texts(dictionary.values())?;
            let codes = self.of_texts(values.as_string::<i32>());
            let code = |key: Option<i32>| key.and_then(|key| codes.get(usize::try_from(key).ok()?).copied()).unwrap_or(unknown);
            return Ok(dictionary.keys().iter().map(code).collect());
        }
        let cells = texts(column)?;
        Ok(self.of_texts(cells.as_string::<i32>()))
    }
}

enum Table {
    Dense(Vec<u16>),
    Sparse(HashMap<u64, u16>),
}

/// Finds the outcome of each row.
pub struct Decider {
    coders: Vec<Coder>,
    table: Table,
}

impl Decider {
    /// Makes a plan ready for batches with these columns, among which are those that decide.
    #[must_use]
    pub fn new(plan: &Plan, table: &Schema) -> Self {
        let mut coders: Vec<Coder> = Vec::new();
        for (number, (_, column, decides)) in plan.manifest.deciding().enumerate() {
            let mut codes: HashMap<String, u32> = HashMap::new();
            for label in plan.decisions.keys().filter_map(|row| row.get(number)) {
                let next = u32::try_from(codes.len()).unwrap_or(u32::MAX);
                codes.entry(label.clone()).or_insert(next);
            }
            let position = table.index_of(&column.name).unwrap_or(usize::MAX);
            coders.push(Coder {
                name: column.name.clone(),
                position,
                decides: decides.clone(),
                day: plan.on,
                codes,
                known: HashMap::new(),
            });
        }
        // A code for each meaning and one for what is not known.
        let size = coders.iter().try_fold(1_u64, |size, coder| size.checked_mul(u64::from(coder.unknown()) + 1));
        let packed = plan.decisions.iter().map(|(row, outcome)| {
            let codes = coders.iter().zip(row).map(|(coder, label)| coder.codes.get(label).copied().unwrap_or_else(|| coder.unknown()));
            let packed = coders.iter().zip(codes).fold(0_u64, |packed, (coder, code)| pack(packed, coder, code));
            (packed, u16::try_from(*outcome).unwrap_or(UNKNOWN))
        });
        let table = match size {
            Some(size) if size <= DENSE => {
                let mut dense = vec![UNKNOWN; usize::try_from(size).unwrap_or(0)];
                for (packed, outcome) in packed {
                    if let Some(place) = usize::try_from(packed).ok().and_then(|packed| dense.get_mut(packed)) {
                        *place = outcome;
                    }
                }
                Table::Dense(dense)
            }
            _ => Table::Sparse(packed.collect()),
        };
        Self { coders, table }
    }

    /// The outcome of each row, by position in the plan; [`UNKNOWN`] where it has none.
    ///
    /// # Errors
    ///
    /// [`ArrowError`] if a column that decides is missing or has no text.
    pub fn decide(&mut self, batch: &RecordBatch) -> Result<Vec<u16>, ArrowError> {
        let mut packed = vec![0_u64; batch.num_rows()];
        for coder in &mut self.coders {
            let column = batch
                .columns()
                .get(coder.position)
                .ok_or_else(|| ArrowError::SchemaError(format!("column `{}` is missing", coder.name)))?;
            let codes = coder.of_column(column)?;
            packed.iter_mut().zip(codes).for_each(|(packed, code)| *packed = pack(*packed, coder, code));
        }
        Ok(match &self.table {
            Table::Dense(table) => packed
                .into_iter()
                .map(|packed| usize::try_from(packed).ok().and_then(|packed| table.get(packed)).copied().unwrap_or(UNKNOWN))
                .collect(),
            Table::Sparse(table) => packed.into_iter().map(|packed| table.get(&packed).copied().unwrap_or(UNKNOWN)).collect(),
        })
    }
}

/// The next digit of a number in which each column has its own base.
fn pack(packed: u64, coder: &Coder, code: u32) -> u64 {
    packed.wrapping_mul(u64::from(coder.unknown()) + 1).wrapping_add(u64::from(code))
}
