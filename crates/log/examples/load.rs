// SPDX-License-Identifier: Apache-2.0
//! How fast a log takes entries in, signs and proves, as it grows.
//!
//! `cargo run --release -p comity-log --example load -- FOLDER ENTRIES [RATE] [THREADS] [STORE]` appends so many entries of 200 bytes,
//! as fast as they are answered (rate 0) or so many a second, from so many threads (32 unless said),
//! and prints a line for each power of ten that is passed, and one for all.
//! The store is `embedded` unless said. With `--features postgres` it may be `postgres`: queue and lock in the database whose URL is
//! in `COMITY_POSTGRES`. With `--features s3` it may be `s3`: files and lock in the bucket of `COMITY_S3` at `COMITY_S3_ENDPOINT`.
//! `.ci/stores` starts both and runs the command that it is given.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "an example may fail loudly")]

use comity_evidence::note::{Algorithm, SigningKey};
use comity_evidence::{Checkpoint, Hash, Policy, tree};
use comity_log::files::Folder;
use comity_log::lock::SqliteLock;
use comity_log::queue::SqliteQueue;
use comity_log::{Appender, Files, Lock, Pace, Queue, Reader, Submission, Writer, audit};
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const ORIGIN: &str = "example.org/load";
const USAGE: &str = "expected FOLDER ENTRIES [RATE] [THREADS] [STORE]";

fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, Algorithm::Ed25519, [7; 32]).unwrap()
}

/// Where the stores of a log are.
struct Stores {
    folder: PathBuf,
    kind: String,
}

#[cfg(any(feature = "postgres", feature = "s3"))]
fn variable(name: &str) -> String {
    std::env::var(name).map_err(|_| format!("{name} is not set: run it with `.ci/stores`")).unwrap()
}

#[cfg(feature = "postgres")]
fn database() -> comity_log::postgres::Database {
    comity_log::postgres::Database::new(&variable("COMITY_POSTGRES"), None, None).unwrap()
}

#[cfg(feature = "s3")]
fn bucket(path: &str) -> comity_log::s3::Bucket {
    let clock = || i64::try_from(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let location = comity_log::s3::Location {
        url: format!("{}/{path}", variable("COMITY_S3")),
        endpoint: Some(variable("COMITY_S3_ENDPOINT")),
        ..comity_log::s3::Location::default()
    };
    let credentials = comity_log::s3::Credentials::new(&variable("AWS_ACCESS_KEY_ID"), &variable("AWS_SECRET_ACCESS_KEY"), None);
    comity_log::s3::Bucket::new(&location, credentials, clock).unwrap()
}

impl Stores {
    #[cfg(any(feature = "postgres", feature = "s3"))]
    fn name(&self) -> String {
        self.folder.display().to_string()
    }

    fn queue(&self) -> Box<dyn Queue> {
        match self.kind.as_str() {
            #[cfg(feature = "postgres")]
            "postgres" => Box::new(comity_log::queue::PostgresQueue::open(&database(), &self.name()).unwrap()),
            _ => Box::new(SqliteQueue::open(&self.folder.join("queue.sqlite")).unwrap()),
        }
    }

    fn lock(&self) -> Box<dyn Lock> {
        match self.kind.as_str() {
            #[cfg(feature = "postgres")]
            "postgres" => Box::new(comity_log::lock::PostgresLock::open(&database(), &self.name()).unwrap()),
            #[cfg(feature = "s3")]
            "s3" => Box::new(comity_log::lock::S3Lock::open(bucket(&format!("lock{}", self.name()))).unwrap()),
            _ => Box::new(SqliteLock::open(&self.folder.join("lock.sqlite"), ORIGIN).unwrap()),
        }
    }

    fn files(&self) -> Box<dyn Files> {
        match self.kind.as_str() {
            #[cfg(feature = "s3")]
            "s3" => Box::new(comity_log::files::S3Files::new(bucket(&format!("log{}", self.name())))),
            _ => Box::new(Folder::new(self.folder.join("public"))),
        }
    }

    fn writer(&self) -> Writer {
        Writer::open(ORIGIN, vec![key()], self.files(), self.queue(), self.lock(), &[]).unwrap()
    }
}

fn entry(number: u64) -> Vec<u8> {
    format!("{{\"comity\":\"entry/1\",\"number\":{number},").bytes().chain(std::iter::repeat(b'x')).take(200).collect()
}

/// Appends from many threads, each waiting for its answer before it hands in the next.
fn append(stores: &Stores, from: u64, to: u64, rate: Option<f64>, threads: u64) -> (Duration, Vec<Duration>) {
    let waits = Mutex::new(Vec::new());
    let queue = stores.queue();
    let started = Instant::now();
    let next = AtomicU64::new(from);
    {
        let signed: &'static Mutex<Vec<(u64, Instant)>> = Box::leak(Box::default());
        let appender = Appender::start(
            stores.writer(),
            queue,
            Pace::default(),
            || 0,
            move |_, note| {
                let size = note.text().parse::<Checkpoint>().unwrap().size();
                signed.lock().unwrap().push((size, Instant::now()));
                None
            },
        );
        let sampled = Mutex::new(Vec::new());
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
                        let handed_in = Instant::now();
                        let answers: Vec<_> = (first..(first + 16).min(to))
                            .map(|number| appender.hand_in(Submission { entry: entry(number), once: None }))
                            .collect();
                        for answer in answers {
                            let number = answer.recv().unwrap().unwrap();
                            if number % 100 == 0 {
                                sampled.lock().unwrap().push((number, handed_in));
                            }
                        }
                    }
                });
            }
        });
        let taken = started.elapsed();
        drop(appender);
        let signed = signed.lock().unwrap();
        for (number, at) in sampled.into_inner().unwrap() {
            let in_checkpoint = signed.iter().find(|(size, _)| *size > number).unwrap().1;
            waits.lock().unwrap().push(in_checkpoint.saturating_duration_since(at));
        }
        let mut waits = waits.into_inner().unwrap();
        waits.sort_unstable();
        (taken, waits)
    }
}

