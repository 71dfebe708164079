// SPDX-License-Identifier: Apache-2.0
//! A question with what its answers would decide and which provisions ask it.

use super::doc::{Block, Line, Tone, listed};
use super::judgment;
use comity_judge::ask::{Answer, Detail, Ground, Question};
use serde_json::{Value, json};

/// So many answers or provisions are named; more are counted.
const NAMED: usize = 6;

/// The question in one sentence, with its path.
pub fn head(question: &Question) -> Line {
    Line::strong(question.text.clone()).read_as(Tone::Faint, format!(" ({})", question.path), format!(" (key {})", question.path))
}

/// What each class of answers would decide, those that decide first.
pub fn outcomes(detail: &Detail) -> Vec<Block> {
    let mut answers: Vec<&Answer> = detail.answers.iter().collect();
    answers.sort_by_key(|answer| (answer.decides.is_none(), answer.values.len()));
    answers.into_iter().map(|answer| Block::Item(outcome(answer), Vec::new())).collect()
}

fn outcome(answer: &Answer) -> Line {
    let line = Line::of(format!("{}: ", some(&answer.values)));
    match answer.decides {
        Some(verdict) => line.then("decided, ").toned(judgment::tone(verdict.word()), verdict.word()),
        None => {
            let left: Vec<&str> = answer.left.iter().map(|verdict| verdict.word()).collect();
            // The other verdicts are too rare to be seen in the sample.
            let likely = if left.len() == 1 { "likely " } else { "" };
            line.then(format!("still open, {likely}{}", listed(&left, "or")))
        }
    }
}

fn some(values: &[String]) -> String {
    let shown: Vec<&str> = values.iter().take(NAMED).map(String::as_str).collect();
    match values.len() {
        number if number > NAMED => format!("{} and {} more", shown.join(", "), number - NAMED),
        _ => shown.join(", "),
    }
}

/// The provisions that ask.
pub fn grounds(detail: &Detail, all: bool) -> Vec<Block> {
    let shown = if all { detail.grounds.len() } else { NAMED };
    let mut blocks: Vec<Block> = detail.grounds.iter().take(shown).map(|ground| Block::item(provision(ground))).collect();
    if detail.grounds.len() > shown {
        blocks.push(Block::say(Line::faint(format!("and {} more", detail.grounds.len() - shown))));
    }
    blocks
}

fn provision(ground: &Ground) -> Line {
    let mut line = Line::strong(ground.instrument.clone()).then(format!(" {}", ground.provision));
    if !ground.cites.is_empty() {
        line = line.then(format!(" ({})", ground.cites.join("; ")));
    }
    match &ground.note {
        Some(note) => line.then(format!(": {note}")),
        None => line,
    }
}

/// How hard a question is to answer, in words.
pub fn effort(question: &Question) -> &'static str {
    match question.effort {
        0 | 1 => "look at the file",
        2 => "ask a colleague",
        3 => "ask a specialist",
        4 => "needs inquiry",
        _ => "ask counsel",
    }
}

/// A question as an item of a list.
pub fn item(question: &Question, detail: &Detail) -> Block {
    let mut body = vec![Block::say(Line::faint(format!("effort {} of 5, {}", question.effort, effort(question))))];
    body.push(Block::group("what an answer would decide", outcomes(detail)));
    body.push(Block::group("asked by", grounds(detail, false)));
    Block::Item(head(question), body)
}

/// A question on the wire.
pub fn of_question(question: &Question, detail: Option<&Detail>) -> Value {
    let answer = |answer: &Answer| {
        json!({"values": answer.values, "decides": answer.decides.map(|verdict| verdict.word()),
               "left": answer.left.iter().map(|verdict| verdict.word()).collect::<Vec<_>>()})
    };
    let ground = |ground: &Ground| json!({"instrument": ground.instrument, "provision": ground.provision, "cite": ground.cites.join("; "), "note": ground.note});
    json!({"path": question.path, "question": question.text, "effort": question.effort, "gain": question.gain,
           "answers": detail.map(|detail| detail.answers.iter().map(answer).collect::<Vec<_>>()),
           "asked_by": detail.map(|detail| detail.grounds.iter().map(ground).collect::<Vec<_>>())})
}
