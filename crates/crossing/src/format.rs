// SPDX-License-Identifier: Apache-2.0
//! The formats of tables.

use crate::CrossingError;
use std::path::Path;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Apache Parquet.
    Parquet,
    /// Comma-separated values (RFC 4180), the first row naming the columns; every cell is a text.
    Csv,
}

impl Format {
    /// The format that the name of a file tells.
    ///
    /// # Errors
    ///
    /// [`CrossingError::Format`] if it tells none.
    pub fn of(path: &Path) -> Result<Self, CrossingError> {
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        match ending.as_ref().and_then(|ending| ending.to_str()) {
            Some("parquet") => Ok(Self::Parquet),
            Some("csv") => Ok(Self::Csv),
            _ => Err(CrossingError::Format(path.display().to_string())),
        }
    }

    /// The ending of file names.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
        }
    }
}
