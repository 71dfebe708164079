// SPDX-License-Identifier: Apache-2.0
//! The workload Transfer-N: N rules, and flows of which half come near a rule.
//!
//! Four general rules, one of them a prohibition, and N - 4 rules that each test origin, destination, purpose and, for
//! half of them, whether clauses are signed. The same rules are written in the language of each engine.

use comity_flow::{Flow, Item, Value};
use comity_terms::{Bits, Scheme, Term, vocabulary};
use jiff::civil::{Date, date};
use std::fmt::Write;

/// The day of all flows.
pub const DAY: Date = date(2024, 3, 1);
const ORIGINS: usize = 60;
const DESTINATIONS: usize = 200;
const PURPOSES: usize = 30;

/// A small generator with a seed: every run has the same rules and flows.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % bound.max(1)
    }
}

/// One of the N - 4 rules, as positions in the lists of terms.
#[derive(Clone, Copy)]
pub struct Rule {
    pub origin: usize,
    pub destination: usize,
    pub purpose: usize,
    pub clauses: bool,
}

/// The facts of one flow.
#[derive(Clone, Copy)]
pub struct Facts {
    pub origin: usize,
    pub destination: usize,
    pub purpose: usize,
    pub clauses: bool,
    pub consent: bool,
    pub direct: bool,
    pub health: bool,
    pub encrypted: bool,
}

/// Rules and flows for one N.
pub struct Workload {
    pub n: usize,
    pub places: Vec<Term>,
    pub purposes: Vec<Term>,
    pub adequate: Vec<usize>,
    pub rules: Vec<Rule>,
    pub flows: Vec<Facts>,
}

/// Terms without others below them, so that every engine can compare them for equality.
fn leaves(scheme: Scheme, keep: impl Fn(&str) -> bool) -> Vec<Term> {
    let words = vocabulary();
    let terms = words.all(scheme);
    terms
        .iter()
        .filter_map(|index| words.term_at(scheme, index))
        .filter(|term| words.below(*term).len() == 1 && keep(words.id(*term)))
        .collect()
}

impl Workload {
    pub fn new(n: usize, flows: usize) -> Self {
        let mut dice = Dice::new(7 + n as u64);
        let places: Vec<Term> = leaves(Scheme::Place, |id| id.len() == 2 && id != "EU").into_iter().take(DESTINATIONS).collect();
        let purposes: Vec<Term> = leaves(Scheme::Purpose, |_| true).into_iter().take(PURPOSES).collect();
        assert!(places.len() == DESTINATIONS && purposes.len() == PURPOSES, "the vocabulary has too few terms");
        let rules: Vec<Rule> = (4..n)
            .map(|_| Rule {
                origin: dice.below(ORIGINS),
                destination: dice.below(DESTINATIONS),
                purpose: dice.below(PURPOSES),
                clauses: dice.below(2) == 0,
            })
            .collect();
        let flows = (0..flows)
            .map(|_| {
                let near = (dice.below(2) == 0 && !rules.is_empty()).then(|| rules[dice.below(rules.len())]);
                Facts {
                    origin: near.map_or_else(|| dice.below(ORIGINS), |rule| rule.origin),
                    destination: near.map_or_else(|| dice.below(DESTINATIONS), |rule| rule.destination),
                    purpose: near.map_or_else(|| dice.below(PURPOSES), |rule| rule.purpose),
                    clauses: dice.below(2) == 0,
                    consent: dice.below(10) == 0,
                    direct: dice.below(10) == 0,
                    health: dice.below(4) == 0,
                    encrypted: dice.below(2) == 0,
                }
            })
            .collect();
        let adequate = (0..15).map(|_| dice.below(DESTINATIONS)).collect();
        Self { n, places, purposes, adequate, rules, flows }
    }

