// SPDX-License-Identifier: Apache-2.0
//! Time stamps (RFC 3161): a time-stamping authority signs that a document existed at its time.
//!
//! Only a digest is sent to it, never the document. What comes back is checked here offline, against the certificates of
//! authorities that the reader trusts: [`Token::verify`].
//!
//! It is not looked up whether a certificate was revoked: that takes the network, and says nothing of a time long past.
//! Who needs to know keeps the revocation list of the day beside the token.

mod asn1;
mod certificate;
mod chain;
mod info;
mod request;
mod signature;
mod token;

pub use certificate::Certificates;
pub use info::Stamp;
pub use request::{Request, request};
pub use token::Token;

/// The most bytes of a token, a request or a file of certificates that are read.
pub const LONGEST: usize = 1 << 20;

/// Why bytes are no time stamp, or one that proves nothing of a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// The bytes are not what they should be.
    #[error("{what} cannot be read: {problem}")]
    Malformed {
        /// Which part.
        what: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The authority has answered, and given no time stamp.
    #[error("the authority gave no time stamp: {0}")]
    NotGranted(String),
    /// It makes use of something that is not accepted here.
    #[error("{what} is not accepted here: {found}; accepted: {accepted}")]
    NotAccepted {
        /// Which part.
        what: &'static str,
        /// What was found.
        found: String,
        /// What would be accepted.
        accepted: &'static str,
    },
    /// The time stamp is over another document.
    #[error("the time stamp is over another document: it states the {digest} {stated}, the document has {found}")]
    OtherDocument {
        /// The kind of digest.
        digest: &'static str,
        /// The digest in the time stamp, in hexadecimal digits.
        stated: String,
        /// The digest of the document, in hexadecimal digits.
        found: String,
    },
    /// The time stamp is no answer to the request.
    #[error("the time stamp does not answer this request: its {what} is {stated}, asked for was {asked}")]
    OtherRequest {
        /// In what they differ.
        what: &'static str,
        /// What the time stamp has.
        stated: String,
        /// What the request has.
        asked: String,
    },
    /// What is signed says something of the signature that is not so.
    #[error("the time stamp contradicts itself: {0}")]
    Contradiction(&'static str),
    /// The certificate of whoever signed is not there.
    #[error(
        "neither the time stamp nor the trusted certificates hold the certificate of whoever signed it ({0}): ask for it with the request"
    )]
    NoCertificate(String),
    /// A signature does not hold.
    #[error("the signature by `{0}` does not hold")]
    WrongSignature(String),
    /// A certificate may not be used for this.
    #[error("the certificate of `{subject}` {problem}")]
    Certificate {
        /// Whose certificate.
        subject: String,
        /// Why it may not be used.
        problem: String,
    },
    /// The certificates lead to no one who is trusted.
    #[error("the certificate of `{subject}` was issued by `{issuer}`, which is not among the trusted certificates")]
    Untrusted {
        /// The last certificate of the chain.
        subject: String,
        /// Who issued it.
        issuer: String,
    },
}
