// SPDX-License-Identifier: Apache-2.0
//! Asking witnesses and reading logs over HTTP.

use comity_evidence::note::Note;
use comity_evidence::witness::{LONGEST_REQUEST, Request, path_of};
use comity_log::{Files, StoreError};
use std::time::Duration;

/// The most bytes of any file of a log: a bundle of 256 entries of 65,535 bytes, with their lengths.
const LONGEST_FILE: u64 = 256 * 65_537;

/// Why nothing was got from an address.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The address cannot be used.
    #[error("`{0}`: expected `http://HOST[:PORT]/…`; this build has no TLS, so that `https` needs a forward proxy on this machine")]
    Address(String),
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

/// Asks over HTTP. It can be cloned; clones share their connections.
#[derive(Clone, Debug)]
pub struct Client {
    agent: ureq::Agent,
}

impl Client {
    /// A client that waits so long for a whole answer.
    #[must_use]
    pub fn new(patience: Duration) -> Self {
        let config = ureq::Agent::config_builder().timeout_global(Some(patience)).http_status_as_error(false).max_redirects(0).build();
        Self { agent: config.into() }
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
    if prefix.starts_with("http://") {
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
    /// The log under a prefix such as `http://log.example/2026`.
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
