// SPDX-License-Identifier: Apache-2.0
//! Tables of recognitions: who recognizes whom, for what scope, from which day until which.

use crate::ast::{Condition, InForce, SourceStatus, TermSet};
use crate::diagnostic::{Diagnostic, SourceId, Span};
use crate::parse::parse_condition;
use comity_terms::{Scheme, Term, vocabulary};
use jiff::civil::Date;

/// One row: a party recognizes places, or finds something about them.
#[derive(Clone, Debug)]
pub struct Recognition {
    /// Who recognizes.
    pub by: Term,
    /// Whom.
    pub of: TermSet,
    /// What: `adequacy`, `bridge`, `essentially-equivalent`, …
    pub kind: String,
    /// For which flows; `None`: for all.
    pub scope: Option<Condition>,
    /// The decision.
    pub cite: String,
    /// Its days.
    pub in_force: InForce,
    /// The day from which the world could know it; left out: its first day.
    pub published: Option<Date>,
    /// The day from which the world could know its end; left out: the first day without.
    pub end_published: Option<Date>,
    /// Whether it was seen in a source.
    pub status: SourceStatus,
    /// A remark.
    pub note: String,
    /// The table.
    pub source: SourceId,
    /// The row in the table.
    pub span: Span,
}

impl Recognition {
    /// Whether the row holds for a flow of the day, to the knowledge of another day.
    ///
    /// An end that nobody could know yet does not count: with the knowledge of the day before a judgment,
    /// a decision that the judgment struck down is still in force.
    #[must_use]
    pub fn holds(&self, day: Date, known: Date) -> bool {
        let published = self.published.unwrap_or(self.in_force.from);
        let ended = self.in_force.until.is_some_and(|until| until <= day && self.end_published.unwrap_or(until) <= known);
        self.in_force.from <= day && published <= known && !ended
    }
}

const COLUMNS: [&str; 11] = ["by", "of", "kind", "scope", "cite", "from", "until", "published", "end_published", "status", "note"];

/// Reads a table; a bad row is reported and left out.
pub(crate) fn read(text: &str, source: SourceId, diagnostics: &mut Vec<Diagnostic>) -> Vec<Recognition> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).comment(Some(b'#')).from_reader(text.as_bytes());
    let whole = Span { start: 0, end: text.find('\n').unwrap_or(text.len()) };
    match reader.headers() {
        Ok(headers) if headers.iter().eq(COLUMNS) => {}
        _ => {
            let message = format!("a table of recognitions begins with `{}`", COLUMNS.join(","));
            diagnostics.push(Diagnostic::error("table", source, whole, message));
            return Vec::new();
        }
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let start = record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
                let start = past_remarks(text, start);
                let end = start + text.get(start..).map_or(0, |rest| rest.find('\n').unwrap_or(rest.len()));
                rows.extend(row(&record, source, Span { start, end }, diagnostics));
            }
            Err(error) => diagnostics.push(Diagnostic::error("table", source, whole, error.to_string())),
        }
    }
    rows
}

/// The reader counts the remarks and empty lines before a row as its beginning; people look for the row.
fn past_remarks(text: &str, start: usize) -> usize {
    let mut at = start;
    for line in text.get(start..).unwrap_or("").split_inclusive('\n') {
        if !line.starts_with('#') && !line.trim().is_empty() {
            return at;
        }
        at += line.len();
    }
    start
}

fn row(record: &csv::StringRecord, source: SourceId, span: Span, diagnostics: &mut Vec<Diagnostic>) -> Option<Recognition> {
    let words = vocabulary();
    let field = |index: usize| record.get(index).unwrap_or("");
    let mut fault = |message: String| diagnostics.push(Diagnostic::error("table", source, span, message));
    let place = |id: &str| words.find(Scheme::Place, id);
    let no_place = |id: &str| match words.nearest(Scheme::Place, id) {
        Some(near) => format!("`{id}` is not a place; did you mean `{near}`?"),
        None => format!("`{id}` is not a place"),
    };

    let by = field(0);
    let Some(by) = place(by) else {
        fault(no_place(by));
        return None;
    };
    let mut of = TermSet { scheme: Scheme::Place, terms: Vec::new(), groups: Vec::new(), recognized_by: Vec::new(), span };
    for part in field(1).split_whitespace() {
        match part.strip_prefix('@') {
            Some(group) if words.group(group).is_some() => of.groups.push(group.to_owned()),
            Some(_) => fault(format!("`{part}` is not a group of places")),
            None => match place(part) {
                Some(term) => of.terms.push(term),
                None => fault(no_place(part)),
            },
        }
    }
    let mut day = |index: usize| {
        let text = field(index);
        let day = text.parse::<Date>().ok();
        if day.is_none() && !text.is_empty() {
            fault(format!("`{text}` in column `{}` is not a day", COLUMNS.get(index).unwrap_or(&"")));
        }
        day
    };
    let (from, until, published, end_published) = (day(5), day(6), day(7), day(8));
    let Some(from) = from else {
        fault("a row needs its first day in column `from`".to_owned());
        return None;
    };
    let status = match field(9) {
        "verified" => SourceStatus::Verified,
        "recalled" => SourceStatus::Recalled,
        other => {
            fault(format!("`{other}` in column `status`; expected `verified` or `recalled`"));
            SourceStatus::Recalled
        }
    };
    if field(4).is_empty() {
        fault("a row needs the decision in column `cite`".to_owned());
    }
    let scope = field(3);
    let scope = if scope.is_empty() {
        None
    } else {
        let (condition, problems) = parse_condition(scope, source);
        // The spans of the condition are within the cell; the row is the best place to point at.
        diagnostics.extend(problems.into_iter().map(|problem| Diagnostic { span, ..problem }));
        Some(condition?)
    };
    Some(Recognition {
        by,
        of,
        kind: field(2).to_owned(),
        scope,
        cite: field(4).to_owned(),
        in_force: InForce { from, until },
        published,
        end_published,
        status,
        note: field(10).to_owned(),
        source,
        span,
    })
}
