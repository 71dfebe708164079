// SPDX-License-Identifier: Apache-2.0
//! The entries of a log: what kind of event, on which day, and the commitment to what it was. Never personal data.

use crate::canonical::{CanonicalError, canonical, parse};
use crate::text::days_of_month;
use crate::tile::LONGEST_ENTRY;
use crate::{Checkpoint, Hash};
use serde_json::{Map, Value, json};
use std::fmt;

/// The version of the format, which stands in each entry.
const VERSION: &str = "entry/1";

/// What kind of event an entry records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A flow was judged.
    Judgment,
    /// Records crossed a border.
    Crossing,
    /// A person consented, or took the consent back.
    Consent,
    /// A message was sent or received.
    Message,
    /// Something was filed with an authority.
    Filing,
    /// An exhibit changed hands or state.
    Custody,
    /// A payload was erased.
    Erasure,
    /// This log goes on where another ended.
    Succession,
}

impl Kind {
    /// Every kind, with its name in entries.
    pub const ALL: [(Self, &str); 8] = [
        (Self::Judgment, "judgment"),
        (Self::Crossing, "crossing"),
        (Self::Consent, "consent"),
        (Self::Message, "message"),
        (Self::Filing, "filing"),
        (Self::Custody, "custody"),
        (Self::Erasure, "erasure"),
        (Self::Succession, "succession"),
    ];

    /// The kind with a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(kind, _)| kind == self).map_or("", |(_, name)| name);
        formatter.write_str(name)
    }
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The commitment to a payload, which is kept elsewhere or was erased.
    Commitment(Hash),
    /// Payloads that were erased: numbers of entries of this log, on which legal ground, by whom in which role.
    Erased {
        /// The numbers of their entries, ascending.
        entries: Vec<u64>,
        /// The legal ground, such as `GDPR Art. 17(1)(a)`.
        ground: String,
        /// The role of whoever erased, never a name.
        role: String,
    },
    /// Where the log before this one ended.
    Succeeds {
        /// Its name.
        origin: String,
        /// Its last size.
        size: u64,
        /// Its last root.
        root: Hash,
    },
}

/// One entry of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    kind: Kind,
    day: String,
    content: Content,
}

