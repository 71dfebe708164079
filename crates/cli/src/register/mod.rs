// SPDX-License-Identifier: Apache-2.0
//! Registers as people have them: CSV, XLSX and Parquet files with one flow to a row; and JSON Lines, as programs write them.

pub mod cell;
pub mod columns;
pub mod export;
pub mod import;
pub mod lines;
pub mod map;
pub mod map_file;
pub mod parquet;
pub mod read;
pub mod split;
#[cfg(test)]
mod tests;
pub mod xlsx;

pub use lines::{is_lines, lines};
pub use map::Map;
pub use read::{is_register, rows};

/// The column that says what is wrong with a row that was not imported; a reader leaves it alone.
pub const PROBLEM: &str = "problem";
