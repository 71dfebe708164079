// SPDX-License-Identifier: Apache-2.0
//! `comity terms …`.

use super::{FormatArgs, day};
use clap::{Args, Subcommand};
use jiff::civil::Date;

/// `comity terms …`.
#[derive(Args, Debug)]
pub struct TermsArgs {
    /// A word to look for in ids, labels and notes, or the name of a scheme
    pub search: Option<String>,
    /// Only terms of this scheme
    #[arg(long, value_name = "SCHEME")]
    pub scheme: Option<String>,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
    /// Other tables of the vocabulary.
    #[command(subcommand)]
    pub table: Option<TermsTable>,
}

/// Other tables of the vocabulary.
#[derive(Debug, Subcommand)]
pub enum TermsTable {
    /// The keys of a flow file: kind, class and question
    Keys {
        /// A word to look for in path, label and question
        search: Option<String>,
        /// The format.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Groups of places, and who belongs to them when
    Groups {
        /// The group, with or without `@`
        name: Option<String>,
        /// Members on this day only
        #[arg(long, value_name = "DATE", value_parser = day)]
        on: Option<Date>,
        /// The format.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// The schemes that terms belong to
    Schemes {
        /// The format.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Other words for terms, such as ISO 3166-2 codes; flows use the term itself
    Aliases {
        /// One word; none: all
        word: Option<String>,
        /// The format.
        #[command(flatten)]
        format: FormatArgs,
    },
}
