// SPDX-License-Identifier: Apache-2.0
//! A report as the manifest of a crossing, for a person to look at and change.
//!
//! What was not understood is written as `"?"`, which no crossing takes: somebody has to decide on it first. Beside
//! every proposal stands how sure it is, what was looked at and why; no value of the table is repeated.

use crate::detector::Identifier;
use crate::family::special;
use crate::report::{Column, Proposal, Report};
use crate::sample::Distinct;
use comity_terms::{Scheme, Term, vocabulary};
use std::fmt::Write as _;

/// What stands where a person has to decide.
pub const UNDECIDED: &str = "?";

/// What is less sure, alone or with others of its category, is named in a comment and not proposed.
const PROPOSED: f64 = 0.25;

/// What is proposed for a column, taken together.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice<'a> {
    /// The data categories; none: by itself it is no personal data.
    pub holds: Vec<Term>,
    /// How it tells persons apart: the most that any of the proposals says.
    pub identifies: Identifier,
    /// The proposals that led to it, the surest first.
    pub of: Vec<&'a Proposal>,
}

/// What is proposed for a column; none where a person has to decide: it was not understood, or it is a text that may
/// hold anything.
#[must_use]
pub fn choice(column: &Column) -> Option<Choice<'_>> {
    let sum = |category: Option<Term>| -> f64 {
        column.proposals.iter().filter(|proposal| proposal.category == category).map(|proposal| proposal.confidence).sum()
    };
    let of: Vec<&Proposal> = column.proposals.iter().filter(|proposal| sum(proposal.category) >= PROPOSED).collect();
    if !column.understood || of.is_empty() || of.iter().any(|proposal| proposal.kind == "free-text") {
        return None;
    }
    let mut holds: Vec<Term> = Vec::new();
    for category in of.iter().filter_map(|proposal| proposal.category) {
        if !holds.contains(&category) {
            holds.push(category);
        }
    }
    let identifies = of.iter().map(|proposal| proposal.identifier).min().unwrap_or(Identifier::None);
    Some(Choice { holds, identifies, of })
}

/// The word of the manifest for how a column tells persons apart.
#[must_use]
pub fn identifies(identifier: Identifier) -> &'static str {
    match identifier {
        Identifier::Direct => "directly",
        Identifier::Quasi => "together",
        Identifier::None => "no",
    }
}

/// The manifest that is proposed for a table.
#[must_use]
pub fn draft(report: &Report, table: &str) -> String {
    let mut text = String::new();
    let open = report.columns.iter().filter(|column| choice(column).is_none()).count();
    comment(&mut text, "", "Proposed, for a person to look at and change: what the columns hold, what they decide, what they may become.");
    comment(&mut text, "", &report.limits());
    if open > 0 {
        let what = format!(
            "{open} of {} columns have to be decided on: no crossing takes this file as long as {UNDECIDED:?} stands in it.",
            report.columns.len()
        );
        comment(&mut text, "", &what);
    }
    line(&mut text, &format!("table = {}", quoted(table)));
    if let Some(person) = report.columns.iter().find(|column| tells_persons_apart(column)) {
        line(&mut text, &format!("# person = {}", quoted(&person.name)));
    }
    for column in &report.columns {
        text.push('\n');
        of_column(&mut text, column);
    }
    text
}

/// Whether a column leads to persons, and no value of it stands twice.
fn tells_persons_apart(column: &Column) -> bool {
    let direct = choice(column).is_some_and(|choice| choice.identifies == Identifier::Direct);
    direct && column.looked.empty == 0 && column.looked.distinct == Distinct::Exactly(column.looked.rows)
}

fn of_column(text: &mut String, column: &Column) {
    let choice = choice(column);
    if choice.is_none() {
        comment(text, "", "Not understood: it may hold anything. Look at it and decide.");
    }
    comment(text, "", &looked(column));
    let of: Vec<&Proposal> = choice.as_ref().map_or_else(|| column.proposals.iter().collect(), |choice| choice.of.clone());
    for proposal in &of {
        let might = if choice.is_some() { "" } else { "It might be " };
        let said = format!(
            "{might}{}{}, sure to {:.2}: {}.",
            proposal.label,
            category(proposal).map_or_else(String::new, |id| format!(" ({id})")),
            proposal.confidence,
            proposal.why.join("; ")
        );
        comment(text, if choice.is_some() { "" } else { "  " }, &said);
    }
    line(text, &format!("[columns.{}]", key(&column.name)));
    let Some(choice) = choice else {
        line(text, &format!("holds = {UNDECIDED:?}"));
        line(text, &format!("identifies = {UNDECIDED:?}"));
        return;
    };
    let holds: Vec<String> = choice.holds.iter().map(|term| quoted(vocabulary().id_at(Scheme::Category, term.index()))).collect();
    line(text, &format!("holds = [{}]", holds.join(", ")));
    line(text, &format!("identifies = {}", quoted(identifies(choice.identifies))));
    if choice.of.iter().any(|proposal| special::DETECTORS.iter().any(|detector| detector.id == proposal.kind)) {
        line(text, "sensitive = true");
    }
    let kind = choice.of.first().map_or("", |proposal| proposal.kind);
    if let Some(path) = decides(kind) {
        line(text, &format!("# decides = {}", quoted(path)));
    }
    line(text, &format!("# measures = {}", measures(kind, &choice)));
}

