// SPDX-License-Identifier: Apache-2.0
//! What is wrong between a manifest and the data it describes, with the line of each slip.

use super::{Column, Decides, Manifest};
use crate::format::Alphabet;
use crate::measure::{Grain, Measure};
use crate::overlay::{self, DAY};
use arrow_schema::{DataType, Schema};
use comity_flow::Problem;
use comity_terms::KeyKind;
use std::collections::BTreeSet;

/// What a type holds, as far as measures care.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Whole,
    Fraction,
    Day,
    Flag,
    Other,
    /// What has no text: bytes, lists, structures.
    None,
}

fn kind(data_type: &DataType) -> Kind {
    match data_type {
        DataType::Dictionary(_, value) => kind(value),
        DataType::RunEndEncoded(_, value) => kind(value.data_type()),
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Kind::Text,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => Kind::Fraction,
        DataType::Decimal32(..) | DataType::Decimal64(..) | DataType::Decimal128(..) | DataType::Decimal256(..) => Kind::Fraction,
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => Kind::Day,
        DataType::Boolean => Kind::Flag,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => Kind::None,
        whole if whole.is_integer() => Kind::Whole,
        nested if nested.is_nested() => Kind::None,
        _ => Kind::Other,
    }
}

/// What a measure takes, where it does not take a type.
fn takes(measure: &Measure, kind: Kind) -> Option<&'static str> {
    let (takes, what) = match measure {
        Measure::Keep | Measure::Drop | Measure::Null | Measure::Constant(_) => return None,
        Measure::Generalise(Grain::Year | Grain::Month | Grain::Decade) => (matches!(kind, Kind::Text | Kind::Day), "days"),
        Measure::Generalise(Grain::Network) => (kind == Kind::Text, "addresses as texts"),
        Measure::Generalise(Grain::Multiple(_)) => (matches!(kind, Kind::Text | Kind::Whole | Kind::Fraction), "numbers"),
        Measure::Format(Alphabet::Digits) => (matches!(kind, Kind::Text | Kind::Whole), "texts and whole numbers"),
        Measure::Format(_) => (kind == Kind::Text, "texts"),
        Measure::Generalise(Grain::Hierarchy(_)) | Measure::Truncate(_) | Measure::Pseudonymise(_) | Measure::Tokenise => {
            (kind != Kind::None, "what has a text")
        }
    };
    (!takes).then_some(what)
}

/// What the cells that decide have to be, where a type is not that.
fn decided(decides: &Decides, of: Kind) -> Option<&'static str> {
    if of == Kind::None {
        return Some("what has a text");
    }
    if decides.words.is_some() {
        return None;
    }
    let (fits, what) = match overlay::kind(&decides.path) {
        Some(KeyKind::Count) if decides.path == "subjects.youngest_age" => {
            (matches!(of, Kind::Text | Kind::Whole | Kind::Day), "whole numbers or days of birth")
        }
        Some(KeyKind::Count) => (matches!(of, Kind::Text | Kind::Whole), "whole numbers"),
        Some(KeyKind::Flag) => (matches!(of, Kind::Text | Kind::Flag), "`true` and `false`"),
        Some(KeyKind::Day) => (matches!(of, Kind::Text | Kind::Day), "days"),
        None if decides.path == DAY => (matches!(of, Kind::Text | Kind::Day), "days"),
        _ => (of == Kind::Text, "texts"),
    };
    (!fits).then_some(what)
}

impl Manifest {
    /// What is wrong between the manifest and a table: [columns](Manifest::against) that one of them lacks, and types
    /// that a measure or a key of the flow cannot take.
    #[must_use]
    pub fn fits(&self, table: &Schema) -> Vec<Problem> {
        let names: Vec<&str> = table.fields().iter().map(|field| field.name().as_str()).collect();
        let mut problems = self.against(&names);
        for column in &self.columns {
            let Ok(field) = table.field_with_name(&column.name) else { continue };
            let (of, holds) = (kind(field.data_type()), format!("column `{}` of the table holds {}", column.name, field.data_type()));
            if let Some(what) = column.decides.as_ref().and_then(|decides| decided(decides, of)) {
                let path = column.decides.as_ref().map_or("", |decides| decides.path.as_str());
                let (line, at) = column.places.decides;
                let help = Some("let another column decide, or say with `words` what each cell means".to_owned());
                problems.push(Problem { line, column: at, message: format!("`{path}` takes {what}, and {holds}"), help });
            }
            for (measure, (line, at)) in column.measures.iter().zip(&column.places.measures) {
                if let Some(what) = takes(measure, of) {
                    let message = format!("`{measure}` takes {what}, and {holds}");
                    let help = Some("choose another measure, or give the table a column of another type".to_owned());
                    problems.push(Problem { line: *line, column: *at, message, help });
                }
            }
        }
        for sum in self.release.iter().flat_map(|release| &release.sums) {
            let Ok(field) = table.field_with_name(&sum.column) else { continue };
            if !matches!(kind(field.data_type()), Kind::Text | Kind::Whole | Kind::Fraction) {
                let line = self.columns.iter().find(|column| column.name == sum.column).map_or(1, |column| column.line);
                let message = format!("a sum takes numbers, and column `{}` of the table holds {}", sum.column, field.data_type());
                problems.push(Problem { line, column: 1, message, help: None });
            }
        }
        problems.sort_by_key(|problem| (problem.line, problem.column));
        problems
    }
}

impl Column {
    /// The words of the manifest that no cell has: often slips. `seen` are the cells without spaces around them.
    #[must_use]
    pub fn unseen(&self, seen: &BTreeSet<&str>) -> Vec<Problem> {
        let words = self.decides.iter().filter_map(|decides| decides.words.as_ref()).flat_map(|words| words.keys());
        let unseen = words.filter(|word| !seen.contains(word.trim()));
        unseen
            .map(|word| {
                let (line, column) = self.places.words.get(word).copied().unwrap_or((self.line, 1));
                Problem { line, column, message: format!("no cell of column `{}` is `{word}`", self.name), help: None }
            })
            .collect()
    }
}
