// SPDX-License-Identifier: Apache-2.0
//! Check digits: numbers made by an independent generator pass, and no change of one digit passes where the scheme says so.

#[path = "support/make/mod.rs"]
mod make;

use comity_discover::family;
use comity_discover::value::Value;
use comity_discover::{Detector, Test};
use make::Rng;
use make::states::{SCHEMES, draw};
use std::collections::BTreeSet;

fn passes(id: &str, value: &str) -> bool {
    // Some kinds have a second detector, for their shape alone.
    let of = |detector: &&'static Detector| detector.id == id && detector.chance < 0.2;
    family::detectors().filter(of).any(|detector| match detector.test {
        Test::Value(test) => test(&Value::new(value, false)),
        Test::Header => false,
    })
}

#[test]
fn what_is_shown_in_public_passes() {
    for scheme in SCHEMES {
        for number in scheme.published {
            assert!(passes(scheme.id, number), "{}: {number}", scheme.id);
        }
    }
}

#[test]
fn what_is_made_passes() {
    let mut rng = Rng(1);
    for scheme in SCHEMES {
        for _ in 0..300 {
            let number = draw(scheme.make, &mut rng);
            assert!(passes(scheme.id, &number), "{}: {number}", scheme.id);
        }
    }
}

#[test]
fn every_change_of_one_digit_is_refused_where_the_scheme_promises_it() {
    let mut rng = Rng(2);
    for scheme in SCHEMES {
        let Some(free) = scheme.finds else { continue };
        for _ in 0..30 {
            let number = draw(scheme.make, &mut rng);
            for (place, old) in number.char_indices().filter(|(place, letter)| letter.is_ascii_digit() && !free.contains(place)) {
                for new in ('0'..='9').filter(|new| *new != old) {
                    let changed: String = number.char_indices().map(|(at, letter)| if at == place { new } else { letter }).collect();
                    assert!(!passes(scheme.id, &changed), "{}: {changed} instead of {number}", scheme.id);
                }
            }
        }
    }
}

/// Where a scheme promises less, it still finds most changes: a test that lets everything pass would not.
#[test]
fn most_changes_are_refused_everywhere() {
    let mut rng = Rng(3);
    for scheme in SCHEMES {
        let (mut tried, mut missed) = (0, 0);
        for _ in 0..60 {
            let number = draw(scheme.make, &mut rng);
            // The zone of a passport holds the names of the state too, which its check digits leave alone.
            for (place, old) in number.char_indices().filter(|(_, letter)| letter.is_ascii_digit()).take(9) {
                let new = ('0'..='9').filter(|new| *new != old).nth(rng.in_range(0, 8) as usize).unwrap_or('0');
                let changed: String = number.char_indices().map(|(at, letter)| if at == place { new } else { letter }).collect();
                tried += 1;
                missed += u32::from(passes(scheme.id, &changed));
            }
        }
        assert!(missed * 8 <= tried, "{}: {missed} of {tried} changes pass", scheme.id);
    }
}

/// How often digits that mean something else pass: the figure that a detector says of itself is not too small.
#[test]
fn chance_is_not_underestimated() {
    let mut rng = Rng(4);
    let schemes: BTreeSet<&str> = SCHEMES.iter().map(|scheme| scheme.id).collect();
    let mut faults = Vec::new();
    for detector in family::detectors().filter(|detector| schemes.contains(detector.id) && detector.chance < 0.2) {
        let Test::Value(test) = detector.test else {
            continue;
        };
        let Some(scheme) = SCHEMES.iter().find(|scheme| scheme.id == detector.id) else {
            continue;
        };
        let mut passed = 0;
        const ROUNDS: u32 = 2000;
        for _ in 0..ROUNDS {
            // The digits of a number of this kind, each drawn anew: what else looks as it does.
            let number = draw(scheme.make, &mut rng);
            let other: String =
                number.chars().map(|letter| if letter.is_ascii_digit() { rng.digits(1) } else { letter.to_string() }).collect();
            passed += u32::from(test(&Value::new(&other, false)));
        }
        let share = f64::from(passed) / f64::from(ROUNDS);
        if share > detector.chance * 1.3 + 0.002 {
            faults.push(format!("{}: {share:.4} of others pass, {} is said", detector.id, detector.chance));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_checked_number_has_a_scheme() {
    let schemes: BTreeSet<&str> = SCHEMES.iter().map(|scheme| scheme.id).collect();
    let ids: BTreeSet<&str> = family::detectors().map(|detector| detector.id).collect();
    assert!(schemes.is_subset(&ids), "{:?}", schemes.difference(&ids));
    // Structure without a check digit, which the corpus makes, or which only the header tells.
    let bare = [
        "dk-cpr",
        "us-ssn",
        "gb-nino",
        "in-pan",
        "my-mykad",
        "id-nik",
        "pk-cnic",
        "eg-nid",
        "passport-number",
        "driving-licence",
        "national-number",
        "tax-number",
    ];
    let national = family::FAMILIES.iter().filter(|(name, _)| name.starts_with("national numbers"));
    for detector in national.flat_map(|(_, detectors)| detectors.iter()) {
        assert!(schemes.contains(detector.id) || bare.contains(&detector.id), "{} has no generator", detector.id);
    }
}
