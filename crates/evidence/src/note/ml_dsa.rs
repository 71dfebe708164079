// SPDX-License-Identifier: Apache-2.0
//! ML-DSA-44 (FIPS 204).

use super::NoteError;
use ::ml_dsa::signature::{Keypair, Signer, Verifier};
use ::ml_dsa::{EncodedSignature, EncodedVerifyingKey, MlDsa44, Signature, SigningKey, VerifyingKey};

fn key(seed: &[u8; 32]) -> SigningKey<MlDsa44> {
    SigningKey::from_seed(&(*seed).into())
}

pub fn public_key(seed: &[u8; 32]) -> Vec<u8> {
    key(seed).verifying_key().encode().to_vec()
}

pub fn sign(seed: &[u8; 32], message: &[u8]) -> Option<Vec<u8>> {
    key(seed).try_sign(message).ok().map(|signature| signature.encode().to_vec())
}

fn decoded(key: &[u8]) -> Option<VerifyingKey<MlDsa44>> {
    EncodedVerifyingKey::<MlDsa44>::try_from(key).ok().map(|key| VerifyingKey::decode(&key))
}

pub fn check(key: &[u8]) -> Result<(), NoteError> {
    decoded(key).map(drop).ok_or(NoteError::Key("an ML-DSA-44 key has 1312 bytes"))
}

pub fn verify(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let signature = EncodedSignature::<MlDsa44>::try_from(signature).ok().and_then(|signature| Signature::decode(&signature));
    decoded(key).zip(signature).is_some_and(|(key, signature)| key.verify(message, &signature).is_ok())
}
