// SPDX-License-Identifier: Apache-2.0
//! `comity budget`.

use super::Format;
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

/// `comity budget`.
#[derive(Args, Debug)]
pub struct BudgetArgs {
    /// What to do; without it, show the budgets
    #[command(subcommand)]
    pub command: Option<BudgetCommand>,
    /// The folder of the state that has the budgets [default: $XDG_STATE_HOME/comity]
    #[arg(long, value_name = "DIR", global = true, value_hint = ValueHint::DirPath)]
    pub budget: Option<PathBuf>,
    /// How the answer is written
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", global = true)]
    pub format: Format,
}

/// What to do with budgets.
#[derive(Subcommand, Debug)]
pub enum BudgetCommand {
    /// Say what all releases of a table together may cost
    Set {
        /// The name of the table, as manifests have it
        table: String,
        /// ε in all
        #[arg(long, value_name = "NUMBER")]
        epsilon: f64,
        /// δ in all
        #[arg(long, value_name = "NUMBER")]
        delta: f64,
    },
}

/// What `comity budget --help` says below the options.
pub const AFTER: &str = "\
A crossing whose manifest has [release] publishes noisy counts and sums in place of rows. Each takes from the privacy budget of
its table, which is never refilled: what was released cannot be taken back. A table without a budget releases nothing.

Examples:
  comity budget set people --epsilon 3 --delta 0.00001
  comity budget
  comity budget --format json | jq '.[] | .left'

Exit status: 0 done, 10 less than was spent already, 2 wrong usage, 1 the tool failed.";
