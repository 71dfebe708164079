// SPDX-License-Identifier: Apache-2.0
//! Tables and queries of PostgreSQL, in the server that `.ci/stores` starts.
#![cfg(feature = "postgres")]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod common;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float32Type, Float64Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use comity_border::plan::compile;
use comity_border::{Manifest, Plan};
use comity_crossing::{Copies, Crossed, CrossingError, Format, Job, Survey, Wanted, copies, cross, staging_of, survey};
use comity_evidence::Hash;
use comity_judge::Options;
use comity_law::Library;
use common::{DAY, FLOW, LAW, MANIFEST, Row, bytes_of, people, planned, secret, write_parquet};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use postgres::{Client, NoTls};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A schema of its own in the server.
struct Server {
    url: String,
    schema: String,
    client: Client,
}

impl Server {
    /// The server, or `None`, said aloud, where there is none.
    fn new() -> Option<Self> {
        static SCHEMAS: AtomicUsize = AtomicUsize::new(0);
        let Ok(url) = std::env::var("COMITY_POSTGRES") else {
            assert!(std::env::var("COMITY_STORES_REQUIRED").as_deref() != Ok("1"), "there is no server: run `.ci/stores`");
            let _ = writeln!(std::io::stderr().lock(), "SKIPPED {:?}: `.ci/stores` runs it", std::thread::current().name());
            return None;
        };
        let schema = format!("crossing_{}_{}", std::process::id(), SCHEMAS.fetch_add(1, Ordering::Relaxed));
        let mut client = Client::connect(&url, NoTls).unwrap();
        client.batch_execute(&format!("CREATE SCHEMA {schema}; SET search_path TO {schema}")).unwrap();
        Some(Self { url, schema, client })
    }

    fn run(&mut self, sql: &str) {
        self.client.batch_execute(sql).unwrap();
    }

    fn table(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("{}#{}.{name}", self.url, self.schema))
    }

    fn query(&self, folder: &Path, sql: &str) -> (Vec<PathBuf>, PathBuf) {
        let path = folder.join("asked.sql");
        fs::write(&path, sql.replace("SCHEMA", &self.schema)).unwrap();
        (vec![PathBuf::from(&self.url)], path)
    }

    /// The people as a table of theirs.
    fn fill(&mut self, name: &str, rows: &[Row], more: &str) {
        self.run(&format!("CREATE TABLE {name} (email text, name varchar(80), place text, consent char(3), age int8, points int8{more})"));
        let mut writer =
            self.client.copy_in(&format!("COPY {name} (email, name, place, consent, age, points) FROM STDIN (FORMAT csv)")).unwrap();
        let mut csv = csv::Writer::from_writer(&mut writer);
        for row in rows {
            csv.write_record(row.iter().map(|cell| cell.as_deref().unwrap_or_default())).unwrap();
        }
        drop(csv);
        writer.finish().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.client.batch_execute(&format!("DROP SCHEMA {} CASCADE", self.schema));
    }
}

fn copied(tables: &[PathBuf], query: Option<&Path>, staging: Option<&Path>) -> Result<Copies, CrossingError> {
    copies(Wanted { tables, query, certificates: None, staging }, &mut |_| {})
}

fn refused(tables: &[PathBuf], query: Option<&Path>) -> String {
    copied(tables, query, None).err().map(|error| error.to_string()).unwrap_or_default()
}

/// A plan of what was copied, which names what it was copied from.
fn of_copies(copies: &Copies) -> (Plan, Survey) {
    let (mut plan, mut found) = planned(copies.tables(), MANIFEST);
    copies.name(&mut found.inputs);
    plan.inputs.clone_from(&found.inputs);
    (plan, found)
}

fn job(to: &Path, inputs: &[PathBuf], found: &Survey) -> Job {
    Job { to: to.to_path_buf(), apart: to.with_extension("apart"), stamps: found.stamps.clone(), ..common::job(to, inputs) }
}

