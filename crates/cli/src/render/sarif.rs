// SPDX-License-Identifier: Apache-2.0
//! Judgments as SARIF 2.1.0, for code review: one result for each finding that is not lawful, on the line that matters.
//!
//! Results are written as they come; the rules they name follow them, so that no judgment is kept.

use super::judgment::INEXACT;
use super::steps;
use crate::exit::Status;
use crate::input::{Row, Source};
use crate::out::Out;
use comity_flow::{Flow, Problem};
use comity_judge::{Finding, Judgment, Trace, Truth, Verdict};
use comity_law::Library;
use comity_law::ast::Instrument;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const INVALID: &str = "comity/invalid-flow";
const UNREADABLE: &str = "comity/unreadable-file";
const UNCOVERED: &str = "comity/uncovered-place";
/// The folder of the pages that rules lead to.
const PAGES: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs");
/// More alternatives and questions than this make a remark that nobody reads.
const MOST: usize = 3;

/// A SARIF file that is being written.
pub struct Sarif {
    rules: Vec<Value>,
    index: BTreeMap<String, usize>,
    results: usize,
    /// Whether the instruments are those that have a page.
    pages: bool,
    /// The folder that paths are relative to.
    folder: Option<String>,
}

/// Where a result stands.
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: Option<usize>,
    end: Option<(usize, usize)>,
}

impl<'a> Place<'a> {
    fn line(file: &'a str, line: usize) -> Self {
        Self { file, line, column: None, end: None }
    }
}

impl Sarif {
    /// Begins the file; `pages`: the instruments are those of the embedded library.
    pub fn open(pages: bool, out: &mut Out) -> io::Result<Self> {
        out.raw(&format!(
            "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\"columnKind\":\"unicodeCodePoints\",\"results\":["
        ))?;
        let folder = std::env::current_dir().ok().map(|folder| format!("{}/", folder.to_string_lossy().replace('\\', "/")));
        Ok(Self { rules: Vec::new(), index: BTreeMap::new(), results: 0, pages, folder })
    }

    /// Ends the file with the rules that the results name, and with how the command ends.
    pub fn close(self, status: Status, out: &mut Out) -> io::Result<()> {
        let driver = json!({
            "name": "Comity",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "informationUri": env!("CARGO_PKG_REPOSITORY"),
            "fullDescription": {"text": super::judgment::ADVICE},
            "rules": self.rules,
        });
        let invocation = json!({"executionSuccessful": status != Status::Failed, "exitCode": status.code()});
        out.raw(&format!("\n],\"tool\":{},\"invocations\":[{invocation}]}}]}}\n", json!({ "driver": driver })))
    }

    /// The results of a judgment of a file, or of a row of a register.
    pub fn judgment(&mut self, library: &Library, source: &Source, flow: &Flow, judgment: &Judgment, out: &mut Out) -> io::Result<()> {
        let file = &source.file();
        let row = match source {
            Source::Row(row) => Some(row.as_ref()),
            _ => None,
        };
        let pages = self.pages;
        for finding in &judgment.findings {
            let level = match finding.possible.decided() {
                Some(Verdict::Unrestricted | Verdict::Permitted) => continue,
                Some(Verdict::Incomplete | Verdict::Prohibited) => "error",
                None => "warning",
            };
            let about = about(finding);
            let rule = match about.provision {
                Some(provision) => format!("{}/{provision}", finding.instrument),
                None => finding.instrument.clone(),
            };
            let place = place(file, row, flow, &paths(flow, finding, about.key.as_deref()));
            self.rule(&rule, || law_rule(library, finding, about.provision, pages));
            let text = text(library, judgment, finding);
            self.result(&rule, level, &text, &place, &format!("{file}|{}|{rule}|{}", judgment.flow, finding.leg), out)?;
        }
        let lawful = judgment.possible.decided().is_some_and(|verdict| verdict <= Verdict::Permitted);
        if lawful && judgment.verdict().is_none() {
            let places = judgment.uncovered.join(", ");
            self.rule(UNCOVERED, || {
                own_rule(
                    "a place without an instrument",
                    "The law of the place could govern the flow, and the library has no instrument of it: nothing is said about it.",
                )
            });
            let text = format!(
                "{}: undetermined on {}. The library has no instrument of {places}, whose law could govern this flow.",
                judgment.flow, judgment.on
            );
            let uncovered = judgment.uncovered.first().map(String::as_str).unwrap_or_default();
            let place = place(file, row, flow, &paths_of_place(flow, uncovered));
            self.result(UNCOVERED, "warning", &text, &place, &format!("{file}|{}|{places}", judgment.flow), out)?;
        }
        Ok(())
    }

