// SPDX-License-Identifier: Apache-2.0
//! Whether a receipt is evidence of an act or grant: it holds, and shows that it is of this one.

use crate::input::reason;
use comity_evidence::entry::Kind;
use comity_evidence::{Policy, Receipt, ReceiptError};
use comity_flow::{Declared, Flow};
use comity_terms::vocabulary;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Checks the receipt in a file.
///
/// It must show the field `safeguard`: the act or grant by its path, or its id alone. Where it shows `flow`, it is this one.
/// Consent is recorded as consent, and everything else as a filing or a message.
pub fn holds(file: &Path, policy: &Policy, flow: &Flow, declared: &Declared) -> Result<(), String> {
    let receipt: Receipt =
        fs::read_to_string(file).map_err(|error| reason(&error))?.parse().map_err(|error: ReceiptError| error.to_string())?;
    let checked = receipt.verify(policy).map_err(|error| format!("the receipt does not hold: {error}"))?;
    let kind = checked.entry.kind();
    let consent = path(declared) == "safeguards.consent";
    let fits = if consent { kind == Kind::Consent } else { matches!(kind, Kind::Filing | Kind::Message) };
    if !fits {
        let expected = if consent { "`consent`" } else { "`filing` or `message`" };
        return Err(format!("the receipt is of an entry of kind `{kind}`, expected {expected}"));
    }
    let shown = |field: &str| checked.shown.iter().find(|(name, _)| name == field).map(|(_, value)| value);
    let Some(safeguard) = shown("safeguard") else {
        return Err(format!("the receipt does not show the field `safeguard`, which says what it is evidence of: `{}`", declared.path()));
    };
    let id = declared.term.map(|term| vocabulary().id(term));
    let names = [Some(declared.path()), id.map(|id| id.strip_suffix("/*").unwrap_or(id).to_owned())];
    if !names.iter().flatten().any(|name| safeguard == name) {
        return Err(format!("the receipt is evidence of {safeguard}, expected \"{}\"", declared.path()));
    }
    match shown("flow") {
        Some(other) if *other != flow.id => return Err(format!("the receipt is of flow {other}, expected \"{}\"", flow.id)),
        _ => {}
    }
    if shown("given") == Some(&Value::Bool(false)) {
        return Err("the receipt records that consent was refused or taken back".to_owned());
    }
    Ok(())
}

fn path(declared: &Declared) -> &'static str {
    vocabulary().key_at(declared.key).map_or("", |key| key.path.as_str())
}
