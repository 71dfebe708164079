// SPDX-License-Identifier: Apache-2.0
//! One snapshot of a database, in which nothing can be written, and what it is asked.
//!
//! Names are looked for in `pg_catalog` alone: what somebody else puts into another schema is never meant by mistake.
//! Rows come in an order that follows from them, so that the same rows are the same bytes: by a key of the table, or by all columns.

use super::cells::Kind;
use super::place::{Table, quoted};
use super::rows::Column;
use crate::CrossingError;
use comity_postgres::{Database, Fault, PATIENCE, said};
use comity_terms::nearest;
use postgres::error::{ErrorPosition, SqlState};
use postgres::{Client, CopyOutReader};
use std::collections::BTreeSet;

/// A question that was read from a file.
pub(super) struct Question {
    /// The name of the file, without the folders before it.
    pub(super) name: String,
    /// One statement that gives rows.
    pub(super) text: String,
}

/// What is read.
pub(super) enum Subject {
    Table(Table),
    Question(Question),
}

/// What is to be sent: the columns, and the statement that sends them.
pub(super) struct Prepared {
    pub(super) columns: Vec<Column>,
    statement: String,
}

/// A snapshot of a database.
pub(super) struct Reading {
    client: Client,
    database: String,
    name: String,
}

/// How a subject of a database is called: without user and password.
pub(super) fn name_of(database: &str, subject: &Subject) -> String {
    match subject {
        Subject::Table(table) => format!("postgres://{database}#{}", table.shown()),
        Subject::Question(question) => format!("postgres://{database}?query={}", question.name),
    }
}

impl Reading {
    pub(super) fn begin(database: &Database) -> Result<Self, CrossingError> {
        let name = format!("postgres://{}", database.name());
        let failed = |fault: Fault| CrossingError::Database { what: "cannot use", name: name.clone(), problem: fault.to_string() };
        let mut client = database.connect().map_err(failed)?;
        // Texts of values depend on settings, and the same rows are to be the same texts for everybody.
        let begin = format!(
            "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; \
             SET LOCAL search_path TO pg_catalog, pg_temp; SET LOCAL lock_timeout TO '{}s'; SET LOCAL extra_float_digits TO 1; \
             SET LOCAL DateStyle TO 'ISO, YMD'; SET LOCAL IntervalStyle TO 'iso_8601'; SET LOCAL TimeZone TO 'UTC'; \
             SET LOCAL bytea_output TO 'hex'; SET LOCAL lc_monetary TO 'C'; SET LOCAL xmloption TO 'content'",
            PATIENCE.as_secs()
        );
        client.batch_execute(&begin).map_err(|error| failed(said(&error).into()))?;
        Ok(Self { client, database: database.name().to_owned(), name })
    }

    /// Hosts and database.
    pub(super) fn database(&self) -> &str {
        &self.database
    }

    fn failed(&self, subject: &str, problem: impl ToString) -> CrossingError {
        CrossingError::Database { what: "cannot read", name: format!("{}{subject}", self.name), problem: problem.to_string() }
    }

    /// Looks at what is to be read, without reading a row of it.
    pub(super) fn prepare(&mut self, subject: &Subject) -> Result<Prepared, CrossingError> {
        let name = name_of(&self.database, subject);
        let wrong = |problem: String| CrossingError::table(name.as_ref(), problem);
        let (text, key) = match subject {
            Subject::Table(table) => {
                let key = self.key(table)?;
                (format!("SELECT * FROM {}", table.quoted()), key)
            }
            Subject::Question(question) => (one(&question.text).to_owned(), Vec::new()),
        };
        let statement = self.client.prepare(&text).map_err(|error| match subject {
            Subject::Table(_) => self.failed(name.trim_start_matches(&self.name), said(&error)),
            Subject::Question(question) => CrossingError::Table { path: question.name.clone().into(), problem: placed(&error, &text) },
        })?;
        if !statement.params().is_empty() {
            return Err(wrong("expected a query without parameters, found `$1`".to_owned()));
        }
        if statement.columns().is_empty() {
            return Err(wrong("expected rows with columns, found a statement that gives none".to_owned()));
        }
        let mut seen = BTreeSet::new();
        if let Some(twice) = statement.columns().iter().find(|column| !seen.insert(column.name())) {
            return Err(wrong(format!("expected columns with names of their own, found two that are named `{}`", twice.name())));
        }
        let columns: Vec<Column> =
            statement.columns().iter().map(|column| Column { name: column.name().to_owned(), kind: Kind::of(column.type_()) }).collect();
        let statement = copy(&text, &columns, &key);
        Ok(Prepared { columns, statement })
    }

