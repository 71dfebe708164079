// SPDX-License-Identifier: Apache-2.0
//! Crossings: tables read, enforced under a plan, written once, and recorded.
//!
//! [`survey()`] reads the cells that decide and nothing else; [`comity_border::plan::compile`] makes the plan of what it found.
//! [`cross()`] carries the plan out, unit by unit, into a staging folder, keeps a journal so that an interrupted crossing goes
//! on where it stopped, checks that every row that came in went somewhere, and publishes all of it in one step.
//! Others than the threads of this process can work on the units ([`Crew`]); what is published is the same.
//! A crossing that is already published is not made again: data sent twice are a second disclosure.
//!
//! Whatever a column held that does not leave is in no byte that is written outside the quarantine: outputs are encoded
//! anew from the rows that leave, without metadata of the source.

mod apart;
mod attempt;
mod budget;
mod cells;
mod classes;
mod crew;
mod cross;
#[cfg(feature = "postgres")]
mod database;
#[cfg(not(feature = "postgres"))]
#[path = "no_database.rs"]
mod database;
mod error;
mod files;
mod format;
mod fresh;
mod hints;
mod journal;
mod record;
#[cfg(feature = "dp")]
mod release;
mod seal;
mod shelf;
mod sink;
mod source;
mod splice;
#[cfg(feature = "object-store")]
mod store;
#[cfg(not(feature = "object-store"))]
#[path = "no_store.rs"]
mod store;
mod stream;
mod survey;
mod unit;
mod wanted;

pub use attempt::{Hand, Order};
pub use budget::{Account, Budget, BudgetError, Charge};
pub use cells::{Column, Tables};
pub use classes::classes;
pub use crew::{Crew, Site};
pub use cross::{Crossed, Job, Progress, cross, cross_with, staging_of};
pub use database::{Copies, copies};
pub use error::CrossingError;
pub use files::is_remote;
pub use format::Format;
pub use record::{OPENLINEAGE, lineage};
#[cfg(feature = "dp")]
pub use release::announced;
pub use seal::recipients;
pub use stream::{Destination, Origin, Stream, stream};
pub use survey::{Stamp, Survey, survey};
pub use wanted::{Wanted, is_database};

/// What a release will cost and how noisy it will be; this was built without releases.
///
/// # Errors
///
/// [`CrossingError::NoRelease`] always.
#[cfg(not(feature = "dp"))]
pub fn announced(_: &comity_border::Release) -> Result<serde_json::Value, CrossingError> {
    Err(CrossingError::NoRelease)
}
