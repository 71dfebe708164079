// SPDX-License-Identifier: Apache-2.0
//! A judgment for people: the verdict in one sentence, what to do next, then what led to it.

use super::doc::{Block, Line, Tone, count, listed};
use super::{next, steps};
use comity_judge::{Evidence, Finding, Judgment, Possible, State, Truth, Verdict};
use comity_law::Library;

/// Said once, where it matters.
pub const ADVICE: &str = "Comity informs; it does not give legal advice.";

/// So many instruments are named in a sentence; more are counted.
const NAMED: usize = 4;

/// The tone of a verdict's word.
pub fn tone(word: &str) -> Tone {
    match word {
        "permitted" | "unrestricted" => Tone::Good,
        "prohibited" => Tone::Bad,
        _ => Tone::Doubt,
    }
}

/// The verdict in one sentence.
pub fn headline(judgment: &Judgment) -> Line {
    let word = judgment.word();
    let line = Line::strong(judgment.flow.clone()).then(": ").toned(tone(word), word).then(format!(" on {}", judgment.on));
    match judgment.verdict() {
        Some(verdict) => line.then(format!("{}{}.", under(judgment, verdict), why(judgment, verdict))),
        None => line.then(format!(": {}.", doubt(judgment))),
    }
}

/// The instruments that make the verdict, each with its mechanism where they differ.
fn under(judgment: &Judgment, verdict: Verdict) -> String {
    let mut names: Vec<String> = Vec::new();
    let mut mechanisms: Vec<&str> = Vec::new();
    for finding in judgment.findings.iter().filter(|finding| finding.possible.decided() == Some(verdict)) {
        if !names.contains(&finding.instrument) {
            names.push(finding.instrument.clone());
        }
        if let Some(mechanism) = finding.mechanism.as_deref().filter(|mechanism| !mechanisms.contains(mechanism)) {
            mechanisms.push(mechanism);
        }
    }
    let by = if mechanisms.is_empty() { String::new() } else { format!(", by {}", listed(&mechanisms, "and")) };
    match names.len() {
        0 => by,
        number if number > NAMED => format!(" under {}{by}", count(number, "instrument")),
        _ => format!(" under {}{by}", listed(&names, "and")),
    }
}

fn why(judgment: &Judgment, verdict: Verdict) -> &'static str {
    match verdict {
        _ if judgment.findings.is_empty() => ", because no instrument governs it",
        Verdict::Incomplete => ", because something is missing that the parties can put right",
        Verdict::Prohibited => ", and nothing that the parties can do makes it lawful",
        Verdict::Unrestricted | Verdict::Permitted => "",
    }
}

fn doubt(judgment: &Judgment) -> String {
    let possible = &judgment.possible;
    if let Some(verdict) = possible.decided() {
        let places = listed(&judgment.uncovered, "and");
        return format!("{} under the instruments of the library, but the library has none of {places}", verdict.word());
    }
    format!("{}, depending on what the file does not state", listed(&possible.words(), "or"))
}

/// The judgment as a document, without the advice line.
pub fn document(library: &Library, judgment: &Judgment, verbose: bool) -> Vec<Block> {
    let mut blocks = vec![Block::Sentence(headline(judgment))];
    if !judgment.title.is_empty() {
        blocks.push(Block::say(Line::faint(judgment.title.clone())));
    }
    if !judgment.under.is_empty() {
        blocks.push(Block::say(format!("This speaks of {} only, as asked.", listed(&judgment.under, "and"))));
    }
    let mut section = |title: &str, body: Vec<Block>| {
        if !body.is_empty() {
            blocks.push(Block::Gap);
            blocks.push(Block::group(Line::strong(title), body));
        }
    };
    section("What to do next", next::steps(library, judgment));
    section("Findings", findings(judgment));
    section("Collisions", collisions(judgment));
    section("Not covered", uncovered(judgment));
    section("Assumed, because the file does not say", judgment.assumed.iter().map(|text| Block::item(text.clone())).collect());
    section("Not applicable", not_applicable(judgment, verbose));
    blocks
}

/// Several legs need their names; a single one is plain.
fn several_legs(judgment: &Judgment) -> bool {
    judgment.findings.iter().any(|finding| finding.leg != "exporter>importer")
}

/// A leg in words.
pub fn leg(name: &str) -> (String, String) {
    (name.to_owned(), name.replace('>', " to "))
}

fn findings(judgment: &Judgment) -> Vec<Block> {
    let legs = several_legs(judgment);
    judgment.findings.iter().map(|finding| finding_block(judgment, finding, legs)).collect()
}

/// The head of a finding: instrument, verdict, mechanism.
pub fn finding_head(finding: &Finding, legs: bool) -> Line {
    let word = finding.possible.word();
    let mut line = Line::strong(finding.instrument.clone());
    if legs {
        let (text, plain) = leg(&finding.leg);
        line = line.read_as(Tone::Normal, format!(", {text}"), format!(", from {plain}"));
    }
    line = line.then(": ").toned(tone(word), word);
    if let Some(mechanism) = &finding.mechanism {
        line = line.then(format!(" by {mechanism}"));
    }
    if word == "undetermined" {
        line = line.then(format!(" ({})", possible(&finding.possible)));
    }
    line
}

