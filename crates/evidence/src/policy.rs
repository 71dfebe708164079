// SPDX-License-Identifier: Apache-2.0
//! Whom to trust (C2SP tlog-policy): logs, witnesses, and which of them together make a checkpoint trusted.
//!
//! ```text
//! log <vkey>
//! witness authority-a <vkey>
//! witness authority-b <vkey>
//! witness authority-c <vkey>
//! witness society     <vkey>
//! group authorities 2 authority-a authority-b authority-c
//! group both all authorities society
//! quorum both
//! ```

use crate::note::{Note, Verified, VerifyingKey};
use crate::{Checkpoint, CheckpointError, NoteError};
use std::str::FromStr;

/// A file that says whom to trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<Party>,
    members: Vec<Member>,
    /// Place among the members; `None` asks for no witness.
    quorum: Option<usize>,
}

/// A log or a witness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    /// Its key.
    pub key: VerifyingKey,
    /// Where it can be reached, if the file says so.
    pub url: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Member {
    name: String,
    is: Is,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Is {
    Witness(Party),
    Group { at_least: usize, of: Vec<usize> },
}

/// A line of a policy file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct PolicyError {
    /// The line, counted from one; zero for the file as a whole.
    pub line: usize,
    /// What is wrong with it.
    pub problem: String,
}

/// Why a checkpoint is not trusted under a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// The checkpoint, its signatures or the log's key are wrong.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// No log of the policy has the checkpoint's origin.
    #[error("log `{origin}` is none that the policy trusts ({})", .known.join(", "))]
    UnknownLog {
        /// The log that the checkpoint names.
        origin: String,
        /// The logs of the policy.
        known: Vec<String>,
    },
    /// Too few witnesses have cosigned.
    #[error("too few witnesses: quorum `{quorum}` is not reached, cosigned by {}", if .cosigned.is_empty() { "none".to_owned() } else { .cosigned.join(", ") })]
    NoQuorum {
        /// The group or witness that the policy asks for.
        quorum: String,
        /// Witnesses of the policy that have cosigned.
        cosigned: Vec<String>,
    },
}

/// A checkpoint that a policy trusts, and who stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The log's signature.
    pub log: Verified,
    /// Witnesses by their names in the policy, with the time at which each says it cosigned.
    pub witnesses: Vec<(String, Verified)>,
}

impl Policy {
    /// The logs that are trusted.
    #[must_use]
    pub fn logs(&self) -> &[Party] {
        &self.logs
    }

    /// The witnesses, with their names.
    pub fn witnesses(&self) -> impl Iterator<Item = (&str, &Party)> {
        self.members.iter().filter_map(|member| match &member.is {
            Is::Witness(party) => Some((member.name.as_str(), party)),
            Is::Group { .. } => None,
        })
    }

    /// The checkpoint in a note, if a log of this policy signed it and its quorum of witnesses cosigned it.
    ///
    /// # Errors
    ///
    /// [`TrustError`] otherwise.
    pub fn trust(&self, note: &Note) -> Result<Trusted, TrustError> {
        let named: Checkpoint = note.text().parse()?;
        let of_origin: Vec<&Party> = self.logs.iter().filter(|log| log.key.name() == named.origin()).collect();
        if of_origin.is_empty() {
            let known = self.logs.iter().map(|log| log.key.name().to_owned()).collect();
            return Err(TrustError::UnknownLog { origin: named.origin().to_owned(), known });
        }
        // One origin may have several keys, such as Ed25519 and ML-DSA: any one suffices, but none may be wrong.
        let keys: Vec<VerifyingKey> = of_origin.iter().map(|log| log.key.clone()).collect();
        let log = note.verify(&keys).map_err(CheckpointError::from)?.into_iter().next();
        let log = log.ok_or(CheckpointError::Note(NoteError::NoKnownKey { signed_by: Vec::new() }))?;
        let witnesses = self.cosigned(note)?;
        let reached = self.quorum.is_none_or(|quorum| self.reaches(quorum, &witnesses));
        if reached {
            Ok(Trusted { checkpoint: named, log, witnesses })
        } else {
            let quorum = self.quorum.and_then(|quorum| self.members.get(quorum)).map_or_else(String::new, |member| member.name.clone());
            Err(TrustError::NoQuorum { quorum, cosigned: witnesses.into_iter().map(|(name, _)| name).collect() })
        }
    }

    /// The witnesses of this policy that have cosigned. Those it does not know are ignored.
    fn cosigned(&self, note: &Note) -> Result<Vec<(String, Verified)>, TrustError> {
        let keys: Vec<VerifyingKey> = self.witnesses().map(|(_, party)| party.key.clone()).collect();
        let verified = match note.verify(&keys) {
            Ok(verified) => verified,
            Err(NoteError::NoKnownKey { .. }) => Vec::new(),
            Err(wrong) => return Err(CheckpointError::from(wrong).into()),
        };
        let name_of = |key: &VerifyingKey| self.witnesses().find(|(_, party)| party.key == *key).map(|(name, _)| name.to_owned());
        Ok(verified.into_iter().filter_map(|verified| Some((name_of(&verified.key)?, verified))).collect())
    }

