// SPDX-License-Identifier: Apache-2.0
//! The rows of a Parquet file, only a batch of them in memory.

use super::super::Map;
use super::super::read::RawRows;
use super::super::split::Raw;
use super::leaf::{Cell, Leaf};
use crate::input::reason;
use parquet::column::reader::ColumnReader;
use parquet::file::reader::{FileReader, SerializedFileReader};
use std::collections::VecDeque;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// So many rows are read of each column at a time.
const BATCH: usize = 1024;

/// The rows of a file, after one with the names of its columns: they are counted as those of the same register in CSV.
pub fn rows(path: &Path, map: &Map) -> Result<RawRows, String> {
    let file = File::open(path).map_err(|error| reason(&error))?;
    let reader = guarded(|| SerializedFileReader::new(file).map_err(|error| error.to_string()))?;
    let columns = reader.metadata().file_metadata().schema_descr().columns();
    let leaves: Vec<Leaf> = columns.iter().enumerate().map(|(at, column)| Leaf::of(at, column, map.lists)).collect();
    let header = Raw { number: 1, line: 1, cells: leaves.iter().map(|leaf| leaf.name.clone()).collect(), ..Raw::default() };
    // Columns that are left alone need not be such that a cell can hold them.
    let ignored = leaves.iter().map(|leaf| map.path(&leaf.name).is_none()).collect();
    let mut rows = Rows { reader, leaves, ignored, group: 0, left: 0, readers: Vec::new(), ready: VecDeque::new(), number: 1 };
    let mut over = false;
    let rest = std::iter::from_fn(move || {
        if over {
            return None;
        }
        let next = guarded(|| rows.next());
        // What fails once fails for ever.
        over = !matches!(next, Ok(Some(_)));
        next.transpose()
    });
    Ok(Box::new(std::iter::once(Ok(header)).chain(rest)))
}

/// A file that was damaged on purpose may break a reader down, and must not take the command with it.
fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("the Parquet file is damaged".to_owned()))
}

struct Rows {
    reader: SerializedFileReader<File>,
    leaves: Vec<Leaf>,
    ignored: Vec<bool>,
    /// The row group to come.
    group: usize,
    /// So many rows of this row group are still to be read.
    left: usize,
    readers: Vec<ColumnReader>,
    ready: VecDeque<Raw>,
    number: usize,
}

impl Rows {
    fn next(&mut self) -> Result<Option<Raw>, String> {
        while self.ready.is_empty() {
            if self.left == 0 {
                if self.group == self.reader.num_row_groups() {
                    return Ok(None);
                }
                self.open()?;
            } else {
                self.fill()?;
            }
        }
        Ok(self.ready.pop_front())
    }

    fn open(&mut self) -> Result<(), String> {
        let group = self.reader.get_row_group(self.group).map_err(|error| error.to_string())?;
        self.left = usize::try_from(group.metadata().num_rows()).map_err(|_| "it has a row group of fewer than no rows".to_owned())?;
        let readers: Result<Vec<ColumnReader>, _> = self.leaves.iter().map(|leaf| group.get_column_reader(leaf.at)).collect();
        self.readers = readers.map_err(|error| error.to_string())?;
        self.group += 1;
        Ok(())
    }

    fn fill(&mut self) -> Result<(), String> {
        let most = self.left.min(BATCH);
        let mut columns: Vec<std::vec::IntoIter<Cell>> = Vec::with_capacity(self.leaves.len());
        for (leaf, reader) in self.leaves.iter().zip(&mut self.readers) {
            let cells = leaf.cells(reader, most).map_err(|error| format!("column `{}`: {error}", leaf.name))?;
            if cells.len() != most {
                let group = self.group;
                return Err(format!("column `{}` has fewer rows in row group {group} than the file says", leaf.name));
            }
            columns.push(cells.into_iter());
        }
        for _ in 0..most {
            self.number += 1;
            let mut row = Raw { number: self.number, line: self.number, ..Raw::default() };
            for (position, (column, ignored)) in columns.iter_mut().zip(&self.ignored).enumerate() {
                row.cells.push(match column.next() {
                    Some(Ok(cell)) => cell,
                    Some(Err(message)) => {
                        if !ignored {
                            row.faults.push((position, message));
                        }
                        String::new()
                    }
                    None => String::new(),
                });
            }
            self.ready.push_back(row);
        }
        self.left -= most;
        Ok(())
    }
}
