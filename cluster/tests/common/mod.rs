// SPDX-License-Identifier: Apache-2.0
//! A scheduler and executors on this machine as processes of their own, and tables of people who do not exist.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, dead_code, reason = "a test fails by panicking; not every test needs all of it")]

use comity_border::plan::compile;
use comity_border::{Manifest, Plan, Secret};
use comity_crossing::{Crossed, Job, cross, survey};
use comity_judge::Options;
use comity_law::Library;
use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::file::properties::WriterProperties;
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub const SECRET: &str = "0505050505050505050505050505050505050505050505050505050505050505";
pub const OTHER: &str = "0606060606060606060606060606060606060606060606060606060606060606";

const HEAD: [&str; 9] = ["customer_id", "name", "email", "country", "consent", "born", "last_ip", "plan", "health_note"];

/// A small generator of numbers: the same every time.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }
}

/// Customers of the shop of the tutorial: most may go to Austin, some may not, of some nobody knows where they live.
pub fn people(count: usize, seed: u64) -> Vec<[String; 9]> {
    let mut numbers = Numbers(seed);
    let one = |numbers: &mut Numbers, of: &[&str]| of[usize::try_from(numbers.below(of.len() as u64)).unwrap()].to_owned();
    (0..count)
        .map(|number| {
            [
                format!("C{seed}-{number}"),
                format!("Surname-{seed}-{number}"),
                format!("someone-{seed}-{number}@example.org"),
                one(&mut numbers, &["Ireland", "Ireland", "Germany", "France", "Brazil", "China", "United States", ""]),
                one(&mut numbers, &["v3", "v2", "none", "withdrawn"]),
                format!("{}-0{}-1{}", 1940 + numbers.below(70), 1 + numbers.below(9), numbers.below(9)),
                format!("192.0.{}.{}", numbers.below(255), numbers.below(255)),
                one(&mut numbers, &["basic", "plus"]),
                String::new(),
            ]
        })
        .collect()
}

pub fn write_parquet(path: &Path, rows: &[[String; 9]]) {
    let column = |at: usize| {
        let cells: StringArray = rows.iter().map(|row| Some(row[at].as_str()).filter(|cell| !cell.is_empty())).collect();
        (HEAD[at], Arc::new(cells) as ArrayRef, true)
    };
    let batch = RecordBatch::try_from_iter_with_nullable((0..HEAD.len()).map(column)).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(2_000)).build();
    let mut writer = ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

pub fn write_csv(path: &Path, rows: &[[String; 9]]) {
    let lines = rows.iter().map(|row| row.join(",") + "\n");
    fs::write(path, std::iter::once(HEAD.join(",") + "\n").chain(lines).collect::<String>()).unwrap();
}

pub fn today() -> Date {
    jiff::Zoned::now().date()
}

/// A folder with tables, the plan that `comity cross --save-plan` would write of them, and what `comity cross` publishes.
pub struct Case {
    pub folder: TempDir,
    pub tables: Vec<PathBuf>,
    pub plan: Plan,
    pub expected: Crossed,
}

