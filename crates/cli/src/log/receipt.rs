// SPDX-License-Identifier: Apache-2.0
//! `comity receipt verify`: what a receipt proves, in the words of [`comity_evidence::report`].

use super::{Failure, bytes, policy};
use crate::args::Format;
use crate::exit::Status;
use crate::out::Out;
use crate::render::doc::{Block, Line, Tone};
use comity_evidence::Checked;
use comity_evidence::report::{Examined, Language, Piece, Report, examine};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// Checks receipts, one after the other.
pub fn verify(files: &[PathBuf], trust: &Path, document: Option<&Path>, format: Format, out: &mut Out) -> Result<Status, Failure> {
    let policy = policy(trust)?;
    let document = document.map(bytes).transpose()?;
    let mut status = Status::Fine;
    for file in files {
        let examined = examine(&bytes(file)?, &policy, document.as_deref());
        match &examined {
            Examined::NoReceipt(error) => {
                out.error(&format!("`{}`: {error}", file.display()))?;
                status = status.and(Status::Invalid);
                continue;
            }
            Examined::DoesNotHold(_) => status = status.and(Status::No),
            Examined::Holds(..) => {}
        }
        if format == Format::Json {
            out.json(&match &examined {
                Examined::Holds(checked, _) => as_json(file, checked),
                Examined::DoesNotHold(error) | Examined::NoReceipt(error) => {
                    json!({ "file": file.display().to_string(), "holds": false, "problem": error.to_string() })
                }
            })?;
        } else {
            out.blocks(&blocks(file, &examined.report(Language::English)), format)?;
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

fn blocks(file: &Path, report: &Report) -> Vec<Block> {
    let tone = if report.detail.is_none() { Tone::Good } else { Tone::Bad };
    let head = Line::default().toned(tone, report.head).then(format!(": {}", file.display()));
    let head = match &report.detail {
        Some(detail) => head.then(format!(": {detail}")),
        None => head,
    };
    let body = report.body.iter().map(|piece| match piece {
        Piece::Say(sentence) => Block::say(sentence.to_string()),
        Piece::Aside(sentence) => Block::say(Line::faint(sentence.to_string())),
        Piece::Table { heads, rows } => {
            Block::Table(heads.to_vec(), rows.iter().map(|row| row.iter().map(|cell| Line::of(cell.clone())).collect()).collect())
        }
    });
    vec![Block::group(head, body.collect()), Block::Gap]
}
