// SPDX-License-Identifier: Apache-2.0
//! Tokens: what an authority answers with, a signed message (CMS, RFC 5652) around what it says.

use super::asn1::{CONTENT_TYPE, MESSAGE_DIGEST, SIGNED_DATA, SIGNING_CERTIFICATE_V2, TST_INFO, is_next, malformed, parts, tagged, wrong};
use super::certificate::{Certificate, Certificates};
use super::info::{Info, Stamp};
use super::request::Request;
use super::signature::Digest;
use super::{LONGEST, TimestampError, chain};
use crate::text;
use x509_cert::der::asn1::{BitStringRef, ObjectIdentifier, OctetStringRef, Utf8StringRef};
use x509_cert::der::{self, AnyRef, Decode, Encode, Reader as _, SliceReader, Tag};
use x509_cert::ext::pkix::name::{GeneralName, GeneralNames};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::AlgorithmIdentifierOwned;

const ANSWER: &str = "the answer of the authority";
const TOKEN: &str = "the time stamp";
const ATTRIBUTES: &str = "what the authority signed beside the time";
/// The reasons an authority can give for giving no time stamp, by bit (RFC 3161, section 2.4.2).
const REASONS: [(usize, &str); 8] = [
    (0, "the kind of digest is not known to it"),
    (2, "such a request is not allowed"),
    (5, "the request does not read"),
    (14, "its clock is not available"),
    (15, "the policy is not one of its own"),
    (16, "an extension is not known to it"),
    (17, "what was asked for in addition is not available"),
    (25, "its system failed"),
];

/// A time stamp as its authority gave it. Nothing is said of its truth until [`Token::verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    info: Info,
    /// The bytes of `info`, which are signed by way of their digest.
    content: Vec<u8>,
    certificates: Vec<Certificate>,
    signer: Signer,
}

/// Who signed, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Signer {
    id: SignerId,
    digest: AlgorithmIdentifierOwned,
    /// The signed attributes, written as the set that is signed.
    attributes: Vec<u8>,
    algorithm: AlgorithmIdentifierOwned,
    signature: Vec<u8>,
}

/// How a token names the certificate of who signed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum SignerId {
    Number(Name, SerialNumber),
    Key(Vec<u8>),
}

/// The parts of a signed message that are looked at.
struct Parts<'a> {
    content_type: ObjectIdentifier,
    content: &'a [u8],
    certificates: Vec<&'a [u8]>,
    signers: Vec<&'a [u8]>,
}

