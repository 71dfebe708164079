// SPDX-License-Identifier: Apache-2.0
//! `comity law coverage`: what the library knows of every place, and what it does not.

use crate::args::{CoverageFormat, Format, LibraryArgs};
use crate::exit::Status;
use crate::out::Out;
use crate::render::doc::{Block, Line, Tone, count, listed};
use comity_law::ast::{Instrument, Kind};
use comity_terms::{Bits, Scheme, vocabulary};
use jiff::civil::Date;
use serde_json::json;
use std::io;

/// What kind of place it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Country,
    Part,
    Organisation,
}

impl Sort {
    const ALL: [Self; 3] = [Self::Country, Self::Part, Self::Organisation];

    fn of(code: &str) -> Self {
        match code {
            "EU" => Self::Organisation,
            code if code.starts_with("INT:") => Self::Organisation,
            code if code.contains('-') => Self::Part,
            _ => Self::Country,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Country => "country or territory",
            Self::Part => "part or legal zone",
            Self::Organisation => "organization",
        }
    }

    fn heading(self) -> &'static str {
        match self {
            Self::Country => "Countries and territories",
            Self::Part => "Parts and legal zones",
            Self::Organisation => "Organizations",
        }
    }
}

/// A place with the instruments that are its law.
struct Known<'a> {
    code: &'a str,
    label: &'a str,
    sort: Sort,
    law: Vec<&'a Instrument>,
}

/// Where an instrument stands on the day.
fn state(instrument: &Instrument, on: Date) -> &'static str {
    match instrument.in_force {
        Some(force) if on < force.from => "not yet in force",
        Some(force) if !force.on(on) => "no longer in force",
        _ => "in force",
    }
}

fn in_force(known: &Known<'_>, on: Date) -> bool {
    known.law.iter().any(|instrument| state(instrument, on) == "in force")
}

/// Lists the places.
pub fn run(args: &LibraryArgs, format: CoverageFormat, on: Date, today: Date, out: &mut Out) -> io::Result<Status> {
    let loaded = match super::open(args, today, out)? {
        Ok(loaded) => loaded,
        Err(status) => return Ok(status),
    };
    let places = known(&loaded.library.instruments, on);
    match format {
        CoverageFormat::Json => {
            for place in &places {
                out.json(&as_json(place, on))?;
            }
        }
        CoverageFormat::Csv => csv(&places, on, out)?,
        CoverageFormat::Text => out.blocks(&document(&places, on), Format::Text)?,
        CoverageFormat::Plain => out.blocks(&document(&places, on), Format::Plain)?,
    }
    Ok(Status::Fine)
}

fn known<'a>(instruments: &'a [Instrument], on: Date) -> Vec<Known<'a>> {
    let words = vocabulary();
    let law: Vec<(&Instrument, Bits)> = instruments
        .iter()
        .filter(|instrument| matches!(instrument.kind, Kind::Law | Kind::Treaty))
        .filter_map(|instrument| {
            let of = instrument.of.as_ref()?;
            // A law that begins later is the law of those who belong then.
            let day = instrument.in_force.map_or(on, |force| on.max(force.from));
            Some((instrument, of.on(words, day)))
        })
        .collect();
    (0_u16..)
        .zip(words.entries(Scheme::Place))
        .map(|(index, entry)| Known {
            code: &entry.id,
            label: &entry.label,
            sort: Sort::of(&entry.id),
            law: law.iter().filter(|(_, places)| places.has(index)).map(|(instrument, _)| *instrument).collect(),
        })
        .collect()
}

