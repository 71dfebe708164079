// SPDX-License-Identifier: Apache-2.0
//! `comity ask`: the next best question, or one after the other until a flow is decided.

mod reply;
mod session;

use crate::args::{AskArgs, Format};
use crate::exit::Status;
use crate::input::Source;
use crate::judging;
use crate::out::Out;
use crate::render::doc::{Block, Line};
use crate::render::{judgment, next, question};
use comity_flow::Flow;
use comity_judge::ask::{Detail, Question, ask, detail};
use comity_judge::{JudgeError, Judgment, Options, judge};
use comity_law::Library;
use jiff::civil::Date;
use serde_json::json;
use std::io;

/// Ranks the questions of a flow, or holds a conversation.
pub fn run(args: &AskArgs, today: Date, out: &mut Out) -> io::Result<Status> {
    let (library, options) = match judging::ready(&args.library, &args.judge, today, out)? {
        Ok(ready) => ready,
        Err(status) => return Ok(status),
    };
    let Some(path) = &args.file else {
        let flow = Flow { on: Some(options.on.unwrap_or(today)), ..Flow::default() };
        return session::run(args, flow, &library, options, out);
    };
    let source = if path.as_os_str() == "-" { Source::Stdin } else { Source::File(path.clone()) };
    if args.interactive && source == Source::Stdin {
        out.error("the answers come from standard input, so the flow cannot: name a file")?;
        return Ok(Status::Usage);
    }
    let flow = match judging::one(&source, out)? {
        Ok(flow) => flow,
        Err(status) => return Ok(status),
    };
    if args.interactive {
        return session::run(args, flow, &library, options, out);
    }
    match ranked(&library, &flow, &options, args.number) {
        Ok((found, questions)) => {
            if args.format.format == Format::Json {
                let all: Vec<_> = questions.iter().map(|(asked, more)| question::of_question(asked, more.as_ref())).collect();
                out.json(&json!({"flow": flow.id, "verdict": found.word(), "possible": found.possible.words(), "questions": all}))?;
            } else {
                out.blocks(&document(&library, &found, &questions), args.format.format)?;
            }
            Ok(Status::of(found.verdict()))
        }
        Err(error) => {
            out.error(&error.to_string())?;
            Ok(Status::Invalid)
        }
    }
}

/// A question, with more where it is shown.
type Asked = (Question, Option<Detail>);

/// The judgment, and the questions, the first of them with what their answers would decide.
fn ranked(library: &Library, flow: &Flow, options: &Options, shown: usize) -> Result<(Judgment, Vec<Asked>), JudgeError> {
    let found = judge(library, flow, options)?;
    let mut out = Vec::new();
    for (number, question) in ask(library, flow, options)?.into_iter().enumerate() {
        let more = (number < shown).then(|| detail(library, flow, options, &question)).transpose()?;
        out.push((question, more));
    }
    Ok((found, out))
}

fn document(library: &Library, found: &Judgment, questions: &[Asked]) -> Vec<Block> {
    let mut blocks = vec![Block::Sentence(judgment::headline(found)), Block::Gap];
    if questions.is_empty() {
        blocks.push(Block::say("No fact that the file leaves out would change this."));
        let steps = next::steps(library, found);
        if !steps.is_empty() {
            blocks.push(Block::Gap);
            blocks.push(Block::group(Line::strong("What to do next"), steps));
        }
    } else {
        let shown = questions.iter().filter_map(|(asked, more)| Some(question::item(asked, more.as_ref()?)));
        blocks.push(Block::group(Line::strong("Find out next, the most useful for the effort first"), shown.collect()));
        let rest: Vec<&str> = questions.iter().filter(|(_, more)| more.is_none()).map(|(asked, _)| asked.path.as_str()).collect();
        if !rest.is_empty() {
            blocks.push(Block::Gap);
            blocks.push(Block::say(Line::faint(format!("Later: {}", rest.join(", ")))));
        }
    }
    blocks.push(Block::Gap);
    blocks.push(Block::say(Line::faint(judgment::ADVICE)));
    blocks
}
