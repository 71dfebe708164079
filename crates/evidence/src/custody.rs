// SPDX-License-Identifier: Apache-2.0
//! An exhibit's chain of custody: what was done with it, by whom in which role, when, where, and on which legal ground.
//!
//! Each event names the digest of the exhibit after it and the hash of the event before it, so that none of those before
//! the last can be changed, left out or moved without the chain breaking, unless every event after it is made anew too.
//! The last one, and the chain as a whole, are held by nothing but the log in which each event was recorded
//! as an entry of kind `custody`: a chain alone does not show that its end was not cut off.
//!
//! ```
//! use comity_evidence::Payload;
//! use comity_evidence::custody::{Chain, Event};
//!
//! let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
//! let first = Payload::parse(&format!(
//!     r#"{{"exhibit":"case-12/3","action":"acquired","role":"examiner","at":"2026-11-24T09:30:00Z",
//!         "place":"evidence room 2","ground":"search warrant 41/2026","digest":"{digest}"}}"#
//! ))?;
//! let first = Event::from_payload(&first)?;
//! let mut second = first.clone();
//! second.action = comity_evidence::custody::Action::Copied;
//! second.at = "2026-11-24T11:05:00Z".parse()?;
//! second.previous = Some(first.hash());
//! assert_eq!(Chain::new(vec![first, second])?.events().len(), 2);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod chain;
mod event;
mod page;
mod prov;
mod time;

pub use chain::{Break, Chain, ChainError};
pub use event::{Action, Event, EventError};
pub use time::{Time, TimeError};
