// SPDX-License-Identifier: Apache-2.0
//! The queue in a SQLite file.

use super::{Queue, Submission, signed, unsigned};
use crate::StoreError;
use comity_evidence::Hash;
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use std::path::Path;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS entries (number INTEGER PRIMARY KEY, entry BLOB NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS once (id BLOB PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS next (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL) STRICT;
    INSERT OR IGNORE INTO next VALUES (1, 0);
";

/// A SQLite file in write-ahead mode, synchronized with the disk at each commit.
pub struct SqliteQueue {
    connection: Connection,
    file: String,
}

impl SqliteQueue {
    /// The queue in a file, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the file is no such queue, or cannot be opened.
    pub fn open(file: &Path) -> Result<Self, StoreError> {
        let name = file.display().to_string();
        let opened = || {
            let connection = crate::database::open(file)?;
            connection.execute_batch(TABLES)?;
            Ok(connection)
        };
        let connection = opened().map_err(|error: rusqlite::Error| StoreError::new("open", &name, error))?;
        Ok(Self { connection, file: name })
    }

    fn failed(&self, doing: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError + use<> {
        let file = self.file.clone();
        move |error| StoreError::new(doing, file, error)
    }
}

fn next(connection: &Connection) -> rusqlite::Result<u64> {
    connection.query_row("SELECT number FROM next", [], |row| row.get(0)).map(unsigned)
}

fn take_in(transaction: &Transaction<'_>, submissions: &[Submission]) -> rusqlite::Result<Vec<u64>> {
    let first = next(transaction)?;
    let mut number = first;
    let mut numbers = Vec::with_capacity(submissions.len());
    let mut known = transaction.prepare_cached("SELECT number FROM once WHERE id = ?1")?;
    let mut remember = transaction.prepare_cached("INSERT INTO once VALUES (?1, ?2)")?;
    let mut insert = transaction.prepare_cached("INSERT INTO entries VALUES (?1, ?2)")?;
    for Submission { entry, once } in submissions {
        if let Some(id) = once.as_ref().map(Hash::as_bytes) {
            if let Some(earlier) = known.query_row([id], |row| row.get(0)).optional()? {
                numbers.push(unsigned(earlier));
                continue;
            }
            remember.execute(params![id, signed(number)])?;
        }
        insert.execute(params![signed(number), entry])?;
        numbers.push(number);
        number += 1;
    }
    if number != first {
        transaction.execute("UPDATE next SET number = ?1", [signed(number)])?;
    }
    Ok(numbers)
}

impl Queue for SqliteQueue {
    fn append(&mut self, submissions: &[Submission]) -> Result<Vec<u64>, StoreError> {
        let failed = self.failed("append to");
        let mut appended = || {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let numbers = take_in(&transaction, submissions)?;
            transaction.commit()?;
            Ok(numbers)
        };
        appended().map_err(failed)
    }

    fn next(&mut self) -> Result<u64, StoreError> {
        next(&self.connection).map_err(self.failed("read"))
    }

    fn read(&mut self, from: u64, limit: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        let read = || {
            let mut statement =
                self.connection.prepare_cached("SELECT number, entry FROM entries WHERE number >= ?1 ORDER BY number LIMIT ?2")?;
            let mut rows = statement.query(params![signed(from), i64::try_from(limit).unwrap_or(i64::MAX)])?;
            let mut entries = Vec::new();
            let mut expected = signed(from);
            while let Some(row) = rows.next()? {
                if row.get::<_, i64>(0)? != expected {
                    break;
                }
                entries.push(row.get(1)?);
                expected += 1;
            }
            Ok(entries)
        };
        read().map_err(self.failed("read"))
    }

    fn forget(&mut self, before: u64) -> Result<(), StoreError> {
        self.connection.execute("DELETE FROM entries WHERE number < ?1", [signed(before)]).map(drop).map_err(self.failed("shorten"))
    }
}
