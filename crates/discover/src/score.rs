// SPDX-License-Identifier: Apache-2.0
//! How sure a detector may be.
//!
//! Each detector is a hypothesis about the column. Under it, a value passes its test unless somebody mistyped it; under
//! the hypothesis that the column holds something else that looks alike, it passes by chance. Values are looked at as
//! independent, which they are not, so they count as at most `WEIGHT` together. The name of the column shifts the odds
//! before any value is looked at. The hypotheses exclude one another, and "something that is not known here" is one.

use crate::detector::{Detector, Identifier, Test};
use crate::family::{self, date};
use crate::header::Hint;
use crate::report::Proposal;
use crate::value::Value;
use comity_terms::{Scheme, vocabulary};

/// How many values of a column count as independent.
const WEIGHT: f64 = 30.0;
/// How many values pass of a column that is what it seems to be.
const CLEAN: f64 = 0.97;
/// The odds of a detector before anything is looked at, as a natural logarithm: one column in 150.
const BEFORE: f64 = -5.0;
/// What a hint of the header adds where values can be tested.
const FULLY: f64 = 7.0;
const PARTLY: f64 = 4.5;
/// What the header must add where it is all there is.
const HEADER_ONLY: f64 = -0.6;
/// What it takes away that the values do not look as the header says.
const CALLED: f64 = -2.2;
/// So many values are looked at before a detector is given up. The sample has no order, so the first are as good as others.
const FIRST: usize = 40;
/// Less is not worth proposing.
const LEAST: f64 = 0.05;

/// What is proposed for values under the hints of a header; `hints` are in the order of [`family::detectors`].
pub fn proposals(values: &[(Value<'_>, u64)], hints: &[Hint]) -> Vec<Proposal> {
    let scored: Vec<Scored> = family::detectors().zip(hints).filter_map(|(detector, hint)| score(detector, *hint, values)).collect();
    let (formats, things): (Vec<Scored>, Vec<Scored>) = scored.into_iter().partition(|scored| scored.detector.format);
    let mut out: Vec<Proposal> = Vec::new();
    share(&things, 1.0, &mut out);
    let left = 1.0 - out.iter().map(|proposal| proposal.confidence).sum::<f64>().min(1.0);
    share(&formats, left, &mut out);
    out.retain(|proposal| proposal.confidence >= LEAST);
    out.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    out
}

/// Shares what is to be shared among hypotheses that exclude one another.
fn share(scored: &[Scored], all: f64, out: &mut Vec<Proposal>) {
    let highest = scored.iter().map(|scored| scored.odds).fold(0.0_f64, f64::max);
    // The hypothesis of something unknown has the odds of one to one, before the others are weighed.
    let sum: f64 = scored.iter().map(|scored| (scored.odds - highest).exp()).sum::<f64>() + (-highest).exp();
    for scored in scored {
        let share = all * (scored.odds - highest).exp() / sum;
        let confidence = if scored.hint > Hint::Nothing { share } else { share.min(scored.detector.alone) };
        let proposal = scored.proposal(confidence);
        match out.iter_mut().find(|known| known.kind == proposal.kind) {
            // Two ways to see one thing do not compete.
            Some(known) if known.confidence >= proposal.confidence => known.confidence = (known.confidence + proposal.confidence).min(1.0),
            Some(known) => *known = Proposal { confidence: (known.confidence + proposal.confidence).min(1.0), ..proposal },
            None => out.push(proposal),
        }
    }
}

struct Scored {
    detector: &'static Detector,
    hint: Hint,
    odds: f64,
    passed: usize,
    looked: usize,
    spread: bool,
}

fn score(detector: &'static Detector, hint: Hint, values: &[(Value<'_>, u64)]) -> Option<Scored> {
    let says = match hint {
        Hint::Fully => FULLY,
        Hint::Partly => PARTLY,
        Hint::Nothing => 0.0,
        Hint::Against => return None,
    };
    let Test::Value(test) = detector.test else {
        let odds = BEFORE + says + HEADER_ONLY;
        return (hint > Hint::Nothing).then_some(Scored { detector, hint, odds, passed: 0, looked: 0, spread: false });
    };
    if hint == Hint::Nothing && detector.alone <= 0.0 {
        return None;
    }
    // Whatever the values are, somebody called the column so, and a person should look at it.
    let called = (hint == Hint::Fully).then_some(BEFORE + says + HEADER_ONLY + CALLED);
    // A kind of which not one of the first values is seen is not what a column holds.
    if called.is_none() && !values.iter().take(FIRST).any(|(value, _)| test(value)) {
        return None;
    }
    let looked = values.len();
    let (mut passed, mut rows_passed, mut rows_failed) = (0, 0.0, 0.0);
    for (value, rows) in values {
        if test(value) {
            passed += 1;
            rows_passed += *rows as f64;
        } else {
            rows_failed += *rows as f64;
        }
    }
    let count = |number: usize| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    // A slip is a distinct value of its own, so in a column of few values it must not count as much as a country.
    let yes = count(passed);
    let no = (yes * rows_failed / f64::max(rows_passed, 1.0)).min(count(looked - passed));
    if passed == 0 {
        return called.map(|odds| Scored { detector, hint, odds, passed, looked, spread: false });
    }
    let evidence = yes * (CLEAN / detector.chance).ln() + no * ((1.0 - CLEAN) / (1.0 - detector.chance)).ln();
    let evidence = (evidence * (WEIGHT / (yes + no)).min(1.0)).min(detector.most);
    let spread = detector.id == "date-of-birth" && lives(values);
    let own = if spread { SPREAD } else { 0.0 };
    let odds = (BEFORE + says + evidence + own).max(called.unwrap_or(f64::NEG_INFINITY));
    Some(Scored { detector, hint, odds, passed, looked, spread })
}

