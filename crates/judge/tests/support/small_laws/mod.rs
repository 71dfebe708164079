// SPDX-License-Identifier: Apache-2.0
//! Small random laws over a few facts, and the world of all flows that they can tell apart.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail loudly")]
#![allow(dead_code, reason = "each test binary uses a part of this module")]

use crate::support::Dice;
use comity_flow::{Flow, Item, Value};
use comity_law::Library;
use comity_terms::{Bits, KeyKind, Scheme, vocabulary};
use jiff::civil::{Date, date};
use std::collections::BTreeSet;

/// A fact of the small world, with its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Atom {
    PublicBody,
    Group,
    ClearText,
    Health,
    Count,
    Clauses,
    OldClauses,
    Approval,
    Filing,
    Consent,
    Assessment,
    Reading,
    Storage,
}

/// The values of [`Atom::Assessment`].
const ASSESSMENTS: [&str; 6] = ["none", "not-equivalent", "equivalent-with-measures", "equivalent", "unsound", "not-materially-lower"];

/// All but the places of storage, which have many values.
const ALL: [Atom; 12] = [
    Atom::PublicBody,
    Atom::Group,
    Atom::ClearText,
    Atom::Health,
    Atom::Count,
    Atom::Clauses,
    Atom::OldClauses,
    Atom::Approval,
    Atom::Filing,
    Atom::Consent,
    Atom::Assessment,
    Atom::Reading,
];

impl Atom {
    /// Four of them, of which one can be changed by steps at least.
    pub fn some(dice: &mut Dice) -> Vec<Self> {
        Self::some_of(dice, &ALL)
    }

    /// Four of these.
    pub fn some_of(dice: &mut Dice, all: &[Self]) -> Vec<Self> {
        let mut atoms = Vec::new();
        while atoms.len() < 4 {
            let atom = *dice.pick(all);
            if !atoms.contains(&atom) {
                atoms.push(atom);
            }
        }
        atoms
    }

