// SPDX-License-Identifier: Apache-2.0
//! What stands in the place of databases where this library was built without them.

use crate::wanted::{Wanted, is_database};
use crate::{CrossingError, Progress};
use comity_border::plan::Input;
use std::path::PathBuf;

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
