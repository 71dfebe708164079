// SPDX-License-Identifier: Apache-2.0
//! The witness: what it cosigned last of each log, its keys, and the step from one to the next.

use crate::{WitnessError, forks};
use comity_evidence::note::{Note, SigningKey, VerifyingKey};
use comity_evidence::witness::{self, Refused, Request};
use comity_evidence::{Checkpoint, Fork, Policy, PolicyError};
use comity_log::place::{make_folder, read_secret, write_secret};
use comity_log::{StoreError, database};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The file that names the logs that are witnessed, in the format C2SP tlog-policy.
pub const LOGS: &str = "logs.policy";
const DATABASE: &str = "witness.sqlite";
const KEYS: &str = "keys";

/// A witness in a folder.
///
/// What it cosigned last stands in a database that must never be restored from a backup: a witness that forgets cosigns two histories.
pub struct Witness {
    folder: PathBuf,
    keys: Vec<SigningKey>,
    own: Vec<VerifyingKey>,
    logs: Logs,
    connection: Connection,
}

/// What a request comes to.
pub type Answered = Result<String, Refused>;

/// The keys of the logs, read again when their file changes.
struct Logs {
    keys: Vec<VerifyingKey>,
    of: Option<(SystemTime, u64)>,
}

/// What was cosigned last of a log.
struct Last {
    note: Note,
    checkpoint: Checkpoint,
    seconds: u64,
}

impl Witness {
    /// Makes a new witness in a folder, with keys that cosign, for logs whose keys are given.
    ///
    /// # Errors
    ///
    /// [`WitnessError`] if there is one already, or something cannot be written.
    pub fn create(folder: &Path, keys: &[SigningKey], logs: &[VerifyingKey]) -> Result<Self, WitnessError> {
        let file = folder.join(LOGS);
        if file.exists() {
            return Err(WitnessError::Exists(folder.display().to_string()));
        }
        make_folder(&folder.join(KEYS))?;
        // The database writes into the file that is there, with the rights that it has.
        write_secret(&folder.join(DATABASE), b"")?;
        for key in keys {
            let name = format!("{KEYS}/{:08x}.key", key.verifying_key().id());
            write_secret(&folder.join(name), format!("{}\n", *key.to_cosigner()?.to_secret_text()).as_bytes())?;
        }
        let lines: String = logs.iter().map(|key| format!("log {key}\n")).collect();
        let text = format!(
            "# The logs whose checkpoints are cosigned, one line for each key: `log KEY`. Read again when it changes.\n{lines}quorum none\n"
        );
        // Written last: a folder without it is no witness, and can be begun again.
        let failed = |error| StoreError::new("write", file.display().to_string(), error);
        fs::write(&file, text).and_then(|()| fs::File::open(&file)?.sync_all()).map_err(failed)?;
        Self::open(folder)
    }

