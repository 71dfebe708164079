// SPDX-License-Identifier: Apache-2.0
//! One event of custody, and the payload that records it.

use super::{Time, TimeError};
use crate::Hash;
use crate::commitment::{CommitmentError, Payload};
use serde_json::{Map, Value};
use std::fmt;

/// The fields of the payload. All but the last stand in every event.
const FIELDS: [&str; 8] = ["exhibit", "action", "role", "at", "place", "ground", "digest", "previous"];
/// The most characters of a text.
const LONGEST_TEXT: usize = 200;

/// What was done with an exhibit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// It was taken into custody. Every chain begins so.
    Acquired,
    /// A copy with the same digest was made.
    Copied,
    /// Something else was made of it, with another digest: from here on, that is the exhibit.
    Transformed,
    /// It was shown or given to someone, and kept.
    Disclosed,
    /// It was given back. It may be acquired again.
    Returned,
    /// It was destroyed. Nothing can come after.
    Destroyed,
}

impl Action {
    /// Every action, with its name in events.
    pub const ALL: [(Self, &str); 6] = [
        (Self::Acquired, "acquired"),
        (Self::Copied, "copied"),
        (Self::Transformed, "transformed"),
        (Self::Disclosed, "disclosed"),
        (Self::Returned, "returned"),
        (Self::Destroyed, "destroyed"),
    ];

    /// The action with a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(action, _)| *action)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(action, _)| action == self).map_or("", |(_, name)| name);
        formatter.write_str(name)
    }
}

/// An event of custody. Texts have 1 to 200 characters; [`Event::from_payload`] and [`super::Chain::new`] see to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The id of the exhibit, the same in the whole chain.
    pub exhibit: String,
    /// What was done.
    pub action: Action,
    /// The role of whoever did it, never a name.
    pub role: String,
    /// When.
    pub at: Time,
    /// Where: a node, or a place.
    pub place: String,
    /// The legal ground: a provision, or an order such as `search warrant 41/2026`.
    pub ground: String,
    /// SHA-256 of the exhibit after the event; of what was destroyed, before it.
    pub digest: Hash,
    /// The hash of the event before; none in the first.
    pub previous: Option<Hash>,
}

/// Why a payload is no event of custody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event's `{field}`: {problem}")]
pub struct EventError {
    /// The field.
    pub field: String,
    /// What is wrong with it.
    pub problem: String,
}

fn wrong(field: &str, problem: impl Into<String>) -> EventError {
    EventError { field: field.to_owned(), problem: problem.into() }
}

impl Event {
    /// The event in a payload.
    ///
    /// # Errors
    ///
    /// [`EventError`] if a field is missing, wrong, or not known.
    pub fn from_payload(payload: &Payload) -> Result<Self, EventError> {
        if let Some((unknown, _)) = payload.fields().iter().find(|(name, _)| !FIELDS.contains(&name.as_str())) {
            return Err(wrong(unknown, format!("unknown; an event of custody has {}", FIELDS.join(", "))));
        }
        let value = |field: &str| payload.fields().iter().find(|(name, _)| name == field).map(|(_, value)| value);
        let text = |field: &str| {
            let found = value(field).ok_or_else(|| wrong(field, "missing"))?;
            found.as_str().ok_or_else(|| wrong(field, format!("expected a text, found `{found}`")))
        };
        let hash =
            |field: &str| Hash::from_hex(text(field)?).ok_or_else(|| wrong(field, "expected SHA-256 in 64 lower-case hexadecimal digits"));
        let action = text("action")?;
        let names = || Action::ALL.map(|(_, name)| name).join(", ");
        Self {
            exhibit: text("exhibit")?.to_owned(),
            action: Action::from_name(action).ok_or_else(|| wrong("action", format!("expected one of {}, found `{action}`", names())))?,
            role: text("role")?.to_owned(),
            at: text("at")?.parse().map_err(|error: TimeError| wrong("at", error.to_string()))?,
            place: text("place")?.to_owned(),
            ground: text("ground")?.to_owned(),
            digest: hash("digest")?,
            previous: value("previous").map(|_| hash("previous")).transpose()?,
        }
        .checked()
    }

    /// The payload that records the event in a log, in an entry of kind `custody`.
    ///
    /// # Errors
    ///
    /// Never for an event whose texts are [as they should be](Event): the error is that of [`Payload::new`].
    pub fn to_payload(&self) -> Result<Payload, CommitmentError> {
        Payload::new(self.fields().into_iter().map(|(name, value)| (name.to_owned(), Value::String(value))).collect::<Map<_, _>>())
    }

    /// The event as canonical JSON (RFC 8785), on one line.
    #[must_use]
    pub fn to_text(&self) -> String {
        // INVARIANT: there are fields, and all are texts, which have a canonical form.
        self.to_payload().map(|payload| payload.to_text()).unwrap_or_default()
    }

    /// What the next event names as the one before it: SHA-256 of [`Event::to_text`].
    ///
    /// It has no salt: whoever sees it can confirm a guess of the whole event. It stands in the payload of the next event,
    /// which is erased as payloads are, and never in a log.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Hash::of(self.to_text().as_bytes())
    }

    /// The fields by name, with their values as they are written.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let mut fields = vec![
            ("exhibit", self.exhibit.clone()),
            ("action", self.action.to_string()),
            ("role", self.role.clone()),
            ("at", self.at.to_string()),
            ("place", self.place.clone()),
            ("ground", self.ground.clone()),
            ("digest", self.digest.to_hex()),
        ];
        fields.extend(self.previous.map(|previous| ("previous", previous.to_hex())));
        fields
    }

    /// The event, if its texts are as they should be.
    pub(super) fn checked(self) -> Result<Self, EventError> {
        let texts = [("exhibit", &self.exhibit), ("role", &self.role), ("place", &self.place), ("ground", &self.ground)];
        for (field, text) in texts {
            if text.is_empty() || text.chars().count() > LONGEST_TEXT || text.trim() != text {
                return Err(wrong(field, format!("expected 1 to {LONGEST_TEXT} characters without space around them")));
            }
            if let Some(sign) = text.chars().find(|sign| sign.is_control() || is_unseen(*sign)) {
                return Err(wrong(
                    field,
                    format!("the character U+{:04X} cannot be seen, and may hide what stands there", u32::from(sign)),
                ));
            }
        }
        Ok(self)
    }
}

/// Signs that change the direction or the lines of a text, or cannot be seen: a court must see what was recorded.
///
/// The joiners U+200C and U+200D are left alone: Persian and the scripts of India cannot be written without them.
const fn is_unseen(sign: char) -> bool {
    matches!(sign, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}
