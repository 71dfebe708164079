// SPDX-License-Identifier: Apache-2.0
//! The witnesses of a log's own policy: asked before it signs what they hold of it, and after it to cosign.

use super::Failure;
use crate::exit::Status;
use crate::render::doc::Block;
use comity_evidence::Policy;
use comity_evidence::note::Note;
use comity_log::{Place, Writer};
use serde_json::Value;

/// What came of asking the witnesses to cosign.
pub struct Witnessed {
    lines: Vec<String>,
    /// The same as JSON; nothing where nobody was asked.
    pub json: Option<Value>,
    /// Whether the quorum is reached.
    pub status: Status,
}

impl Witnessed {
    /// In words.
    pub fn blocks(&self) -> impl Iterator<Item = Block> + '_ {
        self.lines.iter().map(|line| Block::say(line.clone()))
    }
}

/// The policy of a log, if it is there and names witnesses that have an address.
fn policy(place: &Place) -> Result<Option<Policy>, Failure> {
    let file = place.policy();
    let policy = if file.exists() { Some(super::policy(&file)?) } else { None };
    Ok(policy.filter(|policy| policy.witnesses().any(|(_, party)| party.url.is_some())))
}

#[cfg(feature = "network")]
mod asked {
    use super::{Failure, Note, Place, Status, Witnessed, Writer, policy};
    use crate::log::witness::certificates;
    use comity_witness::{Client, cosign};
    use std::time::Duration;

    /// How long one witness is waited for, where nobody says otherwise.
    const PATIENCE: Duration = Duration::from_secs(10);

    /// What the witnesses hold of a log. Those that cannot be asked are passed over: a log must go on when a witness is away.
    pub fn seen(place: &Place) -> Result<Vec<(String, Note)>, Failure> {
        let Some(policy) = policy(place)? else { return Ok(Vec::new()) };
        let client = Client::of_log(PATIENCE, place, None).map_err(certificates)?;
        Ok(cosign::seen(&client, &policy, place.origin(), &place.verifying_keys()?).notes)
    }

    /// Has the newest checkpoint cosigned, and publishes it.
    pub fn cosign(place: &Place, writer: &mut Writer) -> Result<Option<Witnessed>, Failure> {
        let Some(policy) = policy(place)? else { return Ok(None) };
        let client = Client::of_log(PATIENCE, place, None).map_err(certificates)?;
        let gathered = cosign::publish_held(&client, &policy, writer)?;
        let status = if gathered.trusted.is_ok() { Status::Fine } else { Status::Incomplete };
        Ok(Some(Witnessed { lines: gathered.lines(), json: Some(gathered.to_json()), status }))
    }
}

#[cfg(not(feature = "network"))]
mod asked {
    use super::{Failure, Note, Place, Status, Witnessed, Writer, policy};

    /// Nothing: this build does not touch the network.
    pub fn seen(_: &Place) -> Result<Vec<(String, Note)>, Failure> {
        Ok(Vec::new())
    }

    /// Says who can ask them.
    pub fn cosign(place: &Place, _: &mut Writer) -> Result<Option<Witnessed>, Failure> {
        let line = "Its witnesses were not asked: this build has no network. `comity-witness cosign` asks them".to_owned();
        Ok(policy(place)?.map(|_| Witnessed { lines: vec![line], json: None, status: Status::Fine }))
    }
}

pub use asked::{cosign, seen};
