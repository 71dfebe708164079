// SPDX-License-Identifier: Apache-2.0
//! What an authority signs (TSTInfo; RFC 3161, section 2.4.2): which digest, when, and under which policy.

use super::TimestampError;
use super::asn1::{is_next, malformed, tagged, wrong};
use super::signature::Digest;
use crate::text;
use std::time::Duration;
use x509_cert::der::asn1::{IntRef, ObjectIdentifier, OctetStringRef};
use x509_cert::der::{self, AnyRef, DateTime, Decode, Reader as _, SliceReader, Tag};
use x509_cert::ext::Extension;
use x509_cert::spki::AlgorithmIdentifierOwned;

const WHAT: &str = "what the authority signed";
const TIME: &str = "the time of the time stamp";

/// The digest of a document, and which kind it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Imprint {
    pub(super) digest: Digest,
    pub(super) value: Vec<u8>,
}

impl Imprint {
    pub(super) fn from_der(bytes: &[u8]) -> Result<Self, TimestampError> {
        let what = "the digest of the document";
        let (algorithm, value) = imprint(bytes).map_err(malformed(what))?;
        let digest = Digest::accepted(&algorithm, "the digest of the document")?;
        if value.len() != digest.length() {
            return Err(wrong(what, "it has not the length of its kind"));
        }
        Ok(Self { digest, value: value.to_vec() })
    }

    pub(super) fn to_hex(&self) -> String {
        text::to_hex(&self.value)
    }
}

fn imprint(bytes: &[u8]) -> der::Result<(AlgorithmIdentifierOwned, &[u8])> {
    let mut reader = SliceReader::new(bytes)?;
    let parts = reader.sequence(|reader| -> der::Result<_> {
        Ok((AlgorithmIdentifierOwned::decode(reader)?, <&OctetStringRef>::decode(reader)?.as_bytes()))
    })?;
    reader.finish()?;
    Ok(parts)
}

/// A time stamp that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// When the document existed, in seconds since 1970.
    pub seconds: u64,
    /// The decimals of the second, without zeros at the end; empty if the authority states none.
    pub decimals: String,
    /// By how much the time may be wrong, either way, if the authority says so.
    pub accuracy: Option<Duration>,
    /// The object identifier of the policy of the authority under which the time stamp was given.
    pub policy: String,
    /// The number of the time stamp at its authority, in hexadecimal digits.
    pub serial: String,
    /// The kind of digest of the document, such as `SHA-256`.
    pub digest: &'static str,
    /// The subject of the certificate that signed, as in RFC 4514.
    pub authority: String,
    /// The subject of the trusted certificate that vouches for it. The same, where the authority itself is trusted.
    pub root: String,
}

/// What stands in a token, before anything of it is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Info {
    pub(super) policy: ObjectIdentifier,
    pub(super) imprint: Imprint,
    pub(super) serial: Vec<u8>,
    pub(super) seconds: u64,
    pub(super) decimals: String,
    pub(super) accuracy: Option<Duration>,
    pub(super) nonce: Option<Vec<u8>>,
}

/// The fields in their order, not all of them understood.
struct Fields<'a> {
    policy: ObjectIdentifier,
    imprint: &'a [u8],
    serial: Vec<u8>,
    time: AnyRef<'a>,
    accuracy: Option<Duration>,
    nonce: Option<Vec<u8>>,
    extensions: Vec<Extension>,
}

impl Info {
    pub(super) fn from_der(bytes: &[u8]) -> Result<Self, TimestampError> {
        let fields = fields(bytes).map_err(malformed(WHAT))?;
        if let Some(unknown) = fields.extensions.iter().find(|extension| extension.critical) {
            let found = unknown.extn_id.to_string();
            return Err(TimestampError::NotAccepted { what: "a critical extension of the time stamp", found, accepted: "none" });
        }
        if fields.time.header().tag() != Tag::GeneralizedTime {
            return Err(wrong(TIME, "it is no GeneralizedTime"));
        }
        let (seconds, decimals) = time(fields.time.value()).ok_or_else(|| wrong(TIME, "expected YYYYMMDDhhmmss[.s…]Z in UTC"))?;
        Ok(Self {
            policy: fields.policy,
            imprint: Imprint::from_der(fields.imprint)?,
            serial: fields.serial,
            seconds,
            decimals,
            accuracy: fields.accuracy,
            nonce: fields.nonce,
        })
    }
}

