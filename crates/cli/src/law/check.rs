// SPDX-License-Identifier: Apache-2.0
//! `comity law check`: what is wrong or doubtful in the library.

use crate::args::{Format, LibraryArgs};
use crate::exit::Status;
use crate::library::unknown;
use crate::out::Out;
use crate::render::diagnostic;
use crate::render::doc::{Block, Line, Tone, count};
use comity_law::{Diagnostic, Severity};
use jiff::civil::Date;
use std::io;

/// Said once, because silence would look like an answer.
const NOT_LOOKED_FOR: &str = "not looked for here: conflicts, gaps and provisions that can never matter";

/// Shows the diagnostics.
pub fn run(id: Option<&str>, args: &LibraryArgs, format: Format, today: Date, out: &mut Out) -> io::Result<Status> {
    let loaded = match super::open(args, today, out)? {
        Ok(loaded) => loaded,
        Err(status) => return Ok(status),
    };
    let library = &loaded.library;
    let mut shown: Vec<&Diagnostic> = loaded.diagnostics.iter().collect();
    let what = match id {
        Some(id) => {
            // An instrument that cannot be read has no id; its source may still be known by its name.
            let named = library.sources.iter().position(|source| source.name == id || source.name.ends_with(&format!("/{id}.law")));
            let Some(source) = library.instrument(id).map(|instrument| instrument.source.0).or(named) else {
                out.error(&unknown(library, id))?;
                return Ok(Status::Usage);
            };
            let folder = library.sources.get(source).and_then(|source| source.name.rsplit_once('/')).map_or("", |(folder, _)| folder);
            let table = format!("{folder}{}recognitions.csv", if folder.is_empty() { "" } else { "/" });
            shown.retain(|diagnostic| {
                diagnostic.source.0 == source || library.source(diagnostic.source).is_some_and(|source| source.name == table)
            });
            format!("{id} and the table beside it")
        }
        None => count(library.instruments.len(), "instrument"),
    };
    let errors = shown.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    let warnings = shown.len() - errors;
    let status = if errors > 0 { Status::Invalid } else { Status::Fine };
    if format == Format::Json {
        for diagnostic in shown {
            out.json(&diagnostic::of_law_as_json(library, diagnostic))?;
        }
        return Ok(status);
    }
    if format == Format::Plain {
        let say = |diagnostic: &&Diagnostic| {
            let (name, line, column) = library.place(diagnostic);
            let grave = if diagnostic.severity == Severity::Error { "Error" } else { "Warning" };
            let help = diagnostic.help.as_ref().map_or_else(String::new, |help| format!(". Help: {help}"));
            Block::say(format!("{grave} in {name}, line {line}, column {column}: {}{help}", diagnostic.message))
        };
        out.blocks(&shown.iter().map(say).collect::<Vec<_>>(), format)?;
    } else {
        let look = out.look();
        for diagnostic in &shown {
            out.raw(&format!("{}\n", diagnostic::of_law(library, diagnostic, look)))?;
        }
    }
    let tone = if errors > 0 { Tone::Bad } else { Tone::Good };
    let line = Line::of(format!("{what}: ")).toned(tone, count(errors, "error")).then(format!(", {}", count(warnings, "warning")));
    out.blocks(&[Block::Sentence(line), Block::say(Line::faint(NOT_LOOKED_FOR))], format)?;
    Ok(status)
}