fn made(plan: &Plan, job: &Job) -> Result<Crossed, CrossingError> {
    cross(plan, Some(&secret()), job, &mut |_| true)
}

/// The one batch of a copy.
fn batch(path: &Path) -> RecordBatch {
    let mut rows = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap().build().unwrap();
    rows.next().unwrap().unwrap()
}

#[test]
fn every_type_comes_as_what_it_is() {
    let Some(mut server) = Server::new() else { return };
    server.run(
        "CREATE TYPE mood AS ENUM ('calm', 'cross'); CREATE DOMAIN short AS text CHECK (length(value) < 9); CREATE DOMAIN few AS int2; \
         CREATE TYPE pair AS (a int, b text); \
         CREATE TABLE everything (id int4 PRIMARY KEY, b bool, i2 int2, i8 int8, f4 float4, f8 float8, n numeric, t text, v varchar(9), \
           c char(5), u uuid, j json, jb jsonb, d date, ts timestamp, tz timestamptz, raw bytea, m mood, s short, w few, \
           many int[], spell interval, money money, net inet, part pair, span int4range, at time); \
         INSERT INTO everything VALUES \
           (1, true, -32768, 9223372036854775807, 1.5, 0.1, 123456789012345678901234567890.0100, 'Ä ''\"\n', 'v', 'ab', \
            '6F9619FF-8B86-D011-B42D-00C04FC964FF', '{\"a\" :1}', '{\"b\":2, \"a\": 1}', '1999-12-31', '1999-12-31 23:59:59.999999', \
            '2024-02-29 12:00:00+02', '\\x00ff', 'cross', 'brief', 7, '{1,NULL,3}', '1 day 02:03', 12.5, '10.0.0.1/8', (4, 'x,y'), '[1,5)', '08:30'), \
           (3, false, 0, 0, 'NaN', '-Infinity', 'NaN', '', '', '', null, 'null', 'null', '0001-01-01', '9999-12-31 23:59:59.999999', \
            '0001-01-01 00:00:00+00', '', 'calm', '', 0, '{}', '0', 0, '::1', null, 'empty', '24:00'); INSERT INTO everything (id) VALUES (2)",
    );
    let copies = copied(&[server.table("everything")], None, None).unwrap();
    let rows = batch(&copies.tables()[0]);
    assert_eq!(rows.num_rows(), 3);
    let cells = |name: &str| rows.column_by_name(name).unwrap();
    let texts = |name: &str| cells(name).as_string::<i32>().iter().map(|cell| cell.unwrap_or("none").to_owned()).collect::<Vec<_>>();
    assert_eq!(cells("id").as_primitive::<Int32Type>().values(), &[1, 2, 3]);
    assert_eq!(cells("b").as_boolean().iter().collect::<Vec<_>>(), [Some(true), None, Some(false)]);
    assert_eq!(cells("i2").as_primitive::<Int16Type>().iter().collect::<Vec<_>>(), [Some(i16::MIN), None, Some(0)]);
    assert_eq!(cells("i8").as_primitive::<Int64Type>().value(0), i64::MAX);
    assert_eq!(cells("f4").as_primitive::<Float32Type>().value(0).to_bits(), 1.5_f32.to_bits());
    assert!(cells("f4").as_primitive::<Float32Type>().value(2).is_nan());
    assert_eq!(cells("f8").as_primitive::<Float64Type>().value(0).to_bits(), 0.1_f64.to_bits());
    assert_eq!(cells("d").as_primitive::<Date32Type>().iter().collect::<Vec<_>>(), [Some(10_956), None, Some(-719_162)]);
    let times = |name: &str| cells(name).as_primitive::<TimestampMicrosecondType>().iter().collect::<Vec<_>>();
    assert_eq!(times("ts"), [Some(946_684_799_999_999), None, Some(253_402_300_799_999_999)]);
    assert_eq!(times("tz"), [Some(1_709_200_800_000_000), None, Some(-62_135_596_800_000_000)]);
    assert_eq!(cells("ts").data_type(), &DataType::Timestamp(TimeUnit::Microsecond, None));
    assert!(matches!(cells("tz").data_type(), DataType::Timestamp(TimeUnit::Microsecond, Some(_))));
    assert_eq!(cells("raw").as_binary::<i32>().iter().collect::<Vec<_>>(), [Some([0, 255].as_slice()), None, Some([].as_slice())]);
    assert_eq!(cells("w").as_primitive::<Int16Type>().value(0), 7);
    for (column, expected) in [
        ("n", ["123456789012345678901234567890.0100", "none", "NaN"]),
        ("t", ["Ä '\"\n", "none", ""]),
        ("v", ["v", "none", ""]),
        // The blanks that fill it up are no part of the value.
        ("c", ["ab", "none", ""]),
        ("u", ["6f9619ff-8b86-d011-b42d-00c04fc964ff", "none", "none"]),
        ("j", ["{\"a\" :1}", "none", "null"]),
        ("jb", ["{\"a\": 1, \"b\": 2}", "none", "null"]),
        ("m", ["cross", "none", "calm"]),
        ("s", ["brief", "none", ""]),
        ("many", ["{1,NULL,3}", "none", "{}"]),
        ("spell", ["P1DT2H3M", "none", "PT0S"]),
        ("money", ["$12.50", "none", "$0.00"]),
        ("net", ["10.0.0.1/8", "none", "::1/128"]),
        ("part", ["(4,\"x,y\")", "none", "none"]),
        ("span", ["[1,5)", "none", "empty"]),
        ("at", ["08:30:00", "none", "24:00:00"]),
    ] {
        assert_eq!(texts(column), expected, "{column}");
    }
    for (column, value, found) in
        [("d", "infinity", "`infinity`"), ("d", "4713-01-01 BC", "one outside"), ("tz", "-infinity", "`-infinity`")]
    {
        server.run(&format!("UPDATE everything SET {column} = '{value}' WHERE id = 2"));
        let said = refused(&[server.table("everything")], None);
        assert!(
            said.contains(&format!("{}.everything`: column `{column}`, row 2: expected", server.schema)) && said.contains(found),
            "{said}"
        );
        server.run(&format!("UPDATE everything SET {column} = NULL WHERE id = 2"));
    }
}

