// SPDX-License-Identifier: Apache-2.0
//! `comity-witness cosign`: the newest checkpoint of one's own log, cosigned and published.

use super::{Failure, policy, say, seconds};
use crate::CosignArgs;
use comity_log::Place;
use comity_witness::{Client, cosign};
use std::time::Duration;

/// Asks the witnesses, and publishes what they gave.
pub fn run(args: &CosignArgs) -> Result<u8, Failure> {
    let place = Place::open(&args.log)?;
    let trust = policy(&args.policy.clone().unwrap_or_else(|| place.policy()))?;
    let client = Client::of_log(Duration::from_secs(args.patience), &place, args.certificates.as_deref())?;
    let gathered = cosign::publish(&client, &trust, &place, seconds())?;
    say(args.format.format, &gathered.lines(), &gathered.to_json())?;
    Ok(gathered.status())
}
