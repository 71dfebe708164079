// SPDX-License-Identifier: Apache-2.0
//! `comity explain`: the derivation of a judgment.

use crate::args::{ExplainArgs, Format};
use crate::exit::Status;
use crate::input::Source;
use crate::judging::{self, Outcome};
use crate::out::Out;
use crate::register::{is_lines, is_register};
use crate::render::doc::{Block, Line};
use crate::render::{derivation, diagnostic, json, judgment};
use jiff::civil::Date;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

/// Explains the judgment of a file.
pub fn run(args: &ExplainArgs, today: Date, out: &mut Out) -> io::Result<Status> {
    let source = if args.file == "-" { Source::Stdin } else { Source::File(PathBuf::from(&args.file)) };
    if is_register(Path::new(&args.file)) {
        out.error("`comity explain` explains one flow file; `comity import` makes flow files of a register")?;
        return Ok(Status::Usage);
    }
    if is_lines(Path::new(&args.file)) {
        out.error("`comity explain` explains one flow file; take one line of JSON Lines and pass it on standard input")?;
        return Ok(Status::Usage);
    }
    if source == Source::Stdin && io::stdin().is_terminal() {
        out.error("no file is named, and nothing comes in on standard input; `comity explain --help` shows examples")?;
        return Ok(Status::Usage);
    }
    let (library, options) = match judging::ready(&args.library, &args.judge, today, out)? {
        Ok(ready) => ready,
        Err(status) => return Ok(status),
    };
    let format = args.format.format;
    let name = source.name();
    match judging::outcome(&library, &source, &options) {
        Outcome::Judged(_, found) if format == Format::Json => {
            out.json(&json::explanation(&found))?;
            Ok(Status::of(found.verdict()))
        }
        Outcome::Judged(_, found) => {
            let mut blocks = derivation::document(&found, args.all);
            blocks.push(Block::Gap);
            blocks.push(Block::say(Line::faint(judgment::ADVICE)));
            out.blocks(&blocks, format)?;
            Ok(Status::of(found.verdict()))
        }
        Outcome::Invalid(text, problems) => {
            if format == Format::Json {
                out.json(&json::invalid(&name, &problems))?;
            } else {
                let look = out.look_of_errors();
                let drawn: String = diagnostic::of_file(&name, &text, &problems, look);
                out.complain(&drawn)?;
            }
            Ok(Status::Invalid)
        }
        Outcome::Unreadable(message) => {
            if format == Format::Json {
                out.json(&json::unreadable(&name, &message))?;
            }
            out.error(&message)?;
            Ok(Status::Failed)
        }
    }
}