impl Token {
    /// The token in the answer of an authority (`TimeStampResp`), or a token alone.
    ///
    /// # Errors
    ///
    /// [`TimestampError`] if there is none, or it is not as RFC 3161 wants it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TimestampError> {
        if bytes.len() > LONGEST {
            return Err(wrong(ANSWER, "it is longer than a mebibyte"));
        }
        let whole = AnyRef::from_der(bytes).map_err(malformed(ANSWER))?;
        // An answer begins with its status, a sequence; a token with the name of what it is.
        let begins_with_status = whole.value().first() == Some(&0x30);
        let token = if begins_with_status { granted(whole)? } else { bytes };
        let Parts { content_type, content, certificates, signers } = read(token).map_err(malformed(TOKEN))?;
        if content_type != TST_INFO {
            return Err(wrong(TOKEN, "what is signed in it is no time"));
        }
        let [signer] = signers.as_slice() else { return Err(wrong(TOKEN, "it is not signed by exactly one authority")) };
        let certificates: Result<_, _> = certificates.into_iter().map(Certificate::from_der).collect();
        Ok(Self {
            info: Info::from_der(content)?,
            content: content.to_vec(),
            certificates: certificates?,
            signer: signed_by(signer).map_err(malformed(TOKEN))?,
        })
    }

    /// Checks that an authority that is trusted, or for which a trusted one vouches, signed that the document existed, and when.
    ///
    /// With the `request` it is also shown that the token was made for it, and not kept in stock.
    ///
    /// # Errors
    ///
    /// [`TimestampError`] for the first thing that does not hold.
    pub fn verify(&self, document: &[u8], trusted: &Certificates, request: Option<&Request>) -> Result<Stamp, TimestampError> {
        self.is_over(document)?;
        if let Some(request) = request {
            self.answers(request)?;
        }
        let authority = self.authority(trusted)?;
        let attributes = Attributes::from_der(&self.signer.attributes).map_err(malformed(ATTRIBUTES))?;
        let digest = Digest::accepted(&self.signer.digest, "the digest that the authority signed")?;
        attributes.name_content(&digest.of(&self.content))?;
        attributes.name_certificate(authority)?;
        authority.verify(&self.signer.algorithm, Some(digest), &self.signer.attributes, &self.signer.signature)?;
        authority.is_for_time_stamps()?;
        let root = chain::root(authority, &self.certificates, &trusted.0, self.info.seconds)?;
        let info = &self.info;
        Ok(Stamp {
            seconds: info.seconds,
            decimals: info.decimals.clone(),
            accuracy: info.accuracy,
            policy: info.policy.to_string(),
            serial: text::to_hex(&info.serial),
            digest: info.imprint.digest.name(),
            authority: authority.subject(),
            root: root.subject(),
        })
    }

    fn is_over(&self, document: &[u8]) -> Result<(), TimestampError> {
        let imprint = &self.info.imprint;
        let found = imprint.digest.of(document);
        if found == imprint.value {
            return Ok(());
        }
        let (stated, found) = (imprint.to_hex(), text::to_hex(&found));
        Err(TimestampError::OtherDocument { digest: imprint.digest.name(), stated, found })
    }

    fn answers(&self, request: &Request) -> Result<(), TimestampError> {
        let info = &self.info;
        let hex = |nonce: &Option<Vec<u8>>| nonce.as_ref().map_or_else(|| "none".to_owned(), |nonce| text::to_hex(nonce));
        let differ = |what, stated: String, asked: String| Err(TimestampError::OtherRequest { what, stated, asked });
        if info.imprint != request.imprint {
            return differ("digest", info.imprint.to_hex(), request.imprint.to_hex());
        }
        if info.nonce != request.nonce {
            return differ("nonce", hex(&info.nonce), hex(&request.nonce));
        }
        match request.policy.filter(|asked| *asked != info.policy) {
            Some(asked) => differ("policy", info.policy.to_string(), asked.to_string()),
            None => Ok(()),
        }
    }

    /// The certificate that the token names as that of who signed.
    fn authority<'a>(&'a self, trusted: &'a Certificates) -> Result<&'a Certificate, TimestampError> {
        let is_it = |certificate: &&Certificate| match &self.signer.id {
            SignerId::Number(issuer, serial) => certificate.tbs().issuer() == issuer && certificate.tbs().serial_number() == serial,
            SignerId::Key(id) => certificate.key_id().as_ref() == Some(id),
        };
        self.certificates.iter().chain(&trusted.0).find(is_it).ok_or_else(|| {
            TimestampError::NoCertificate(match &self.signer.id {
                SignerId::Number(issuer, serial) => format!("number {} of `{issuer}`", text::to_hex(serial.as_bytes())),
                SignerId::Key(id) => format!("key {}", text::to_hex(id)),
            })
        })
    }
}

/// The token in an answer, if the authority gave one.
fn granted(answer: AnyRef<'_>) -> Result<&[u8], TimestampError> {
    let (status, says, failure, token) = answer
        .sequence(|reader| {
            let (status, says, failure) = reader.sequence(|reader| {
                let status = u8::decode(reader)?;
                let mut says = Vec::new();
                if is_next(reader, Tag::Sequence)? {
                    reader.sequence(|reader| {
                        while !reader.is_finished() {
                            says.push(Utf8StringRef::decode(reader)?.as_str().to_owned());
                        }
                        der::Result::Ok(())
                    })?;
                }
                let failure = if is_next(reader, Tag::BitString)? { Some(BitStringRef::decode(reader)?) } else { None };
                der::Result::Ok((status, says, failure))
            })?;
            let token = if reader.is_finished() { None } else { Some(reader.tlv_bytes()?) };
            der::Result::Ok((status, says, failure, token))
        })
        .map_err(malformed(ANSWER))?;
    // Granted, or granted with changes.
    if let (0 | 1, Some(token)) = (status, token) {
        return Ok(token);
    }
    let reasons = REASONS.iter().filter(|(bit, _)| failure.is_some_and(|failure| failure.get(*bit) == Some(true)));
    let mut words = vec![format!("status {status}")];
    words.extend(reasons.map(|(_, reason)| (*reason).to_owned()));
    words.extend(says.iter().map(|text| format!("it says `{}`", text.escape_debug())));
    Err(TimestampError::NotGranted(words.join(", ")))
}

