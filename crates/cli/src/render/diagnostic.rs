// SPDX-License-Identifier: Apache-2.0
//! Remarks on flow files and instruments, with the piece of text they are about.

use super::doc::count;
use super::text::Look;
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use comity_flow::Problem;
use comity_law::diagnostic::position;
use comity_law::{Diagnostic, Library, Severity};
use std::ops::Range;

/// So many problems of one file are drawn at most.
const MOST: usize = 12;
/// So many characters are underlined at most.
const LONGEST: usize = 40;

fn render(level: Level<'_>, title: &str, excerpt: Option<(&str, usize, Range<usize>)>, help: Option<&str>, look: Look) -> String {
    let mut group: Group<'_> = match excerpt {
        Some((text, line, span)) => {
            level.primary_title(title).element(Snippet::source(text).line_start(line).annotation(AnnotationKind::Primary.span(span)))
        }
        None => Group::with_title(level.primary_title(title)),
    };
    if let Some(help) = help {
        group = group.element(Level::HELP.message(help));
    }
    let renderer = if look.color { Renderer::styled() } else { Renderer::plain() };
    let drawn = renderer.decor_style(DecorStyle::Ascii).term_width(look.width).render(&[group]);
    format!("{}\n", drawn.trim_end())
}

/// The lines of a text that a stretch touches, the number of the first, and the stretch within them.
fn lines_of(text: &str, start: usize, end: usize) -> Option<(&str, usize, Range<usize>)> {
    let begin = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    // A long stretch is shown by its first line.
    let stop = text.get(start..)?.find('\n').map_or(text.len(), |at| start + at);
    let line = text.get(..begin)?.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let shown = text.get(begin..stop)?;
    // The beginning of a long stretch is enough to find it, and leaves the line readable.
    let long = text.get(start..)?.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| start + at);
    let end = end.clamp(start, stop.min(long));
    Some((shown, line, start - begin..(end - begin).max(start - begin)))
}

/// A remark on a library.
pub fn of_law(library: &Library, diagnostic: &Diagnostic, look: Look) -> String {
    let (name, line, column) = library.place(diagnostic);
    let title = format!("{name}:{line}:{column}: {} [{}]", diagnostic.message, diagnostic.code);
    let level = if diagnostic.severity == Severity::Error { Level::ERROR } else { Level::WARNING };
    let excerpt = library.source(diagnostic.source).and_then(|source| lines_of(&source.text, diagnostic.span.start, diagnostic.span.end));
    render(level, &title, excerpt, diagnostic.help.as_deref(), look)
}

/// The first problems of a file; more than these help nobody.
pub fn of_file(name: &str, text: &str, problems: &[Problem], look: Look) -> String {
    let mut drawn: String = problems.iter().take(MOST).map(|problem| of_flow(name, text, problem, look)).collect();
    if problems.len() > MOST {
        drawn.push_str(&format!("{name}: and {} more\n", count(problems.len() - MOST, "problem")));
    }
    drawn
}

fn of_flow(name: &str, text: &str, problem: &Problem, look: Look) -> String {
    // A problem of the profile has the line of the profile, whose text is not at hand.
    let elsewhere = problem.message.starts_with("in profile ");
    let title = if elsewhere {
        format!("{name}: {} (at {}:{} of the profile)", problem.message, problem.line, problem.column)
    } else {
        format!("{name}:{}:{}: {}", problem.line, problem.column, problem.message)
    };
    // Nor is there a text where the problem is one of a register.
    let excerpt = if elsewhere || text.is_empty() {
        None
    } else {
        byte_of(text, problem.line, problem.column).and_then(|at| lines_of(text, at, word_end(text, at)))
    };
    render(Level::ERROR, &title, excerpt, problem.help.as_deref(), look)
}

fn byte_of(text: &str, line: usize, column: usize) -> Option<usize> {
    let start = match line {
        0 => return None,
        1 => 0,
        _ => text.match_indices('\n').nth(line - 2)?.0 + 1,
    };
    let row = text.get(start..)?.lines().next().unwrap_or("");
    let offset = row.char_indices().nth(column.saturating_sub(1)).map_or(row.len(), |(at, _)| at);
    Some(start + offset)
}

/// The end of the word or quoted text that starts at a byte.
fn word_end(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or("");
    let row = rest.lines().next().unwrap_or("");
    let quoted = row.strip_prefix('"').and_then(|inner| inner.find('"')).map(|end| end + 2);
    let word = row.find(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | '-' | '.')).unwrap_or(row.len());
    at + quoted.unwrap_or_else(|| word.max(row.chars().next().map_or(0, char::len_utf8)))
}

/// A remark on a library as JSON.
pub fn of_law_as_json(library: &Library, diagnostic: &Diagnostic) -> serde_json::Value {
    let (name, line, column) = library.place(diagnostic);
    let end = library.source(diagnostic.source).map_or((line, column), |source| position(&source.text, diagnostic.span.end));
    serde_json::json!({
        "file": name, "line": line, "column": column, "end_line": end.0, "end_column": end.1,
        "severity": if diagnostic.severity == Severity::Error { "error" } else { "warning" },
        "code": diagnostic.code, "message": diagnostic.message, "help": diagnostic.help,
    })
}
