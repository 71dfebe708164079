// SPDX-License-Identifier: Apache-2.0
//! From the certificate that signed to one that is trusted (RFC 5280, section 6, without what restricts names and policies).

use super::TimestampError;
use super::certificate::Certificate;

/// The most certificates between the one that signed and the trusted one.
const LONGEST_CHAIN: usize = 6;
/// The most signatures of certificates that are checked: who makes a token chooses which certificates are in it.
const MOST_SIGNATURES: usize = 64;

/// The search for a chain.
struct Search<'a> {
    trusted: &'a [Certificate],
    others: &'a [Certificate],
    /// The time of the time stamp, at which each certificate must be valid.
    seconds: u64,
    left: usize,
}

/// The trusted certificate to which this one leads.
///
/// # Errors
///
/// [`TimestampError`] if it leads to none; of several ways that fail, the fault of the first.
pub(super) fn root<'a>(
    signer: &Certificate,
    others: &'a [Certificate],
    trusted: &'a [Certificate],
    seconds: u64,
) -> Result<&'a Certificate, TimestampError> {
    signer.usable_at(seconds)?;
    // Who trusts the authority itself needs no one to vouch for it.
    if let Some(found) = trusted.iter().find(|known| *known == signer) {
        return Ok(found);
    }
    Search { trusted, others, seconds, left: MOST_SIGNATURES }.from(signer, 0)
}

impl<'a> Search<'a> {
    /// Goes on from a certificate, with so many between it and the one that signed, itself included.
    fn from(&mut self, certificate: &Certificate, between: usize) -> Result<&'a Certificate, TimestampError> {
        let untrusted = || TimestampError::Untrusted { subject: certificate.subject(), issuer: certificate.tbs().issuer().to_string() };
        let mut first_fault = None;
        let (trusted, others) = (self.trusted, self.others);
        let candidates = trusted.iter().map(|issuer| (issuer, true)).chain(others.iter().map(|issuer| (issuer, false)));
        for (issuer, is_trusted) in candidates {
            if issuer.tbs().subject() != certificate.tbs().issuer() || issuer == certificate {
                continue;
            }
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            match self.up(certificate, issuer, is_trusted, between) {
                Ok(root) => return Ok(root),
                Err(fault) => first_fault = first_fault.or(Some(fault)),
            }
        }
        Err(first_fault.unwrap_or_else(untrusted))
    }

    /// One step up: to a trusted certificate, which ends the search, or to another.
    fn up(
        &mut self,
        certificate: &Certificate,
        issuer: &'a Certificate,
        is_trusted: bool,
        between: usize,
    ) -> Result<&'a Certificate, TimestampError> {
        issuer.usable_at(self.seconds)?;
        issuer.may_issue(between)?;
        certificate.is_signed_by(issuer)?;
        if is_trusted {
            return Ok(issuer);
        }
        if between >= LONGEST_CHAIN {
            return Err(issuer.refused("stands in a chain that is too long"));
        }
        self.from(issuer, between + 1)
    }
}
