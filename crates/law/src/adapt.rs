// SPDX-License-Identifier: Apache-2.0
//! Adaptations: a national law that adopts, omits, replaces and adds to the provisions of a model.

use crate::ast::{ConditionKind, Edit, Effect, Instrument, Name, Provision};
use crate::check::walk;
use crate::diagnostic::Diagnostic;
use comity_terms::nearest;

/// Gives each adapting instrument the provisions that its edits leave.
///
/// A model may itself adapt another; a circle of models is an error.
pub(crate) fn resolve(instruments: &mut [Instrument], diagnostics: &mut Vec<Diagnostic>) {
    let mut waiting: Vec<usize> =
        instruments.iter().enumerate().filter(|(_, instrument)| instrument.adapts.is_some()).map(|(index, _)| index).collect();
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|index| {
            let model = instruments.get(*index).and_then(|instrument| instrument.adapts.as_ref()).map(|model| model.text.clone());
            !waiting.iter().any(|other| instruments.get(*other).map(|other| &other.id.text) == model.as_ref())
        });
        let Some(ready) = ready else {
            for index in waiting {
                if let Some(instrument) = instruments.get(index) {
                    let message = format!("`{}` adapts itself by way of its models", instrument.id.text);
                    diagnostics.push(Diagnostic::error("adapts", instrument.source, instrument.id.span, message));
                }
            }
            return;
        };
        let index = waiting.remove(ready);
        let Some(instrument) = instruments.get(index) else { continue };
        let Some(wanted) = instrument.adapts.clone() else { continue };
        let model = instruments.iter().find(|other| other.id.text == wanted.text).cloned();
        let Some(model) = model else {
            let known = instruments.iter().map(|instrument| instrument.id.text.as_str());
            let message = format!("model `{}` is not in the library", wanted.text);
            let diagnostic = Diagnostic::error("unknown-instrument", instrument.source, wanted.span, message);
            diagnostics.push(diagnostic.did_you_mean(nearest(&wanted.text, known)));
            continue;
        };
        if let Some(instrument) = instruments.get_mut(index) {
            apply(instrument, &model, diagnostics);
        }
    }
}

fn apply(instrument: &mut Instrument, model: &Instrument, diagnostics: &mut Vec<Diagnostic>) {
    let source = instrument.source;
    let mut known = |name: &Name| {
        let found = model.provision(&name.text).is_some();
        if !found {
            let ids = model.provisions.iter().map(|provision| provision.id.text.as_str());
            let message = format!("`{}` is not a provision of `{}`", name.text, model.id.text);
            diagnostics.push(Diagnostic::error("unknown-name", source, name.span, message).did_you_mean(nearest(&name.text, ids)));
        }
        found
    };
    let mut adopted: Vec<Provision> = Vec::new();
    let mut touched: Vec<String> = Vec::new();
    for edit in &instrument.edits {
        match edit {
            Edit::Adopt(names) if names.is_empty() => adopted.extend(model.provisions.iter().cloned()),
            Edit::Adopt(names) => {
                for name in names.iter().filter(|name| known(name)) {
                    adopted.extend(model.provisions.iter().filter(|provision| provision.id.text == name.text).cloned());
                }
            }
            Edit::Omit(names) => touched.extend(names.iter().filter(|name| known(name)).map(|name| name.text.clone())),
            Edit::Replace(name, _) | Edit::SetClock(name, ..) => {
                if known(name) && matches!(edit, Edit::Replace(..)) {
                    touched.push(name.text.clone());
                }
            }
            Edit::Add(_) => {}
        }
    }
    adopted.retain(|provision| !touched.contains(&provision.id.text));
    for edit in &instrument.edits {
        match edit {
            Edit::Replace(_, provision) | Edit::Add(provision) => adopted.push((**provision).clone()),
            Edit::SetClock(name, period, cites) => {
                let mut set = false;
                for provision in adopted.iter_mut().filter(|provision| provision.id.text == name.text) {
                    if let Effect::Clock(current, _) = &mut provision.effect {
                        *current = *period;
                        provision.cites.clone_from(cites);
                        set = true;
                    }
                }
                // An unknown name has been reported; a period that nothing takes up must not pass in silence.
                if !set && model.provision(&name.text).is_some() {
                    let clocks = adopted.iter().filter(|provision| matches!(provision.effect, Effect::Clock(..)));
                    let near = nearest(&name.text, clocks.map(|provision| provision.id.text.as_str())).map(str::to_owned);
                    let message = format!("`{}` is not a clock that `{}` adopts from `{}`", name.text, instrument.id.text, model.id.text);
                    diagnostics.push(Diagnostic::error("adapts", source, name.span, message).did_you_mean(near.as_deref()));
                }
            }
            Edit::Adopt(_) | Edit::Omit(_) => {}
        }
    }
    bring_definitions(&mut adopted, &instrument.provisions, model, &touched);
    // Days in force of the model are the model's; what is adopted holds on the adapter's days.
    for provision in &mut adopted {
        if model.in_force.is_some() && provision.in_force == model.in_force {
            provision.in_force = None;
        }
    }
    adopted.append(&mut instrument.provisions);
    instrument.provisions = adopted;
    // A reading of its own takes the place of the model's of that name; the others come with what is adopted.
    let own: Vec<String> = instrument.readings.iter().map(|reading| reading.id.text.clone()).collect();
    instrument.readings.extend(model.readings.iter().filter(|reading| !own.contains(&reading.id.text)).cloned());
}

/// An article that is adopted by name brings the definitions of its model that it rests on, and those that they rest on;
/// what the edits omit or replace stays away.
fn bring_definitions(adopted: &mut Vec<Provision>, own: &[Provision], model: &Instrument, touched: &[String]) {
    loop {
        let mut wanted: Vec<String> = Vec::new();
        for clause in adopted.iter().chain(own).flat_map(|provision| &provision.clauses) {
            walk(&clause.condition, &mut |condition| {
                if let ConditionKind::Definition(name) = &condition.kind {
                    wanted.push(name.text.clone());
                }
            });
        }
        wanted.retain(|name| !touched.contains(name) && !adopted.iter().chain(own).any(|provision| provision.id.text == *name));
        let missing = |provision: &&Provision| provision.effect == Effect::Define && wanted.contains(&provision.id.text);
        let brought: Vec<Provision> = model.provisions.iter().filter(missing).cloned().collect();
        if brought.is_empty() {
            return;
        }
        adopted.extend(brought);
    }
}
