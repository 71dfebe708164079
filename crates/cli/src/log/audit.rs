// SPDX-License-Identifier: Apache-2.0
//! `comity log audit`: a whole log, derived again.

use super::Failure;
use crate::args::{AuditArgs, Format};
use crate::exit::Status;
use crate::out::{Out, Progress};
use crate::render::doc::{Block, Line, Tone};
use comity_evidence::note::VerifyingKey;
use comity_log::{Place, audit};
use serde_json::json;

/// Derives the log again and says whether it is whole.
pub fn run(args: &AuditArgs, out: &mut Out) -> Result<Status, Failure> {
    let place = Place::open(&args.log);
    let keys: Vec<VerifyingKey> = match (&args.key, &place) {
        (Some(key), _) => {
            vec![key.parse().map_err(|error: comity_evidence::NoteError| Failure::new(Status::Usage, format!("--key: {error}")))?]
        }
        (None, Ok(place)) => place.verifying_keys()?,
        (None, Err(_)) => {
            let message =
                format!("`{}` is no log folder of your own: say by whose key it must be signed with --key VKEY", args.log.display());
            return Err(Failure::new(Status::Usage, message));
        }
    };
    let reader = super::reader(&args.log, place.as_ref().ok())?;
    let progress = Progress::new(None);
    let audited = audit(&reader, &keys, &mut |done, size| progress.say(&format!("{done} of {size} entries")))?;
    drop(progress);
    let as_json = args.format.format == Format::Json;
    match audited {
        Ok(audited) => {
            let (checkpoint, files) = (&audited.checkpoint, audited.files);
            if as_json {
                out.json(&json!({
                    "whole": true, "origin": checkpoint.origin(), "size": checkpoint.size(), "root": checkpoint.root().to_string(),
                    "files": files, "strange": audited.strange,
                }))?;
                return Ok(Status::Fine);
            }
            let line = Line::default().toned(Tone::Good, "Whole");
            let line =
                line.then(format!(": {} of {}, derived again from {files} files", super::entries(checkpoint.size()), checkpoint.origin()));
            let mut blocks = vec![Block::say(line)];
            blocks.extend(audited.strange.iter().map(|file| Block::item(format!("{file} is no file of a log, and was not looked at"))));
            out.blocks(&blocks, args.format.format)?;
            Ok(Status::Fine)
        }
        Err(damage) => {
            if as_json {
                out.json(&json!({ "whole": false, "file": damage.file, "problem": damage.problem, "entry": damage.entry }))?;
            } else {
                let line = Line::default()
                    .toned(Tone::Bad, "Damaged")
                    .then(format!(": {}, from entry {} on: {}", damage.file, damage.entry, damage.problem));
                out.blocks(
                    &[Block::say(line), Block::say("It is the first such file; bring it back from a copy and audit again")],
                    args.format.format,
                )?;
            }
            Ok(Status::No)
        }
    }
}
