// SPDX-License-Identifier: Apache-2.0
//! What is asked to cross, whether this library was built with databases or not.

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
