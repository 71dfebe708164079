// SPDX-License-Identifier: Apache-2.0
//! `comity route`: the cheapest sets of steps after which every instrument permits the flow.

use crate::args::{Format, RouteArgs};
use crate::exit::Status;
use crate::input::Source;
use crate::judging;
use crate::out::Out;
use crate::render::doc::{Block, Line, Tone, count};
use crate::render::{judgment, steps};
use comity_judge::cost::Costs;
use comity_judge::route::{Cheaper, Closed, Importer, Rests, Route, RouteOptions, Routes, apply, routes_among};
use comity_terms::{Bits, Scheme, vocabulary};
use jiff::civil::Date;
use serde_json::json;
use std::fs;
use std::io;
use std::path::PathBuf;

/// Looks for routes and shows them, or writes the flow as one of them would leave it.
pub fn run(args: &RouteArgs, today: Date, out: &mut Out) -> io::Result<Status> {
    let (library, options) = match judging::ready(&args.library, &args.judge, today, out)? {
        Ok(ready) => ready,
        Err(status) => return Ok(status),
    };
    let mut costs = Costs::default();
    if let Some(path) = &args.costs {
        let table = match fs::read_to_string(path) {
            Ok(table) => table,
            Err(error) => {
                out.error(&format!("cannot read `{}`: {error}", path.display()))?;
                return Ok(Status::Failed);
            }
        };
        if let Err(bad) = costs.add(&table) {
            for row in bad {
                out.error(&format!("{}:{}: {}", path.display(), row.line, row.message))?;
            }
            return Ok(Status::Invalid);
        }
    }
    let source = if args.file == "-" { Source::Stdin } else { Source::File(PathBuf::from(&args.file)) };
    let flow = match judging::one(&source, out)? {
        Ok(flow) => flow,
        Err(status) => return Ok(status),
    };
    let droppable = match droppable(&args.may_drop) {
        Ok(droppable) => droppable,
        Err(message) => {
            out.error(&message)?;
            return Ok(Status::Usage);
        }
    };
    let mut others: Vec<Importer> = Vec::new();
    for path in &args.importer {
        let flow = match judging::one(&Source::File(path.clone()), out)? {
            Ok(flow) => flow,
            Err(status) => return Ok(status),
        };
        let name = if flow.importer_name.is_empty() { flow.id.clone() } else { flow.importer_name.clone() };
        if others.iter().any(|other| other.name == name) {
            out.error(&format!("`{}`: another importer is called `{name}` already; `importer.name` tells them apart", path.display()))?;
            return Ok(Status::Usage);
        }
        others.push(Importer { name, flow });
    }
    let limit = args.number.max(args.apply.unwrap_or(0));
    let wanted = RouteOptions { limit, costs, droppable, cheaper: true };
    let found = match routes_among(&library, &flow, &options, &wanted, &others) {
        Ok(found) => found,
        Err(error) => {
            out.error(&error.to_string())?;
            return Ok(Status::Invalid);
        }
    };
    if let Some(number) = args.apply {
        return match number.checked_sub(1).and_then(|index| found.routes.get(index)) {
            Some(route) => {
                out.raw(&comity_flow::write(&apply(&flow, route)))?;
                Ok(Status::Fine)
            }
            None => {
                out.error(&format!("there is no route {number}; {} found", count(found.routes.len(), "route")))?;
                Ok(Status::Usage)
            }
        };
    }
    let name = if flow.id.is_empty() { source.name() } else { flow.id.clone() };
    if args.format.format == Format::Json {
        out.json(&as_json(&name, &found))?;
    } else {
        let mut blocks = document(&name, &found);
        blocks.push(Block::Gap);
        blocks.push(Block::say(Line::faint(judgment::ADVICE)));
        out.blocks(&blocks, args.format.format)?;
    }
    Ok(if found.routes.is_empty() { if found.closed_by.is_empty() { Status::Undetermined } else { Status::No } } else { Status::Fine })
}

/// The categories, with all that lies below them.
fn droppable(names: &[String]) -> Result<Bits, String> {
    let words = vocabulary();
    let mut all = Bits::EMPTY;
    for name in names {
        let Some(term) = words.find(Scheme::Category, name) else {
            let near = comity_terms::nearest(name, words.entries(Scheme::Category).iter().map(|entry| entry.id.as_str()));
            let near =
                near.map_or_else(|| "`comity terms list data-category` shows them".to_owned(), |near| format!("did you mean `{near}`?"));
            return Err(format!("--may-drop: `{name}` is no category of data; {near}"));
        };
        all = all.or(&words.below(term));
    }
    Ok(all)
}

fn closed(closed: &Closed) -> String {
    format!("{}: {} ({})", closed.instrument, closed.provision, closed.cites.join("; "))
}

