// SPDX-License-Identifier: Apache-2.0
//! Tables and queries of a PostgreSQL database, copied once so that they cross like files.
//!
//! A crossing reads its tables several times: to see what decides, to count classes, to enforce, and again after it was
//! interrupted. A database that others write to gives each time something else. So all of it is read in one snapshot, into a
//! file in a folder that nobody else can look into; the plan binds to what the server sent, and the copy goes when the
//! crossing is published.

mod cells;
mod folder;
mod place;
mod reading;
mod rows;

use crate::files::{Counting, Digested, draft_of};
use crate::hints::Hints;
use crate::sink::Sink;
use crate::wanted::{Wanted, is_database};
use crate::{CrossingError, Format, Progress};
use comity_border::plan::Input;
use comity_evidence::Hash;
use comity_postgres::Database;
use folder::{Copy, Folder, private_file};
use place::Place;
use reading::{Prepared, Question, Reading, Subject};
use rows::{Rows, RowsError};
use serde_json::json;
use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

/// What the digest of a table begins with; then come the columns, then what the server sends.
const BEGINS: &str = "comity table 1";

/// What is to cross as files; copies of databases are removed with it, but for a crossing that may be gone on with.
pub struct Copies {
    tables: Vec<PathBuf>,
    inputs: Vec<Option<Input>>,
    resumed: bool,
    _folder: Option<Folder>,
}

impl Copies {
    /// The tables, none of them in a database any more.
    #[must_use]
    pub fn tables(&self) -> &[PathBuf] {
        &self.tables
    }

    /// Names tables of databases, with the digest of what was sent, in the place of their copies.
    pub fn name(&self, inputs: &mut [Input]) {
        for (input, known) in inputs.iter_mut().zip(&self.inputs) {
            if let Some(known) = known {
                input.clone_from(known);
            }
        }
    }

    /// Whether the copies are those that an interrupted crossing was begun with.
    #[must_use]
    pub const fn resumed(&self) -> bool {
        self.resumed
    }
}

/// Copies the tables that are in databases.
///
/// # Errors
///
/// [`CrossingError`] if a database cannot be reached, or does not give what is asked.
pub fn copies(wanted: Wanted<'_>, progress: &mut dyn FnMut(Progress)) -> Result<Copies, CrossingError> {
    let query = wanted.query.map(|path| question(wanted.tables, path)).transpose()?;
    let mut subjects = Vec::new();
    for table in wanted.tables {
        subjects.push(if is_database(table) { Some(subject(table, query.as_deref(), wanted.query)?) } else { None });
    }
    if subjects.iter().all(Option::is_none) {
        let inputs = vec![None; wanted.tables.len()];
        return Ok(Copies { tables: wanted.tables.to_vec(), inputs, resumed: false, _folder: None });
    }
    let (folder, left) = match wanted.staging {
        Some(staging) => Folder::in_staging(staging)?,
        None => (Folder::temporary()?, None),
    };
    let mut access = Access::of(wanted.certificates)?;
    let resumed = left.is_some();
    let copies = match left {
        Some(copies) => fitting(copies, &subjects, &mut access, wanted.staging)?,
        None => fresh(&folder, &subjects, &mut access, progress)?,
    };
    let mut copies = copies.into_iter();
    let (mut tables, mut inputs) = (Vec::new(), Vec::new());
    for (table, subject) in wanted.tables.iter().zip(&subjects) {
        let copy = subject.as_ref().and_then(|_| copies.next());
        tables.push(copy.as_ref().map_or_else(|| table.clone(), |copy| copy.path.clone()));
        inputs.push(copy.map(|copy| copy.input));
    }
    Ok(Copies { tables, inputs, resumed, _folder: Some(folder) })
}

/// The text of a query, where the one table is a database without a table.
fn question(tables: &[PathBuf], path: &Path) -> Result<String, CrossingError> {
    let one = matches!(tables, [one] if is_database(one) && !one.to_string_lossy().contains('#'));
    if !one {
        let problem = "a query is put to one database: name it alone, without a table after `#`".to_owned();
        return Err(CrossingError::Query { path: path.to_path_buf(), problem });
    }
    fs::read_to_string(path).map_err(CrossingError::file("cannot read", path))
}

/// The URL of a database, and what is read of it.
fn subject(table: &Path, query: Option<&str>, path: Option<&Path>) -> Result<(String, Subject), CrossingError> {
    let wrong = |problem: String| CrossingError::Database { what: "cannot use", name: "the URL of a table".to_owned(), problem };
    let place = Place::of(table).map_err(wrong)?;
    let subject = match (place.table, query) {
        (Some(table), _) => Subject::Table(table),
        (None, Some(text)) => {
            let name = path.and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            Subject::Question(Question { name, text: text.to_owned() })
        }
        (None, None) => {
            let problem = "expected a table, as in `postgres://db.example/shop#public.people`, or a query with --query FILE".to_owned();
            return Err(wrong(problem));
        }
    };
    Ok((place.url, subject))
}

/// How databases are reached.
struct Access {
    password: Option<String>,
    passfile: Option<String>,
    certificates: Option<Vec<u8>>,
}