    /// The problems of a file that is no valid flow.
    pub fn invalid(&mut self, file: &str, problems: &[Problem], out: &mut Out) -> io::Result<()> {
        for problem in problems {
            self.rule(INVALID, || {
                own_rule(
                    "a flow file with a mistake",
                    "The file is not a valid flow, so it was not judged. `comity terms keys` shows every key and what it takes.",
                )
            });
            let help = problem.help.as_ref().map_or_else(String::new, |help| format!(" ({help})"));
            // A line of the profile is no line of this file.
            let elsewhere = problem.message.starts_with("in profile ");
            let (line, column) = if elsewhere { (1, None) } else { (problem.line.max(1), Some(problem.column.max(1))) };
            let place = Place { column, ..Place::line(file, line) };
            self.result(INVALID, "error", &format!("{}{help}", problem.message), &place, &format!("{file}|{}", problem.message), out)?;
        }
        Ok(())
    }

    /// A file that could not be read.
    pub fn unreadable(&mut self, file: &str, message: &str, out: &mut Out) -> io::Result<()> {
        self.rule(UNREADABLE, || own_rule("a file that cannot be read", "The file could not be read, so nothing is said about it."));
        self.result(UNREADABLE, "error", message, &Place::line(file, 1), message, out)
    }

    /// The reference to a file: relative to the folder of the command, as code review wants it, wherever it stands in it.
    fn uri(&self, path: &str) -> String {
        let inner = self.folder.as_ref().and_then(|folder| path.strip_prefix(folder.as_str()));
        reference(inner.unwrap_or(path))
    }

    fn rule(&mut self, id: &str, make: impl FnOnce() -> Value) {
        if !self.index.contains_key(id) {
            let mut rule = make();
            if let Some(object) = rule.as_object_mut() {
                object.insert("id".to_owned(), Value::from(id));
            }
            self.index.insert(id.to_owned(), self.rules.len());
            self.rules.push(rule);
        }
    }

    fn result(&mut self, rule: &str, level: &str, text: &str, place: &Place<'_>, print: &str, out: &mut Out) -> io::Result<()> {
        let mut region = serde_json::Map::new();
        region.insert("startLine".to_owned(), Value::from(place.line));
        if let Some(column) = place.column {
            region.insert("startColumn".to_owned(), Value::from(column));
        }
        if let Some((line, column)) = place.end {
            region.insert("endLine".to_owned(), Value::from(line));
            region.insert("endColumn".to_owned(), Value::from(column));
        }
        let result = json!({
            "ruleId": rule,
            "ruleIndex": self.index.get(rule),
            "level": level,
            "message": {"text": text},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": self.uri(place.file)}, "region": region}}],
            "partialFingerprints": {"comity/v1": print},
        });
        let comma = if self.results == 0 { "" } else { "," };
        self.results += 1;
        out.raw(&format!("{comma}\n{result}"))
    }
}

/// A path as a reference.
fn reference(path: &str) -> String {
    let path = if path.is_empty() { "unknown" } else { path };
    let mut out = String::new();
    for byte in path.replace('\\', "/").trim_start_matches("./").bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    // An absolute path is a reference to a file of this machine.
    if out.starts_with('/') { format!("file://{out}") } else { out }
}

/// A rule with what every rule has.
fn rule(title: &str, help: &str, tags: &[&str], cites: &[String], page: Option<String>) -> Value {
    let mut rule = json!({
        "shortDescription": {"text": title}, "fullDescription": {"text": help}, "help": {"text": help},
        "properties": {"tags": tags, "citations": cites},
    });
    if let (Some(page), Some(object)) = (page, rule.as_object_mut()) {
        object.insert("helpUri".to_owned(), Value::from(page));
    }
    rule
}

