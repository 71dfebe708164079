// SPDX-License-Identifier: Apache-2.0
//! The queue in PostgreSQL.

use super::{Queue, Submission, signed, unsigned};
use crate::StoreError;
use crate::postgres::{Database, Fault, Session, said};
use comity_evidence::Hash;
use postgres::types::ToSql;
use postgres::{Row, Transaction};
use std::collections::HashMap;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS SCHEMA.entries (number bigint PRIMARY KEY, entry bytea NOT NULL);
    CREATE TABLE IF NOT EXISTS SCHEMA.once (id bytea PRIMARY KEY, number bigint NOT NULL);
    CREATE TABLE IF NOT EXISTS SCHEMA.next (only_row boolean PRIMARY KEY CHECK (only_row), number bigint NOT NULL);
    INSERT INTO SCHEMA.next VALUES (true, 0) ON CONFLICT DO NOTHING
";

/// The most bytes of entries in one statement, which the server holds in memory at once.
const MOST: usize = 8 << 20;

/// The queue of a log in a schema of its own. Whoever appends holds the row with the next number until it has committed.
pub struct PostgresQueue {
    session: Session,
    /// The highest next number that was ever seen here.
    seen: u64,
}

impl PostgresQueue {
    /// The queue of a log, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database cannot be reached, or keeps nothing durable.
    pub fn open(database: &Database, origin: &str) -> Result<Self, StoreError> {
        Ok(Self { session: Session::open(database, origin, "next", TABLES)?, seen: 0 })
    }
}

/// A server that has gone back, to a replica that lagged or to a backup, would give numbers out again.
fn not_before(next: u64, seen: u64) -> Result<u64, Fault> {
    if next < seen {
        let problem = format!(
            "it knew of {seen} entries and now knows of {next}: it was restored from a backup, or a replica that lagged has taken over. \
             Nothing was taken in; bring back the newer state"
        );
        return Err(problem.into());
    }
    Ok(next)
}

fn number(row: &Row) -> Result<u64, Fault> {
    Ok(unsigned(row.try_get(0).map_err(|error| said(&error))?))
}

/// The numbers that events of these submissions have already.
fn known(transaction: &mut Transaction<'_>, submissions: &[Submission]) -> Result<HashMap<Hash, u64>, Fault> {
    let ids: Vec<&[u8]> = submissions.iter().filter_map(|submission| submission.once.as_ref()).map(|id| id.as_bytes().as_slice()).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = transaction.query("SELECT number, id FROM once WHERE id = ANY($1)", &[&ids]).map_err(|error| said(&error))?;
    let found = |row: &Row| -> Result<(Hash, u64), Fault> {
        let id = row.try_get(1).map_err(|error| said(&error))?;
        Ok((Hash::from_slice(id).ok_or("the table `once` has an id that is no hash")?, number(row)?))
    };
    rows.iter().map(found).collect()
}

fn take_in(transaction: &mut Transaction<'_>, submissions: &[Submission], seen: u64) -> Result<(Vec<u64>, u64), Fault> {
    let first = transaction.query_one("SELECT number FROM next FOR UPDATE", &[]).map_err(|error| said(&error))?;
    let first = not_before(number(&first)?, seen)?;
    let mut known = known(transaction, submissions)?;
    let mut next = first;
    let mut numbers = Vec::with_capacity(submissions.len());
    let (mut entries, mut ids) = (Vec::with_capacity(submissions.len()), Vec::new());
    for Submission { entry, once } in submissions {
        if let Some(id) = once {
            if let Some(earlier) = known.get(id) {
                numbers.push(*earlier);
                continue;
            }
            known.insert(*id, next);
            ids.push((signed(next), id.as_bytes().as_slice()));
        }
        entries.push((signed(next), entry.as_slice()));
        numbers.push(next);
        next += 1;
    }
    if next != first {
        insert(transaction, "INSERT INTO entries SELECT * FROM unnest($1::bigint[], $2::bytea[])", &entries)?;
        insert(transaction, "INSERT INTO once (number, id) SELECT * FROM unnest($1::bigint[], $2::bytea[])", &ids)?;
        transaction.execute("UPDATE next SET number = $1", &[&signed(next)]).map_err(|error| said(&error))?;
    }
    Ok((numbers, next))
}

fn insert(transaction: &mut Transaction<'_>, statement: &str, rows: &[(i64, &[u8])]) -> Result<(), Fault> {
    let mut rest = rows;
    while !rest.is_empty() {
        let mut bytes = 0;
        let fitting = rest.iter().take_while(|(_, row)| {
            let fits = bytes < MOST;
            bytes += row.len();
            fits
        });
        let (part, others) = rest.split_at(fitting.count().max(1).min(rest.len()));
        let (numbers, rows): (Vec<i64>, Vec<&[u8]>) = part.iter().copied().unzip();
        transaction.execute(statement, &[&numbers, &rows]).map_err(|error| said(&error))?;
        rest = others;
    }
    Ok(())
}

impl Queue for PostgresQueue {
    fn append(&mut self, submissions: &[Submission]) -> Result<Vec<u64>, StoreError> {
        let seen = self.seen;
        let (numbers, next) = self.session.run("append to", |client| {
            let mut transaction = client.transaction().map_err(|error| said(&error))?;
            let taken_in = take_in(&mut transaction, submissions, seen)?;
            transaction.commit().map_err(|error| said(&error))?;
            Ok(taken_in)
        })?;
        self.seen = next;
        Ok(numbers)
    }

    fn next(&mut self) -> Result<u64, StoreError> {
        let seen = self.seen;
        self.seen = self.session.run("read", |client| {
            let row = client.query_one("SELECT number FROM next", &[]).map_err(|error| said(&error))?;
            not_before(number(&row)?, seen)
        })?;
        Ok(self.seen)
    }

    fn read(&mut self, from: u64, limit: usize) -> Result<Vec<Vec<u8>>, StoreError> {
        let (from, limit) = (signed(from), i64::try_from(limit).unwrap_or(i64::MAX));
        self.session.run("read", |client| {
            let statement = "SELECT number, entry FROM entries WHERE number >= $1 ORDER BY number LIMIT $2";
            let parameters: [&(dyn ToSql + Sync); 2] = [&from, &limit];
            let rows = client.query(statement, &parameters).map_err(|error| said(&error))?;
            let mut entries = Vec::with_capacity(rows.len());
            for (row, expected) in rows.iter().zip(from..) {
                if row.try_get::<_, i64>(0).map_err(|error| said(&error))? != expected {
                    break;
                }
                entries.push(row.try_get(1).map_err(|error| said(&error))?);
            }
            Ok(entries)
        })
    }

    fn forget(&mut self, before: u64) -> Result<(), StoreError> {
        self.session.run("shorten", |client| {
            client.execute("DELETE FROM entries WHERE number < $1", &[&signed(before)]).map(drop).map_err(|error| said(&error).into())
        })
    }
}