#[test]
fn rows_of_a_database_cross_as_those_of_a_file() {
    let Some(mut server) = Server::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let rows = people(20_000, 7, false);
    server.fill("people", &rows, ", number bigserial PRIMARY KEY");
    let asked = "SELECT email, name, place, consent, age, points FROM SCHEMA.people";
    let (url, query) = server.query(folder.path(), asked);
    let copies = copied(&url, Some(&query), None).unwrap();
    let (plan, found) = of_copies(&copies);
    assert!(
        plan.inputs[0].name.ends_with("/comity?query=asked.sql") && !plan.inputs[0].name.contains("comity@"),
        "{}",
        plan.inputs[0].name
    );
    // A query has the order of its rows, whatever the order in which they lie: so has this file.
    let mut sorted = rows.clone();
    sorted.sort_by_key(|row| row.clone().map(|cell| (cell.is_none(), cell)));
    let path = folder.path().join("people.parquet");
    write_parquet(&path, &sorted, 5000);
    let inputs = [path];
    let (of_file, seen) = planned(&inputs, MANIFEST);
    assert_eq!((found.rows, &found.combinations), (seen.rows, &seen.combinations));
    assert_eq!(plan.decisions, of_file.decisions);
    for format in [Format::Csv, Format::JsonLines, Format::Parquet] {
        let to = folder.path().join(format!("db-{}", format.ending()));
        let base = folder.path().join(format!("file-{}", format.ending()));
        let crossed = made(&plan, &Job { format: Some(format), ..job(&to, copies.tables(), &found) }).unwrap();
        let expected = made(&of_file, &Job { format: Some(format), ..job(&base, &inputs, &seen) }).unwrap();
        assert_eq!(crossed.tally, expected.tally);
        if format != Format::Parquet {
            let data = |folder: &Path| {
                let all = bytes_of(folder).into_iter().filter(|(path, _)| path.extension().unwrap() == format.ending());
                all.map(|(_, bytes)| bytes).collect::<Vec<_>>()
            };
            assert_eq!(data(&to), data(&base), "{format:?}");
            assert_eq!(data(&to.with_extension("apart")), data(&base.with_extension("apart")), "{format:?}");
        }
    }
    // The copy is the owner's alone, and goes.
    let copy = copies.tables()[0].clone();
    let mode = |path: &Path| std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).unwrap().permissions()) & 0o777;
    assert_eq!((mode(&copy), mode(copy.parent().unwrap())), (0o600, 0o700));
    drop(copies);
    assert!(!copy.parent().unwrap().exists());
}