    fn conditions(self) -> &'static [&'static str] {
        match self {
            Self::PublicBody => &["exporter.public_body"],
            Self::Group => &["importer.group"],
            Self::ClearText => &["importer.reads_clear_text"],
            Self::Health => &["data.categories has health", "data.categories within health", "data.categories is empty"],
            Self::Count => &["subjects.count >= 100", "subjects.count < 10"],
            Self::Clauses => &["contract eu.scc-2021/2"],
            Self::OldClauses => &["contract eu.scc-2010", "contract eu.scc-2010 before 2021-09-27", "contract eu.scc-2010 from 2019-06-01"],
            Self::Approval => &["approval cn.security-assessment", "approval cn.security-assessment within 3 years"],
            Self::Filing => &["filing ru.transfer-notice for at least 10 days", "filing ru.transfer-notice"],
            Self::Consent => &["safeguards.consent", "safeguards.consent.explicit"],
            Self::Assessment => &[
                "safeguards.assessment",
                "safeguards.assessment.result is not-equivalent",
                "safeguards.assessment.result is equivalent-with-measures",
                "safeguards.assessment.result in { equivalent, not-materially-lower }",
            ],
            Self::Reading => &["reading which is narrow", "reading which is wide"],
            Self::Storage => &["route.storage within { CN, RU }", "route.storage meets { RU, BR }", "route.storage has CN"],
        }
    }

    /// How many values it has.
    fn values(self) -> usize {
        match self {
            Self::Health | Self::OldClauses | Self::Approval | Self::Filing => 4,
            Self::Count | Self::Consent => 3,
            Self::Assessment => 6,
            // Bits: there, there, there, and elsewhere.
            Self::Storage => 16,
            _ => 2,
        }
    }

    /// Whether steps lead from one value to another.
    fn leads(self, from: usize, to: usize) -> bool {
        match self {
            Self::PublicBody | Self::Group | Self::Health | Self::Count | Self::Reading => from == to,
            Self::ClearText | Self::Storage => true,
            Self::Clauses | Self::Consent => to >= from,
            // Bits: an old item, and one of today. A new one can be had where nobody adds the term only if there is an old one.
            Self::OldClauses | Self::Approval => to & from == from && (to & 1) == (from & 1) && (from > 0 || to == 0 || self.addable()),
            // Time passes, and what is of today is old then.
            Self::Filing => to & from == from,
            // An unsound assessment is worth none; what one found wanting abroad, only measures change.
            Self::Assessment => from == to || from == 0 || from == 4 && to > 0 || matches!(from, 1 | 5) && to == 2,
        }
    }

    fn addable(self) -> bool {
        let (scheme, id) = match self {
            Self::OldClauses => (Scheme::Contract, "eu.scc-2010"),
            _ => (Scheme::Approval, "cn.security-assessment"),
        };
        let words = vocabulary();
        words.entry(words.find(scheme, id).unwrap()).unwrap().step
    }

    /// Writes a value into a flow.
    fn put(self, value: usize, flow: &mut Flow, day: Date) {
        let words = vocabulary();
        let key = |path: &str| words.key(path).unwrap();
        let mut flag = |path: &str, value: bool| flow.facts.insert(key(path), Value::Flag(value));
        match self {
            Self::PublicBody => drop(flag("exporter.public_body", value == 1)),
            Self::Group => drop(flag("importer.group", value == 1)),
            Self::ClearText => drop(flag("importer.reads_clear_text", value == 1)),
            Self::Consent => {
                flag("safeguards.consent", value > 0);
                flag("safeguards.consent.explicit", value == 2);
            }
            Self::Assessment => {
                flag("safeguards.assessment", value > 0);
                let result = words.find(Scheme::AssessmentResult, ASSESSMENTS[value]).unwrap();
                flow.facts.insert(key("safeguards.assessment.result"), Value::One(result));
            }
            Self::Health => {
                let terms = ["health", "contact"].iter().enumerate().filter(|(bit, _)| value & (1 << bit) != 0);
                let set: Bits = terms.map(|(_, id)| words.find(Scheme::Category, id).unwrap().index()).collect();
                flow.facts.insert(key("data.categories"), Value::Many(set));
            }
            Self::Count => drop(flow.facts.insert(key("subjects.count"), Value::Count([5, 50, 500][value]))),
            Self::Clauses => items(flow, "safeguards.contracts", "eu.scc-2021/2", &[None, Some(day)][value..=value]),
            Self::OldClauses => items(flow, "safeguards.contracts", "eu.scc-2010", &dated(value, date(2019, 1, 1), day)),
            Self::Approval => items(flow, "safeguards.approvals", "cn.security-assessment", &dated(value, date(2010, 1, 1), day)),
            Self::Filing => items(flow, "safeguards.filings", "ru.transfer-notice", &dated(value, date(2010, 1, 1), day)),
            Self::Reading => {}
            Self::Storage => {
                let terms = ["CN", "RU", "BR", "FR"].iter().enumerate().filter(|(bit, _)| value & (1 << bit) != 0);
                let set: Bits = terms.map(|(_, id)| words.find(Scheme::Place, id).unwrap().index()).collect();
                flow.facts.insert(key("route.storage"), Value::Many(set));
            }
        }
    }

    /// The steps that lead from one value to another, as key paths.
    fn steps(self, from: usize, to: usize) -> Vec<&'static str> {
        let new = |bit: usize| to & bit != 0 && from & bit == 0;
        match self {
            _ if from == to => Vec::new(),
            Self::PublicBody | Self::Group | Self::Health | Self::Count | Self::Reading => Vec::new(),
            Self::ClearText => vec!["importer.reads_clear_text"],
            Self::Clauses => vec!["safeguards.contracts+eu.scc-2021/2"],
            Self::OldClauses => vec!["safeguards.contracts+eu.scc-2010"],
            Self::Approval => vec!["safeguards.approvals+cn.security-assessment"],
            // An old one is had by filing, if need be, and waiting.
            Self::Filing => {
                let filed = new(2) || new(1) && from & 2 == 0;
                let steps = [(filed, "safeguards.filings+ru.transfer-notice"), (new(1), "on")];
                steps.into_iter().filter(|(taken, _)| *taken).map(|(_, step)| step).collect()
            }
            Self::Consent if to == 2 => vec!["safeguards.consent.explicit"],
            Self::Consent => vec!["safeguards.consent"],
            Self::Assessment if from == 0 => vec!["safeguards.assessment"],
            Self::Assessment => vec!["safeguards.assessment.result"],
            // What is added is named in the step; people move data, wherever to.
            Self::Storage => vec!["route.storage"],
        }
    }
}

