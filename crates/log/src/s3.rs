// SPDX-License-Identifier: Apache-2.0
//! Requests to an object store with the interface of S3.
//!
//! Five kinds of requests are needed, so this is `ureq` (22 crates with TLS by rustls) and the signature written from its specification.
//! `object_store` (134 crates) brings an executor and `chrono`, which this workspace does without;
//! `rusty-s3` brings 51 more beside `ureq`, most of them for names of hosts in other scripts, to save the hundred lines of the signature.
//!
//! Objects are addressed by path (`https://HOST/BUCKET/KEY`), which every store with this interface understands.
//! Each request is signed with a hash of its body: what arrives is what was sent, or nothing.

mod listing;
mod signature;

pub use signature::Credentials;

use crate::StoreError;
use listing::Listing;
use signature::{Signing, encoded};
use std::error::Error;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use ureq::http::{Request, Uri};
use ureq::tls::{PemItem, RootCerts, TlsConfig};
use ureq::{Agent, Timeout};

/// How long one request may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// The pauses after tries that failed in a way that passes.
const PAUSES: [Duration; 3] = [Duration::from_millis(100), Duration::from_millis(300), Duration::from_millis(900)];
/// Requests under way at once.
const AT_ONCE: usize = 8;
/// The largest answer that is read: a bundle of 256 of the longest entries has 17 MB.
const LARGEST: u64 = 32 << 20;

/// Where a bucket is, and how to reach it.
#[derive(Clone, Debug, Default)]
pub struct Location {
    /// The bucket and what stands before each key, as in `s3://bucket/prefix`.
    pub url: String,
    /// The region, such as `eu-central-1`; `us-east-1` unless given, which stores of one's own mostly go by.
    pub region: Option<String>,
    /// The server, such as `https://s3.example`; that of Amazon in the region unless given.
    pub endpoint: Option<String>,
    /// Certificates (PEM) that are trusted in place of the public roots.
    pub certificates: Option<Vec<u8>>,
}

/// What goes wrong with a request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The store says no.
    #[error("the object store answered {status} {code}{}{message}", if .message.is_empty() { "" } else { ": " })]
    Refused {
        /// The status of HTTP.
        status: u16,
        /// The code of S3.
        code: String,
        /// What it says beside.
        message: String,
    },
    /// The store cannot be reached, or breaks off.
    #[error(transparent)]
    Broken(#[from] ureq::Error),
    /// The request is none.
    #[error(transparent)]
    Malformed(#[from] ureq::http::Error),
    /// The answer is none of S3.
    #[error("the object store's list cannot be read: {0}")]
    Listing(String),
    /// It is not known whether the store does what a lock needs.
    #[error(
        "the object store does not refuse a write whose condition does not hold, and so cannot keep a lock: \
         two writers could both sign. Keep the lock in a file or in PostgreSQL"
    )]
    NoConditions,
}

impl Fault {
    /// Whether the same request may have another answer in a moment.
    fn passes(&self) -> bool {
        match self {
            Self::Refused { status, .. } => matches!(status, 429 | 500 | 502 | 503 | 504),
            Self::Broken(error) => !matches!(error, ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::BodyExceedsLimit(_)),
            _ => false,
        }
    }
}

/// An answer that is no refusal.
pub(crate) struct Answer {
    /// What stands for the content of the object in conditions.
    pub(crate) tag: Option<String>,
    pub(crate) body: Vec<u8>,
}

/// Objects whose keys begin in the same way.
#[derive(Clone)]
pub struct Bucket {
    agent: Agent,
    /// Scheme and host.
    server: String,
    host: String,
    bucket: String,
    /// What stands before each key: empty, or ending in a slash.
    prefix: String,
    signing: Signing,
}