/// What was looked at in a column, in one sentence.
fn looked(column: &Column) -> String {
    let looked = &column.looked;
    if !looked.readable {
        return format!("It holds {}, which is no text: only its name was looked at.", column.type_name);
    }
    let distinct = match looked.distinct {
        Distinct::Exactly(count) if count == looked.sampled => format!("all its {count} distinct values"),
        Distinct::Exactly(count) => format!("{} of its {count} distinct values", looked.sampled),
        Distinct::About(count) => format!("{} of about {count} distinct values", looked.sampled),
    };
    let empty = if looked.empty == 0 { String::new() } else { format!(", {} of them empty", looked.empty) };
    format!("Looked at {distinct}; {} rows{empty}.", looked.rows)
}

fn category(proposal: &Proposal) -> Option<&'static str> {
    proposal.category.map(|term| vocabulary().id_at(Scheme::Category, term.index()))
}

/// The key of the flow file that cells of a kind may decide.
fn decides(kind: &str) -> Option<&'static str> {
    match kind {
        "country" => Some("subjects.located"),
        "date-of-birth" | "age" => Some("subjects.youngest_age"),
        _ => None,
    }
}

/// Measures that suit a kind, from what is wanted most to what protects most.
fn measures(kind: &str, choice: &Choice<'_>) -> &'static str {
    match kind {
        "date-of-birth" => r#"["keep", "generalise month", "generalise year", "generalise decade"]"#,
        "age" => r#"["keep", "generalise multiple 5", "generalise multiple 10"]"#,
        "ip-address" => r#"["keep", "generalise network", "drop"]"#,
        "postal-code" => r#"["keep", "truncate 3", "truncate 2", "drop"]"#,
        _ if choice.identifies == Identifier::Direct => r#"["keep", "pseudonymise", "drop"]"#,
        _ => r#"["keep", "drop"]"#,
    }
}

fn line(text: &mut String, what: &str) {
    // INVARIANT: writing to a text does not fail.
    let _written = writeln!(text, "{what}");
}

/// A comment: what stands in it stays on one line, because what follows a line break would be part of the manifest.
fn comment(text: &mut String, indent: &str, what: &str) {
    let what: String = what.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    line(text, &format!("# {indent}{what}"));
}

/// A name as a key of TOML.
fn key(name: &str) -> String {
    let bare = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if bare { name.to_owned() } else { quoted(name) }
}

/// A text as TOML has it (TOML 1.0, basic strings).
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for sign in text.chars() {
        match sign {
            '"' | '\\' => {
                out.push('\\');
                out.push(sign);
            }
            sign if sign.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(sign))),
            sign => out.push(sign),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::{choice, draft};
    use crate::{Sample, Table, discover};

    fn table(columns: &[(&str, &[&str])]) -> Table {
        let mut table = Table::default();
        for (name, values) in columns {
            let mut sample = Sample::new(100);
            values.iter().for_each(|value| sample.add(Some(value)));
            table.add(name, "text", &sample);
        }
        table
    }

    #[test]
    fn what_is_not_understood_is_left_to_a_person() {
        let mut table =
            table(&[("email", &["ada@example.org", "bob@example.org"]), ("x\"\n1", &["qq7", "zz8"]), ("comment", &["fine", "good"])]);
        table.add_unread("picture", "Binary");
        let report = discover(&table);
        let text = draft(&report, "people");
        assert!(text.contains("[columns.email]\nholds = [\"email\"]\nidentifies = \"directly\""), "{text}");
        assert!(text.contains("[columns.\"x\\\"\\u000A1\"]\nholds = \"?\"\nidentifies = \"?\""), "{text}");
        assert!(text.contains("[columns.comment]\nholds = \"?\""), "{text}");
        assert!(text.contains("only its name was looked at"), "{text}");
        assert!(text.contains("There may be personal data that was not found.") && text.contains("of 1 in the header alone"), "{text}");
        for value in ["ada@", "bob@", "qq7", "zz8", "fine", "good"] {
            assert!(!text.contains(value), "{value}: {text}");
        }
        assert_eq!(report.columns.iter().filter(|column| choice(column).is_some()).count(), 1);
        assert!(text.contains("# person = \"email\""), "{text}");
    }
}