impl Access {
    /// Passwords from where PostgreSQL's own tools have them: `PGPASSWORD`, or the file `PGPASSFILE` or `~/.pgpass`.
    fn of(certificates: Option<&Path>) -> Result<Self, CrossingError> {
        let certificates = certificates.map(|path| fs::read(path).map_err(CrossingError::file("cannot read", path))).transpose()?;
        let password = env::var("PGPASSWORD").ok();
        let named = env::var_os("PGPASSFILE").map(PathBuf::from);
        let passfile = match (&password, named.or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".pgpass")))) {
            (None, Some(path)) if path.exists() => Some(private_text(&path)?),
            _ => None,
        };
        Ok(Self { password, passfile, certificates })
    }

    fn database(&self, url: &str) -> Result<Database, CrossingError> {
        let database = Database::new(url, self.password.as_deref(), self.certificates.as_deref());
        let database = database.map_err(|error| CrossingError::Database {
            what: if error.doing == "verify" { "cannot verify" } else { "cannot use" },
            name: error.name,
            problem: error.source.to_string(),
        })?;
        Ok(match &self.passfile {
            Some(passfile) => database.with_passfile(passfile),
            None => database,
        })
    }
}

/// A file of passwords, which others cannot read.
fn private_text(path: &Path) -> Result<String, CrossingError> {
    let failed = |error| CrossingError::file("cannot read", path)(error);
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&fs::metadata(path).map_err(failed)?.permissions()) & 0o077 != 0 {
        return Err(failed(io::Error::other("others can read it, too: chmod 600")));
    }
    fs::read_to_string(path).map_err(failed)
}

/// The copies that were left, if they are of what is asked for now.
fn fitting(
    left: Vec<Copy>,
    subjects: &[Option<(String, Subject)>],
    access: &mut Access,
    staging: Option<&Path>,
) -> Result<Vec<Copy>, CrossingError> {
    let mut asked = Vec::new();
    for (url, subject) in subjects.iter().flatten() {
        asked.push(asked_of(access.database(url)?.name(), subject));
    }
    let same = left.iter().map(|copy| &copy.asked).eq(&asked);
    if same { Ok(left) } else { Err(CrossingError::Begun(staging.unwrap_or_else(|| Path::new("")).to_path_buf())) }
}

/// What tells one question to a database from another: the same file may hold another query by now.
fn asked_of(database: &str, subject: &Subject) -> Hash {
    let text = match subject {
        Subject::Table(_) => "",
        Subject::Question(question) => &question.text,
    };
    Hash::of(format!("{}\n{text}", reading::name_of(database, subject)).as_bytes())
}

/// Copies of everything, of each database in one snapshot.
fn fresh(
    folder: &Folder,
    subjects: &[Option<(String, Subject)>],
    access: &mut Access,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<Copy>, CrossingError> {
    let mut open: Vec<(&String, Reading)> = Vec::new();
    let mut copies = Vec::new();
    let mut before = 0;
    for (url, subject) in subjects.iter().flatten() {
        if !open.iter().any(|(known, _)| *known == url) {
            open.push((url, Reading::begin(&access.database(url)?)?));
        }
        let Some((_, reading)) = open.iter_mut().find(|(known, _)| *known == url) else { continue };
        let path = folder.file(copies.len());
        let (copied, file, rows) = copied(reading, subject, &path, before, progress)?;
        before = rows;
        copies.push((copied, file));
    }
    folder.note(&copies)?;
    Ok(copies.into_iter().map(|(copy, _)| copy).collect())
}

/// The copy of one table, a few thousand rows at a time; with the file's digest, and how many rows there are by now.
fn copied(
    reading: &mut Reading,
    subject: &Subject,
    path: &Path,
    before: u64,
    progress: &mut dyn FnMut(Progress),
) -> Result<(Copy, Digested, u64), CrossingError> {
    let name = reading::name_of(reading.database(), subject);
    let asked = asked_of(reading.database(), subject);
    let prepared = reading.prepare(subject)?;
    let begins = begins(&prepared);
    private_file(&draft_of(path))?;
    let mut sink = Sink::create(path, Format::Parquet, &rows::schema(&prepared.columns), &Hints::default())?;
    // The columns are hashed before the rows: the same rows under other names are another table.
    let (counting, came) = Counting::new(begins.as_bytes().chain(reading.rows(subject, &prepared)?));
    let mut from = BufReader::with_capacity(1 << 18, counting);
    let failed = |error: RowsError| match error {
        RowsError::Read(error) => CrossingError::Database { what: "cannot read", name: name.clone(), problem: cause(&error) },
        RowsError::Wrong(problem) => CrossingError::table(name.as_ref(), problem),
    };
    from.read_exact(&mut vec![0; begins.len()]).map_err(|error| failed(error.into()))?;
    let mut rows = Rows::begin(from, &prepared.columns).map_err(failed)?;
    let mut count = before;
    progress(Progress { phase: "copy", passed: 0, rows: count, of: None });
    while let Some(batch) = rows.next().map_err(failed)? {
        sink.write(&batch)?;
        count += batch.num_rows() as u64;
        progress(Progress { phase: "copy", passed: 0, rows: count, of: None });
    }
    let (file, _) = sink.finish()?;
    let came = came.digested();
    let input = Input { name, size: came.size, digest: came.digest };
    Ok((Copy { path: path.to_path_buf(), asked, input }, file, count))
}

/// What the digest begins with: the names and types of the columns.
fn begins(prepared: &Prepared) -> String {
    let columns: Vec<_> = prepared.columns.iter().map(|column| json!([column.name, column.kind.name()])).collect();
    format!("{BEGINS}\n{}\n", serde_json::Value::Array(columns))
}

/// What the server, or the way to it, said.
fn cause(error: &io::Error) -> String {
    let beneath: Option<&(dyn Error + 'static)> = error.get_ref().map(|inner| inner as &(dyn Error + 'static));
    beneath.and_then(|inner| inner.downcast_ref::<postgres::Error>()).map_or_else(|| error.to_string(), comity_postgres::said)
}
