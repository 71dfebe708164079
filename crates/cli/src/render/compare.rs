// SPDX-License-Identifier: Apache-2.0
//! A comparison of two laws as text and on the wire.

use super::doc::{Block, Line, Tone, count, listed};
use comity_judge::compare::{Behind, Cause, Comparison, Difference, Group, Why};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The flows by which a comparison is weighed.
#[derive(Default)]
pub struct Corpus {
    /// Their names, in their order.
    pub names: Vec<String>,
    /// How many could not be read.
    pub unread: usize,
}

/// So many groups of a difference are shown; the others stand on the wire.
const SHOWN: usize = 5;

/// So many flows are named, at most.
const NAMED: usize = 3;

impl Corpus {
    /// How many of the flows, their share, and the first of them by name.
    fn part(&self, flows: &[usize]) -> String {
        let all = self.names.len();
        let share = if all == 0 { String::new() } else { format!(" ({} %)", percent(flows.len(), all)) };
        let named: Vec<&str> = flows.iter().take(NAMED).filter_map(|at| self.names.get(*at)).map(String::as_str).collect();
        let such = if named.is_empty() {
            String::new()
        } else if named.len() < flows.len() {
            format!(": {} and {} more", named.join(", "), flows.len() - named.len())
        } else {
            format!(": {}", listed(&named, "and"))
        };
        format!("{} of {}{share}{such}", flows.len(), count(all, "flow"))
    }

    fn on_the_wire(&self, flows: &[usize]) -> Value {
        let names: Vec<&String> = flows.iter().filter_map(|at| self.names.get(*at)).collect();
        json!({"count": flows.len(), "share": if self.names.is_empty() { None } else { Some(ratio(flows.len(), self.names.len())) },
               "flows": names})
    }
}

fn ratio(part: usize, all: usize) -> f64 {
    let number = |count: usize| u32::try_from(count).map_or(f64::INFINITY, f64::from);
    number(part) / number(all)
}

fn percent(part: usize, all: usize) -> String {
    format!("{:.1}", ratio(part, all) * 100.0)
}

/// What a cause does, in words.
fn does(cause: &Cause) -> &'static str {
    match cause.why {
        Why::Beyond if cause.cites.is_empty() => "is not in force",
        Why::Beyond => "does not govern it",
        Why::LeavesOut => "leaves it out",
        Why::Exempts => "exempts it",
        Why::Free => "does not restrict it",
        Why::Permits => "permits it",
        Why::Lacks => "does not carry it",
        Why::Unmet => "is not met",
        Why::Forbids => "forbids it",
        Why::Restricts => "restricts it",
        _ => "decides it",
    }
}

/// A provision with its citations.
fn name(cause: &Cause) -> String {
    let cites = if cause.cites.is_empty() { String::new() } else { format!(" ({})", cause.cites.join("; ")) };
    format!("{}{cites}", cause.provision.as_deref().unwrap_or("the instrument"))
}

/// A cause in words, with its citations.
fn say(cause: &Cause) -> String {
    format!("{} {}", name(cause), does(cause))
}

/// The causes of both sides in words; a provision that both have is named once.
fn say_both(first: &Cause, second: &Cause) -> String {
    if name(first) == name(second) {
        return format!("{} {}; then {}", name(first), does(first), does(second));
    }
    format!("{}; {}", say(first), say(second))
}

fn share(share: f64) -> String {
    match share * 100.0 {
        small if small > 0.0 && small < 0.05 => "less than 0.1 %".to_owned(),
        percent => format!("{percent:.1} %"),
    }
}

/// What a flow file says, by dotted path.
fn facts(text: &str) -> BTreeMap<String, String> {
    let mut table = String::new();
    let mut out = BTreeMap::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            table = format!("{}.", name.trim_matches(['[', ']']));
        } else if let Some((key, value)) = line.split_once(" = ") {
            out.insert(format!("{table}{key}"), value.to_owned());
        }
    }
    out
}

/// In what an example differs from that of the first group.
fn beside(first: &str, example: &str) -> String {
    let (before, after) = (facts(first), facts(example));
    let with: Vec<String> =
        after.iter().filter(|(key, value)| before.get(*key) != Some(value)).map(|(key, value)| format!("{key} = {value}")).collect();
    let without: Vec<&str> = before.keys().filter(|key| !after.contains_key(*key)).map(String::as_str).collect();
    let parts: Vec<String> = [("with ", with.join(", ")), ("without ", without.join(", "))]
        .into_iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(word, list)| format!("{word}{list}"))
        .collect();
    format!("the same example {}", listed(&parts, "and"))
}

fn group(group: &Group, base: Option<&str>, corpus: Option<&Corpus>) -> Block {
    let more = if base.is_some() && group.own < group.share { format!(", {} not counted yet", share(group.own)) } else { String::new() };
    let head = Line::of(format!("{}{more}: {}", share(group.share), say_both(&group.first, &group.second)));
    let mut body = Vec::new();
    if let Some(corpus) = corpus.filter(|_| !group.flows.is_empty()) {
        body.push(Block::say(corpus.part(&group.flows)));
    }
    let example = comity_flow::write(&group.example);
    match base {
        Some(base) => body.push(Block::say(beside(base, &example))),
        None => {
            let lines = example.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("id = ")).map(Block::say).collect();
            body.push(Block::group("for example", lines));
        }
    }
    Block::Item(head, body)
}

