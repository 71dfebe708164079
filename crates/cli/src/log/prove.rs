// SPDX-License-Identifier: Apache-2.0
//! `comity log prove`: the receipt of an entry.

use super::{Failure, checkpoint_of, write_new};
use crate::args::ProveArgs;
use crate::exit::Status;
use crate::out::Out;
use comity_evidence::note::Algorithm;
use comity_evidence::{Hash, LogProof, Receipt, cose};
use comity_log::{Place, Records};
use std::path::Path;

/// Writes the receipt of an entry, or its proof alone.
pub fn run(args: &ProveArgs, out: &mut Out) -> Result<Status, Failure> {
    let place = Place::open(&args.log)?;
    let reader = place.reader()?;
    let proof = reader.prove(args.entry)?;
    let size = checkpoint_of(&proof.checkpoint)?.size();
    let entry = reader.entry(args.entry, size)?;
    if let Some(file) = &args.cose {
        return write_cose(&place, &proof, &entry, file);
    }
    let written = if args.tlog_proof {
        proof.to_string()
    } else {
        let mut disclosure = None;
        if args.show_all || !args.show.is_empty() {
            let (mut vault, master) = (place.vault()?, place.master_key()?);
            let opened = Records::new(vault.as_mut(), &master).open(&Hash::of_leaf(&entry))?;
            let (payload, salt, _) = opened.ok_or_else(|| {
                Failure::new(Status::Invalid, format!("entry {} has no payload to show: it was erased, or never had one", args.entry))
            })?;
            let fields: Vec<&str> = args.show.iter().map(String::as_str).collect();
            let shown = if args.show_all { Ok(payload.disclose_all(&salt)) } else { payload.disclose(&salt, &fields) };
            disclosure = Some(shown.map_err(|error| Failure::new(Status::Usage, error.to_string()))?);
        }
        Receipt { entry, proof, disclosure }.to_string()
    };
    match &args.output {
        Some(file) => write_new(file, &written)?,
        None => out.raw(&written)?,
    }
    Ok(Status::Fine)
}

/// Writes the proof as COSE receipt. It is another signature than the checkpoint's, so that it takes the key of the log.
fn write_cose(place: &Place, proof: &LogProof, entry: &[u8], file: &Path) -> Result<Status, Failure> {
    let keys = place.keys()?;
    let key = keys.iter().find(|key| key.verifying_key().algorithm() == Algorithm::Ed25519);
    let key = key.ok_or_else(|| Failure::new(Status::Failed, format!("the log `{}` has no Ed25519 key", place.origin())))?;
    let receipt = cose::sign(proof, entry, key).map_err(|error| Failure::new(Status::Failed, error.to_string()))?;
    write_new(file, &receipt)?;
    Ok(Status::Fine)
}