fn bytes(files: &dyn Files) -> u64 {
    let length = |path: &String| files.read(path).unwrap().map_or(0, |content| content.len() as u64);
    files.list().unwrap().iter().map(length).sum()
}

/// The one that so many of a hundred do not exceed.
fn share(sorted: &[Duration], percent: usize) -> Duration {
    sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

fn per_call(times: u32, mut call: impl FnMut(u32)) -> Duration {
    let started = Instant::now();
    (0..times).for_each(&mut call);
    started.elapsed() / times
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = PathBuf::from(arguments.first().expect(USAGE));
    let entries: u64 = arguments.get(1).expect(USAGE).parse().unwrap();
    let rate: Option<f64> = arguments.get(2).map(|rate| rate.parse().unwrap()).filter(|rate| *rate > 0.0);
    let threads: u64 = arguments.get(3).map_or(32, |threads| threads.parse().unwrap());
    std::fs::create_dir_all(&folder).unwrap();
    let kind = arguments.get(4).map_or("embedded", String::as_str);
    let built = [("embedded", true), ("postgres", cfg!(feature = "postgres")), ("s3", cfg!(feature = "s3"))];
    assert!(built.contains(&(kind, true)), "`{kind}` is no store, or not built in");
    let stores = Stores { folder: std::path::absolute(&folder).unwrap(), kind: kind.to_owned() };
    let mut from = stores.writer().taken_in().unwrap();
    let first = from;
    let (mut all_taken, mut all_waits) = (Duration::ZERO, Vec::new());
    let mut to = 10_000;
    while from < entries {
        if to <= from {
            to *= 10;
            continue;
        }
        let (taken, waits) = append(&stores, from, to.min(entries), rate, threads);
        let size = to.min(entries);
        let added = size - from;
        let reader = Reader::new(stores.files());
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
        drop(stores.writer());
        let opening = opening.elapsed();
        let auditing = Instant::now();
        audit(&reader, &[key().verifying_key()], &mut |_, _| {}).unwrap().unwrap();
        let auditing = auditing.elapsed();
        println!(
            "{size} entries: {:.0} durable/s, from handing in to a signed checkpoint {:?} median {:?} worst, prove {proving:?}, verify {verifying:?} (tree alone {included:?}), \
             proof {} bytes, open {opening:?}, audit {:.0} entries/s, {:.1} bytes of tiles and bundles for each entry of 200",
            added as f64 / taken.as_secs_f64(),
            share(&waits, 50),
            share(&waits, 100),
            text.len(),
            size as f64 / auditing.as_secs_f64(),
            bytes(stores.files().as_ref()) as f64 / size as f64,
        );
        from = size;
        all_taken += taken;
        all_waits.extend(waits);
    }
    all_waits.sort_unstable();
    println!(
        "comity, {kind}: {} entries, {} in flight: {:.0} durable entries a second; from handing in to a signed checkpoint {:?} median, {:?} worst",
        from - first,
        threads * 16,
        (from - first) as f64 / all_taken.as_secs_f64(),
        share(&all_waits, 50),
        share(&all_waits, 100),
    );
}
