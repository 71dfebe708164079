// SPDX-License-Identifier: Apache-2.0
//! Checks of a whole library: names, citations, versions, circles, stale rows.
//!
//! Conflicts, gaps and provisions that can never matter need the decision diagram and are found there.

use crate::ast::{Condition, ConditionKind, Effect, Instrument, Kind, Name, Provision};
use crate::diagnostic::Diagnostic;
use crate::library::Library;
use comity_terms::{nearest, vocabulary};
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is wrong or doubtful in a library; `today` tells which rows of tables have expired.
#[must_use]
pub fn check(library: &Library, today: Date) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for instrument in &library.instruments {
        citations(instrument, &mut found);
        versions(instrument, &mut found);
        names(library, instrument, &mut found);
        circles(instrument, &mut found);
        unused(instrument, &mut found);
        cases(instrument, &mut found);
    }
    references(library, &mut found);
    rows(library, today, &mut found);
    found.sort_by_key(|diagnostic| (diagnostic.source, diagnostic.span.start));
    found
}

fn citations(instrument: &Instrument, found: &mut Vec<Diagnostic>) {
    let source = instrument.source;
    if instrument.cites.is_empty() {
        let message = format!("instrument `{}` has no citation", instrument.id.text);
        found.push(Diagnostic::error("missing-citation", source, instrument.id.span, message).help("add `cite \"…\"` to its header"));
    }
    if instrument.in_force.is_none() && matches!(instrument.kind, Kind::Law | Kind::Treaty | Kind::Clauses) {
        let message = format!("{} `{}` does not say since when it is in force", instrument.kind.word(), instrument.id.text);
        found.push(Diagnostic::error("in-force", source, instrument.id.span, message).help("add `in force DATE` to its header"));
    }
    for provision in instrument.provisions.iter().filter(|provision| provision.cites.is_empty()) {
        let message = format!("{} `{}` has no citation", provision.effect.word(), provision.id.text);
        found.push(
            Diagnostic::error("missing-citation", provision.source, provision.id.span, message)
                .help("add `cite \"…\"` before its first clause"),
        );
    }
    for reading in &instrument.readings {
        for option in reading.options.iter().filter(|option| option.cites.is_empty()) {
            let message = format!("option `{}` of reading `{}` does not say who reads it so", option.id.text, reading.id.text);
            found.push(Diagnostic::error("missing-citation", source, option.id.span, message));
        }
    }
}

fn versions(instrument: &Instrument, found: &mut Vec<Diagnostic>) {
    // Rights, clocks and penalties are declarations that nothing refers to: a right and its clock may share a name.
    let mut by_id: BTreeMap<(&str, &str), Vec<&Provision>> = BTreeMap::new();
    for provision in &instrument.provisions {
        let family = match provision.effect {
            Effect::Right | Effect::Clock(..) | Effect::Penalty(_) => provision.effect.word(),
            _ => "",
        };
        by_id.entry((family, &provision.id.text)).or_default().push(provision);
    }
    for ((_, id), versions) in by_id {
        for (index, later) in versions.iter().enumerate() {
            let clash = versions.iter().take(index).any(|earlier| match (instrument.force_of(earlier), instrument.force_of(later)) {
                (Some(a), Some(b)) => a.overlaps(&b),
                _ => true,
            });
            if clash {
                let message = format!("`{id}` stands twice with days in force that overlap");
                let diagnostic = Diagnostic::error("overlapping-versions", later.source, later.id.span, message);
                found.push(diagnostic.help("give each version its own `in force DATE until DATE`, or another name"));
            }
        }
    }
}

/// Calls `visit` on a condition and all conditions inside it.
pub(crate) fn walk<'a>(condition: &'a Condition, visit: &mut impl FnMut(&'a Condition)) {
    visit(condition);
    match &condition.kind {
        ConditionKind::All(parts) | ConditionKind::Any(parts) => parts.iter().for_each(|part| walk(part, visit)),
        ConditionKind::Not(inner) => walk(inner, visit),
        _ => {}
    }
}

fn conditions(provision: &Provision) -> Vec<&Condition> {
    let mut all = Vec::new();
    for clause in &provision.clauses {
        walk(&clause.condition, &mut |condition| all.push(condition));
    }
    all
}

