// SPDX-License-Identifier: Apache-2.0
//! Secrets that a key service makes: of a key that never leaves it, one operation for each job.
//!
//! The service is asked for the HMAC with SHA-256 of a [`Context`]: recipient, purpose and epoch. So whoever carries out a job,
//! or reads its memory, has what belongs to that recipient, purpose and epoch, and nothing from which another's follows.
//! The same context is the same secret, so that jobs whose pseudonyms are to join have equal ones. The keys of columns are
//! derived from it here, as from any other [`Secret`].

use crate::manifest::Manifest;
use crate::plan::purposes;
use crate::secret::Secret;
use comity_evidence::canonical;
use comity_flow::Flow;
use serde_json::json;
use zeroize::Zeroizing;

/// What tells the message from all others that the same key may be used for.
const OF: &str = "comity-border 2026-11-30 secret of a job";

/// Keeps a key.
pub trait KeyService {
    /// What names the key in plans; it holds no secret.
    fn label(&self) -> String;

    /// HMAC with SHA-256 (RFC 2104) of a message under the key.
    ///
    /// # Errors
    ///
    /// [`KeyServiceError`] if the service cannot be asked, or does not have the key.
    fn mac(&mut self, message: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyServiceError>;
}

/// Why a key service gave no secret. It never says what was found where a secret was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyServiceError(pub String);

/// What a secret is for: jobs that agree in all of it have the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// The recipient.
    pub recipient: String,
    /// The purposes, in the order of the vocabulary, with a space between them.
    pub purpose: String,
    /// The period after which pseudonyms change.
    pub epoch: String,
}

impl Context {
    /// The context of a crossing.
    #[must_use]
    pub fn of(flow: &Flow, manifest: &Manifest) -> Self {
        Self { recipient: flow.importer_name.clone(), purpose: purposes(flow), epoch: manifest.epoch.clone() }
    }

    /// The message of which the secret is the MAC: canonical JSON (RFC 8785) with the keys `epoch`, `of`, `purpose` and `recipient`.
    #[must_use]
    pub fn message(&self) -> String {
        let value = json!({"of": OF, "recipient": self.recipient, "purpose": self.purpose, "epoch": self.epoch});
        // INVARIANT: texts alone are always canonical.
        canonical::canonical(&value).unwrap_or_default()
    }
}

impl Secret {
    /// The secret that a key service makes for a context, by one operation. Its name has the label of the service.
    ///
    /// # Errors
    ///
    /// [`KeyServiceError`] of the service.
    pub fn of_service(service: &mut dyn KeyService, context: &Context) -> Result<Self, KeyServiceError> {
        let bytes = service.mac(context.message().as_bytes())?;
        Ok(Self::labelled(*bytes, service.label()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Context, KeyService, KeyServiceError};
    use crate::secret::{Secret, Separation};
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::Sha256;
    use zeroize::Zeroizing;

    /// A service that counts how often it is asked.
    struct Counting(u32);

    impl KeyService for Counting {
        fn label(&self) -> String {
            "counting".to_owned()
        }

        fn mac(&mut self, message: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyServiceError> {
            self.0 += 1;
            let mut mac = Hmac::<Sha256>::new_from_slice(&[7; 32]).map_err(|error| KeyServiceError(error.to_string()))?;
            mac.update(message);
            Ok(Zeroizing::new(mac.finalize().into_bytes().into()))
        }
    }

    fn context(recipient: &str, epoch: &str) -> Context {
        Context { recipient: recipient.to_owned(), purpose: "analytics".to_owned(), epoch: epoch.to_owned() }
    }

    #[test]
    fn one_operation_gives_the_keys_of_all_columns() {
        let mut service = Counting(0);
        let secret = Secret::of_service(&mut service, &context("Acme", "2026")).unwrap();
        let column = |domain| secret.column(&Separation { recipient: "Acme", purpose: "analytics", domain, epoch: "2026" });
        assert_ne!(column("people.email").blake3().of(b"ada"), column("people.phone").blake3().of(b"ada"));
        assert_eq!(service.0, 1);
        assert!(secret.name().starts_with("counting "), "{}", secret.name());
    }

    #[test]
    fn jobs_that_join_have_one_secret_and_others_have_not() {
        let of = |recipient, epoch| Secret::of_service(&mut Counting(0), &context(recipient, epoch)).unwrap().name();
        assert_eq!(of("Acme", "2026"), of("Acme", "2026"));
        assert_ne!(of("Acme", "2026"), of("Acme", "2027"));
        assert_ne!(of("Acme", "2026"), of("Bcme", "2026"));
    }

    #[test]
    fn the_message_is_what_anybody_can_write_down() {
        assert_eq!(
            context("A \"B\"", "").message(),
            r#"{"epoch":"","of":"comity-border 2026-11-30 secret of a job","purpose":"analytics","recipient":"A \"B\""}"#
        );
    }
}
