// SPDX-License-Identifier: Apache-2.0
//! Registers in Parquet files, where the build has them: a row group after the other, a batch of rows at a time.

#[cfg(feature = "parquet")]
mod leaf;
#[cfg(feature = "parquet")]
mod read;
#[cfg(feature = "parquet")]
#[cfg(test)]
mod tests;
#[cfg(feature = "parquet")]
mod value;
#[cfg(feature = "parquet")]
mod write;

#[cfg(feature = "parquet")]
pub use read::rows;
#[cfg(feature = "parquet")]
pub use write::write;

#[cfg(not(feature = "parquet"))]
pub use without::{rows, write};

#[cfg(not(feature = "parquet"))]
mod without {
    use super::super::Map;
    use super::super::read::RawRows;
    use std::path::Path;

    const WITHOUT: &str = "this build has no Parquet; write the register as CSV or JSON Lines, or build Comity with `--features parquet`";

    /// The rows of a Parquet file.
    pub fn rows(_: &Path, _: &Map) -> Result<RawRows, String> {
        Err(WITHOUT.to_owned())
    }

    /// Writes a Parquet file.
    pub fn write(_: &Path, _: &[String], _: &[Vec<String>], _: &Map) -> Result<(), String> {
        Err(WITHOUT.to_owned())
    }
}
