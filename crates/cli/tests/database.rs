// SPDX-License-Identifier: Apache-2.0
//! `comity cross` and `comity discover` with tables in PostgreSQL. `.ci/stores` starts the server.
#![cfg(all(feature = "border", feature = "postgres"))]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};

fn example(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/crossing").join(name).to_str().unwrap().to_owned()
}

/// A folder, and a schema in the server with the people of the tutorial.
struct Place {
    folder: tempfile::TempDir,
    schema: String,
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap()
}

impl Place {
    /// `None`, said aloud, where there is no server.
    fn new() -> Option<Self> {
        static SCHEMAS: AtomicUsize = AtomicUsize::new(0);
        if std::env::var("COMITY_POSTGRES").is_err() {
            assert!(std::env::var("COMITY_STORES_REQUIRED").as_deref() != Ok("1"), "there is no server: run `.ci/stores`");
            let _ = writeln!(std::io::stderr().lock(), "SKIPPED {:?}: `.ci/stores` runs it", std::thread::current().name());
            return None;
        }
        let schema = format!("command_{}_{}", std::process::id(), SCHEMAS.fetch_add(1, Ordering::Relaxed));
        let place = Self { folder: tempfile::tempdir().unwrap(), schema };
        std::fs::write(place.path("secret.hex"), "5c".repeat(32)).unwrap();
        std::fs::create_dir(place.path("temporary")).unwrap();
        place.run("CREATE SCHEMA SCHEMA");
        place.run(
            "CREATE TABLE SCHEMA.people (customer_id text PRIMARY KEY, name text, email text, country text, consent text, born date, \
             last_ip text, plan text, health_note text)",
        );
        place.run(&format!("\\copy SCHEMA.people FROM '{}' (FORMAT csv, HEADER)", example("people.csv")));
        Some(place)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, sql: &str) {
        let sql = sql.replace("SCHEMA.", &format!("{}.", self.schema)).replace("SCHEMA SCHEMA", &format!("SCHEMA {}", self.schema));
        let done = Command::new(variable("COMITY_PSQL")).args([&variable("COMITY_POSTGRES"), "-qc", &sql]).output().unwrap();
        assert!(done.status.success() && done.stderr.is_empty(), "{sql}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn people(&self) -> String {
        format!("{}#{}.people", variable("COMITY_POSTGRES"), self.schema)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_comity"));
        command.args(args).current_dir(self.folder.path()).env("NO_COLOR", "1").env("TMPDIR", self.path("temporary"));
        command.env("HOME", self.folder.path()).env_remove("PGPASSWORD").env_remove("PGPASSFILE");
        command
    }

    fn cross(&self, table: &str, more: &[&str]) -> Output {
        let (flow, manifest) = (example("to-austin.toml"), example("people.toml"));
        let mut args = vec!["cross", &flow, table, "--manifest", &manifest, "--secret", "secret.hex"];
        args.extend(more);
        self.command(&args).output().unwrap()
    }

    /// Whether nothing is left of a copy, wherever it was.
    fn clean(&self) -> bool {
        self.path("temporary").read_dir().unwrap().next().is_none() && !self.path("austin.crossing").exists()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.run(&format!("SET client_min_messages TO warning; DROP SCHEMA {} CASCADE", self.schema));
    }
}

fn said(output: &Output) -> String {
    let both = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    both.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn hash(output: &Output) -> String {
    let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
    plan["hash"].as_str().unwrap().to_owned()
}

#[test]
fn a_table_crosses_as_it_was_looked_at_or_not_at_all() {
    let Some(place) = Place::new() else { return };
    let people = place.people();
    let looked = place.cross(&people, &["--dry-run", "--format", "json"]);
    assert_eq!(looked.status.code(), Some(12), "{}", said(&looked));
    let approved = hash(&looked);
    assert!(place.clean());

    place.run("UPDATE SCHEMA.people SET consent = 'none' WHERE customer_id = 'C-1001'");
    let changed = place.cross(&people, &["--to", "austin", "--approved", &approved]);
    assert_eq!(changed.status.code(), Some(10), "{}", said(&changed));
    assert!(place.clean() && !place.path("austin").exists(), "nothing is left of what was not approved");
    place.run("UPDATE SCHEMA.people SET consent = 'v3' WHERE customer_id = 'C-1001'");

    let crossed = place.cross(&people, &["--to", "austin", "--approved", &approved, "--as", "csv"]);
    assert_eq!(crossed.status.code(), Some(12), "{}", said(&crossed));
    assert!(place.clean());
    // What the server has written down anew lies in another order by now, and crosses in the same one.
    let of_file = place.cross(&example("people.csv"), &["--to", "file"]);
    assert_eq!(of_file.status.code(), Some(12), "{}", said(&of_file));
    for part in ["austin/part-000000.csv", "austin.apart/part-000000.csv"] {
        let read = |name: &str| std::fs::read_to_string(place.path(name)).unwrap();
        assert_eq!(read(part), read(&part.replace("austin", "file")), "{part}");
    }
    let record = std::fs::read_to_string(place.path("austin/crossing.json")).unwrap();
    let parsed: Value = serde_json::from_str(&record).unwrap();
    let name = parsed["inputs"][0]["name"].as_str().unwrap();
    assert!(name.starts_with("postgres://") && name.ends_with(&format!("/comity#{}.people", place.schema)), "{name}");
    assert!(!record.contains("comity@") && !record.contains("port="), "{record}");

    let again = place.cross(&people, &["--to", "austin", "--as", "csv"]);
    assert!(said(&again).starts_with("Published before; nothing was done now"), "{}", said(&again));
    assert!(place.clean());

    // Into a pipe, and as the sample of one.
    let piped = place.cross(&people, &["--to", "-", "--as", "csv", "--apart", "piped"]);
    assert_eq!(String::from_utf8_lossy(&piped.stdout), std::fs::read_to_string(place.path("austin/part-000000.csv")).unwrap());
    assert!(place.clean());
}

#[test]
fn a_query_crosses_and_one_that_writes_does_not() {
    let Some(place) = Place::new() else { return };
    let url = variable("COMITY_POSTGRES");
    let ask = |sql: &str| std::fs::write(place.path("asked.sql"), sql.replace("SCHEMA", &place.schema)).unwrap();
    ask("-- Customers who are known\nSELECT * FROM SCHEMA.people WHERE country IS NOT NULL;\n");
    let crossed = place.cross(&url, &["--query", "asked.sql", "--to", "austin", "--as", "csv"]);
    assert_eq!(crossed.status.code(), Some(12), "{}", said(&crossed));
    let record: Value = serde_json::from_str(&std::fs::read_to_string(place.path("austin/crossing.json")).unwrap()).unwrap();
    assert_eq!((record["rows"]["read"].as_u64(), record["rows"]["unknown"].as_u64()), (Some(9), Some(0)));
    assert!(record["inputs"][0]["name"].as_str().unwrap().ends_with("?query=asked.sql"));

    ask("WITH gone AS (DELETE FROM SCHEMA.people RETURNING *) SELECT * FROM gone");
    let refused = place.cross(&url, &["--query", "asked.sql", "--to", "other"]);
    assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    ask("SELECT *\nFROM people");
    let refused = place.cross(&url, &["--query", "asked.sql", "--to", "other"]);
    assert_eq!(refused.status.code(), Some(3), "{}", said(&refused));
    assert!(said(&refused).contains("asked.sql`: line 2, column 6:"), "{}", said(&refused));
    let refused = place.cross(&place.people(), &["--query", "asked.sql", "--dry-run"]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(!place.path("other").exists() && !place.path("other.crossing").exists());
    let whole = place.cross(&place.people(), &["--dry-run", "--format", "json"]);
    assert!(String::from_utf8_lossy(&whole.stdout).contains("\"rows\":10"), "nobody is gone");
}

#[test]
fn another_machine_is_reached_encrypted_with_a_password_from_elsewhere() {
    let Some(place) = Place::new() else { return };
    let encrypted = format!("{}#{}.people", variable("COMITY_POSTGRES_TLS"), place.schema);
    let (flow, manifest) = (example("to-austin.toml"), example("people.toml"));
    let (right, other) = (variable("COMITY_CERTIFICATES"), variable("COMITY_OTHER_CERTIFICATES"));
    let password = variable("COMITY_POSTGRES_PASSWORD");
    let look = |certificates: Option<&str>, password: Option<&str>| {
        let mut args = vec!["cross", &flow, &encrypted, "--manifest", &manifest, "--secret", "secret.hex", "--dry-run"];
        args.extend(certificates.into_iter().flat_map(|file| ["--certificates", file]));
        let mut command = place.command(&args);
        command.envs(password.map(|password| ("PGPASSWORD", password)));
        let output = command.output().unwrap();
        (output.status.code(), said(&output))
    };
    assert_eq!(look(Some(&right), Some(&password)).0, Some(12));
    for certificates in [None, Some(other.as_str())] {
        let (status, told) = look(certificates, Some(&password));
        assert!(status == Some(1) && told.contains("certificate") && !told.contains("hunter2"), "{told}");
    }
    let (status, told) = look(Some(&right), Some("hunter3"));
    assert!(status == Some(1) && told.contains("password authentication failed") && !told.contains("hunter3"), "{told}");
    assert_eq!(look(Some(&right), None).0, Some(1));
    // From the file that PostgreSQL's own tools read.
    std::fs::write(place.path(".pgpass"), format!("localhost:*:comity:comity:{password}\n")).unwrap();
    let mode = |mode| std::os::unix::fs::PermissionsExt::from_mode(mode);
    std::fs::set_permissions(place.path(".pgpass"), mode(0o644)).unwrap();
    let (status, told) = look(Some(&right), None);
    assert!(status == Some(1) && told.contains("chmod 600"), "{told}");
    std::fs::set_permissions(place.path(".pgpass"), mode(0o600)).unwrap();
    assert_eq!(look(Some(&right), None).0, Some(12));
    let (status, told) = {
        let output = place.cross("postgres://comity:hunter2@localhost/comity#people", &["--dry-run"]);
        (output.status.code(), said(&output))
    };
    assert!(status == Some(1) && told.contains("PGPASSWORD") && !told.contains("hunter2"), "{told}");
}

#[test]
fn a_manifest_is_drafted_of_a_table() {
    let Some(place) = Place::new() else { return };
    let drafted = |args: &[&str]| {
        let output = place.command(args).output().unwrap();
        assert!(output.status.code().is_some_and(|status| status == 0 || status == 12), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    };
    let of_table = drafted(&["discover", &place.people()]);
    assert_eq!(of_table.replace("Date32", "Utf8"), drafted(&["discover", &example("people.csv")]));
    std::fs::write(place.path("people.sql"), format!("SELECT * FROM {}.people", place.schema)).unwrap();
    assert_eq!(drafted(&["discover", &variable("COMITY_POSTGRES"), "--query", "people.sql"]), of_table);
    assert!(place.clean());
}
