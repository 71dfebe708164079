// SPDX-License-Identifier: Apache-2.0
//! The flow file, the case file and the probe: a declared movement of personal data, as facts.
//!
//! [`read`] turns the text of a file into a [`Flow`], or into every [`Problem`] it has, each with its line.
//! [`write()`] turns a flow into text that reads back to the same flow, and [`template`] is the file to start from.
//!
//! ```
//! use comity_flow::{Format, read};
//!
//! let text = r#"
//! id = "crm-to-us"
//! title = "CRM records to the US analytics processor"
//! on = 2024-03-01
//!
//! [exporter]
//! seat = "DE"
//! "#;
//! // The second argument of `read` gives the text of a profile; this flow names none.
//! let flow = read(text, Format::Toml, &|_| Err("no profile".to_owned())).expect("the file is right");
//! assert_eq!(flow.id, "crm-to-us");
//! // What the file leaves unsaid and the format fills in is named.
//! assert_eq!(flow.assumed.len(), 2);
//!
//! let wrong = text.replace("seat", "saet");
//! let problems = read(&wrong, Format::Toml, &|_| Err("no profile".to_owned())).expect_err("a slip");
//! assert_eq!(problems[0].line, 7);
//! assert_eq!(problems[0].help.as_deref(), Some("did you mean `seat`?"));
//! ```
//!
//! A fact that the file does not state is absent from [`Flow::facts`]: it is unknown, and never guessed.
//! The few places where the format gives silence a meaning are on the page of the flow file, and what was filled in
//! for the reader is named in [`Flow::assumed`].
//!
//! This crate touches no disk (the caller passes in the text of a profile) and no clock (the day of the flow is what
//! the file says, or none). It knows nothing of law: whether the facts are lawful is for the judge.

mod case;
mod counts;
mod declared;
mod facts;
mod fill;
mod json_tree;
mod node;
mod onward;
mod problem;
mod read;
mod reader;
mod safeguards;
mod template;
mod toml_tree;
mod value;
mod write;

use comity_terms::{Bits, KeyId, Term};
use jiff::civil::Date;
use std::collections::BTreeMap;

pub use declared::Declared;
pub use problem::Problem;
pub use read::read;
pub use template::template;
pub use write::write;

/// What a flow says of one key.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Count(u64),
    /// A calendar day.
    Day(Date),
    /// One term of the key's scheme.
    One(Term),
    /// A set of terms of the key's scheme: exactly those listed, without what lies below them.
    Many(Bits),
}

/// A safeguard that the file lists, with the days it says.
///
/// It stays listed where it is not in place on the day of the flow; the key's [`Value::Many`] then leaves it out.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The list it stands in, such as `safeguards.contracts`.
    pub key: KeyId,
    /// What it is.
    pub term: Term,
    /// The first day it is in place; none: from before the flow.
    pub on: Option<Date>,
    /// The first day it is no longer in place; none: without an end.
    pub until: Option<Date>,
    /// What it rests on: a document, an exhibit or a receipt, or words for people such as a file number.
    pub reference: Option<String>,
}

/// A count of persons or devices, where a law counts something finer than the keys of `[subjects]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Counter {
    /// The data categories counted, with the categories below them.
    pub of: Bits,
    /// What is counted.
    pub unit: Term,
    /// The day from which it is counted.
    pub since: Option<Date>,
    /// The number is at least this.
    pub at_least: u64,
    /// The number is at most this; none: no upper bound is known.
    pub at_most: Option<u64>,
}

/// Who sends on an onward leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// The importer of the flow.
    Importer,
    /// The later recipient at this position in [`Flow::onward`], always an earlier one.
    Onward(usize),
}

/// A later recipient of the data.
#[derive(Clone, Debug, PartialEq)]
pub struct Onward {
    /// The name, by which a later entry may call it; empty where the file gives none.
    pub name: String,
    /// Who sends to it.
    pub from: Sender,
    /// The facts about this recipient, under the keys `importer.*`.
    pub facts: BTreeMap<KeyId, Value>,
    /// The purposes of this leg; none: as the flow.
    pub purpose: Option<Bits>,
    /// Contracts and measures of this leg, under the keys `safeguards.contracts` and `safeguards.measures`.
    pub items: Vec<Item>,
}

