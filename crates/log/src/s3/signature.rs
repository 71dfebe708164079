// SPDX-License-Identifier: Apache-2.0
//! The signature of a request (AWS Signature Version 4, "Authenticating Requests: Using the Authorization Header").

use comity_evidence::{Hash, text};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use jiff::tz::Offset;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// All but the unreserved characters of RFC 3986.
const RESERVED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const WITHIN_PATH: AsciiSet = RESERVED.remove(b'/');

/// What an object store knows a client by.
#[derive(Clone)]
pub struct Credentials {
    id: String,
    secret: Zeroizing<String>,
    token: Option<Zeroizing<String>>,
}

impl Credentials {
    /// An access key, its secret, and the token of a session if it is one for a time.
    #[must_use]
    pub fn new(id: &str, secret: &str, token: Option<&str>) -> Self {
        let kept = |text: &str| Zeroizing::new(text.to_owned());
        Self { id: id.to_owned(), secret: kept(secret), token: token.map(kept) }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Credentials({})", self.id)
    }
}

/// What signs requests.
#[derive(Clone)]
pub struct Signing {
    credentials: Credentials,
    region: String,
    clock: fn() -> i64,
}

/// A text as it stands in a URL: without the slashes of a path, or with them.
pub fn encoded(text: &str, path: bool) -> String {
    utf8_percent_encode(text, if path { &WITHIN_PATH } else { &RESERVED }).to_string()
}

impl Signing {
    pub const fn new(credentials: Credentials, region: String, clock: fn() -> i64) -> Self {
        Self { credentials, region, clock }
    }

    /// The headers that sign a request with these others. Path and query are encoded, the query in the order of names,
    /// and the names of headers in small letters.
    pub fn sign(
        &self,
        method: &str,
        host: &str,
        path: &str,
        query: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Vec<(&'static str, String)> {
        let time = Timestamp::from_second((self.clock)()).unwrap_or_default();
        let time = Offset::UTC.to_datetime(time).strftime("%Y%m%dT%H%M%SZ").to_string();
        let day = time.split('T').next().unwrap_or_default();
        let body = Hash::of(body).to_hex();
        let mut added = vec![("x-amz-content-sha256", body.clone()), ("x-amz-date", time.clone())];
        added.extend(self.credentials.token.as_ref().map(|token| ("x-amz-security-token", token.as_str().to_owned())));
        let mut all: Vec<(&str, &str)> = headers.iter().copied().chain(added.iter().map(|(name, value)| (*name, value.as_str()))).collect();
        all.push(("host", host));
        all.sort_unstable();
        let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let lines: String = all.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
        let request = format!("{method}\n{path}\n{query}\n{lines}\n{names}\n{body}");
        let scope = format!("{day}/{}/s3/aws4_request", self.region);
        let to_sign = format!("{ALGORITHM}\n{time}\n{scope}\n{}", Hash::of(request.as_bytes()).to_hex());
        let mut key = Zeroizing::new(format!("AWS4{}", self.credentials.secret.as_str()).into_bytes());
        for part in [day, &self.region, "s3", "aws4_request"] {
            key = Zeroizing::new(mac(&key, part.as_bytes()));
        }
        let signature = text::to_hex(&mac(&key, to_sign.as_bytes()));
        added.push((
            "authorization",
            format!("{ALGORITHM} Credential={}/{scope},SignedHeaders={names},Signature={signature}", self.credentials.id),
        ));
        added
    }
}

fn mac(key: &[u8], message: &[u8]) -> Vec<u8> {
    // Keys of every length are keys of HMAC: this never fails, and a signature of nothing would be refused.
    Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(message).finalize().into_bytes().to_vec()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Credentials, Signing, encoded};

    /// The example "GET Object" of the specification.
    #[test]
    fn the_example_of_the_specification_is_signed_as_there() {
        let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None);
        let signing = Signing::new(credentials, "us-east-1".to_owned(), || 1_369_353_600);
        let host = "examplebucket.s3.amazonaws.com";
        let headers = signing.sign("GET", host, "/test.txt", "", &[("range", "bytes=0-9")], b"");
        let found = headers.iter().find(|(name, _)| *name == "authorization").map(|(_, value)| value.as_str());
        let signature = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
        assert!(found.is_some_and(|value| value.ends_with(&format!("Signature={signature}"))), "{found:?}");
    }

    /// The example "List Objects".
    #[test]
    fn a_query_is_signed_as_well() {
        let credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None);
        let signing = Signing::new(credentials, "us-east-1".to_owned(), || 1_369_353_600);
        let headers = signing.sign("GET", "examplebucket.s3.amazonaws.com", "/", "max-keys=2&prefix=J", &[], b"");
        let found = headers.iter().find(|(name, _)| *name == "authorization").map(|(_, value)| value.as_str());
        let signature = "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7";
        assert!(found.is_some_and(|value| value.ends_with(&format!("Signature={signature}"))), "{found:?}");
    }

    #[test]
    fn the_token_of_a_session_is_signed() {
        let signing = Signing::new(Credentials::new("id", "secret", Some("token")), "r".to_owned(), || 0);
        let headers = signing.sign("PUT", "h", "/b/k", "", &[("if-match", "\"a\"")], b"x");
        assert!(headers.iter().any(|(name, value)| *name == "x-amz-security-token" && value == "token"));
        let named = "SignedHeaders=host;if-match;x-amz-content-sha256;x-amz-date;x-amz-security-token,";
        assert!(headers.iter().any(|(_, value)| value.contains(named)), "{headers:?}");
    }

    #[test]
    fn slashes_are_encoded_outside_of_paths_only() {
        assert_eq!(encoded("tile/0/x001/067.p/8", true), "tile/0/x001/067.p/8");
        assert_eq!(encoded("a b/ü~+", false), "a%20b%2F%C3%BC~%2B");
    }

    #[test]
    fn secrets_are_not_shown() {
        assert_eq!(format!("{:?}", Credentials::new("id", "hunter2", Some("hunter3"))), "Credentials(id)");
    }
}
