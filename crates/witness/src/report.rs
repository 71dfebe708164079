// SPDX-License-Identifier: Apache-2.0
//! What came of asking and looking, in words and as JSON: the same for every command that does it.

use crate::cosign::Gathered;
use crate::{Looked, forks};
use comity_evidence::note::{Note, VerifyingKey};
use comity_evidence::{Checkpoint, Fork, ForkError};
use comity_log::StoreError;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// Exit statuses of commands that ask or look.
pub mod status {
    /// All is as it should be.
    pub const FINE: u8 = 0;
    /// The tool failed.
    pub const FAILED: u8 = 1;
    /// A file that was given is not what it should be.
    pub const INVALID: u8 = 3;
    /// Two histories are proved, or a file is not what was signed.
    pub const NO: u8 = 10;
    /// The log shows less than before: a stale copy, or a restored backup.
    pub const UNDETERMINED: u8 = 11;
    /// The quorum of witnesses is not reached.
    pub const INCOMPLETE: u8 = 12;
}

/// So many entries.
#[must_use]
pub fn entries(number: u64) -> String {
    if number == 1 { "1 entry".to_owned() } else { format!("{number} entries") }
}

/// A time that a witness states.
#[must_use]
pub fn time(seconds: u64) -> String {
    let stated = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    stated.map_or_else(|| format!("second {seconds}"), |time| time.to_string())
}

/// What came of having a checkpoint cosigned.
impl Gathered {
    /// In words, a line each; the first says whether the policy trusts the checkpoint.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![match &self.trusted {
            Ok(trusted) => format!("A checkpoint of {} is signed and witnessed as the policy asks", entries(trusted.checkpoint.size())),
            Err(error) => format!("The checkpoint is signed, and not witnessed as the policy asks: {error}"),
        }];
        lines.extend(self.witnesses.iter().map(|(name, done)| match done {
            Ok(seconds) => format!("{name}: cosigned at {}", time(*seconds)),
            Err(error) => format!("{name}: {error}"),
        }));
        lines
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let witness = |(name, done): &(String, Result<u64, crate::cosign::CosignError>)| match done {
            Ok(seconds) => json!({ "witness": name, "cosigned": true, "seconds": seconds }),
            Err(error) => json!({ "witness": name, "cosigned": false, "problem": error.to_string() }),
        };
        json!({
            "trusted": self.trusted.is_ok(),
            "problem": self.trusted.as_ref().err().map(ToString::to_string),
            "witnesses": self.witnesses.iter().map(witness).collect::<Vec<_>>(),
            "checkpoint": self.note.to_string(),
        })
    }

    /// The exit status.
    #[must_use]
    pub const fn status(&self) -> u8 {
        if self.trusted.is_ok() { status::FINE } else { status::INCOMPLETE }
    }
}

