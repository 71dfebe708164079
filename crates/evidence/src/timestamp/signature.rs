// SPDX-License-Identifier: Apache-2.0
//! Which digests and signatures are accepted, and whether a signature holds.

use super::TimestampError;
use super::asn1::{
    EC, ECDSA_SHA_256, ECDSA_SHA_384, ECDSA_SHA_512, ED25519, MGF1, P_256, P_384, RSA, RSA_PSS, RSA_SHA_256, RSA_SHA_384, RSA_SHA_512,
    SHA_256, SHA_384, SHA_512,
};
use rsa::pkcs1::{DecodeRsaPublicKey, RsaPssParamsOwned};
use rsa::signature::Verifier;
use rsa::signature::hazmat::PrehashVerifier;
use rsa::traits::PublicKeyParts;
use rsa::{pkcs1v15, pss};
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use x509_cert::der::Tag;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};

/// The digests that are accepted: the kinds of SHA-2 for which no weakness is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Digest {
    Sha256,
    Sha384,
    Sha512,
}

impl Digest {
    /// The digest of this name, if it is accepted.
    pub(super) fn accepted(algorithm: &AlgorithmIdentifierOwned, what: &'static str) -> Result<Self, TimestampError> {
        let refused = || TimestampError::NotAccepted { what, found: algorithm.oid.to_string(), accepted: "SHA-256, SHA-384, SHA-512" };
        if algorithm.parameters.as_ref().is_some_and(|parameters| !parameters.is_null()) {
            return Err(refused());
        }
        Self::named(algorithm.oid).ok_or_else(refused)
    }

    fn named(oid: ObjectIdentifier) -> Option<Self> {
        [(SHA_256, Self::Sha256), (SHA_384, Self::Sha384), (SHA_512, Self::Sha512)]
            .into_iter()
            .find_map(|(name, digest)| (name == oid).then_some(digest))
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// Bytes of the digest.
    pub(super) const fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    pub(super) fn of(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(message).to_vec(),
            Self::Sha384 => Sha384::digest(message).to_vec(),
            Self::Sha512 => Sha512::digest(message).to_vec(),
        }
    }
}

/// Why a signature is not taken for one.
pub(super) enum Fault {
    /// It is of a kind, or by a key, that is not accepted.
    NotAccepted(String),
    /// It does not hold.
    Wrong,
}

/// What is accepted, for messages.
pub(super) const ACCEPTED: &str =
    "RSA of 2048 to 8192 bits (PKCS#1 v1.5 or PSS), ECDSA on P-256 or P-384, each with SHA-256, SHA-384 or SHA-512; Ed25519";
const FEWEST_BITS: u32 = 2048;

