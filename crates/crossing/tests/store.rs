// SPDX-License-Identifier: Apache-2.0
//! Tables in stores of objects: in a folder by its URL, and in the object store that `.ci/stores` starts.
#![cfg(feature = "object-store")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use comity_border::Plan;
use comity_crossing::{Crossed, CrossingError, Format, Job, Stamp, cross};
use common::{DAY, MANIFEST, Row, bytes_of, people, planned, secret, write_parquet};
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, path::Path as Key};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// A place for objects that no other test uses.
struct Store {
    base: String,
    store: Arc<dyn ObjectStore>,
    key: Key,
    runtime: tokio::runtime::Runtime,
}

impl Store {
    fn at(base: String) -> Self {
        let (store, key) = object_store::parse_url_opts(&Url::parse(&base).unwrap(), std::env::vars()).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        Self { base, store: Arc::from(store), key, runtime }
    }

    fn url(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("{}/{name}", self.base))
    }

    fn key(&self, name: &str) -> Key {
        name.split('/').fold(self.key.clone(), |key, part| key.join(part))
    }

    fn put(&self, name: &str, bytes: Vec<u8>) {
        self.runtime.block_on(self.store.put(&self.key(name), PutPayload::from(bytes))).unwrap();
    }

    fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.runtime.block_on(async { Some(self.store.get(&self.key(name)).await.ok()?.bytes().await.unwrap().to_vec()) })
    }
}

/// The folder of a test by its URL, and a place in each store that there is.
fn stores(folder: &Path) -> Vec<Store> {
    let mut stores = vec![Store::at(Url::from_directory_path(fs::canonicalize(folder).unwrap()).unwrap().to_string() + "objects")];
    let of_test = folder.file_name().unwrap().to_string_lossy().replace('.', "");
    for kind in ["COMITY_S3", "COMITY_AZURE"] {
        match std::env::var(kind) {
            Ok(bucket) => stores.push(Store::at(format!("{bucket}/{of_test}"))),
            Err(_) => assert!(std::env::var("COMITY_STORES_REQUIRED").is_err(), "there is no {kind}: run `.ci/stores`"),
        }
    }
    stores
}

fn job(folder: &Path, inputs: &[PathBuf], to: PathBuf) -> Job {
    Job { to, apart: folder.join("apart"), ..common::job(folder, inputs) }
}

fn made(plan: &Plan, job: &Job) -> Result<Crossed, CrossingError> {
    cross(plan, Some(&secret()), job, &mut |_| true)
}

/// The parts that a record names, with their bytes.
fn parts(store: &Store, to: &str) -> Vec<(String, Vec<u8>)> {
    let record: Value = serde_json::from_slice(&store.get(&format!("{to}/crossing.json")).unwrap()).unwrap();
    let names = record["outputs"].as_array().unwrap().iter().map(|output| output["name"].as_str().unwrap().to_owned());
    names.map(|name| (name.clone(), store.get(&format!("{to}/{name}")).unwrap())).collect()
}

#[test]
fn tables_in_stores_become_what_they_become_in_folders() {
    let folder = tempfile::tempdir().unwrap();
    for (number, store) in stores(folder.path()).iter().enumerate() {
        let here = folder.path().join(format!("here-{number}"));
        fs::create_dir(&here).unwrap();
        let rows = people(900, 7, false);
        for format in [Format::Parquet, Format::Csv, Format::JsonLines, Format::ArrowFile, Format::ArrowStream] {
            let name = format!("people.{}", format.ending());
            let local = here.join(&name);
            // Every format is written by a crossing of its own, in which all of these people leave as they are.
            let parquet = here.join(format!("{}.parquet", format.ending()));
            write_parquet(&parquet, &rows, 200);
            if format == Format::Parquet {
                fs::copy(&parquet, &local).unwrap();
            } else {
                let kept = MANIFEST.replace("[\"generalise multiple 10\"]", "[\"keep\"]");
                let uniform: Vec<Row> = people(900, 7, true);
                write_parquet(&parquet, &uniform, 200);
                let inputs = [parquet];
                let (plan, _) = planned(&inputs, &kept);
                let to = here.join(format!("made-{}", format.ending()));
                let work = Job { format: Some(format), apart: to.with_extension("apart"), ..job(&here, &inputs, to.clone()) };
                made(&plan, &work).unwrap();
                fs::copy(to.join(format!("part-000000.{}", format.ending())), &local).unwrap();
            }
            store.put(&name, fs::read(&local).unwrap());
            let (plan, found) = planned(std::slice::from_ref(&local), MANIFEST);
            let (remote, again) = planned(&[store.url(&name)], MANIFEST);
            assert_eq!((found.rows, &found.combinations), (again.rows, &again.combinations), "{format:?}");
            assert_eq!(plan.hash().unwrap(), remote.hash().unwrap(), "a plan binds to content, not to places");
            let base = here.join(format!("base-{}", format.ending()));
            let base = Job { apart: base.with_extension("apart"), ..job(&here, std::slice::from_ref(&local), base) };
            let in_folder = made(&plan, &base).unwrap();
            let to = format!("out-{}", format.ending());
            let work = Job { apart: here.join(format!("{to}.apart")), ..job(&here, &[store.url(&name)], store.url(&to)) };
            let crossed = made(&plan, &work).unwrap();
            assert_eq!((&crossed.tally, crossed.before), (&in_folder.tally, false));
            let of_folder: Vec<Vec<u8>> =
                bytes_of(&base.to).into_iter().filter(|(path, _)| path.extension().unwrap() != "json").map(|(_, bytes)| bytes).collect();
            let of_store: Vec<Vec<u8>> = parts(store, &to).into_iter().map(|(_, bytes)| bytes).collect();
            if format != Format::Parquet {
                assert_eq!(of_folder, of_store, "{format:?}");
            }
            assert!(!of_store.is_empty());
            let again = made(&plan, &work).unwrap();
            assert!(again.before && again.record == crossed.record);
        }
    }
}

