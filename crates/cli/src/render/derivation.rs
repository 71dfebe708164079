// SPDX-License-Identifier: Apache-2.0
//! The derivation as a person would read it: provision by provision, with the facts each looked at.

use super::doc::{Block, Line, Tone, count, listed};
use super::json::clause_word;
use super::judgment::{finding_head, headline};
use comity_judge::{ClauseTrace, Finding, Judgment, Trace, Truth, Verdict};
use comity_law::ast::{ClauseKind, SourceStatus};

/// The parts of a derivation, in order, each with its heading.
const PARTS: &[(&str, &str)] = &[
    ("applies", "Does it govern the flow?"),
    ("outside", "Is the flow outside its scope?"),
    ("restrict", "Does it restrict the flow?"),
    ("forbid", "Does it block the flow whatever carries it?"),
    ("require", "What must be met beside every mechanism?"),
    ("permit", "What can carry the flow?"),
    ("duty", "Which duties come with it?"),
];

/// The explanation of a judgment, without the advice line.
pub fn document(judgment: &Judgment, all: bool) -> Vec<Block> {
    let legs = judgment.findings.iter().any(|finding| finding.leg != "exporter>importer");
    let mut blocks = vec![Block::Sentence(headline(judgment))];
    for finding in &judgment.findings {
        blocks.push(Block::Gap);
        blocks.push(Block::Group(finding_head(finding, legs), finding_body(finding, all)));
    }
    if judgment.findings.is_empty() {
        blocks.push(Block::Gap);
        blocks.push(Block::say(format!("None of {} governs this flow.", count(judgment.not_applicable.len(), "instrument"))));
    }
    // Whoever asks for an instrument by name wants to know why it does not govern; of the whole library, the names will do.
    if !judgment.under.is_empty() {
        for other in &judgment.not_applicable {
            let head = Line::strong(other.instrument.clone()).then(": does not govern the flow");
            blocks.push(Block::Gap);
            blocks.push(Block::Group(head, other.derivation.iter().map(|trace| provision(trace, all)).collect()));
        }
        return blocks;
    }
    if !judgment.not_applicable.is_empty() && (all || judgment.findings.is_empty()) {
        let names: Vec<String> = judgment
            .not_applicable
            .iter()
            .map(|other| {
                if other.cites.is_empty() { other.instrument.clone() } else { format!("{} ({})", other.instrument, other.cites.join("; ")) }
            })
            .collect();
        blocks.push(Block::Gap);
        blocks.push(Block::say(format!("Not applicable: {}.", names.join(", "))));
    }
    blocks
}

fn finding_body(finding: &Finding, all: bool) -> Vec<Block> {
    let since = finding.text_from.map_or_else(String::new, |day| format!(", as in force since {day}"));
    let mut body = vec![Block::say(Line::faint(format!("{}{since}", finding.title)))];
    let mut left_out = 0;
    for (effect, heading) in PARTS {
        let traces: Vec<&Trace> = finding.derivation.iter().filter(|trace| trace.effect == *effect).collect();
        let shown: Vec<&Trace> = traces.iter().copied().filter(|trace| all || matters(finding, trace)).collect();
        left_out += traces.len() - shown.len();
        if !shown.is_empty() {
            body.push(Block::Group(Line::strong(*heading), shown.into_iter().map(|trace| provision(trace, all)).collect()));
        }
    }
    if left_out > 0 {
        body.push(Block::say(Line::faint(format!("{} played no part (--all shows them)", count(left_out, "provision")))));
    }
    body
}

/// Whether a provision had a part in the verdict.
fn matters(finding: &Finding, trace: &Trace) -> bool {
    let undecided = trace.truth == Truth::Open;
    // Where nothing restricts the flow, that is the point; what could carry it, and the duties of a transfer, are not.
    let free = finding.possible.decided() == Some(Verdict::Unrestricted);
    if free && matches!(trace.effect, "restrict" | "permit" | "require" | "duty") {
        return trace.effect == "restrict";
    }
    let excepted = trace.exceptions.iter().any(|exception| exception.truth != Truth::False);
    match trace.effect {
        "applies" | "restrict" | "duty" => trace.truth != Truth::False || (excepted && trace.effect != "duty"),
        "outside" | "forbid" => trace.truth != Truth::False || excepted,
        // A requirement that asks nothing of this flow is met without having done anything.
        "require" => {
            trace.truth != Truth::True || trace.clauses.iter().any(|clause| clause.kind == ClauseKind::Needs && clause.truth == Truth::True)
        }
        "permit" => match &finding.mechanism {
            Some(_) => trace.truth == Truth::True,
            None => trace.truth == Truth::True || undecided || given_conditions_hold(trace),
        },
        _ => true,
    }
}

/// A mechanism that fails only at its needs is one that somebody could open.
fn given_conditions_hold(trace: &Trace) -> bool {
    trace.clauses.iter().all(|clause| match clause.kind {
        ClauseKind::When => clause.truth != Truth::False,
        ClauseKind::Unless => clause.truth != Truth::True,
        ClauseKind::Needs => true,
    })
}

fn truth_of(trace: &Trace) -> (&'static str, Tone) {
    let requirement = trace.effect == "require";
    match trace.truth {
        Truth::True if requirement => ("met", Tone::Good),
        Truth::True => ("holds", Tone::Strong),
        Truth::False if requirement => ("not met", Tone::Bad),
        Truth::False => ("does not hold", Tone::Faint),
        Truth::Open => ("undecided", Tone::Doubt),
    }
}

fn provision(trace: &Trace, all: bool) -> Block {
    let (word, tone) = truth_of(trace);
    let mut line = Line::strong(trace.id.clone());
    if trace.effect == "exception" {
        line = Line::of("exception ").toned(Tone::Strong, trace.id.clone());
    }
    line = line.then(": ").toned(tone, word);
    if !trace.cites.is_empty() {
        line = line.then(format!(" ({})", trace.cites.join("; ")));
    }
    if trace.status == SourceStatus::Recalled {
        line = line.toned(Tone::Doubt, ", from memory, not checked in a source");
    }
    let mut body = Vec::new();
    if let Some(note) = &trace.note {
        body.push(Block::say(Line::faint(note.clone())));
    }
    body.extend(trace.clauses.iter().map(clause));
    let exceptions = trace.exceptions.iter().filter(|exception| all || exception.truth != Truth::False);
    body.extend(exceptions.map(|exception| provision(exception, all)));
    Block::Item(line, body)
}

fn clause(clause: &ClauseTrace) -> Block {
    let (word, tone) = match clause.truth {
        Truth::True => ("yes", Tone::Strong),
        Truth::False => ("no", Tone::Faint),
        Truth::Open => ("undecided", Tone::Doubt),
    };
    let mut line = Line::of(format!("{} {}: ", clause_word(clause.kind), clause.text)).toned(tone, word);
    if !clause.facts.is_empty() {
        let facts: Vec<String> = clause.facts.iter().map(|(key, value)| format!("{key} is {value}")).collect();
        line = line.then(format!(", since {}", listed(&facts, "and")));
    }
    if !clause.cites.is_empty() {
        line = line.then(format!(" ({})", clause.cites.join("; ")));
    }
    Block::say(line)
}
