// SPDX-License-Identifier: Apache-2.0
//! Judging flows under instruments.
//!
//! [`judge`] is a pure function of a library, a flow, a day and a day of knowledge.
//! It gives one [`Finding`] for each instrument that governs the flow, on each leg, and the [`Judgment`] of all together.
//!
//! ```
//! use comity_flow::{Format, read};
//! use comity_judge::{Options, judge};
//! use comity_law::Library;
//! use jiff::civil::date;
//!
//! let law = r#"
//! instrument xx.act "Act" {
//!   kind law  cite "Act 1"  of FR  in force 2020-01-01
//!   applies here cite "s. 1" when exporter.seat in FR
//!   restrict abroad cite "s. 2" when importer.seat outside FR
//!   permit terms by standard-clauses cite "s. 3" needs contract eu.scc-2021
//! }"#;
//! let (library, _) = Library::read([("xx/act.law".to_owned(), law.to_owned())]);
//! let flow = read("on = 2024-03-01\n[exporter]\nseat = \"FR\"\n[importer]\nseat = \"US\"", Format::Toml, &|_| Err(String::new())).unwrap();
//! let judgment = judge(&library, &flow, &Options::today(date(2026, 1, 1))).unwrap();
//! assert_eq!(judgment.word(), "incomplete");
//! assert_eq!(judgment.findings[0].missing[0].steps, ["safeguards.contracts+eu.scc-2021"]);
//! ```
//!
//! There is no clock, disk, network or randomness in this crate. Unknown facts are never guessed:
//! a flow has the set of verdicts of all its completions.

pub mod agreement;
mod apply;
pub mod ask;
pub mod bulk;
pub mod cases;
mod change;
pub mod chart;
mod classes;
pub mod compare;
mod compile;
pub mod consistency;
pub mod cost;
pub mod definition;
mod diagram;
mod evidence;
mod example;
pub mod finding;
mod formula;
mod judgment;
mod leg;
pub mod lines;
pub mod mutation;
mod order;
mod program;
mod ready;
pub mod route;
mod search;
mod segments;
mod solve;
mod space;
mod steps;
mod store;
mod test_set;
mod trace;
mod verdicts;
mod witness;

pub use evidence::{Evidence, Resting, Shown};
pub use finding::{ClauseTrace, Collision, Duty, Finding, Judgment, Mechanism, Missing, NotApplicable, Possible, State, Trace, Verdict};
pub use formula::Truth;
pub use judgment::{JudgeError, Options, judge, period_in_words, verdicts};
pub use ready::Judge;
