// SPDX-License-Identifier: Apache-2.0
//! The vault in a SQLite file.

use super::{Sealed, Vault};
use crate::{StoreError, database};
use comity_evidence::Hash;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use std::path::Path;
use std::time::Duration;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS keys (matter TEXT PRIMARY KEY, wrapped BLOB NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS payloads (leaf BLOB PRIMARY KEY, matter TEXT NOT NULL, sealed BLOB NOT NULL) STRICT;
    CREATE INDEX IF NOT EXISTS payloads_of_matter ON payloads (matter);
";

/// A SQLite file whose deleted rows are overwritten, and whose write-ahead log is emptied after each erasure.
pub struct SqliteVault {
    connection: Connection,
    file: String,
}

impl SqliteVault {
    /// The vault in a file, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the file is no vault, or cannot be opened.
    pub fn open(file: &Path) -> Result<Self, StoreError> {
        let name = file.display().to_string();
        let opened = || {
            let connection = database::open(file)?;
            connection.execute_batch(TABLES)?;
            Ok(connection)
        };
        let connection = opened().map_err(|error: rusqlite::Error| StoreError::new("open", &name, error))?;
        Ok(Self { connection, file: name })
    }

    /// Sets how long this waits for another process that reads or writes; half a minute unless set.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the file cannot be reached.
    pub fn set_patience(&self, patience: Duration) -> Result<(), StoreError> {
        self.connection.busy_timeout(patience).map_err(self.failed("open"))
    }

    fn failed(&self, doing: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError + use<> {
        let file = self.file.clone();
        move |error| StoreError::new(doing, file, error)
    }
}

fn leaf(row: &Row<'_>, column: usize) -> rusqlite::Result<Hash> {
    Ok(Hash::from_bytes(row.get(column)?))
}

impl Vault for SqliteVault {
    fn key(&mut self, matter: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let key = self.connection.query_row("SELECT wrapped FROM keys WHERE matter = ?1", [matter], |row| row.get(0));
        key.optional().map_err(self.failed("read"))
    }

    fn keep_key(&mut self, matter: &str, wrapped: &[u8]) -> Result<bool, StoreError> {
        let kept = self.connection.execute("INSERT OR IGNORE INTO keys VALUES (?1, ?2)", params![matter, wrapped]);
        kept.map(|rows| rows == 1).map_err(self.failed("write"))
    }

    fn keep(&mut self, payloads: &[Sealed]) -> Result<(), StoreError> {
        let failed = self.failed("write");
        let mut kept = || {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            {
                let mut insert = transaction.prepare_cached("INSERT OR REPLACE INTO payloads VALUES (?1, ?2, ?3)")?;
                for Sealed { leaf, matter, bytes } in payloads {
                    insert.execute(params![leaf.as_bytes(), matter, bytes])?;
                }
            }
            transaction.commit()
        };
        kept().map_err(failed)
    }

    fn read(&mut self, of: &Hash) -> Result<Option<Sealed>, StoreError> {
        let sealed = |row: &Row<'_>| Ok(Sealed { leaf: leaf(row, 0)?, matter: row.get(1)?, bytes: row.get(2)? });
        let found = self.connection.query_row("SELECT leaf, matter, sealed FROM payloads WHERE leaf = ?1", [of.as_bytes()], sealed);
        found.optional().map_err(self.failed("read"))
    }

    fn of_matter(&mut self, matter: &str) -> Result<Vec<Hash>, StoreError> {
        let found = || {
            let mut statement = self.connection.prepare_cached("SELECT leaf FROM payloads WHERE matter = ?1")?;
            let leaves = statement.query_map([matter], |row| leaf(row, 0))?;
            leaves.collect::<rusqlite::Result<Vec<_>>>()
        };
        found().map_err(self.failed("read"))
    }

    fn erase(&mut self, matter: &str) -> Result<(), StoreError> {
        let failed = self.failed("erase from");
        let mut erased = || {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            transaction.execute("DELETE FROM keys WHERE matter = ?1", [matter])?;
            transaction.execute("DELETE FROM payloads WHERE matter = ?1", [matter])?;
            transaction.commit()?;
            // Earlier versions of the pages stand in the write-ahead log until it is moved into the file and cut off.
            // INVARIANT: the first column says whether another connection kept that from being done.
            let busy: i64 = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
            Ok(busy == 0)
        };
        if erased().map_err(failed)? {
            Ok(())
        } else {
            Err(StoreError::new(
                "erase from",
                &self.file,
                "another process is reading it; what was erased is still in its write-ahead log: try again",
            ))
        }
    }
}