#[test]
fn a_transfer_is_committed_once_whoever_else_tries() {
    let folder = tempfile::tempdir().unwrap();
    for (number, store) in stores(folder.path()).iter().enumerate() {
        let input = folder.path().join(format!("people-{number}.parquet"));
        write_parquet(&input, &people(400, 7, false), 100);
        let inputs = [input];
        let (plan, _) = planned(&inputs, MANIFEST);
        // Several at once, each with a folder of its own for what is kept apart, on different days.
        let ended: Vec<Result<Crossed, CrossingError>> = std::thread::scope(|scope| {
            let works: Vec<_> = (0..4_u8)
                .map(|writer| {
                    let apart = folder.path().join(format!("apart-{number}-{writer}"));
                    let day = DAY.saturating_add(jiff::ToSpan::days(i32::from(writer)));
                    let work = Job { apart, day, ..job(folder.path(), &inputs, store.url("once")) };
                    let plan = &plan;
                    scope.spawn(move || made(plan, &work))
                })
                .collect();
            works.into_iter().map(|work| work.join().unwrap()).collect()
        });
        let new = ended.iter().filter(|ended| ended.as_ref().is_ok_and(|crossed| !crossed.before)).count();
        assert_eq!(new, 1, "{ended:?}");
        assert!(ended.iter().all(|ended| matches!(ended, Ok(_) | Err(CrossingError::Taken(_)))), "{ended:?}");
        let record: Value = serde_json::from_slice(&store.get("once/crossing.json").unwrap()).unwrap();
        let winner = ended.iter().flatten().find(|crossed| !crossed.before).unwrap();
        assert_eq!(record, winner.record);
        // Another plan does not write there.
        let (other, _) = planned(&inputs, &MANIFEST.replace("multiple 10", "multiple 5"));
        let work = Job { apart: folder.path().join(format!("other-{number}")), ..job(folder.path(), &inputs, store.url("once")) };
        assert!(matches!(made(&other, &work), Err(CrossingError::Taken(_))));
    }
}

#[test]
fn what_was_interrupted_goes_on_and_what_changed_is_not_read() {
    let folder = tempfile::tempdir().unwrap();
    for (number, store) in stores(folder.path()).iter().enumerate() {
        let rows = people(600, 9, false);
        let mut inputs = Vec::new();
        for (part, rows) in rows.chunks(100).enumerate() {
            let path = folder.path().join(format!("{number}-{part}.parquet"));
            write_parquet(&path, rows, 50);
            store.put(&format!("in/{part}.parquet"), fs::read(&path).unwrap());
            inputs.push(store.url(&format!("in/{part}.parquet")));
        }
        let (plan, found) = planned(&inputs, MANIFEST);
        let apart = folder.path().join(format!("held-{number}"));
        let work = Job { workers: 1, apart: apart.clone(), ..job(folder.path(), &inputs, store.url("done")) };
        let mut left = 3;
        let stopped = cross(&plan, Some(&secret()), &work, &mut |_| {
            left -= 1;
            left > 0
        });
        assert!(stopped.is_ok() || store.get("done/crossing.json").is_none());
        let crossed = made(&plan, &work).unwrap();
        assert_eq!(crossed.tally.total(), 600);
        assert!(apart.exists() && !folder.path().join(format!("held-{number}.crossing")).exists());
        assert_eq!(parts(store, "done").len(), 6);

        // The store fails after what is kept apart was published: the same command ends it.
        if store.base.starts_with("file") {
            // Where the record would stand, there is something else that cannot be read.
            let blocked = folder.path().join("objects/blocked/crossing.json");
            fs::create_dir_all(&blocked).unwrap();
            let work = Job { apart: folder.path().join("blocked"), ..job(folder.path(), &inputs, store.url("blocked")) };
            assert!(made(&plan, &work).is_err());
            assert!(folder.path().join("blocked").exists() && folder.path().join("blocked.crossing").exists());
            fs::remove_dir(&blocked).unwrap();
            let mended = made(&plan, &work).unwrap();
            assert_eq!((mended.tally, mended.before), (crossed.tally, false));
            assert_eq!(parts(store, "blocked").len(), 6);
            assert!(!folder.path().join("blocked.crossing").exists());
        }

        // Another object by the same name is another table, also for who has the stamps of the first.
        let other = folder.path().join("other.parquet");
        write_parquet(&other, &people(100, 10, false), 50);
        store.put("in/3.parquet", fs::read(&other).unwrap());
        for stamps in [Vec::new(), found.stamps.clone()] {
            let stamps: Vec<Stamp> = stamps;
            let work = Job { stamps, apart: folder.path().join("never"), ..job(folder.path(), &inputs, store.url("never")) };
            assert!(matches!(made(&plan, &work), Err(CrossingError::Changed(_))));
        }
        assert!(store.get("never/crossing.json").is_none());
    }
}