/// The days of items of a value whose bits are an old one and one of today.
fn dated(value: usize, old: Date, day: Date) -> [Option<Date>; 2] {
    [(value & 1 != 0).then_some(old), (value & 2 != 0).then_some(day)]
}

fn items(flow: &mut Flow, list: &str, id: &str, days: &[Option<Date>]) {
    let words = vocabulary();
    let key = words.key(list).unwrap();
    let Some(KeyKind::Many(scheme)) = words.key_at(key).map(|key| key.kind) else { panic!("{list} is a list") };
    let term = words.find(scheme, id).unwrap();
    let Value::Many(set) = flow.facts.entry(key).or_insert(Value::Many(Bits::EMPTY)) else { panic!("{list} is a set") };
    for on in days.iter().flatten() {
        set.insert(term.index());
        flow.items.push(Item { key, term, on: Some(*on), until: None, reference: None });
    }
}

/// All flows over some facts.
pub struct World {
    atoms: Vec<Atom>,
}

impl World {
    pub fn new(atoms: &[Atom]) -> Self {
        Self { atoms: atoms.to_vec() }
    }

    pub fn size(&self) -> usize {
        self.atoms.iter().map(|atom| atom.values()).product()
    }

    fn values(&self, at: usize) -> Vec<usize> {
        let mut rest = at;
        self.atoms
            .iter()
            .map(|atom| {
                let value = rest % atom.values();
                rest /= atom.values();
                value
            })
            .collect()
    }

    pub fn flow(&self, at: usize, day: Date) -> Flow {
        let mut flow = Flow { id: "small".to_owned(), on: Some(day), under: vec!["xx.small".to_owned()], ..Flow::default() };
        for list in ["contracts", "approvals", "filings"] {
            flow.facts.insert(vocabulary().key(&format!("safeguards.{list}")).unwrap(), Value::Many(Bits::EMPTY));
        }
        for (atom, value) in self.atoms.iter().zip(self.values(at)) {
            atom.put(value, &mut flow, day);
        }
        flow
    }

