// SPDX-License-Identifier: Apache-2.0
//! `comity check`: judge flows.

use crate::args::{CheckArgs, CheckFormat, Format};
use crate::evidence::Looker;
use crate::exit::Status;
use crate::input::{Row, Source, expand, has_rows, with_rows};
use crate::judging::{self, Detail, Outcome, Wanted};
use crate::log::record::{self, Recorder};
use crate::out::{Out, Progress};
use crate::register::map_file;
use crate::render::doc::{Block, Line, Tone, count};
use crate::render::sarif::Sarif;
use crate::render::{diagnostic, json, judgment};
use comity_flow::Flow;
use comity_judge::{Finding, Judgment, Verdict};
use comity_law::Library;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::path::Path;

/// The words of the summary, the worst first.
const WORDS: &[&str] = &["unreadable", "invalid", "prohibited", "incomplete", "undetermined", "permitted", "unrestricted"];

/// So many questions are listed at the end.
const MOST: usize = 5;

/// A line of the table at the end.
struct Entry {
    file: String,
    verdict: &'static str,
    by: String,
}

struct Check<'a> {
    args: &'a CheckArgs,
    library: &'a Library,
    several: bool,
    status: Status,
    entries: Vec<Entry>,
    sarif: Option<Sarif>,
    /// How many rows of registers came to each of [`WORDS`].
    counts: Vec<(&'static str, usize)>,
    /// For each key path, how many rows of registers ask for it first.
    asked: BTreeMap<String, usize>,
}

/// Judges the files of the command line.
pub fn run(args: &CheckArgs, today: Date, out: &mut Out) -> io::Result<Status> {
    if args.files.is_empty() && io::stdin().is_terminal() {
        out.error("no file is named, and nothing comes in on standard input; `comity check --help` shows examples")?;
        return Ok(Status::Usage);
    }
    let looker = match Looker::open(&args.evidence) {
        Ok(looker) => looker,
        Err(message) => {
            out.error(&message)?;
            return Ok(Status::Failed);
        }
    };
    let map = match map_file::open(args.map.as_deref(), out)? {
        Ok(map) => map,
        Err(status) => return Ok(status),
    };
    let (library, options) = match judging::ready(&args.library, &args.judge, today, out)? {
        Ok(ready) => ready,
        Err(status) => return Ok(status),
    };
    // Before anything is judged: who asks for a record gets no answer without one.
    let mut recorder = match args.record.as_deref().map(|log| Recorder::open(log, today)).transpose() {
        Ok(recorder) => recorder,
        Err(message) => {
            out.error(&message)?;
            return Ok(Status::Failed);
        }
    };
    let (sources, faults) = if args.files.is_empty() { (vec![Source::Stdin], Vec::new()) } else { expand(&args.files) };
    let registers = sources.iter().any(|source| matches!(source, Source::File(path) if has_rows(path)));
    let mut check = Check {
        args,
        library: &library,
        several: sources.len() > 1,
        status: Status::Fine,
        entries: Vec::new(),
        sarif: if args.format == CheckFormat::Sarif { Some(Sarif::open(args.library.library.is_none(), out)?) } else { None },
        counts: WORDS.iter().map(|word| (*word, 0)).collect(),
        asked: BTreeMap::new(),
    };
    for fault in faults {
        out.error(&fault)?;
        check.status = check.status.and(Status::Failed);
    }
    let progress = Progress::new(if registers { None } else { Some(sources.len()) });
    let mut done = 0;
    // Only a flow shown by itself and the report for code review say why; a row has a line, and JSON has the findings.
    let detail = |source: &Source| match (args.format, source) {
        (CheckFormat::Json, _) | (CheckFormat::Text | CheckFormat::Plain, Source::Row(_)) => Detail::Findings,
        _ => Detail::Whole,
    };
    let make = |source: &Source, outcome| {
        let payload = match &outcome {
            Outcome::Judged(flow, found) if args.record.is_some() => Some(record::payload(flow, found)),
            _ => None,
        };
        let warnings = match &outcome {
            Outcome::Judged(_, found) => warnings(source, found),
            _ => Vec::new(),
        };
        (made(args, source, outcome), payload, warnings)
    };
    // Of a row that is lawful nothing is shown: it is counted, and it is enough to know that it is.
    let counted = |verdict: Verdict| {
        let made = Made::Line {
            drawn: Drawn::Nothing,
            status: Status::of(Some(verdict)),
            verdict: verdict.word(),
            by: String::new(),
            asked: None,
        };
        (made, None, Vec::new())
    };
    let in_short = matches!(args.format, CheckFormat::Text | CheckFormat::Plain) && !args.verbose && args.record.is_none();
    let wanted = Wanted { looker: Some(&looker), detail: &detail, make: &make, lawful: in_short.then_some(&counted) };
    judging::each_with(&library, with_rows(sources, &map), &options, &wanted, |source, (made, payload, warnings)| {
        if let (Some(recorder), Some(payload)) = (&mut recorder, payload) {
            let recorded = payload.map_err(|error| error.to_string()).and_then(|payload| recorder.push(payload));
            if let Err(message) = recorded {
                out.error(&format!("{} is NOT recorded: {message}", source.name()))?;
                check.status = check.status.and(Status::Failed);
            }
        }
        // A line of progress and a line of the answer may go to the same terminal.
        if args.format.common() != Format::Json {
            progress.clear();
        }
        for warning in warnings {
            out.warning(&warning)?;
        }
        check.show(source, made, out)?;
        done += 1;
        progress.at(done);
        Ok(())
    })?;
    drop(progress);
    let status = check.close(out)?;
    if let Some(recorder) = recorder
        && let Err(message) = recorder.finish(args.receipts.as_deref(), args.format, out)
    {
        out.error(&format!("the judgments are NOT recorded: {message}"))?;
        return Ok(status.and(Status::Failed));
    }
    Ok(status)
}

