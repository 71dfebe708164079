// SPDX-License-Identifier: Apache-2.0
//! Certificates (RFC 5280): read, and asked what their keys are for.

use super::asn1::{ANY_PURPOSE, BASIC_CONSTRAINTS, CERTIFICATE_POLICIES, EXTENDED_KEY_USAGE, KEY_USAGE, TIME_STAMPING, malformed, wrong};
use super::signature::{self, ACCEPTED, Fault};
use super::{LONGEST, TimestampError};
use crate::text;
use std::time::Duration;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::oid::AssociatedOid;
use x509_cert::der::{self, AnyRef, Decode, Reader as _, SliceReader};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier};

const WHAT: &str = "a certificate";
const FILE: &str = "the file of certificates";
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";
/// The critical extensions that are understood. Policies without constraints restrict nothing that is relied on here.
const UNDERSTOOD: [ObjectIdentifier; 4] = [KEY_USAGE, BASIC_CONSTRAINTS, CERTIFICATE_POLICIES, EXTENDED_KEY_USAGE];

/// Certificates that a reader trusts: of roots, or of time-stamping authorities themselves.
#[derive(Clone, Debug, Default)]
pub struct Certificates(pub(super) Vec<Certificate>);

impl Certificates {
    /// The certificates in a file, in PEM (as many as there are) or DER (a single one).
    ///
    /// # Errors
    ///
    /// [`TimestampError::Malformed`] if it has none, or one does not read.
    pub fn from_bytes(file: &[u8]) -> Result<Self, TimestampError> {
        if file.len() > LONGEST {
            return Err(wrong(FILE, "it is longer than a mebibyte"));
        }
        let text = std::str::from_utf8(file).ok().filter(|text| text.contains(BEGIN));
        let Some(text) = text else { return Ok(Self(vec![Certificate::from_der(file)?])) };
        let mut certificates = Vec::new();
        for block in text.split(BEGIN).skip(1) {
            let (body, _) = block.split_once(END).ok_or_else(|| wrong(FILE, "a certificate in it does not end"))?;
            let body: String = body.split_ascii_whitespace().collect();
            let der = text::from_base64(&body).ok_or_else(|| wrong(FILE, "a certificate in it is no base64"))?;
            certificates.push(Certificate::from_der(&der)?);
        }
        Ok(Self(certificates))
    }

    /// Takes in what stands in another file.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

/// A certificate, with the bytes that its issuer signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Certificate {
    pub(super) der: Vec<u8>,
    signed: Vec<u8>,
    parsed: x509_cert::Certificate,
}

impl Certificate {
    pub(super) fn from_der(bytes: &[u8]) -> Result<Self, TimestampError> {
        let parsed = x509_cert::Certificate::from_der(bytes).map_err(malformed(WHAT))?;
        // Not written again from what was read: an issuer may have signed what we would write otherwise.
        let signed = signed_part(bytes).map_err(malformed(WHAT))?.to_vec();
        if parsed.signature_algorithm() != parsed.tbs_certificate().signature() {
            return Err(wrong(WHAT, "it names two algorithms for one signature"));
        }
        Ok(Self { der: bytes.to_vec(), signed, parsed })
    }

    pub(super) fn tbs(&self) -> &x509_cert::TbsCertificate {
        self.parsed.tbs_certificate()
    }

    pub(super) fn subject(&self) -> String {
        self.tbs().subject().to_string()
    }

    pub(super) fn key_id(&self) -> Option<Vec<u8>> {
        self.extension::<SubjectKeyIdentifier>().ok().flatten().map(|(_, id)| id.0.as_bytes().to_vec())
    }

    /// The error that this certificate may not be used.
    pub(super) fn refused(&self, problem: impl Into<String>) -> TimestampError {
        TimestampError::Certificate { subject: self.subject(), problem: problem.into() }
    }

    fn extension<T: for<'a> Decode<'a, Error = der::Error> + AssociatedOid>(&self) -> Result<Option<(bool, T)>, TimestampError> {
        self.tbs().get_extension::<T>().map_err(|error| self.refused(format!("has an extension twice, or one that does not read: {error}")))
    }

