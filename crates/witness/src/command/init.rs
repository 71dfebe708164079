// SPDX-License-Identifier: Apache-2.0
//! `comity-witness init`: a new witness.

use super::{Failure, say};
use crate::InitArgs;
use comity_evidence::NoteError;
use comity_evidence::note::{Algorithm, SigningKey, VerifyingKey};
use comity_log::StoreError;
use comity_log::place::read_secret;
use comity_witness::Witness;
use comity_witness::report::status;
use serde_json::json;

/// Makes the folder and the key, and says what others need to know.
pub fn run(args: &InitArgs) -> Result<u8, Failure> {
    let usage = |message: String| Failure { status: 2, message };
    let logs = args.log.iter().map(|key| key.parse().map_err(|error: NoteError| usage(format!("--log {key}: {error}"))));
    let logs: Vec<VerifyingKey> = logs.collect::<Result<_, _>>()?;
    let mut keys = Vec::new();
    if let Some(file) = &args.key {
        keys.push(SigningKey::from_secret_text(&read_secret(file)?).map_err(|error| Failure::invalid(file, error))?);
    }
    if let Some(name) = &args.name {
        let made = |algorithm| {
            let mut seed = [0; 32];
            getrandom::fill(&mut seed)
                .map_err(|error| StoreError::new("get random bytes from", "the operating system", error.to_string()))?;
            SigningKey::from_seed(name, algorithm, seed).map_err(|error| usage(format!("`{name}` cannot name a witness: {error}")))
        };
        keys.push(made(Algorithm::Ed25519Cosignature)?);
        if args.ml_dsa {
            keys.push(made(Algorithm::MlDsa44Cosignature)?);
        }
    }
    let witness = Witness::create(&args.data, &keys, &logs)?;
    let data = args.data.display();
    let own: Vec<String> = witness.verifying_keys().iter().map(ToString::to_string).collect();
    let mut lines = vec![format!("The witness begins in {data}. Others put into their policies:")];
    lines.extend(own.iter().map(|key| format!("  witness NAME {key} http://ADDRESS")));
    lines.push(format!("It cosigns for the logs in {data}/logs.policy"));
    lines.push(format!("{data}/witness.sqlite must never be restored from a backup: a witness that forgets cosigns two histories"));
    say(args.format.format, &lines, &json!({ "data": data.to_string(), "keys": own }))?;
    Ok(status::FINE)
}
