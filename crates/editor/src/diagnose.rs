// SPDX-License-Identifier: Apache-2.0
//! What is wrong with a document.

use crate::Shelf;
use crate::position::Lines;
use comity_flow::Format;
use comity_law::{Severity, Span};

/// One remark on a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Where.
    pub span: Span,
    /// How grave it is.
    pub severity: Severity,
    /// The stable identifier, where there is one.
    pub code: Option<&'static str>,
    /// What is wrong, and what to do about it.
    pub message: String,
}

/// What is wrong with the instrument or table of this name in a library.
#[must_use]
pub fn in_library(shelf: &Shelf, name: &str) -> Vec<Remark> {
    let Some(source) = shelf.source(name) else { return Vec::new() };
    shelf
        .diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.source == source)
        .map(|diagnostic| Remark {
            span: diagnostic.span,
            severity: diagnostic.severity,
            code: Some(diagnostic.code),
            message: with_help(&diagnostic.message, diagnostic.help.as_deref()),
        })
        .collect()
}

/// What is wrong with a flow file; `profile` gives the text of the profile it names.
#[must_use]
pub fn in_flow(text: &str, profile: &dyn Fn(&str) -> Result<String, String>) -> Vec<Remark> {
    let Err(problems) = comity_flow::read(text, Format::Toml, profile) else { return Vec::new() };
    let lines = Lines::new(text);
    // A mark at the beginning of a file is not counted as a column.
    let mark = usize::from(text.starts_with('\u{feff}'));
    problems
        .into_iter()
        .map(|problem| {
            let span = if problem.message.starts_with("in profile `") {
                // Its line is one of another file: the place here is the key that names it.
                named_profile(text)
            } else {
                let column = if problem.line == 1 { problem.column + mark } else { problem.column };
                word(text, lines.byte_of_characters(problem.line, column))
            };
            Remark { span, severity: Severity::Error, code: None, message: with_help(&problem.message, problem.help.as_deref()) }
        })
        .collect()
}

/// Whether a TOML text is a flow file, a case or a probe: its first table is one of theirs, and it speaks of a flow.
#[must_use]
pub fn is_flow(text: &str) -> bool {
    const FIRST: &[&str] = &["exporter", "importer", "onward", "route", "data", "subjects", "purpose", "safeguards", "decided", "expected"];
    const TELLING: &[&str] = &["exporter", "importer", "onward", "route", "safeguards"];
    let mut tables = text.lines().filter_map(|line| {
        let name = line.trim_start().strip_prefix('[')?.trim_start_matches('[').trim_start();
        name.split([']', '.', ' ', '\t']).next()
    });
    let Some(first) = tables.next() else { return false };
    FIRST.contains(&first) && (TELLING.contains(&first) || tables.any(|table| TELLING.contains(&table)))
}

fn with_help(message: &str, help: Option<&str>) -> String {
    help.map_or_else(|| message.to_owned(), |help| format!("{message}\n{help}"))
}

fn named_profile(text: &str) -> Span {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("profile") {
            let end = start + line.trim_end().len();
            return Span { start, end };
        }
        start += line.len();
    }
    Span::default()
}

/// The key, text or other word that begins at a byte; at the end of a line, what stands before it.
fn word(text: &str, start: usize) -> Span {
    let rest = text.get(start..).unwrap_or("").lines().next().unwrap_or("");
    let length = match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => rest.chars().skip(1).take_while(|letter| *letter != quote).map(char::len_utf8).sum::<usize>() + 2,
        Some('[' | '{') => rest.find([']', '}']).map_or(rest.trim_end().len(), |end| end + 1),
        _ => rest.find([' ', '\t', '=', ',', ']', '}']).unwrap_or(rest.len()),
    };
    let end = start + length.clamp(1, rest.len().max(1));
    Span { start, end: end.min(text.len()) }
}

#[cfg(test)]
mod tests {
    use super::is_flow;

    #[test]
    fn flow_files_are_told_from_other_toml() {
        assert!(is_flow("id = \"a\"\n\n[exporter]\nseat = \"DE\"\n"));
        assert!(is_flow("[data]\ncategories = []\n[route]\n"));
        assert!(is_flow("[[onward]]\n"));
        assert!(!is_flow("[package]\nname = \"x\"\n[data]\n"));
        assert!(!is_flow("[data]\nfile = \"x\"\n"));
        assert!(!is_flow("id = 1\n"));
    }
}
