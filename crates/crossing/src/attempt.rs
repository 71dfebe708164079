// SPDX-License-Identifier: Apache-2.0
//! Units that are worked on elsewhere, on machines that see the tables and the staging folder.
//!
//! An [`Order`] says where they are and which plan is carried out; the plan itself, which can be large, stands in the
//! staging folder, and a [`Hand`] does nothing before it has the hash that was ordered. Each attempt at a unit writes into a
//! folder of its own. The coordinator [takes](Site::take) one attempt of each unit, after it has hashed its parts; what
//! others leave behind is in no place that is ever published.

use crate::crew::Site;
use crate::error::CrossingError;
use crate::files::is_remote;
use crate::format::Format;
use crate::journal::{BEGUN, Done, Journal, Part};
use crate::source::{Source, Unit};
use crate::survey::{Stamp, open};
use crate::unit::{name_of, whole, work};
use comity_border::{Plan, Secret};
use comity_evidence::Hash;
use serde_json::{Value, json};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What a unit is worked on under: no plan, no secret and no row is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// SHA-256 of the plan.
    plan: Hash,
    /// The staging folder.
    folder: PathBuf,
    tables: Vec<PathBuf>,
    /// What the file system says of each table.
    stamps: Vec<String>,
    format: Option<Format>,
}

impl Order {
    /// The hash of the plan.
    #[must_use]
    pub fn plan(&self) -> &Hash {
        &self.plan
    }

    /// The staging folder, into which parts are written.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The order as JSON.
    ///
    /// # Errors
    ///
    /// [`CrossingError::Order`] if a path is not text.
    pub fn to_text(&self) -> Result<String, CrossingError> {
        let text = |path: &PathBuf| {
            path.to_str().map(str::to_owned).ok_or_else(|| CrossingError::Order(format!("`{}` is not text in UTF-8", path.display())))
        };
        let tables = self.tables.iter().map(text).collect::<Result<Vec<_>, _>>()?;
        let format = self.format.map(Format::ending);
        let order = json!({
            "plan": self.plan.to_hex(), "folder": text(&self.folder)?, "tables": tables, "stamps": self.stamps, "format": format,
        });
        Ok(order.to_string())
    }

    /// The order in a text.
    ///
    /// # Errors
    ///
    /// [`CrossingError::Order`] if the text is none.
    pub fn parse(text: &str) -> Result<Self, CrossingError> {
        let value: Value = serde_json::from_str(text).map_err(|error| CrossingError::Order(error.to_string()))?;
        let wrong = |key: &str| CrossingError::Order(format!("`{key}` is missing, or is not what it should be"));
        let texts = |key: &str| -> Result<Vec<String>, CrossingError> {
            let list = value.get(key).and_then(Value::as_array).ok_or_else(|| wrong(key))?;
            list.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<_>>().ok_or_else(|| wrong(key))
        };
        let string = |key: &str| value.get(key).and_then(Value::as_str).ok_or_else(|| wrong(key));
        Ok(Self {
            plan: Hash::from_hex(string("plan")?).ok_or_else(|| wrong("plan"))?,
            folder: PathBuf::from(string("folder")?),
            tables: texts("tables")?.into_iter().map(PathBuf::from).collect(),
            stamps: texts("stamps")?,
            format: match value.get("format") {
                None | Some(Value::Null) => None,
                Some(format) => Some(format.as_str().and_then(Format::named).ok_or_else(|| wrong("format"))?),
            },
        })
    }

    /// The plan in the staging folder, if it is the one that was ordered. No table is looked at.
    ///
    /// # Errors
    ///
    /// [`CrossingError::Forged`] if it is another one, and others if it cannot be read.
    pub fn open(&self) -> Result<Plan, CrossingError> {
        Ok(Plan::parse(&self.read()?)?)
    }

    fn read(&self) -> Result<String, CrossingError> {
        let path = self.folder.join(BEGUN);
        let text = fs::read_to_string(&path).map_err(CrossingError::file("cannot read", &path))?;
        // The second line is the format that is written, where it is not that of the tables.
        let (plan, format) = text.split_once('\n').unwrap_or((&text, ""));
        let format = (!format.is_empty()).then(|| format.trim_end());
        if Hash::of(plan.as_bytes()) != self.plan || format != self.format.map(Format::ending) {
            return Err(CrossingError::Forged(path));
        }
        Ok(plan.to_owned())
    }
}

/// Who works on units of a crossing that another process coordinates.
pub struct Hand {
    order: Order,
    plan: Plan,
    sources: Vec<Source>,
    units: Vec<Unit>,
}

impl Hand {
    /// Reads the plan and looks at the tables.
    ///
    /// # Errors
    ///
    /// [`CrossingError::Forged`] if the plan is not the one that was ordered, [`CrossingError::Changed`] if a table is
    /// another one than the coordinator saw, and others if something cannot be read.
    pub fn new(order: Order) -> Result<Self, CrossingError> {
        let plan = order.open()?;
        let sources = open(&order.tables)?;
        for source in &sources {
            source.against(&plan.manifest)?;
        }
        let units = sources.iter().enumerate().flat_map(|(input, source)| source.units(input)).collect();
        let hand = Self { order, plan, sources, units };
        hand.unchanged()?;
        Ok(hand)
    }