fn own_rule(title: &str, help: &str) -> Value {
    rule(title, help, &["data-protection"], &[], Some(format!("{PAGES}/how-to/pull-requests.md#results")))
}

fn law_rule(library: &Library, finding: &Finding, provision: Option<&str>, pages: bool) -> Value {
    let instrument = library.instrument(&finding.instrument);
    let found = provision.and_then(|id| instrument.and_then(|instrument| instrument.provision(id)));
    let own = |instrument: &Instrument| instrument.cites.join("; ");
    let cites = found.map(|found| found.cites.join("; ")).filter(|cites| !cites.is_empty());
    let title = match &cites {
        Some(cites) => format!("{}, {cites}", finding.title),
        None => finding.title.clone(),
    };
    let mut help = format!("{} ({}).", finding.title, instrument.map(own).unwrap_or_default());
    if let (Some(instrument), Some(found)) = (instrument, found) {
        help.push_str(&format!(" Provision `{}`: {}.", found.id.text, cites.as_deref().unwrap_or("no citation of its own")));
        if instrument.status_of(found) == comity_law::ast::SourceStatus::Recalled {
            help.push_str(" It is written from memory and was not checked in a source.");
        }
        if let Some(note) = &found.note {
            help.push_str(&format!(" {note}"));
        }
        help.push_str(&format!(" `comity law show {} {}` shows it.", instrument.id.text, found.id.text));
    }
    help.push_str(&format!(" {}", super::judgment::ADVICE));
    let page = pages.then(|| format!("{PAGES}/reference/instruments/{}.md", finding.instrument));
    let cites = found.map(|found| found.cites.as_slice()).unwrap_or_default();
    rule(&title, &help, &["data-protection", &finding.instrument], cites, page)
}

/// The provision that a finding is about, and the key that would change it.
struct About<'a> {
    provision: Option<&'a str>,
    key: Option<String>,
}

fn about(finding: &Finding) -> About<'_> {
    let traces =
        |effect: &'static str, truth: Truth| finding.derivation.iter().filter(move |trace| trace.effect == effect && trace.truth == truth);
    let restriction = || traces("restrict", Truth::True).next().or_else(|| traces("restrict", Truth::Open).next());
    match finding.possible.decided() {
        Some(Verdict::Incomplete) => {
            let first = finding.missing.first();
            let provision = first.map(|missing| missing.provision.as_str()).filter(|provision| !provision.is_empty());
            About {
                provision: provision.or_else(|| restriction().map(|trace| trace.id.as_str())),
                key: first.and_then(|missing| missing.steps.first()).cloned(),
            }
        }
        Some(_) => {
            let closing = traces("forbid", Truth::True).next().or_else(|| traces("require", Truth::False).next()).or_else(restriction);
            About { provision: closing.map(|trace| trace.id.as_str()), key: closing.and_then(fact) }
        }
        None => {
            let open = finding.derivation.iter().find(|trace| trace.truth == Truth::Open);
            About { provision: open.map(|trace| trace.id.as_str()), key: finding.questions.first().cloned() }
        }
    }
}

/// The first fact behind a provision.
fn fact(trace: &Trace) -> Option<String> {
    trace.clauses.iter().flat_map(|clause| &clause.facts).map(|(key, _)| key.clone()).next()
}

/// The key paths that the finding is about: that of the key, else its table, else the destination.
fn paths(flow: &Flow, finding: &Finding, key: Option<&str>) -> Vec<String> {
    let key = key.map(|key| key.split('+').next().unwrap_or(key)).unwrap_or_default();
    let recipient = finding.leg.rsplit('>').next().unwrap_or_default();
    let position = flow.onward.iter().position(|leg| !leg.name.is_empty() && leg.name == recipient);
    let mut paths = Vec::new();
    if let (Some(rest), Some(position)) = (key.strip_prefix("onward."), position) {
        paths.extend([format!("onward[{position}].{rest}"), format!("onward[{position}]")]);
    }
    let mut path = key;
    paths.push(path.to_owned());
    while let Some((table, _)) = path.rsplit_once('.') {
        paths.push(table.to_owned());
        path = table;
    }
    if let Some(position) = position {
        paths.push(format!("onward[{position}]"));
    }
    paths.extend(["importer.seat", "importer", "exporter"].map(str::to_owned));
    paths
}