fn read(token: &[u8]) -> der::Result<Parts<'_>> {
    let mut reader = SliceReader::new(token)?;
    let (kind, signed) = reader.sequence(|reader| {
        let kind = ObjectIdentifier::decode(reader)?;
        let signed = tagged(reader, 0)?.ok_or_else(|| der::Error::from(Tag::Sequence.value_error()))?;
        der::Result::Ok((kind, signed))
    })?;
    reader.finish()?;
    if kind != SIGNED_DATA {
        return Err(der::ErrorKind::OidUnknown { oid: kind }.into());
    }
    AnyRef::from_der(signed)?.sequence(|reader| {
        u8::decode(reader)?;
        // The digests of all who signed: the one that counts stands with the signature.
        AnyRef::decode(reader)?.header().tag().assert_eq(Tag::Set)?;
        let (content_type, content) = reader.sequence(|reader| {
            let kind = ObjectIdentifier::decode(reader)?;
            let content = tagged(reader, 0)?.ok_or_else(|| der::Error::from(Tag::OctetString.value_error()))?;
            der::Result::Ok((kind, <&OctetStringRef>::from_der(content)?.as_bytes()))
        })?;
        let mut certificates = tagged(reader, 0)?.map(parts).transpose()?.unwrap_or_default();
        // Other kinds of certificates have tags of their own; none of them is looked at.
        certificates.retain(|certificate| certificate.first() == Some(&0x30));
        tagged(reader, 1)?;
        let signers = AnyRef::decode(reader)?;
        signers.header().tag().assert_eq(Tag::Set)?;
        Ok(Parts { content_type, content, certificates, signers: parts(signers.value())? })
    })
}

fn signed_by(signer: &[u8]) -> der::Result<Signer> {
    AnyRef::from_der(signer)?.sequence(|reader| {
        u8::decode(reader)?;
        let id = if is_next(reader, Tag::Sequence)? {
            reader.sequence(|reader| der::Result::Ok(SignerId::Number(Name::decode(reader)?, SerialNumber::decode(reader)?)))?
        } else {
            let id = AnyRef::decode(reader)?;
            let number = der::TagNumber(0);
            id.header().tag().assert_eq(Tag::ContextSpecific { constructed: false, number })?;
            SignerId::Key(id.value().to_vec())
        };
        let digest = AlgorithmIdentifierOwned::decode(reader)?;
        let attributes = tagged(reader, 0)?.ok_or_else(|| der::Error::from(Tag::Set.value_error()))?;
        // What is signed has the tag of a set, not the one that it has here (RFC 5652, section 5.4).
        let attributes = AnyRef::new(Tag::Set, attributes)?.to_der()?;
        let algorithm = AlgorithmIdentifierOwned::decode(reader)?;
        let signature = <&OctetStringRef>::decode(reader)?.as_bytes().to_vec();
        tagged(reader, 1)?;
        Ok(Signer { id, digest, attributes, algorithm, signature })
    })
}

/// The attributes that are signed together with the digest of the content.
struct Attributes<'a>(Vec<(ObjectIdentifier, Vec<AnyRef<'a>>)>);