/// A declared movement of personal data, with the outcome where the file is a case or a probe.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Flow {
    /// The id by which other files name it.
    pub id: String,
    /// What it is, in a line; empty where the file gives none.
    pub title: String,
    /// The day to judge at; none: the caller's today.
    pub on: Option<Date>,
    /// The instruments to speak of; empty: all that apply.
    pub under: Vec<String>,
    /// The name of the exporter; empty where the file gives none.
    pub exporter_name: String,
    /// The name of the importer; empty where the file gives none.
    pub importer_name: String,
    /// What the file says. A key that is absent is unknown.
    pub facts: BTreeMap<KeyId, Value>,
    /// Every safeguard listed, in place or not.
    pub items: Vec<Item>,
    /// The day the assessment says it was made.
    /// One made after the day of the flow is not in place on it: the facts then say that there is none.
    pub assessed_on: Option<Date>,
    /// What acts and grants rest on that are no items: the assessment, consent, certificates.
    pub references: BTreeMap<Declared, String>,
    /// The finer counts.
    pub counts: Vec<Counter>,
    /// The later recipients, in the order of the file.
    pub onward: Vec<Onward>,
    /// What was filled in where the file is silent, one sentence each.
    pub assumed: Vec<String>,
    /// What a court or authority decided, in a case.
    pub decided: Option<Decided>,
    /// What a correct encoding must answer, in a probe.
    pub expected: Option<Expected>,
    /// The line of each key that the file itself states, by dotted path, counted from 1.
    pub lines: BTreeMap<String, usize>,
}

impl Flow {
    /// The flow on another day: with the safeguards that are in place then.
    #[must_use]
    pub fn moved_to(&self, day: Date) -> Self {
        let mut next = Self { on: Some(day), ..self.clone() };
        let mut lists: BTreeMap<KeyId, Bits> = BTreeMap::new();
        for item in &self.items {
            let set = lists.entry(item.key).or_insert_with(|| match self.facts.get(&item.key) {
                Some(Value::Many(set)) => *set,
                _ => Bits::EMPTY,
            });
            set.remove(item.term.index());
        }
        for item in &self.items {
            let in_place = item.on.is_none_or(|on| on <= day) && item.until.is_none_or(|until| day < until);
            if let Some(set) = lists.get_mut(&item.key).filter(|_| in_place) {
                set.insert(item.term.index());
            }
        }
        next.facts.extend(lists.into_iter().map(|(key, set)| (key, Value::Many(set))));
        next
    }
}

/// Whether the flow of a case was lawful.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lawful {
    /// It was restricted and lawful.
    Yes,
    /// It was unlawful.
    No,
    /// It was not a restricted flow at all.
    NotRestricted,
}

/// The outcome of a case.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// The court or authority.
    pub by: String,
    /// Its country.
    pub country: String,
    /// The day of the decision.
    pub date: Option<Date>,
    /// The kind of decision: `judgment`, `fine`, `order`, `guidance`, `approval`, `opinion`.
    pub kind: String,
    /// Whether the flow was lawful.
    pub lawful: Lawful,
    /// The mechanism that carried it, where it was lawful.
    pub mechanism: Option<String>,
    /// What was lacking, where it was not: ids of mechanisms, or key paths; `any-mechanism`: none was satisfied.
    pub lacking: Vec<String>,
    /// The provisions named.
    pub cites: Vec<String>,
    /// Why, in a line.
    pub decides: String,
    /// Where it can be read.
    pub sources: Vec<String>,
    /// How sure the encoder is: `high`, `medium`, `low`.
    pub confidence: String,
    /// A case that differs in one fact only.
    pub pair: Option<String>,
    /// A remark.
    pub note: String,
}

/// The answer a probe asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    /// One of the five verdicts.
    pub verdict: String,
    /// The mechanism, where it is permitted.
    pub mechanism: Option<String>,
    /// What is missing, where it is incomplete: mechanism ids or key paths, any of which is right.
    pub missing: Vec<String>,
    /// The provision.
    pub cite: String,
    /// Why, in a line.
    pub why: String,
    /// How sure the encoder is: `high`, `medium`, `low`.
    pub sure: String,
}

/// The notation of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// TOML, as people write it.
    Toml,
    /// JSON, as programs write it.
    Json,
}