fn document(places: &[Known<'_>], on: Date) -> Vec<Block> {
    let mut blocks = vec![Block::Sentence(Line::strong(format!("What the library knows on {on}"))), summary(places, on)];
    let mut used: Vec<&Instrument> = Vec::new();
    for instrument in places.iter().flat_map(|place| &place.law) {
        if !used.iter().any(|known| known.id.text == instrument.id.text) {
            used.push(instrument);
        }
    }
    let (seen, all) = used.iter().map(|instrument| super::verified(instrument)).fold((0, 0), |sum, next| (sum.0 + next.0, sum.1 + next.1));
    blocks.push(Block::say(format!(
        "{}: {}, {seen} of them seen in a source; the others are from memory",
        if used.len() == 1 { "1 law or treaty".to_owned() } else { format!("{} laws and treaties", used.len()) },
        count(all, "provision")
    )));
    for sort in Sort::ALL {
        let of_sort = || places.iter().filter(move |place| place.sort == sort);
        let rows = of_sort().flat_map(|place| place.law.iter().map(move |instrument| row(place, instrument, on)));
        blocks.push(Block::Gap);
        blocks.push(Block::Sentence(Line::strong(sort.heading())));
        blocks.push(Block::Table(vec!["place", "name", "instrument", "kind", "state", "days", "seen in a source"], rows.collect()));
        let without: Vec<String> =
            of_sort().filter(|place| place.law.is_empty()).map(|place| format!("{} ({})", place.code, place.label)).collect();
        if !without.is_empty() {
            blocks.push(Block::Sentence(Line::default().toned(Tone::Bad, "no instrument").then(format!(": {}", listed(&without, "and")))));
        }
    }
    blocks
}

fn summary(places: &[Known<'_>], on: Date) -> Block {
    let rows = Sort::ALL.iter().map(|sort| {
        let of_sort = || places.iter().filter(|place| place.sort == *sort);
        let current = of_sort().filter(|place| in_force(place, on)).count();
        let without = of_sort().filter(|place| place.law.is_empty()).count();
        let all = of_sort().count();
        vec![
            Line::of(sort.heading()),
            Line::of(all.to_string()),
            Line::default().toned(Tone::Good, current.to_string()),
            Line::of((all - current - without).to_string()),
            Line::default().toned(if without == 0 { Tone::Normal } else { Tone::Bad }, without.to_string()),
        ]
    });
    Block::Table(vec!["", "places", "with a law in force", "with a law of other days only", "no instrument"], rows.collect())
}

fn row(place: &Known<'_>, instrument: &Instrument, on: Date) -> Vec<Line> {
    let state = state(instrument, on);
    vec![
        Line::strong(place.code.to_owned()),
        Line::of(place.label.to_owned()),
        Line::of(instrument.id.text.clone()),
        Line::of(instrument.kind.word()),
        Line::default().toned(if state == "in force" { Tone::Good } else { Tone::Doubt }, state),
        Line::of(super::days(instrument.in_force)),
        Line::of(share(instrument)),
    ]
}

/// The share of provisions that were seen in a source.
fn share(instrument: &Instrument) -> String {
    let (seen, all) = super::verified(instrument);
    (seen * 100).checked_div(all).map_or_else(String::new, |share| format!("{share} %"))
}

fn as_json(place: &Known<'_>, on: Date) -> serde_json::Value {
    let instruments = place.law.iter().map(|instrument| {
        let (seen, all) = super::verified(instrument);
        json!({
            "id": instrument.id.text, "kind": instrument.kind.word(), "state": state(instrument, on),
            "from": instrument.in_force.map(|force| force.from.to_string()),
            "until": instrument.in_force.and_then(|force| force.until).map(|day| day.to_string()),
            "provisions": all, "verified": seen,
        })
    });
    json!({
        "place": place.code, "name": place.label, "sort": place.sort.word(), "on": on.to_string(),
        "instruments": instruments.collect::<Vec<_>>(),
    })
}

fn csv(places: &[Known<'_>], on: Date, out: &mut Out) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out.writer());
    writer.write_record(["place", "name", "sort", "instrument", "kind", "state", "from", "until", "provisions", "verified"])?;
    for place in places {
        let base = [place.code, place.label, place.sort.word()].map(str::to_owned);
        if place.law.is_empty() {
            writer.write_record(base.iter().map(String::as_str).chain(["", "", "no instrument", "", "", "", ""]))?;
        }
        for instrument in &place.law {
            let (seen, all) = super::verified(instrument);
            let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
            let more = [
                instrument.id.text.clone(),
                instrument.kind.word().to_owned(),
                state(instrument, on).to_owned(),
                day(instrument.in_force.map(|force| force.from)),
                day(instrument.in_force.and_then(|force| force.until)),
                all.to_string(),
                seen.to_string(),
            ];
            writer.write_record(base.iter().chain(&more))?;
        }
    }
    writer.flush()
}