    /// The rows as they come, as many as anybody reads.
    pub(super) fn rows(&mut self, subject: &Subject, prepared: &Prepared) -> Result<CopyOutReader<'_>, CrossingError> {
        let name = name_of(&self.database, subject);
        let failed = |error: postgres::Error| {
            // What can be prepared by itself is no slip of the query: it cannot stand inside of another.
            let hint = match subject {
                Subject::Question(_) if error.code() == Some(&SqlState::SYNTAX_ERROR) => {
                    "; expected one SELECT, with nothing after its semicolon"
                }
                _ => "",
            };
            CrossingError::Database { what: "cannot read", name, problem: format!("{}{hint}", said(&error)) }
        };
        self.client.copy_out(&prepared.statement).map_err(failed)
    }

    /// The columns of a key of a table, in its order; none where rows have none, or the rows of other tables come with them.
    fn key(&mut self, table: &Table) -> Result<Vec<String>, CrossingError> {
        let subject = format!("#{}", table.shown());
        let found = self.client.query_opt(
            "SELECT c.oid, c.relkind::text, c.relkind = 'r' AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid) \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2",
            &[&table.schema, &table.name],
        );
        let Some(row) = found.map_err(|error| self.failed(&subject, said(&error)))? else { return Err(self.unknown(table)?) };
        let wrong = |error: postgres::Error| CrossingError::table(subject.as_ref(), said(&error));
        let (oid, kind, parent): (u32, String, bool) =
            (row.try_get(0).map_err(wrong)?, row.try_get(1).map_err(wrong)?, row.try_get(2).map_err(wrong)?);
        if !["r", "p", "v", "m", "f"].contains(&kind.as_str()) {
            return Err(CrossingError::table(
                format!("{}{subject}", self.name).as_ref(),
                "expected a table or a view, found something else by that name",
            ));
        }
        if parent {
            return Ok(Vec::new());
        }
        // The primary key, or else the first key whose columns are never null: its order is one and the same.
        let columns = self.client.query(
            "WITH keys AS ( \
               SELECT i.indexrelid, i.indkey::int2[] AS parts, i.indnkeyatts AS width, i.indisprimary, c.relname \
               FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
               WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL), \
             parts AS ( \
               SELECT k.indexrelid, k.indisprimary, k.relname, p.place, a.attname, a.attnotnull \
               FROM keys k CROSS JOIN LATERAL unnest(k.parts) WITH ORDINALITY AS p (number, place) \
               JOIN pg_attribute a ON a.attrelid = $1 AND a.attnum = p.number WHERE p.place <= k.width) \
             SELECT p.attname::text FROM parts p WHERE p.indexrelid = ( \
               SELECT q.indexrelid FROM parts q GROUP BY q.indexrelid, q.indisprimary, q.relname HAVING bool_and(q.attnotnull) \
               ORDER BY q.indisprimary DESC, q.relname LIMIT 1) \
             ORDER BY p.place",
            &[&oid],
        );
        let columns = columns.map_err(|error| self.failed(&subject, said(&error)))?;
        columns.iter().map(|row| row.try_get(0).map_err(wrong)).collect()
    }

    /// That there is no such table, with the one that may be meant.
    fn unknown(&mut self, table: &Table) -> Result<CrossingError, CrossingError> {
        let listed = self.client.query(
            "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname <> 'information_schema' AND NOT starts_with(n.nspname::text, 'pg_') \
             ORDER BY 1, 2 LIMIT 10000",
            &[],
        );
        let listed = listed.map_err(|error| self.failed("", said(&error)))?;
        let names: Vec<String> =
            listed.iter().filter_map(|row| Some(Table { schema: row.try_get(0).ok()?, name: row.try_get(1).ok()? }.shown())).collect();
        let near =
            nearest(&table.shown(), names.iter().map(String::as_str)).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        Ok(CrossingError::table(self.name.as_ref(), format!("expected a table that is there, found none named `{}`{near}", table.shown())))
    }
}

