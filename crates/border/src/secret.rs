// SPDX-License-Identifier: Apache-2.0
//! Keys of pseudonyms and tokens, separated so that no two recipients can join what they were sent.

use crate::format::{Alphabet, Formatted};
use aes_siv::aead::KeyInit;
use aes_siv::siv::Aes256Siv;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The context under which keys of columns are derived (BLAKE3, `derive_key`).
const CONTEXT: &str = "comity-border 2026-11-29 key of a column";
/// The context under which the key of tokens with a format is derived from that of the column.
const FORMAT: &str = "comity-border 2026-11-29 tokens with a format";
/// What names a secret without giving it away.
const NAME: &str = "comity-border 2026-11-29 name of a secret";

/// The exporter's secret: 32 bytes that never leave.
#[derive(Clone)]
pub struct Secret {
    bytes: Zeroizing<[u8; 32]>,
    /// What names the key that a service made it of.
    label: Option<String>,
}

/// What separates keys: whoever differs in one of these gets other pseudonyms for the same value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Separation<'a> {
    /// The recipient.
    pub recipient: &'a str,
    /// The purpose.
    pub purpose: &'a str,
    /// The column, or the name under which several columns are to join.
    pub domain: &'a str,
    /// The period after which pseudonyms change.
    pub epoch: &'a str,
}

/// Why a text is no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a secret of 32 bytes in 64 hexadecimal digits, found {found} characters{}", if *.digits { "" } else { ", not all of them hexadecimal digits" })]
pub struct SecretError {
    /// How many characters there are.
    found: usize,
    /// Whether all are hexadecimal digits.
    digits: bool,
}

impl Secret {
    /// The secret of these bytes, which come from a source of randomness for cryptography.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self { bytes: Zeroizing::new(bytes), label: None }
    }

    /// The secret that a service made.
    pub(crate) fn labelled(bytes: [u8; 32], label: String) -> Self {
        Self { label: Some(label), ..Self::new(bytes) }
    }

    /// The secret in 64 hexadecimal digits; space around them does not count.
    ///
    /// # Errors
    ///
    /// [`SecretError`], which never shows what was found.
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let text = text.trim();
        let wrong = || SecretError { found: text.chars().count(), digits: text.bytes().all(|byte| byte.is_ascii_hexdigit()) };
        let mut bytes = Zeroizing::new([0_u8; 32]);
        if text.len() != 64 {
            return Err(wrong());
        }
        let pairs = text.as_bytes().chunks_exact(2);
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            let pair = std::str::from_utf8(pair).map_err(|_| wrong())?;
            if !pair.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(wrong());
            }
            *byte = u8::from_str_radix(pair, 16).map_err(|_| wrong())?;
        }
        Ok(Self { bytes, label: None })
    }

    /// A name for the secret that tells nothing of it: for plans and receipts. Where a service made it, what names the key
    /// of that service stands before it.
    #[must_use]
    pub fn name(&self) -> String {
        let hash = blake3::derive_key(NAME, self.bytes.as_slice());
        let digits: String = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        self.label.as_ref().map_or(digits.clone(), |label| format!("{label} {digits}"))
    }

    /// The key of one column for one recipient, purpose and epoch.
    #[must_use]
    pub fn column(&self, separation: &Separation<'_>) -> ColumnKey {
        let mut hasher = blake3::Hasher::new_derive_key(CONTEXT);
        hasher.update(self.bytes.as_slice());
        for part in [separation.recipient, separation.purpose, separation.domain, separation.epoch] {
            // Lengths first, so that no two separations are the same bytes.
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let mut bytes = Zeroizing::new([0_u8; 64]);
        hasher.finalize_xof().fill(bytes.as_mut_slice());
        ColumnKey(bytes)
    }
}

/// The key of one column.
#[derive(Clone)]
pub struct ColumnKey(Zeroizing<[u8; 64]>);

impl ColumnKey {
    fn half(&self) -> Zeroizing<[u8; 32]> {
        let mut half = Zeroizing::new([0_u8; 32]);
        half.iter_mut().zip(self.0.iter()).for_each(|(to, from)| *to = *from);
        half
    }

    /// What makes pseudonyms with keyed BLAKE3.
    #[must_use]
    pub fn blake3(&self) -> Pseudonyms {
        Pseudonyms::Blake3(self.half())
    }

    /// What makes pseudonyms with HMAC-SHA256.
    #[must_use]
    pub fn hmac_sha256(&self) -> Pseudonyms {
        // INVARIANT: HMAC takes keys of any length.
        Hmac::<Sha256>::new_from_slice(self.half().as_slice()).map_or_else(|_| self.blake3(), |mac| Pseudonyms::Hmac(Box::new(mac)))
    }

