// SPDX-License-Identifier: Apache-2.0
//! One page for each instrument, and their index.

use super::GENERATED;
use super::coverage::AS_OF;
use super::table::{Table, codes};
use comity_judge::period_in_words;
use comity_law::ast::{ClauseKind, Condition, ConditionKind, Effect, Expectation, InForce, Instrument, Provision, SourceStatus, TermSet};
use comity_law::{Library, Recognition, Span};
use comity_terms::{Term, vocabulary};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The index.
pub fn index(library: &Library) -> String {
    let mut page = format!("# Instruments\n\n{GENERATED}");
    page.push_str("\"Seen\" is the share of provisions that were read in a source; the others are written from memory, and every finding that uses one says so.\n\n");
    let mut table = Table::new(&["id", "title", "kind", "in force", "provisions", "seen", "cases"]);
    for instrument in &library.instruments {
        let (seen, all) = seen(instrument);
        table.row([
            format!("[{0}]({0}.md)", instrument.id.text),
            instrument.title.clone(),
            instrument.kind.word().to_owned(),
            days(instrument.in_force),
            all.to_string(),
            seen.to_string(),
            instrument.cases.len().to_string(),
        ]);
    }
    page.push_str(table.text().trim_end());
    page.push('\n');
    page
}

/// The page of one.
pub fn page(library: &Library, instrument: &Instrument) -> String {
    let mut page = format!("# {}: {}\n\n{GENERATED}", instrument.id.text, instrument.title);
    header(library, instrument, &mut page);
    provisions(instrument, &mut page);
    mechanisms(library, instrument, &mut page);
    readings(instrument, &mut page);
    recognitions(library, instrument, &mut page);
    cases(instrument, &mut page);
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn header(library: &Library, instrument: &Instrument, page: &mut String) {
    let source = library.source(instrument.source).map_or("", |source| source.name.as_str());
    let mut table = Table::new(&["", ""]);
    let mut say = |what: &str, text: String| {
        if !text.is_empty() {
            table.row([what.to_owned(), text]);
        }
    };
    let (seen, all) = seen(instrument);
    say("citation", instrument.cites.join("; "));
    say("kind", instrument.kind.word().to_owned());
    say("law of", instrument.of.as_ref().map_or_else(String::new, members));
    say("authority", instrument.authority.clone().unwrap_or_default());
    say("in force", days(instrument.in_force));
    say("published", instrument.published.map_or_else(String::new, |day| day.to_string()));
    say("adapts", instrument.adapts.as_ref().map_or_else(String::new, |model| model.text.clone()));
    for relation in &instrument.relations {
        say("relation", format!("{} `{}` ({})", relation.kind, relation.to.text, relation.cites.join("; ")));
    }
    say("sources", format!("{seen} of {all} provisions seen in a source, the others from memory"));
    say("text", format!("[`law/{source}`](../../../law/{source})"));
    page.push_str(&table.text());
    for note in &instrument.notes {
        let _ = writeln!(page, "{note}\n");
    }
}

fn provisions(instrument: &Instrument, page: &mut String) {
    page.push_str("## Provisions\n\n");
    let mut table = Table::new(&["provision", "effect", "citation", "source", "in force", "note"]);
    for provision in &instrument.provisions {
        table.row([
            format!("`{}`", provision.id.text),
            effect(&provision.effect),
            provision.cites.join("; "),
            status(instrument.status_of(provision)).to_owned(),
            provision.in_force.map_or_else(|| "as the instrument".to_owned(), |force| days(Some(force))),
            provision.note.clone().unwrap_or_default(),
        ]);
    }
    page.push_str(&table.text());
}

fn mechanisms(library: &Library, instrument: &Instrument, page: &mut String) {
    let mut table = Table::new(&["mechanism", "provision", "where", "needs", "unless"]);
    for provision in &instrument.provisions {
        let (Effect::Permit(mechanism) | Effect::Require(Some(mechanism)) | Effect::Forbid(Some(mechanism))) = provision.effect else {
            continue;
        };
        let clauses = |kind: ClauseKind| {
            let own = provision.clauses.iter().filter(|clause| clause.kind == kind);
            let texts: Vec<String> =
                own.map(|clause| format!("`{}`", condition(library, instrument, provision, clause.condition.span))).collect();
            texts.join("; ")
        };
        table.row([
            vocabulary().id(mechanism).to_owned(),
            format!("`{}`", provision.id.text),
            clauses(ClauseKind::When),
            clauses(ClauseKind::Needs),
            clauses(ClauseKind::Unless),
        ]);
    }
    if !table.is_empty() {
        page.push_str("## Mechanisms\n\n");
        page.push_str(&table.text());
    }
}

fn readings(instrument: &Instrument, page: &mut String) {
    if instrument.readings.is_empty() {
        return;
    }
    page.push_str("## Competing readings\n\n");
    for reading in &instrument.readings {
        let _ = writeln!(page, "`{}`: {}\n", reading.id.text, reading.question);
        for option in &reading.options {
            let _ = writeln!(page, "- `{}`: {} ({})", option.id.text, option.text, option.cites.join("; "));
        }
        page.push('\n');
    }
}

fn recognitions(library: &Library, instrument: &Instrument, page: &mut String) {
    let asked = asked(instrument);
    let in_time = |row: &&Recognition| instrument.in_force.is_none_or(|force| force.overlaps(&row.in_force));
    let by = library.recognitions.iter().filter(in_time).filter(|row| asked.contains(&(row.by, row.kind.clone())));
    rows("Recognitions that it asks for", by, page);
    let words = vocabulary();
    let own = instrument.of.as_ref().map(|of| of.on(words, AS_OF)).unwrap_or_default();
    let of = library.recognitions.iter().filter(in_time).filter(|row| row.of.on(words, AS_OF).meets(&own));
    rows("Recognitions of its places by others", of, page);
}

fn rows<'a>(heading: &str, rows: impl Iterator<Item = &'a Recognition>, page: &mut String) {
    let words = vocabulary();
    let mut table = Table::new(&["by", "of", "kind", "for", "citation", "in force", "source", "note"]);
    for row in rows {
        table.row([
            words.id(row.by).to_owned(),
            members(&row.of),
            row.kind.clone(),
            if row.scope.is_some() { "some flows" } else { "all flows" }.to_owned(),
            row.cite.clone(),
            days(Some(row.in_force)),
            status(row.status).to_owned(),
            row.note.clone(),
        ]);
    }
    if !table.is_empty() {
        let _ = writeln!(page, "## {heading}\n");
        page.push_str(&table.text());
    }
}

