// SPDX-License-Identifier: Apache-2.0
//! `comity law`: the library itself.

pub mod change;
pub mod check;
pub mod compare;
mod consistency;
pub mod coverage;
pub mod fmt;
pub mod list;
pub mod matrix;
pub mod mutate;
pub mod show;
pub mod test;
pub mod timeline;

use crate::args::LibraryArgs;
use crate::exit::Status;
use crate::library::{Loaded, load};
use crate::out::Out;
use comity_law::ast::{InForce, Instrument, SourceStatus};
use jiff::civil::Date;
use std::io;

/// Reads the library for looking at it: errors do not stop that.
fn open(args: &LibraryArgs, today: Date, out: &mut Out) -> io::Result<Result<Loaded, Status>> {
    match load(args, today) {
        Ok(loaded) => Ok(Ok(loaded)),
        Err(message) => {
            out.error(&message)?;
            Ok(Err(Status::Failed))
        }
    }
}

/// Days in force in words.
fn days(force: Option<InForce>) -> String {
    match force {
        None => String::new(),
        Some(InForce { from, until: None }) => format!("from {from}"),
        Some(InForce { from, until: Some(until) }) => format!("from {from}, no longer on {until}"),
    }
}

/// How many provisions were seen in a source, of how many.
fn verified(instrument: &Instrument) -> (usize, usize) {
    let seen = instrument.provisions.iter().filter(|provision| instrument.status_of(provision) == SourceStatus::Verified);
    (seen.count(), instrument.provisions.len())
}
