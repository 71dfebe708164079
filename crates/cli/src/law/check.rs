// SPDX-License-Identifier: Apache-2.0
//! `comity law check`: what is wrong or doubtful in the library.

use super::consistency::{Remark, Remarks, look};
use crate::args::{Format, LibraryArgs};
use crate::exit::Status;
use crate::library::unknown;
use crate::out::Out;
use crate::render::diagnostic;
use crate::render::doc::{Block, Line, Tone, count, listed};
use comity_judge::consistency::Example;
use comity_law::ast::Instrument;
use comity_law::{Diagnostic, Library, Severity, SourceId};
use jiff::civil::Date;
use serde_json::json;
use std::io;

/// Said where the exact part is left out, because silence would look like an answer.
const QUICK: &str = "not looked for, as asked: conflicts, gaps, provisions that never matter, exceptions that never fire";

/// Shows the diagnostics; `quick` leaves out what needs a look at every flow.
pub fn run(id: Option<&str>, quick: bool, args: &LibraryArgs, format: Format, today: Date, out: &mut Out) -> io::Result<Status> {
    let loaded = match super::open(args, today, out)? {
        Ok(loaded) => loaded,
        Err(status) => return Ok(status),
    };
    let library = &loaded.library;
    let mut shown: Vec<Remark> = loaded.diagnostics.iter().cloned().map(Remark::of).collect();
    let mut chosen: Vec<&Instrument> = library.instruments.iter().collect();
    let what = match id {
        Some(id) => {
            let Some(source) = source_of(library, id) else {
                out.error(&unknown(library, id))?;
                return Ok(Status::Usage);
            };
            let table = table_beside(library, source);
            shown.retain(|Remark { diagnostic, .. }| {
                diagnostic.source == source || library.source(diagnostic.source).is_some_and(|source| source.name == table)
            });
            chosen.retain(|instrument| instrument.id.text == id);
            format!("{id} and the table beside it")
        }
        None => count(library.instruments.len(), "instrument"),
    };
    let exact = if quick { None } else { Some(look(library, &chosen, &loaded.diagnostics, today)) };
    let mut said = exact.unwrap_or_default();
    shown.append(&mut said.remarks);
    shown.sort_by_key(|remark| (remark.diagnostic.source, remark.diagnostic.span.start));
    let errors = shown.iter().filter(|remark| remark.diagnostic.severity == Severity::Error).count();
    let warnings = shown.len() - errors;
    let status = if errors > 0 { Status::Invalid } else { Status::Fine };
    match format {
        Format::Json => {
            for remark in &shown {
                out.json(&as_json(library, remark, today))?;
            }
            return Ok(status);
        }
        Format::Plain => {
            for remark in &shown {
                out.blocks(&[plain(library, &remark.diagnostic)], format)?;
                if let Some((shows, example)) = &remark.example {
                    out.blocks(&[Block::say(format!("For example, {shows}{}", options(example, today)))], format)?;
                    out.raw(&format!("{}\n", comity_flow::write(&example.flow)))?;
                }
            }
        }
        Format::Text => {
            let look = out.look();
            for remark in &shown {
                out.raw(&format!("{}\n", diagnostic::of_law(library, &remark.diagnostic, look)))?;
                if let Some((shows, example)) = &remark.example {
                    out.raw(&format!("  for example, {shows}{}:\n\n{}\n", options(example, today), set_in(example)))?;
                }
            }
        }
    }
    let tone = if errors > 0 { Tone::Bad } else { Tone::Good };
    let line = Line::of(format!("{what}: ")).toned(tone, count(errors, "error")).then(format!(", {}", count(warnings, "warning")));
    let mut blocks = vec![Block::Sentence(line)];
    blocks.extend(last_lines(&said, quick).into_iter().map(|line| Block::say(Line::faint(line))));
    out.blocks(&blocks, format)?;
    Ok(status)
}

/// The source of an instrument; one that cannot be read has no id, and its source may still be known by its name.
fn source_of(library: &Library, id: &str) -> Option<SourceId> {
    let named = library.sources.iter().position(|source| source.name == id || source.name.ends_with(&format!("/{id}.law")));
    library.instrument(id).map(|instrument| instrument.source).or(named.map(SourceId))
}

/// The name of the table in the folder of a source.
fn table_beside(library: &Library, source: SourceId) -> String {
    let folder = library.source(source).and_then(|source| source.name.rsplit_once('/')).map_or("", |(folder, _)| folder);
    format!("{folder}{}recognitions.csv", if folder.is_empty() { "" } else { "/" })
}

/// What was looked for, and what was not.
fn last_lines(said: &Remarks, quick: bool) -> Vec<String> {
    if quick {
        return vec![QUICK.to_owned()];
    }
    let mut lines = Vec::new();
    if said.stretches > 0 {
        lines.push(format!("looked at every flow on every day ({} of days between changes)", count(said.stretches, "span")));
    }
    if !said.waiting.is_empty() {
        let hold = if said.waiting.len() == 1 {
            "holds for no flow yet, and says so itself"
        } else {
            "hold for no flow yet, and say so themselves"
        };
        let why = "`never`, or a recognition that no row gives";
        lines.push(format!("{} {hold} ({why}): {}", count(said.waiting.len(), "provision"), listed(&said.waiting, "and")));
    }
    if !said.skipped.is_empty() {
        lines.push(format!("not looked at flow by flow, because of errors: {}", listed(&said.skipped, "and")));
    }
    lines
}

/// The options that judge an example as it is meant, where it needs any: later law is not known yet, and a flow states no reading.
fn options(example: &Example, today: Date) -> String {
    let known = if example.known_on == today { String::new() } else { format!(" --known-on {}", example.known_on) };
    let options = readings(example).into_iter().fold(known, |options, reading| format!("{options} --reading {reading}"));
    if options.is_empty() { options } else { format!(" with `comity check{options}`") }
}

fn readings(example: &Example) -> Vec<String> {
    example.readings.iter().map(|(owner, id, option)| format!("{owner}/{id}={option}")).collect()
}

/// The example as the file that it is, set in.
fn set_in(example: &Example) -> String {
    let text = comity_flow::write(&example.flow);
    text.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") }).collect()
}

fn plain(library: &Library, diagnostic: &Diagnostic) -> Block {
    let (name, line, column) = library.place(diagnostic);
    let grave = if diagnostic.severity == Severity::Error { "Error" } else { "Warning" };
    let help = diagnostic.help.as_ref().map_or_else(String::new, |help| format!(". Help: {help}"));
    Block::say(format!("{grave} in {name}, line {line}, column {column}: {}{help}", diagnostic.message))
}

fn as_json(library: &Library, remark: &Remark, today: Date) -> serde_json::Value {
    let mut value = diagnostic::of_law_as_json(library, &remark.diagnostic);
    if let (Some((_, example)), Some(object)) = (&remark.example, value.as_object_mut()) {
        let known_on = (example.known_on != today).then(|| example.known_on.to_string());
        object.insert(
            "example".to_owned(),
            json!({"flow": comity_flow::write(&example.flow), "known_on": known_on, "readings": readings(example),
                   "leg": example.leg, "verdict": example.verdict.map_or("undetermined", comity_judge::Verdict::word)}),
        );
    }
    value
}
