// SPDX-License-Identifier: Apache-2.0
//! Logs with one history or several, and a witness that listens.

use comity_evidence::note::{Algorithm, Note, SigningKey, VerifyingKey};
use comity_evidence::tree::{self, Nodes};
use comity_evidence::witness::Request;
use comity_evidence::{Checkpoint, Hash, Policy};
use comity_log::files::Folder;
use comity_log::place::Plan;
use comity_log::{Files, LogError, Place, Reader, Submission};
use comity_witness::Witness;
use comity_witness::server::{Limits, serve};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

pub const ORIGIN: &str = "example.org/log/2026";

pub fn log_key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, Algorithm::Ed25519, [7; 32]).unwrap()
}

pub fn witness_key(number: u8) -> SigningKey {
    SigningKey::from_seed(&format!("witness-{number}.example"), Algorithm::Ed25519Cosignature, [100 + number; 32]).unwrap()
}

/// A history of the log: from entry `forks_at` on its entries carry its name.
#[derive(Clone, Debug)]
pub struct History {
    pub name: String,
    pub forks_at: u64,
}

impl History {
    pub fn main() -> Self {
        Self { name: "main".to_owned(), forks_at: 0 }
    }

    pub fn forked(name: &str, forks_at: u64) -> Self {
        Self { name: name.to_owned(), forks_at }
    }

    pub fn entry(&self, number: u64) -> Vec<u8> {
        let name = if number < self.forks_at { "main" } else { &self.name };
        format!("{name} {number}").into_bytes()
    }

    pub fn checkpoint(&self, size: u64) -> Checkpoint {
        Checkpoint::new(ORIGIN, size, tree::root(size, &mut &*self).unwrap()).unwrap()
    }

    pub fn note(&self, size: u64) -> Note {
        let mut note = self.checkpoint(size).to_note().unwrap();
        note.sign(&log_key(), 0).unwrap();
        note
    }

    pub fn request(&self, old: u64, new: u64) -> Request {
        Request::new(old, tree::prove_consistency(old, new, &mut &*self).unwrap(), self.note(new)).unwrap()
    }
}

impl Nodes for &History {
    type Error = LogError;

    fn node(&mut self, level: u32, index: u64) -> Result<Hash, LogError> {
        if level == 0 {
            return Ok(Hash::of_leaf(&self.entry(index)));
        }
        Ok(Hash::of_node(&self.node(level - 1, index * 2)?, &self.node(level - 1, index * 2 + 1)?))
    }
}

/// A log in a folder with the key of all tests, so that two folders are two histories of one log.
pub fn log(folder: &Path) -> Place {
    let lock = folder.join("lock.sqlite");
    let plan = Plan {
        origin: ORIGIN,
        keys: &[log_key()],
        master_key: [1; 32],
        lock: &lock,
        year: None,
        stores: comity_log::place::Stores::default(),
    };
    Place::create(folder, &plan).unwrap()
}

/// Adds the entries of a history up to a size, and signs.
pub fn grow(place: &Place, history: &History, to: u64) -> Note {
    let mut held = place.writer(&[]).unwrap();
    let from = held.writer.taken_in().unwrap();
    let submissions: Vec<Submission> = (from..to).map(|number| Submission { entry: history.entry(number), once: None }).collect();
    if !submissions.is_empty() {
        held.writer.append(&submissions).unwrap();
    }
    held.writer.integrate(0).unwrap()
}

pub fn reader(place: &Place) -> Reader<Box<dyn Files>> {
    Reader::new(Box::new(Folder::new(place.public())))
}

/// A running witness; it stops when this goes.
pub struct Running {
    pub address: SocketAddr,
    pub key: VerifyingKey,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Each time it is asked, this clock has gone on by a second.
pub fn clock() -> impl Fn() -> u64 + Send + Sync + 'static {
    let seconds = AtomicU64::new(1_790_000_000);
    move || seconds.fetch_add(1, Ordering::SeqCst)
}

/// Begins a witness of the log of all tests, or opens it, and lets it listen.
pub fn running(folder: &Path, number: u8, limits: Limits) -> Running {
    let witness = match Witness::open(folder) {
        Ok(witness) => witness,
        Err(_) => Witness::create(folder, &[witness_key(number)], &[log_key().verifying_key()]).unwrap(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let thread = std::thread::spawn(move || {
        serve(listener, witness, clock(), limits, async {
            let _ = stopped.await;
        })
        .unwrap();
    });
    Running { address, key: witness_key(number).verifying_key(), stop: Some(stop), thread: Some(thread) }
}

/// A policy for the log of all tests.
pub fn policy(witnesses: &[(&str, &VerifyingKey, &str)], rest: &str) -> Policy {
    let lines: String = witnesses.iter().map(|(name, key, url)| format!("witness {name} {key} {url}\n")).collect();
    format!("log {}\n{lines}{rest}\n", log_key().verifying_key()).parse().unwrap()
}

/// Serves the files of a folder over HTTP for as long as the test runs, and says where.
pub fn served(folder: PathBuf) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut head = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
            let path = head.next().and_then(|first| Some(first.split(' ').nth(1)?.trim_start_matches('/').to_owned()));
            // What is left unread in the socket would break the connection off.
            head.for_each(drop);
            let (status, content) = match path.and_then(|path| std::fs::read(folder.join(path)).ok()) {
                Some(content) => ("200 OK", content),
                None => ("404 Not Found", Vec::new()),
            };
            let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", content.len());
            // Whoever asked may be gone.
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&content));
        }
    });
    format!("http://{address}")
}
