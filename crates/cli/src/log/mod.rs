// SPDX-License-Identifier: Apache-2.0
//! `comity log …` and `comity receipt …`: evidence that others can check.

pub mod append;
mod audit;
mod checkpoint;
mod erase;
mod init;
mod prove;
mod receipt;
pub mod record;
mod timestamp;
mod verify;
#[cfg(feature = "network")]
mod witness;
mod witnesses;

use crate::args::{LogCommand, ReceiptCommand};
use crate::exit::Status;
use crate::out::Out;
use comity_evidence::note::Note;
use comity_evidence::{Checkpoint, Policy};
use comity_log::files::Folder;
use comity_log::{Files, LogError, Place, PlaceError, Reader, RecordError, StoreError};
use jiff::Timestamp;
use jiff::civil::Date;
use std::io;
use std::path::Path;

/// What ends a command, with the status that says what kind of trouble it is.
pub struct Failure {
    /// The exit status.
    pub status: Status,
    /// What went wrong.
    pub message: String,
}

impl Failure {
    /// A message with its status.
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    /// A file that is not what it should be.
    fn invalid(file: &Path, problem: impl std::fmt::Display) -> Self {
        Self::new(Status::Invalid, format!("`{}`: {problem}", file.display()))
    }
}

macro_rules! failures {
    ($($error:ty),*) => {
        $(impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::new(Status::Failed, error.to_string())
            }
        })*
    };
}

failures!(
    io::Error,
    LogError,
    PlaceError,
    RecordError,
    StoreError,
    comity_evidence::CommitmentError,
    comity_evidence::EntryError,
    comity_evidence::NoteError
);

/// Runs a command of `comity log`.
pub fn run(command: &LogCommand, today: Date, out: &mut Out) -> io::Result<Status> {
    let done = match command {
        LogCommand::Init(args) => init::run(args, today, out),
        LogCommand::Append(args) => append::run(args, today, out),
        LogCommand::Checkpoint { log, format } => checkpoint::run(log, format.format, out),
        LogCommand::Prove(args) => prove::run(args, out),
        LogCommand::Verify(args) => verify::run(args, out),
        LogCommand::Audit(args) => audit::run(args, out),
        LogCommand::Erase(args) => erase::run(args, today, out),
        LogCommand::Timestamp { command } => timestamp::run(command, out),
        #[cfg(feature = "network")]
        LogCommand::Witness(args) => witness::run(args, out),
        #[cfg(feature = "network")]
        LogCommand::Follow(args) => witness::run_follow(args, out),
    };
    said(done, out)
}

/// Runs a command of `comity receipt`.
pub fn run_receipt(command: &ReceiptCommand, out: &mut Out) -> io::Result<Status> {
    let ReceiptCommand::Verify { files, policy, document, format } = command;
    said(receipt::verify(files, policy, document.as_deref(), format.format, out), out)
}

fn said(done: Result<Status, Failure>, out: &mut Out) -> io::Result<Status> {
    match done {
        Ok(status) => Ok(status),
        Err(Failure { status, message }) => {
            out.error(&message)?;
            Ok(status)
        }
    }
}

/// Random bytes of the machine.
fn random(bytes: &mut [u8]) -> Result<(), StoreError> {
    getrandom::fill(bytes).map_err(|error| StoreError::new("get random bytes from", "the operating system", error.to_string()))
}

/// Random bytes for one key.
fn random_bytes<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    random(&mut bytes)?;
    Ok(bytes)
}

/// The seconds of the clock since 1970.
fn seconds() -> u64 {
    u64::try_from(Timestamp::now().as_second()).unwrap_or_default()
}

/// So many entries.
fn entries(number: u64) -> String {
    if number == 1 { "1 entry".to_owned() } else { format!("{number} entries") }
}

fn text(file: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(file).map_err(|error| Failure::new(Status::Failed, format!("cannot read `{}`: {error}", file.display())))
}

fn bytes(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file).map_err(|error| Failure::new(Status::Failed, format!("cannot read `{}`: {error}", file.display())))
}

/// The log in a folder: one's own, or a copy of its public files.
fn reader(log: &Path, own: Option<&Place>) -> Result<Reader<Box<dyn Files>>, Failure> {
    Ok(own.map_or_else(|| Ok(Reader::new(Box::new(Folder::new(log)) as Box<dyn Files>)), Place::reader)?)
}

fn policy(file: &Path) -> Result<Policy, Failure> {
    // What is not UTF-8 is no policy; the line on which it stops being one is named.
    String::from_utf8_lossy(&bytes(file)?).parse().map_err(|error: comity_evidence::PolicyError| Failure::invalid(file, error))
}

fn note(file: &Path) -> Result<Note, Failure> {
    text(file)?.parse().map_err(|error| Failure::invalid(file, error))
}

fn checkpoint_of(note: &Note) -> Result<Checkpoint, Failure> {
    note.text().parse().map_err(|error: comity_evidence::CheckpointError| Failure::new(Status::Invalid, error.to_string()))
}

/// Writes a file that is not there yet.
fn write_new(file: &Path, content: &(impl AsRef<[u8]> + ?Sized)) -> Result<(), Failure> {
    let written = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(file)
        .and_then(|mut open| io::Write::write_all(&mut open, content.as_ref()));
    written.map_err(|error| Failure::new(Status::Failed, format!("cannot write `{}`: {error}", file.display())))
}