impl Bucket {
    /// The bucket at a location. `clock` gives the seconds since 1970, which the signature of each request states.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the location is none, or would be reached unencrypted on another machine.
    pub fn new(location: &Location, credentials: Credentials, clock: fn() -> i64) -> Result<Self, StoreError> {
        let wrong = |problem: &str| StoreError::new("use", &location.url, problem.to_owned());
        let named = location.url.strip_prefix("s3://").ok_or_else(|| wrong("expected `s3://BUCKET/PREFIX`"))?;
        let (bucket, prefix) = named.split_once('/').unwrap_or((named, ""));
        if bucket.is_empty() || bucket.contains(['?', '#', '@']) {
            return Err(wrong("expected the name of a bucket after `s3://`"));
        }
        let region = location.region.clone().unwrap_or_else(|| "us-east-1".to_owned());
        let server = location.endpoint.clone().unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
        let uri: Uri = server.parse().map_err(|_| wrong("the endpoint is no URL: expected one such as `https://s3.example`"))?;
        let host = uri.authority().ok_or_else(|| wrong("the endpoint names no host"))?;
        if host.as_str().contains('@') || !matches!(uri.path(), "" | "/") {
            return Err(wrong("expected an endpoint of scheme and host, such as `https://s3.example`"));
        }
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if is_here(host.host()) => {}
            _ => {
                return Err(wrong(
                    "expected an endpoint that begins with `https://`: without encryption anyone between could change what is read",
                ));
            }
        }
        let mut tls = TlsConfig::builder();
        if let Some(certificates) = &location.certificates {
            let mut roots = Vec::new();
            for item in ureq::tls::parse_pem(certificates) {
                if let PemItem::Certificate(root) = item.map_err(|error| wrong(&error.to_string()))? {
                    roots.push(root);
                }
            }
            if roots.is_empty() {
                return Err(wrong("the file of certificates has none"));
            }
            tls = tls.root_certs(RootCerts::new_with_certs(&roots));
        }
        let agent = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_idle_connections_per_host(AT_ONCE)
            .user_agent("comity")
            .tls_config(tls.build());
        let prefix = prefix.trim_matches('/');
        Ok(Self {
            agent: agent.build().into(),
            server: format!("{}://{host}", uri.scheme_str().unwrap_or("https")),
            host: host.to_string(),
            bucket: bucket.to_owned(),
            prefix: if prefix.is_empty() { String::new() } else { format!("{prefix}/") },
            signing: Signing::new(credentials, region, clock),
        })
    }

    /// The name of an object in messages.
    pub(crate) fn name(&self, path: &str) -> String {
        format!("s3://{}/{}{path}", self.bucket, self.prefix)
    }

    /// The prefix, when it is the key of one object.
    pub(crate) fn as_key(&self) -> &str {
        self.prefix.trim_end_matches('/')
    }

    /// The object at a path, and its tag; `None` if there is none.
    pub(crate) fn get(&self, path: &str) -> Result<Option<Answer>, Fault> {
        self.get_key(&format!("{}{path}", self.prefix))
    }

    /// The object with a key.
    pub(crate) fn get_key(&self, key: &str) -> Result<Option<Answer>, Fault> {
        match self.patiently("GET", key, &[], &[], &[]) {
            Err(Fault::Refused { status: 404, code, .. }) if code == "NoSuchKey" => Ok(None),
            other => other.map(Some),
        }
    }

    /// Writes objects, several at once. `caching` says for each path how long others may keep it.
    pub(crate) fn put_all(&self, files: &[(String, Vec<u8>)], caching: fn(&str) -> &'static str) -> Result<(), (String, Fault)> {
        self.at_once(files, |(path, content)| {
            let key = format!("{}{path}", self.prefix);
            let headers = [("cache-control", caching(path)), ("content-type", "application/octet-stream")];
            self.patiently("PUT", &key, &[], &headers, content).map(drop).map_err(|fault| (path.clone(), fault))
        })
    }

    /// Removes objects, several at once.
    pub(crate) fn delete_all(&self, paths: &[String]) -> Result<(), (String, Fault)> {
        self.at_once(paths, |path| {
            let key = format!("{}{path}", self.prefix);
            self.patiently("DELETE", &key, &[], &[], &[]).map(drop).map_err(|fault| (path.clone(), fault))
        })
    }

    /// The paths of all objects that begin so.
    pub(crate) fn list(&self, beginning: &str) -> Result<Vec<String>, Fault> {
        let beginning = format!("{}{beginning}", self.prefix);
        let mut found = Vec::new();
        let mut from: Option<String> = None;
        loop {
            // INVARIANT: in the order of their names, as the signature wants it.
            let mut query = Vec::new();
            query.extend(from.as_deref().map(|from| ("continuation-token", from)));
            query.extend([("list-type", "2"), ("prefix", beginning.as_str())]);
            let answer = self.patiently("GET", "", &query, &[], &[])?;
            let listing = Listing::read(&answer.body).map_err(Fault::Listing)?;
            found.extend(listing.keys.iter().filter_map(|key| key.strip_prefix(&self.prefix)).map(str::to_owned));
            match listing.next {
                Some(next) => from = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// Writes an object if a condition holds; `false` if it does not. Never tried twice: the second try could meet the first.
    pub(crate) fn put_if(&self, key: &str, condition: (&str, &str), content: &[u8]) -> Result<bool, Fault> {
        match self.once("PUT", key, &[], &[condition, ("cache-control", "no-cache"), ("content-type", "text/plain")], content) {
            Ok(_) => Ok(true),
            Err(Fault::Refused { status: 412, .. }) => Ok(false),
            // A condition on an object that is not there does not hold.
            Err(Fault::Refused { status: 404, code, .. }) if code == "NoSuchKey" => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// Does the same for each, several at once; the first fault that comes ends it.
    fn at_once<T: Sync>(&self, each: &[T], does: impl Fn(&T) -> Result<(), (String, Fault)> + Sync) -> Result<(), (String, Fault)> {
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some(one) = each.get(next.fetch_add(1, Ordering::Relaxed)) {
                if let Err(fault) = does(one) {
                    next.store(each.len(), Ordering::Relaxed);
                    return Err(fault);
                }
            }
            Ok(())
        };
        if each.len() < 2 {
            return work();
        }
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..AT_ONCE.min(each.len())).map(|_| scope.spawn(work)).collect();
            let ended = |error: Box<dyn std::any::Any + Send>| {
                drop(error);
                Err((String::new(), Fault::Broken(ureq::Error::Io(io::Error::other("a thread that wrote has ended")))))
            };
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(ended)).fold(Ok(()), Result::and)
        })
    }

    /// A request that may be made again: done twice it is as if it were done once.
    fn patiently(&self, method: &str, key: &str, query: &[(&str, &str)], headers: &[(&str, &str)], body: &[u8]) -> Result<Answer, Fault> {
        for pause in PAUSES {
            match self.once(method, key, query, headers, body) {
                Err(fault) if fault.passes() => std::thread::sleep(pause),
                other => return other,
            }
        }
        self.once(method, key, query, headers, body)
    }

    fn once(&self, method: &str, key: &str, query: &[(&str, &str)], headers: &[(&str, &str)], body: &[u8]) -> Result<Answer, Fault> {
        let path = format!("/{}/{}", encoded(&self.bucket, false), encoded(key, true));
        let query: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", encoded(value, false))).collect();
        let query = query.join("&");
        let signed = self.signing.sign(method, &self.host, &path, &query, headers, body);
        let question = if query.is_empty() { "" } else { "?" };
        let mut request = Request::builder().method(method).uri(format!("{}{path}{question}{query}", self.server));
        for (name, value) in headers.iter().copied().chain(signed.iter().map(|(name, value)| (*name, value.as_str()))) {
            request = request.header(name, value);
        }
        let mut response =
            if method == "PUT" { self.agent.run(request.body(body)?) } else { self.agent.run(request.body(())?) }.map_err(Fault::Broken)?;
        let status = response.status().as_u16();
        let tag = response.headers().get("etag").and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let content = response.body_mut().with_config().limit(LARGEST).read_to_vec()?;
        if (200..300).contains(&status) {
            return Ok(Answer { tag, body: content });
        }
        let (code, message) = listing::refusal(&content);
        Err(Fault::Refused { status, code, message })
    }
}

