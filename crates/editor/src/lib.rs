// SPDX-License-Identifier: Apache-2.0
//! Instruments and flow files in an editor: the logic of the language server `comity-lsp`.
//!
//! ```
//! use comity_editor::{Shelf, hover};
//! use jiff::civil::date;
//!
//! let text = r#"
//! instrument xx.act "Act" {
//!   kind law  cite "Act 1"  in force 2020-01-01
//!   applies here cite "s. 1" verified when exporter.seat in FR
//! }"#;
//! let shelf = Shelf::new([("act.law".to_owned(), text.to_owned())], None, date(2026, 1, 1));
//! let at = text.find("exporter.seat").expect("it stands there");
//! let shown = hover::in_instrument(&shelf, "act.law", text, at).expect("a key");
//! assert!(shown.text.contains("In which country"));
//! ```
//!
//! Each feature is a pure function over a [`Shelf`] (a library that has been read), a text and a byte in it:
//! [`diagnose`], [`complete`], [`hover`], [`define`], [`outline`], [`layout`].
//! What may stand at a place is worked out in one module for each notation, [`law_place`] and [`flow_place`],
//! and completion, hover and definition all ask there.
//! [`desk`] keeps the open documents and reads the files around them; [`server`] speaks the protocol.
//!
//! This crate judges nothing: verdicts, conflicts and gaps are for the command.

pub mod address;
pub mod complete;
pub mod define;
pub mod desk;
pub mod diagnose;
pub mod flow_keys;
pub mod flow_place;
pub mod hover;
pub mod law_place;
mod law_tokens;
pub mod law_words;
pub mod layout;
pub mod library;
pub mod names;
pub mod outline;
pub mod position;
pub mod server;
pub mod show;

pub use library::Shelf;
