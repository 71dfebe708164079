// SPDX-License-Identifier: Apache-2.0
//! Asking witnesses and reading logs over HTTP.

use comity_evidence::note::Note;
use comity_evidence::witness::{LONGEST_REQUEST, Request, path_of};
use comity_log::{Files, Place, StoreError};
use std::path::{Path, PathBuf};
use std::time::Duration;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// The most bytes of any file of a log: a bundle of 256 entries of 65,535 bytes, with their lengths.
const LONGEST_FILE: u64 = 256 * 65_537;

/// The file beside a log's policy with the certificates of its witnesses' servers, where these are not under the public roots.
pub const CERTIFICATES: &str = "witnesses.pem";

fn certificates(place: &Place) -> PathBuf {
    place.policy().with_file_name(CERTIFICATES)
}

/// Why nothing was got from an address.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address cannot be used.
    #[error("`{0}`: expected `https://HOST[:PORT]/…` or `http://HOST[:PORT]/…`")]
    Address(String),
    /// The file of certificates cannot be used.
    #[error("`{file}`: {problem}")]
    Certificates {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The other side could not be reached, or did not answer in time.
    #[error("`{url}` could not be asked: {source}")]
    Unreachable {
        /// The address.
        url: String,
        /// What went wrong.
        source: Box<ureq::Error>,
    },
    /// It answered something else than what was asked for.
    #[error("`{url}` answered {status}{}", if .text.is_empty() { String::new() } else { format!(": {}", .text) })]
    Answer {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The first line of what it said.
        text: String,
    },
}

/// What a witness answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// Asks over HTTP, with or without TLS. It can be cloned; clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    agent: ureq::Agent,
}

impl Client {
    /// A client that waits so long for a whole answer. Servers with TLS must have a certificate under one of Mozilla's public roots.
    #[must_use]
    pub fn new(patience: Duration) -> Self {
        Self::with_roots(patience, RootCerts::WebPki)
    }

    /// A client for servers whose certificates are under one of those in a file (PEM), and under no other.
    ///
    /// # Errors
    ///
    /// [`FetchError::Certificates`] if the file cannot be read, or holds none.
    pub fn trusting(patience: Duration, file: &Path) -> Result<Self, FetchError> {
        let wrong = |problem: String| FetchError::Certificates { file: file.display().to_string(), problem };
        let content = std::fs::read(file).map_err(|error| wrong(format!("it cannot be read: {error}")))?;
        let mut roots: Vec<Certificate<'static>> = Vec::new();
        for item in parse_pem(&content) {
            if let PemItem::Certificate(root) = item.map_err(|error| wrong(error.to_string()))? {
                roots.push(root);
            }
        }
        if roots.is_empty() {
            return Err(wrong("expected certificates in PEM, found none".to_owned()));
        }
        Ok(Self::with_roots(patience, RootCerts::new_with_certs(&roots)))
    }

    /// A client that trusts what the file says; without one, what stands beside a log's policy in [`CERTIFICATES`], if that is
    /// there; else the public roots.
    ///
    /// # Errors
    ///
    /// As [`Client::trusting`].
    pub fn of_log(patience: Duration, place: &Place, file: Option<&Path>) -> Result<Self, FetchError> {
        let beside = Some(certificates(place)).filter(|beside| beside.exists());
        match file.map(Path::to_owned).or(beside) {
            Some(file) => Self::trusting(patience, &file),
            None => Ok(Self::new(patience)),
        }
    }

    fn with_roots(patience: Duration, roots: RootCerts) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(patience))
            .http_status_as_error(false)
            .max_redirects(0)
            .tls_config(TlsConfig::builder().root_certs(roots).build());
        Self { agent: config.build().into() }
    }

    /// Sends a request to a witness.
    ///
    /// # Errors
    ///
    /// [`FetchError`] if there is no answer. A refusal is an answer.
    pub fn add_checkpoint(&self, prefix: &str, request: &Request) -> Result<Answer, FetchError> {
        let url = joined(prefix, "add-checkpoint")?;
        let unreachable = |source| FetchError::Unreachable { url: url.clone(), source: Box::new(source) };
        let sent = self.agent.post(&url).content_type("text/plain; charset=utf-8").send(request.to_string());
        let mut answer = sent.map_err(unreachable)?;
        let body = answer.body_mut().with_config().limit(LONGEST_REQUEST as u64).read_to_string().map_err(unreachable)?;
        Ok(Answer { status: answer.status().as_u16(), body })
    }

    /// What a witness cosigned last of a log; `None` if nothing, or if it does not show it. Nothing of it is verified.
    ///
    /// # Errors
    ///
    /// [`FetchError`] if there is no answer, or it is no note.
    pub fn cosigned_last(&self, prefix: &str, origin: &str) -> Result<Option<Note>, FetchError> {
        let path = path_of(origin);
        let Some(content) = self.get(prefix, &path)? else { return Ok(None) };
        let note = String::from_utf8(content).ok().and_then(|text| text.parse().ok());
        let none = || FetchError::Answer { url: format!("{prefix}/{path}"), status: 200, text: "it is no signed note".to_owned() };
        note.map(Some).ok_or_else(none)
    }

    /// The content of a file under a prefix; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`FetchError`] if it cannot be had.
    pub fn get(&self, prefix: &str, path: &str) -> Result<Option<Vec<u8>>, FetchError> {
        let url = joined(prefix, path)?;
        let unreachable = |source| FetchError::Unreachable { url: url.clone(), source: Box::new(source) };
        let mut answer = self.agent.get(&url).call().map_err(unreachable)?;
        let status = answer.status().as_u16();
        let content = answer.body_mut().with_config().limit(LONGEST_FILE).read_to_vec().map_err(unreachable)?;
        match status {
            200 => Ok(Some(content)),
            404 | 410 => Ok(None),
            _ => Err(FetchError::Answer { url, status, text: first_line(&String::from_utf8_lossy(&content)) }),
        }
    }
}

/// The first line of what the other side said, cut where it gets long, without what would play tricks on a terminal.
pub(crate) fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().filter(|character| !character.is_control()).take(200).collect()
}

fn joined(prefix: &str, path: &str) -> Result<String, FetchError> {
    if prefix.starts_with("https://") || prefix.starts_with("http://") {
        Ok(format!("{}/{path}", prefix.trim_end_matches('/')))
    } else {
        Err(FetchError::Address(prefix.to_owned()))
    }
}

/// The files of somebody else's log, read over HTTP.
#[derive(Clone, Debug)]
pub struct RemoteFiles {
    client: Client,
    prefix: String,
}

impl RemoteFiles {
    /// The log under a prefix such as `https://log.example/2026`.
    #[must_use]
    pub fn new(client: Client, prefix: &str) -> Self {
        Self { client, prefix: prefix.to_owned() }
    }

    fn not_ours(&self) -> StoreError {
        StoreError::new("write or list", &self.prefix, "it is a log of others, read over HTTP")
    }
}

impl Files for RemoteFiles {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.client.get(&self.prefix, path).map_err(|error| StoreError::new("read", path, error))
    }

    fn write(&self, _: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
        Err(self.not_ours())
    }

    fn remove_under(&self, _: &str) -> Result<(), StoreError> {
        Err(self.not_ours())
    }

    fn list(&self) -> Result<Vec<String>, StoreError> {
        Err(self.not_ours())
    }
}