    /// What makes tokens that look like their values, and turns them back.
    #[must_use]
    pub fn formatted(&self, alphabet: Alphabet) -> Formatted {
        Formatted::new(&Zeroizing::new(blake3::derive_key(FORMAT, self.0.as_slice())), alphabet)
    }

    /// What makes tokens, and turns them back.
    #[must_use]
    pub fn tokens(&self) -> Tokens {
        Tokens(Box::new(Aes256Siv::new(&(*self.0).into())))
    }
}

/// Makes pseudonyms: 16 bytes for each value.
pub enum Pseudonyms {
    /// Keyed BLAKE3, by its key: a hasher is two kilobytes, and copying one for each value costs more than hashing.
    Blake3(Zeroizing<[u8; 32]>),
    /// HMAC-SHA256.
    Hmac(Box<Hmac<Sha256>>),
}

impl Pseudonyms {
    /// The pseudonym of a value: the first 16 bytes of the keyed hash.
    #[must_use]
    pub fn of(&self, value: &[u8]) -> [u8; 16] {
        let mut out = [0_u8; 16];
        match self {
            Self::Blake3(key) => {
                let hash = blake3::keyed_hash(key, value);
                out.iter_mut().zip(hash.as_bytes()).for_each(|(to, from)| *to = *from);
            }
            Self::Hmac(keyed) => {
                let mut mac = keyed.as_ref().clone();
                mac.update(value);
                out.iter_mut().zip(mac.finalize().into_bytes()).for_each(|(to, from)| *to = from);
            }
        }
        out
    }
}

/// Makes tokens from which the value can be had back.
pub struct Tokens(Box<Aes256Siv>);

impl Tokens {
    /// The token of a value; none where the value is too long for the cipher.
    #[must_use]
    pub fn of(&mut self, value: &[u8]) -> Option<Vec<u8>> {
        let none: [&[u8]; 0] = [];
        self.0.encrypt(none, value).ok()
    }

    /// The value of a token; none where the token was not made with this key, or was changed.
    #[must_use]
    pub fn back(&mut self, token: &[u8]) -> Option<Vec<u8>> {
        let none: [&[u8]; 0] = [];
        self.0.decrypt(none, token).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{Secret, Separation};

    const ACME: Separation<'_> = Separation { recipient: "acme", purpose: "analytics", domain: "people.email", epoch: "2026" };

    #[test]
    fn whoever_differs_gets_other_pseudonyms() {
        let secret = Secret::new([7; 32]);
        let of = |separation: Separation<'_>| secret.column(&separation).blake3().of(b"ada@example.org");
        let first = of(ACME);
        assert_eq!(first, of(ACME));
        let others = [
            Separation { recipient: "acmea", purpose: "nalytics", ..ACME },
            Separation { domain: "people.phone", ..ACME },
            Separation { epoch: "2027", ..ACME },
        ];
        for other in others {
            assert_ne!(first, of(other), "{other:?}");
        }
        assert_ne!(first, secret.column(&ACME).hmac_sha256().of(b"ada@example.org"));
        assert_ne!(first, Secret::new([8; 32]).column(&ACME).blake3().of(b"ada@example.org"));
    }

    #[test]
    fn tokens_come_back_and_changed_ones_do_not() {
        let mut tokens = Secret::new([7; 32]).column(&ACME).tokens();
        let token = tokens.of(b"DE89370400440532013000").unwrap_or_default();
        assert_eq!(tokens.back(&token).as_deref(), Some(b"DE89370400440532013000".as_slice()));
        for bit in 0..token.len() * 8 {
            let mut wrong = token.clone();
            if let Some(byte) = wrong.get_mut(bit / 8) {
                *byte ^= 1 << (bit % 8);
            }
            assert_eq!(tokens.back(&wrong), None, "bit {bit}");
        }
    }

    #[test]
    fn errors_never_show_the_secret() {
        let error = Secret::parse("0123456789abcdef0123456789abcdeg").err().map(|error| error.to_string()).unwrap_or_default();
        assert_eq!(
            error,
            "expected a secret of 32 bytes in 64 hexadecimal digits, found 32 characters, not all of them hexadecimal digits"
        );
        assert!(Secret::parse(&"ab".repeat(32)).is_ok_and(|secret| secret.name().len() == 16));
        assert!(Secret::parse(&"+1".repeat(32)).is_err());
    }
}