fn cases(instrument: &Instrument, page: &mut String) {
    if instrument.cases.is_empty() {
        return;
    }
    page.push_str("## Cases\n\n");
    let _ = writeln!(page, "`comity law test {}` runs them.\n", instrument.id.text);
    let mut table = Table::new(&["case", "day", "outcome"]);
    for case in &instrument.cases {
        table.row([case.title.clone(), case.on.map_or_else(String::new, |day| day.to_string()), outcome(&case.expected)]);
    }
    page.push_str(&table.text());
}

fn outcome(expected: &Expectation) -> String {
    let mut text = expected.verdict.clone();
    let parts = [("by", &expected.by), ("missing", &expected.missing), ("asks", &expected.asks), ("citing", &expected.cite)];
    for (word, value) in parts.iter().filter_map(|(word, value)| value.as_ref().map(|value| (word, value))) {
        let _ = write!(text, " {word} {value}");
    }
    for duty in &expected.owes {
        let _ = write!(text, ", owes {duty}");
    }
    for duty in &expected.spares {
        let _ = write!(text, ", spares {duty}");
    }
    text
}

/// How many provisions were seen in a source, and how many there are.
fn seen(instrument: &Instrument) -> (usize, usize) {
    let seen = instrument.provisions.iter().filter(|provision| instrument.status_of(provision) == SourceStatus::Verified);
    (seen.count(), instrument.provisions.len())
}

fn status(status: SourceStatus) -> &'static str {
    match status {
        SourceStatus::Verified => "seen",
        SourceStatus::Recalled => "from memory",
    }
}

fn days(force: Option<InForce>) -> String {
    match force {
        None => String::new(),
        Some(InForce { from, until: None }) => format!("from {from}"),
        Some(InForce { from, until: Some(until) }) => format!("from {from} until {until}"),
    }
}

fn members(set: &TermSet) -> String {
    let words = vocabulary();
    let terms = set.terms.iter().map(|term| words.id(*term).to_owned());
    terms.chain(set.groups.iter().map(|group| format!("@{group}"))).collect::<Vec<_>>().join(", ")
}

fn effect(effect: &Effect) -> String {
    let words = vocabulary();
    let rest = match effect {
        Effect::Permit(mechanism) | Effect::Require(Some(mechanism)) | Effect::Forbid(Some(mechanism)) => {
            format!("by {}", words.id(*mechanism))
        }
        Effect::Exception(names) => format!("to {}", codes(names.iter().map(|name| name.text.as_str()))),
        Effect::Duty(bearer, None) => format!("on the {bearer}"),
        Effect::Duty(bearer, Some((period, trigger))) => format!("on the {bearer}, within {} of {trigger}", period_in_words(*period)),
        Effect::Clock(period, trigger) => format!("{} from {trigger}", period_in_words(*period)),
        Effect::Penalty(text) => text.clone(),
        _ => String::new(),
    };
    format!("{} {rest}", effect.word()).trim_end().to_owned()
}

/// A condition as the instrument words it; an adopted provision stands in the text of its model.
fn condition(library: &Library, instrument: &Instrument, provision: &Provision, span: Span) -> String {
    let mut owner = instrument;
    let same = |known: &Provision| known.id.text == provision.id.text && known.span == provision.span;
    // A chain of models is never longer than the library.
    for _ in &library.instruments {
        let model = owner.adapts.as_ref().and_then(|model| library.instrument(&model.text));
        match model.filter(|model| model.provisions.iter().any(same)) {
            Some(model) => owner = model,
            None => break,
        }
    }
    let text = library.source(owner.source).and_then(|source| source.text.get(span.start..span.end)).unwrap_or("");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The parties whose recognitions the instrument asks for, each with the kind.
fn asked(instrument: &Instrument) -> BTreeSet<(Term, String)> {
    let mut asked = BTreeSet::new();
    let clauses = instrument.provisions.iter().flat_map(|provision| &provision.clauses);
    let mut waiting: Vec<&Condition> = clauses.map(|clause| &clause.condition).collect();
    while let Some(condition) = waiting.pop() {
        match &condition.kind {
            ConditionKind::All(parts) | ConditionKind::Any(parts) => waiting.extend(parts),
            ConditionKind::Not(inner) => waiting.push(inner),
            ConditionKind::Recognition(by, kind) => {
                asked.insert((*by, kind.clone()));
            }
            ConditionKind::In(_, set) | ConditionKind::Meets(_, set) | ConditionKind::Within(_, set) => {
                asked.extend(set.recognized_by.iter().map(|by| (*by, "adequacy".to_owned())));
            }
            _ => {}
        }
    }
    asked
}