/// Why bytes are no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// They have no canonical form, or not that form.
    #[error("the entry is {0}")]
    Canonical(#[from] CanonicalError),
    /// They are JSON, but not written in its one way.
    #[error("the entry is not written in the canonical way (RFC 8785)")]
    NotCanonical,
    /// A field is missing, wrong, or not known.
    #[error("the entry's `{field}`: {problem}")]
    Field {
        /// The field.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
}

fn wrong(field: &str, problem: impl Into<String>) -> EntryError {
    EntryError::Field { field: field.to_owned(), problem: problem.into() }
}

impl Entry {
    /// The record of an event whose payload has this commitment. `day` is written as in `2026-11-24`.
    ///
    /// # Errors
    ///
    /// [`EntryError`] if `day` is no day, or the kind has no payload.
    pub fn of_payload(kind: Kind, day: &str, commitment: Hash) -> Result<Self, EntryError> {
        if matches!(kind, Kind::Erasure | Kind::Succession) {
            return Err(wrong("kind", format!("`{kind}` has no payload")));
        }
        Self { kind, day: day.to_owned(), content: Content::Commitment(commitment) }.checked()
    }

    /// The record that the payloads of earlier entries were erased.
    ///
    /// # Errors
    ///
    /// [`EntryError`] if `day` is no day, there are no entries, or ground and role are empty or long.
    pub fn of_erasure(day: &str, mut entries: Vec<u64>, ground: &str, role: &str) -> Result<Self, EntryError> {
        entries.sort_unstable();
        entries.dedup();
        let content = Content::Erased { entries, ground: ground.to_owned(), role: role.to_owned() };
        Self { kind: Kind::Erasure, day: day.to_owned(), content }.checked()
    }

    /// The first entry of a log that goes on where another ended.
    ///
    /// # Errors
    ///
    /// [`EntryError`] if `day` is no day.
    pub fn of_succession(day: &str, ended: &Checkpoint) -> Result<Self, EntryError> {
        let content = Content::Succeeds { origin: ended.origin().to_owned(), size: ended.size(), root: *ended.root() };
        Self { kind: Kind::Succession, day: day.to_owned(), content }.checked()
    }

    /// The kind of event.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The day of the event.
    #[must_use]
    pub fn day(&self) -> &str {
        &self.day
    }

    /// What it says.
    #[must_use]
    pub const fn content(&self) -> &Content {
        &self.content
    }

    /// The commitment to its payload, if it has one.
    #[must_use]
    pub const fn commitment(&self) -> Option<&Hash> {
        match &self.content {
            Content::Commitment(commitment) => Some(commitment),
            _ => None,
        }
    }

    /// The bytes of the leaf.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut object = json!({ "comity": VERSION, "day": self.day, "kind": self.kind.to_string() });
        let content = match &self.content {
            Content::Commitment(commitment) => json!({ "commitment": commitment.to_string() }),
            Content::Erased { entries, ground, role } => json!({ "entries": entries, "ground": ground, "role": role }),
            Content::Succeeds { origin, size, root } => json!({ "origin": origin, "size": size, "root": root.to_string() }),
        };
        if let (Value::Object(object), Value::Object(content)) = (&mut object, content) {
            object.extend(content);
        }
        // INVARIANT: `checked` has seen that it has a canonical form.
        canonical(&object).unwrap_or_default().into_bytes()
    }

    /// The entry in the bytes of a leaf, which must be written in the one canonical way.
    ///
    /// # Errors
    ///
    /// [`EntryError`] for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EntryError> {
        let text = std::str::from_utf8(bytes).map_err(|error| CanonicalError::Syntax(error.to_string()))?;
        let Value::Object(object) = parse(text)? else { return Err(wrong("comity", "an entry is a JSON object")) };
        if string(&object, "comity")? != VERSION {
            return Err(wrong("comity", format!("expected `{VERSION}`: this version reads no other")));
        }
        let name = string(&object, "kind")?;
        let kind = Kind::from_name(name).ok_or_else(|| wrong("kind", format!("expected one of {}, found `{name}`", names())))?;
        let hash = |field: &str| Hash::from_base64(string(&object, field)?).ok_or_else(|| wrong(field, "expected 32 bytes in base64"));
        let (content, fields): (Content, &[&str]) = match kind {
            Kind::Erasure => {
                let entries =
                    object.get("entries").and_then(Value::as_array).ok_or_else(|| wrong("entries", "expected a list of numbers"))?;
                let entries = entries
                    .iter()
                    .map(|number| number.as_u64().ok_or_else(|| wrong("entries", "expected a list of numbers")))
                    .collect::<Result<_, _>>()?;
                let content =
                    Content::Erased { entries, ground: string(&object, "ground")?.to_owned(), role: string(&object, "role")?.to_owned() };
                (content, &["entries", "ground", "role"])
            }
            Kind::Succession => {
                let size = object.get("size").and_then(Value::as_u64).ok_or_else(|| wrong("size", "expected a number"))?;
                (
                    Content::Succeeds { origin: string(&object, "origin")?.to_owned(), size, root: hash("root")? },
                    &["origin", "size", "root"],
                )
            }
            _ => (Content::Commitment(hash("commitment")?), &["commitment"]),
        };
        if let Some(unknown) =
            object.keys().find(|key| !["comity", "day", "kind"].contains(&key.as_str()) && !fields.contains(&key.as_str()))
        {
            return Err(wrong(unknown, "an entry of this kind has no such field"));
        }
        let entry = Self { kind, day: string(&object, "day")?.to_owned(), content }.checked()?;
        if entry.to_bytes() == bytes { Ok(entry) } else { Err(EntryError::NotCanonical) }
    }

    fn checked(self) -> Result<Self, EntryError> {
        if !is_day(&self.day) {
            return Err(wrong("day", format!("expected a day such as 2026-11-24, found `{}`", self.day)));
        }
        if let Content::Erased { entries, ground, role } = &self.content {
            if entries.is_empty() || !entries.is_sorted_by(|one, other| one < other) {
                return Err(wrong("entries", "expected numbers of entries, ascending"));
            }
            for (field, text) in [("ground", ground), ("role", role)] {
                if text.is_empty() || text.len() > 200 || text.chars().any(char::is_control) {
                    return Err(wrong(field, "expected 1 to 200 characters"));
                }
            }
        }
        if self.to_bytes().is_empty() || self.to_bytes().len() > LONGEST_ENTRY {
            return Err(wrong("entries", "too many for one entry"));
        }
        Ok(self)
    }
}

fn names() -> String {
    Kind::ALL.map(|(_, name)| name).join(", ")
}

fn string<'a>(object: &'a Map<String, Value>, field: &str) -> Result<&'a str, EntryError> {
    object.get(field).and_then(Value::as_str).ok_or_else(|| wrong(field, "expected a text"))
}

/// Whether a text is a day of the Gregorian calendar, written as `2026-11-24`.
fn is_day(text: &str) -> bool {
    let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else { return false };
    if !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return false;
    }
    let (Ok(year), Ok(month), Ok(day)) = (year.parse(), month.parse(), day.parse::<u64>()) else { return false };
    (1..=days_of_month(year, month)).contains(&day)
}