fn difference(difference: &Difference, corpus: Option<&Corpus>) -> Block {
    let head = format!(
        "{} under the first, {} under the second: {:.4} % of the classes",
        difference.first.word(),
        difference.second.word(),
        difference.share * 100.0
    );
    let mut body = Vec::new();
    if let Some(corpus) = corpus {
        body.push(Block::say(corpus.part(&difference.flows)));
    }
    let first = comity_flow::write(&difference.example);
    for (at, own) in difference.groups.iter().enumerate().take(SHOWN) {
        body.push(group(own, (at > 0).then_some(first.as_str()), corpus));
    }
    if difference.groups.is_empty() {
        let lines = first.lines().filter(|line| !line.trim().is_empty() && !line.starts_with("id = ")).map(Block::say).collect();
        body.push(Block::group("for example", lines));
    }
    let left = difference.groups.iter().skip(SHOWN).map(|group| group.own).sum::<f64>() + difference.left;
    if left > 0.0 && !difference.groups.is_empty() {
        let few = difference.groups.len().saturating_sub(SHOWN);
        let groups = match (few, difference.left > 0.0) {
            (0, _) => "smaller groups".to_owned(),
            (few, true) => format!("{} and smaller ones", count(few, "further group")),
            (few, false) => count(few, "further group"),
        };
        body.push(Block::say(format!("{} more in {groups}: see `--format json`", share(left))));
    }
    Block::group(Line::strong(head), body)
}

/// A comparison as a document.
pub fn document(names: &[String; 2], both_govern: bool, comparison: &Comparison, corpus: Option<&Corpus>) -> Vec<Block> {
    let [first, second] = names;
    let which = if both_govern { " that both govern" } else { "" };
    let mut blocks = vec![Block::say(Line::strong(format!("{first} and {second}")).then(format!(
        " tell apart {:.3e} classes of flows{which} and judge {:.4} % of them alike",
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
    if let Some(corpus) = corpus {
        let differ: Vec<usize> = comparison.differences.iter().flat_map(|difference| difference.flows.iter().copied()).collect();
        blocks.push(Block::Gap);
        blocks.push(Block::say(format!("judged alike: {}", corpus.part(&comparison.alike_flows))));
        blocks.push(Block::say(format!("judged differently: {}", corpus.part(&differ))));
        if !comparison.open.is_empty() {
            let line = Line::default().toned(Tone::Doubt, format!("undetermined under one of the two: {}", corpus.part(&comparison.open)));
            blocks.push(Block::say(line));
        }
        if !comparison.beyond.is_empty() {
            blocks.push(Block::say(format!("not governed by both: {}", corpus.part(&comparison.beyond))));
        }
        if corpus.unread > 0 {
            blocks.push(Block::say(Line::default().toned(Tone::Doubt, format!("not read: {}", count(corpus.unread, "flow")))));
        }
    }
    for own in &comparison.differences {
        blocks.push(Block::Gap);
        blocks.push(difference(own, corpus));
    }
    blocks
}

fn behind(difference: &Difference, side: u8) -> Vec<String> {
    let one = |behind: &Behind| format!("{} in {:.1} %", say(&behind.cause), behind.share * 100.0);
    difference.behind.iter().filter(|behind| behind.side == side).map(one).collect()
}

/// A comparison on the wire.
pub fn as_json(names: &[String; 2], comparison: &Comparison, corpus: Option<&Corpus>) -> Value {
    let with_flows = |mut value: Value, flows: &[usize]| {
        if let (Some(corpus), Some(object)) = (corpus, value.as_object_mut()) {
            object.insert("weighed".to_owned(), corpus.on_the_wire(flows));
        }
        value
    };
    let of_group = |group: &Group| {
        let value = json!({"first": say(&group.first), "second": say(&group.second), "share": group.share, "own": group.own,
                           "example": comity_flow::write(&group.example)});
        with_flows(value, &group.flows)
    };
    let of = |difference: &Difference| {
        let groups: Vec<Value> = difference.groups.iter().map(of_group).collect();
        let value = json!({"first": difference.first.word(), "second": difference.second.word(), "classes": difference.classes,
                           "share": difference.share, "behind_first": behind(difference, 1), "behind_second": behind(difference, 2),
                           "example": comity_flow::write(&difference.example), "groups": groups, "left": difference.left});
        with_flows(value, &difference.flows)
    };
    let differences: Vec<Value> = comparison.differences.iter().map(of).collect();
    let mut value = json!({"first": names.first(), "second": names.last(), "classes": comparison.classes, "alike": comparison.alike,
           "first_at_least_as_protective": comparison.first_at_least_as_protective,
           "second_at_least_as_protective": comparison.second_at_least_as_protective, "differences": differences});
    if let (Some(corpus), Some(object)) = (corpus, value.as_object_mut()) {
        object.insert(
            "flows".to_owned(),
            json!({"count": corpus.names.len(), "not_read": corpus.unread, "alike": corpus.on_the_wire(&comparison.alike_flows),
                   "undetermined": corpus.on_the_wire(&comparison.open), "not_governed_by_both": corpus.on_the_wire(&comparison.beyond)}),
        );
    }
    value
}
