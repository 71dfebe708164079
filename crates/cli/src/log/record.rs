// SPDX-License-Identifier: Apache-2.0
//! `comity check --record LOG`: judgments as entries of a log.

use super::{Failure, random, seconds, witnesses, write_new};
use crate::args::CheckFormat;
use crate::out::Out;
use crate::render::doc::{Block, Line};
use crate::render::json;
use comity_evidence::entry::Kind;
use comity_evidence::{CommitmentError, Hash, Payload, Receipt};
use comity_flow::{Flow, write};
use comity_judge::Judgment;
use comity_log::place::Place;
use comity_log::{Event, Held, MasterKey, Records, Submission, Vault};
use jiff::civil::Date;
use serde_json::{Map, Value};
use std::path::Path;

/// So many judgments are kept in memory before they are recorded.
const AT_ONCE: usize = 500;

/// Judgments on their way into a log.
pub struct Recorder {
    place: Place,
    held: Held,
    vault: Box<dyn Vault>,
    master: MasterKey,
    day: Date,
    waiting: Vec<Event>,
    recorded: Vec<(u64, Hash)>,
}

impl Recorder {
    /// The recorder of a log; a message and nothing else where it cannot be written.
    pub fn open(log: &Path, today: Date) -> Result<Self, String> {
        let opened = || {
            let place = Place::open(log)?;
            super::append::in_year(&place, today)?;
            let (vault, master) = (place.vault()?, place.master_key()?);
            let held = place.writer(&witnesses::seen(&place)?)?;
            Ok(Self { place, held, vault, master, day: today, waiting: Vec::new(), recorded: Vec::new() })
        };
        opened().map_err(|failure: Failure| failure.message)
    }

    /// Takes a judgment in.
    pub fn push(&mut self, payload: Payload) -> Result<(), String> {
        self.push_of(Event { kind: Kind::Judgment, day: self.day.to_string(), matter: None, once: None, payload })
    }

    /// Takes an event in.
    pub fn push_of(&mut self, event: Event) -> Result<(), String> {
        self.waiting.push(event);
        if self.waiting.len() < AT_ONCE { Ok(()) } else { self.append().map_err(|failure| failure.message) }
    }

    fn append(&mut self) -> Result<(), Failure> {
        let events = std::mem::take(&mut self.waiting);
        let submissions = Records::new(self.vault.as_mut(), &self.master).keep(&events, &mut random)?;
        let numbers = self.held.writer.append(&submissions)?;
        let leaf = |submission: &Submission| Hash::of_leaf(&submission.entry);
        self.recorded.extend(numbers.into_iter().zip(submissions.iter().map(leaf)));
        Ok(())
    }

    /// Signs, and gives the receipts: into a folder, or, of a single judgment, as it is.
    pub fn finish(mut self, receipts: Option<&Path>, format: CheckFormat, out: &mut Out) -> Result<(), String> {
        self.finished(receipts, format, out).map_err(|failure| failure.message)
    }