impl Check<'_> {
    fn show(&mut self, source: &Source, made: Made, out: &mut Out) -> io::Result<()> {
        let row = match source {
            Source::Row(row) => Some(row.as_ref()),
            _ => None,
        };
        let outcome = match made {
            Made::Line { drawn, status, verdict, by, asked } => {
                match drawn {
                    Drawn::Json(line) => out.raw(&line)?,
                    Drawn::Row(row) => out.blocks(&[row], self.args.format.common())?,
                    Drawn::Nothing => {}
                }
                if let Some(question) = asked {
                    *self.asked.entry(question).or_default() += 1;
                }
                self.count(source, status, verdict, by);
                return Ok(());
            }
            Made::Outcome(outcome) => outcome,
        };
        let (status, verdict, by) = match outcome {
            Outcome::Judged(flow, found) => {
                self.judged(source, &flow, &found, out)?;
                (Status::of(found.verdict()), found.word(), decided_by(&found))
            }
            Outcome::Invalid(text, problems) => {
                let file = source.file();
                if let Some(sarif) = &mut self.sarif {
                    sarif.invalid(&file, &problems, out)?;
                } else if self.args.format == CheckFormat::Json {
                    out.json(&with_row(json::invalid(&file, &problems), row, None))?;
                } else {
                    let drawn: String = diagnostic::of_file(&file, &text, &problems, out.look_of_errors());
                    out.complain(&drawn)?;
                }
                (Status::Invalid, "invalid", count(problems.len(), "problem"))
            }
            Outcome::Unreadable(message) => {
                let name = source.name();
                if let Some(sarif) = &mut self.sarif {
                    sarif.unreadable(&name, &message, out)?;
                } else if self.args.format == CheckFormat::Json {
                    out.json(&json::unreadable(&name, &message))?;
                }
                out.error(&message)?;
                (Status::Failed, "unreadable", String::new())
            }
        };
        self.count(source, status, verdict, by);
        Ok(())
    }

    fn count(&mut self, source: &Source, status: Status, verdict: &'static str, by: String) {
        self.status = self.status.and(status);
        // Rows are counted and not kept: a register may have any number of them.
        if matches!(source, Source::Row(_) | Source::Fault { .. }) {
            self.counts.iter_mut().filter(|(word, _)| *word == verdict).for_each(|(_, count)| *count += 1);
        } else {
            self.entries.push(Entry { file: source.name(), verdict, by });
        }
    }

    /// Shows a flow by itself, or adds it to the report for code review.
    fn judged(&mut self, source: &Source, flow: &Flow, found: &Judgment, out: &mut Out) -> io::Result<()> {
        if let Some(sarif) = &mut self.sarif {
            return sarif.judgment(self.library, source, flow, found, out);
        }
        let mut blocks = judgment::document(self.library, found, self.args.verbose);
        blocks.push(Block::Gap);
        out.blocks(&blocks, self.args.format.common())
    }

    fn close(mut self, out: &mut Out) -> io::Result<Status> {
        if let Some(sarif) = self.sarif.take() {
            sarif.close(self.status, out)?;
            return Ok(self.status);
        }
        if self.args.format == CheckFormat::Json {
            return Ok(self.status);
        }
        let mut blocks = Vec::new();
        if self.several && !self.entries.is_empty() {
            let rows = self.entries.iter().map(|entry| {
                vec![Line::of(entry.file.clone()), Line::default().toned(tone(entry.verdict), entry.verdict), Line::of(entry.by.clone())]
            });
            blocks.push(Block::Table(vec!["file", "verdict", "by"], rows.collect()));
            blocks.push(Block::Gap);
        }
        // The rows of registers, and the files where they are too many to count by eye.
        let rows: usize = self.counts.iter().map(|(_, count)| count).sum();
        if rows == 0 && self.entries.len() > 5 {
            for entry in &self.entries {
                self.counts.iter_mut().filter(|(word, _)| *word == entry.verdict).for_each(|(_, count)| *count += 1);
            }
        }
        let total: usize = self.counts.iter().map(|(_, count)| count).sum();
        if total > 0 {
            let unit = if rows > 0 { "rows" } else { "files" };
            let summary = self
                .counts
                .iter()
                .filter(|(_, count)| *count > 0)
                .map(|(word, count)| vec![Line::default().toned(tone(word), *word), Line::of(count.to_string())]);
            blocks.push(Block::Gap);
            blocks.push(Block::Table(vec!["verdict", unit], summary.collect()));
            blocks.push(Block::Gap);
            if !self.asked.is_empty() {
                let mut asked: Vec<_> = self.asked.iter().collect();
                asked.sort_by_key(|(_, rows)| std::cmp::Reverse(**rows));
                let asked = asked.into_iter().take(MOST).map(|(key, rows)| vec![Line::of(key.clone()), Line::of(rows.to_string())]);
                blocks.push(Block::Table(vec!["asked first", "rows"], asked.collect()));
                blocks.push(Block::Gap);
            }
            let lawful: usize =
                self.counts.iter().filter(|(word, _)| matches!(*word, "permitted" | "unrestricted")).map(|(_, count)| count).sum();
            let tone = if lawful == total { Tone::Good } else { Tone::Bad };
            blocks.push(Block::Sentence(Line::default().toned(tone, format!("{lawful} of {total}")).then(" lawful")));
        }
        if self.entries.iter().any(|entry| !matches!(entry.verdict, "invalid" | "unreadable")) || rows > 0 {
            blocks.push(Block::say(Line::faint(judgment::ADVICE)));
        }
        if matches!(blocks.first(), Some(Block::Gap)) && rows == 0 {
            blocks.remove(0);
        }
        out.blocks(&blocks, self.args.format.common())?;
        Ok(self.status)
    }
}