    /// The steps that lead from one flow of a day to another.
    pub fn steps(&self, from: usize, to: usize) -> BTreeSet<&'static str> {
        let (from, to) = (self.values(from), self.values(to));
        self.atoms.iter().zip(from).zip(to).flat_map(|((atom, from), to)| atom.steps(from, to)).collect()
    }

    /// The facts of a flow that can be unknown, by their place among the facts of the world.
    pub fn askable(&self) -> Vec<usize> {
        let unknown = [Atom::PublicBody, Atom::Group, Atom::ClearText, Atom::Health, Atom::Count, Atom::Reading];
        (0..self.atoms.len()).filter(|place| unknown.contains(&self.atoms[*place])).collect()
    }

    /// A flow of which some facts are unknown.
    pub fn flow_without(&self, at: usize, hidden: &[usize], day: Date) -> Flow {
        let mut flow = self.flow(at, day);
        for place in hidden {
            let path = match self.atoms[*place] {
                Atom::PublicBody => "exporter.public_body",
                Atom::Group => "importer.group",
                Atom::ClearText => "importer.reads_clear_text",
                Atom::Health => "data.categories",
                Atom::Count => "subjects.count",
                _ => continue,
            };
            flow.facts.remove(&vocabulary().key(path).unwrap());
        }
        flow
    }

    /// The flows that differ from one in some facts only, and in any way.
    pub fn completions(&self, at: usize, hidden: &[usize]) -> Vec<usize> {
        let from = self.values(at);
        let alike =
            |to: &usize| self.values(*to).iter().zip(&from).enumerate().all(|(place, (to, from))| to == from || hidden.contains(&place));
        (0..self.size()).filter(alike).collect()
    }

    /// Where the reading stands among the facts, if the world has it.
    pub fn reading(&self) -> Option<usize> {
        self.atoms.iter().position(|atom| *atom == Atom::Reading)
    }

    pub fn readings(&self, at: usize) -> Vec<(String, String, String)> {
        let all = self.atoms.iter().zip(self.values(at)).filter(|(atom, _)| **atom == Atom::Reading);
        all.map(|(_, value)| ("xx.small".to_owned(), "which".to_owned(), ["narrow", "wide"][value].to_owned())).collect()
    }

    /// The flows of the same day that steps lead to; flows are numbered day by day.
    pub fn reachable(&self, at: usize, days: &[Date]) -> impl Iterator<Item = usize> + '_ {
        let size = self.size();
        assert!(at < size * days.len());
        let (day, from) = (at / size, self.values(at % size));
        (0..size)
            .filter(move |to| self.atoms.iter().zip(&from).zip(self.values(*to)).all(|((atom, from), to)| atom.leads(*from, to)))
            .map(move |to| day * size + to)
    }
}

/// One provision of a small law.
#[derive(Clone, Debug)]
pub struct Provision {
    pub word: &'static str,
    pub id: String,
    pub mechanism: &'static str,
    pub targets: Vec<String>,
    pub clauses: Vec<(&'static str, String)>,
}

impl Provision {
    fn text(&self, word: &str) -> String {
        let mut text = format!("  {word} {}", self.id);
        match word {
            "permit" => text.push_str(&format!(" by {}", self.mechanism)),
            "exception" => text.push_str(&format!(" to {}", self.targets.join(", "))),
            "duty" => text.push_str(" on exporter"),
            _ => {}
        }
        text.push_str(" cite \"s\"");
        for (word, condition) in &self.clauses {
            text.push_str(&format!(" {word} {condition}"));
        }
        text + "\n"
    }
}

/// A small law.
#[derive(Clone, Debug)]
pub struct Law {
    pub provisions: Vec<Provision>,
}

impl Law {
    pub fn random(dice: &mut Dice, atoms: &[Atom]) -> Self {
        let mut law = Self { provisions: Vec::new() };
        for number in 0..3 + dice.below(6) {
            let word = match number {
                0 => "applies",
                1 => "restrict",
                _ => *dice.pick(&[
                    "permit",
                    "permit",
                    "permit",
                    "permit",
                    "require",
                    "require",
                    "require",
                    "forbid",
                    "exception",
                    "exception",
                    "define",
                    "define",
                    "outside",
                    "oblige",
                    "duty",
                    "restrict",
                ]),
            };
            let most = if number < 2 { 2 } else { 3 };
            let clauses = (0..dice.below(most) + usize::from(number > 1))
                .map(|_| (*dice.pick(&["when", "when", "needs", "needs", "unless"]), law.condition(dice, atoms, 0)))
                .collect();
            let targets = if word == "exception" { vec![format!("p{}", dice.below(number))] } else { Vec::new() };
            let mechanism = *dice.pick(&["adequacy", "bcr"]);
            law.provisions.push(Provision { word, id: format!("p{number}"), mechanism, targets, clauses });
        }
        law
    }

