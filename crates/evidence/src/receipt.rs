// SPDX-License-Identifier: Apache-2.0
//! The receipt: one file that a person keeps, and that anyone can check offline with a policy.

use crate::canonical::{CanonicalError, parse};
use crate::commitment::{CommitmentError, Disclosure, Field};
use crate::document::DocumentError;
use crate::entry::{Content, Entry, EntryError};
use crate::policy::{Policy, Trusted};
use crate::proof::{LogProof, LogProofError};
use crate::{Hash, text};
use serde_json::{Map, Value, json};
use std::fmt;
use std::str::FromStr;

/// The version of the format, which stands in each receipt.
const VERSION: &str = "receipt/1";
/// What stands in each receipt for who opens it without knowing what it is.
const ABOUT: &str = "This file proves that the entry below was written in a public log, as entry number `index`, and cannot have been \
    changed or taken back since without everyone being able to see it. It does not prove that what the entry says is true. \
    Check it with `comity receipt verify FILE --policy POLICY`, or with any verifier of C2SP tlog-proof.";
const KEYS: [&str; 5] = ["comity", "about", "entry", "proof", "disclosure"];

/// The proof of one entry, with what of its payload is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The bytes of the leaf.
    pub entry: Vec<u8>,
    /// The proof that they are in the log.
    pub proof: LogProof,
    /// Fields of the payload, if any are shown.
    pub disclosure: Option<Disclosure>,
}

/// Why a file is no receipt, or does not prove what it says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It is not JSON that everyone reads alike.
    #[error("the receipt is {0}")]
    Canonical(#[from] CanonicalError),
    /// A key is missing, wrong or not known.
    #[error("the receipt's `{key}`: {problem}")]
    Key {
        /// The key.
        key: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The proof does not hold.
    #[error(transparent)]
    Proof(#[from] LogProofError),
    /// The entry is none.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// What is shown is not what was recorded.
    #[error("what the receipt shows is not what was recorded: {0}")]
    Disclosure(#[from] CommitmentError),
    /// Something is shown of an entry that has no payload.
    #[error("the receipt shows fields of an entry that has none")]
    NoPayload,
    /// A document is not the one that the receipt speaks of.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// What a receipt proves.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked {
    /// The checkpoint, the log's signature and the witnesses.
    pub trusted: Trusted,
    /// The number of the entry.
    pub index: u64,
    /// What the entry says.
    pub entry: Entry,
    /// The fields that are shown, all of them as they were recorded.
    pub shown: Vec<(String, Value)>,
    /// The fields that are not shown.
    pub hidden: Vec<String>,
}

impl Receipt {
    /// Checks everything: the log's and the witnesses' signatures under the policy, the proof, the entry, and what is shown.
    ///
    /// # Errors
    ///
    /// [`ReceiptError`] for the first thing that does not hold.
    pub fn verify(&self, policy: &Policy) -> Result<Checked, ReceiptError> {
        let trusted = self.proof.verify(&self.entry, policy)?;
        let entry = Entry::from_bytes(&self.entry)?;
        let (mut shown, mut hidden) = (Vec::new(), Vec::new());
        if let Some(disclosure) = &self.disclosure {
            let Content::Commitment(commitment) = entry.content() else { return Err(ReceiptError::NoPayload) };
            shown.extend(disclosure.verify(commitment)?.into_iter().map(|(name, value)| (name.to_owned(), value.clone())));
            hidden.extend(disclosure.fields.iter().filter_map(|field| match field {
                Field::Hidden { name, .. } => Some(name.clone()),
                Field::Shown { .. } => None,
            }));
        }
        Ok(Checked { trusted, index: self.proof.index, entry, shown, hidden })
    }
}

/// The receipt as a file: JSON that a person can read.
impl fmt::Display for Receipt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut receipt = json!({
            "comity": VERSION,
            "about": ABOUT,
            "entry": text::to_base64(&self.entry),
            "proof": self.proof.to_string().lines().collect::<Vec<_>>(),
        });
        if let (Some(disclosure), Value::Object(receipt)) = (&self.disclosure, &mut receipt) {
            let field = |field: &Field| match field {
                Field::Shown { name, value, salt } => json!({ "name": name, "value": value, "salt": salt.to_string() }),
                Field::Hidden { name, commitment } => json!({ "name": name, "commitment": commitment.to_string() }),
            };
            receipt.insert("disclosure".to_owned(), disclosure.fields.iter().map(field).collect());
        }
        writeln!(formatter, "{receipt:#}")
    }
}

fn wrong(key: &str, problem: impl Into<String>) -> ReceiptError {
    ReceiptError::Key { key: key.to_owned(), problem: problem.into() }
}

impl FromStr for Receipt {
    type Err = ReceiptError;

    fn from_str(written: &str) -> Result<Self, ReceiptError> {
        let Value::Object(object) = parse(written)? else { return Err(wrong("comity", "a receipt is a JSON object")) };
        if let Some(unknown) = object.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(wrong(unknown, format!("unknown; a receipt has {}", KEYS.join(", "))));
        }
        if object.get("comity").and_then(Value::as_str) != Some(VERSION) {
            return Err(wrong("comity", format!("expected `{VERSION}`: this is no receipt, or one of a later version")));
        }
        let entry =
            object.get("entry").and_then(Value::as_str).and_then(text::from_base64).ok_or_else(|| wrong("entry", "expected base64"))?;
        let lines = object.get("proof").and_then(Value::as_array).ok_or_else(|| wrong("proof", "expected the lines of a tlog-proof"))?;
        let mut proof = String::new();
        for line in lines {
            proof += line.as_str().ok_or_else(|| wrong("proof", "expected the lines of a tlog-proof"))?;
            proof.push('\n');
        }
        let disclosure = object.get("disclosure").map(disclosure).transpose()?;
        Ok(Self { entry, proof: proof.parse()?, disclosure })
    }
}

fn disclosure(value: &Value) -> Result<Disclosure, ReceiptError> {
    let fields = value.as_array().ok_or_else(|| wrong("disclosure", "expected a list of fields"))?;
    let fields = fields.iter().map(|field| {
        field
            .as_object()
            .and_then(shown)
            .ok_or_else(|| wrong("disclosure", "expected `name` with `value` and `salt`, or with `commitment`"))
    });
    Ok(Disclosure { fields: fields.collect::<Result<_, _>>()? })
}

fn shown(field: &Map<String, Value>) -> Option<Field> {
    let hash = |key: &str| field.get(key).and_then(Value::as_str).and_then(Hash::from_base64);
    let name = field.get("name")?.as_str()?.to_owned();
    match (field.get("value"), hash("salt"), hash("commitment"), field.len()) {
        (Some(value), Some(salt), None, 3) => Some(Field::Shown { name, value: value.clone(), salt }),
        (None, None, Some(commitment), 2) => Some(Field::Hidden { name, commitment }),
        _ => None,
    }
}
