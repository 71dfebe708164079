// SPDX-License-Identifier: Apache-2.0
//! `comity casebook`: judge decided cases and probes, and compare.

use crate::args::{CasebookArgs, Format};
use crate::exit::Status;
use crate::input::{Source, expand, with_rows};
use crate::judging::{self, Outcome};
use crate::library::load_for_use;
use crate::out::{Out, Progress};
use crate::register::Map;
use crate::render::diagnostic;
use crate::render::doc::{Block, Line, Tone, listed};
use comity_flow::Flow;
use comity_judge::agreement::{Agreement, agreement};
use comity_judge::{Judgment, Options};
use comity_law::Library;
use jiff::civil::Date;
use serde_json::json;
use std::io;

struct Book<'a> {
    library: &'a Library,
    format: Format,
    only: &'a [String],
    status: Status,
    files: usize,
    agreed: usize,
    reasons: usize,
    skipped: Vec<String>,
    /// Files that state no outcome.
    silent: Vec<String>,
}

/// Judges the cases of the folders.
pub fn run(args: &CasebookArgs, today: Date, out: &mut Out) -> io::Result<Status> {
    let library = match load_for_use(&args.library, today, out)? {
        Ok(library) => library,
        Err(status) => return Ok(status),
    };
    let (sources, faults) = expand(&args.folders);
    let mut book = Book {
        library: &library,
        format: args.format.format,
        only: &args.only,
        status: Status::Fine,
        files: 0,
        agreed: 0,
        reasons: 0,
        skipped: Vec::new(),
        silent: Vec::new(),
    };
    for fault in faults {
        out.error(&fault)?;
        book.status = book.status.and(Status::Failed);
    }
    let mut options = Options::today(today);
    options.known_on = args.known_on;
    let progress = Progress::new(Some(sources.len()));
    let mut done = 0;
    judging::each(&library, with_rows(sources, &Map::default()), &options, |source, outcome| {
        book.show(source, outcome, out)?;
        done += 1;
        progress.at(done);
        Ok(())
    })?;
    drop(progress);
    book.close(out)
}