    /// Whether a member has witnessed. Groups refer to earlier lines only, so this ends.
    fn reaches(&self, member: usize, cosigned: &[(String, Verified)]) -> bool {
        match self.members.get(member) {
            None => false,
            Some(Member { name, is: Is::Witness(_) }) => cosigned.iter().any(|(known, _)| known == name),
            Some(Member { is: Is::Group { at_least, of }, .. }) => {
                of.iter().filter(|member| self.reaches(**member, cosigned)).count() >= *at_least
            }
        }
    }
}

impl FromStr for Policy {
    type Err = PolicyError;

    fn from_str(written: &str) -> Result<Self, PolicyError> {
        let mut reading = Reading::default();
        for (number, line) in written.split('\n').enumerate() {
            reading.line(line).map_err(|problem| PolicyError { line: number + 1, problem })?;
        }
        let quorum =
            reading.quorum.ok_or_else(|| PolicyError { line: 0, problem: "no line says `quorum NAME` (or `quorum none`)".to_owned() })?;
        Ok(Self { logs: reading.logs, members: reading.members, quorum })
    }
}

#[derive(Default)]
struct Reading {
    logs: Vec<Party>,
    members: Vec<Member>,
    grouped: Vec<usize>,
    quorum: Option<Option<usize>>,
}

impl Reading {
    fn line(&mut self, line: &str) -> Result<(), String> {
        if line.chars().any(|character| character.is_ascii_control() && character != '\t') {
            return Err("it has a control character".to_owned());
        }
        let mut items = line.split([' ', '\t']).filter(|item| !item.is_empty());
        let Some(keyword) = items.next().filter(|first| !first.starts_with('#')) else { return Ok(()) };
        let items: Vec<&str> = items.collect();
        match (keyword, items.as_slice()) {
            ("log", [key]) => self.log(key, None),
            ("log", [key, url]) => self.log(key, Some(url)),
            ("witness", [name, key]) => self.witness(name, key, None),
            ("witness", [name, key, url]) => self.witness(name, key, Some(url)),
            ("group", [name, threshold, of @ ..]) if !of.is_empty() => self.group(name, threshold, of),
            ("quorum", [name]) => self.quorum(name),
            ("log", _) => Err("expected `log VKEY [URL]`".to_owned()),
            ("witness", _) => Err("expected `witness NAME VKEY [URL]`".to_owned()),
            ("group", _) => Err("expected `group NAME all|any|NUMBER NAME…`".to_owned()),
            ("quorum", _) => Err("expected `quorum NAME`".to_owned()),
            _ => Err(format!("expected `log`, `witness`, `group` or `quorum`, found `{keyword}`")),
        }
    }

    fn log(&mut self, key: &str, url: Option<&str>) -> Result<(), String> {
        let party = party(key, url)?;
        if self.logs.iter().any(|log| log.key.public_key() == party.key.public_key()) {
            return Err("another line has the same log key".to_owned());
        }
        self.logs.push(party);
        Ok(())
    }

    fn witness(&mut self, name: &str, key: &str, url: Option<&str>) -> Result<(), String> {
        let party = party(key, url)?;
        if !party.key.algorithm().is_cosignature() {
            return Err(format!("the key of witness `{name}` is one that signs notes, not one that cosigns"));
        }
        let same = |member: &Member| matches!(&member.is, Is::Witness(known) if known.key.public_key() == party.key.public_key());
        if self.members.iter().any(same) {
            return Err("another witness has the same key".to_owned());
        }
        self.define(name, Is::Witness(party))
    }

    fn group(&mut self, name: &str, threshold: &str, of: &[&str]) -> Result<(), String> {
        let mut members = Vec::new();
        for member in of {
            let place = self.place(member)?;
            if members.contains(&place) || self.grouped.contains(&place) {
                return Err(format!("`{member}` is already in a group: each may count once"));
            }
            members.push(place);
        }
        let at_least = match threshold {
            "all" => members.len(),
            "any" => 1,
            number => number
                .parse()
                .ok()
                .filter(|number| (1..=members.len()).contains(number))
                .ok_or_else(|| format!("expected `all`, `any` or a number from 1 to {}, found `{number}`", members.len()))?,
        };
        self.grouped.extend(&members);
        self.define(name, Is::Group { at_least, of: members })
    }

    fn quorum(&mut self, name: &str) -> Result<(), String> {
        if self.quorum.is_some() {
            return Err("another line has already said the quorum".to_owned());
        }
        self.quorum = Some(if name == "none" { None } else { Some(self.place(name)?) });
        Ok(())
    }

    fn define(&mut self, name: &str, is: Is) -> Result<(), String> {
        if name == "none" || self.members.iter().any(|member| member.name == name) {
            return Err(format!("the name `{name}` is taken"));
        }
        self.members.push(Member { name: name.to_owned(), is });
        Ok(())
    }

    fn place(&self, name: &str) -> Result<usize, String> {
        self.members.iter().position(|member| member.name == name).ok_or_else(|| format!("no line above defines `{name}`"))
    }
}

fn party(key: &str, url: Option<&str>) -> Result<Party, String> {
    let key = key.parse().map_err(|error: NoteError| error.to_string())?;
    Ok(Party { key, url: url.map(str::to_owned) })
}