impl Case {
    /// So many tables in this format, with so many rows each.
    pub fn new(tables: usize, rows: usize, ending: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let tables: Vec<PathBuf> = (0..tables)
            .map(|number| {
                let path = folder.path().join(format!("people-{number}.{ending}"));
                let people = people(rows, number as u64 + 1);
                if ending == "csv" {
                    write_csv(&path, &people)
                } else {
                    write_parquet(&path, &people)
                }
                path
            })
            .collect();
        let plan = planned(&tables);
        fs::write(folder.path().join("plan.json"), plan.to_text().unwrap()).unwrap();
        fs::write(folder.path().join("secret.hex"), SECRET).unwrap();
        let expected = cross(&plan, Some(&secret()), &job(folder.path(), &tables, "embedded"), &mut |_| true).unwrap();
        Self { folder, tables, plan, expected }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn hash(&self) -> String {
        self.plan.hash().unwrap().to_hex()
    }

    /// `comity-cluster cross`, to a folder with this name.
    pub fn cross(&self, scheduler: &str, to: &str) -> Command {
        self.cross_plan(scheduler, to, "plan.json", &self.hash())
    }

    pub fn cross_plan(&self, scheduler: &str, to: &str, plan: &str, approved: &str) -> Command {
        let mut command = command();
        command.arg("cross").arg(self.path(plan)).args(&self.tables).arg("--to").arg(self.path(to));
        command.args(["--scheduler", scheduler, "--approved", approved]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// What was published is what `comity cross` publishes, byte for byte, and nothing is left beside it.
    pub fn assert_same(&self, to: &str) {
        for ending in ["", ".apart"] {
            let (found, expected) = (self.path(&format!("{to}{ending}")), self.path(&format!("embedded{ending}")));
            assert_eq!(bytes_of(&found), bytes_of(&expected), "{}", found.display());
        }
        assert!(!self.path(&format!("{to}.crossing")).exists());
    }

    /// The names of all attempts that were seen until something came true.
    pub fn attempts_until(&self, to: &str, done: impl Fn() -> bool) -> BTreeSet<String> {
        let mut seen = BTreeSet::new();
        let since = Instant::now();
        while !done() && since.elapsed() < Duration::from_secs(60) {
            let attempts = fs::read_dir(self.path(&format!("{to}.crossing/attempts"))).into_iter().flatten().flatten();
            seen.extend(attempts.map(|entry| entry.file_name().to_string_lossy().into_owned()));
            std::thread::sleep(Duration::from_millis(1));
        }
        seen
    }

    /// How many attempts were begun and not ended.
    pub fn unfinished(&self, to: &str) -> usize {
        let attempts = fs::read_dir(self.path(&format!("{to}.crossing/attempts"))).into_iter().flatten().flatten();
        attempts.filter(|entry| fs::read_dir(entry.path()).is_ok_and(|mut files| !files.any(|file| is_note(file.ok())))).count()
    }

    /// Of what is published, either all is there or nothing.
    pub fn assert_nothing_yet(&self, to: &str) {
        let found = bytes_of(&self.path(to));
        assert!(found.is_empty() || found == bytes_of(&self.path("embedded")));
    }

    pub fn assert_nothing(&self, to: &str) {
        assert!(!self.path(to).exists() && !self.path(&format!("{to}.apart")).exists());
    }
}

fn is_note(file: Option<fs::DirEntry>) -> bool {
    file.is_some_and(|file| file.file_name().to_string_lossy().starts_with("unit-"))
}

pub fn job(folder: &Path, tables: &[PathBuf], to: &str) -> Job {
    Job {
        inputs: tables.to_vec(),
        to: folder.join(to),
        apart: folder.join(format!("{to}.apart")),
        day: today(),
        format: None,
        workers: 2,
        budget: None,
        stamps: Vec::new(),
    }
}

pub fn secret() -> Secret {
    Secret::parse(SECRET).unwrap()
}

/// The plan for the flow and the manifest of the tutorial, under the library of laws.
pub fn planned(tables: &[PathBuf]) -> Plan {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/examples/crossing");
    let text = |name: &str| fs::read_to_string(examples.join(name)).unwrap();
    let (library, _) = Library::read(comity_law::library::embedded().iter().copied());
    let manifest = Manifest::parse(&text("people.toml")).unwrap();
    let flow = comity_flow::read(&text("to-austin.toml"), comity_flow::Format::Toml, &|name| Err(name.to_owned())).unwrap();
    let found = survey(tables, &manifest, flow.on.unwrap(), &mut |_| {}).unwrap();
    let options = Options::today(today());
    let mut plan = compile(&library, &options, &comity_flow::write(&flow), &manifest, Some(&secret()), &found.cells()).unwrap();
    plan.inputs.clone_from(&found.inputs);
    plan
}

/// Names and bytes of all files below a folder; none where there is no folder.
pub fn bytes_of(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<(String, Vec<u8>)> = entries
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap())
        })
        .collect();
    found.sort();
    found
}

pub fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_comity-cluster"))
}

/// A process that ends with the test.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _over = self.0.kill();
        let _over = self.0.wait();
    }
}

impl Process {
    pub fn start(command: &mut Command) -> Self {
        Self(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap())
    }

    /// The first line on standard output.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        BufReader::new(self.0.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        line
    }
}

/// A scheduler, and where it listens.
pub struct Scheduler {
    _process: Process,
    pub address: String,
}

impl Scheduler {
    pub fn start() -> Self {
        Self::at("127.0.0.1:0")
    }

    pub fn at(address: &str) -> Self {
        let mut process = Process::start(command().args(["scheduler", "--listen", address, "--lost-after", "2"]));
        let line = process.line();
        let address = line.trim().rsplit_once(' ').unwrap().1.to_owned();
        Self { _process: process, address }
    }
}

pub fn executor(scheduler: &Scheduler, jurisdiction: &str, secret: &str) -> Process {
    let mut command = command();
    command.args(["executor", "--scheduler", &scheduler.address, "--jurisdiction", jurisdiction, "--workers", "1"]);
    let mut process = Process::start(command.env("COMITY_SECRET", secret));
    assert!(process.line().starts_with("executor in"));
    process
}

pub fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
