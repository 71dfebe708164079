// SPDX-License-Identifier: Apache-2.0
//! Rows that are in a database.

use clap::{Args, ValueHint};
use std::path::PathBuf;

/// Where rows come from that are in a database.
#[derive(Args, Debug)]
pub struct DatabaseArgs {
    /// Cross what this query gives: one SELECT, put to the database that TABLE names without a table
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub query: Option<PathBuf>,
    /// Certificates (PEM) that the database is verified by, beside the public roots
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub certificates: Option<PathBuf>,
}
