// SPDX-License-Identifier: Apache-2.0
//! Writing a flow as a TOML file that reads back to the same flow.

use crate::safeguards::{ASSESSMENT, CONSENT, TABLE};
use crate::toml_tree::quoted;
use crate::{Counter, Decided, Declared, Expected, Flow, Item, Lawful, Onward, Sender, Value};
use comity_terms::{Bits, Key, KeyId, KeyKind, Scheme, Term, Vocabulary, vocabulary};
use std::collections::BTreeMap;

/// Writes the flow as a TOML flow file. Reading it gives the same flow, except for the lines and what was assumed.
///
/// What was inherited from a profile is written out, and so is what was filled in for silence.
///
/// ```
/// use comity_flow::{Format, read, template, write};
///
/// let none = |_: &str| Err("no profile".to_owned());
/// let mut flow = read(&template(), Format::Toml, &none).expect("the template is right");
/// flow.title = "A new \"title\"".to_owned();
/// let again = read(&write(&flow), Format::Toml, &none).expect("what is written can be read");
/// assert_eq!(again.title, flow.title);
/// assert_eq!(again.facts, flow.facts);
/// ```
#[must_use]
pub fn write(flow: &Flow) -> String {
    let mut out = Writer { words: vocabulary(), references: &flow.references, onward: None, text: String::new() };
    out.text("id", &flow.id);
    out.text("title", &flow.title);
    if let Some(on) = flow.on {
        out.line("on", &on.to_string());
    }
    out.texts("under", &flow.under);
    if flow.onward.is_empty() {
        out.line("onward", "[]");
    }
    out.facts_table("exporter", &flow.facts, &flow.exporter_name);
    out.facts_table("importer", &flow.facts, &flow.importer_name);
    for (position, leg) in flow.onward.iter().enumerate() {
        out.onward = Some(position);
        out.onward(leg, &flow.onward);
    }
    out.onward = None;
    for table in ["route", "data", "subjects"] {
        out.facts_table(table, &flow.facts, "");
    }
    for counter in &flow.counts {
        out.counter(counter);
    }
    out.facts_table("purpose", &flow.facts, "");
    out.safeguards(flow);
    if let Some(decided) = &flow.decided {
        out.decided(decided);
    }
    if let Some(expected) = &flow.expected {
        out.expected(expected);
    }
    out.text
}

struct Writer<'f> {
    words: &'static Vocabulary,
    references: &'f BTreeMap<Declared, String>,
    /// The later recipient that is being written.
    onward: Option<usize>,
    text: String,
}