/// The digest by which a plan would name a table.
fn digest_of(server: &Server, name: &str) -> Hash {
    copied(&[server.table(name)], None, None).map(|copies| of_copies(&copies).0.inputs[0].digest).unwrap()
}

#[test]
fn the_same_rows_are_the_same_digest_in_whatever_order_they_lie() {
    let Some(mut server) = Server::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    let rows = people(3000, 7, false);
    server.fill("forth", &rows, "");
    server.fill("back", &rows.iter().rev().cloned().collect::<Vec<_>>(), "");
    server.run(
        "CREATE TABLE keyed AS SELECT row_number() OVER (ORDER BY email) AS id, * FROM forth; \
         ALTER TABLE keyed ADD PRIMARY KEY (id); CREATE TABLE same AS SELECT * FROM keyed ORDER BY id DESC; \
         ALTER TABLE same ALTER COLUMN id SET NOT NULL; CREATE UNIQUE INDEX ON same (id) INCLUDE (email)",
    );
    assert_eq!(digest_of(&server, "forth"), digest_of(&server, "back"));
    let of = |name: &str| {
        let (url, query) = server.query(folder.path(), &format!("SELECT * FROM SCHEMA.{name} ORDER BY random() -- as it comes"));
        let copies = copied(&url, Some(&query), None);
        copies.map(|copies| of_copies(&copies).0.inputs[0].digest).unwrap_or_else(|error| panic!("{error}"))
    };
    assert_eq!(of("forth"), of("back"));
    let numbered = |name: &str| {
        let copies = copied(&[server.table(name)], None, None).unwrap();
        let mut inputs = survey(
            copies.tables(),
            &Manifest::parse(&format!("{MANIFEST}\n[columns.id]\nholds = []\nidentifies = \"no\"\n")).unwrap(),
            DAY,
            &mut |_| {},
        )
        .unwrap()
        .inputs;
        copies.name(&mut inputs);
        inputs[0].digest
    };
    assert_eq!(numbered("keyed"), numbered("same"));
    let before = digest_of(&server, "forth");
    server.run("UPDATE forth SET points = 1001 WHERE email LIKE '%-17-x@%'");
    assert_ne!(before, digest_of(&server, "forth"));
    // The same rows under other names are another table.
    server.run("ALTER TABLE back RENAME COLUMN age TO years; ALTER TABLE back RENAME COLUMN points TO age; ALTER TABLE back RENAME COLUMN years TO points");
    assert_ne!(before, digest_of(&server, "back"));
}

#[test]
fn tables_of_one_database_are_of_one_moment() {
    let Some(mut server) = Server::new() else { return };
    server.fill("first", &people(10, 7, true), "");
    server.fill("second", &people(10, 8, true), "");
    let tables = [server.table("first"), server.table("second")];
    let mut other = Client::connect(&server.url, NoTls).unwrap();
    let (schema, mut done) = (server.schema.clone(), false);
    let copies = copies(Wanted { tables: &tables, query: None, certificates: None, staging: None }, &mut |progress| {
        // While the first is read, somebody takes all people out of the second.
        if progress.rows > 0 && !done {
            done = true;
            other.batch_execute(&format!("DELETE FROM {schema}.second")).unwrap();
        }
    });
    let copies = copies.unwrap();
    let (_, found) = of_copies(&copies);
    assert_eq!((done, found.rows), (true, 20));
}

