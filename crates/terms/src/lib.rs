// SPDX-License-Identifier: Apache-2.0
//! The common vocabulary: every id that a flow or an instrument may name.
//!
//! A *term* belongs to a [`Scheme`] (place, data category, purpose, …) and may have parents in it.
//! A *key* is one fact of a flow, with the scheme of its values and its [`Class`].
//! A *group* is a set of places whose members change over time.
//!
//! ```
//! use comity_terms::{Scheme, vocabulary};
//!
//! let words = vocabulary();
//! let health = words.find(Scheme::Category, "health").expect("a listed id");
//! let genetic = words.find(Scheme::Category, "genetic").expect("a listed id");
//! assert!(words.below(health).contains(health));
//! assert!(!words.below(health).contains(genetic) || words.is_below(genetic, health));
//! assert_eq!(words.nearest(Scheme::Category, "heatlh"), Some("health"));
//! ```
//!
//! This crate reads its tables from itself and nothing else: no disk, no clock, no network.
//! It knows nothing of law: which categories are sensitive is for each instrument to say.

pub mod bits;
pub mod group;
pub mod key;
pub mod scheme;
mod table;
pub mod vocabulary;

pub use bits::Bits;
pub use group::{Group, Membership};
pub use key::{Class, Key, KeyId, KeyKind};
pub use scheme::Scheme;
pub use vocabulary::{Entry, Term, Vocabulary, nearest, vocabulary};
