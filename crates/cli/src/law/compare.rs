// SPDX-License-Identifier: Apache-2.0
//! `comity law compare`: the flows that two laws, or one law on two days, judge differently.

use crate::args::{CompareArgs, Format};
use crate::exit::Status;
use crate::library::unknown;
use crate::out::Out;
use crate::render::doc::{Block, Line, Tone};
use comity_judge::compare::{Comparison, Difference, Side, compare};
use jiff::civil::Date;
use serde_json::json;
use std::io;

/// Compares and shows every way in which the two differ, with an example.
pub fn run(args: &CompareArgs, today: Date, out: &mut Out) -> io::Result<Status> {
    let loaded = match super::open(&args.library, today, out)? {
        Ok(loaded) => loaded,
        Err(status) => return Ok(status),
    };
    let library = &loaded.library;
    let (first, second) = (args.first.as_str(), args.second.as_deref().unwrap_or(&args.first));
    let mut sides = Vec::new();
    for (id, on) in [(first, args.on), (second, args.against.or(args.on))] {
        let Some(instrument) = library.instrument(id) else {
            out.error(&unknown(library, id))?;
            return Ok(Status::Usage);
        };
        sides.push(Side { library, instrument, day: on.unwrap_or(today), known: today });
    }
    let [a, b] = sides.as_slice() else { return Ok(Status::Failed) };
    let comparison = match compare(*a, *b) {
        Ok(comparison) => comparison,
        Err(error) => {
            out.error(&error.to_string())?;
            return Ok(Status::Failed);
        }
    };
    let names = [format!("{first} on {}", a.day), format!("{second} on {}", b.day)];
    if args.format.format == Format::Json {
        out.json(&as_json(&names, &comparison))?;
    } else {
        out.blocks(&document(&names, &comparison), args.format.format)?;
    }
    Ok(Status::Fine)
}

fn behind(difference: &Difference, side: u8) -> Vec<String> {
    let own = difference.behind.iter().filter(|behind| behind.side == side);
    own.take(6).map(|behind| format!("{} ({}) in {:.1} %", behind.provision, behind.cites.join("; "), behind.share * 100.0)).collect()
}

fn as_json(names: &[String; 2], comparison: &Comparison) -> serde_json::Value {
    let differences: Vec<_> = comparison
        .differences
        .iter()
        .map(|difference| {
            json!({"first": difference.first.word(), "second": difference.second.word(), "classes": difference.classes, "share": difference.share,
                   "behind_first": behind(difference, 1), "behind_second": behind(difference, 2), "example": comity_flow::write(&difference.example)})
        })
        .collect();
    json!({"first": names.first(), "second": names.last(), "classes": comparison.classes, "alike": comparison.alike,
           "first_at_least_as_protective": comparison.first_at_least_as_protective,
           "second_at_least_as_protective": comparison.second_at_least_as_protective, "differences": differences})
}

fn document(names: &[String; 2], comparison: &Comparison) -> Vec<Block> {
    let [first, second] = names;
    let mut blocks = vec![Block::say(Line::strong(format!("{first} and {second}")).then(format!(
        " tell apart {:.3e} classes of flows and judge {:.4} % of them alike",
        comparison.classes,
        comparison.alike * 100.0
    )))];
    let protective = match (comparison.first_at_least_as_protective, comparison.second_at_least_as_protective) {
        (true, true) => "they let the same flows go".to_owned(),
        (true, false) => format!("{first} is at least as protective"),
        (false, true) => format!("{second} is at least as protective"),
        (false, false) => "neither is at least as protective as the other".to_owned(),
    };
    blocks.push(Block::say(Line::default().toned(Tone::Strong, protective)));
    for difference in &comparison.differences {
        let mut body = Vec::new();
        for (name, side) in [(first, 1), (second, 2)] {
            let provisions = behind(difference, side);
            if !provisions.is_empty() {
                body.push(Block::group(format!("behind it under {name}"), provisions.into_iter().map(Block::item).collect()));
            }
        }
        let example = comity_flow::write(&difference.example);
        let lines = example.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("id = ")).map(Block::say).collect();
        body.push(Block::group("for example", lines));
        blocks.push(Block::Gap);
        let head = format!(
            "{} under the first, {} under the second: {:.4} % of the classes",
            difference.first.word(),
            difference.second.word(),
            difference.share * 100.0
        );
        blocks.push(Block::group(Line::strong(head), body));
    }
    blocks
}