    fn condition(&self, dice: &mut Dice, atoms: &[Atom], depth: usize) -> String {
        let of = |word: &str| -> Vec<&Provision> { self.provisions.iter().filter(|provision| provision.word == word).collect() };
        match dice.below(if depth > 1 { 4 } else { 9 }) {
            0 => format!("not {}", Self::plain(dice, atoms)),
            4 => format!("({} and {})", self.condition(dice, atoms, depth + 1), self.condition(dice, atoms, depth + 1)),
            5 => format!("({} or {})", self.condition(dice, atoms, depth + 1), self.condition(dice, atoms, depth + 1)),
            6 if !of("define").is_empty() => dice.pick(&of("define")).id.clone(),
            7 if !of("permit").is_empty() => {
                let state = *dice.pick(&["satisfied", "open"]);
                let quantity = *dice.pick(&["any", "none"]);
                format!("{quantity} of ({}) is {state}", dice.pick(&of("permit")).id)
            }
            _ => Self::plain(dice, atoms).to_owned(),
        }
    }

    fn plain(dice: &mut Dice, atoms: &[Atom]) -> &'static str {
        let conditions = dice.pick(atoms).conditions();
        dice.pick::<&str>(conditions)
    }

    pub fn named(&self, id: &str) -> &Provision {
        self.provisions.iter().find(|provision| provision.id == id).unwrap()
    }

    /// Whether a condition names a provision.
    pub fn uses(&self, id: &str) -> bool {
        let mut clauses = self.provisions.iter().flat_map(|provision| &provision.clauses);
        clauses.any(|(_, condition)| condition.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == id))
    }

    pub fn without(&self, position: usize) -> Self {
        let mut less = self.clone();
        less.provisions.remove(position);
        less
    }

    pub fn text(&self) -> String {
        instrument(&self.provisions.iter().map(|provision| provision.text(provision.word)).collect::<String>())
    }

    /// A law that fails exactly where the provision holds; where a `require` is not met, for that.
    pub fn probe(&self, provision: &Provision) -> String {
        self.test(provision, true)
    }

    /// As a probe, without the exceptions to the provision, and without what a `require` needs.
    pub fn alone(&self, provision: &Provision) -> String {
        let mut own = provision.clone();
        own.clauses.retain(|(word, _)| own.word != "require" || *word != "needs");
        self.test(&Provision { word: "forbid", ..own }, false)
    }

    /// As alone, of a provision with one `unless` turned into a condition and the others left out.
    pub fn turned(&self, provision: &Provision, number: usize) -> String {
        let mut own = provision.clone();
        own.clauses[number].0 = "when";
        own.clauses.retain(|(word, _)| *word != "unless");
        self.alone(&own)
    }

    fn test(&self, provision: &Provision, exceptions: bool) -> String {
        let mut text = "  applies test-scope cite \"s\" when always\n".to_owned();
        if provision.word == "require" {
            text.push_str("  restrict test-all cite \"s\" when always\n  permit test-way by treaty cite \"s\" when always\n");
            text.push_str(&provision.text("require"));
        } else {
            text.push_str(&provision.text("forbid"));
        }
        for other in self.provisions.iter().filter(|other| other.id != provision.id) {
            let kept = match other.word {
                "define" | "permit" => true,
                "exception" => exceptions || !other.targets.contains(&provision.id),
                _ => false,
            };
            if kept {
                text.push_str(&other.text(other.word));
            }
        }
        instrument(&text)
    }

    /// A law that fails exactly where this one governs.
    pub fn governs(&self) -> String {
        let kept = self.provisions.iter().filter(|other| matches!(other.word, "applies" | "outside" | "define" | "permit" | "exception"));
        let text: String = kept.map(|provision| provision.text(provision.word)).collect();
        instrument(&format!("{text}  forbid test-all cite \"s\" when always\n"))
    }
}

fn instrument(provisions: &str) -> String {
    format!(
        "instrument xx.small \"Small\" {{\n  kind law cite \"S\" of FR in force 2020-01-01\n  \
         reading which \"Which?\" {{ option narrow \"so\" cite \"a\" option wide \"or so\" cite \"b\" }}\n{provisions}}}\n"
    )
}

/// Reads a law that is known to be well formed.
pub fn read(text: &str) -> Library {
    let (library, problems) = Library::read([("small.law".to_owned(), text.to_owned())]);
    assert!(problems.is_empty(), "{problems:?} in\n{text}");
    library
}