/// The statement without the semicolon at its end.
fn one(text: &str) -> &str {
    text.trim().trim_end_matches(';').trim_end()
}

/// What sends the rows of a statement: those types that are read as they are, of all others their texts.
fn copy(text: &str, columns: &[Column], key: &[String]) -> String {
    let of = |name: &str| format!("q.{}", quoted(name));
    let text_of = |name: &str| format!("{}::pg_catalog.text", of(name));
    let sent = columns.iter().map(|column| if column.kind == Kind::Text { text_of(&column.name) } else { of(&column.name) });
    let sent: Vec<String> = sent.collect();
    let order: Vec<String> = if key.is_empty() {
        let by_text = |column: &Column| match column.kind {
            Kind::Bytes => of(&column.name),
            _ => format!("{} COLLATE pg_catalog.\"C\"", text_of(&column.name)),
        };
        columns.iter().map(by_text).collect()
    } else {
        key.iter().map(|name| of(name)).collect()
    };
    // The statement may end in a remark.
    format!("COPY (SELECT {} FROM (\n{text}\n) AS q ORDER BY {}) TO STDOUT (FORMAT binary)", sent.join(", "), order.join(", "))
}

/// What the server says of a query, with the line and column in it.
fn placed(error: &postgres::Error, text: &str) -> String {
    let place = error.as_db_error().and_then(|error| match error.position() {
        Some(ErrorPosition::Original(place)) => usize::try_from(*place).ok()?.checked_sub(1),
        _ => None,
    });
    let place = place.map_or_else(String::new, |place| {
        let before: String = text.chars().take(place).collect();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|letter| *letter != '\n').count() + 1;
        format!("line {line}, column {column}: ")
    });
    let unknown = [SqlState::UNDEFINED_TABLE, SqlState::UNDEFINED_FUNCTION, SqlState::UNDEFINED_OBJECT];
    let hint = if error.code().is_some_and(|code| unknown.contains(code)) {
        "; write the schema before each name, as in `public.people`: none but pg_catalog is searched"
    } else {
        ""
    };
    format!("{place}{}{hint}", said(error))
}

#[cfg(test)]
mod tests {
    use super::{Column, Kind, copy, one};

    #[test]
    fn the_order_follows_from_the_rows() {
        let columns = [
            Column { name: "id".to_owned(), kind: Kind::Int8 },
            Column { name: "a \"name\"".to_owned(), kind: Kind::Text },
            Column { name: "photo".to_owned(), kind: Kind::Bytes },
        ];
        assert_eq!(
            copy("SELECT 1 -- one", &columns, &["id".to_owned()]),
            "COPY (SELECT q.\"id\", q.\"a \"\"name\"\"\"::pg_catalog.text, q.\"photo\" FROM (\nSELECT 1 -- one\n) AS q ORDER BY q.\"id\") TO STDOUT (FORMAT binary)"
        );
        assert!(copy("SELECT 1", &columns, &[]).contains(
            "ORDER BY q.\"id\"::pg_catalog.text COLLATE pg_catalog.\"C\", q.\"a \"\"name\"\"\"::pg_catalog.text COLLATE pg_catalog.\"C\", q.\"photo\")"
        ));
        assert_eq!(one("  SELECT 1 ; \n"), "SELECT 1");
    }
}
