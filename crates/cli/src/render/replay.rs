// SPDX-License-Identifier: Apache-2.0
//! What a replay changes: a table of verdicts before and after, then each changed flow with the reason and a repair.

use super::doc::{Block, Line, Tone, count, listed};
use super::{judgment, steps};
use comity_judge::route::Routes;
use comity_judge::{Finding, Judgment};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How the finding of one instrument changes.
pub struct Shift {
    /// The instrument.
    pub instrument: String,
    /// The leg.
    pub leg: String,
    /// Before; none: it did not govern the flow.
    pub before: Option<Finding>,
    /// After; none: it does not govern the flow.
    pub after: Option<Finding>,
    /// What comes into the reason.
    pub appear: Vec<String>,
    /// What leaves the reason.
    pub vanish: Vec<String>,
}

/// One flow, judged twice.
pub struct Change {
    /// Its file, or its row of a register.
    pub file: String,
    /// As it is judged now.
    pub before: Judgment,
    /// As it would be judged.
    pub after: Judgment,
    /// The findings that change.
    pub shifts: Vec<Shift>,
    /// The cheapest repair, where it got worse and can be repaired.
    pub repair: Option<Routes>,
}

/// All flows together.
#[derive(Default)]
pub struct Total {
    /// What they were replayed against.
    pub against: String,
    /// The instruments that the draft replaces.
    pub replaced: Vec<String>,
    /// The instruments that it adds.
    pub added: Vec<String>,
    /// How many flows went from one verdict to another.
    pub counts: BTreeMap<(&'static str, &'static str), usize>,
    /// How many flows are judged in the same way, with the same findings.
    pub same: usize,
    /// How many could not be judged.
    pub invalid: usize,
}

/// How bad a verdict is; lawful is lawful.
fn rank(word: &str) -> u8 {
    match word {
        "unrestricted" | "permitted" => 0,
        "undetermined" => 1,
        "incomplete" => 2,
        _ => 3,
    }
}

impl Change {
    /// Whether the flow became worse.
    pub fn worse(&self) -> bool {
        rank(self.after.word()) > rank(self.before.word())
    }

    fn trend(&self) -> &'static str {
        match rank(self.after.word()).cmp(&rank(self.before.word())) {
            std::cmp::Ordering::Greater => "worse",
            std::cmp::Ordering::Less => "better",
            std::cmp::Ordering::Equal => "neither better nor worse",
        }
    }
}

fn arrow(line: Line, before: &str, after: &str) -> Line {
    line.read_as(Tone::Faint, "", "from ")
        .toned(judgment::tone(before), before.to_owned())
        .read_as(Tone::Faint, " -> ", " to ")
        .toned(judgment::tone(after), after.to_owned())
}

/// The replay as a document.
pub fn document(total: &Total, changes: &[Change]) -> Vec<Block> {
    let flows: usize = total.counts.values().sum();
    let mut blocks = vec![Block::say(
        Line::strong(format!("{} of {}", changes.len(), count(flows, "flow")))
            .then(format!(" judged differently against {}", total.against)),
    )];
    for (word, ids) in [("replaced", &total.replaced), ("added", &total.added)] {
        if !ids.is_empty() {
            blocks.push(Block::say(Line::faint(format!("{word}: {}", listed(ids, "and")))));
        }
    }
    if total.invalid > 0 {
        blocks.push(Block::say(Line::default().toned(Tone::Bad, format!("{} could not be judged", total.invalid))));
    }
    let rows = total.counts.iter().map(|((before, after), number)| {
        vec![
            Line::default().toned(judgment::tone(before), *before),
            Line::default().toned(judgment::tone(after), *after),
            Line::of(number.to_string()),
        ]
    });
    blocks.push(Block::Gap);
    blocks.push(Block::Table(vec!["from", "to", "flows"], rows.collect()));
    for change in changes {
        blocks.push(Block::Gap);
        let line = arrow(Line::strong(change.before.flow.clone()).then(": "), change.before.word(), change.after.word());
        blocks.push(Block::Group(line.then(format!(", {}", change.trend())), body(change)));
    }
    blocks.push(Block::Gap);
    blocks.push(Block::say(Line::faint(judgment::ADVICE)));
    blocks
}

