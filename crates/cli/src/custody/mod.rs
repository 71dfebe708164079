// SPDX-License-Identifier: Apache-2.0
//! `comity custody …`: an exhibit's chain of custody, kept, checked and shown.

mod add;

use crate::args::{CustodyCommand, CustodyExportArgs, CustodyFormat, Format};
use crate::exit::Status;
use crate::input::{Source, reason};
use crate::out::Out;
use crate::render::doc::{Block, Line, Tone, count};
use comity_evidence::Payload;
use comity_evidence::custody::{Chain, ChainError, Event};
use jiff::Timestamp;
use serde_json::json;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

/// The events of a file, each with its line.
struct Events {
    events: Vec<Event>,
    lines: Vec<usize>,
}

/// Runs a command of `comity custody`.
pub fn run(command: &CustodyCommand, now: Timestamp, out: &mut Out) -> io::Result<Status> {
    match command {
        CustodyCommand::Add(args) => add::run(args, now, out),
        CustodyCommand::Check { file, format } => check(file, format.format, out),
        CustodyCommand::Export(args) => export(args, out),
    }
}

fn check(file: &Path, format: Format, out: &mut Out) -> io::Result<Status> {
    let Events { events, lines } = match read(file) {
        Ok(events) => events,
        Err((status, message)) => return said(status, &message, out),
    };
    let chain = match Chain::new(events) {
        Ok(chain) => chain,
        Err(error) if format == Format::Json => {
            out.json(&json!({
                "file": file.display().to_string(), "holds": false, "event": error.number, "line": line_of(&lines, &error),
                "problem": error.problem.to_string(),
            }))?;
            return Ok(Status::No);
        }
        Err(error) => {
            let line = Line::default().toned(Tone::Bad, "It does not hold").then(format!(": {}", broken(file, &lines, &error)));
            out.blocks(&[Block::say(line)], format)?;
            return Ok(Status::No);
        }
    };
    let Some(last) = chain.last() else { return said(Status::Invalid, "the chain has no event", out) };
    if format == Format::Json {
        // What is closed has no next event, so nothing could name its last one.
        out.json(&json!({
            "file": file.display().to_string(), "holds": true, "exhibit": chain.exhibit(), "events": chain.events().len(),
            "closed": chain.is_closed(), "digest": last.digest.to_hex(), "last": last.hash().to_hex(),
        }))?;
        return Ok(Status::Fine);
    }
    let head = Line::default().toned(Tone::Good, "It holds").then(format!(
        ": exhibit {}, {}, the last `{}` at {}",
        chain.exhibit(),
        count(chain.events().len(), "event"),
        last.action,
        last.at
    ));
    let next = if chain.is_closed() { "Nothing can follow. The last event's hash:" } else { "The next event has as `previous`:" };
    let body = vec![
        Block::say(format!("SHA-256 of the exhibit: {}", last.digest.to_hex())),
        Block::say(format!("{next} {}", last.hash().to_hex())),
        Block::say(Line::faint(
            "That its end was not cut off and its last event not changed is shown by the receipts of the log it was recorded in",
        )),
    ];
    out.blocks(&[Block::group(head, body)], format)?;
    Ok(Status::Fine)
}

fn export(args: &CustodyExportArgs, out: &mut Out) -> io::Result<Status> {
    let Events { events, lines } = match read(&args.file) {
        Ok(events) => events,
        Err((status, message)) => return said(status, &message, out),
    };
    let chain = match Chain::new(events) {
        Ok(chain) => chain,
        Err(error) => return said(Status::No, &format!("the chain does not hold: {}", broken(&args.file, &lines, &error)), out),
    };
    let written = match args.format {
        CustodyFormat::ProvJson => format!("{:#}\n", chain.to_prov_json()),
        CustodyFormat::Html => chain.to_html(),
    };
    let Some(file) = &args.output else {
        out.raw(&written)?;
        return Ok(Status::Fine);
    };
    // It may be before a court already: it is never overwritten.
    let done = OpenOptions::new().write(true).create_new(true).open(file).and_then(|mut open| open.write_all(written.as_bytes()));
    match done {
        Ok(()) => Ok(Status::Fine),
        Err(error) => {
            let why = if error.kind() == io::ErrorKind::AlreadyExists { "it exists".to_owned() } else { reason(&error) };
            said(Status::Failed, &format!("cannot write `{}`: {why}", file.display()), out)
        }
    }
}

/// The chain of a file, or why there is none that holds.
pub fn chain(file: &Path) -> Result<Chain, String> {
    let Events { events, lines } = read(file).map_err(|(_, message)| message)?;
    Chain::new(events).map_err(|error| format!("the chain of custody does not hold: {}", broken(file, &lines, &error)))
}

/// The events of a file, or what is wrong with it.
fn read(file: &Path) -> Result<Events, (Status, String)> {
    let text = Source::File(file.to_path_buf())
        .text()
        .map_err(|problem| (Status::Failed, format!("cannot read `{}`: {problem}", file.display())))?;
    let read = events_of(file, &text)?;
    if read.events.is_empty() {
        return Err((
            Status::Invalid,
            format!("`{}`: it is empty: expected the events of an exhibit, one JSON object to a line", file.display()),
        ));
    }
    Ok(read)
}

/// The events of a text, which may have none.
fn events_of(file: &Path, text: &str) -> Result<Events, (Status, String)> {
    let (mut events, mut lines) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let wrong = |problem: String| (Status::Invalid, format!("{}:{number}: {problem}", file.display()));
        let payload = Payload::parse(line).map_err(|error| wrong(error.to_string()))?;
        events.push(Event::from_payload(&payload).map_err(|error| wrong(error.to_string()))?);
        lines.push(number);
    }
    Ok(Events { events, lines })
}

/// The line of the event that does not fit.
fn line_of(lines: &[usize], error: &ChainError) -> Option<usize> {
    lines.get(error.number.saturating_sub(1)).copied()
}

fn broken(file: &Path, lines: &[usize], error: &ChainError) -> String {
    let place = line_of(lines, error).map_or_else(String::new, |line| format!(":{line}"));
    format!("{}{place}: {error}", file.display())
}

fn said(status: Status, message: &str, out: &mut Out) -> io::Result<Status> {
    out.error(message)?;
    Ok(status)
}