impl Writer<'_> {
    fn line(&mut self, name: &str, value: &str) {
        self.text.push_str(&format!("{name} = {value}\n"));
    }

    fn header(&mut self, header: &str) {
        self.text.push_str(&format!("\n{header}\n"));
    }

    /// A text, unless it is empty: that reads the same as none.
    fn text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.line(name, &quoted(text));
        }
    }

    fn texts(&mut self, name: &str, texts: &[String]) {
        if !texts.is_empty() {
            self.line(name, &bracketed(texts.iter().map(|text| quoted(text))));
        }
    }

    /// The keys right under a table, in the order of the vocabulary.
    fn keys(&self, table: &str) -> Vec<(KeyId, &'static Key, &'static str)> {
        let inner = |key: &'static Key| key.path.strip_prefix(table)?.strip_prefix('.');
        let words = self.words;
        words.keys().iter().filter_map(|key| Some((words.key(&key.path)?, key, inner(key).filter(|name| !name.contains('.'))?))).collect()
    }

    fn facts_table(&mut self, table: &str, facts: &BTreeMap<KeyId, Value>, name: &str) {
        let keys = self.keys(table);
        if name.is_empty() && !keys.iter().any(|(id, ..)| facts.contains_key(id)) {
            return;
        }
        self.header(&format!("[{table}]"));
        self.text("name", name);
        self.facts(table, facts);
    }

    fn facts(&mut self, table: &str, facts: &BTreeMap<KeyId, Value>) {
        for (id, key, name) in self.keys(table) {
            let Some(value) = facts.get(&id) else { continue };
            let value = match (value, key.kind) {
                (Value::Many(set), KeyKind::Many(Scheme::Certificate)) => self.certificates(set, id),
                _ => self.value(value, key.kind),
            };
            self.line(name, &value);
        }
    }

    /// Certificates, with what they rest on where that is stated.
    fn certificates(&self, set: &Bits, key: KeyId) -> String {
        let terms = set.iter().filter_map(|index| self.words.term_at(Scheme::Certificate, index));
        bracketed(terms.map(|term| {
            let reference = self.references.get(&Declared { onward: self.onward, key, term: Some(term) }).cloned();
            self.item(&Item { key, term, on: None, until: None, reference })
        }))
    }

    /// What the assessment or consent rests on.
    fn reference(&mut self, table: &str) {
        let key = self.words.key(table);
        let text = key.and_then(|key| self.references.get(&Declared { onward: None, key, term: None }));
        if let Some(text) = text {
            self.line("ref", &quoted(text));
        }
    }

    fn value(&self, value: &Value, kind: KeyKind) -> String {
        match (value, kind) {
            (Value::Flag(flag), _) => flag.to_string(),
            (Value::Count(count), _) => count.to_string(),
            (Value::Day(day), _) => day.to_string(),
            (Value::One(term), _) => self.term(*term),
            (Value::Many(set), KeyKind::Many(scheme)) => self.set(set, scheme),
            (Value::Many(_), _) => "[]".to_owned(),
        }
    }

    fn term(&self, term: Term) -> String {
        let id = self.words.id(term);
        // The module that fits the roles is written by leaving the module out.
        quoted(id.strip_suffix("/*").unwrap_or(id))
    }

    fn set(&self, set: &Bits, scheme: Scheme) -> String {
        bracketed(set.iter().filter_map(|index| self.words.term_at(scheme, index)).map(|term| self.term(term)))
    }

    fn onward(&mut self, leg: &Onward, all: &[Onward]) {
        self.header("[[onward]]");
        self.text("name", &leg.name);
        let sender = match leg.from {
            Sender::Importer => "importer",
            Sender::Onward(position) => all.get(position).map_or("importer", |earlier| earlier.name.as_str()),
        };
        self.line("from", &quoted(sender));
        self.facts("importer", &leg.facts);
        if let Some(purpose) = &leg.purpose {
            let purpose = self.set(purpose, Scheme::Purpose);
            self.line("purpose", &purpose);
        }
        for name in ["contracts", "measures"] {
            let items: Vec<&Item> = leg.items.iter().filter(|item| self.words.key(&format!("{TABLE}.{name}")) == Some(item.key)).collect();
            self.items(name, &items);
        }
    }

    fn items(&mut self, name: &str, items: &[&Item]) {
        if !items.is_empty() {
            let list = bracketed(items.iter().map(|item| self.item(item)));
            self.line(name, &list);
        }
    }

    fn item(&self, item: &Item) -> String {
        let id = self.term(item.term);
        let days = [("on", item.on), ("until", item.until)];
        let days = days.into_iter().filter_map(|(name, day)| day.map(|day| format!("{name} = {day}")));
        let reference = item.reference.iter().map(|reference| format!("ref = {}", quoted(reference)));
        let more: Vec<String> = days.chain(reference).collect();
        if more.is_empty() { id } else { format!("{{ id = {id}, {} }}", more.join(", ")) }
    }

    fn counter(&mut self, counter: &Counter) {
        self.header("[[subjects.counts]]");
        let words = self.words;
        let terms: Vec<Term> = counter.of.iter().filter_map(|index| words.term_at(Scheme::Category, index)).collect();
        // What lies below another member comes back with it.
        let top = terms.iter().filter(|term| !terms.iter().any(|wide| wide != *term && words.is_below(**term, *wide)));
        let of = bracketed(top.map(|term| self.term(*term)));
        self.line("of", &of);
        let unit = self.term(counter.unit);
        self.line("unit", &unit);
        if let Some(since) = counter.since {
            self.line("since", &since.to_string());
        }
        self.line("at_least", &counter.at_least.to_string());
        if let Some(at_most) = counter.at_most {
            self.line("at_most", &at_most.to_string());
        }
    }

    fn safeguards(&mut self, flow: &Flow) {
        let begin = self.text.len();
        self.header(&format!("[{TABLE}]"));
        let empty = self.text.len();
        for (id, key, name) in self.keys(TABLE) {
            let KeyKind::Many(scheme) = key.kind else { continue };
            let Some(Value::Many(set)) = flow.facts.get(&id) else { continue };
            let listed: Vec<&Item> = flow.items.iter().filter(|item| item.key == id).collect();
            // A caller who tries a step adds it to the facts alone.
            let added: Vec<Item> = set
                .iter()
                .filter_map(|index| self.words.term_at(scheme, index))
                .filter(|term| !listed.iter().any(|item| item.term == *term && item.in_place(flow.on)))
                .map(|term| Item { key: id, term, on: None, until: None, reference: None })
                .collect();
            let kept = listed.into_iter().filter(|item| !item.in_place(flow.on) || set.contains(item.term));
            let items: Vec<&Item> = kept.chain(&added).collect();
            self.items(name, &items);
        }
        if self.text.len() == empty {
            self.text.truncate(begin);
        }
        let made = self.is_true(ASSESSMENT, flow);
        if made || flow.assessed_on.is_some() {
            self.header(&format!("[{ASSESSMENT}]"));
            if let Some(on) = flow.assessed_on {
                self.line("on", &on.to_string());
            }
            if made {
                self.facts(ASSESSMENT, &flow.facts);
            }
            self.reference(ASSESSMENT);
        }
        if self.is_true(CONSENT, flow) {
            self.header(&format!("[{CONSENT}]"));
            self.facts(CONSENT, &flow.facts);
            self.reference(CONSENT);
        }
    }

    fn is_true(&self, path: &str, flow: &Flow) -> bool {
        self.words.key(path).and_then(|key| flow.facts.get(&key)) == Some(&Value::Flag(true))
    }

    fn decided(&mut self, decided: &Decided) {
        self.header("[decided]");
        self.text("by", &decided.by);
        self.text("country", &decided.country);
        if let Some(date) = decided.date {
            self.line("date", &date.to_string());
        }
        self.text("kind", &decided.kind);
        let lawful = match decided.lawful {
            Lawful::Yes => "yes",
            Lawful::No => "no",
            Lawful::NotRestricted => "not-restricted",
        };
        self.text("lawful", lawful);
        self.text("mechanism", decided.mechanism.as_deref().unwrap_or_default());
        self.texts("lacking", &decided.lacking);
        self.texts("cites", &decided.cites);
        self.text("decides", &decided.decides);
        self.texts("sources", &decided.sources);
        self.text("confidence", &decided.confidence);
        self.text("pair", decided.pair.as_deref().unwrap_or_default());
        self.text("note", &decided.note);
    }

    fn expected(&mut self, expected: &Expected) {
        self.header("[expected]");
        self.text("verdict", &expected.verdict);
        self.text("mechanism", expected.mechanism.as_deref().unwrap_or_default());
        self.texts("missing", &expected.missing);
        self.text("cite", &expected.cite);
        self.text("why", &expected.why);
        self.text("sure", &expected.sure);
    }
}

fn bracketed(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}