    /// Works on a unit, into a folder that only this attempt has; `attempt` is a name that no other attempt has, of letters
    /// and digits. `read` is told how many rows were read, and says whether to go on.
    ///
    /// What comes back is whether parts were made: of a unit that is done already there are none to make.
    ///
    /// # Errors
    ///
    /// [`CrossingError`]; what was written by then is never taken.
    pub fn work(&self, unit: usize, attempt: &str, secret: Option<&Secret>, read: &dyn Fn(u64) -> bool) -> Result<bool, CrossingError> {
        // Looked at each time: between two units somebody may have put another there.
        self.order.read()?;
        let site = Journal::attempt(self.order.folder.clone());
        if site.entry(unit).exists() {
            return Ok(false);
        }
        self.unchanged()?;
        let found = self.units.get(unit).and_then(|found| Some((found, self.sources.get(found.input)?)));
        let (found, source) = found.ok_or_else(|| CrossingError::Order(format!("the tables have no unit {unit}")))?;
        if !attempt.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(CrossingError::Order(format!("`{attempt}` is no name for an attempt")));
        }
        let journal = Journal::begin(site.attempts().join(format!("{unit:06}-{attempt}")))?;
        work(&self.plan, secret, source, (unit, found), self.order.format.unwrap_or(source.format()), &journal, &|rows, _| read(rows))?;
        Ok(true)
    }

    fn unchanged(&self) -> Result<(), CrossingError> {
        for (at, table) in self.order.tables.iter().enumerate() {
            if self.order.stamps.get(at) != Some(&Stamp::of(table)?.text()) {
                return Err(CrossingError::Changed(table.display().to_string()));
            }
        }
        Ok(())
    }
}

impl Site<'_> {
    /// What units are to be worked on under, and a place for attempts.
    ///
    /// # Errors
    ///
    /// [`CrossingError`] if the place cannot be made, or a table cannot be looked at.
    pub fn order(&self) -> Result<Order, CrossingError> {
        let attempts = self.journal.attempts();
        fs::create_dir_all(&attempts).map_err(CrossingError::file("cannot make", &attempts))?;
        let absolute = |path: &Path| {
            if is_remote(path) { Ok(path.to_path_buf()) } else { fs::canonicalize(path).map_err(CrossingError::file("cannot read", path)) }
        };
        Ok(Order {
            plan: self.plan.hash()?,
            folder: absolute(&self.journal.folder)?,
            tables: self.inputs.iter().map(|table| absolute(table)).collect::<Result<_, _>>()?,
            stamps: self.inputs.iter().map(|table| Ok(Stamp::of(table)?.text())).collect::<Result<_, CrossingError>>()?,
            format: self.format,
        })
    }

    /// Takes one attempt of each open unit of which one is complete, and says how many that were.
    ///
    /// An attempt is complete when its parts are what its own note says, byte for byte. Its parts are then renamed to those of
    /// the unit, and the unit is done; no other attempt of it is taken, now or later.
    ///
    /// # Errors
    ///
    /// [`CrossingError`] if a file cannot be read or moved, or rows of the unit are missing.
    pub fn take(&mut self) -> Result<usize, CrossingError> {
        let attempts = self.journal.attempts();
        let failed = |error| CrossingError::file("cannot read", &attempts)(error);
        let mut taken = 0;
        for entry in fs::read_dir(&attempts).map_err(failed)? {
            let folder = entry.map_err(failed)?.path();
            let unit = folder.file_name().and_then(|name| name.to_str()?.split_once('-')?.0.parse::<usize>().ok());
            let Some(unit) = unit.filter(|unit| !self.done.contains_key(unit) && *unit < self.units.len()) else { continue };
            let attempt = Journal::attempt(folder);
            let Some(done) = attempt.done(unit)? else { continue };
            self.fits(unit, &done)?;
            for (from, to, part) in
                [(attempt.data(), self.journal.data(), &done.data), (attempt.apart(), self.journal.apart(), &done.apart)]
            {
                if let Some(part) = part {
                    adopt(&from.join(&part.name), &to.join(&part.name))?;
                }
            }
            self.journal.note(unit, &done)?;
            self.done.insert(unit, done);
            taken += 1;
            match fs::remove_dir_all(&attempt.folder) {
                // Some file systems keep the name of a file that somebody still has open. It goes with the staging folder.
                Err(error) if error.kind() != io::ErrorKind::DirectoryNotEmpty => {
                    return Err(CrossingError::file("cannot remove", &attempt.folder)(error));
                }
                _ => {}
            }
        }
        Ok(taken)
    }

    /// Whether what an attempt notes is a unit of this crossing.
    fn fits(&self, number: usize, done: &Done) -> Result<(), CrossingError> {
        let wrong = |what: &str| CrossingError::Crew(format!("an attempt at unit {number} {what}; nothing of it was taken"));
        let unit = self.units.get(number).ok_or_else(|| wrong("is of no unit of this crossing"))?;
        let format = self.sources.get(unit.input).map(|source| self.format.unwrap_or(source.format()));
        let name = format.map(|format| name_of(number, format)).unwrap_or_default();
        if done.parts().any(|part| part.name != name) {
            return Err(wrong(&format!("has parts that are not named `{name}`")));
        }
        if done.tally.rows.len() != self.plan.outcomes.len() {
            return Err(wrong("counts other outcomes than the plan has"));
        }
        whole(done, unit)
    }
}

impl Done {
    fn parts(&self) -> impl Iterator<Item = &Part> {
        [&self.data, &self.apart].into_iter().flatten()
    }
}

/// Gives a part of an attempt the name of the unit's.
fn adopt(from: &Path, to: &Path) -> Result<(), CrossingError> {
    let failed = |error| CrossingError::file("cannot take", from)(error);
    if !fs::symlink_metadata(from).map_err(failed)?.is_file() {
        return Err(failed(io::Error::other("it is no file")));
    }
    fs::rename(from, to).map_err(failed)?;
    crate::files::sync_folder_of(to)
}