#[test]
fn a_query_reads_and_nothing_else() {
    let Some(mut server) = Server::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    server.run(
        "CREATE TABLE kept (id int PRIMARY KEY); INSERT INTO kept VALUES (1); CREATE SEQUENCE numbers; \
         CREATE FUNCTION away() RETURNS int LANGUAGE sql AS 'DELETE FROM kept RETURNING id'",
    );
    server.run(&format!("ALTER FUNCTION away() SET search_path TO {}", server.schema));
    for (sql, expected) in [
        ("DELETE FROM SCHEMA.kept RETURNING id", "syntax error"),
        ("WITH gone AS (DELETE FROM SCHEMA.kept RETURNING id) SELECT * FROM gone", "data-modifying statement must be at the top level"),
        ("SELECT nextval('SCHEMA.numbers')", "cannot execute nextval() in a read-only transaction"),
        ("SELECT SCHEMA.away()", "cannot execute DELETE in a read-only transaction"),
        ("SELECT set_config('transaction_read_only', 'off', false)", "read-write mode"),
        ("SELECT 1 AS a; -- one", "expected one SELECT, with nothing after its semicolon"),
        ("SELECT 1 AS a; DELETE FROM SCHEMA.kept", "cannot insert multiple commands"),
        ("SELECT 1 AS a) AS q) TO STDOUT; DELETE FROM SCHEMA.kept; --", "syntax error"),
        ("DELETE FROM SCHEMA.kept", "expected rows with columns"),
        ("SELECT id FROM SCHEMA.kept WHERE id = $1", "without parameters"),
        ("SELECT id, id FROM SCHEMA.kept", "found two that are named `id`"),
        ("SELECT 1 AS a\n  FROM kept", "asked.sql`: line 2, column 8: ERROR: relation \"kept\" does not exist; write the schema"),
        ("", "expected rows with columns"),
    ] {
        let (url, query) = server.query(folder.path(), sql);
        let said = refused(&url, Some(&query));
        assert!(said.contains(expected), "{sql}: {said}");
    }
    let kept: i64 = server.client.query_one("SELECT count(*) FROM kept", &[]).unwrap().get(0);
    let next: i64 = server.client.query_one("SELECT nextval('numbers')", &[]).unwrap().get(0);
    assert_eq!((kept, next), (1, 1));
    let (url, query) = server.query(folder.path(), "VALUES (1, 'a'), (2, NULL) -- no names of their own\n ;");
    let copies = copied(&url, Some(&query), None).unwrap();
    assert_eq!(batch(&copies.tables()[0]).num_rows(), 2);
    let named = [server.table("kept")];
    assert!(refused(&named, Some(&query)).contains("name it alone, without a table"));
    assert!(refused(&[folder.path().join("people.csv")], Some(&query)).contains("is put to one database"));
}

