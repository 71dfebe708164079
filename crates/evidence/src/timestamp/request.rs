// SPDX-License-Identifier: Apache-2.0
//! Requests for time stamps (RFC 3161, section 2.4.1).

use super::asn1::{is_next, malformed, tagged, wrong};
use super::info::Imprint;
use super::{LONGEST, TimestampError};
use crate::Hash;
use x509_cert::der::asn1::{IntRef, ObjectIdentifier};
use x509_cert::der::{self, Decode, Reader as _, SliceReader, Tag};

/// What stands before the digest in a request of version 1 for SHA-256, in DER.
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
const WHAT: &str = "the request";

/// The request for a time stamp over a SHA-256 digest, in DER: the body of a POST as `application/timestamp-query`.
///
/// `random` ties the answer to this request. Its two highest bits are replaced, so that it is a positive number of eight bytes.
#[must_use]
pub fn request(digest: &Hash, random: u64) -> Vec<u8> {
    let nonce = random & (u64::MAX >> 2) | 1 << 62;
    [&BEFORE_DIGEST, DIGEST.as_slice(), digest.as_bytes(), &NONCE, &nonce.to_be_bytes(), &WITH_CERTIFICATE].concat()
}

/// What a request asked for: with it, a token can be shown to be the answer to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub(super) imprint: Imprint,
    pub(super) policy: Option<ObjectIdentifier>,
    pub(super) nonce: Option<Vec<u8>>,
}

impl Request {
    /// The request in bytes that were sent to an authority.
    ///
    /// # Errors
    ///
    /// [`TimestampError`] if they are none, or it is over a digest that is not accepted here.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TimestampError> {
        if bytes.len() > LONGEST {
            return Err(wrong(WHAT, "it is longer than a mebibyte"));
        }
        let (imprint, policy, nonce) = read(bytes).map_err(malformed(WHAT))?;
        Ok(Self { imprint: Imprint::from_der(imprint)?, policy, nonce })
    }
}

type Parts<'a> = (&'a [u8], Option<ObjectIdentifier>, Option<Vec<u8>>);

fn read(bytes: &[u8]) -> der::Result<Parts<'_>> {
    let mut reader = SliceReader::new(bytes)?;
    let parts = reader.sequence(|reader| {
        let version = u8::decode(reader)?;
        if version != 1 {
            return Err(der::Error::from(Tag::Integer.value_error()));
        }
        let imprint = reader.tlv_bytes()?;
        let policy = if is_next(reader, Tag::ObjectIdentifier)? { Some(ObjectIdentifier::decode(reader)?) } else { None };
        let nonce = if is_next(reader, Tag::Integer)? { Some(IntRef::decode(reader)?.as_bytes().to_vec()) } else { None };
        if is_next(reader, Tag::Boolean)? {
            bool::decode(reader)?;
        }
        tagged(reader, 0)?;
        Ok((imprint, policy, nonce))
    })?;
    reader.finish()?;
    Ok(parts)
}