    /// Whether its issuer is the one of this other certificate, whose key signed it.
    pub(super) fn is_signed_by(&self, issuer: &Self) -> Result<(), TimestampError> {
        let bytes = self.parsed.signature().as_bytes().ok_or_else(|| TimestampError::WrongSignature(issuer.subject()))?;
        issuer.verify(self.parsed.signature_algorithm(), None, &self.signed, bytes)
    }

    /// Whether the key of this certificate made a signature.
    pub(super) fn verify(
        &self,
        algorithm: &x509_cert::spki::AlgorithmIdentifierOwned,
        digest: Option<signature::Digest>,
        message: &[u8],
        bytes: &[u8],
    ) -> Result<(), TimestampError> {
        signature::verify(self.tbs().subject_public_key_info(), algorithm, digest, message, bytes).map_err(|fault| match fault {
            Fault::Wrong => TimestampError::WrongSignature(self.subject()),
            Fault::NotAccepted(found) => TimestampError::NotAccepted { what: "the signature", found, accepted: ACCEPTED },
        })
    }

    /// It was valid then, and has nothing that must be understood and is not.
    pub(super) fn usable_at(&self, seconds: u64) -> Result<(), TimestampError> {
        let validity = self.tbs().validity();
        let then = Duration::from_secs(seconds);
        if then < validity.not_before.to_unix_duration() || then > validity.not_after.to_unix_duration() {
            let (from, until) = (validity.not_before.to_date_time(), validity.not_after.to_date_time());
            return Err(self.refused(format!("is valid from {from} until {until}, and not at the time of the time stamp")));
        }
        let unknown = |extension: &&Extension| extension.critical && !UNDERSTOOD.contains(&extension.extn_id);
        match self.tbs().extensions().into_iter().flatten().find(unknown) {
            Some(extension) => Err(self.refused(format!("has a critical extension that is not understood here: {}", extension.extn_id))),
            None => Ok(()),
        }
    }

    /// Its key is for signing time stamps and for nothing else (RFC 3161, section 2.3).
    pub(super) fn is_for_time_stamps(&self) -> Result<(), TimestampError> {
        let (critical, purposes) = self
            .extension::<ExtendedKeyUsage>()?
            .ok_or_else(|| self.refused("does not say what its key is for: expected time stamping"))?;
        if purposes.0 != [TIME_STAMPING] {
            let found: Vec<String> = purposes.0.iter().map(ToString::to_string).collect();
            return Err(self.refused(format!("is for {}: expected time stamping ({TIME_STAMPING}) and nothing else", found.join(", "))));
        }
        if !critical {
            return Err(self.refused("says that its key is for time stamping, and not that this is critical"));
        }
        match self.extension::<KeyUsage>()? {
            Some((_, usage)) if !usage.digital_signature() && !usage.non_repudiation() => Err(self.refused("has a key that may not sign")),
            _ => Ok(()),
        }
    }

    /// It may issue certificates for time stamping, with so many others between it and the one that signs.
    pub(super) fn may_issue(&self, between: usize) -> Result<(), TimestampError> {
        let Some((_, BasicConstraints { ca: true, path_len_constraint })) = self.extension()? else {
            return Err(self.refused("is not that of an issuer"));
        };
        if path_len_constraint.is_some_and(|most| between > usize::from(most)) {
            return Err(self.refused("does not allow so many certificates below it"));
        }
        if self.extension::<KeyUsage>()?.is_some_and(|(_, usage)| !usage.key_cert_sign()) {
            return Err(self.refused("has a key that may not sign certificates"));
        }
        let narrowed = self.extension::<ExtendedKeyUsage>()?;
        if narrowed.is_some_and(|(_, purposes)| !purposes.0.contains(&TIME_STAMPING) && !purposes.0.contains(&ANY_PURPOSE)) {
            return Err(self.refused("may not issue certificates for time stamping"));
        }
        Ok(())
    }
}

/// The first part of a certificate, as it stands there.
fn signed_part(bytes: &[u8]) -> der::Result<&[u8]> {
    let mut reader = SliceReader::new(bytes)?;
    reader.sequence(|reader| {
        let signed = reader.tlv_bytes()?;
        AnyRef::decode(reader)?;
        AnyRef::decode(reader)?;
        Ok(signed)
    })
}
