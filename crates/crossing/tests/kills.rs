// SPDX-License-Identifier: Apache-2.0
//! A crossing whose process is killed at any moment, and run again, ends with one publication and no row lost.
//!
//! The test runs itself as the process that is killed. `COMITY_KILLS` says how often.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr, reason = "a test fails by panicking, and says what it did")]

mod common;

use comity_crossing::{Job, cross};
use comity_evidence::Hash;
use common::{MANIFEST, Numbers, bytes_of, people, planned, secret, write_parquet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

const FOLDER: &str = "COMITY_CROSSING_CHILD";

fn inputs(folder: &Path) -> Vec<PathBuf> {
    (0..4).map(|number| folder.join(format!("people-{number}.parquet"))).collect()
}

fn job(folder: &Path) -> Job {
    common::job(folder, &inputs(folder))
}

/// Not a test of its own: what the process that is killed does.
#[test]
fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let folder = PathBuf::from(folder);
    let (plan, _) = planned(&inputs(&folder), MANIFEST);
    cross(&plan, Some(&secret()), &job(&folder), &mut |_| true).unwrap();
}

#[test]
fn killed_at_any_moment_nothing_is_lost_and_nothing_published_twice() {
    let kills: usize = std::env::var("COMITY_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(24);
    let base = tempfile::tempdir().unwrap();
    let rows = people(4_000, 3, false);
    for (path, part) in inputs(base.path()).iter().zip(rows.chunks(1_000)) {
        write_parquet(path, part, 200);
    }
    let (plan, _) = planned(&inputs(base.path()), MANIFEST);
    let whole = cross(&plan, Some(&secret()), &job(base.path()), &mut |_| true).unwrap();
    let expected = bytes_of(&job(base.path()).to);
    let apart = bytes_of(&job(base.path()).apart);
    let mut numbers = Numbers(17);
    let (mut killed, mut ended) = (0, 0);
    while killed < kills {
        let folder = tempfile::tempdir().unwrap();
        for path in inputs(base.path()) {
            std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
        // Several times in the same folder, until it comes through by itself.
        loop {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["child", "--exact", "--quiet"])
                .env(FOLDER, folder.path())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            std::thread::sleep(Duration::from_micros(500 + numbers.below(60_000)));
            let over = child.try_wait().unwrap();
            if over.is_none() {
                child.kill().unwrap();
                killed += 1;
            }
            let status = child.wait().unwrap();
            if job(folder.path()).to.exists() {
                // What is published is whole, whenever the process died.
                assert_eq!(contents(&bytes_of(&job(folder.path()).to)), contents(&expected));
            }
            if over.is_some() {
                assert!(status.success());
                ended += 1;
                break;
            }
            if killed >= kills {
                break;
            }
        }
        let crossed = cross(&plan, Some(&secret()), &job(folder.path()), &mut |_| true).unwrap();
        assert_eq!(crossed.record, whole.record);
        assert_eq!(contents(&bytes_of(&job(folder.path()).to)), contents(&expected));
        assert_eq!(contents(&bytes_of(&job(folder.path()).apart)), contents(&apart));
    }
    eprintln!("{killed} kills, {ended} runs that ended by themselves");
}

/// Names and digests.
fn contents(files: &[(PathBuf, Vec<u8>)]) -> Vec<(String, String)> {
    files.iter().map(|(path, bytes)| (path.file_name().unwrap().to_string_lossy().into_owned(), Hash::of(bytes).to_hex())).collect()
}
