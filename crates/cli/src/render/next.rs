// SPDX-License-Identifier: Apache-2.0
//! What to do next: the steps that are missing, the questions to answer, or what closes the way.

use super::doc::{Block, Line, Tone, listed};
use super::steps;
use comity_judge::{ClauseTrace, Finding, Judgment, State, Trace, Truth, Verdict};
use comity_law::Library;
use comity_law::ast::ClauseKind;

/// More questions than this at once help nobody.
const QUESTIONS: usize = 3;
/// Closed mechanisms named one by one; more are counted.
const CLOSED: usize = 12;

/// What to do next.
pub fn steps(library: &Library, judgment: &Judgment) -> Vec<Block> {
    match judgment.verdict() {
        Some(Verdict::Unrestricted | Verdict::Permitted) => Vec::new(),
        Some(Verdict::Incomplete) => repairs(judgment),
        Some(Verdict::Prohibited) => closed(judgment),
        None => open(library, judgment),
    }
}

fn with_cites(line: Line, cites: &[String]) -> Line {
    if cites.is_empty() { line } else { line.then(format!(" ({})", cites.join("; "))) }
}

fn of_verdict(judgment: &Judgment, verdict: Verdict) -> Vec<&Finding> {
    judgment.findings.iter().filter(|finding| finding.possible.decided() == Some(verdict)).collect()
}

fn repairs(judgment: &Judgment) -> Vec<Block> {
    let findings = of_verdict(judgment, Verdict::Incomplete);
    let mut blocks = Vec::new();
    if findings.len() > 1 {
        blocks.push(Block::say("Each of these needs to be put right."));
    }
    for finding in findings {
        let head = match finding.missing.len() {
            0 => format!(
                "{}: some steps put it right, but they could not be worked out; `comity explain` shows what fails",
                finding.instrument
            ),
            1 => format!("{}: this puts it right", finding.instrument),
            _ => format!("{}: any one of these puts it right", finding.instrument),
        };
        let leg = if finding.leg == "exporter>importer" { Line::of(head) } else { leg_head(head, &finding.leg) };
        blocks.push(Block::Group(leg, alternatives(finding)));
    }
    blocks
}

fn leg_head(head: String, leg: &str) -> Line {
    Line::of(head).read_as(Tone::Normal, format!(" (on {leg})"), format!(" (from {})", leg.replace('>', " to ")))
}

fn alternatives(finding: &Finding) -> Vec<Block> {
    let alternative = |missing: &comity_judge::Missing| {
        let steps = missing.steps.iter().map(|step| Block::Sentence(steps::step(step))).collect();
        Block::Item(with_cites(Line::strong(missing.aim.clone()), &missing.cites), steps)
    };
    finding.missing.iter().map(alternative).collect()
}

fn open(library: &Library, judgment: &Judgment) -> Vec<Block> {
    let mut blocks = Vec::new();
    let instruments: Vec<&str> = judgment.findings.iter().map(|finding| finding.instrument.as_str()).collect();
    // The findings take turns, so that the first questions are the most useful one of each.
    let open: Vec<&Finding> = judgment.findings.iter().filter(|finding| finding.possible.decided().is_none()).collect();
    let longest = open.iter().map(|finding| finding.questions.len()).max().unwrap_or(0);
    let mut asked: Vec<&str> = Vec::new();
    for turn in 0..longest {
        for question in open.iter().filter_map(|finding| finding.questions.get(turn)) {
            if !asked.contains(&question.as_str()) {
                asked.push(question);
            }
        }
    }
    let total = asked.len();
    let questions: Vec<Block> = asked
        .into_iter()
        .take(QUESTIONS)
        .map(|path| {
            let (line, options) = steps::question(library, &instruments, path);
            Block::Item(line, options.into_iter().map(Block::Sentence).collect())
        })
        .collect();
    if !questions.is_empty() {
        let head =
            if total == 1 { "Answer this in the file".to_owned() } else { "Answer these in the file, the most useful first".to_owned() };
        blocks.push(Block::group(head, questions));
        if total > QUESTIONS {
            blocks.push(Block::say(Line::faint(format!("{} more facts may matter after that.", total - QUESTIONS))));
        }
    }
    if judgment.possible.decided().is_some() && !judgment.uncovered.is_empty() {
        let places = listed(&judgment.uncovered, "and");
        blocks.push(Block::say(format!(
            "Have the law of {places} looked at: the library has no instrument of it. `--under` limits the question to instruments you name."
        )));
    }
    let certain = of_verdict(judgment, Verdict::Incomplete);
    if !certain.is_empty() {
        blocks.push(Block::say("Whatever the answers, this has to be put right:"));
        for finding in certain {
            blocks.push(Block::group(finding.instrument.clone(), alternatives(finding)));
        }
    }
    blocks
}

fn closed(judgment: &Judgment) -> Vec<Block> {
    of_verdict(judgment, Verdict::Prohibited).into_iter().map(closed_by).collect()
}

/// What closes the way under one instrument: its blocks, else its failing requirements and closed mechanisms.
fn closed_by(finding: &Finding) -> Block {
    let with_effect =
        |effect: &'static str, truth: Truth| finding.derivation.iter().filter(move |trace| trace.effect == effect && trace.truth == truth);
    let mut body: Vec<Block> =
        with_effect("forbid", Truth::True).map(|trace| provision("forbids it", trace, failing(trace, false))).collect();
    let mechanisms: Vec<_> = finding.mechanisms.iter().filter(|mechanism| mechanism.state == State::Closed).collect();
    if body.is_empty() {
        body.extend(with_effect("require", Truth::False).map(|trace| provision("is not met", trace, failing(trace, true))));
        if !mechanisms.is_empty() {
            body.push(Block::say("No mechanism can carry it:"));
        }
        for mechanism in mechanisms.iter().take(CLOSED) {
            let because =
                if mechanism.because.is_empty() { String::new() } else { format!(": fails at `{}`", mechanism.because.join("`, `")) };
            body.push(Block::item(with_cites(Line::strong(mechanism.id.clone()), &mechanism.cites).then(because)));
        }
        if mechanisms.len() > CLOSED {
            body.push(Block::say(format!("and {} more", mechanisms.len() - CLOSED)));
        }
        if body.is_empty() {
            body.extend(
                with_effect("restrict", Truth::True).map(|trace| provision("restricts it, and no mechanism is known", trace, Vec::new())),
            );
        }
    }
    Block::group(format!("{} closes the way", finding.instrument), body)
}

fn provision(what: &str, trace: &Trace, body: Vec<Block>) -> Block {
    let mut line = with_cites(Line::strong(trace.id.clone()), &trace.cites).then(format!(" {what}"));
    if let Some(note) = &trace.note {
        line = line.then(format!(": {note}"));
    }
    Block::Item(line, body)
}

/// The clauses that made it so. For a requirement, the needs that fail; for a block, the conditions that hold.
fn failing(trace: &Trace, requirement: bool) -> Vec<Block> {
    let matters = |clause: &&ClauseTrace| match (requirement, clause.kind) {
        (true, ClauseKind::Needs) => clause.truth != Truth::True,
        (false, ClauseKind::When) => clause.truth == Truth::True,
        _ => false,
    };
    let say = |clause: &ClauseTrace| {
        let word = if requirement { "needs" } else { "because" };
        Block::say(with_cites(Line::of(format!("{word} `{}`", clause.text)), &clause.cites))
    };
    trace.clauses.iter().filter(matters).map(say).collect()
}