/// What the acts and grants behind a finding rest on, the least convincing first.
fn resting(judgment: &Judgment, finding: &Finding) -> Vec<Block> {
    let by = [
        (Evidence::Declaration, Tone::Doubt, "by declaration alone: "),
        (Evidence::Document, Tone::Good, "shown by a document: "),
        (Evidence::Receipt, Tone::Good, "shown by a receipt: "),
    ];
    let mut blocks = Vec::new();
    for (evidence, tone, head) in by {
        let of = finding.relies_on.iter().filter(|declared| judgment.rests_on(declared) == evidence);
        let names: Vec<String> = of.map(steps::declared).collect();
        if !names.is_empty() {
            blocks.push(Block::Sentence(Line::default().toned(tone, head).then(listed(&names, "and"))));
        }
    }
    blocks
}

fn finding_block(judgment: &Judgment, finding: &Finding, legs: bool) -> Block {
    let version = finding.text_from.map_or_else(String::new, |day| format!(", as in force since {day}"));
    let mut body = vec![Block::say(Line::faint(format!("{}{version}", finding.title)))];
    if !finding.cites.is_empty() {
        let head = if finding.possible.decided().is_some() { "rests on" } else { "hangs on" };
        body.push(Block::say(format!("{head} {}", finding.cites.join("; "))));
    }
    if !finding.recalled.is_empty() {
        let line = Line::default().toned(Tone::Doubt, "from memory, not checked in a source: ").then(finding.recalled.join("; "));
        body.push(Block::Sentence(line));
    }
    body.extend(resting(judgment, finding));
    body.extend(mechanisms(finding));
    for duty in &finding.duties {
        body.push(Block::Sentence(duty_line(duty)));
    }
    if !finding.readings.is_empty() {
        body.push(Block::say(format!("readings fixed by name: {}", finding.readings.join(", "))));
    }
    if !finding.exact {
        body.push(Block::say(INEXACT));
    }
    Block::Group(finding_head(finding, legs), body)
}

/// Said where the search gave up.
pub const INEXACT: &str = "this is not exact: an exact answer would cost too much, so more is listed as possible than may be";

fn duty_line(duty: &comity_judge::Duty) -> Line {
    let mut line = Line::of(format!("duty of the {}: {}", duty.on, duty.id));
    match (&duty.due, &duty.clock) {
        (Some(day), _) => line = line.then(", last day ").toned(Tone::Strong, day.to_string()),
        (None, Some(clock)) => {
            line = line.then(match clock.strip_prefix("without undue delay of ") {
                Some(trigger) => format!(", without undue delay after {trigger}"),
                None => format!(", within {clock}"),
            });
        }
        (None, None) => {}
    }
    if !duty.cites.is_empty() {
        line = line.then(format!(" ({})", duty.cites.join("; ")));
    }
    if let Some(note) = &duty.note {
        line = line.then(format!(": {note}"));
    }
    line
}

/// The mechanisms by state. Several provisions may grant one mechanism: it stands as well as the best of them.
fn mechanisms(finding: &Finding) -> Vec<Block> {
    // What could carry a flow outside every restriction interests nobody, and no mechanism lifts a block.
    let blocked = finding.derivation.iter().any(|trace| trace.effect == "forbid" && trace.truth == Truth::True);
    if finding.possible.decided() == Some(Verdict::Unrestricted) || blocked {
        return Vec::new();
    }
    let mut named: Vec<&str> = Vec::new();
    let mut blocks = Vec::new();
    for state in [State::Satisfied, State::Open, State::Undecided, State::Closed] {
        let before = named.len();
        for mechanism in finding.mechanisms.iter().filter(|mechanism| mechanism.state == state) {
            if !named.contains(&mechanism.id.as_str()) {
                named.push(&mechanism.id);
            }
        }
        let fresh: Vec<&str> = named.iter().skip(before).copied().collect();
        if !fresh.is_empty() {
            blocks.push(Block::say(format!("mechanisms {}: {}", state.word(), fresh.join(", "))));
        }
    }
    blocks
}

fn collisions(judgment: &Judgment) -> Vec<Block> {
    let say = |collision: &comity_judge::Collision| {
        let line = Line::of(collision.obliged_by.clone()).toned(Tone::Strong, " orders what ").then(collision.forbidden_by.clone());
        Block::item(line.toned(Tone::Strong, " forbids"))
    };
    judgment.collisions.iter().map(say).collect()
}

fn uncovered(judgment: &Judgment) -> Vec<Block> {
    if judgment.uncovered.is_empty() {
        return Vec::new();
    }
    let places = listed(&judgment.uncovered, "and");
    let limited = if judgment.under.is_empty() { "" } else { " This was not asked." };
    vec![Block::say(format!(
        "The library has no instrument of {places}, whose law could govern this flow: nothing is said about it.{limited}"
    ))]
}

fn not_applicable(judgment: &Judgment, verbose: bool) -> Vec<Block> {
    let number = judgment.not_applicable.len();
    if number == 0 {
        return Vec::new();
    }
    if !verbose {
        return vec![Block::say(Line::faint(format!("{} (--verbose lists them)", count(number, "instrument"))))];
    }
    let line = |other: &comity_judge::NotApplicable| {
        let cites = if other.cites.is_empty() { String::new() } else { format!(" ({})", other.cites.join("; ")) };
        Block::item(format!("{}{cites}", other.instrument))
    };
    judgment.not_applicable.iter().map(line).collect()
}

/// The verdicts that are possible, where there are several.
pub fn possible(possible: &Possible) -> String {
    listed(&possible.words(), "or")
}
