// SPDX-License-Identifier: Apache-2.0
//! `comity-witness forks`: the proofs of split views.

use super::{Failure, policy, say};
use crate::{ForksArgs, Format};
use comity_evidence::note::VerifyingKey;
use comity_witness::report::{kept, status};
use serde_json::json;

/// Shows each proof; with a policy, verifies it.
pub fn run(args: &ForksArgs) -> Result<u8, Failure> {
    let keys: Option<Vec<VerifyingKey>> = match &args.policy {
        Some(file) => Some(policy(file)?.logs().iter().map(|log| log.key.clone()).collect()),
        None => None,
    };
    let verified = keys.is_some();
    let found = kept(&args.at, keys.as_deref())?;
    for kept in &found {
        say(args.format.format, &kept.lines(verified), &kept.to_json(verified))?;
    }
    if found.is_empty() && args.format.format == Format::Text {
        say(Format::Text, &["No split view was found".to_owned()], &json!(null))?;
    }
    let proved = found.iter().any(|kept| kept.fork.is_ok());
    Ok(match (proved, found.iter().any(|kept| kept.fork.is_err())) {
        (true, _) => status::NO,
        (false, true) => status::INVALID,
        (false, false) => status::FINE,
    })
}
