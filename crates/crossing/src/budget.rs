// SPDX-License-Identifier: Apache-2.0
//! How much privacy the persons of each table have left: a file in which every limit and every charge is a line.
//!
//! Nothing is ever taken out of it. A charge is on the disk before the noise is drawn that it pays for, so that whatever
//! left was charged; charges of one release have one id, and count once.

use crate::CrossingError;
use crate::files::sync_folder_of;
use comity_border::PrivacyLoss;
use jiff::civil::Date;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

const NAME: &str = "privacy-budget.jsonl";

/// What is known of one table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// What all releases together may cost; none where nobody set it.
    pub limit: Option<PrivacyLoss>,
    /// What they have cost.
    pub spent: PrivacyLoss,
    /// How many they are.
    pub releases: u64,
}

impl Account {
    /// What is left.
    #[must_use]
    pub fn left(&self) -> Option<PrivacyLoss> {
        self.limit.and_then(|limit| limit.without(&self.spent))
    }
}

/// Why a release is not charged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BudgetError {
    /// Nobody set a limit.
    #[error(
        "no privacy budget is set for the table `{0}`, and a release takes from it; say what all releases of it together may cost: comity budget set {0} --epsilon 1 --delta 0.000001"
    )]
    NoLimit(String),
    /// There is not enough left.
    #[error(
        "the release costs {asked}, and of the privacy budget of the table `{table}` ({limit}) there is left {left}; nothing was released"
    )]
    Spent {
        /// The table.
        table: String,
        /// What the release costs.
        asked: PrivacyLoss,
        /// What is left.
        left: PrivacyLoss,
        /// What there was.
        limit: PrivacyLoss,
    },
    /// Less than was spent.
    #[error("the releases of the table `{table}` have cost {spent} already, which is more than {limit}")]
    Below {
        /// The table.
        table: String,
        /// What was spent.
        spent: PrivacyLoss,
        /// What was to be the limit.
        limit: PrivacyLoss,
    },
}

/// What a release is charged as.
#[derive(Clone, Copy, Debug)]
pub struct Charge<'a> {
    /// The table.
    pub table: &'a str,
    /// One id for one release: charged again under it, it costs nothing more.
    pub id: &'a str,
    /// What it costs.
    pub loss: PrivacyLoss,
    /// The hash of its plan.
    pub plan: &'a str,
    /// The day.
    pub day: Date,
}

/// The budgets of a node: a folder of its state.
#[derive(Clone, Debug)]
pub struct Budget {
    path: PathBuf,
}

impl Budget {
    /// The budgets in a folder, which need not be there yet.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        Self { path: folder.join(NAME) }
    }

    /// The accounts of all tables.
    ///
    /// # Errors
    ///
    /// [`CrossingError`] if the file cannot be read, or is not what it should be.
    pub fn accounts(&self) -> Result<BTreeMap<String, Account>, CrossingError> {
        if !self.path.exists() {
            return Ok(BTreeMap::new());
        }
        Ok(self.locked(false)?.1.accounts)
    }

    /// Sets what all releases of a table together may cost.
    ///
    /// # Errors
    ///
    /// [`BudgetError::Below`] if they have cost more already.
    pub fn set(&self, table: &str, limit: PrivacyLoss, day: Date) -> Result<(), CrossingError> {
        let (mut file, known) = self.locked(true)?;
        let spent = known.accounts.get(table).map(|account| account.spent).unwrap_or_default();
        if limit.without(&spent).is_none() {
            return Err(BudgetError::Below { table: table.to_owned(), spent, limit }.into());
        }
        self.append(&mut file, &json!({"table": table, "day": day.to_string(), "limit": written(limit)}))
    }

    /// Charges a release, durably. What is charged already under the same id costs nothing.
    ///
    /// # Errors
    ///
    /// [`BudgetError`] if there is not enough left; then nothing is charged.
    pub fn charge(&self, charge: &Charge<'_>) -> Result<(), CrossingError> {
        let (mut file, known) = self.locked(true)?;
        if known.charged.contains(charge.id) {
            return Ok(());
        }
        let account = known.accounts.get(charge.table).cloned().unwrap_or_default();
        let Some(limit) = account.limit else { return Err(BudgetError::NoLimit(charge.table.to_owned()).into()) };
        let left = account.left().unwrap_or_default();
        if left.without(&charge.loss).is_none() {
            return Err(BudgetError::Spent { table: charge.table.to_owned(), asked: charge.loss, left, limit }.into());
        }
        let Charge { table, id, loss, plan, day } = charge;
        self.append(&mut file, &json!({"table": table, "day": day.to_string(), "charge": written(*loss), "release": id, "plan": plan}))
    }

    /// Opens the file for this process alone, and reads it.
    fn locked(&self, write: bool) -> Result<(File, Known), CrossingError> {
        let failed = |error| CrossingError::file("cannot open the privacy budget", &self.path)(error);
        if let Some(folder) = self.path.parent().filter(|_| write) {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file = OpenOptions::new().read(true).write(write).create(write).truncate(false).open(&self.path).map_err(failed)?;
        if write { file.lock() } else { file.lock_shared() }.map_err(failed)?;
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        // A line without an end was being written when its process died: what it was to charge was never released.
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        if write && whole < text.len() {
            file.set_len(whole as u64).map_err(failed)?;
        }
        let mut known = Known::default();
        for (number, line) in text.get(..whole).unwrap_or_default().lines().enumerate() {
            let value: Option<Value> = serde_json::from_str(line).ok();
            if value.as_ref().and_then(|value| known.take(value)).is_none() {
                let problem =
                    format!("line {}: expected a limit or a charge, found {}", number + 1, line.chars().take(60).collect::<String>());
                return Err(CrossingError::table(&self.path, problem));
            }
        }
        Ok((file, known))
    }

    fn append(&self, file: &mut File, line: &Value) -> Result<(), CrossingError> {
        let done = file.seek(SeekFrom::End(0)).and_then(|_| file.write_all(format!("{line}\n").as_bytes())).and_then(|()| file.sync_all());
        done.map_err(CrossingError::file("cannot write the privacy budget", &self.path))?;
        sync_folder_of(&self.path)
    }
}

#[derive(Default)]
struct Known {
    accounts: BTreeMap<String, Account>,
    charged: BTreeSet<String>,
}

impl Known {
    fn take(&mut self, line: &Value) -> Option<()> {
        let account = self.accounts.entry(line.get("table")?.as_str()?.to_owned()).or_default();
        if let Some(limit) = line.get("limit") {
            account.limit = Some(read(limit)?);
            return Some(());
        }
        account.spent = account.spent.and(&read(line.get("charge")?)?);
        account.releases += 1;
        self.charged.insert(line.get("release")?.as_str()?.to_owned());
        Some(())
    }
}

/// In whole units, so that what is read is what was written.
fn written(loss: PrivacyLoss) -> Value {
    json!({"epsilon_millionths": loss.epsilon, "delta_trillionths": loss.delta})
}

fn read(value: &Value) -> Option<PrivacyLoss> {
    Some(PrivacyLoss { epsilon: value.get("epsilon_millionths")?.as_u64()?, delta: value.get("delta_trillionths")?.as_u64()? })
}
