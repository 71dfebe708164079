// SPDX-License-Identifier: Apache-2.0
//! The instrument language: laws, treaties and model clauses as text that a lawyer can read beside the statute.
//!
//! ```
//! use comity_law::Library;
//!
//! let text = r#"
//! instrument xx.act "Act" {
//!   kind law  cite "Act 1"  in force 2020-01-01
//!   applies here cite "s. 1" verified when exporter.seat in FR
//!   restrict abroad cite "s. 2" verified when importer.seat outside FR
//! }"#;
//! let (library, diagnostics) = Library::read([("xx/act.law".to_owned(), text.to_owned())]);
//! assert!(diagnostics.is_empty());
//! assert_eq!(library.instruments.len(), 1);
//! ```
//!
//! [`Library::read`] parses everything it is given and never fails: what it cannot read becomes a [`Diagnostic`].
//! [`check()`] says what is wrong with a library, [`format()`] lays a source out, and adaptations are resolved on reading.
//!
//! This crate reads no disk, knows no flow and judges nothing.

pub mod adapt;
pub mod ast;
pub mod check;
pub mod diagnostic;
pub mod format;
pub mod lexer;
pub mod library;
pub mod parse;
pub mod table;

pub use check::check;
pub use diagnostic::{Diagnostic, Severity, SourceId, Span};
pub use format::format;
pub use library::{Library, Source};
pub use table::Recognition;