fn ids(instrument: &Instrument, keep: impl Fn(&Effect) -> bool) -> Vec<&str> {
    instrument.provisions.iter().filter(|provision| keep(&provision.effect)).map(|provision| provision.id.text.as_str()).collect()
}

fn names(library: &Library, instrument: &Instrument, found: &mut Vec<Diagnostic>) {
    let definitions = ids(instrument, |effect| *effect == Effect::Define);
    let permits = ids(instrument, |effect| matches!(effect, Effect::Permit(_)));
    let all = ids(instrument, |_| true);
    let instruments: Vec<&str> = library.instruments.iter().map(|instrument| instrument.id.text.as_str()).collect();
    let model = instrument.adapts.as_ref().and_then(|model| library.instrument(&model.text));
    let mut look = |user: &Provision, name: &Name, known: &[&str], what: &str| {
        if known.contains(&name.text.as_str()) {
            return;
        }
        let message = format!("`{}` is not {what} of `{}`", name.text, instrument.id.text);
        // What is adopted stands in the source of the model, and its faults are there, unless the edits left out what it names.
        let adopted =
            user.source != instrument.source || user.id.span.start < instrument.span.start || user.id.span.start > instrument.span.end;
        if let Some(model) = model.filter(|model| adopted && model.provision(&name.text).is_some()) {
            let help = format!("`{}` of `{}` names it: adopt it too, or replace `{}`", user.id.text, model.id.text, user.id.text);
            found.push(Diagnostic::error("unknown-name", instrument.source, instrument.id.span, message).help(help));
        } else {
            let diagnostic = Diagnostic::error("unknown-name", user.source, name.span, message);
            found.push(diagnostic.did_you_mean(nearest(&name.text, known.iter().copied())));
        }
    };
    for provision in &instrument.provisions {
        if let Effect::Exception(targets) = &provision.effect {
            targets.iter().for_each(|target| look(provision, target, &all, "a provision"));
        }
        for condition in conditions(provision) {
            match &condition.kind {
                ConditionKind::Definition(name) => look(provision, name, &definitions, "a definition"),
                ConditionKind::Mechanisms(_, names, _) => names.iter().for_each(|name| look(provision, name, &permits, "a permit")),
                ConditionKind::Reading(reading, option) => {
                    let readings: Vec<&str> = instrument.readings.iter().map(|reading| reading.id.text.as_str()).collect();
                    look(provision, reading, &readings, "a reading");
                    if let Some(reading) = instrument.readings.iter().find(|other| other.id.text == reading.text) {
                        let options: Vec<&str> = reading.options.iter().map(|option| option.id.text.as_str()).collect();
                        look(provision, option, &options, &format!("an option of reading `{}`", reading.id.text));
                    }
                }
                _ => {}
            }
        }
    }
    for provision in &instrument.provisions {
        for condition in conditions(provision) {
            if let ConditionKind::Instrument(name) = &condition.kind
                && !instruments.contains(&name.text.as_str())
            {
                found.push(unknown_instrument(provision, name, &instruments));
            }
        }
    }
}

/// A dotted word that is neither: a key that is spelled nearly so is likelier meant than an instrument farther off.
fn unknown_instrument(provision: &Provision, name: &Name, instruments: &[&str]) -> Diagnostic {
    let keys = vocabulary().keys().iter().map(|key| key.path.as_str());
    let near = nearest(&name.text, instruments.iter().copied().chain(keys));
    let is_key = near.is_some_and(|near| vocabulary().key(near).is_some());
    let (code, message) = if is_key {
        ("unknown-key", format!("`{}` is neither a key nor an instrument of the library", name.text))
    } else {
        ("unknown-instrument", format!("instrument `{}` is not in the library", name.text))
    };
    let diagnostic = Diagnostic::error(code, provision.source, name.span, message);
    if near.is_some() {
        return diagnostic.did_you_mean(near);
    }
    diagnostic.help("`comity terms keys` lists the keys, `comity law list` the instruments")
}

