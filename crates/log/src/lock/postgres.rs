// SPDX-License-Identifier: Apache-2.0
//! The lock in PostgreSQL.

use super::Lock;
use crate::StoreError;
use crate::postgres::{Database, Session, said};

const TABLES: &str = "CREATE TABLE IF NOT EXISTS SCHEMA.signed (only_row boolean PRIMARY KEY CHECK (only_row), note text NOT NULL)";

/// A row in the schema of the log, which any number of machines may share.
///
/// A database that is restored from a backup takes the lock back with it.
/// The files then know more than the lock, and the writer refuses: so they must not be restored together.
pub struct PostgresLock {
    session: Session,
}

impl PostgresLock {
    /// The lock of a log, whose table is made if it is not there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be reached, or keeps nothing durable.
    pub fn open(database: &Database, origin: &str) -> Result<Self, StoreError> {
        Ok(Self { session: Session::open(database, origin, "signed", TABLES)? })
    }
}

impl Lock for PostgresLock {
    fn last(&mut self) -> Result<Option<String>, StoreError> {
        self.session.run("read", |client| {
            let row = client.query_opt("SELECT note FROM signed", &[]).map_err(|error| said(&error))?;
            Ok(row.map(|row| row.try_get(0)).transpose().map_err(|error| said(&error))?)
        })
    }

    fn swap(&mut self, old: Option<&str>, new: &str) -> Result<bool, StoreError> {
        // Each is one statement: of two that run at once, the second waits for the first and then finds another note.
        self.session.run("swap", |client| {
            let rows = match old {
                Some(old) => client.execute("UPDATE signed SET note = $2 WHERE note = $1", &[&old, &new]),
                None => client.execute("INSERT INTO signed VALUES (true, $1) ON CONFLICT DO NOTHING", &[&new]),
            };
            Ok(rows.map_err(|error| said(&error))? == 1)
        })
    }
}
