// SPDX-License-Identifier: Apache-2.0
//! Whether an instrument that governs nothing by itself, such as a treaty or standard clauses, is satisfied on a flow.
//!
//! Its cases say `=> satisfied` or `=> not-satisfied`. They are judged under rules that govern every flow and carry it
//! exactly where a reference to the instrument holds, so that they go the way of every law that refers to it.

use crate::finding::{Judgment, Verdict};
use crate::judgment::{Options, judge};
use comity_flow::Flow;
use comity_law::Library;
use comity_law::ast::{Effect, Instrument};
use comity_law::parse::parse;

const SATISFIED: &str = "satisfied";
const NOT_SATISFIED: &str = "not-satisfied";
const UNDETERMINED: &str = "undetermined";
/// The rules that do nothing but refer; no instrument of a library has a name of this form.
const RULES: &str = "case.reference";

/// Whether this word, expected by a case of the instrument, asks for the state of a reference and not for a verdict.
pub(super) fn is_asked(instrument: &Instrument, word: &str) -> bool {
    let has = |effect: &Effect| instrument.provisions.iter().any(|provision| provision.effect == *effect);
    [SATISFIED, NOT_SATISFIED].contains(&word) || (word == UNDETERMINED && has(&Effect::Serves) && !has(&Effect::Applies))
}

/// Judges the flow under rules that carry it where a reference to the instrument holds.
///
/// # Errors
///
/// In words, if the rules or the flow cannot be judged.
pub(super) fn judge_reference(library: &Library, instrument: &Instrument, mut flow: Flow, options: &Options) -> Result<Judgment, String> {
    let id = &instrument.id.text;
    let text = format!(
        "instrument {RULES} \"A law that refers\" {{ kind rules cite \"Case\" applies here cite \"Case\" when always \
         restrict here-too cite \"Case\" when always permit reference by comparable-protection cite \"Case\" needs {id} }}"
    );
    let (mut rules, problems) = parse(&text, instrument.source);
    let Some(rules) = rules.pop().filter(|_| problems.is_empty()) else {
        return Err(format!("`{id}` cannot be referred to"));
    };
    let mut world = library.clone();
    let position = world.instruments.partition_point(|other| other.id.text.as_str() < RULES);
    world.instruments.insert(position, rules);
    flow.under = vec![RULES.to_owned()];
    judge(&world, &flow, options).map_err(|error| error.to_string())
}

/// The state of the reference: satisfied or not in every completion of the flow, else `undetermined`.
pub(super) fn word(judgment: &Judgment) -> &'static str {
    let carried = judgment.possible.0.contains(&Verdict::Permitted);
    match (carried, judgment.possible.0.len()) {
        (true, 1) => SATISFIED,
        (true, _) => UNDETERMINED,
        (false, _) => NOT_SATISFIED,
    }
}
