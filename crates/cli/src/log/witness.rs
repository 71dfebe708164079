// SPDX-License-Identifier: Apache-2.0
//! `comity log witness` and `comity log follow`: one's own log cosigned, and watch kept on others.

use super::{Failure, policy, seconds};
use crate::args::{FollowArgs, Format, WitnessArgs};
use crate::exit::Status;
use crate::out::{Out, Progress};
use crate::render::doc::{Block, Line};
use comity_log::Place;
use comity_witness::{Client, FetchError, FollowError, Follower, cosign, follow, report};
use serde_json::Value;
use std::time::Duration;

/// Signs what was taken in, has it cosigned, and publishes it.
pub fn run(args: &WitnessArgs, out: &mut Out) -> Result<Status, Failure> {
    let place = Place::open(&args.log)?;
    let trust = policy(&args.policy.clone().unwrap_or_else(|| place.policy()))?;
    let client = Client::of_log(Duration::from_secs(args.patience), &place, args.certificates.as_deref()).map_err(certificates)?;
    let gathered = cosign::publish(&client, &trust, &place, seconds())?;
    say(gathered.lines(), &gathered.to_json(), args.format.format, out)?;
    Ok(status(gathered.status()))
}

/// Looks at a log once, or again and again until a split view is found.
pub fn run_follow(args: &FollowArgs, out: &mut Out) -> Result<Status, Failure> {
    let trust = policy(&args.policy)?;
    let patience = Duration::from_secs(args.patience);
    let client = args.certificates.as_ref().map_or_else(|| Ok(Client::new(patience)), |file| Client::trusting(patience, file));
    let client = client.map_err(certificates)?;
    let follower = Follower::new(&args.data);
    loop {
        let done = look(args, &follower, &client, &trust, out);
        let Some(every) = args.every else { return done };
        match done {
            Ok(Status::No) => return done,
            Ok(_) => {}
            // What is damaged stays so; what could not be reached may be tomorrow.
            Err(failure) if failure.status == Status::No => return Err(failure),
            Err(failure) => out.error(&failure.message)?,
        }
        out.flush()?;
        std::thread::sleep(Duration::from_secs(every));
    }
}

/// A file of certificates that cannot be used.
pub fn certificates(error: FetchError) -> Failure {
    Failure::new(Status::Invalid, error.to_string())
}

fn look(
    args: &FollowArgs,
    follower: &Follower,
    client: &Client,
    trust: &comity_evidence::Policy,
    out: &mut Out,
) -> Result<Status, Failure> {
    let progress = Progress::new(None);
    let looked = follow::look_at(follower, client, &args.log, trust, &mut |done, size| progress.say(&format!("{done} of {size} entries")));
    drop(progress);
    let (looked, unheard) = looked.map_err(|error| {
        let status = if matches!(error, FollowError::Damaged { .. }) { Status::No } else { Status::Failed };
        Failure::new(status, error.to_string())
    })?;
    let mut lines = looked.lines();
    lines.extend(unheard.iter().map(|(name, problem)| format!("{name}: {problem}")));
    say(lines, &looked.to_json(), args.format.format, out)?;
    Ok(status(looked.status()))
}

fn say(lines: Vec<String>, json: &Value, format: Format, out: &mut Out) -> Result<(), Failure> {
    if format == Format::Json {
        return Ok(out.json(json)?);
    }
    let mut lines = lines.into_iter();
    let mut blocks: Vec<Block> = lines.next().map(|first| Block::say(Line::strong(first))).into_iter().collect();
    blocks.extend(lines.map(Block::say));
    Ok(out.blocks(&blocks, format)?)
}

fn status(of: u8) -> Status {
    match of {
        report::status::FINE => Status::Fine,
        report::status::NO => Status::No,
        report::status::UNDETERMINED => Status::Undetermined,
        report::status::INCOMPLETE => Status::Incomplete,
        _ => Status::Failed,
    }
}
