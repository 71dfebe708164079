// SPDX-License-Identifier: Apache-2.0
//! The commands, one to a file, and what they share.

pub mod cosign;
pub mod follow;
pub mod forks;
pub mod init;
pub mod serve;

use crate::Format;
use comity_evidence::{NoteError, Policy, PolicyError};
use comity_log::{LogError, PlaceError, StoreError};
use comity_witness::report::status;
use comity_witness::{FetchError, FollowError, WitnessError};
use serde_json::Value;
use std::io::{self, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// What ends a command, with its exit status.
pub struct Failure {
    /// The exit status.
    pub status: u8,
    /// What went wrong.
    pub message: String,
}

impl Failure {
    /// A file that is not what it should be.
    pub fn invalid(file: &Path, problem: impl std::fmt::Display) -> Self {
        Self { status: status::INVALID, message: format!("`{}`: {problem}", file.display()) }
    }
}

macro_rules! failures {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self { status: status::FAILED, message: error.to_string() }
            }
        })*
    };
}

failures!(io::Error, LogError, NoteError, PlaceError, StoreError, WitnessError);

impl From<FetchError> for Failure {
    fn from(error: FetchError) -> Self {
        let status = match error {
            FetchError::Certificates { .. } => status::INVALID,
            _ => status::FAILED,
        };
        Self { status, message: error.to_string() }
    }
}

impl From<FollowError> for Failure {
    fn from(error: FollowError) -> Self {
        let status = match error {
            FollowError::Damaged { .. } => status::NO,
            _ => status::FAILED,
        };
        Self { status, message: error.to_string() }
    }
}

/// The seconds of the clock since 1970.
pub fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The policy in a file.
pub fn policy(file: &Path) -> Result<Policy, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| StoreError::new("read", file.display().to_string(), error))?;
    text.parse().map_err(|error: PolicyError| Failure::invalid(file, error))
}

/// Says it, in words or as one line of JSON.
pub fn say(format: Format, lines: &[String], json: &Value) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match format {
        Format::Json => writeln!(out, "{json}")?,
        Format::Text => lines.iter().try_for_each(|line| writeln!(out, "{line}"))?,
    }
    Ok(out.flush()?)
}
