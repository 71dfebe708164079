// SPDX-License-Identifier: Apache-2.0
//! Steps and questions in people's words. The wire has key paths; people get a sentence with the path beside it.

use super::doc::{Line, Tone, listed};
use comity_flow::Declared;
use comity_law::Library;
use comity_terms::{Key, KeyKind, Scheme, Vocabulary, vocabulary};

/// A step as a sentence, with its key path.
pub fn step(path: &str) -> Line {
    let (key, values) = match path.split_once('+') {
        Some((key, values)) => (key, values.split('+').collect()),
        None => (path, Vec::new()),
    };
    let spoken = if values.is_empty() { format!(" (key {key})") } else { format!(" (key {key}, value {})", listed(&values, "and")) };
    Line::of(sentence(key, &values)).read_as(Tone::Faint, format!(" ({path})"), spoken)
}

fn sentence(key: &str, values: &[&str]) -> String {
    let words = vocabulary();
    if let Some(list) = key.strip_suffix(".ref") {
        let own = list.strip_prefix("onward.").map_or_else(|| list.to_owned(), own_key);
        let what = if values.is_empty() { label(words, &own).to_lowercase() } else { named(words, &own, values) };
        return format!("name evidence of it with `ref`: {what}");
    }
    if let Some(rest) = key.strip_prefix("onward.") {
        return format!("for the later recipient, {}", sentence(&own_key(rest), values));
    }
    let named = named(words, key, values);
    match (key, values.is_empty()) {
        ("safeguards.contracts", false) => format!("sign: {named}"),
        ("safeguards.approvals", false) => format!("obtain: {named}"),
        ("safeguards.filings", false) => format!("file: {named}"),
        ("safeguards.notices", false) => format!("give notice: {named}"),
        ("safeguards.measures", false) => format!("put in place: {named}"),
        ("safeguards.arrangements", false) => format!("conclude: {named}"),
        ("data.categories", false) => format!("leave out other categories, and send {named} only"),
        ("importer", false) => format!("use another importer: {}", values.join("+")),
        ("importer.certified", false) => format!("have the importer certified: {named}"),
        ("exporter.certified", false) => format!("have the exporter certified: {named}"),
        ("route.storage", false) => format!("let the data come to rest in {named} only"),
        ("route.access_from", false) => format!("let the data be read from {named} only"),
        ("route.local_copy", false) => format!("keep a full copy in {named}"),
        ("route.first_recorded_in", false) => format!("first record the data in {named}"),
        ("safeguards.assessment", _) => "carry out an assessment that finds the protection sufficient".to_owned(),
        ("safeguards.assessment.result", _) => "come to a sufficient result in the assessment, with measures where needed".to_owned(),
        ("safeguards.assessment.kind", _) => "make the assessment of the kind that the law asks for".to_owned(),
        ("safeguards.consent", _) => "obtain the persons' consent".to_owned(),
        ("safeguards.consent.explicit", _) => "obtain consent that is explicit".to_owned(),
        ("safeguards.consent.informed_of_risks", _) => "obtain consent after telling the persons of the risks of this transfer".to_owned(),
        ("safeguards.consent.separate", _) => "obtain separate consent to this transfer".to_owned(),
        ("safeguards.consent.freely_given", _) => "obtain consent that is freely given".to_owned(),
        ("importer.reads_clear_text", _) => "keep the importer from reading the data in clear".to_owned(),
        ("purpose.lawful_basis", _) => "rest the processing on a legal basis that the law accepts".to_owned(),
        ("data.retention_days", _) => "shorten the retention at the importer".to_owned(),
        ("route.direct_from_subject", _) => "let the persons send their data themselves".to_owned(),
        ("on", _) => "wait until the period has run before the flow begins".to_owned(),
        _ => {
            let label = label(words, key);
            if values.is_empty() { format!("change the {label}") } else { format!("{label}: add {named}") }
        }
    }
}

/// The key of a later recipient's own, as it is called for the flow.
fn own_key(name: &str) -> String {
    match name {
        "contracts" | "measures" => format!("safeguards.{name}"),
        _ => format!("importer.{name}"),
    }
}

fn label<'w>(words: &'w Vocabulary, key: &'w str) -> &'w str {
    words.key(key).and_then(|id| words.key_at(id)).map_or(key, |key| key.label.as_str())
}

/// An act or grant by its id, or, of those that stand in no list, by the name of its table.
pub fn declared(declared: &Declared) -> String {
    let path = declared.path();
    let name = path.split_once('+').map(|(_, id)| id).or_else(|| path.rsplit_once('.').map(|(_, name)| name));
    name.unwrap_or(&path).to_owned()
}

fn scheme_of(words: &Vocabulary, key: &str) -> Option<Scheme> {
    match words.key(key).and_then(|id| words.key_at(id)).map(|key| key.kind) {
        Some(KeyKind::One(scheme) | KeyKind::Many(scheme)) => Some(scheme),
        _ => None,
    }
}

/// The labels of values, or the ids where there is no label.
fn named(words: &Vocabulary, key: &str, values: &[&str]) -> String {
    let scheme = scheme_of(words, key);
    let labels: Vec<String> = values
        .iter()
        .map(|value| {
            let label =
                scheme.and_then(|scheme| words.find(scheme, value)).and_then(|term| words.entry(term)).map(|entry| entry.label.clone());
            label.filter(|label| !label.is_empty()).unwrap_or_else(|| (*value).to_owned())
        })
        .collect();
    listed(&labels, "and")
}

/// The question behind a key path or a reading, with the path; and the answers that are open, for a reading.
pub fn question(library: &Library, instruments: &[&str], path: &str) -> (Line, Vec<Line>) {
    if let Some(id) = path.strip_prefix("reading:") {
        let found = instruments
            .iter()
            .filter_map(|instrument| library.instrument(instrument))
            .find_map(|instrument| Some((instrument, instrument.readings.iter().find(|reading| reading.id.text == id)?)));
        if let Some((instrument, reading)) = found {
            let options = reading.options.iter().map(|option| {
                let cites = if option.cites.is_empty() { String::new() } else { format!(" ({})", option.cites.join("; ")) };
                Line::strong(option.id.text.clone()).then(format!(": {}{cites}", option.text))
            });
            let fixed = format!("--reading {}/{id}=OPTION", instrument.id.text);
            let line = Line::of(reading.question.clone()).read_as(
                Tone::Faint,
                format!(" ({path}; fix it with {fixed})"),
                format!(" (competing readings of {}, named {id})", instrument.id.text),
            );
            return (line, options.collect());
        }
    }
    let words = vocabulary();
    let own = path.strip_prefix("onward.").map_or_else(|| path.to_owned(), own_key);
    let text = match own.as_str() {
        "subjects.counts" => {
            "How many persons or devices with these categories of data are there, over the time that the law counts?".to_owned()
        }
        "safeguards.contracts_signed_on" => "On which day were the contracts signed?".to_owned(),
        other => {
            words.key(other).and_then(|id| words.key_at(id)).map_or_else(|| format!("What is `{other}`?"), |key: &Key| key.question.clone())
        }
    };
    (Line::of(text).read_as(Tone::Faint, format!(" ({path})"), format!(" (key {path})")), Vec::new())
}
