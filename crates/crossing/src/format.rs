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
    /// JSON Lines: one object on each line, encoded in UTF-8.
    JsonLines,
    /// The file format of Arrow IPC, which is also Feather of version 2.
    ArrowFile,
    /// The streaming format of Arrow IPC.
    ArrowStream,
}

impl Format {
    /// The format that the name of a file tells.
    ///
    /// # Errors
    ///
    /// [`CrossingError::Format`] if it tells none.
    pub fn of(path: &Path) -> Result<Self, CrossingError> {
        let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
        let format = ending.as_ref().and_then(|ending| ending.to_str()).and_then(Self::named);
        format.ok_or_else(|| CrossingError::Format(path.display().to_string()))
    }

    /// The format with this ending of file names.
    #[must_use]
    pub fn named(ending: &str) -> Option<Self> {
        Some(match ending {
            "parquet" => Self::Parquet,
            "csv" => Self::Csv,
            "jsonl" | "ndjson" => Self::JsonLines,
            "arrow" | "feather" | "ipc" => Self::ArrowFile,
            "arrows" => Self::ArrowStream,
            _ => return None,
        })
    }

    /// The ending of file names.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            Self::ArrowFile => "arrow",
            Self::ArrowStream => "arrows",
        }
    }
}
