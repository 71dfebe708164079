// SPDX-License-Identifier: Apache-2.0
//! The vault in PostgreSQL.

use super::{Sealed, Vault};
use crate::StoreError;
use crate::postgres::{Database, Fault, Session, said};
use comity_evidence::Hash;
use postgres::Row;

// The payloads are sealed: they do not compress.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS SCHEMA.keys (matter text COLLATE \"C\" PRIMARY KEY, wrapped bytea NOT NULL);
    CREATE TABLE IF NOT EXISTS SCHEMA.payloads (leaf bytea PRIMARY KEY, matter text COLLATE \"C\" NOT NULL, sealed bytea NOT NULL);
    ALTER TABLE SCHEMA.payloads ALTER COLUMN sealed SET STORAGE EXTERNAL;
    CREATE INDEX IF NOT EXISTS payloads_of_matter ON SCHEMA.payloads (matter)
";

/// A vault in the schema of the log.
///
/// After erasing, the server gives the rows out to nobody, and their place in the tables is free.
/// Their bytes are still in its write-ahead log until that is used anew, in pages until other rows take the place,
/// on replicas and in backups. They are sealed, under a key that is sealed under the key of the node, which the server never sees.
/// Where the key of the matter must be gone to the last byte, keep it in another store: [`KeysApart`](super::KeysApart).
pub struct PostgresVault {
    session: Session,
}

impl PostgresVault {
    /// The vault of a log, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be reached, or keeps nothing durable.
    pub fn open(database: &Database, origin: &str) -> Result<Self, StoreError> {
        Ok(Self { session: Session::open(database, origin, "payloads", TABLES)? })
    }
}

fn leaf(row: &Row) -> Result<Hash, Fault> {
    let bytes = row.try_get(0).map_err(|error| said(&error))?;
    Ok(Hash::from_slice(bytes).ok_or("the table `payloads` has a leaf that is no hash")?)
}

impl Vault for PostgresVault {
    fn key(&mut self, matter: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.session.run("read", |client| {
            let row = client.query_opt("SELECT wrapped FROM keys WHERE matter = $1", &[&matter]).map_err(|error| said(&error))?;
            Ok(row.map(|row| row.try_get(0)).transpose().map_err(|error| said(&error))?)
        })
    }

    fn keep_key(&mut self, matter: &str, wrapped: &[u8]) -> Result<bool, StoreError> {
        self.session.run("write", |client| {
            let rows = client.execute("INSERT INTO keys VALUES ($1, $2) ON CONFLICT DO NOTHING", &[&matter, &wrapped]);
            Ok(rows.map_err(|error| said(&error))? == 1)
        })
    }

    fn keep(&mut self, payloads: &[Sealed]) -> Result<(), StoreError> {
        self.session.run("write", |client| {
            let mut transaction = client.transaction().map_err(|error| said(&error))?;
            let statement = "INSERT INTO payloads VALUES ($1, $2, $3) ON CONFLICT (leaf) DO UPDATE SET matter = $2, sealed = $3";
            let insert = transaction.prepare(statement).map_err(|error| said(&error))?;
            for Sealed { leaf, matter, bytes } in payloads {
                transaction.execute(&insert, &[&leaf.as_bytes().as_slice(), matter, bytes]).map_err(|error| said(&error))?;
            }
            transaction.commit().map_err(|error| said(&error).into())
        })
    }

    fn read(&mut self, of: &Hash) -> Result<Option<Sealed>, StoreError> {
        self.session.run("read", |client| {
            let statement = "SELECT leaf, matter, sealed FROM payloads WHERE leaf = $1";
            let row = client.query_opt(statement, &[&of.as_bytes().as_slice()]).map_err(|error| said(&error))?;
            let sealed = |row: Row| -> Result<Sealed, Fault> {
                let (matter, bytes) = (row.try_get(1).map_err(|error| said(&error))?, row.try_get(2).map_err(|error| said(&error))?);
                Ok(Sealed { leaf: leaf(&row)?, matter, bytes })
            };
            row.map(sealed).transpose()
        })
    }

    fn of_matter(&mut self, matter: &str) -> Result<Vec<Hash>, StoreError> {
        self.session.run("read", |client| {
            let rows = client.query("SELECT leaf FROM payloads WHERE matter = $1", &[&matter]).map_err(|error| said(&error))?;
            rows.iter().map(leaf).collect()
        })
    }

    fn erase(&mut self, matter: &str) -> Result<(), StoreError> {
        self.session.run("erase from", |client| {
            let mut transaction = client.transaction().map_err(|error| said(&error))?;
            for statement in ["DELETE FROM keys WHERE matter = $1", "DELETE FROM payloads WHERE matter = $1"] {
                transaction.execute(statement, &[&matter]).map_err(|error| said(&error))?;
            }
            transaction.commit().map_err(|error| said(&error))?;
            // Not in a transaction, and so each by itself.
            for statement in ["VACUUM keys", "VACUUM payloads"] {
                client.batch_execute(statement).map_err(|error| said(&error))?;
            }
            Ok(())
        })
    }
}
