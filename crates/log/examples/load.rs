// SPDX-License-Identifier: Apache-2.0
//! How fast a log takes entries in, signs and proves, as it grows.
//!
//! `cargo run --release -p comity-log --example load -- FOLDER ENTRIES [RATE] [THREADS]` appends so many entries of 200 bytes,
//! as fast as they are answered or so many a second, from so many threads (32 unless said),
//! and prints a line for each power of ten that is passed.
//! With `--features postgres` and the URL of a database in `COMITY_POSTGRES`, queue and lock are there.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "an example may fail loudly")]

use comity_evidence::note::{Algorithm, SigningKey};
use comity_evidence::{Checkpoint, Hash, Policy, tree};
use comity_log::files::Folder;
use comity_log::lock::SqliteLock;
use comity_log::queue::SqliteQueue;
use comity_log::{Appender, Lock, Pace, Queue, Reader, Submission, Writer, audit};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const ORIGIN: &str = "example.org/load";

fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, Algorithm::Ed25519, [7; 32]).unwrap()
}

#[cfg(feature = "postgres")]
fn database() -> Option<comity_log::postgres::Database> {
    std::env::var("COMITY_POSTGRES").ok().map(|url| comity_log::postgres::Database::new(&url, None, None).unwrap())
}

fn queue(folder: &Path) -> Box<dyn Queue> {
    #[cfg(feature = "postgres")]
    if let Some(database) = database() {
        return Box::new(comity_log::queue::PostgresQueue::open(&database, &folder.display().to_string()).unwrap());
    }
    Box::new(SqliteQueue::open(&folder.join("queue.sqlite")).unwrap())
}

fn lock(folder: &Path) -> Box<dyn Lock> {
    #[cfg(feature = "postgres")]
    if let Some(database) = database() {
        return Box::new(comity_log::lock::PostgresLock::open(&database, &folder.display().to_string()).unwrap());
    }
    Box::new(SqliteLock::open(&folder.join("lock.sqlite"), ORIGIN).unwrap())
}

fn writer(folder: &Path) -> Writer {
    Writer::open(ORIGIN, vec![key()], Box::new(Folder::new(folder.join("public"))), queue(folder), lock(folder), &[]).unwrap()
}

fn entry(number: u64) -> Vec<u8> {
    format!("{{\"comity\":\"entry/1\",\"number\":{number},").bytes().chain(std::iter::repeat(b'x')).take(200).collect()
}

/// Appends from many threads, each waiting for its answer before it hands in the next.
fn append(folder: &Path, from: u64, to: u64, rate: Option<f64>, threads: u64) -> (Duration, Vec<Duration>) {
    let waits = Mutex::new(Vec::new());
    let queue = queue(folder);
    let started = Instant::now();
    let next = AtomicU64::new(from);
    {
        let signed: &'static Mutex<Vec<(u64, Instant)>> = Box::leak(Box::default());
        let appender = Appender::start(
            writer(folder),
            queue,
            Pace::default(),
            || 0,
            move |_, note| {
                let size = note.text().parse::<Checkpoint>().unwrap().size();
                signed.lock().unwrap().push((size, Instant::now()));
                None
            },
        );
        let durable = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        // Each thread has a few in flight, as a server with that many requests would.
                        let first = next.fetch_add(16, Ordering::Relaxed);
                        if first >= to {
                            break;
                        }
                        if let Some(rate) = rate {
                            let due = started + Duration::from_secs_f64((first - from) as f64 / rate);
                            std::thread::sleep(due.saturating_duration_since(Instant::now()));
                        }
                        let answers: Vec<_> = (first..(first + 16).min(to))
                            .map(|number| appender.hand_in(Submission { entry: entry(number), once: None }))
                            .collect();
                        for answer in answers {
                            let number = answer.recv().unwrap().unwrap();
                            if number % 1000 == 0 {
                                durable.lock().unwrap().push((number, Instant::now()));
                            }
                        }
                    }
                });
            }
        });
        let taken = started.elapsed();
        drop(appender);
        let signed = signed.lock().unwrap();
        for (number, at) in durable.into_inner().unwrap() {
            let in_checkpoint = signed.iter().find(|(size, _)| *size > number).unwrap().1;
            waits.lock().unwrap().push(in_checkpoint.saturating_duration_since(at));
        }
        let mut waits = waits.into_inner().unwrap();
        waits.sort_unstable();
        (taken, waits)
    }
}

fn bytes(folder: &Path) -> u64 {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| if entry.path().is_dir() { bytes(&entry.path()) } else { entry.metadata().unwrap().len() })
        .sum()
}

fn per_call(times: u32, mut call: impl FnMut(u32)) -> Duration {
    let started = Instant::now();
    (0..times).for_each(&mut call);
    started.elapsed() / times
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = PathBuf::from(arguments.first().expect("expected FOLDER ENTRIES [RATE] [THREADS]"));
    let entries: u64 = arguments.get(1).expect("expected FOLDER ENTRIES [RATE] [THREADS]").parse().unwrap();
    let rate: Option<f64> = arguments.get(2).map(|rate| rate.parse().unwrap()).filter(|rate| *rate > 0.0);
    let threads: u64 = arguments.get(3).map_or(32, |threads| threads.parse().unwrap());
    std::fs::create_dir_all(&folder).unwrap();
    let mut from = writer(&folder).taken_in().unwrap();
    let mut to = 10_000;
    while from < entries {
        if to <= from {
            to *= 10;
            continue;
        }
        let (taken, waits) = append(&folder, from, to.min(entries), rate, threads);
        let size = to.min(entries);
        let added = size - from;
        let reader = Reader::new(Folder::new(folder.join("public")));
        let policy: Policy = format!("log {}\nquorum none\n", key().verifying_key()).parse().unwrap();
        let number = |call: u32| (u64::from(call) * 7_919_777) % size;
        let proving = per_call(200, |call| drop(reader.prove(number(call)).unwrap()));
        let proof = reader.prove(number(1)).unwrap();
        let text = proof.to_string();
        let leaf = reader.entry(number(1), size).unwrap();
        let verifying = per_call(2000, |_| drop(proof.verify(&leaf, &policy).unwrap()));
        let root = *proof.checkpoint.text().parse::<Checkpoint>().unwrap().root();
        let included = per_call(20_000, |_| tree::verify_inclusion(&Hash::of_leaf(&leaf), number(1), size, &proof.hashes, &root).unwrap());
        let opening = Instant::now();
        drop(writer(&folder));
        let opening = opening.elapsed();
        let auditing = Instant::now();
        audit(&reader, &[key().verifying_key()], &mut |_, _| {}).unwrap().unwrap();
        let auditing = auditing.elapsed();
        let wait = |share: usize| waits.get((waits.len() * share / 100).min(waits.len() - 1)).copied().unwrap_or_default();
        println!(
            "{size} entries: {:.0} durable/s, to a signed checkpoint {:?} median {:?} worst, prove {proving:?}, verify {verifying:?} (tree alone {included:?}), \
             proof {} bytes, open {opening:?}, audit {:.0} entries/s, {:.1} bytes of tiles and bundles for each entry of 200",
            added as f64 / taken.as_secs_f64(),
            wait(50),
            wait(100),
            text.len(),
            size as f64 / auditing.as_secs_f64(),
            bytes(&folder.join("public")) as f64 / size as f64,
        );
        from = size;
    }
}
