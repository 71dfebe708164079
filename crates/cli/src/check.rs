// SPDX-License-Identifier: Apache-2.0
//! `comity check`: judge flows.

use crate::args::{CheckArgs, Format};
use crate::exit::Status;
use crate::input::{Source, expand};
use crate::judging::{self, Outcome};
use crate::library::load_for_use;
use crate::out::{Out, Progress};
use crate::render::doc::{Block, Line, Tone, count};
use crate::render::{diagnostic, json, judgment};
use comity_law::Library;
use jiff::civil::Date;
use std::io::{self, IsTerminal};

/// A line of the table at the end.
struct Row {
    file: String,
    verdict: &'static str,
    by: String,
}

struct Check<'a> {
    args: &'a CheckArgs,
    library: &'a Library,
    several: bool,
    status: Status,
    rows: Vec<Row>,
}

/// Judges the files of the command line.
pub fn run(args: &CheckArgs, today: Date, out: &mut Out) -> io::Result<Status> {
    if args.files.is_empty() && io::stdin().is_terminal() {
        out.error("no file is named, and nothing comes in on standard input; `comity check --help` shows examples")?;
        return Ok(Status::Usage);
    }
    let library = match load_for_use(&args.library, today, out)? {
        Ok(library) => library,
        Err(status) => return Ok(status),
    };
    let options = match judging::options(&args.judge, &library, today, out)? {
        Ok(options) => options,
        Err(status) => return Ok(status),
    };
    let (sources, faults) = if args.files.is_empty() { (vec![Source::Stdin], Vec::new()) } else { expand(&args.files) };
    let mut check = Check { args, library: &library, several: sources.len() > 1, status: Status::Fine, rows: Vec::new() };
    for fault in faults {
        out.error(&fault)?;
        check.status = check.status.and(Status::Failed);
    }
    let progress = Progress::new(sources.len());
    let mut done = 0;
    judging::each(&library, &sources, &options, |source, outcome| {
        check.show(source, outcome, out)?;
        done += 1;
        progress.at(done);
        Ok(())
    })?;
    drop(progress);
    check.close(out)
}

impl Check<'_> {
    fn show(&mut self, source: &Source, outcome: Outcome, out: &mut Out) -> io::Result<()> {
        let format = self.args.format.format;
        let name = source.name();
        let (status, verdict, by) = match outcome {
            Outcome::Judged(_, found) => {
                if format == Format::Json {
                    out.json(&json::judgment(&found))?;
                } else {
                    let mut blocks = judgment::document(self.library, &found, self.args.verbose);
                    blocks.push(Block::Gap);
                    out.blocks(&blocks, format)?;
                }
                (Status::of(found.verdict()), found.word(), decided_by(&found))
            }
            Outcome::Invalid(text, problems) => {
                if format == Format::Json {
                    out.json(&json::invalid(&name, &problems))?;
                } else {
                    let look = out.look_of_errors();
                    let drawn: String = diagnostic::of_file(&name, &text, &problems, look);
                    out.complain(&drawn)?;
                }
                (Status::Invalid, "invalid", count(problems.len(), "problem"))
            }
            Outcome::Unreadable(message) => {
                if format == Format::Json {
                    out.json(&json::unreadable(&name, &message))?;
                }
                out.error(&message)?;
                (Status::Failed, "unreadable", String::new())
            }
        };
        self.status = self.status.and(status);
        self.rows.push(Row { file: name, verdict, by });
        Ok(())
    }

    fn close(self, out: &mut Out) -> io::Result<Status> {
        let format = self.args.format.format;
        if format == Format::Json {
            return Ok(self.status);
        }
        let mut blocks = Vec::new();
        if self.several {
            let rows = self.rows.iter().map(|row| {
                let tone = if matches!(row.verdict, "invalid" | "unreadable") { Tone::Bad } else { judgment::tone(row.verdict) };
                vec![Line::of(row.file.clone()), Line::default().toned(tone, row.verdict), Line::of(row.by.clone())]
            });
            blocks.push(Block::Table(vec!["file", "verdict", "by"], rows.collect()));
            blocks.push(Block::Gap);
        }
        if self.rows.iter().any(|row| !matches!(row.verdict, "invalid" | "unreadable")) {
            blocks.push(Block::say(Line::faint(judgment::ADVICE)));
        }
        out.blocks(&blocks, format)?;
        Ok(self.status)
    }
}

/// The instruments and mechanisms that decided, in few words.
fn decided_by(of: &comity_judge::Judgment) -> String {
    let decisive = of.findings.iter().filter(|finding| finding.possible.decided() == of.verdict() && of.verdict().is_some());
    let mut words: Vec<String> = Vec::new();
    for finding in decisive {
        let word = match &finding.mechanism {
            Some(mechanism) => format!("{} ({mechanism})", finding.instrument),
            None => finding.instrument.clone(),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    if of.verdict().is_none() {
        words = vec![judgment::possible(&of.possible)];
        if !of.uncovered.is_empty() {
            words.push(format!("no instrument of {}", of.uncovered.join(", ")));
        }
    }
    words.join(", ")
}