/// The place of the first of the key paths that the file states, else its first line.
fn place<'a>(file: &'a str, row: Option<&Row>, flow: &Flow, paths: &[String]) -> Place<'a> {
    let first = row.map_or(1, |row| row.line);
    let Some((path, line)) = paths.iter().find_map(|path| Some((path, line_at(flow, path)?))) else {
        return Place::line(file, first);
    };
    match row.and_then(|row| row.span(path)) {
        Some(span) => Place { file, line: span.line, column: Some(span.column), end: Some((span.end_line, span.end_column)) },
        None => Place::line(file, line),
    }
}

/// The line of a key, or the first line of a table.
fn line_at(flow: &Flow, path: &str) -> Option<usize> {
    if path.is_empty() {
        return None;
    }
    let inner = format!("{path}.");
    flow.lines.get(path).copied().or_else(|| {
        let within = flow.lines.iter().filter(|(known, _)| known.starts_with(&inner)).map(|(_, line)| *line);
        within.min()
    })
}

/// The key paths that bring a place into the flow.
fn paths_of_place(flow: &Flow, code: &str) -> Vec<String> {
    let words = comity_terms::vocabulary();
    let names = |path: &&str| {
        let place = words.find(comity_terms::Scheme::Place, code);
        match (words.key(path).and_then(|key| flow.facts.get(&key)), place) {
            (Some(comity_flow::Value::One(term)), Some(place)) => *term == place,
            (Some(comity_flow::Value::Many(set)), Some(place)) => set.contains(place),
            _ => false,
        }
    };
    let keys = [
        "exporter.seat",
        "exporter.established_in",
        "exporter.targets",
        "exporter.monitors",
        "route.first_recorded_in",
        "subjects.located",
        "importer.seat",
    ];
    keys.into_iter().filter(|path| names(path)).map(str::to_owned).collect()
}

fn cited(cites: &[String]) -> String {
    if cites.is_empty() { String::new() } else { format!(" ({})", cites.join("; ")) }
}

/// The finding in a few sentences: what is wrong, and what to do.
fn text(library: &Library, judgment: &Judgment, finding: &Finding) -> String {
    let leg = if finding.leg == "exporter>importer" { String::new() } else { format!(" from {}", finding.leg.replace('>', " to ")) };
    let mut text = format!("{}: {}{leg} under {} on {}.", judgment.flow, finding.possible.word(), finding.instrument, judgment.on);
    match finding.possible.decided() {
        Some(Verdict::Incomplete) => {
            let ways: Vec<String> = finding
                .missing
                .iter()
                .take(MOST)
                .map(|missing| {
                    let steps: Vec<String> = missing.steps.iter().map(|step| steps::step(step).bare()).collect();
                    format!("{}: {}{}", missing.aim, steps.join(", and "), cited(&missing.cites))
                })
                .collect();
            match ways.as_slice() {
                [] => text.push_str(" Some steps put it right; `comity explain` shows what fails."),
                [one] => text.push_str(&format!(" This puts it right: {one}.")),
                several => text.push_str(&format!(" Any one of these puts it right: {}.", several.join("; or "))),
            }
            if finding.missing.len() > MOST {
                text.push_str(&format!(" `comity check` shows {} more.", finding.missing.len() - MOST));
            }
        }
        Some(_) => {
            text.push_str(&format!(" Nothing that the parties can do makes it lawful{}.", cited(&finding.cites)));
        }
        None => {
            text.push_str(&format!(" It is {}, depending on what the file does not state.", super::judgment::possible(&finding.possible)));
            for question in finding.questions.iter().take(MOST) {
                let (line, _) = steps::question(library, &[finding.instrument.as_str()], question);
                text.push_str(&format!(" {}", line.bare()));
            }
        }
    }
    for collision in judgment.collisions.iter().filter(|collision| collision.forbidden_by.starts_with(&finding.instrument)) {
        text.push_str(&format!(" Collision: {} orders what {} forbids.", collision.obliged_by, collision.forbidden_by));
    }
    if !finding.exact {
        text.push_str(&format!(" Note: {INEXACT}."));
    }
    text
}