/// Names used by each provision within its instrument: definitions, mechanisms asked for, targets of exceptions.
fn circles(instrument: &Instrument, found: &mut Vec<Diagnostic>) {
    let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for provision in &instrument.provisions {
        let entry = uses.entry(&provision.id.text).or_default();
        for condition in conditions(provision) {
            match &condition.kind {
                ConditionKind::Definition(name) => {
                    entry.insert(&name.text);
                }
                ConditionKind::Mechanisms(_, names, _) => entry.extend(names.iter().map(|name| name.text.as_str())),
                _ => {}
            }
        }
    }
    for provision in &instrument.provisions {
        if let Effect::Exception(targets) = &provision.effect {
            for target in targets {
                uses.entry(&target.text).or_default().insert(&provision.id.text);
            }
        }
    }
    for (start, _) in uses.clone() {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&str> = uses.get(start).into_iter().flatten().copied().collect();
        while let Some(name) = next.pop() {
            if name == start {
                let (source, span) = instrument
                    .provision(start)
                    .map_or((instrument.source, instrument.id.span), |provision| (provision.source, provision.id.span));
                let message = format!("`{start}` depends on itself");
                found.push(Diagnostic::error("circle", source, span, message).help("an instrument has no recursion: break the circle"));
                break;
            }
            if seen.insert(name) {
                next.extend(uses.get(name).into_iter().flatten().copied());
            }
        }
    }
}

fn references(library: &Library, found: &mut Vec<Diagnostic>) {
    let mut uses: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for instrument in &library.instruments {
        let entry = uses.entry(&instrument.id.text).or_default();
        for provision in
            instrument.provisions.iter().filter(|provision| provision.effect == Effect::Serves || !instrument.provisions.is_empty())
        {
            for condition in conditions(provision) {
                if let ConditionKind::Instrument(name) = &condition.kind {
                    entry.insert(&name.text);
                }
            }
        }
    }
    for instrument in &library.instruments {
        let start = instrument.id.text.as_str();
        let mut seen = BTreeSet::new();
        let mut next: Vec<&str> = uses.get(start).into_iter().flatten().copied().collect();
        while let Some(name) = next.pop() {
            if name == start {
                let message = format!("instrument `{start}` refers to itself by way of others");
                found.push(Diagnostic::error("circle", instrument.source, instrument.id.span, message));
                break;
            }
            if seen.insert(name) {
                next.extend(uses.get(name).into_iter().flatten().copied());
            }
        }
    }
}

fn unused(instrument: &Instrument, found: &mut Vec<Diagnostic>) {
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for condition in instrument.provisions.iter().flat_map(conditions) {
        match &condition.kind {
            ConditionKind::Definition(name) | ConditionKind::Reading(name, _) => {
                used.insert(&name.text);
            }
            _ => {}
        }
    }
    for provision in instrument.provisions.iter().filter(|provision| provision.effect == Effect::Define) {
        if !used.contains(provision.id.text.as_str()) {
            let message = format!("definition `{}` is never used", provision.id.text);
            found.push(Diagnostic::warning("unused", provision.source, provision.id.span, message));
        }
    }
    // The readings of a model are told of once, with the model.
    for reading in instrument.readings.iter().filter(|_| instrument.adapts.is_none()) {
        if !used.contains(reading.id.text.as_str()) {
            let message = format!("reading `{}` is never used", reading.id.text);
            found.push(Diagnostic::warning("unused", instrument.source, reading.id.span, message));
        }
    }
}

fn cases(instrument: &Instrument, found: &mut Vec<Diagnostic>) {
    for case in instrument.cases.iter().filter(|case| case.on.is_none()) {
        let message = format!("case \"{}\" has no day", case.title);
        found.push(Diagnostic::error("case", instrument.source, case.span, message).help("add `on DATE`: law has no today"));
    }
}

fn rows(library: &Library, today: Date, found: &mut Vec<Diagnostic>) {
    for row in &library.recognitions {
        if row.of.terms.is_empty() && row.of.groups.is_empty() {
            found.push(Diagnostic::error("table", row.source, row.span, "a row recognizes nobody: column `of` is empty"));
        }
        // A row that ended because something followed it is history; one that ran out and has no successor needs a look.
        let ended = row.in_force.until.filter(|until| *until <= today);
        let succeeded = ended.is_some_and(|until| {
            library.recognitions.iter().any(|other| {
                other.by == row.by
                    && other.of == row.of
                    && other.kind == row.kind
                    && other.in_force.from <= until
                    && other.in_force.until.is_none_or(|end| end > today)
            })
        });
        if let Some(until) = ended
            && !succeeded
            && row.note.is_empty()
        {
            let message = format!("the row ended on {until} and none follows it");
            found.push(Diagnostic::warning("expired-row", row.source, row.span, message).help("say in column `note` what ended it"));
        }
    }
}