#[test]
fn names_are_names_whatever_they_hold() {
    let Some(mut server) = Server::new() else { return };
    let schema = server.schema.clone();
    server.run("CREATE TABLE \"Pe\"\"op.le; DROP TABLE people\" (\"a \"\"b\" int, \"select\" text); INSERT INTO \"Pe\"\"op.le; DROP TABLE people\" VALUES (1, 'x')");
    server.run("CREATE TABLE people (id int PRIMARY KEY); CREATE VIEW seen AS SELECT * FROM people; CREATE INDEX by_id ON people (id)");
    server.run("CREATE TABLE folk (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE folk_1 PARTITION OF folk FOR VALUES FROM (0) TO (9); INSERT INTO folk VALUES (3)");
    server.run("CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child () INHERITS (parent); INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1)");
    let odd = copied(&[server.table("\"Pe\"\"op.le; DROP TABLE people\"")], None, None).unwrap();
    let rows = batch(&odd.tables()[0]);
    assert_eq!(rows.schema().fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>(), ["a \"b", "select"]);
    for (name, count) in [("folk", 1), ("parent", 2)] {
        let copies = copied(&[server.table(name)], None, None).unwrap();
        assert_eq!(batch(&copies.tables()[0]).num_rows(), count, "{name}");
    }
    for (name, expected) in [
        ("peopel", format!("found none named `{schema}.peopel`; did you mean `{schema}.people`?")),
        ("People", format!("did you mean `{schema}.people`?")),
        ("by_id", "expected a table or a view, found something else".to_owned()),
        ("a.b", "expected a table as in `#schema.table`".to_owned()),
        ("people'; DROP TABLE people; --", "expected a table that is there".to_owned()),
    ] {
        let said = refused(&[server.table(name)], None);
        assert!(said.contains(&expected), "{name}: {said}");
    }
    assert!(copied(&[server.table("seen")], None, None).is_ok() && copied(&[server.table("people")], None, None).is_ok());
    let said = refused(&[PathBuf::from(&server.url)], None);
    assert!(said.contains("expected a table, as in `postgres://") && said.contains("--query FILE"), "{said}");
    let said = refused(&[PathBuf::from("postgres://someone:hunter2@db.example/shop#people")], None);
    assert!(said.contains("PGPASSWORD") && !said.contains("hunter2"), "{said}");
}

