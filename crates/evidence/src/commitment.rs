// SPDX-License-Identifier: Apache-2.0
//! Salted commitments, field by field: what stands in a log instead of a payload.
//!
//! A payload is a flat JSON object. Each field is committed to with a salt of its own, derived from one salt of the event,
//! and the commitments are the leaves of a small tree whose root stands in the log.
//! Whoever has the salt and the payload can open any of the fields and show that nothing else was changed;
//! once both are erased, the root can be linked to nothing.
//!
//! ```
//! use comity_evidence::{Payload, Salt};
//!
//! let payload = Payload::parse(r#"{"flow":"crm-to-us","verdict":"permitted","by":"desk-4"}"#)?;
//! let salt = Salt::new([7; 32]); // random, and kept with the payload
//! let root = payload.commitment(&salt);
//! let shown = payload.disclose(&salt, &["verdict"])?;
//! assert_eq!(shown.verify(&root)?.len(), 1);
//! # Ok::<(), comity_evidence::CommitmentError>(())
//! ```

use crate::canonical::{CanonicalError, canonical, parse};
use crate::{Hash, tile};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

/// What keeps the hashes of commitments apart from all others.
const OF_FIELD: &[u8] = b"comity.commitment/field/v1";
const OF_SALT: &[u8] = b"comity.commitment/salt/v1";
/// The most fields of a payload.
pub const MOST_FIELDS: usize = 256;

/// Why a payload cannot be committed to, or what is shown of it is not part of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommitmentError {
    /// The payload has no canonical form.
    #[error("the payload is {0}")]
    Canonical(#[from] CanonicalError),
    /// The payload is no object, or has no fields, or too many.
    #[error("a payload is a JSON object of 1 to {MOST_FIELDS} fields")]
    Shape,
    /// A field that is not there.
    #[error("the payload has no field `{field}`: it has {}", .known.join(", "))]
    NoField {
        /// The field asked for.
        field: String,
        /// Those that are there.
        known: Vec<String>,
    },
    /// A field stands twice, or out of order.
    #[error("field `{0}` stands twice or out of the order of names")]
    Order(String),
    /// The fields together are not those that were committed to.
    #[error("the fields are not those of the entry: one was changed, added or left out")]
    OtherFields,
}

/// 32 random bytes of one event. Erased with the payload.
#[derive(Clone, PartialEq, Eq)]
pub struct Salt(Zeroizing<[u8; 32]>);

impl Salt {
    /// The salt with these bytes, which must be random and used for one event only.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, to be kept with the payload.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The salt of one field: knowing it tells nothing of the others (HMAC-SHA256, RFC 2104, under the salt of the event).
    fn of_field(&self, name: &str) -> [u8; 32] {
        let mut pads = [[0x36_u8; 64], [0x5c_u8; 64]];
        for pad in &mut pads {
            pad.iter_mut().zip(self.0.iter()).for_each(|(pad, key)| *pad ^= key);
        }
        let [inner, outer] = pads;
        let inner = Sha256::new().chain_update(inner).chain_update(OF_SALT).chain_update(name).finalize();
        Sha256::new().chain_update(outer).chain_update(inner).finalize().into()
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Salt(secret)")
    }
}

/// The commitment to the value of a field: a domain, the name, the salt and the value, each with its length before it.
fn of_field(name: &str, salt: &[u8; 32], value: &str) -> Hash {
    let mut hash = Sha256::new().chain_update(OF_FIELD);
    for part in [name.as_bytes(), salt, value.as_bytes()] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    Hash::from_bytes(hash.finalize().into())
}

/// The root over all fields. A leaf has the name beside the commitment, so that names can be shown where values are not:
/// otherwise one payload could have two values for one name, each shown to another reader.
fn over(fields: &[(&str, Hash)]) -> Hash {
    let leaf = |(name, commitment): &(&str, Hash)| Hash::of_leaf(&[commitment.as_bytes(), name.as_bytes()].concat());
    tile::root_of(&fields.iter().map(leaf).collect::<Vec<_>>())
}

/// What an entry is about: fields in the order of their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    fields: Vec<(String, Value)>,
}

impl Payload {
    /// The payload in a JSON text.
    ///
    /// # Errors
    ///
    /// [`CommitmentError`] if it is no object, or has no canonical form.
    pub fn parse(text: &str) -> Result<Self, CommitmentError> {
        match parse(text)? {
            Value::Object(object) => Self::new(object),
            _ => Err(CommitmentError::Shape),
        }
    }

