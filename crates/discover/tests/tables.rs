// SPDX-License-Identifier: Apache-2.0
//! The list of detectors keeps its own rules.

use comity_discover::family::detectors;
use comity_discover::{Detector, Test};
use comity_terms::{Scheme, vocabulary};
use std::collections::BTreeMap;

const LANGUAGES: [&str; 8] = ["en", "de", "fr", "es", "pt", "it", "tr", "zh"];

#[test]
fn every_category_is_a_term() {
    for detector in detectors() {
        if let Some(category) = detector.category {
            assert!(vocabulary().find(Scheme::Category, category).is_some(), "{}: {category}", detector.id);
        }
    }
}

#[test]
fn detectors_with_one_id_speak_of_one_thing() {
    let mut known: BTreeMap<&str, &Detector> = BTreeMap::new();
    for detector in detectors() {
        let first = known.entry(detector.id).or_insert(detector);
        assert_eq!(
            (first.category, first.identifier, first.label),
            (detector.category, detector.identifier, detector.label),
            "{}",
            detector.id
        );
    }
    assert!(known.len() > 100, "{}", known.len());
}

#[test]
fn what_only_a_header_tells_is_told_in_eight_languages() {
    for detector in detectors().filter(|detector| detector.alone == 0.0) {
        for language in LANGUAGES {
            let words = detector.words.iter().find(|(known, _)| *known == language);
            assert!(words.is_some_and(|(_, words)| !words.trim().is_empty()), "{} has no words in {language}", detector.id);
        }
    }
}

#[test]
fn each_says_what_describes_it_and_how_it_is_weighed() {
    for detector in detectors() {
        assert!(!detector.id.is_empty() && !detector.label.is_empty() && !detector.source.is_empty(), "{}", detector.id);
        assert!(detector.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'), "{}", detector.id);
        if matches!(detector.test, Test::Value(_)) {
            assert!(detector.chance > 0.0 && detector.chance < 1.0, "{}", detector.id);
        }
        assert!((0.0..1.0).contains(&detector.alone), "{}", detector.id);
        assert!(matches!(detector.test, Test::Value(_)) || detector.alone == 0.0, "{}: only its header tells", detector.id);
    }
}

/// Nothing that somebody may write into a cell breaks a test down.
#[test]
fn odd_values_are_only_refused() {
    let odd = [
        "",
        " ",
        "-",
        "--",
        "+",
        "@",
        "a@",
        "@b",
        "::",
        "0",
        "000000000",
        "00000000000",
        "9999999999999999999999",
        "T",
        "T00:00",
        "2024-",
        "1/2",
        "年月日",
        "😀😀😀",
        "ß",
        "İ",
        "\u{0}",
        "١٢٣٤٥٦٧٨٩",
        "１２３４５６７８９",
        "+",
        "(A)",
        "A123456(",
        "$2a$",
        "<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
        "DE",
        "DE89",
        "X",
        "K",
        "-K",
        "..",
        "1.",
        ".1",
        "geo:",
        "é@é.é",
    ];
    for value in odd {
        for number in [true, false] {
            let value = comity_discover::value::Value::new(value, number);
            for detector in detectors() {
                if let Test::Value(test) = detector.test {
                    let _ = test(&value);
                }
            }
        }
    }
}
