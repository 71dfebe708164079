// SPDX-License-Identifier: Apache-2.0
//! `comity log init`: a new log.

use super::{Failure, checkpoint_of, random_bytes, seconds, write_new};
use crate::args::{ElsewhereArgs, Format, InitArgs};
use crate::exit::Status;
use crate::out::Out;
use crate::render::doc::{Block, Line};
use comity_evidence::Entry;
use comity_evidence::note::{Algorithm, SigningKey};
use comity_log::place::{Plan, Stores};
use comity_log::{Place, Submission};
use jiff::civil::Date;
use serde_json::json;
use std::path::PathBuf;

/// Makes the folder, keys and lock of a log, and signs its first checkpoint.
pub fn run(args: &InitArgs, today: Date, out: &mut Out) -> Result<Status, Failure> {
    let ended = match &args.after {
        Some(folder) => {
            let note = Place::open(folder)?.reader()?.checkpoint()?;
            let note = note.ok_or_else(|| Failure::new(Status::Invalid, format!("the log in `{}` has no checkpoint", folder.display())))?;
            note.verify(&Place::open(folder)?.verifying_keys()?)?;
            Some(checkpoint_of(&note)?)
        }
        None => None,
    };
    let wrong = |error: comity_evidence::NoteError| Failure::new(Status::Usage, format!("`{}` cannot name a log: {error}", args.origin));
    let mut keys = vec![SigningKey::from_seed(&args.origin, Algorithm::Ed25519, random_bytes()?).map_err(wrong)?];
    if args.ml_dsa {
        keys.push(SigningKey::from_seed(&args.origin, Algorithm::MlDsa44Cosignature, random_bytes()?).map_err(wrong)?);
    }
    let lock = match &args.lock {
        Some(lock) => lock.clone(),
        None => default_lock()?,
    };
    let plan = Plan {
        origin: &args.origin,
        keys: &keys,
        master_key: random_bytes()?,
        lock: &lock,
        year: args.year,
        stores: stores(&args.elsewhere),
    };
    let place = Place::create(&args.log, &plan)?;
    let mut held = place.writer(&[])?;
    if let Some(ended) = &ended {
        let entry = Entry::of_succession(&today.to_string(), ended)?.to_bytes();
        let once = Some(comity_evidence::Hash::of(&entry));
        held.writer.append(&[Submission { entry, once }])?;
    }
    let note = held.writer.integrate(seconds())?;
    let lines: Vec<String> = held.writer.verifying_keys().iter().map(|key| format!("log {key}\n")).collect();
    let trust = args.log.join("trust.policy");
    write_new(&trust, &format!("{}quorum none\n", lines.concat()))?;
    if args.format.format == Format::Json {
        let keys: Vec<String> = held.writer.verifying_keys().iter().map(ToString::to_string).collect();
        out.json(&json!({ "origin": args.origin, "keys": keys, "lock": lock.display().to_string(), "checkpoint": note.to_string() }))?;
        return Ok(Status::Fine);
    }
    let mut blocks = vec![Block::say(Line::strong(format!("Log {} begins in {}", args.origin, args.log.display())))];
    if let Some(ended) = &ended {
        blocks.push(Block::say(format!("Its entry 0 cites the end of {} at {}", ended.origin(), super::entries(ended.size()))));
    }
    blocks.push(Block::say(format!("Everyone may read {}; everything else there is not for others", place.published())));
    blocks.push(Block::say(format!("The lock is in {}: it must never be restored from a backup", lock.display())));
    blocks.push(Block::say(format!("Whoever trusts this log takes {} as policy; it asks for no witness yet", trust.display())));
    out.blocks(&blocks, args.format.format)?;
    Ok(Status::Fine)
}

/// The stores that are on other machines.
fn stores(args: &ElsewhereArgs) -> Stores {
    let ElsewhereArgs { postgres, files, region, endpoint, certificates } = args;
    let whole = |file: &PathBuf| std::path::absolute(file).unwrap_or_else(|_| file.clone());
    Stores {
        postgres: postgres.clone(),
        files: files.clone(),
        region: region.clone(),
        endpoint: endpoint.clone(),
        certificates: certificates.as_ref().map(whole),
    }
}

/// The lock, with the state that no backup should touch.
fn default_lock() -> Result<PathBuf, Failure> {
    let state = crate::input::state()
        .ok_or_else(|| Failure::new(Status::Usage, "there is no home folder for the lock: say where with --lock FILE"))?;
    Ok(state.join("signed.sqlite"))
}
