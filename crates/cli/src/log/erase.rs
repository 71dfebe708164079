// SPDX-License-Identifier: Apache-2.0
//! `comity log erase`: payloads gone for good, and the record of it.

use super::{Failure, checkpoint_of, seconds};
use crate::args::{EraseArgs, Format};
use crate::exit::Status;
use crate::out::{Out, Progress};
use crate::render::doc::{Block, Line};
use comity_evidence::tile::{Kind, Tile, WIDTH};
use comity_evidence::{Entry, Hash};
use comity_log::{Place, Submission};
use jiff::civil::Date;
use serde_json::json;
use std::collections::HashSet;

/// Erases a matter, and appends the entry that says so.
pub fn run(args: &EraseArgs, today: Date, out: &mut Out) -> Result<Status, Failure> {
    let place = Place::open(&args.log)?;
    let mut held = place.writer(&[])?;
    let note = held.writer.integrate(seconds())?;
    let size = checkpoint_of(&note)?.size();
    let mut vault = place.vault()?;
    let matter = match (&args.matter, args.entry) {
        (Some(matter), _) => matter.clone(),
        (None, number) => {
            let number = number.unwrap_or_default();
            let leaf = Hash::of_leaf(&held.writer.reader().entry(number, size)?);
            let sealed = vault.read(&leaf)?;
            sealed
                .ok_or_else(|| {
                    Failure::new(Status::Invalid, format!("entry {number} has no payload: it was erased already, or never had one"))
                })?
                .matter
        }
    };
    let leaves: HashSet<Hash> = vault.of_matter(&matter)?.into_iter().collect();
    if leaves.is_empty() {
        return Err(Failure::new(Status::Invalid, format!("nothing is kept for matter `{matter}`")));
    }
    let entries = numbers(&held.writer, size, &leaves)?;
    // Recorded first: an erasure that is written down and not done is done again; one that is done and not written down is a loss.
    let entry = Entry::of_erasure(&today.to_string(), entries.clone(), &args.ground, &args.role)
        .map_err(|error| Failure::new(Status::Usage, error.to_string()))?;
    let number = held.writer.append(&[Submission { entry: entry.to_bytes(), once: None }])?;
    vault.erase(&matter)?;
    held.writer.integrate(seconds())?;
    let number = number.first().copied().unwrap_or_default();
    if args.format.format == Format::Json {
        out.json(&json!({ "origin": place.origin(), "erased": entries, "entry": number }))?;
    } else {
        let line = Line::strong(format!(
            "Erased: the payloads of {}, with their key and salts",
            super::entries(u64::try_from(entries.len()).unwrap_or_default())
        ));
        let blocks = [Block::say(line), Block::say(format!("Entry {number} records it; every proof still verifies"))];
        out.blocks(&blocks, args.format.format)?;
    }
    Ok(Status::Fine)
}

/// The numbers of the entries with these leaves.
fn numbers(writer: &comity_log::Writer, size: u64, leaves: &HashSet<Hash>) -> Result<Vec<u64>, Failure> {
    let progress = Progress::new(None);
    let mut numbers = Vec::new();
    for index in 0.. {
        let Some(tile) = Tile::of_tree(Kind::Hashes(0), index, size) else { break };
        for (number, hash) in (index * WIDTH..).zip(writer.reader().hashes(tile)?) {
            if leaves.contains(&hash) {
                numbers.push(number);
            }
        }
        if numbers.len() == leaves.len() {
            break;
        }
        progress.say(&format!("{} of {size} entries", (index + 1) * WIDTH));
    }
    Ok(numbers)
}
