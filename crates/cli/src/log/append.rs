// SPDX-License-Identifier: Apache-2.0
//! `comity log append`: events into a log.

use super::{Failure, random, seconds, witnesses, write_new};
use crate::args::{AppendArgs, Format};
use crate::exit::Status;
use crate::out::Out;
use crate::render::doc::{Block, Line, count};
use comity_evidence::canonical::{canonical, parse};
use comity_evidence::{Hash, Payload, Receipt};
use comity_log::{Event, Place, Records};
use jiff::civil::Date;
use serde_json::json;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Records the payloads of the files, and signs a checkpoint over them.
pub fn run(args: &AppendArgs, today: Date, out: &mut Out) -> Result<Status, Failure> {
    let place = Place::open(&args.log)?;
    let day = args.day.unwrap_or(today);
    in_year(&place, day)?;
    let mut events = Vec::new();
    if args.files.is_empty() {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        read(args, day, Path::new("standard input"), &text, &mut events)?;
    }
    for file in &args.files {
        read(args, day, file, &super::text(file)?, &mut events)?;
    }
    let Recorded { entries, size, witnessed } = record(&place, &events, args.receipts.as_deref())?;
    if args.format.format == Format::Json {
        for ((number, receipt), event) in entries.iter().zip(&events) {
            let receipt = receipt.as_ref().map(|file| file.display().to_string());
            out.json(&json!({ "origin": place.origin(), "entry": number, "kind": event.kind.to_string(), "receipt": receipt }))?;
        }
    }
    if args.format.format != Format::Json {
        let numbers = || entries.iter().map(|(number, _)| *number);
        let (first, last) = (numbers().min().unwrap_or_default(), numbers().max().unwrap_or_default());
        let which = if first == last { format!("entry {first}") } else { format!("entries {first} to {last}") };
        let mut blocks =
            vec![Block::say(Line::strong(format!("{} recorded: {which} of {}", count(events.len(), "event"), place.origin())))];
        match &witnessed {
            Some(witnessed) => blocks.extend(witnessed.blocks()),
            None => blocks.push(Block::say(format!("A checkpoint of {} is signed", super::entries(size)))),
        }
        if let Some(folder) = &args.receipts {
            blocks.push(Block::say(format!("The receipts are in {}", folder.display())));
        }
        out.blocks(&blocks, args.format.format)?;
    } else if let Some(asked) = witnessed.as_ref().and_then(|witnessed| witnessed.json.as_ref()) {
        out.json(&json!({ "origin": place.origin(), "witnessed": asked }))?;
    }
    Ok(witnessed.map_or(Status::Fine, |witnessed| witnessed.status))
}

/// What became of events that were recorded.
pub struct Recorded {
    /// The number of each entry, and the file of its receipt where one was asked for.
    pub entries: Vec<(u64, Option<PathBuf>)>,
    /// So many entries are under the checkpoint that was signed.
    pub size: u64,
    /// What the witnesses of the log's policy did, if it has any.
    pub witnessed: Option<witnesses::Witnessed>,
}

/// Records events, signs a checkpoint over them, and writes a receipt of each into a folder, with all its fields.
pub fn record(place: &Place, events: &[Event], receipts: Option<&Path>) -> Result<Recorded, Failure> {
    let (mut vault, master) = (place.vault()?, place.master_key()?);
    let mut held = place.writer(&witnesses::seen(place)?)?;
    let mut records = Records::new(vault.as_mut(), &master);
    let submissions = records.keep(events, &mut random)?;
    let numbers = held.writer.append(&submissions)?;
    let note = held.writer.integrate(seconds())?;
    // Before receipts are made: they carry the cosignatures.
    let witnessed = witnesses::cosign(place, &mut held.writer)?;
    let mut entries = Vec::with_capacity(numbers.len());
    for (number, submission) in numbers.into_iter().zip(&submissions) {
        let Some(folder) = receipts else {
            entries.push((number, None));
            continue;
        };
        std::fs::create_dir_all(folder)?;
        let file = folder.join(format!("entry-{number}.comity-receipt.json"));
        let opened = records.open(&Hash::of_leaf(&submission.entry))?;
        let disclosure = opened.map(|(payload, salt, _)| payload.disclose_all(&salt));
        let receipt = Receipt { entry: submission.entry.clone(), proof: held.writer.reader().prove(number)?, disclosure };
        // The same event handed in again has its receipt already.
        if !file.exists() {
            write_new(&file, &receipt.to_string())?;
        }
        entries.push((number, Some(file)));
    }
    Ok(Recorded { entries, size: super::checkpoint_of(&note)?.size(), witnessed })
}

/// A log of a year takes events of that year.
pub fn in_year(place: &Place, day: Date) -> Result<(), Failure> {
    let Some(year) = place.year().filter(|year| *year != day.year()) else { return Ok(()) };
    let next = if day.year() > year {
        format!("begin the log of {} with `comity log init … --year {} --after` this one", day.year(), day.year())
    } else {
        format!("the log of {} is another, or give the day of the events with --day", day.year())
    };
    Err(Failure::new(Status::Usage, format!("{} takes entries of {year} only: {next}", place.origin())))
}

/// The events of a text: one JSON object, or one to a line.
fn read(args: &AppendArgs, day: Date, file: &Path, text: &str, events: &mut Vec<Event>) -> Result<(), Failure> {
    let single = parse(text).is_ok();
    let texts: Vec<(usize, &str)> =
        if single { vec![(1, text)] } else { (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()).collect() };
    if texts.is_empty() {
        return Err(Failure::invalid(file, "it is empty: expected a JSON object, or one to a line"));
    }
    for (line, text) in texts {
        let wrong = |problem: String| Failure::new(Status::Invalid, format!("{}:{line}: {problem}", file.display()));
        let payload = Payload::parse(text).map_err(|error| wrong(error.to_string()))?;
        let once = match &args.once {
            None => None,
            Some(field) => {
                let value = payload.fields().iter().find(|(name, _)| name == field).map(|(_, value)| value);
                let value = value.ok_or_else(|| wrong(format!("the payload has no field `{field}`, which --once names")))?;
                let id = canonical(&json!([args.kind.to_string(), args.matter, field, value])).map_err(|error| wrong(error.to_string()))?;
                Some(Hash::of(id.as_bytes()))
            }
        };
        events.push(Event { kind: args.kind, day: day.to_string(), matter: args.matter.clone(), once, payload });
    }
    Ok(())
}