impl Looked {
    /// In words, a line each.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for (by, path, fork) in &self.forks {
            lines.push(format!("SPLIT VIEW: {by} shows another history of {}", self.checkpoint.origin()));
            lines.push(format!("{}; both signed checkpoints are kept in {}", parted(fork), path.display()));
        }
        let size = entries(self.checkpoint.size());
        lines.push(match self.behind {
            Some(shown) => format!(
                "{} shows {} now, and has shown {size}: a stale copy, or a restored backup",
                self.checkpoint.origin(),
                entries(shown)
            ),
            None if self.added == 0 => format!("{} has {size}, as before", self.checkpoint.origin()),
            None => format!("{} has {size}, {} of them new, and nothing before them was changed", self.checkpoint.origin(), self.added),
        });
        lines.extend(
            self.ahead.iter().map(|(by, theirs)| format!("{by} has cosigned {}: the log does not show them yet", entries(*theirs))),
        );
        lines.push(match &self.trusted {
            Ok(trusted) if trusted.witnesses.is_empty() => "The policy asks for no witness".to_owned(),
            Ok(trusted) => {
                format!("Cosigned by {}", trusted.witnesses.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "))
            }
            Err(error) => format!("Not witnessed as the policy asks: {error}"),
        });
        lines
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let witnesses = |trusted: &comity_evidence::Trusted| trusted.witnesses.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        let fork = |(by, path, _): &(String, PathBuf, Fork)| json!({ "shown_by": by, "file": path.display().to_string() });
        json!({
            "origin": self.checkpoint.origin(),
            "size": self.checkpoint.size(),
            "root": self.checkpoint.root().to_string(),
            "added": self.added,
            "behind": self.behind,
            "trusted": self.trusted.is_ok(),
            "problem": self.trusted.as_ref().err().map(ToString::to_string),
            "witnesses": self.trusted.as_ref().map(witnesses).unwrap_or_default(),
            "ahead": self.ahead.iter().map(|(by, size)| json!({ "witness": by, "size": size })).collect::<Vec<_>>(),
            "forks": self.forks.iter().map(fork).collect::<Vec<_>>(),
        })
    }

    /// The exit status: the gravest of what was found.
    #[must_use]
    pub const fn status(&self) -> u8 {
        if !self.forks.is_empty() {
            status::NO
        } else if self.trusted.is_err() {
            status::INCOMPLETE
        } else if self.behind.is_some() {
            status::UNDETERMINED
        } else {
            status::FINE
        }
    }
}

/// Where two histories are known to differ.
fn parted(fork: &Fork) -> String {
    let size = |note: &Note| note.text().parse().map_or(0, |checkpoint: Checkpoint| checkpoint.size());
    let (smaller, larger) = (size(&fork.smaller), size(&fork.larger));
    if smaller == larger {
        format!("Two roots were signed for {}", entries(smaller))
    } else {
        format!("The first {} of {} are not the {} that were signed before or elsewhere", smaller, entries(larger), smaller)
    }
}

/// A kept proof, as read from its file.
#[derive(Debug)]
pub struct Kept {
    /// The file.
    pub path: PathBuf,
    /// What it holds, and whether it proves two histories, as far as that was asked.
    pub fork: Result<Fork, ForkError>,
}

/// The proofs in a folder of a witness or follower, or in a single file. With keys, each is verified.
///
/// # Errors
///
/// [`StoreError`] if a file cannot be read.
pub fn kept(at: &Path, keys: Option<&[VerifyingKey]>) -> Result<Vec<Kept>, StoreError> {
    let paths = if at.is_file() { vec![at.to_owned()] } else { forks::files(at)? };
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).map_err(|error| StoreError::new("read", path.display().to_string(), error))?;
        let fork = text.parse::<Fork>().and_then(|fork| match keys {
            Some(keys) => fork.verify(keys).map(|_| fork),
            None => Ok(fork),
        });
        Ok(Kept { path, fork })
    };
    paths.into_iter().map(read).collect()
}

impl Kept {
    /// In words, with both notes.
    #[must_use]
    pub fn lines(&self, verified: bool) -> Vec<String> {
        match &self.fork {
            Err(error) => vec![format!("{}: {error}", self.path.display())],
            Ok(fork) => {
                let word = if verified { "proved" } else { "not verified: say whose keys count with --policy FILE" };
                let mut lines = vec![format!("{} ({word})", self.path.display()), parted(fork), String::new()];
                for note in [&fork.smaller, &fork.larger] {
                    lines.extend(note.to_string().lines().map(|line| format!("  {line}")));
                    lines.push(String::new());
                }
                lines
            }
        }
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self, verified: bool) -> Value {
        let file = self.path.display().to_string();
        match &self.fork {
            Err(error) => json!({ "file": file, "problem": error.to_string() }),
            Ok(fork) => json!({
                "file": file, "verified": verified, "smaller": fork.smaller.to_string(), "larger": fork.larger.to_string(),
            }),
        }
    }
}
