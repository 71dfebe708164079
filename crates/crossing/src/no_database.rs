// SPDX-License-Identifier: Apache-2.0
//! What stands in the place of databases where this library was built without them.

use crate::{CrossingError, Progress};
use comity_border::plan::Input;
use std::path::{Path, PathBuf};

/// Whether a path is the URL of a database.
#[must_use]
pub fn is_database(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text.starts_with("postgres://") || text.starts_with("postgresql://"))
}

/// What is to cross, some of it from databases.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Files, objects, and tables of databases by their URL.
    pub tables: &'a [PathBuf],
    /// A file with the query that a database is asked; its URL names no table then.
    pub query: Option<&'a Path>,
    /// A file of certificates (PEM) that servers are verified by, beside the public roots.
    pub certificates: Option<&'a Path>,
    /// The [staging folder](crate::staging_of) of a crossing that may be gone on with; without, copies are temporary.
    pub staging: Option<&'a Path>,
}

/// What is to cross as files.
pub struct Copies(Vec<PathBuf>);

impl Copies {
    /// The tables, none of them in a database.
    #[must_use]
    pub fn tables(&self) -> &[PathBuf] {
        &self.0
    }

    /// Names tables of databases in the place of their copies, of which there are none.
    pub fn name(&self, _inputs: &mut [Input]) {}

    /// Whether the copies are those that an interrupted crossing was begun with.
    #[must_use]
    pub const fn resumed(&self) -> bool {
        false
    }
}

/// Copies the tables that are in databases, of which there must be none.
///
/// # Errors
///
/// [`CrossingError::Database`] if there is one.
pub fn copies(wanted: Wanted<'_>, _progress: &mut dyn FnMut(Progress)) -> Result<Copies, CrossingError> {
    if wanted.query.is_none() && !wanted.tables.iter().any(|table| is_database(table)) {
        return Ok(Copies(wanted.tables.to_vec()));
    }
    let problem = "tables in PostgreSQL are read with the feature `postgres`".to_owned();
    Err(CrossingError::Database { what: "cannot use", name: "the URL of a table".to_owned(), problem })
}
