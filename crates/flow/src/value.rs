// SPDX-License-Identifier: Apache-2.0
//! Values of the vocabulary: a term, a set of terms, and whatever the kind of a key asks for.

use crate::Value;
use crate::node::{Kind, Node};
use crate::problem::{did_you_mean, listed, with_article};
use crate::reader::{Reader, null_help};
use comity_terms::nearest;
use comity_terms::{Bits, KeyKind, Scheme, Term, Vocabulary};

/// Longer texts are no slip of a known id.
const LONGEST_ID: usize = 64;
/// A scheme of up to this many terms is listed whole in the help.
const FEW: usize = 8;

impl Reader {
    /// The value of a key of this kind.
    pub(crate) fn value(&mut self, path: &str, kind: KeyKind, node: &Node) -> Option<Value> {
        match kind {
            KeyKind::Flag => self.flag(path, node).map(Value::Flag),
            KeyKind::Count => self.count(path, node).map(Value::Count),
            KeyKind::Day => self.day(path, node).map(Value::Day),
            KeyKind::One(scheme) => self.term(path, scheme, node).map(Value::One),
            KeyKind::Many(scheme) => self.terms(path, scheme, node).map(Value::Many),
        }
    }

    /// One term.
    pub(crate) fn term(&mut self, path: &str, scheme: Scheme, node: &Node) -> Option<Term> {
        let Kind::Text(text) = &node.kind else {
            let help = match node.kind {
                Kind::List(_) => Some("write one value, without brackets".to_owned()),
                _ => null_help(node),
            };
            self.mismatch(path, node, &with_article(scheme.noun()), help);
            return None;
        };
        let found = match find(self.words, scheme, text) {
            // `none` stands for an assessment that was not made, which the file says by leaving the table out.
            Some(_) if text == "none" && matches!(scheme, Scheme::AssessmentKind | Scheme::AssessmentResult) => {
                let help = "where no assessment was made, leave out `[safeguards.assessment]`; leave out what is not known";
                self.mismatch(path, node, &with_article(scheme.noun()), Some(help.to_owned()));
                return None;
            }
            found => found,
        };
        if found.is_none() {
            self.mismatch(path, node, &with_article(scheme.noun()), help(self.words, scheme, text));
        }
        found
    }

    /// A set of terms: those listed and no others.
    pub(crate) fn terms(&mut self, path: &str, scheme: Scheme, node: &Node) -> Option<Bits> {
        let items = self.list(path, node, &format!("a list, each entry {}", with_article(scheme.noun())))?;
        Some(items.iter().filter_map(|item| self.term(path, scheme, item)).map(Term::index).collect())
    }
}

/// The term that a flow means by the text.
pub(crate) fn find(words: &Vocabulary, scheme: Scheme, text: &str) -> Option<Term> {
    match scheme {
        Scheme::Place => words.place(text),
        Scheme::Transaction if text.is_empty() => words.find(scheme, "none"),
        // A set of clauses with modules, named without one: the module that fits the roles.
        Scheme::Contract => words.find(scheme, &format!("{text}/*")).or_else(|| words.find(scheme, text)),
        _ => words.find(scheme, text),
    }
}

/// What to write instead of a text that is not a term.
fn help(words: &Vocabulary, scheme: Scheme, text: &str) -> Option<String> {
    let known = || words.entries(scheme).iter().map(|entry| entry.id.as_str());
    if text.len() <= LONGEST_ID {
        let special = match scheme {
            Scheme::Place => place_help(words, text),
            Scheme::Certificate => scopes(words, text),
            Scheme::Contract => modules(words, text),
            _ => None,
        };
        if let Some(help) = special.or_else(|| words.nearest(scheme, text).map(did_you_mean)) {
            return Some(help);
        }
    }
    let listable: Vec<&str> = known().filter(|id| *id != "none" || scheme == Scheme::LawfulBasis).collect();
    match scheme {
        Scheme::Place => Some("a place is a code of ISO 3166 such as `DE` or `CA-QC`; `comity terms place` lists them".to_owned()),
        _ if listable.len() <= FEW => Some(format!("expected one of {}", listed(listable))),
        _ => Some(format!("`comity terms {}` lists what is known", scheme.id())),
    }
}

/// A group, or the name of a place rather than its code.
fn place_help(words: &Vocabulary, text: &str) -> Option<String> {
    if text.starts_with('@') {
        return Some("groups of places stand in instruments only: list the places".to_owned());
    }
    let entries = words.entries(Scheme::Place);
    let is_name = text.chars().filter(|letter| letter.is_alphabetic()).count() > 3 && !text.contains(['-', ':']);
    let name = nearest(text, entries.iter().map(|entry| entry.label.as_str())).filter(|_| is_name)?;
    entries.iter().find(|entry| entry.label == name).map(|entry| did_you_mean(&entry.id))
}

/// The scopes of a known certificate.
fn scopes(words: &Vocabulary, text: &str) -> Option<String> {
    let (base, _) = text.split_once(':')?;
    words.find(Scheme::Certificate, base)?;
    let scopes = beginning(words, Scheme::Certificate, &format!("{base}:"));
    Some(match scopes.is_empty() {
        true => format!("`{base}` has no scopes"),
        false => format!("with a scope there is {}", listed(scopes)),
    })
}

/// The modules of a known set of clauses.
fn modules(words: &Vocabulary, text: &str) -> Option<String> {
    let (base, _) = text.split_once('/')?;
    words.find(Scheme::Contract, base)?;
    let modules = beginning(words, Scheme::Contract, &format!("{base}/"));
    let modules: Vec<&str> = modules.into_iter().filter(|id| !id.ends_with("/*")).collect();
    Some(match modules.is_empty() {
        true => format!("`{base}` has no modules"),
        false => format!("the modules are {}", listed(modules)),
    })
}

fn beginning<'w>(words: &'w Vocabulary, scheme: Scheme, prefix: &str) -> Vec<&'w str> {
    words.entries(scheme).iter().map(|entry| entry.id.as_str()).filter(|id| id.starts_with(prefix)).collect()
}
