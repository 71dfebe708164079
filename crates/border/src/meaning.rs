// SPDX-License-Identifier: Apache-2.0
//! What one cell of a deciding column means.

use crate::manifest::Decides;
use crate::overlay::{DAY, Overlay, kind};
use comity_terms::KeyKind;
use jiff::civil::Date;

/// The key whose numbers are ages, so that a day of birth is one too.
const AGE: &str = "subjects.youngest_age";

/// What a cell means.
#[derive(Clone, Debug, PartialEq)]
pub struct Meaning {
    /// The value as plans name it; cells that mean the same have the same label.
    pub label: String,
    /// What it says of the flow.
    pub overlay: Overlay,
}

/// What a cell means; none where it is not understood, and then the row may not leave.
///
/// `day` is the day of the flow: a day of birth becomes the age on it.
#[must_use]
pub fn meaning(decides: &Decides, cell: &str, day: Date) -> Option<Meaning> {
    let cell = cell.trim();
    if let Some(words) = &decides.words {
        let overlay = words.get(cell)?.clone();
        // Words that say the same have the label of the first of them.
        let label = words.iter().find(|(_, other)| **other == overlay).map_or(cell, |(word, _)| word);
        return Some(Meaning { label: label.to_owned(), overlay });
    }
    let (label, value) = match kind(&decides.path) {
        Some(KeyKind::Count) => {
            let number = cell.parse::<u64>().ok().or_else(|| (decides.path == AGE).then(|| age(cell, day)).flatten())?;
            let lowest = decides.bands.iter().rev().find(|lowest| **lowest <= number).copied().unwrap_or(number);
            (lowest.to_string(), lowest.to_string())
        }
        Some(KeyKind::Flag) => {
            let flag = match cell.to_lowercase().as_str() {
                "true" | "yes" => "true",
                "false" | "no" => "false",
                _ => return None,
            };
            (flag.to_owned(), flag.to_owned())
        }
        Some(KeyKind::One(_) | KeyKind::Many(_)) => (cell.to_owned(), toml::Value::String(cell.to_owned()).to_string()),
        Some(KeyKind::Day) => {
            let day = of_day(cell)?.to_string();
            (day.clone(), day)
        }
        None if decides.path == DAY => {
            let day = of_day(cell)?.to_string();
            (day.clone(), day)
        }
        None => return None,
    };
    Overlay::of(&decides.path, &value).ok().map(|overlay| Meaning { label, overlay })
}

/// The day in a cell, which may be followed by a time of day.
#[must_use]
pub fn of_day(cell: &str) -> Option<Date> {
    let day = cell.get(..10).filter(|_| cell.len() == 10 || cell.as_bytes().get(10).is_some_and(|sign| matches!(sign, b'T' | b' ')));
    day?.parse().ok()
}

/// The age in whole years of somebody born on a day; none where that day is still to come.
fn age(born: &str, on: Date) -> Option<u64> {
    let born = of_day(born)?;
    let mut years = i64::from(on.year()) - i64::from(born.year());
    // Who was born on 29 February is a year older on 1 March of other years.
    if (on.month(), on.day()) < (born.month(), born.day()) {
        years -= 1;
    }
    u64::try_from(years).ok()
}

#[cfg(test)]
mod tests {
    use super::meaning;
    use crate::manifest::Decides;
    use jiff::civil::date;

    fn label(path: &str, bands: &[u64], cell: &str) -> Option<String> {
        let decides = Decides { path: path.to_owned(), words: None, bands: bands.to_vec() };
        meaning(&decides, cell, date(2026, 11, 29)).map(|meaning| meaning.label)
    }

    #[test]
    fn cells_have_meanings() {
        for (path, bands, cell, expected) in [
            ("subjects.located", [].as_slice(), "IE", Some("IE")),
            ("subjects.located", &[], "Ireland", None),
            ("subjects.located", &[], "", None),
            ("subjects.youngest_age", &[0, 13, 16, 18], "17", Some("16")),
            ("subjects.youngest_age", &[0, 13, 16, 18], "2008-11-29", Some("18")),
            ("subjects.youngest_age", &[0, 13, 16, 18], "2008-11-30", Some("16")),
            ("subjects.youngest_age", &[], "2008-11-30 00:00:00", Some("17")),
            ("subjects.youngest_age", &[], "2027-01-01", None),
            ("subjects.youngest_age", &[], "-3", None),
            ("exporter.public_body", &[], "Yes", Some("true")),
            ("on", &[], "2024-03-01T23:59:59", Some("2024-03-01")),
            ("on", &[], "2024-03-011", None),
            ("on", &[], "01/03/2024", None),
        ] {
            assert_eq!(label(path, bands, cell).as_deref(), expected, "{path} {cell}");
        }
    }
}