    fn finished(&mut self, receipts: Option<&Path>, format: CheckFormat, out: &mut Out) -> Result<(), Failure> {
        self.append()?;
        self.held.writer.integrate(seconds())?;
        // Before receipts are made: they carry the cosignatures.
        let witnessed = witnesses::cosign(&self.place, &mut self.held.writer)?;
        let origin = self.held.writer.origin().to_owned();
        let (first, last) = match self.recorded.as_slice() {
            [] => return Ok(()),
            [first, .., last] => (first.0, last.0),
            [only] => (only.0, only.0),
        };
        if let Some(folder) = receipts {
            std::fs::create_dir_all(folder)?;
            for (number, leaf) in std::mem::take(&mut self.recorded) {
                let receipt = self.receipt(number, &leaf)?;
                write_new(&folder.join(format!("entry-{number}.comity-receipt.json")), &receipt.to_string())?;
            }
        } else if let [(number, leaf)] = self.recorded.as_slice()
            && format == CheckFormat::Json
        {
            let receipt = self.receipt(*number, &leaf.clone())?.to_string();
            // A receipt is JSON of several lines; here it is one line among others.
            out.json(&serde_json::from_str(&receipt).unwrap_or(Value::Null))?;
        }
        if matches!(format, CheckFormat::Text | CheckFormat::Plain) {
            let which = if first == last { format!("entry {first}") } else { format!("entries {first} to {last}") };
            let mut blocks = vec![Block::Gap, Block::say(Line::strong(format!("Recorded as {which} of {origin}")))];
            blocks.push(Block::say(match receipts {
                Some(folder) => format!("The receipts are in {}", folder.display()),
                None => "`comity log prove` makes the receipt, with as much of the judgment as you want to show".to_owned(),
            }));
            blocks.extend(witnessed.iter().flat_map(witnesses::Witnessed::blocks));
            out.blocks(&blocks, format.common())?;
        }
        Ok(())
    }

    fn receipt(&mut self, number: u64, leaf: &Hash) -> Result<Receipt, Failure> {
        let opened = Records::new(self.vault.as_mut(), &self.master).open(leaf)?;
        let reader = self.held.writer.reader();
        let proof = reader.prove(number)?;
        let entry = reader.entry(number, self.held.writer.size())?;
        Ok(Receipt { entry, proof, disclosure: opened.map(|(payload, salt, _)| payload.disclose_all(&salt)) })
    }
}

/// What is recorded of a judgment: its verdict, the versions of each law with what it found, and each stated fact,
/// every one a field that can be shown by itself.
///
/// # Errors
///
/// [`CommitmentError`] if a flow states more than one entry can hold.
pub fn payload(flow: &Flow, found: &Judgment) -> Result<Payload, CommitmentError> {
    let mut fields = Map::new();
    let Value::Object(mut judged) = json::judgment(found) else { return Err(CommitmentError::Shape) };
    for key in ["flow", "on", "known_on", "verdict", "uncovered", "under", "assumed", "collisions"] {
        fields.extend(judged.remove(key).map(|value| (key.to_owned(), value)));
    }
    for finding in judged.remove("findings").and_then(|findings| findings.as_array().cloned()).unwrap_or_default() {
        let kept = ["text_from", "digest", "verdict", "leg", "mechanism", "cites", "rests_on", "relies_on", "readings"];
        let of: Map<String, Value> = kept.iter().filter_map(|key| Some(((*key).to_owned(), finding.get(key)?.clone()))).collect();
        let name = format!("law:{}", finding.get("instrument").and_then(Value::as_str).unwrap_or_default());
        // One finding for each leg.
        match fields.entry(name).or_insert_with(|| Value::Array(Vec::new())) {
            Value::Array(findings) => findings.push(Value::Object(of)),
            _ => return Err(CommitmentError::Shape),
        }
    }
    // What each act and grant rests on, beside what the flow says of it.
    for resting in &found.evidence {
        fields.insert(format!("evidence:{}", resting.declared.path()), json::resting(resting));
    }
    let written: toml::Table =
        toml::from_str(&write(flow)).map_err(|error| comity_evidence::canonical::CanonicalError::Syntax(error.to_string()))?;
    for (key, value) in written {
        match value {
            toml::Value::Table(table) => fields.extend(table.into_iter().map(|(name, value)| (format!("fact:{key}.{name}"), plain(value)))),
            value => fields.extend([(format!("fact:{key}"), plain(value))]),
        }
    }
    Payload::new(fields)
}

/// A value of a flow file as JSON; days become texts.
fn plain(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.to_string().into(),
        toml::Value::Boolean(value) => value.into(),
        toml::Value::Datetime(day) => day.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(plain).collect(),
        toml::Value::Table(table) => Value::Object(table.into_iter().map(|(name, value)| (name, plain(value))).collect()),
    }
}
