// SPDX-License-Identifier: Apache-2.0
//! One small tree for both notations: values with the place where they stand.

use jiff::civil::Date;

/// Where something stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct At {
    /// Whether it stands in the profile rather than in the file itself.
    pub(crate) in_profile: bool,
    /// The line, counted from 1.
    pub(crate) line: usize,
    /// The column in characters, counted from 1.
    pub(crate) column: usize,
}

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) at: At,
    pub(crate) kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// A text.
    Text(String),
    /// Yes or no.
    Flag(bool),
    /// A whole number, kept so far as any sane count goes.
    Whole(i128),
    /// Another number, as written: a fraction, or one too large for anything.
    Number(String),
    /// A calendar day.
    Day(Date),
    /// A time, or a day that the calendar lacks, as written.
    Moment(String),
    /// A list.
    List(Vec<Node>),
    /// A table.
    Table(Vec<Entry>),
    /// The empty value of JSON.
    Null,
}

/// One key of a table, with its value.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) at: At,
    pub(crate) value: Node,
}

impl Node {
    /// What was found, for a message.
    pub(crate) fn found(&self) -> String {
        match &self.kind {
            Kind::Text(text) => format!("the text `{}`", shortened(text)),
            Kind::Flag(flag) => format!("`{flag}`"),
            Kind::Whole(number) => format!("the number `{number}`"),
            Kind::Number(number) => format!("the number `{}`", shortened(number)),
            Kind::Day(day) => format!("the day `{day}`"),
            Kind::Moment(text) => format!("`{}`", shortened(text)),
            Kind::List(_) => "a list".to_owned(),
            Kind::Table(_) => "a table".to_owned(),
            Kind::Null => "`null`".to_owned(),
        }
    }
}

/// The text, cut where it would drown the message, on one line.
pub(crate) fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut short: String = text.chars().take(LONGEST).map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    if text.chars().nth(LONGEST).is_some() {
        short.push('…');
    }
    short
}

/// Turns offsets of a text into places.
pub(crate) struct Lines<'a> {
    text: &'a str,
    starts: Vec<usize>,
    in_profile: bool,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(text: &'a str, in_profile: bool) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(offset, _)| offset + 1);
        Self { text, starts: std::iter::once(0).chain(ends).collect(), in_profile }
    }

    /// The place of a byte offset.
    pub(crate) fn at(&self, offset: usize) -> At {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let column = self.text.get(start..offset).map_or(offset.saturating_sub(start), |before| before.chars().count()) + 1;
        At { in_profile: self.in_profile, line, column }
    }
}

/// The entries of a table over those of the profile it inherits from: the table wins, key by key.
///
/// Depth is bounded by the readers of both notations.
pub(crate) fn inherit(own: Vec<Entry>, profile: Vec<Entry>) -> Vec<Entry> {
    let mut merged = own;
    for entry in profile {
        match merged.iter_mut().find(|existing| existing.name == entry.name) {
            None => merged.push(entry),
            Some(existing) => {
                if let (Kind::Table(inner), Kind::Table(below)) = (&mut existing.value.kind, entry.value.kind) {
                    *inner = inherit(std::mem::take(inner), below);
                }
            }
        }
    }
    merged
}
