// SPDX-License-Identifier: Apache-2.0
//! Proposes what the columns of a table hold: which category of personal data, and whether it leads to a person.
//!
//! It is given the name and the type of each column and a sample of its distinct values, tries every detector of
//! [`family`], and says how sure it is, on how many values, and why. A detector knows a check digit, a shape, or only the
//! words of headers, in English, German, French, Spanish, Portuguese, Italian, Turkish and Chinese.
//!
//! ```
//! use comity_discover::{Sample, Table, discover};
//!
//! let mut sample = Sample::new(1000);
//! for value in ["DE89 3704 0044 0532 0130 00", "GB82 WEST 1234 5698 7654 32"] {
//!     sample.add(Some(value));
//! }
//! let mut table = Table::default();
//! table.add("zahlung an", "text", &sample);
//! let report = discover(&table);
//! let best = &report.columns[0].proposals[0];
//! assert_eq!((best.kind, best.identifier.word()), ("iban", "direct"));
//! assert!(report.limits().contains("may be personal data that was not found"));
//! ```
//!
//! A proposal is for a person to look at. The crate never says that it found everything, and a report carries what was
//! looked at. It reads no file, no clock and no network, and repeats no value of the table.

pub mod check;
pub mod detector;
pub mod draft;
pub mod family;
pub mod header;
pub mod report;
pub mod sample;
pub mod score;
pub mod value;

pub use detector::{Detector, Identifier, Test};
pub use report::{Column, Looked, Proposal, Report};
pub use sample::{Distinct, Sample};

use std::collections::BTreeSet;
use value::Value;

/// A table whose columns are to be looked at.
#[derive(Clone, Debug, Default)]
pub struct Table {
    columns: Vec<Input>,
}

#[derive(Clone, Debug)]
struct Input {
    name: String,
    type_name: String,
    values: Vec<(String, u64)>,
    looked: Looked,
}

impl Table {
    /// Adds a column with the name of its type, as the file has it, and a sample of its values.
    pub fn add(&mut self, name: &str, type_name: &str, sample: &Sample) {
        let values: Vec<(String, u64)> = sample.values().map(|(value, count)| (value.to_owned(), count)).collect();
        let sampled = u64::try_from(values.len()).unwrap_or(u64::MAX);
        let looked = Looked { rows: sample.rows, empty: sample.empty, distinct: sample.distinct(), sampled, readable: true };
        self.columns.push(Input { name: name.to_owned(), type_name: type_name.to_owned(), values, looked });
    }

    /// Adds a column whose values cannot be read as texts.
    pub fn add_unread(&mut self, name: &str, type_name: &str) {
        let looked = Looked { rows: 0, empty: 0, distinct: Distinct::Exactly(0), sampled: 0, readable: false };
        self.columns.push(Input { name: name.to_owned(), type_name: type_name.to_owned(), values: Vec::new(), looked });
    }
}

/// Looks at every column of a table.
#[must_use]
pub fn discover(table: &Table) -> Report {
    let kinds: BTreeSet<&str> = family::detectors().map(|detector| detector.id).collect();
    Report { columns: table.columns.iter().map(column).collect(), kinds: kinds.len() }
}

fn column(input: &Input) -> Column {
    let number = is_number(&input.type_name);
    let values: Vec<(Value<'_>, u64)> = input.values.iter().map(|(value, count)| (Value::new(value, number), *count)).collect();
    let proposals = score::proposals(&values, &header::hints(&input.name));
    Column {
        name: input.name.clone(),
        type_name: input.type_name.clone(),
        looked: input.looked,
        understood: score::understood(&proposals),
        proposals,
    }
}

/// Whether a type holds numbers, whatever the file calls it: such a column has lost the zeros at the start of its values.
fn is_number(type_name: &str) -> bool {
    let name = type_name.to_ascii_lowercase();
    let kinds = ["int", "float", "double", "decimal", "numeric", "number", "real", "long", "short"];
    // `interval` and `point` are none.
    kinds.iter().any(|kind| name.starts_with(kind)) && !name.starts_with("interval")
        || name.starts_with("uint")
        || name.ends_with("int") && !name.ends_with("point")
}

/// The kinds of things that are seen in names of columns, by the position of the name: then the first row of the file
/// holds values, and what was read as names must not be shown.
///
/// Only kinds are looked at that hardly a name of a column could meet by chance.
#[must_use]
pub fn values_in_header(names: &[&str]) -> Vec<(usize, &'static str)> {
    /// Names are shorter, and many of them meet a test.
    const SHORTEST: usize = 6;
    let rare = || family::detectors().filter(|detector| detector.chance <= 0.02 && detector.most.is_infinite() && !detector.format);
    let seen = |name: &str| {
        let value = Value::new(name, false);
        let long = value.text.chars().count() >= SHORTEST;
        rare().find(|detector| long && matches!(detector.test, Test::Value(test) if test(&value))).map(|detector| detector.label)
    };
    names.iter().enumerate().filter_map(|(at, name)| Some((at, seen(name)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::values_in_header;

    #[test]
    fn a_first_row_of_values_is_no_header() {
        let seen = values_in_header(&["C-1001", "Aoife Byrne", "aoife@example.ie", "DE89370400440532013000", "198.51.100.23"]);
        assert_eq!(seen.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [2, 3, 4]);
        let names =
            ["customer_id", "e-mail", "last.ip", "address line 2", "2024", "2024-01-31", "country", "gender", "first_name", "Straße"];
        assert_eq!(values_in_header(&names), []);
    }
}
