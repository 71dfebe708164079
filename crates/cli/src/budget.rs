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
    if let Some(BudgetCommand::Set { table, epsilon, delta }) = &args.command {
        let Some(limit) = PrivacyLoss::of(*epsilon, *delta).filter(|limit| limit.epsilon > 0) else {
            out.error(&format!("expected an ε of more than 0 and a δ from 0 to 1, found ε = {epsilon} and δ = {delta}"))?;
            return Ok(Status::Usage);
        };
        if let Err(error) = budget.set(table, limit, today) {
            out.error(&error.to_string())?;
            let below = matches!(error, CrossingError::Budget(BudgetError::Below { .. }));
            return Ok(if below { Status::No } else { Status::Failed });
        }
    }
    let accounts = match budget.accounts() {
        Ok(accounts) => accounts,
        Err(error) => {
            out.error(&error.to_string())?;
            return Ok(Status::Failed);
        }
    };
    match args.format {
        Format::Json => out.json(&of_all(&accounts))?,
        format => out.blocks(&shown(&accounts), format)?,
    }
    Ok(Status::Fine)
}

/// The folder of the budgets: the one named, or that of the state of programs.
pub fn folder(named: Option<&Path>) -> Option<PathBuf> {
    named.map(Path::to_path_buf).or_else(crate::input::state)
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