/// What is made of an outcome by whoever judged it, so that little is left to whoever writes.
enum Made {
    /// A judgment that takes one line.
    Line {
        drawn: Drawn,
        status: Status,
        verdict: &'static str,
        by: String,
        /// The question that a row asks first.
        asked: Option<String>,
    },
    /// Anything else, as it came.
    Outcome(Outcome),
}

/// One line of the answer.
enum Drawn {
    Json(String),
    Row(Block),
    /// A row that is lawful: it is only counted.
    Nothing,
}

/// Evidence that a flow names and that does not count, a sentence each.
fn warnings(source: &Source, found: &Judgment) -> Vec<String> {
    let named = found.evidence.iter().flat_map(|resting| resting.problems.iter().map(|problem| (resting.declared.path(), problem)));
    named.map(|(path, problem)| format!("{}: evidence of {path} does not count: {problem}", source.name())).collect()
}

fn made(args: &CheckArgs, source: &Source, outcome: Outcome) -> Made {
    let row = match source {
        Source::Row(row) => Some(row.as_ref()),
        _ => None,
    };
    let Outcome::Judged(_, found) = &outcome else { return Made::Outcome(outcome) };
    let mut asked = None;
    let drawn = match (args.format, row) {
        (CheckFormat::Json, _) => Drawn::Json(format!("{}\n", with_row(json::judgment(found), row, row.map(|row| row.file.as_str())))),
        (CheckFormat::Text | CheckFormat::Plain, Some(row)) => {
            asked = first_question(found).map(str::to_owned);
            let lawful = found.verdict().is_some_and(|verdict| verdict <= Verdict::Permitted);
            if lawful && !args.verbose { Drawn::Nothing } else { Drawn::Row(row_line(row, found, args.format)) }
        }
        (CheckFormat::Text | CheckFormat::Plain, None) | (CheckFormat::Sarif, _) => return Made::Outcome(outcome),
    };
    let by = if row.is_some() { String::new() } else { decided_by(found) };
    Made::Line { drawn, status: Status::of(found.verdict()), verdict: found.word(), by, asked }
}