fn fields(bytes: &[u8]) -> der::Result<Fields<'_>> {
    let mut reader = SliceReader::new(bytes)?;
    let fields = reader.sequence(|reader| {
        if u8::decode(reader)? != 1 {
            return Err(der::Error::from(Tag::Integer.value_error()));
        }
        let policy = ObjectIdentifier::decode(reader)?;
        let imprint = reader.tlv_bytes()?;
        let serial = IntRef::decode(reader)?.as_bytes().to_vec();
        let time = AnyRef::decode(reader)?;
        let accuracy = if is_next(reader, Tag::Sequence)? { Some(accuracy(reader)?) } else { None };
        if is_next(reader, Tag::Boolean)? {
            bool::decode(reader)?;
        }
        let nonce = if is_next(reader, Tag::Integer)? { Some(IntRef::decode(reader)?.as_bytes().to_vec()) } else { None };
        // The name that the authority gives itself: who it is, its certificate says.
        tagged(reader, 0)?;
        let mut extensions = Vec::new();
        if let Some(content) = tagged(reader, 1)? {
            let mut reader = SliceReader::new(content)?;
            while !reader.is_finished() {
                extensions.push(Extension::decode(&mut reader)?);
            }
        }
        Ok(Fields { policy, imprint, serial, time, accuracy, nonce, extensions })
    })?;
    reader.finish()?;
    Ok(fields)
}

/// Seconds, thousandths and millionths, each of them optional.
fn accuracy(reader: &mut SliceReader<'_>) -> der::Result<Duration> {
    reader.sequence(|reader| {
        let seconds = if is_next(reader, Tag::Integer)? { u32::decode(reader)? } else { 0 };
        let mut small = [0_u32; 2];
        for (number, place) in (0..).zip(&mut small) {
            let tag = Tag::ContextSpecific { constructed: false, number: der::TagNumber(number) };
            if is_next(reader, tag)? {
                let value = AnyRef::new(Tag::Integer, AnyRef::decode(reader)?.value())?.decode_as::<u16>()?;
                if !(1..1000).contains(&value) {
                    return Err(der::Error::from(Tag::Integer.value_error()));
                }
                *place = u32::from(value);
            }
        }
        let [millis, micros] = small;
        Ok(Duration::new(u64::from(seconds), millis * 1_000_000 + micros * 1000))
    })
}

/// A GeneralizedTime as DER wants it: in UTC, with seconds, decimals only if they are not zero (RFC 3161, section 2.4.2).
fn time(written: &[u8]) -> Option<(u64, String)> {
    let written = std::str::from_utf8(written).ok()?.strip_suffix('Z')?;
    let (whole, decimals) = written.split_once('.').map_or((written, None), |(whole, decimals)| (whole, Some(decimals)));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 14
        || !digits(whole)
        || decimals.is_some_and(|decimals| !digits(decimals) || decimals.is_empty() || decimals.ends_with('0'))
    {
        return None;
    }
    let part = |from: usize, to: usize| whole.get(from..to)?.parse::<u8>().ok();
    let year = whole.get(..4)?.parse().ok()?;
    let moment = DateTime::new(year, part(4, 6)?, part(6, 8)?, part(8, 10)?, part(10, 12)?, part(12, 14)?).ok()?;
    Some((moment.unix_duration().as_secs(), decimals.unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn a_time_has_one_way_of_being_written() {
        assert_eq!(time(b"20261124093000Z"), Some((1_795_512_600, String::new())));
        assert_eq!(time(b"20261124093000.25Z"), Some((1_795_512_600, "25".to_owned())));
        for wrong in [
            "20261124093000",
            "20261124093000.Z",
            "20261124093000.50Z",
            "20261324093000Z",
            "202611240930Z",
            "20261124093000+0000",
            "2026112409300٣Z",
        ] {
            assert_eq!(time(wrong.as_bytes()), None, "{wrong}");
        }
    }
}
