// SPDX-License-Identifier: Apache-2.0
//! Requests for time stamps (RFC 3161): a time-stamping authority answers with a token that a document existed at its time.
//!
//! Only the digest is sent, never the document. The tokens that come back are not read here: `openssl ts -verify` checks them.

use crate::Hash;

/// What stands before the digest in a request of version 1 for SHA-256, in DER (RFC 3161, section 2.4.1).
const BEFORE_DIGEST: [u8; 22] = [
    0x30, 67, // TimeStampReq
    0x02, 1, 1, // version
    0x30, 49, // messageImprint
    0x30, 13, 0x06, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0, // id-sha256, without parameters
];
/// The header of the digest, and that of the nonce.
const DIGEST: [u8; 2] = [0x04, 32];
const NONCE: [u8; 2] = [0x02, 8];
/// `certReq` is true: the token brings the certificate of the authority along, so that it can be checked offline.
const WITH_CERTIFICATE: [u8; 3] = [0x01, 1, 0xff];

/// The request for a time stamp over a SHA-256 digest, in DER: the body of a POST as `application/timestamp-query`.
///
/// `random` ties the answer to this request. Its two highest bits are replaced, so that it is a positive number of eight bytes.
#[must_use]
pub fn request(digest: &Hash, random: u64) -> Vec<u8> {
    let nonce = random & (u64::MAX >> 2) | 1 << 62;
    [&BEFORE_DIGEST, DIGEST.as_slice(), digest.as_bytes(), &NONCE, &nonce.to_be_bytes(), &WITH_CERTIFICATE].concat()
}
