// SPDX-License-Identifier: Apache-2.0
//! `comity custody add`: what was done with an exhibit, as the next event of its chain and as an entry of a log.

use super::{broken, events_of};
use crate::args::{CustodyAddArgs, Format};
use crate::exit::Status;
use crate::input::reason;
use crate::log::Failure;
use crate::log::append::{Recorded, in_year, record};
use crate::out::Out;
use crate::render::doc::{Block, Line, count};
use comity_evidence::Hash;
use comity_evidence::custody::{Chain, Event, Time};
use comity_evidence::entry::Kind;
use comity_log::Place;
use jiff::Timestamp;
use serde_json::json;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;

/// Adds an event.
pub fn run(args: &CustodyAddArgs, now: Timestamp, out: &mut Out) -> io::Result<Status> {
    match add(args, now, out) {
        Ok(()) => Ok(Status::Fine),
        Err(failure) => {
            out.error(&failure.message)?;
            Ok(failure.status)
        }
    }
}

fn add(args: &CustodyAddArgs, now: Timestamp, out: &mut Out) -> Result<(), Failure> {
    // Hashing may take long, and nobody waits for the file meanwhile.
    let digest = match (&args.content, args.digest) {
        (Some(content), _) => digest_of(content)?,
        (None, Some(digest)) => digest,
        (None, None) => return Err(Failure::new(Status::Usage, "name the exhibit, or give its --digest")),
    };
    let (mut file, text) = open(&args.file)?;
    let made = next(args, &text, digest, now).and_then(|(chain, event)| {
        let recorded = args.log.as_deref().map(|log| in_log(log, args, &event)).transpose()?;
        Ok((chain, event, recorded))
    });
    if made.is_err() && text.is_empty() {
        // A chain that did not begin leaves nothing behind; where that fails, an empty file does no harm.
        let _ = std::fs::remove_file(&args.file);
    }
    let (chain, event, recorded) = made?;
    // A line that an earlier run left without its end is not glued to this one.
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let line = event.to_text();
    if let Err(error) = file.write_all(format!("{gap}{line}\n").as_bytes()).and_then(|()| file.sync_all()) {
        let trouble = format!("cannot write `{}`: {}", args.file.display(), reason(&error));
        let rescue = if recorded.is_some() { format!("; the event is in the log: write this line there\n{line}") } else { String::new() };
        return Err(Failure::new(Status::Failed, trouble + &rescue));
    }
    Ok(say(args, &chain, &event, recorded.as_ref(), out)?)
}

/// The file, for this process alone, and what is in it.
fn open(path: &Path) -> Result<(File, String), Failure> {
    let failed = |problem: &str| Failure::new(Status::Failed, format!("cannot write `{}`: {problem}", path.display()));
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path).map_err(|error| failed(&reason(&error)))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(failed("another event is being added")),
        Err(TryLockError::Error(error)) => return Err(failed(&reason(&error))),
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|error| failed(&reason(&error)))?;
    Ok((file, text))
}

/// The chain with the new event, and the event.
fn next(args: &CustodyAddArgs, text: &str, digest: Hash, now: Timestamp) -> Result<(Chain, Event), Failure> {
    let read = events_of(&args.file, text).map_err(|(status, message)| Failure::new(status, message))?;
    let (mut events, lines) = (read.events, read.lines);
    let last = events.last();
    let exhibit = args.exhibit.clone().or_else(|| last.map(|event| event.exhibit.clone())).ok_or_else(|| {
        Failure::new(Status::Usage, format!("`{}` begins a chain: say of which exhibit with --exhibit ID", args.file.display()))
    })?;
    let at = match &args.at {
        Some(at) => at.clone(),
        None => this_second(now)?,
    };
    let event = Event {
        exhibit,
        action: args.action,
        role: args.role.clone(),
        at,
        place: args.place.clone(),
        ground: args.ground.clone(),
        digest,
        previous: last.map(Event::hash),
    };
    let number = events.len() + 1;
    events.push(event.clone());
    let chain = Chain::new(events).map_err(|error| {
        let what = if error.number == number { "the event does not fit" } else { "the chain does not hold" };
        Failure::new(Status::No, format!("{what}, nothing is written: {}", broken(&args.file, &lines, &error)))
    })?;
    Ok((chain, event))
}

fn this_second(now: Timestamp) -> Result<Time, Failure> {
    let written = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    written.parse().map_err(|error: comity_evidence::custody::TimeError| Failure::new(Status::Failed, error.to_string()))
}

fn digest_of(exhibit: &Path) -> Result<Hash, Failure> {
    File::open(exhibit).and_then(Hash::of_reader).map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::IsADirectory => "it is a folder: make one file of it, such as an archive, and keep that".to_owned(),
            _ => reason(&error),
        };
        Failure::new(Status::Failed, format!("cannot read the exhibit `{}`: {why}", exhibit.display()))
    })
}

/// Records the event. The same event handed in again is the same entry.
fn in_log(log: &Path, args: &CustodyAddArgs, event: &Event) -> Result<Recorded, Failure> {
    let place = Place::open(log)?;
    let day = event.at.day().parse().map_err(|error: jiff::Error| Failure::new(Status::Failed, format!("`{}`: {error}", event.at)))?;
    in_year(&place, day)?;
    let event = comity_log::Event {
        kind: Kind::Custody,
        day: event.at.day().to_owned(),
        matter: args.matter.clone(),
        once: Some(event.hash()),
        payload: event.to_payload()?,
    };
    record(&place, &[event], args.receipts.as_deref())
}

fn say(args: &CustodyAddArgs, chain: &Chain, event: &Event, recorded: Option<&Recorded>, out: &mut Out) -> io::Result<()> {
    let (entry, receipt) = match recorded.and_then(|recorded| recorded.entries.first()) {
        Some((number, receipt)) => (Some(*number), receipt.as_ref().map(|file| file.display().to_string())),
        None => (None, None),
    };
    if args.format.format == Format::Json {
        return out.json(&json!({
            "file": args.file.display().to_string(), "exhibit": event.exhibit, "event": chain.events().len(),
            "action": event.action.to_string(), "at": event.at.as_str(), "digest": event.digest.to_hex(), "hash": event.hash().to_hex(),
            "entry": entry, "receipt": receipt,
        }));
    }
    let head = Line::strong(format!("Added: `{}` at {}", event.action, event.at));
    let mut body = vec![
        Block::say(format!("Exhibit {} has {}", event.exhibit, count(chain.events().len(), "event"))),
        Block::say(format!("SHA-256 of the exhibit: {}", event.digest.to_hex())),
    ];
    body.push(match entry {
        Some(number) => Block::say(format!("Recorded as entry {number} of the log")),
        None => Block::say(Line::faint("Recorded in no log: nothing but the file shows that the event was not changed later")),
    });
    if let Some(receipt) = receipt {
        body.push(Block::say(format!("The receipt is {receipt}")));
    }
    body.extend(recorded.and_then(|recorded| recorded.witnessed.as_ref()).iter().flat_map(|witnessed| witnessed.blocks()));
    out.blocks(&[Block::group(head, body)], args.format.format)
}