impl<'a> Attributes<'a> {
    fn from_der(bytes: &'a [u8]) -> der::Result<Self> {
        let attributes = parts(AnyRef::from_der(bytes)?.value())?;
        let attribute = |bytes: &'a [u8]| {
            AnyRef::from_der(bytes)?.sequence(|reader| {
                let kind = ObjectIdentifier::decode(reader)?;
                let values = AnyRef::decode(reader)?;
                values.header().tag().assert_eq(Tag::Set)?;
                let values: der::Result<Vec<AnyRef<'a>>> = parts(values.value())?.into_iter().map(AnyRef::from_der).collect();
                der::Result::Ok((kind, values?))
            })
        };
        attributes.into_iter().map(attribute).collect::<der::Result<_>>().map(Self)
    }

    /// The value of an attribute that must be there once, with one value.
    fn value(&self, kind: ObjectIdentifier, missing: &'static str) -> Result<AnyRef<'a>, TimestampError> {
        let mut found = self.0.iter().filter(|(known, _)| *known == kind);
        match (found.next().map(|(_, values)| values.as_slice()), found.next()) {
            (Some([value]), None) => Ok(*value),
            _ => Err(wrong(ATTRIBUTES, missing)),
        }
    }

    /// They name what stands in the token, by its digest.
    fn name_content(&self, digest: &[u8]) -> Result<(), TimestampError> {
        let kind = self.value(CONTENT_TYPE, "it does not say, once, what kind of content it is about")?;
        if kind.decode_as::<ObjectIdentifier>().map_err(malformed(ATTRIBUTES))? != TST_INFO {
            return Err(TimestampError::Contradiction("the signature is about another kind of content"));
        }
        let stated = self.value(MESSAGE_DIGEST, "it has not, once, the digest of the content")?;
        if stated.decode_as::<&OctetStringRef>().map_err(malformed(ATTRIBUTES))?.as_bytes() != digest {
            return Err(TimestampError::Contradiction("the signature is over other content: time, digest or number were changed"));
        }
        Ok(())
    }

    /// They name the certificate of who signed, so that no other can be put in its place (RFC 5816).
    fn name_certificate(&self, certificate: &Certificate) -> Result<(), TimestampError> {
        let missing = "it does not name, once, its certificate by a digest newer than SHA-1 (signingCertificateV2)";
        let named = self.value(SIGNING_CERTIFICATE_V2, missing)?;
        let (digest, hash, number) = signing_certificate(named).map_err(malformed(ATTRIBUTES))?;
        let digest = digest.as_ref().map_or(Ok(Digest::Sha256), |digest| Digest::accepted(digest, "the digest of the certificate"))?;
        let is_named = hash == digest.of(&certificate.der)
            && number.is_none_or(|(issuer, serial)| {
                let names_issuer =
                    |name: &GeneralName| matches!(name, GeneralName::DirectoryName(name) if name == certificate.tbs().issuer());
                serial == *certificate.tbs().serial_number() && issuer.iter().any(names_issuer)
            });
        if is_named {
            Ok(())
        } else {
            Err(TimestampError::Contradiction("the authority signed for another certificate than the one given"))
        }
    }
}

type SigningCertificate = (Option<AlgorithmIdentifierOwned>, Vec<u8>, Option<(GeneralNames, SerialNumber)>);

/// The first certificate that a SigningCertificateV2 names: the one that signed (RFC 5035, section 3).
fn signing_certificate(value: AnyRef<'_>) -> der::Result<SigningCertificate> {
    value.sequence(|reader| {
        let first = reader.sequence(|reader| {
            let first = reader.sequence(|reader| {
                let digest = if is_next(reader, Tag::Sequence)? { Some(AlgorithmIdentifierOwned::decode(reader)?) } else { None };
                let hash = <&OctetStringRef>::decode(reader)?.as_bytes().to_vec();
                let number = if is_next(reader, Tag::Sequence)? {
                    let decode =
                        |reader: &mut SliceReader<'_>| der::Result::Ok((GeneralNames::decode(reader)?, SerialNumber::decode(reader)?));
                    Some(reader.sequence(decode)?)
                } else {
                    None
                };
                der::Result::Ok((digest, hash, number))
            })?;
            while !reader.is_finished() {
                AnyRef::decode(reader)?;
            }
            der::Result::Ok(first)
        })?;
        while !reader.is_finished() {
            AnyRef::decode(reader)?;
        }
        Ok(first)
    })
}