    /// The payload of these fields.
    ///
    /// # Errors
    ///
    /// [`CommitmentError`] if there are none or too many, or one has no canonical form.
    pub fn new(object: Map<String, Value>) -> Result<Self, CommitmentError> {
        if object.is_empty() || object.len() > MOST_FIELDS {
            return Err(CommitmentError::Shape);
        }
        let mut fields: Vec<(String, Value)> = object.into_iter().collect();
        fields.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (_, value) in &fields {
            canonical(value)?;
        }
        Ok(Self { fields })
    }

    /// The fields, by name.
    #[must_use]
    pub fn fields(&self) -> &[(String, Value)] {
        &self.fields
    }

    /// The payload as canonical JSON, as it is sealed and kept.
    #[must_use]
    pub fn to_text(&self) -> String {
        // INVARIANT: each value has a canonical form, which `new` has seen.
        canonical(&Value::Object(self.fields.iter().cloned().collect())).unwrap_or_default()
    }

    /// What stands in the log for this payload.
    #[must_use]
    pub fn commitment(&self, salt: &Salt) -> Hash {
        over(&self.commitments(salt))
    }

    fn commitments(&self, salt: &Salt) -> Vec<(&str, Hash)> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), of_field(name, &salt.of_field(name), &canonical(value).unwrap_or_default())))
            .collect()
    }

    /// What shows these fields of the payload, and that the entry has no other values for them.
    ///
    /// Of the others it shows the names, which are those of the kind of event and say nothing of a person.
    ///
    /// # Errors
    ///
    /// [`CommitmentError::NoField`] if the payload has no such field.
    pub fn disclose(&self, salt: &Salt, fields: &[&str]) -> Result<Disclosure, CommitmentError> {
        let known = || self.fields.iter().map(|(name, _)| name.clone()).collect();
        if let Some(field) = fields.iter().find(|field| !self.fields.iter().any(|(name, _)| name == *field)) {
            return Err(CommitmentError::NoField { field: (*field).to_owned(), known: known() });
        }
        let commitments = self.commitments(salt);
        let shown = self.fields.iter().zip(&commitments).map(|((name, value), (_, commitment))| {
            if fields.contains(&name.as_str()) {
                Field::Shown { name: name.clone(), value: value.clone(), salt: Hash::from_bytes(salt.of_field(name)) }
            } else {
                Field::Hidden { name: name.clone(), commitment: *commitment }
            }
        });
        Ok(Disclosure { fields: shown.collect() })
    }

    /// What shows the whole payload.
    #[must_use]
    pub fn disclose_all(&self, salt: &Salt) -> Disclosure {
        let shown = |(name, value): &(String, Value)| Field::Shown {
            name: name.clone(),
            value: value.clone(),
            salt: Hash::from_bytes(salt.of_field(name)),
        };
        Disclosure { fields: self.fields.iter().map(shown).collect() }
    }
}

/// A field in a disclosure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// A field that is shown.
    Shown {
        /// Its name.
        name: String,
        /// Its value.
        value: Value,
        /// Its salt, 32 bytes.
        salt: Hash,
    },
    /// A field of which the value is not shown.
    Hidden {
        /// Its name.
        name: String,
        /// The commitment to its value.
        commitment: Hash,
    },
}

/// Some fields of a payload, shown so that anyone with the entry can check them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disclosure {
    /// All fields, in the order of their names.
    pub fields: Vec<Field>,
}

impl Disclosure {
    /// The fields that are shown, if they are those of the entry with this commitment.
    ///
    /// # Errors
    ///
    /// [`CommitmentError::OtherFields`] if one was changed, added or left out.
    pub fn verify(&self, commitment: &Hash) -> Result<Vec<(&str, &Value)>, CommitmentError> {
        if self.fields.is_empty() || self.fields.len() > MOST_FIELDS {
            return Err(CommitmentError::Shape);
        }
        let mut commitments: Vec<(&str, Hash)> = Vec::with_capacity(self.fields.len());
        let mut shown: Vec<(&str, &Value)> = Vec::new();
        for field in &self.fields {
            let (name, commitment) = match field {
                Field::Hidden { name, commitment } => (name.as_str(), *commitment),
                Field::Shown { name, value, salt } => {
                    shown.push((name, value));
                    (name.as_str(), of_field(name, salt.as_bytes(), &canonical(value)?))
                }
            };
            // Names in order, each once: no field has two values.
            if commitments.last().is_some_and(|(last, _)| *last >= name) {
                return Err(CommitmentError::Order(name.to_owned()));
            }
            commitments.push((name, commitment));
        }
        if over(&commitments) == *commitment { Ok(shown) } else { Err(CommitmentError::OtherFields) }
    }
}