impl Book<'_> {
    fn show(&mut self, source: &Source, outcome: Outcome, out: &mut Out) -> io::Result<()> {
        let name = source.name();
        match outcome {
            Outcome::Judged(flow, judgment) => {
                if !self.only.is_empty() && !flow.under.iter().any(|id| self.only.contains(id)) {
                    return Ok(());
                }
                match agreement(&flow, &judgment) {
                    Some(agreement) => self.compare(&name, &flow, &judgment, &agreement, out),
                    None => {
                        self.silent.push(name);
                        Ok(())
                    }
                }
            }
            Outcome::Invalid(text, problems) => self.invalid(source, &name, &text, &problems, out),
            Outcome::Unreadable(message) => {
                self.status = self.status.and(Status::Failed);
                if self.format == Format::Json {
                    out.json(&crate::render::json::unreadable(&name, &message))?;
                }
                out.error(&message)
            }
        }
    }

    fn invalid(&mut self, source: &Source, name: &str, text: &str, problems: &[comity_flow::Problem], out: &mut Out) -> io::Result<()> {
        // A file that is right in itself names an instrument that the library does not have: that is no mistake of the file.
        if let Ok(flow) = source.flow(text) {
            if !self.only.is_empty() && !flow.under.iter().any(|id| self.only.contains(id)) {
                return Ok(());
            }
            let absent: Vec<&str> = flow.under.iter().map(String::as_str).filter(|id| self.library.instrument(id).is_none()).collect();
            let why = format!("the library does not have {}", listed(&absent, "and"));
            if self.format == Format::Json {
                out.json(&json!({"file": name, "flow": flow.id, "skipped": why}))?;
            }
            self.skipped.push(format!("{name}: {why}"));
            return Ok(());
        }
        self.status = self.status.and(Status::Invalid);
        if self.format == Format::Json {
            return out.json(&crate::render::json::invalid(name, problems));
        }
        let look = out.look_of_errors();
        let drawn: String = diagnostic::of_file(name, text, problems, look);
        out.complain(&drawn)
    }

    fn compare(&mut self, name: &str, flow: &Flow, judgment: &Judgment, agreement: &Agreement, out: &mut Out) -> io::Result<()> {
        self.files += 1;
        self.agreed += usize::from(agreement.agrees);
        self.reasons += usize::from(agreement.reason_agrees);
        if !agreement.agrees {
            self.status = self.status.and(Status::No);
        }
        if self.format == Format::Json {
            return out.json(&json!({
                "file": name, "flow": flow.id, "expected": agreement.expected, "verdict": agreement.verdict,
                "agrees": agreement.agrees, "reason_agrees": agreement.reason_agrees,
                "expected_reason": stated_reason(flow), "found_reason": found_reason(judgment),
            }));
        }
        if agreement.agrees && agreement.reason_agrees {
            return Ok(());
        }
        let line = Line::strong(name.to_owned());
        let line = if agreement.agrees {
            line.then(": ").toned(Tone::Doubt, "another reason").then(format!(" for {}", agreement.verdict))
        } else {
            line.then(format!(": expected {}, found ", agreement.expected)).toned(Tone::Bad, agreement.verdict.clone())
        };
        let mut body = Vec::new();
        let mut say = |head: &str, text: &str| {
            if !text.is_empty() {
                body.push(Block::say(format!("{head}{text}")));
            }
        };
        say("expected because: ", &stated_reason(flow).join(", "));
        say("", why(flow));
        say("found: ", &found_reason(judgment).join("; "));
        out.blocks(&[Block::Group(line, body)], self.format)
    }

    fn close(self, out: &mut Out) -> io::Result<Status> {
        if self.format == Format::Json {
            return Ok(self.status);
        }
        let mut blocks = Vec::new();
        let list = |head: &str, files: &[String]| {
            (!files.is_empty()).then(|| Block::group(head.to_owned(), files.iter().map(|file| Block::item(file.clone())).collect()))
        };
        blocks.extend(list("Skipped, and not counted", &self.skipped));
        blocks.extend(list("Without an outcome to compare with, and not counted", &self.silent));
        blocks.push(Block::say(format!("{} of {} with a matching mechanism or reason", self.reasons, self.files)));
        let tone = if self.agreed == self.files { Tone::Good } else { Tone::Bad };
        let line = Line::default().toned(tone, format!("{} of {}", self.agreed, self.files)).then(" decided as expected");
        blocks.push(Block::Sentence(line));
        // The last line is for programs too, so it stands as it is in every format.
        out.blocks(&blocks, Format::Text)?;
        Ok(self.status)
    }
}

fn why(flow: &Flow) -> &str {
    match (&flow.expected, &flow.decided) {
        (Some(expected), _) => &expected.why,
        (None, Some(decided)) => &decided.decides,
        (None, None) => "",
    }
}

/// The mechanism or the reasons that the file states.
fn stated_reason(flow: &Flow) -> Vec<String> {
    let (mechanism, reasons) = match (&flow.expected, &flow.decided) {
        (Some(expected), _) => (&expected.mechanism, &expected.missing),
        (None, Some(decided)) => (&decided.mechanism, &decided.lacking),
        (None, None) => return Vec::new(),
    };
    mechanism.iter().chain(reasons).filter(|reason| !reason.is_empty()).cloned().collect()
}

/// The mechanism, the missing steps or the questions of each finding, with its verdict.
fn found_reason(judgment: &Judgment) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    for finding in &judgment.findings {
        let word = finding.possible.word();
        let leg = if finding.leg == "exporter>importer" { String::new() } else { format!(" on {}", finding.leg) };
        let mut text = format!("{}{leg} {word}", finding.instrument);
        if let Some(mechanism) = &finding.mechanism {
            text.push_str(&format!(" by {mechanism}"));
        }
        for missing in &finding.missing {
            text.push_str(&format!(", {} ({})", missing.aim, missing.steps.join(" and ")));
        }
        if finding.possible.decided().is_none() {
            text.push_str(&format!(" ({}), asks {}", finding.possible.words().join(" or "), finding.questions.join(", ")));
        }
        reasons.push(text);
    }
    if !judgment.uncovered.is_empty() {
        reasons.push(format!("no instrument of {}", judgment.uncovered.join(", ")));
    }
    reasons
}