/// What a spread of years over lives adds to a day of birth, which days of orders do not have.
const SPREAD: f64 = 5.0;

/// Whether years are spread as those of births: half of them over more than twenty years, none after 2030.
fn lives(values: &[(Value<'_>, u64)]) -> bool {
    let mut years: Vec<u32> =
        values.iter().filter_map(|(value, _)| date::day(value.text)).filter(|(_, _, _, time)| !time).map(|(year, ..)| year).collect();
    years.retain(|year| *year >= 1000);
    years.sort_unstable();
    let at = |share: usize| years.get(years.len() * share / 4);
    let half = at(1).zip(at(3)).is_some_and(|(from, until)| until - from >= 20);
    years.len() >= 20 && half && years.last().is_some_and(|last| *last < 2031) && years.first().is_some_and(|first| *first > 1880)
}

impl Scored {
    fn proposal(&self, confidence: f64) -> Proposal {
        let detector = self.detector;
        let mut why = Vec::new();
        match self.hint {
            Hint::Fully => why.push("the name of the column says so".to_owned()),
            Hint::Partly => why.push("a part of the name of the column says so".to_owned()),
            Hint::Nothing | Hint::Against => why.push("the name of the column says nothing of it".to_owned()),
        }
        let coverage = (self.looked > 0).then(|| self.passed as f64 / self.looked as f64);
        if coverage.is_some() {
            // A share in a hundred, without what rounding leaves behind.
            let chance = (detector.chance * 1e8).round() / 1e6;
            why.push(format!(
                "{} of {} distinct values pass; of others that look alike, about {chance} in 100 would",
                self.passed, self.looked
            ));
        }
        if self.spread {
            why.push("its years are spread as those of births".to_owned());
        }
        if detector.id == "free-text" {
            why.push("a text may hold anything, which was not looked for inside it".to_owned());
        }
        let category = detector.category.and_then(|id| vocabulary().find(Scheme::Category, id));
        Proposal {
            kind: detector.id,
            label: detector.label,
            category,
            identifier: detector.identifier,
            confidence,
            coverage,
            why,
            source: detector.source,
        }
    }
}

/// Whether proposals of one category, or for no personal data at all, are surer together than not.
pub fn understood(proposals: &[Proposal]) -> bool {
    proposals.iter().any(|one| {
        let alike = proposals
            .iter()
            .filter(|other| other.category == one.category && (one.category.is_some() || other.identifier == Identifier::None));
        alike.map(|other| other.confidence).sum::<f64>() >= 0.5
    })
}
