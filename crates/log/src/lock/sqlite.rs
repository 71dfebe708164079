// SPDX-License-Identifier: Apache-2.0
//! The lock in a SQLite file: a row for each log.

use super::Lock;
use crate::StoreError;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::path::Path;

/// A row of a SQLite file. One file may serve the logs of a whole machine.
pub struct SqliteLock {
    connection: Connection,
    origin: String,
    file: String,
}

impl SqliteLock {
    /// The lock of a log in a file, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the file holds something else, or cannot be opened.
    pub fn open(file: &Path, origin: &str) -> Result<Self, StoreError> {
        let name = file.display().to_string();
        let opened = || {
            let connection = crate::database::open(file)?;
            connection.execute_batch("CREATE TABLE IF NOT EXISTS signed (origin TEXT PRIMARY KEY, note TEXT NOT NULL) STRICT")?;
            Ok(connection)
        };
        let connection = opened().map_err(|error: rusqlite::Error| StoreError::new("open", &name, error))?;
        Ok(Self { connection, origin: origin.to_owned(), file: name })
    }
}

fn last(connection: &Connection, origin: &str) -> rusqlite::Result<Option<String>> {
    connection.query_row("SELECT note FROM signed WHERE origin = ?1", [origin], |row| row.get(0)).optional()
}

impl Lock for SqliteLock {
    fn last(&mut self) -> Result<Option<String>, StoreError> {
        last(&self.connection, &self.origin).map_err(|error| StoreError::new("read", &self.file, error))
    }

    fn swap(&mut self, old: Option<&str>, new: &str) -> Result<bool, StoreError> {
        let mut swapped = || {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            if last(&transaction, &self.origin)?.as_deref() != old {
                return Ok(false);
            }
            transaction
                .execute("INSERT INTO signed VALUES (?1, ?2) ON CONFLICT (origin) DO UPDATE SET note = ?2", params![self.origin, new])?;
            transaction.commit()?;
            Ok(true)
        };
        swapped().map_err(|error: rusqlite::Error| StoreError::new("swap", &self.file, error))
    }
}