    /// The witness in a folder.
    ///
    /// # Errors
    ///
    /// [`WitnessError`] if there is none, or a key or file is not as it should be.
    pub fn open(folder: &Path) -> Result<Self, WitnessError> {
        if !folder.join(LOGS).exists() {
            return Err(WitnessError::NotAWitness(folder.display().to_string()));
        }
        let keys = read_keys(&folder.join(KEYS))?;
        let own: Vec<VerifyingKey> = keys.iter().map(SigningKey::verifying_key).collect();
        let database = folder.join(DATABASE);
        let opened = || {
            let connection = database::open(&database)?;
            // `place` is the path under which others ask for it.
            connection.execute_batch(
                "CREATE TABLE IF NOT EXISTS cosigned (
                    origin TEXT PRIMARY KEY, place TEXT NOT NULL UNIQUE, seconds INTEGER NOT NULL, note TEXT NOT NULL
                ) STRICT",
            )?;
            Ok(connection)
        };
        let connection = opened().map_err(|error: rusqlite::Error| StoreError::new("open", database.display().to_string(), error))?;
        let mut witness = Self { folder: folder.to_owned(), keys, own, logs: Logs { keys: Vec::new(), of: None }, connection };
        witness.known()?;
        Ok(witness)
    }

    /// The keys by which others verify its cosignatures.
    #[must_use]
    pub fn verifying_keys(&self) -> &[VerifyingKey] {
        &self.own
    }

    /// The folder with proofs of forks.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The keys of the logs that are witnessed.
    ///
    /// # Errors
    ///
    /// [`WitnessError`] if the file that names them cannot be read.
    pub fn known(&mut self) -> Result<&[VerifyingKey], WitnessError> {
        let file = self.folder.join(LOGS);
        let failed = |error| StoreError::new("read", file.display().to_string(), error);
        let about = fs::metadata(&file).map_err(failed)?;
        let now = (about.modified().map_err(failed)?, about.len());
        if self.logs.of != Some(now) {
            let text = fs::read_to_string(&file).map_err(failed)?;
            let policy: Policy = text
                .parse()
                .map_err(|error: PolicyError| WitnessError::Malformed { file: file.display().to_string(), problem: error.to_string() })?;
            self.logs = Logs { keys: policy.logs().iter().map(|log| log.key.clone()).collect(), of: Some(now) };
        }
        Ok(&self.logs.keys)
    }

    /// Answers the body of a request `add-checkpoint` at a time, in seconds since 1970: the lines of its cosignatures, or why not.
    ///
    /// The comparison with what was cosigned last and the new state are one transaction; when this returns it is durable.
    /// The time stated never goes back for one log, whatever the clock does.
    ///
    /// # Errors
    ///
    /// [`WitnessError`] if it is not known whether it may be cosigned, or that could not be stored. Nothing may be answered then.
    pub fn add_checkpoint(&mut self, body: &[u8], seconds: u64) -> Result<Answered, WitnessError> {
        let request = match std::str::from_utf8(body) {
            Ok(body) => body.parse::<Request>(),
            Err(_) => Err(Refused::Malformed { line: 1, problem: "the request is not UTF-8" }),
        };
        let request = match request {
            Ok(request) => request,
            Err(refused) => return Ok(Err(refused)),
        };
        let known = self.known()?.to_vec();
        // What nobody vouches for does not reach the database.
        if let Err(refused) = request.verify_signature(&known) {
            return Ok(Err(refused));
        }
        let origin = request.checkpoint().origin();
        let failed = |doing| move |error: rusqlite::Error| StoreError::new(doing, DATABASE, error);
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed("lock"))?;
        let last = last(&transaction, origin)?;
        let note = request.note().only(&of_log(&known, origin))?;
        if let Err(refused) = request.verify(&known, last.as_ref().map(|last| &last.checkpoint)) {
            if let Some(fork) = last.as_ref().and_then(|last| same_size(last, &request, &note)) {
                forks::keep(&self.folder, &fork)?;
            }
            return Ok(Err(refused));
        }
        let seconds = seconds.max(last.map_or(0, |last| last.seconds));
        let cosignatures = witness::cosign(&note, &self.own, &self.keys, seconds)?;
        let mut kept = note;
        for cosignature in &cosignatures {
            kept.add(cosignature.clone());
        }
        let place = witness::path_of(origin);
        let row = params![origin, place, i64::try_from(seconds).unwrap_or(i64::MAX), kept.to_string()];
        transaction
            .execute("INSERT INTO cosigned VALUES (?1, ?2, ?3, ?4) ON CONFLICT (origin) DO UPDATE SET seconds = ?3, note = ?4", row)
            .map_err(failed("write"))?;
        transaction.commit().map_err(failed("write"))?;
        Ok(Ok(witness::answer(&cosignatures)))
    }

    /// What was cosigned last of the log whose place is a path such as `HEX/checkpoint`; `None` if nothing was.
    ///
    /// # Errors
    ///
    /// [`WitnessError`] if it cannot be read.
    pub fn at_place(&self, place: &str) -> Result<Option<String>, WitnessError> {
        let found = self.connection.query_row("SELECT note FROM cosigned WHERE place = ?1", [place], |row| row.get(0)).optional();
        Ok(found.map_err(|error| StoreError::new("read", DATABASE, error))?)
    }
}

fn of_log(known: &[VerifyingKey], origin: &str) -> Vec<VerifyingKey> {
    known.iter().filter(|key| key.name() == origin).cloned().collect()
}

fn last(connection: &Connection, origin: &str) -> Result<Option<Last>, WitnessError> {
    let row = connection.query_row("SELECT seconds, note FROM cosigned WHERE origin = ?1", [origin], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
    });
    let Some((seconds, note)) = row.optional().map_err(|error| StoreError::new("read", DATABASE, error))? else { return Ok(None) };
    let note: Note = note.parse()?;
    let checkpoint = note.text().parse()?;
    Ok(Some(Last { note, checkpoint, seconds: u64::try_from(seconds).unwrap_or_default() }))
}

/// Two roots for one size need no other proof. A proof that fails shows nothing: whoever sent it may have made it wrong.
fn same_size(last: &Last, request: &Request, note: &Note) -> Option<Fork> {
    let (old, new) = (&last.checkpoint, request.checkpoint());
    let forked = old.size() == new.size() && old.root() != new.root();
    forked.then(|| Fork { smaller: last.note.clone(), larger: note.clone(), root: *new.root(), proof: Vec::new() })
}

fn read_keys(folder: &Path) -> Result<Vec<SigningKey>, WitnessError> {
    let listed = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<PathBuf>>>());
    let mut files = listed.map_err(|error| StoreError::new("list", folder.display().to_string(), error))?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "key"));
    files.sort_unstable();
    let wrong = |file: &Path, problem: String| WitnessError::Malformed { file: file.display().to_string(), problem };
    if files.is_empty() {
        return Err(wrong(folder, "it holds no key".to_owned()));
    }
    let read = |file: &PathBuf| {
        let key = SigningKey::from_secret_text(&read_secret(file)?).map_err(|error| wrong(file, error.to_string()))?;
        if key.verifying_key().algorithm().is_cosignature() {
            Ok(key)
        } else {
            Err(wrong(file, "its key signs notes and does not cosign".to_owned()))
        }
    };
    files.iter().map(read).collect()
}