#[test]
fn a_server_that_goes_away_leaves_nothing() {
    let Some(mut server) = Server::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    server.fill("people", &people(30_000, 7, false), "");
    let marked = format!("{}&application_name=crossing_cut", server.url);
    let table = [PathBuf::from(format!("{marked}#{}.people", server.schema))];
    let staging = staging_of(&folder.path().join("out"), &folder.path().join("out.apart"));
    let mut at = 0;
    let cut = copies(Wanted { tables: &table, query: None, certificates: None, staging: Some(&staging) }, &mut |progress| {
        if progress.rows > 0 && at == 0 {
            at = progress.rows;
            server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'crossing_cut'");
        }
    });
    let said = cut.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(at > 0 && at < 30_000, "{at}");
    assert!(said.starts_with("cannot read `postgres://") && said.to_lowercase().contains("connection"), "{said}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn an_interrupted_crossing_goes_on_with_the_rows_it_was_begun_with() {
    let Some(mut server) = Server::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    // Written as CSV, every row is decoded, so that there is a time to stop at.
    let in_csv = |job: Job| Job { format: Some(Format::Csv), ..job };
    let rows = people(60_000, 7, false);
    server.fill("people", &rows, ", number bigserial PRIMARY KEY");
    let (url, query) = server.query(folder.path(), "SELECT email, name, place, consent, age, points FROM SCHEMA.people");
    let whole = copied(&url, Some(&query), None).unwrap();
    let (plan, found) = of_copies(&whole);
    let base = made(&plan, &in_csv(job(&folder.path().join("base"), whole.tables(), &found))).unwrap();

    let to = folder.path().join("out");
    let staging = staging_of(&to, &to.with_extension("apart"));
    let first = copied(&url, Some(&query), Some(&staging)).unwrap();
    let (same, found) = of_copies(&first);
    assert_eq!(plan.hash().unwrap(), same.hash().unwrap());
    assert!(matches!(copied(&url, Some(&query), Some(&staging)), Err(CrossingError::Busy(_))));
    let stopped = cross(&same, Some(&secret()), &in_csv(job(&to, first.tables(), &found)), &mut |_| false);
    assert!(matches!(stopped, Err(CrossingError::Stopped)) && !first.resumed());
    drop(first);
    // The table goes on living: the crossing is of the rows that were decided.
    server.run("DELETE FROM people WHERE number > 10");
    let again = copied(&url, Some(&query), Some(&staging)).unwrap();
    let (plan, found) = of_copies(&again);
    assert!(again.resumed() && plan.hash().unwrap() == same.hash().unwrap());
    // Another query under the same name is another crossing.
    drop(again);
    server.query(folder.path(), "SELECT email, name, place, consent, age, points FROM SCHEMA.people WHERE age > 20");
    assert!(matches!(copied(&url, Some(&query), Some(&staging)), Err(CrossingError::Begun(_))));
    server.query(folder.path(), "SELECT email, name, place, consent, age, points FROM SCHEMA.people");
    let again = copied(&url, Some(&query), Some(&staging)).unwrap();
    let crossed = made(&plan, &in_csv(job(&to, again.tables(), &found))).unwrap();
    assert_eq!((crossed.tally, crossed.before), (base.tally, false));
    drop(again);
    assert!(!staging.exists());
    // A copy that is not the one that was noted is not gone on with.
    let to = folder.path().join("other");
    let staging = staging_of(&to, &to.with_extension("apart"));
    let begun = copied(&url, Some(&query), Some(&staging)).unwrap();
    fs::write(staging.join("plan.json"), "").unwrap();
    let copy = begun.tables()[0].clone();
    drop(begun);
    fs::write(&copy, "other").unwrap();
    let said = refused_in(&url, &query, &staging);
    assert!(said.contains("is not there, or has changed; remove"), "{said}");
    fs::remove_file(staging.join("plan.json")).unwrap();
    // Without a plan it is what a killed process left.
    assert!(copied(&url, Some(&query), Some(&staging)).is_ok_and(|copies| !copies.resumed()));
    assert!(!staging.exists());
}

fn refused_in(url: &[PathBuf], query: &Path, staging: &Path) -> String {
    copied(url, Some(query), Some(staging)).err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn times_and_flags_are_understood_and_written() {
    let Some(mut server) = Server::new() else { return };
    let folder = tempfile::tempdir().unwrap();
    server.run(
        "CREATE TABLE visits (id int PRIMARY KEY, consent bool, born date, seen timestamptz, local timestamp); \
         INSERT INTO visits VALUES (1, true, '1990-07-14', '2026-01-02 03:04:05+00', '2026-01-02 03:04:05'), (2, false, null, null, null)",
    );
    let manifest = "table = \"visits\"\n[columns.id]\nholds = []\nidentifies = \"no\"\n[columns.consent]\nholds = []\nidentifies = \"no\"\n\
        decides = \"safeguards.consent\"\nwords = { true = [\"explicit\"], false = false }\n[columns.born]\nholds = [\"date-of-birth\"]\nidentifies = \"together\"\n\
        measures = [\"generalise year\"]\n[columns.seen]\nholds = [\"preference\"]\nidentifies = \"no\"\nmeasures = [\"generalise month\"]\n\
        [columns.local]\nholds = [\"preference\"]\nidentifies = \"no\"\n";
    let copies = copied(&[server.table("visits")], None, None).unwrap();
    let (library, _) = Library::read([("xx/act.law".to_owned(), LAW.to_owned())]);
    let manifest = Manifest::parse(manifest).unwrap();
    let found = survey(copies.tables(), &manifest, DAY, &mut |_| {}).unwrap();
    let flow = format!("{FLOW}\n[subjects]\nlocated = [\"FR\"]\n");
    let plan = compile(&library, &Options::today(DAY), &flow, &manifest, None, &found.cells()).unwrap();
    let to = folder.path().join("out");
    cross(&plan, None, &Job { format: Some(Format::Csv), ..job(&to, copies.tables(), &found) }, &mut |_| true).unwrap();
    let sent = fs::read_to_string(to.join("part-000000.csv")).unwrap();
    assert_eq!(sent, "id,consent,born,seen,local\n1,true,1990,2026-01,2026-01-02T03:04:05\n");
    let apart = fs::read_to_string(to.with_extension("apart").join("part-000000.csv")).unwrap();
    assert!(apart.contains("\n2,false,,,,"), "{apart}");
}