#[test]
fn urls_that_are_none_say_so_and_hold_no_password() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = comity_border::Manifest::parse(MANIFEST).unwrap();
    for (url, problem) in [
        ("s3://someone:hunter2@bucket/people.csv", "no password"),
        ("s3://bucket/people.csv?X-Amz-Signature=hunter2", "no query"),
        ("ftp://example.org/people.csv", "ftp"),
        ("file:///nowhere/at/all/people.csv", "nowhere/at/all"),
        ("s3://bucket/people.xlsx", "expected a file that ends in"),
    ] {
        let error = comity_crossing::survey(&[PathBuf::from(url)], &manifest, DAY, &mut |_| {}).unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
        assert!(!format!("{error:?} {error}").contains("hunter2"), "{error}");
    }
    let input = folder.path().join("people.parquet");
    write_parquet(&input, &people(20, 7, true), 10);
    let inputs = [input];
    let (plan, _) = planned(&inputs, MANIFEST);
    let apart = PathBuf::from(Url::from_directory_path(folder.path()).unwrap().to_string() + "apart");
    let work = Job { apart, ..job(folder.path(), &inputs, folder.path().join("out")) };
    assert!(made(&plan, &work).unwrap_err().to_string().contains("stay in a folder"));
    assert!(!folder.path().join("out").exists());
}

/// More than a store takes at once, written by two at the same moment.
#[test]
fn what_is_large_is_written_in_parts() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("people.parquet");
    write_parquet(&input, &people(150_000, 7, true), 150_000);
    let inputs = [input];
    let (plan, _) = planned(&inputs, MANIFEST);
    let base = Job { format: Some(Format::Csv), ..common::job(folder.path(), &inputs) };
    made(&plan, &base).unwrap();
    let expected = fs::read(base.to.join("part-000000.csv")).unwrap();
    assert!(expected.len() > 9 << 20, "{} bytes", expected.len());
    for (number, store) in stores(folder.path()).iter().enumerate() {
        let crossed: Vec<Result<Crossed, CrossingError>> = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..2)
                .map(|writer| {
                    let apart = folder.path().join(format!("large-{number}-{writer}"));
                    let work =
                        Job { to: store.url("large"), apart, format: Some(Format::Csv), ..job(folder.path(), &inputs, PathBuf::new()) };
                    let plan = &plan;
                    scope.spawn(move || made(plan, &work))
                })
                .collect();
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        });
        assert!(crossed.iter().all(Result::is_ok), "{crossed:?}");
        let written = parts(store, "large");
        assert_eq!(written.len(), 1);
        assert!(written[0].1 == expected, "store {number} holds something else");
    }
}

#[cfg(feature = "age")]
#[test]
fn encrypted_files_go_into_stores_too() {
    use std::io::Read;

    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("people.csv.parquet");
    write_parquet(&input, &people(300, 9, true), 100);
    let inputs = [input];
    let key = age::x25519::Identity::generate();
    let manifest = MANIFEST.replace("table = \"people\"", &format!("table = \"people\"\nencrypt_to = [\"{}\"]", key.to_public()));
    let (plan, _) = planned(&inputs, &manifest);
    for (number, store) in stores(folder.path()).iter().enumerate() {
        let apart = folder.path().join(format!("sealed-{number}"));
        let crossed = made(&plan, &Job { apart, ..job(folder.path(), &inputs, store.url("sealed")) }).unwrap();
        for ((name, sealed), output) in parts(store, "sealed").iter().zip(crossed.record["outputs"].as_array().unwrap()) {
            assert!(name.ends_with(".parquet.age"), "{name}");
            let mut clear = Vec::new();
            let opened = age::Decryptor::new(sealed.as_slice()).unwrap();
            opened.decrypt(std::iter::once(&key as &dyn age::Identity)).unwrap().read_to_end(&mut clear).unwrap();
            assert_eq!(output["clear"]["digest"], comity_evidence::Hash::of(&clear).to_hex());
        }
        assert!(crossed.tally.passed > 0);
    }
}
