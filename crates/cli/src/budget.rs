// SPDX-License-Identifier: Apache-2.0
//! `comity budget`: how much privacy the persons of each table have left.

use crate::args::{BudgetArgs, BudgetCommand, Format};
use crate::exit::Status;
use crate::out::Out;
use crate::render::doc::{Block, Line};
use comity_border::PrivacyLoss;
use comity_crossing::{Account, Budget, BudgetError, CrossingError};
use jiff::civil::Date;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Shows budgets, or sets one.
pub fn run(args: &BudgetArgs, today: Date, out: &mut Out) -> io::Result<Status> {
    let Some(folder) = folder(args.budget.as_deref()) else {
        out.error("there is no home folder for the privacy budget: say where with --budget DIR")?;
        return Ok(Status::Usage);
    };
    let budget = Budget::at(&folder);
    let accounts = match set(args, &budget, today).and_then(|()| budget.accounts()) {
        Ok(accounts) => accounts,
        Err(error) => {
            out.error(&error.to_string())?;
            return Ok(match error {
                CrossingError::Budget(BudgetError::Below { .. }) => Status::No,
                CrossingError::Release(_) => Status::Usage,
                _ => Status::Failed,
            });
        }
    };
    match args.format {
        Format::Json => out.json(&of_all(&accounts))?,
        format => out.blocks(&shown(&accounts), format)?,
    }
    Ok(Status::Fine)
}

fn set(args: &BudgetArgs, budget: &Budget, today: Date) -> Result<(), CrossingError> {
    let Some(BudgetCommand::Set { table, epsilon, delta }) = &args.command else { return Ok(()) };
    let limit = PrivacyLoss::of(*epsilon, *delta).filter(|limit| limit.epsilon > 0).ok_or_else(|| {
        CrossingError::Release(format!("expected an ε of more than 0 and a δ from 0 to 1, found ε = {epsilon} and δ = {delta}"))
    })?;
    budget.set(table, limit, today)
}

/// The folder of the budgets: the one named, or that of the state of programs (XDG Base Directory).
pub fn folder(named: Option<&Path>) -> Option<PathBuf> {
    let state = || std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
    named.map(Path::to_path_buf).or_else(|| Some(state().or_else(home)?.join("comity")))
}

fn shown(accounts: &BTreeMap<String, Account>) -> Vec<Block> {
    if accounts.is_empty() {
        return vec![Block::say("no privacy budget is set; comity budget set TABLE --epsilon 1 --delta 0.000001 sets one")];
    }
    let cell = |loss: Option<PrivacyLoss>| Line::of(loss.map_or_else(|| "not set".to_owned(), |loss| loss.to_string()));
    let row = |(table, account): (&String, &Account)| {
        let releases = Line::of(account.releases.to_string());
        vec![Line::of(table.as_str()), cell(account.limit), cell(Some(account.spent)), cell(account.left()), releases]
    };
    vec![Block::Table(vec!["table", "budget", "spent", "left", "releases"], accounts.iter().map(row).collect())]
}

fn of_all(accounts: &BTreeMap<String, Account>) -> Value {
    let of = |loss: PrivacyLoss| json!({"epsilon": loss.epsilon(), "delta": loss.delta()});
    let account = |(table, account): (&String, &Account)| {
        json!({
            "table": table, "budget": account.limit.map(of), "spent": of(account.spent), "left": account.left().map(of),
            "releases": account.releases,
        })
    };
    accounts.iter().map(account).collect()
}
