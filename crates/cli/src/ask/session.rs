// SPDX-License-Identifier: Apache-2.0
//! The conversation: questions on standard error, answers from standard input, until the flow is decided.
//!
//! Everything that was not said is open in it, safeguards too; a flow file is stricter: what is absent there is not in place.
//! A verdict that is decided with open safeguards holds whatever they are, so the file that is written has the same one.

use super::reply::{self, LISTED, Reply};
use crate::args::{AskArgs, Format};
use crate::exit::Status;
use crate::input::reason;
use crate::out::Out;
use crate::render::doc::{Block, Line};
use crate::render::{json, judgment, next, plain, question};
use comity_flow::{Flow, Format as Notation, Value};
use comity_judge::ask::{About, Question, ask, detail, tell};
use comity_judge::{Options, judge};
use comity_law::Library;
use comity_terms::{KeyKind, Term, vocabulary};
use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};

/// What was said so far.
#[derive(Clone)]
struct State {
    flow: Flow,
    /// The keys under `safeguards` that were said.
    told: BTreeSet<String>,
    skipped: BTreeSet<String>,
    readings: Vec<(String, String, String)>,
}

struct Session<'a> {
    library: &'a Library,
    options: Options,
    state: State,
    history: Vec<State>,
}

/// What a line asks for.
enum Next {
    Answer(Box<State>),
    Back,
    Skip,
    Quit,
}

/// Asks until the flow is decided, and writes it.
pub fn run(args: &AskArgs, flow: Flow, library: &Library, options: Options, out: &mut Out) -> io::Result<Status> {
    let path = output(args);
    if path.exists() {
        out.error(&format!("cannot write `{}`: it exists; --output names another file", path.display()))?;
        return Ok(Status::Usage);
    }
    let mut flow = flow;
    if flow.id.is_empty() {
        flow.id = path.file_stem().map_or_else(|| "flow".to_owned(), |stem| stem.to_string_lossy().into_owned());
    }
    let told = flow.lines.keys().filter(|path| path.starts_with("safeguards.")).cloned().collect();
    let readings = options.readings.clone();
    let state = State { flow, told, skipped: BTreeSet::new(), readings };
    let mut session = Session { library, options, state, history: Vec::new() };
    out.complain("Answer each question, or type ? for help, skip, back or quit.\n")?;
    if let Err(status) = session.talk(out)? {
        return Ok(status);
    }
    session.close(&path, args.format.format, out)
}

/// The file to write: the one that is named, or a new one.
fn output(args: &AskArgs) -> PathBuf {
    if let Some(path) = &args.output {
        return path.clone();
    }
    let (folder, stem) = match &args.file {
        None => (PathBuf::new(), "flow".to_owned()),
        Some(file) => {
            let stem = file.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
            (file.parent().map(Path::to_path_buf).unwrap_or_default(), format!("{stem}-answered"))
        }
    };
    let name = |number: usize| if number == 1 { format!("{stem}.toml") } else { format!("{stem}-{number}.toml") };
    (1..1_000).map(|number| folder.join(name(number))).find(|path| !path.exists()).unwrap_or_else(|| folder.join(name(1)))
}

/// The flow that a text of ours is read as.
fn again(flow: &Flow) -> Result<Flow, String> {
    let none = |_: &str| Err("no profile".to_owned());
    comity_flow::read(&comity_flow::write(flow), Notation::Toml, &none)
        .map_err(|problems| problems.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>().join("; "))
}

/// The flow with every safeguard open that was not said.
fn opened(state: &State) -> Result<Flow, String> {
    let mut flow = again(&state.flow)?;
    let words = vocabulary();
    let denied = |whole: &str| {
        let value = words.key(whole).and_then(|key| flow.facts.get(&key));
        state.told.contains(whole) && value == Some(&Value::Flag(false))
    };
    let closed: Vec<&str> = ["safeguards.assessment", "safeguards.consent"].into_iter().filter(|whole| denied(whole)).collect();
    for key in words.keys().iter().filter(|key| key.path.starts_with("safeguards.")) {
        let said = state.told.contains(&key.path) || closed.iter().any(|whole| key.path.starts_with(whole));
        let Some(id) = words.key(&key.path).filter(|_| !said) else { continue };
        let blank = match flow.facts.get(&id) {
            Some(Value::Flag(flag)) => !flag,
            Some(Value::Many(set)) => set.is_empty(),
            Some(Value::One(term)) => words.id(*term) == "none",
            _ => false,
        };
        if blank {
            flow.facts.remove(&id);
        }
    }
    Ok(flow)
}