fn tone(word: &str) -> Tone {
    if matches!(word, "invalid" | "unreadable") { Tone::Bad } else { judgment::tone(word) }
}

/// A row of a register in one line. Columns have fixed widths, because the rows to come are not known yet.
fn row_line(row: &Row, found: &Judgment, format: CheckFormat) -> Block {
    let word = found.word();
    let by = in_short(found);
    if format == CheckFormat::Plain {
        let line = Line::of(format!("Row {}, ", row.number)).toned(Tone::Strong, found.flow.clone());
        return Block::Sentence(line.then(format!(": {word}, {by}")));
    }
    let name = Path::new(&row.file).file_name().map_or_else(|| row.file.clone(), |name| name.to_string_lossy().into_owned());
    let place = format!("{name}:{}", row.line);
    let cells = [(place, Tone::Faint, 18), (found.flow.clone(), Tone::Strong, 28), (word.to_owned(), tone(word), 12)];
    let line = cells.into_iter().fold(Line::default(), |line, (text, tone, width)| {
        let space = " ".repeat(width_left(&text, width));
        line.toned(tone, text).then(space)
    });
    Block::Row(line.then(by))
}

fn width_left(text: &str, width: usize) -> usize {
    width.saturating_sub(text.chars().count()) + 2
}

/// The file and row of a judgment, on the wire.
fn with_row(mut value: serde_json::Value, row: Option<&Row>, file: Option<&str>) -> serde_json::Value {
    if let (Some(row), Some(object)) = (row, value.as_object_mut()) {
        if let Some(file) = file {
            object.insert("file".to_owned(), file.into());
            object.insert("line".to_owned(), row.line.into());
        }
        object.insert("row".to_owned(), row.number.into());
    }
    value
}

/// What decided, with the first thing to do.
fn in_short(found: &Judgment) -> String {
    let by = decided_by(found);
    let step = match found.verdict() {
        Some(Verdict::Incomplete) => found
            .findings
            .iter()
            .filter(|finding| finding.possible.decided() == Some(Verdict::Incomplete))
            .find_map(|finding| finding.missing.first())
            .map(|missing| format!("; {}", missing.steps.join(" and "))),
        None => first_question(found).map(|question| format!("; asks {question}")),
        Some(_) => None,
    };
    format!("{by}{}", step.unwrap_or_default())
}

/// The most useful question of an undetermined judgment.
fn first_question(found: &Judgment) -> Option<&str> {
    let asks = |finding: &Finding| finding.possible.decided().is_none();
    let of = found.findings.iter().filter(|finding| found.verdict().is_none() && asks(finding));
    of.filter_map(|finding| finding.questions.first()).map(String::as_str).next()
}

/// The instruments and mechanisms that decided, in few words.
fn decided_by(of: &Judgment) -> String {
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
