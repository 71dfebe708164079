// SPDX-License-Identifier: Apache-2.0
//! `comity receipt verify`: what a receipt proves.

use super::append::shown;
use super::{Failure, policy, text, time};
use crate::args::Format;
use crate::exit::Status;
use crate::out::Out;
use crate::render::doc::{Block, Line, Tone, listed};
use comity_evidence::entry::Content;
use comity_evidence::{Checked, Receipt};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Checks receipts, one after the other.
pub fn verify(files: &[PathBuf], trust: &Path, format: Format, out: &mut Out) -> Result<Status, Failure> {
    let policy = policy(trust)?;
    let mut status = Status::Fine;
    for file in files {
        let receipt: Receipt = match text(file)?.parse() {
            Ok(receipt) => receipt,
            Err(error) => {
                out.error(&format!("`{}`: {error}", file.display()))?;
                status = status.and(Status::Invalid);
                continue;
            }
        };
        match receipt.verify(&policy) {
            Ok(checked) if format == Format::Json => out.json(&as_json(file, &checked))?,
            Ok(checked) => out.blocks(&blocks(file, &checked), format)?,
            Err(error) => {
                status = status.and(Status::No);
                if format == Format::Json {
                    out.json(&json!({ "file": file.display().to_string(), "holds": false, "problem": error.to_string() }))?;
                } else {
                    let line = Line::default().toned(Tone::Bad, "It does not hold").then(format!(": {}: {error}", file.display()));
                    out.blocks(&[Block::say(line)], format)?;
                }
            }
        }
    }
    Ok(status)
}

fn as_json(file: &Path, checked: &Checked) -> Value {
    let shown: Map<String, Value> = checked.shown.iter().cloned().collect();
    let witnesses: Vec<Value> =
        checked.trusted.witnesses.iter().map(|(name, verified)| json!({ "name": name, "seconds": verified.seconds })).collect();
    json!({
        "file": file.display().to_string(), "holds": true, "origin": checked.trusted.checkpoint.origin(), "entry": checked.index,
        "size": checked.trusted.checkpoint.size(), "kind": checked.entry.kind().to_string(), "day": checked.entry.day(),
        "witnesses": witnesses, "shown": shown, "hidden": checked.hidden,
    })
}

fn blocks(file: &Path, checked: &Checked) -> Vec<Block> {
    let (checkpoint, entry) = (&checked.trusted.checkpoint, &checked.entry);
    let head = Line::default().toned(Tone::Good, "It holds").then(format!(": {}", file.display()));
    let mut body = vec![Block::say(format!(
        "Entry {} of {}, among {}: {} of {}",
        checked.index,
        checkpoint.origin(),
        checkpoint.size(),
        entry.kind(),
        entry.day()
    ))];
    if checked.trusted.witnesses.is_empty() {
        body.push(Block::say("No witness is asked for: only the log itself stands for there being no other history"));
    }
    for (name, verified) in &checked.trusted.witnesses {
        let when = verified.seconds.map_or_else(String::new, |seconds| format!(" at {}", time(seconds)));
        body.push(Block::say(format!("Cosigned by {name}{when}")));
    }
    match entry.content() {
        Content::Commitment(_) if checked.shown.is_empty() && checked.hidden.is_empty() => {
            body.push(Block::say("It shows nothing of what was recorded, only that it was"));
        }
        Content::Commitment(_) => {
            let rows = checked.shown.iter().map(|(name, value)| vec![Line::of(name.clone()), Line::of(shown(value))]).collect();
            body.push(Block::Table(vec!["recorded", "value"], rows));
            if !checked.hidden.is_empty() {
                body.push(Block::say(Line::faint(format!("Not shown: {}", listed(&checked.hidden, "and")))));
            }
        }
        Content::Erased { entries, ground, role } => {
            let entries: Vec<String> = entries.iter().map(ToString::to_string).collect();
            let which = if entries.len() == 1 { "entry" } else { "entries" };
            body.push(Block::say(format!("What {which} {} recorded was erased by {role}: {ground}", listed(&entries, "and"))));
        }
        Content::Succeeds { origin, size, .. } => body.push(Block::say(format!("The log goes on where {origin} ended at {size} entries"))),
    }
    vec![Block::group(head, body), Block::Gap]
}
