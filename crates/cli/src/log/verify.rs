// SPDX-License-Identifier: Apache-2.0
//! `comity log verify`: whether one checkpoint extends another, or a proof holds.

use super::{Failure, checkpoint_of, note, policy, text};
use crate::args::{Format, VerifyArgs};
use crate::exit::Status;
use crate::out::Out;
use crate::render::doc::{Block, Line, Tone};
use comity_evidence::note::VerifyingKey;
use comity_evidence::{LogProof, LogProofError, ProofError, Trusted, tree};
use comity_log::Place;
use serde_json::json;

/// Checks a log against an earlier checkpoint, or a proof against an entry.
pub fn run(args: &VerifyArgs, out: &mut Out) -> Result<Status, Failure> {
    if args.what.is_dir() { log(args, out) } else { proof(args, out) }
}

fn say(good: bool, text: String, format: Format, out: &mut Out) -> Result<Status, Failure> {
    if format == Format::Json {
        out.json(&json!({ "holds": good, "says": text }))?;
    } else {
        let (word, tone) = if good { ("It holds", Tone::Good) } else { ("It does not hold", Tone::Bad) };
        out.blocks(&[Block::say(Line::default().toned(tone, word).then(format!(": {text}")))], format)?;
    }
    Ok(if good { Status::Fine } else { Status::No })
}

/// The log in a folder extends the checkpoint in a file.
fn log(args: &VerifyArgs, out: &mut Out) -> Result<Status, Failure> {
    let place = Place::open(&args.what);
    let keys: Vec<VerifyingKey> = match (&args.policy, &place) {
        (Some(file), _) => policy(file)?.logs().iter().map(|log| log.key.clone()).collect(),
        (None, Ok(place)) => place.verifying_keys()?,
        (None, Err(_)) => {
            return Err(Failure::new(Status::Usage, "a copy of a log is verified with --policy FILE: it says whose key to trust"));
        }
    };
    let reader = super::reader(&args.what, place.as_ref().ok())?;
    let Some(file) = &args.since else {
        return Err(Failure::new(
            Status::Usage,
            "say which earlier checkpoint the log must extend with --since FILE; `comity log audit` checks a log by itself",
        ));
    };
    let earlier = note(file)?;
    let newest = reader.checkpoint()?.ok_or_else(|| Failure::invalid(&args.what, "it has no checkpoint"))?;
    for signed in [&earlier, &newest] {
        signed.verify(&keys)?;
    }
    let (old, new) = (checkpoint_of(&earlier)?, checkpoint_of(&newest)?);
    if old.origin() != new.origin() {
        return say(false, format!("the checkpoints are of two logs, {} and {}", old.origin(), new.origin()), args.format.format, out);
    }
    if old.size() > new.size() {
        return say(
            false,
            format!("the log had {} entries and has {} now: it was cut, or is an old copy", old.size(), new.size()),
            args.format.format,
            out,
        );
    }
    let hashes = tree::prove_consistency(old.size(), new.size(), &mut reader.nodes(new.size()))?;
    match tree::verify_consistency(old.size(), old.root(), new.size(), new.root(), &hashes) {
        Ok(()) | Err(ProofError::OfNothing) => {
            let added = new.size() - old.size();
            say(
                true,
                format!("{}, {added} of them new, and nothing before them was changed", super::entries(new.size())),
                args.format.format,
                out,
            )
        }
        Err(error) => {
            say(false, format!("the history was changed. Keep both checkpoints, they prove it ({error})"), args.format.format, out)
        }
    }
}

/// A proof is of an entry.
fn proof(args: &VerifyArgs, out: &mut Out) -> Result<Status, Failure> {
    let file = args.entry.as_ref().ok_or_else(|| Failure::new(Status::Usage, "say which entry the proof is of with --entry FILE"))?;
    let trust = args.policy.as_ref().ok_or_else(|| Failure::new(Status::Usage, "say whom to trust with --policy FILE"))?;
    let proof: LogProof = text(&args.what)?.parse().map_err(|error| Failure::invalid(&args.what, error))?;
    let entry = std::fs::read(file).map_err(|error| Failure::new(Status::Failed, format!("cannot read `{}`: {error}", file.display())))?;
    match proof.verify(&entry, &policy(trust)?) {
        Ok(Trusted { checkpoint, witnesses, .. }) => {
            let text = format!(
                "entry {} of {}, in a checkpoint of {} entries with {} cosignatures",
                proof.index,
                checkpoint.origin(),
                checkpoint.size(),
                witnesses.len()
            );
            say(true, text, args.format.format, out)
        }
        Err(error @ LogProofError::Malformed { .. }) => Err(Failure::invalid(&args.what, error)),
        Err(error) => say(false, error.to_string(), args.format.format, out),
    }
}