fn as_json(name: &str, found: &Routes) -> serde_json::Value {
    let route = |route: &Route| {
        let steps: Vec<_> = route
            .steps
            .iter()
            .map(|step| {
                let mut shown = json!({"step": step.path, "for": step.aims.join("; "), "cite": step.cites.join("; "),
                       "hours": step.cost.hours, "days": step.cost.days, "money": step.cost.money});
                // Only where there are several legs, and the step is taken on one of them.
                if let (Some(leg), Some(shown)) = (&step.leg, shown.as_object_mut()) {
                    shown.insert("leg".to_owned(), json!(leg));
                }
                shown
            })
            .collect();
        let mechanisms: Vec<_> =
            route.mechanisms.iter().map(|(instrument, mechanism)| json!({"instrument": instrument, "mechanism": mechanism})).collect();
        json!({"cost": route.cost, "days": route.days, "steps": steps, "verdict": route.verdict.word(),
               "rests_on_derogation": route.rests == Rests::Derogation, "mechanisms": mechanisms})
    };
    let closed: Vec<String> =
        found.closed_by.iter().map(|closed| format!("{} {}: {}", closed.instrument, closed.provision, closed.cites.join("; "))).collect();
    let cheaper: Vec<_> = found
        .cheaper
        .iter()
        .map(|cheaper| {
            let fails: Vec<String> = cheaper
                .fails
                .iter()
                .map(|closed| format!("{} {}: {}", closed.instrument, closed.provision, closed.cites.join("; ")))
                .collect();
            json!({"instrument": cheaper.instrument, "steps": cheaper.steps, "cost": cheaper.cost, "fails": fails})
        })
        .collect();
    json!({"flow": name, "routes": found.routes.iter().map(route).collect::<Vec<_>>(), "cheaper": cheaper, "closed_by": closed,
           "questions": found.questions, "exact": found.exact, "looked_at": found.looked_at})
}

fn document(name: &str, found: &Routes) -> Vec<Block> {
    let Some(first) = found.routes.first() else {
        if found.closed_by.is_empty() && found.questions.is_empty() {
            let why = "the search gave up before it found a route or could tell that there is none";
            return vec![Block::say(Line::strong(format!("{name}: ")).toned(Tone::Doubt, why))];
        }
        if found.closed_by.is_empty() {
            let mut blocks = vec![Block::say(Line::strong(format!("{name}: ")).then("no route holds whatever the missing facts are"))];
            blocks.push(Block::group("State first", found.questions.iter().map(|path| Block::item(path.clone())).collect()));
            return blocks;
        }
        let closed = found.closed_by.iter().map(|way| Block::item(closed(way)));
        return vec![
            Block::say(Line::strong(format!("{name}: ")).toned(Tone::Bad, "no route").then(" makes this flow lawful")),
            Block::group("What closes every way", closed.collect()),
        ];
    };
    if first.steps.is_empty() {
        return vec![Block::say(Line::strong(format!("{name}: ")).toned(Tone::Good, "lawful").then(" as it stands"))];
    }
    let mut blocks = vec![Block::say(
        Line::strong(format!("{name}: ")).then(format!("{} found, the cheapest first", count(found.routes.len(), "route"))),
    )];
    for (number, route) in found.routes.iter().enumerate() {
        let by: Vec<String> = route.mechanisms.iter().map(|(instrument, mechanism)| format!("{mechanism} under {instrument}")).collect();
        let kind = if route.rests == Rests::Derogation { ", on a derogation or consent" } else { "" };
        let head = format!("Route {}: cost {}, {}{kind}", number + 1, route.cost, count(usize::try_from(route.days).unwrap_or(0), "day"));
        let mut body: Vec<Block> = route
            .steps
            .iter()
            .map(|step| {
                let on = step.leg.as_ref().map_or(String::new(), |leg| format!(" on {leg}"));
                if step.aims.is_empty() {
                    return Block::item(steps::step(&step.path));
                }
                let why = format!("for {}{on} ({})", step.aims.join(", "), step.cites.join("; "));
                Block::Item(steps::step(&step.path), vec![Block::say(why)])
            })
            .collect();
        body.push(Block::say(format!(
            "then {}: {}",
            route.verdict.word(),
            if by.is_empty() { "nothing restricts it".to_owned() } else { by.join(", ") }
        )));
        blocks.push(Block::Gap);
        blocks.push(Block::group(Line::strong(head), body));
    }
    if !found.cheaper.is_empty() {
        blocks.push(Block::Gap);
        blocks.push(Block::group("What costs less, and why it is not enough", found.cheaper.iter().map(cheaper).collect()));
    }
    if !found.exact {
        blocks.push(Block::Gap);
        blocks.push(Block::say(
            Line::default().toned(Tone::Doubt, "the search gave up before it had looked at everything: cheaper routes may exist"),
        ));
    }
    blocks
}

/// Steps that satisfy one instrument, with what they leave.
fn cheaper(cheaper: &Cheaper) -> Block {
    let steps = cheaper.steps.iter().map(|step| Block::item(steps::step(step)));
    let why = if cheaper.fails.is_empty() {
        vec![Block::say("this rests on a derogation or on consent, which comes after every safeguard")]
    } else {
        cheaper.fails.iter().map(|fails| Block::say(format!("then it fails under {}", closed(fails)))).collect()
    };
    let head = format!("cost {}: enough for {}", cheaper.cost, cheaper.instrument);
    Block::Item(Line::of(head), steps.chain(why).collect())
}