    pub fn place(&self, position: usize) -> &'static str {
        vocabulary().id(self.places[position])
    }

    pub fn purpose(&self, position: usize) -> &'static str {
        vocabulary().id(self.purposes[position])
    }

    fn adequate(&self, quote: &str) -> String {
        self.adequate.iter().map(|place| format!("{quote}{}{quote}", self.place(*place))).collect::<Vec<_>>().join(", ")
    }

    /// What the rules say, in plain code: the answer that every engine must give.
    pub fn answer(&self, facts: &Facts) -> bool {
        let blocked = facts.health && !facts.encrypted;
        let matches = |rule: &Rule| {
            rule.origin == facts.origin
                && rule.destination == facts.destination
                && rule.purpose == facts.purpose
                && (!rule.clauses || facts.clauses)
        };
        !blocked && (self.adequate.contains(&facts.destination) || facts.consent || facts.direct || self.rules.iter().any(matches))
    }

    /// The rules as an instrument.
    pub fn law(&self) -> String {
        let mut text = format!(
            "instrument bench.transfer \"Transfer\" {{\n  kind law cite \"T\" in force 2020-01-01\n  applies always-so cite \"0\" when always\n  \
             restrict all cite \"0\" when always\n  permit adequate by adequacy cite \"1\" when importer.seat in {{ {} }}\n  \
             permit consent by explicit-consent cite \"2\" needs safeguards.consent.explicit\n  \
             permit direct by transit cite \"3\" when route.direct_from_subject\n  \
             forbid special cite \"4\" when data.categories meets health unless measure encryption-in-transit\n",
            self.adequate("")
        );
        for (number, rule) in self.rules.iter().enumerate() {
            let needs = if rule.clauses { " needs contract eu.scc-2021" } else { "" };
            let (origin, destination, purpose) = (self.place(rule.origin), self.place(rule.destination), self.purpose(rule.purpose));
            let _ = writeln!(
                text,
                "  permit r{number} by standard-clauses cite \"{number}\" when exporter.seat is {origin} when importer.seat is {destination} \
                 when purpose.of has {purpose}{needs}"
            );
        }
        text.push_str("}\n");
        text
    }

    /// The rules as Cedar policies.
    pub fn cedar(&self) -> String {
        let mut text = format!(
            "permit (principal, action, resource) when {{ [{}].contains(context.destination) }};\n\
             permit (principal, action, resource) when {{ context.consent }};\n\
             permit (principal, action, resource) when {{ context.direct }};\n\
             forbid (principal, action, resource) when {{ context.health && !context.encrypted }};\n",
            self.adequate("\"")
        );
        for rule in &self.rules {
            let clauses = if rule.clauses { " && context.clauses" } else { "" };
            let (origin, destination, purpose) = (self.place(rule.origin), self.place(rule.destination), self.purpose(rule.purpose));
            let _ = writeln!(
                text,
                "permit (principal, action, resource) when {{ context.origin == \"{origin}\" && context.destination == \"{destination}\" \
                 && context.purpose == \"{purpose}\"{clauses} }};"
            );
        }
        text
    }

    /// The rules as Rego modules of one package: regorus takes modules up to a size.
    pub fn rego(&self) -> Vec<String> {
        const HEAD: &str = "package bench\n\nimport rego.v1\n\n";
        let general = format!(
            "{HEAD}default allow := false\n\nallow if {{\n  not deny\n  permit\n}}\n\n\
             deny if {{\n  input.health\n  not input.encrypted\n}}\n\n\
             permit if input.destination in {{{}}}\n\npermit if input.consent\n\npermit if input.direct\n",
            self.adequate("\"")
        );
        let modules = self.rules.chunks(2_000).map(|rules| {
            let mut text = HEAD.to_owned();
            for rule in rules {
                let clauses = if rule.clauses { "\n  input.clauses" } else { "" };
                let (origin, destination, purpose) = (self.place(rule.origin), self.place(rule.destination), self.purpose(rule.purpose));
                let _ = writeln!(
                    text,
                    "permit if {{\n  input.origin == \"{origin}\"\n  input.destination == \"{destination}\"\n  input.purpose == \"{purpose}\"{clauses}\n}}\n"
                );
            }
            text
        });
        std::iter::once(general).chain(modules).collect()
    }

    /// A flow as Comity takes it.
    pub fn flow(&self, facts: &Facts) -> Flow {
        let words = vocabulary();
        let find = |scheme, id: &str| words.find(scheme, id).unwrap_or_else(|| panic!("`{id}` is a term"));
        let single = |term: Term| Bits::single(term.index());
        let set = |term: Term, there: bool| Value::Many(if there { single(term) } else { Bits::EMPTY });
        let clauses = find(Scheme::Contract, "eu.scc-2021/2");
        let mut flow = Flow { id: "bench".to_owned(), on: Some(DAY), under: vec!["bench.transfer".to_owned()], ..Flow::default() };
        for (path, value) in [
            ("exporter.seat", Value::One(self.places[facts.origin])),
            ("importer.seat", Value::One(self.places[facts.destination])),
            ("purpose.of", Value::Many(single(self.purposes[facts.purpose]))),
            ("safeguards.contracts", set(clauses, facts.clauses)),
            ("safeguards.consent", Value::Flag(facts.consent)),
            ("safeguards.consent.explicit", Value::Flag(facts.consent)),
            ("route.direct_from_subject", Value::Flag(facts.direct)),
            ("data.categories", Value::Many(single(find(Scheme::Category, if facts.health { "health" } else { "contact" })))),
            ("safeguards.measures", set(find(Scheme::Measure, "encryption-in-transit"), facts.encrypted)),
        ] {
            let key = words.key(path).unwrap_or_else(|| panic!("`{path}` is a key"));
            flow.facts.insert(key, value);
        }
        if facts.clauses
            && let Some(key) = words.key("safeguards.contracts")
        {
            flow.items.push(Item { key, term: clauses, on: None, until: None, reference: None });
        }
        flow
    }

    /// A flow as JSON, for the engines that take it so.
    pub fn json(&self, facts: &Facts) -> serde_json::Value {
        serde_json::json!({
            "origin": self.place(facts.origin), "destination": self.place(facts.destination), "purpose": self.purpose(facts.purpose),
            "clauses": facts.clauses, "consent": facts.consent, "direct": facts.direct, "health": facts.health, "encrypted": facts.encrypted,
        })
    }
}