/// Whether a host is this machine.
fn is_here(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

/// What a fault says, with what lies beneath.
pub(crate) fn said(fault: &Fault) -> String {
    let mut whole = match fault {
        Fault::Broken(ureq::Error::Timeout(Timeout::Global)) => format!("no answer within {} seconds", PATIENCE.as_secs()),
        other => other.to_string(),
    };
    let mut beneath = fault.source();
    while let Some(reason) = beneath {
        let reason_text = reason.to_string();
        if !whole.contains(&reason_text) {
            whole = format!("{whole}: {reason_text}");
        }
        beneath = reason.source();
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::{Bucket, Credentials, Location};

    fn bucket(url: &str, endpoint: Option<&str>) -> Result<Bucket, String> {
        let location = Location { url: url.to_owned(), endpoint: endpoint.map(str::to_owned), ..Location::default() };
        Bucket::new(&location, Credentials::new("id", "secret", None), || 0).map_err(|error| error.to_string())
    }

    #[test]
    fn locations_are_read() {
        let named = |url, endpoint| bucket(url, endpoint).map(|bucket| (bucket.server.clone(), bucket.name("tile/0/000")));
        let here = Some("http://127.0.0.1:9000");
        assert_eq!(named("s3://logs/2026/", here), Ok(("http://127.0.0.1:9000".to_owned(), "s3://logs/2026/tile/0/000".to_owned())));
        assert_eq!(named("s3://logs", None), Ok(("https://s3.us-east-1.amazonaws.com".to_owned(), "s3://logs/tile/0/000".to_owned())));
        assert!(named("s3://logs", Some("http://[::1]:9000/")).is_ok());
    }

    #[test]
    fn what_is_wrong_with_a_location_is_said() {
        for (url, endpoint, problem) in [
            ("https://logs", None, "s3://BUCKET"),
            ("s3:///logs", None, "name of a bucket"),
            ("s3://logs", Some("http://s3.example"), "https://"),
            ("s3://logs", Some("ftp://s3.example"), "https://"),
            ("s3://logs", Some("https://s3.example/logs"), "scheme and host"),
            ("s3://logs", Some("https://id:secret@s3.example"), "scheme and host"),
        ] {
            let Err(error) = bucket(url, endpoint) else { panic!("{url} was taken") };
            assert!(error.contains(problem), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
