// SPDX-License-Identifier: Apache-2.0
//! Publishing into a store of objects, which cannot rename a folder.
//!
//! What leaves is written under a name that only these very bytes have, and is no publication yet: nothing names it. Then
//! the record is written, on the condition that there is none. It names what was published; whoever reads the crossing
//! reads the record first. Of several who publish at once, one writes it.

use crate::CrossingError;
use crate::journal::Journal;
use crate::record::{NAME as RECORD, Output};
use crate::store::Shelf;
use comity_evidence::Hash;
use std::fs;
use std::path::Path;

/// The name that parts of exactly this content have in common.
pub(crate) fn attempt(plan: &str, outputs: &[Output]) -> String {
    let mut text = plan.to_owned();
    for output in outputs {
        text.push_str(&format!("\n{} {}", output.name, output.file.digest.to_hex()));
    }
    let hash = Hash::of(text.as_bytes()).to_hex();
    format!("parts-{}", hash.get(..16).unwrap_or(&hash))
}

/// The record of what is published there already.
pub(crate) fn published(to: &Path) -> Result<Option<String>, CrossingError> {
    Shelf::of(to)?.get(RECORD)
}

/// Publishes; `record` names `outputs`, which stand in the journal without what comes before the slash.
pub(crate) fn publish(journal: &Journal, to: &Path, outputs: &[Output], record: &str) -> Result<(), CrossingError> {
    let shelf = Shelf::of(to)?;
    for output in outputs {
        let (attempt, name) = output.name.split_once('/').unwrap_or(("", &output.name));
        let done = journal.folder.join(format!("{name}.uploaded"));
        if fs::read_to_string(&done).ok().as_deref() == Some(attempt) {
            continue;
        }
        shelf.upload(&output.name, &journal.data().join(name), &output.file)?;
        // Only a hint: without it, the same bytes are written under the same name again.
        fs::write(&done, attempt).map_err(CrossingError::file("cannot write", &done))?;
    }
    conditional(&shelf, to, outputs)?;
    if shelf.create(RECORD, record)? {
        return Ok(());
    }
    // Somebody was quicker, or this very writer wrote it and never heard so.
    match shelf.get(RECORD)? {
        Some(there) if there == record => Ok(()),
        _ => Err(CrossingError::Taken(to.to_path_buf())),
    }
}

/// Makes sure that the store keeps to conditions: one that does not would let two publications pass.
fn conditional(shelf: &Shelf, to: &Path, outputs: &[Output]) -> Result<(), CrossingError> {
    let attempt = outputs.first().and_then(|output| output.name.split_once('/')).map_or("parts", |(attempt, _)| attempt);
    let probe = format!("{attempt}/begun");
    // The second time there is one.
    if shelf.create(&probe, "")? && shelf.create(&probe, "")? {
        let problem =
            "the store writes an object over another although the condition is that there is none; a transfer could be made twice";
        return Err(CrossingError::Store { what: "cannot publish in", url: to.display().to_string(), problem: problem.to_owned() });
    }
    Ok(())
}
