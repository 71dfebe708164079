// SPDX-License-Identifier: Apache-2.0
//! Witnesses: whoever keeps a log cannot show two histories without somebody having seen it.
//!
//! | who | does what | here |
//! | --- | --- | --- |
//! | a witness | cosigns a checkpoint if it extends what it cosigned before | [`Witness`], `server` |
//! | who keeps a log | has each checkpoint cosigned, until the quorum of its policy is reached | [`cosign::gather`] |
//! | who relies on a log | looks at it again and again, keeps a copy, and keeps the proof of any split view | [`Follower`] |
//!
//! The protocol between the first two is C2SP tlog-witness, so that witnesses and logs of others take part.
//!
//! The clock is passed in. The network is touched by [`Client`] and the server, files and databases by all three.

pub mod client;
pub mod cosign;
mod error;
pub mod follow;
pub mod forks;
pub mod report;
#[cfg(feature = "server")]
pub mod server;
mod state;

pub use client::{Client, FetchError, RemoteFiles};
pub use error::WitnessError;
pub use follow::{FollowError, Follower, Looked};
pub use state::{Answered, Witness};