/// Checks a signature over a message. `digest` is the one that a token names apart from the signature's algorithm; both must agree.
pub(super) fn verify(
    key: &SubjectPublicKeyInfoOwned,
    algorithm: &AlgorithmIdentifierOwned,
    digest: Option<Digest>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Fault> {
    let agreed = |named: Digest| match digest {
        Some(other) if other != named => Err(Fault::NotAccepted(format!("a signature with {} over {}", named.name(), other.name()))),
        _ => Ok(named),
    };
    let unknown = || Fault::NotAccepted(algorithm.oid.to_string());
    match algorithm.oid {
        RSA_PSS => {
            let (digest, salt) = pss_parameters(algorithm).ok_or_else(unknown)?;
            rsa_pss(&rsa_key(key, algorithm)?, agreed(digest)?, salt, message, signature)
        }
        // Without digest in its name it is only found in tokens, which name one apart (RFC 3370, section 3.2).
        RSA if plain(algorithm) => rsa_pkcs1(&rsa_key(key, algorithm)?, digest.ok_or_else(unknown)?, message, signature),
        RSA_SHA_256 if plain(algorithm) => rsa_pkcs1(&rsa_key(key, algorithm)?, agreed(Digest::Sha256)?, message, signature),
        RSA_SHA_384 if plain(algorithm) => rsa_pkcs1(&rsa_key(key, algorithm)?, agreed(Digest::Sha384)?, message, signature),
        RSA_SHA_512 if plain(algorithm) => rsa_pkcs1(&rsa_key(key, algorithm)?, agreed(Digest::Sha512)?, message, signature),
        ECDSA_SHA_256 if plain(algorithm) => ecdsa(key, agreed(Digest::Sha256)?, message, signature),
        ECDSA_SHA_384 if plain(algorithm) => ecdsa(key, agreed(Digest::Sha384)?, message, signature),
        ECDSA_SHA_512 if plain(algorithm) => ecdsa(key, agreed(Digest::Sha512)?, message, signature),
        // In tokens it goes with SHA-512 (RFC 8419, section 3.1).
        ED25519 if algorithm.parameters.is_none() => {
            agreed(Digest::Sha512)?;
            ed25519(key, message, signature)
        }
        _ => Err(unknown()),
    }
}

/// Whether an algorithm has no parameters of its own.
fn plain(algorithm: &AlgorithmIdentifierOwned) -> bool {
    algorithm.parameters.as_ref().is_none_or(|parameters| parameters.is_null())
}

fn not_accepted(what: &str) -> Fault {
    Fault::NotAccepted(what.to_owned())
}

fn rsa_key(key: &SubjectPublicKeyInfoOwned, algorithm: &AlgorithmIdentifierOwned) -> Result<rsa::PublicKey, Fault> {
    let fits = match key.algorithm.oid {
        RSA => plain(&key.algorithm),
        // A key may be for PSS alone, and then for one choice of parameters alone (RFC 4055, section 3.3).
        RSA_PSS => algorithm.oid == RSA_PSS && (key.algorithm.parameters.is_none() || key.algorithm.parameters == algorithm.parameters),
        _ => false,
    };
    let bytes =
        key.subject_public_key.as_bytes().filter(|_| fits).ok_or_else(|| not_accepted("a key that is not for RSA signatures like this"))?;
    let key = rsa::PublicKey::from_pkcs1_der(bytes).map_err(|error| Fault::NotAccepted(format!("an RSA key ({error})")))?;
    let bits = key.n().bit_width();
    if bits < FEWEST_BITS { Err(Fault::NotAccepted(format!("an RSA key of {bits} bits"))) } else { Ok(key) }
}

fn rsa_pkcs1(key: &rsa::PublicKey, digest: Digest, message: &[u8], signature: &[u8]) -> Result<(), Fault> {
    let signature = pkcs1v15::Signature::try_from(signature).map_err(|_| Fault::Wrong)?;
    let key = key.clone();
    let verified = match digest {
        Digest::Sha256 => pkcs1v15::VerifyingKey::<Sha256>::new(key).verify(message, &signature),
        Digest::Sha384 => pkcs1v15::VerifyingKey::<Sha384>::new(key).verify(message, &signature),
        Digest::Sha512 => pkcs1v15::VerifyingKey::<Sha512>::new(key).verify(message, &signature),
    };
    verified.map_err(|_| Fault::Wrong)
}

/// The digest and the length of the salt, if the mask is made with the same digest (RFC 8017, appendix A.2.3).
fn pss_parameters(algorithm: &AlgorithmIdentifierOwned) -> Option<(Digest, usize)> {
    let parameters = algorithm.parameters.as_ref()?.decode_as::<RsaPssParamsOwned>().ok()?;
    let mask = parameters.mask_gen.parameters?;
    let fits = parameters.mask_gen.oid == MGF1 && mask.oid == parameters.hash.oid && plain(&mask) && plain(&parameters.hash);
    let digest = Digest::named(parameters.hash.oid).filter(|_| fits)?;
    Some((digest, usize::from(parameters.salt_len)))
}

fn rsa_pss(key: &rsa::PublicKey, digest: Digest, salt: usize, message: &[u8], signature: &[u8]) -> Result<(), Fault> {
    let signature = pss::Signature::try_from(signature).map_err(|_| Fault::Wrong)?;
    let key = key.clone();
    let verified = match digest {
        Digest::Sha256 => pss::VerifyingKey::<Sha256>::new_with_salt_len(key, salt).verify(message, &signature),
        Digest::Sha384 => pss::VerifyingKey::<Sha384>::new_with_salt_len(key, salt).verify(message, &signature),
        Digest::Sha512 => pss::VerifyingKey::<Sha512>::new_with_salt_len(key, salt).verify(message, &signature),
    };
    verified.map_err(|_| Fault::Wrong)
}

fn ecdsa(key: &SubjectPublicKeyInfoOwned, digest: Digest, message: &[u8], signature: &[u8]) -> Result<(), Fault> {
    let point =
        key.subject_public_key.as_bytes().filter(|_| key.algorithm.oid == EC).ok_or_else(|| not_accepted("a key that is not for ECDSA"))?;
    let curve = key.algorithm.parameters.as_ref().filter(|curve| curve.header().tag() == Tag::ObjectIdentifier);
    let curve = curve.and_then(|curve| curve.decode_as::<ObjectIdentifier>().ok());
    let hashed = digest.of(message);
    let no_point = |_| not_accepted("an ECDSA key that is no point of its curve");
    match curve {
        Some(P_256) => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(no_point)?;
            let signature = p256::ecdsa::Signature::from_der(signature).map_err(|_| Fault::Wrong)?;
            key.verify_prehash(&hashed, &signature).map_err(|_| Fault::Wrong)
        }
        Some(P_384) => {
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(no_point)?;
            let signature = p384::ecdsa::Signature::from_der(signature).map_err(|_| Fault::Wrong)?;
            key.verify_prehash(&hashed, &signature).map_err(|_| Fault::Wrong)
        }
        Some(other) => Err(Fault::NotAccepted(format!("the curve {other}"))),
        None => Err(not_accepted("a curve without name")),
    }
}

fn ed25519(key: &SubjectPublicKeyInfoOwned, message: &[u8], signature: &[u8]) -> Result<(), Fault> {
    let bytes = key.subject_public_key.as_bytes().filter(|_| key.algorithm.oid == ED25519 && key.algorithm.parameters.is_none());
    let key = bytes.and_then(|bytes| ed25519_dalek::VerifyingKey::from_bytes(bytes.try_into().ok()?).ok());
    let key = key.ok_or_else(|| not_accepted("a key that is not for Ed25519"))?;
    let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| Fault::Wrong)?;
    key.verify_strict(message, &signature).map_err(|_| Fault::Wrong)
}
