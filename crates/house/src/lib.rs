// SPDX-License-Identifier: Apache-2.0
//! The rules of the house, executable, and the reference pages, generated.
//!
//! ```
//! let pages = comity_house::pages::all();
//! assert!(pages.contains_key("docs/reference/keys.md"));
//! ```
//!
//! The tests of this crate hold the workspace to its rules: which crate may use which ([`graph`]), what every file
//! begins with and never holds ([`files`]), that links lead somewhere ([`links`]), and which licences parts have
//! ([`licence`]).
//! [`pages`] writes the pages that come from the source; [`console`] runs the commands that the documents show.
//!
//! No other crate uses this one.

pub mod console;
pub mod files;
pub mod graph;
pub mod licence;
pub mod links;
pub mod pages;
pub mod tree;