fn word(finding: Option<&Finding>) -> String {
    let Some(finding) = finding else { return "not applicable".to_owned() };
    let by = finding.mechanism.as_ref().map_or_else(String::new, |mechanism| format!(" by {mechanism}"));
    format!("{}{by}", finding.possible.word())
}

fn body(change: &Change) -> Vec<Block> {
    let mut blocks = vec![Block::say(Line::faint(change.file.clone()))];
    let legs = change.shifts.iter().any(|shift| shift.leg != "exporter>importer");
    for shift in &change.shifts {
        let mut head = Line::strong(shift.instrument.clone());
        if legs {
            let (text, plain) = judgment::leg(&shift.leg);
            head = head.read_as(Tone::Normal, format!(", {text}"), format!(", from {plain}"));
        }
        head = head.then(": ").read_as(Tone::Normal, "", "from ").then(word(shift.before.as_ref()));
        head = head.read_as(Tone::Faint, " -> ", " to ").then(word(shift.after.as_ref()));
        let mut inner = Vec::new();
        for (title, reasons) in [("no longer in the reason", &shift.vanish), ("new in the reason", &shift.appear)] {
            if !reasons.is_empty() {
                inner.push(Block::group(title, reasons.iter().map(|reason| Block::item(reason.clone())).collect()));
            }
        }
        blocks.push(Block::Group(head, inner));
    }
    if change.before.uncovered != change.after.uncovered {
        let places = |judgment: &Judgment| if judgment.uncovered.is_empty() { "none".to_owned() } else { judgment.uncovered.join(", ") };
        blocks.push(Block::say(format!(
            "places without an instrument: {} before, {} after",
            places(&change.before),
            places(&change.after)
        )));
    }
    blocks.extend(repair(change));
    blocks
}

fn repair(change: &Change) -> Option<Block> {
    let found = match &change.repair {
        Some(found) => found,
        None if change.worse() => return Some(Block::say("nothing that the parties can do repairs it")),
        None => return None,
    };
    let Some(route) = found.routes.first() else {
        let questions = found.questions.iter().map(|path| Block::item(path.clone())).collect();
        return Some(Block::group("no repair holds whatever the missing facts are; state first", questions));
    };
    if route.steps.is_empty() {
        return None;
    }
    let days = count(usize::try_from(route.days).unwrap_or(0), "day");
    let steps = route.steps.iter().map(|step| Block::Item(steps::step(&step.path), Vec::new())).collect();
    Some(Block::group(format!("cheapest repair: cost {}, {days}", route.cost), steps))
}

/// A flow that is judged in the same way.
pub fn of_same(change: &Change) -> Value {
    json!({"flow": change.before.flow, "file": change.file, "changed": false, "before": change.before.word(), "after": change.after.word()})
}

/// A flow that is judged differently.
pub fn of_change(change: &Change) -> Value {
    let side = |finding: Option<&Finding>| {
        finding.map(|finding| json!({"verdict": finding.possible.word(), "possible": finding.possible.words(), "mechanism": finding.mechanism, "digest": finding.digest}))
    };
    let shifts: Vec<Value> = change
        .shifts
        .iter()
        .map(|shift| {
            json!({"instrument": shift.instrument, "leg": shift.leg, "before": side(shift.before.as_ref()), "after": side(shift.after.as_ref()),
                   "appear": shift.appear, "vanish": shift.vanish})
        })
        .collect();
    let route = change.repair.as_ref().and_then(|found| found.routes.first());
    let repair = route.map(|route| {
        json!({"cost": route.cost, "days": route.days, "steps": route.steps.iter().map(|step| step.path.clone()).collect::<Vec<_>>()})
    });
    json!({"flow": change.before.flow, "file": change.file, "changed": true, "before": change.before.word(), "after": change.after.word(),
           "before_on": change.before.on.to_string(), "after_on": change.after.on.to_string(), "worse": change.worse(),
           "findings": shifts, "repair": repair})
}

/// The last line.
pub fn of_summary(total: &Total) -> Value {
    let rows: Vec<Value> =
        total.counts.iter().map(|((before, after), number)| json!({"from": before, "to": after, "flows": number})).collect();
    json!({"against": total.against, "replaced": total.replaced, "added": total.added, "summary": rows, "invalid": total.invalid})
}
