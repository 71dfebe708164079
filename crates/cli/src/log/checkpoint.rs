// SPDX-License-Identifier: Apache-2.0
//! `comity log checkpoint`: the signed state of a log.

use super::{Failure, checkpoint_of, seconds, witnesses};
use crate::args::Format;
use crate::exit::Status;
use crate::out::Out;
use comity_log::Place;
use serde_json::json;
use std::path::Path;

/// Signs what was taken in, and shows the newest checkpoint with its cosignatures.
pub fn run(log: &Path, format: Format, out: &mut Out) -> Result<Status, Failure> {
    let place = Place::open(log)?;
    let mut held = place.writer(&witnesses::seen(&place)?)?;
    let signed = held.writer.integrate(seconds())?;
    let witnessed = witnesses::cosign(&place, &mut held.writer)?;
    let note = held.writer.reader().checkpoint()?.filter(|published| published.text() == signed.text()).unwrap_or(signed);
    if format == Format::Json {
        let checkpoint = checkpoint_of(&note)?;
        let signers: Vec<&str> = note.signatures().iter().map(comity_evidence::note::Signature::name).collect();
        out.json(&json!({
            "origin": checkpoint.origin(), "size": checkpoint.size(), "root": checkpoint.root().to_string(),
            "signed_by": signers, "checkpoint": note.to_string(),
            "witnessed": witnessed.as_ref().and_then(|witnessed| witnessed.json.as_ref()),
        }))?;
    } else {
        out.raw(&note.to_string())?;
    }
    Ok(witnessed.map_or(Status::Fine, |witnessed| witnessed.status))
}