impl Session<'_> {
    /// Asks until nothing is left to ask, or the person has enough.
    fn talk(&mut self, out: &mut Out) -> io::Result<Result<(), Status>> {
        let mut lines = io::stdin().lock().lines();
        loop {
            let options = Options { readings: self.state.readings.clone(), ..self.options.clone() };
            let found = opened(&self.state).and_then(|flow| {
                let questions = ask(self.library, &flow, &options).map_err(|error| error.to_string())?;
                Ok((questions, flow))
            });
            let (questions, flow) = match found {
                Ok(found) => found,
                Err(message) => {
                    out.error(&message)?;
                    return Ok(Err(Status::Invalid));
                }
            };
            let Some(question) = questions.into_iter().find(|question| !self.state.skipped.contains(&key(question))) else {
                return Ok(Ok(()));
            };
            self.show(&question, &flow, &options, out)?;
            match self.listen(&question, &flow, &options, &mut lines, out)? {
                Next::Answer(state) => self.history.push(std::mem::replace(&mut self.state, *state)),
                Next::Skip => {
                    self.history.push(self.state.clone());
                    self.state.skipped.insert(key(&question));
                }
                Next::Back => match self.history.pop() {
                    Some(state) => self.state = state,
                    None => out.complain("There is no answer to take back.\n")?,
                },
                Next::Quit => return Ok(Ok(())),
            }
        }
    }

    /// The question, what can be answered, and what that would decide.
    fn show(&self, question: &Question, flow: &Flow, options: &Options, out: &mut Out) -> io::Result<()> {
        let number = self.history.len() + 1;
        let mut blocks = vec![Block::Gap, Block::say(Line::of(format!("Question {number}. ")).then(question.text.clone()))];
        blocks.push(Block::say(allowed(&question.about)));
        if let Ok(more) = detail(self.library, flow, options, question) {
            let deciding = more.answers.iter().any(|answer| answer.decides.is_some());
            if deciding {
                blocks.push(Block::say("What it would decide:"));
                blocks.extend(question::outcomes(&more).into_iter().map(bare));
            }
        }
        out.complain(&lines(&blocks))?;
        let numbered = numbered(&question.about);
        list(&numbered, out)?;
        if let About::Reading(_, _, options) = &question.about {
            for (number, option) in options.iter().enumerate() {
                out.complain(&format!("{}: {option}\n", number + 1))?;
            }
        }
        Ok(())
    }

    /// Reads lines until one answers.
    fn listen(
        &self,
        question: &Question,
        flow: &Flow,
        options: &Options,
        lines_in: &mut impl Iterator<Item = io::Result<String>>,
        out: &mut Out,
    ) -> io::Result<Next> {
        let mut terms = numbered(&question.about);
        loop {
            out.complain("> ")?;
            let Some(line) = lines_in.next().transpose()? else {
                out.complain("\n")?;
                return Ok(Next::Quit);
            };
            let text = line.trim();
            match text.to_lowercase().as_str() {
                "" => continue,
                "quit" | "q" | "exit" => return Ok(Next::Quit),
                "back" | "b" => return Ok(Next::Back),
                "skip" | "unknown" | "s" => return Ok(Next::Skip),
                "?" | "help" => {
                    self.help(question, flow, options, out)?;
                    continue;
                }
                _ => {}
            }
            match reply::read(&question.about, text, &terms) {
                Reply::Value(value) => match self.told(question, &value) {
                    Ok(state) => return Ok(Next::Answer(Box::new(state))),
                    Err(message) => out.complain(&format!("That does not fit what was said before: {message}.\n"))?,
                },
                Reply::Option(option) => {
                    let mut state = self.state.clone();
                    if let About::Reading(instrument, id, _) = &question.about {
                        state.readings.push((instrument.clone(), id.clone(), option));
                    }
                    return Ok(Next::Answer(Box::new(state)));
                }
                Reply::Choose(fits) => {
                    out.complain("Several fit. Choose by number:\n")?;
                    list(&fits, out)?;
                    terms = fits;
                }
                Reply::Wrong(message) => out.complain(&format!("{message}\n"))?,
            }
        }
    }

    /// The state after an answer, if the flow can have it.
    fn told(&self, question: &Question, value: &Value) -> Result<State, String> {
        let mut state = self.state.clone();
        state.flow = tell(&state.flow, &question.about, value);
        state.told.insert(question.path.clone());
        again(&state.flow)?;
        Ok(state)
    }

    fn help(&self, question: &Question, flow: &Flow, options: &Options, out: &mut Out) -> io::Result<()> {
        let mut blocks = vec![Block::say(format!("The key of the flow file is {}.", question.path))];
        if let Ok(more) = detail(self.library, flow, options, question) {
            blocks.push(Block::say("Asked by:"));
            blocks.extend(question::grounds(&more, true).into_iter().map(bare));
            blocks.push(Block::say("What it would decide:"));
            blocks.extend(question::outcomes(&more).into_iter().map(bare));
        }
        blocks.push(Block::say("skip: it is not known. back: take the last answer back. quit: stop, and write what is there."));
        out.complain(&lines(&blocks))
    }

    /// Writes the flow and says the verdict that it has as a file.
    fn close(&self, path: &Path, format: Format, out: &mut Out) -> io::Result<Status> {
        let text = comity_flow::write(&self.state.flow);
        let options = Options { readings: self.state.readings.clone(), ..self.options.clone() };
        let flow = match again(&self.state.flow) {
            Ok(flow) => flow,
            Err(message) => {
                out.error(&message)?;
                return Ok(Status::Invalid);
            }
        };
        let found = match judge(self.library, &flow, &options) {
            Ok(found) => found,
            Err(error) => {
                out.error(&error.to_string())?;
                return Ok(Status::Invalid);
            }
        };
        out.complain("\n")?;
        if format == Format::Json {
            out.json(&json::judgment(&found))?;
        } else {
            let mut blocks = vec![Block::Sentence(judgment::headline(&found))];
            let steps = next::steps(self.library, &found);
            if !steps.is_empty() {
                blocks.extend([Block::Gap, Block::group(Line::strong("What to do next"), steps)]);
            }
            for (instrument, id, option) in self.state.readings.iter().skip(self.options.readings.len()) {
                blocks.push(Block::say(format!("This rests on a reading that you chose: --reading {instrument}/{id}={option}")));
            }
            blocks.push(Block::Gap);
            blocks.push(Block::say(Line::faint(judgment::ADVICE)));
            out.blocks(&blocks, format)?;
        }
        let written = OpenOptions::new().write(true).create_new(true).open(path).and_then(|mut file| file.write_all(text.as_bytes()));
        if let Err(error) = written {
            // The answers are not lost: they go to standard output.
            out.raw(&text)?;
            out.error(&format!("cannot write `{}`: {}; the flow is above", path.display(), reason(&error)))?;
            return Ok(Status::Failed);
        }
        out.complain(&format!("wrote {}; comity check {} shows what led to the verdict\n", path.display(), path.display()))?;
        Ok(Status::of(found.verdict()))
    }
}

