// SPDX-License-Identifier: Apache-2.0
//! Small helps for reading DER, and the names of what stands in time stamps.

use super::TimestampError;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{self, AnyRef, Decode, Reader as _, SliceReader, Tag};

/// A name in the tree of object identifiers.
const fn oid(name: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(name)
}

pub(super) const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
pub(super) const TST_INFO: ObjectIdentifier = oid("1.2.840.113549.1.9.16.1.4");
/// Signed attributes (RFC 5652, section 11; RFC 5035).
pub(super) const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
pub(super) const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
pub(super) const SIGNING_CERTIFICATE_V2: ObjectIdentifier = oid("1.2.840.113549.1.9.16.2.47");
pub(super) const SHA_256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
pub(super) const SHA_384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
pub(super) const SHA_512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");
pub(super) const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
pub(super) const MGF1: ObjectIdentifier = oid("1.2.840.113549.1.1.8");
pub(super) const RSA_PSS: ObjectIdentifier = oid("1.2.840.113549.1.1.10");
pub(super) const RSA_SHA_256: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
pub(super) const RSA_SHA_384: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
pub(super) const RSA_SHA_512: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
pub(super) const EC: ObjectIdentifier = oid("1.2.840.10045.2.1");
pub(super) const P_256: ObjectIdentifier = oid("1.2.840.10045.3.1.7");
pub(super) const P_384: ObjectIdentifier = oid("1.3.132.0.34");
pub(super) const ECDSA_SHA_256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
pub(super) const ECDSA_SHA_384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");
pub(super) const ECDSA_SHA_512: ObjectIdentifier = oid("1.2.840.10045.4.3.4");
pub(super) const ED25519: ObjectIdentifier = oid("1.3.101.112");
/// Extensions of certificates (RFC 5280, section 4.2), and the purposes of a key.
pub(super) const KEY_USAGE: ObjectIdentifier = oid("2.5.29.15");
pub(super) const BASIC_CONSTRAINTS: ObjectIdentifier = oid("2.5.29.19");
pub(super) const CERTIFICATE_POLICIES: ObjectIdentifier = oid("2.5.29.32");
pub(super) const EXTENDED_KEY_USAGE: ObjectIdentifier = oid("2.5.29.37");
pub(super) const ANY_PURPOSE: ObjectIdentifier = oid("2.5.29.37.0");
pub(super) const TIME_STAMPING: ObjectIdentifier = oid("1.3.6.1.5.5.7.3.8");

/// The error for a part that does not read.
pub(super) fn malformed(what: &'static str) -> impl Fn(der::Error) -> TimestampError {
    move |error| TimestampError::Malformed { what, problem: error.to_string() }
}

/// The error for a part that is not what it should be.
pub(super) fn wrong(what: &'static str, problem: &str) -> TimestampError {
    TimestampError::Malformed { what, problem: problem.to_owned() }
}

/// The content of the field with a tag of its own that stands next, if it does.
pub(super) fn tagged<'a>(reader: &mut SliceReader<'a>, number: u32) -> der::Result<Option<&'a [u8]>> {
    let stands_next = !reader.is_finished() && {
        let tag = Tag::peek(reader)?;
        tag.is_context_specific() && tag.is_constructed() && tag.number().value() == number
    };
    if stands_next { AnyRef::decode(reader).map(|field| Some(field.value())) } else { Ok(None) }
}

/// The parts of a SET OF or SEQUENCE OF, each whole. Their order is not looked at: none of those read here is signed as a set.
pub(super) fn parts(content: &[u8]) -> der::Result<Vec<&[u8]>> {
    let mut reader = SliceReader::new(content)?;
    let mut parts = Vec::new();
    while !reader.is_finished() {
        parts.push(reader.tlv_bytes()?);
    }
    Ok(parts)
}

/// Whether something of this type stands next.
pub(super) fn is_next(reader: &SliceReader<'_>, tag: Tag) -> der::Result<bool> {
    Ok(!reader.is_finished() && Tag::peek(reader)? == tag)
}
