// SPDX-License-Identifier: Apache-2.0
//! Connections of a log to PostgreSQL.
//!
//! Each log has a schema of its own, named after the hash of its origin: a log that has served its years is dropped with its schema.
//! A connection that was lost is made anew at the next call; the call during which it was lost fails, for nobody knows what became of it.

use crate::StoreError;
use comity_evidence::{Hash, text};
pub use comity_postgres::Database;
use comity_postgres::{DatabaseError, PATIENCE};
pub(crate) use comity_postgres::{Fault, said};
use postgres::Client;

impl From<DatabaseError> for StoreError {
    fn from(error: DatabaseError) -> Self {
        Self::new(error.doing, error.name, error.source)
    }
}

/// A connection for one store, which is made anew when it was lost.
pub(crate) struct Session {
    database: Database,
    /// Sets what each connection needs.
    setting: String,
    client: Option<Client>,
}

impl Session {
    /// A session in the schema of a log. The tables are made where they are not there.
    pub(crate) fn open(database: &Database, origin: &str, first: &str, tables: &str) -> Result<Self, StoreError> {
        let schema = schema(origin);
        let setting = format!("SET search_path TO {schema}; SET lock_timeout TO '{}s'", PATIENCE.as_secs());
        let mut session = Self { database: database.clone(), setting, client: None };
        session.run("open", |client| {
            // Looked for first: who only uses them needs no right to make them.
            let there = client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&format!("{schema}.{first}")]).map_err(|e| said(&e))?;
            if there.try_get(0).map_err(|error| said(&error))? {
                return Ok(());
            }
            let make = format!(
                // INVARIANT: the origin is quoted as SQL wants it, and the schema is made of hexadecimal digits.
                "BEGIN; SELECT pg_advisory_xact_lock(hashtext('{schema}')); CREATE SCHEMA IF NOT EXISTS {schema}; \
                 COMMENT ON SCHEMA {schema} IS '{}'; {}; COMMIT",
                origin.replace('\'', "''").replace('\0', ""),
                tables.replace("SCHEMA", &schema)
            );
            Ok(client.batch_execute(&make).map_err(|error| said(&error))?)
        })?;
        Ok(session)
    }

    /// Does something with the connection.
    pub(crate) fn run<T>(&mut self, doing: &'static str, work: impl FnOnce(&mut Client) -> Result<T, Fault>) -> Result<T, StoreError> {
        let done = self.client().and_then(work);
        // After an error the connection may be in the middle of something: a new one is in the middle of nothing.
        if done.is_err() {
            self.client = None;
        }
        done.map_err(|fault| StoreError::new(doing, self.database.name(), fault))
    }

    fn client(&mut self) -> Result<&mut Client, Fault> {
        let client = match self.client.take().filter(|client| !client.is_closed()) {
            Some(client) => client,
            None => self.begin()?,
        };
        Ok(self.client.insert(client))
    }

    fn begin(&self) -> Result<Client, Fault> {
        let mut client = self.database.connect()?;
        client.batch_execute(&self.setting).map_err(|error| said(&error))?;
        let mut shown = |setting: &str| -> Result<String, Fault> {
            let row = client.query_one(&format!("SHOW {setting}"), &[]).map_err(|error| said(&error))?;
            Ok(row.try_get(0).map_err(|error| said(&error))?)
        };
        if shown("fsync")? == "off" {
            return Err("it runs with `fsync = off`: what it acknowledges may be lost, so no log can be kept there".into());
        }
        if shown("synchronous_commit")? == "off" {
            client.batch_execute("SET synchronous_commit TO on").map_err(|error| said(&error))?;
        }
        Ok(client)
    }
}

/// The schema of a log.
#[must_use]
pub fn schema(origin: &str) -> String {
    let hash = Hash::of(origin.as_bytes());
    format!("comity_{}", text::to_hex(hash.as_bytes().first_chunk::<8>().map_or(&[][..], |first| first)))
}