/// What tells one question from another.
fn key(question: &Question) -> String {
    format!("{} {:?}", question.path, question.about)
}

/// Lines for a screen reader: one sentence to a line, without colors.
fn lines(blocks: &[Block]) -> String {
    plain::draw(blocks)
}

/// Lists are counted by the answers, so what is listed beside them has no numbers.
fn bare(block: Block) -> Block {
    match block {
        Block::Item(line, _) => Block::Sentence(line),
        other => other,
    }
}

/// The terms that are listed with a number.
fn numbered(about: &About) -> Vec<Term> {
    let terms = reply::terms(about);
    if terms.len() > LISTED { Vec::new() } else { terms }
}

fn list(terms: &[Term], out: &mut Out) -> io::Result<()> {
    let drawn: String = terms.iter().enumerate().map(|(number, term)| format!("{}: {}\n", number + 1, reply::named(*term))).collect();
    out.complain(&drawn)
}

/// What can be answered, in words.
fn allowed(about: &About) -> String {
    let long = reply::terms(about).len() > LISTED;
    let kind = match about {
        About::Fact(key, _) => vocabulary().key_at(*key).map(|key| key.kind),
        About::Count { .. } => Some(KeyKind::Count),
        About::Day(..) => Some(KeyKind::Day),
        About::Reading(..) => return "Choose one by number: the law can be read in these ways".to_owned(),
    };
    let text = match (kind, long) {
        (Some(KeyKind::Flag), _) => "Yes or no",
        (Some(KeyKind::Count), _) => "A whole number",
        (Some(KeyKind::Day), _) => "A day, such as 2024-03-01",
        (Some(KeyKind::One(_)), false) => "One of these, by number or name",
        (Some(KeyKind::One(_)), true) => "One name, or a part of it to search",
        (Some(KeyKind::Many(_)), false) => "Any of these, by number or name, with commas between them, or none",
        (Some(KeyKind::Many(_)), true) => "Names, or parts of them to search, with commas between them, or none",
        (None, _) => "An answer",
    };
    text.to_owned()
}
