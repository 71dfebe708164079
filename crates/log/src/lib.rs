// SPDX-License-Identifier: Apache-2.0
//! The writer of a transparency log: durable before it answers, and unable to sign two histories.
//!
//! A log has four stores, which may be of different kinds and in different places:
//!
//! | store | holds | trusted with |
//! | --- | --- | --- |
//! | [`Files`] | tiles, bundles and the checkpoint, for everyone to read | nothing: every byte is read back and hashed again |
//! | [`Queue`] | entries that have been acknowledged and are not in the tree yet | not losing what it has acknowledged |
//! | [`Lock`] | the last checkpoint that was signed | never going back: it is never restored from a backup |
//! | [`Vault`] | payloads, each under the key of its matter, to be erased | erasing |
//!
//! [`Writer`] joins the first three. It signs a checkpoint only when what it has written was read back, hashed again by
//! another way, found to extend what was signed before, and swapped into the lock in place of exactly that.
//! [`Appender`] lets many threads append with one synchronization of the disk for all that wait.
//! [`Reader`] makes proofs from the files of any log, and [`audit`] derives a whole log again and names the first file that is damaged.
//!
//! Each is there as a file or folder of this machine. With the feature `postgres` queue, lock and vault can be in PostgreSQL,
//! with the feature `s3` files and lock in an object store.
//!
//! This crate reads no clock and makes no random numbers: both are passed in.

mod appender;
mod audit;
pub mod database;
mod error;
pub mod files;
pub mod lock;
pub mod place;
#[cfg(feature = "postgres")]
pub mod postgres;
pub mod queue;
mod reader;
mod records;
#[cfg(feature = "s3")]
pub mod s3;
mod seal;
pub mod vault;
mod writer;

pub use appender::{Appender, Pace};
pub use audit::{Audited, Damage, audit};
pub use error::{LogError, StoreError};
pub use files::Files;
pub use lock::Lock;
pub use place::{Held, Place, PlaceError};
pub use queue::{Queue, Submission};
pub use reader::Reader;
pub use records::{Event, Random, RecordError, Records};
pub use seal::{DataKey, MasterKey, SealError};
pub use vault::Vault;
pub use writer::{Refusal, Writer};
