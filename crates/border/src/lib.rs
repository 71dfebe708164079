// SPDX-License-Identifier: Apache-2.0
//! Enforcement on the data itself: what of a table may leave, and in which form.
//!
//! A [`Manifest`] says what the columns of a table hold and what may be done with them. A [`plan`] judges each combination
//! of what the deciding cells of a row mean under all instruments, with the least costly measures that make it lawful, before
//! any row moves. An [`Enforcer`] carries the plan out on Arrow record batches; [`mod@reference`] says, row by row, what must come of it.
//!
//! What is not understood does not leave: an empty cell, an unknown word, a combination that the plan has not judged,
//! a column that the manifest does not describe.
//!
//! This crate opens no file and no socket, reads no clock and makes no random numbers.

pub mod anonymity;
pub mod enforce;
pub mod format;
pub mod manifest;
pub mod meaning;
pub mod measure;
pub mod overlay;
pub mod plan;
pub mod protection;
pub mod reference;
pub mod release;
pub mod risk;
pub mod secret;
pub mod service;
pub mod value;
mod weigh;

pub use enforce::{EnforceError, Enforced, Enforcer, Tally};
pub use manifest::Manifest;
pub use measure::Measure;
pub use plan::{Plan, PlanError};
pub use release::{PrivacyLoss, Release};
pub use secret::Secret;
