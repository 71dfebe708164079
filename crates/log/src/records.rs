// SPDX-License-Identifier: Apache-2.0
//! Events with payloads: sealed in the vault before their entries are handed in, and opened again for whoever may see them.

use crate::seal::{NONCE, SealError};
use crate::vault::Sealed;
use crate::{DataKey, MasterKey, StoreError, Submission, Vault};
use comity_evidence::canonical::{canonical, parse};
use comity_evidence::entry::Kind;
use comity_evidence::{CommitmentError, Entry, EntryError, Hash, Payload, Salt, text};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// Where random bytes come from.
pub type Random<'a> = &'a mut dyn FnMut(&mut [u8]) -> Result<(), StoreError>;

/// An event to be recorded.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its kind.
    pub kind: Kind,
    /// Its day, as in `2026-11-24`.
    pub day: String,
    /// The matter or person to whom it belongs, whose key seals it. `None`: it is a matter of its own.
    pub matter: Option<String>,
    /// What makes it one and the same when it is handed in again.
    pub once: Option<Hash>,
    /// What it is about.
    pub payload: Payload,
}

/// Why an event cannot be recorded or shown.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// A store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is stored cannot be opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The entry is none.
    #[error(transparent)]
    Entry(#[from] EntryError),
    /// The payload is none.
    #[error(transparent)]
    Commitment(#[from] CommitmentError),
}

/// The vault with the key of its node.
pub struct Records<'a> {
    vault: &'a mut dyn Vault,
    master: &'a MasterKey,
}

/// The matter of an event that belongs to none: its salt names it, so that it can be erased by itself.
fn own_matter(once: Option<&Hash>, random: [u8; 16]) -> String {
    once.map_or_else(|| format!("event:{}", text::to_hex(&random)), |once| format!("event:{}", once.to_hex()))
}

impl<'a> Records<'a> {
    /// The records in a vault.
    pub fn new(vault: &'a mut dyn Vault, master: &'a MasterKey) -> Self {
        Self { vault, master }
    }

    /// Keeps the payloads of events, and gives what is to be handed in to the log for each. When this returns they are durable.
    ///
    /// # Errors
    ///
    /// [`RecordError`] if they are not.
    pub fn keep(&mut self, events: &[Event], random: Random<'_>) -> Result<Vec<Submission>, RecordError> {
        let mut submissions = Vec::with_capacity(events.len());
        let mut sealed = Vec::with_capacity(events.len());
        for event in events {
            let mut own = [0; 16];
            random(&mut own)?;
            let matter = event.matter.clone().unwrap_or_else(|| own_matter(event.once.as_ref(), own));
            let key = self.key(&matter, random)?;
            let mut salt = [0; 32];
            random(&mut salt)?;
            // Handed in again, the same event must become the same entry.
            let salt = Salt::new(event.once.map_or(salt, |once| *key.derive(once.as_bytes()).as_bytes()));
            let entry = Entry::of_payload(event.kind, &event.day, event.payload.commitment(&salt))?.to_bytes();
            let leaf = Hash::of_leaf(&entry);
            let kept = json!({ "salt": Hash::from_bytes(*salt.as_bytes()).to_string(), "payload": parse(&event.payload.to_text()).map_err(CommitmentError::from)? });
            let kept = Zeroizing::new(canonical(&kept).map_err(CommitmentError::from)?);
            let mut nonce = [0; NONCE];
            random(&mut nonce)?;
            sealed.push(Sealed { leaf, matter, bytes: key.seal(leaf.as_bytes(), kept.as_bytes(), nonce)? });
            submissions.push(Submission { entry, once: event.once });
        }
        self.vault.keep(&sealed)?;
        Ok(submissions)
    }

    /// The payload of an entry with its salt, and the matter to which it belongs; `None` if it was erased, or is kept elsewhere.
    ///
    /// # Errors
    ///
    /// [`RecordError`] if it cannot be opened.
    pub fn open(&mut self, leaf: &Hash) -> Result<Option<(Payload, Salt, String)>, RecordError> {
        let Some(sealed) = self.vault.read(leaf)? else { return Ok(None) };
        let Some(wrapped) = self.vault.key(&sealed.matter)? else { return Ok(None) };
        let opened = self.master.unwrap(&sealed.matter, &wrapped)?.open(leaf.as_bytes(), &sealed.bytes)?;
        let kept = std::str::from_utf8(&opened).map_err(|_| SealError)?;
        let mut kept = parse(kept).map_err(|_| SealError)?;
        let salt = kept.get("salt").and_then(Value::as_str).and_then(Hash::from_base64).ok_or(SealError)?;
        let Some(Value::Object(payload)) = kept.get_mut("payload").map(Value::take) else { return Err(SealError.into()) };
        Ok(Some((Payload::new(payload)?, Salt::new(*salt.as_bytes()), sealed.matter)))
    }

    /// The key of a matter, made if it has none. A matter that was erased gets a new one: what was sealed before stays sealed.
    fn key(&mut self, matter: &str, random: Random<'_>) -> Result<DataKey, RecordError> {
        loop {
            if let Some(wrapped) = self.vault.key(matter)? {
                return Ok(self.master.unwrap(matter, &wrapped)?);
            }
            let (mut bytes, mut nonce) = (Zeroizing::new([0; 32]), [0; NONCE]);
            random(bytes.as_mut_slice())?;
            random(&mut nonce)?;
            // Another process may be quicker: then its key is the key.
            self.vault.keep_key(matter, &self.master.wrap(matter, &DataKey::new(*bytes), nonce)?)?;
        }
    }
}
