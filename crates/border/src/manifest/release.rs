// SPDX-License-Identifier: Apache-2.0
//! Reading what a manifest says of aggregates that leave in place of rows.

use super::read::{Node, Reader, in_order};
use super::{Identifies, Manifest};
use crate::measure::Measure;
use crate::release::{PrivacyLoss, Release, Sum};
use comity_terms::nearest;
use toml::de::{DeTable, DeValue};

const OF_RELEASE: [&str; 5] = ["by", "sum", "groups", "epsilon", "delta"];
const OF_SUM: [&str; 3] = ["from", "to", "step"];
/// A larger ε is taken for a slip: odds change by a factor of 22,000.
const EPSILON: f64 = 10.0;
/// A larger δ is taken for a slip: as a rule it is less than one by the number of persons.
const DELTA: f64 = 1e-3;

impl Reader<'_> {
    /// Reads `[release]`, after the columns.
    pub(super) fn release(&mut self, node: &Node<'_>, manifest: &mut Manifest) {
        let at = node.span().start;
        let DeValue::Table(table) = node.get_ref() else {
            self.mismatch("release", node, "a table, such as [release] with `by`, `epsilon` and `delta`");
            return;
        };
        let (mut by, mut sums, mut groups, mut epsilon, mut delta) = (Vec::new(), Vec::new(), 1, None, None);
        for (name, node) in in_order(table) {
            match name.get_ref().as_ref() {
                "by" => by = self.texts("by", node),
                "sum" => match node.get_ref() {
                    DeValue::Table(table) => sums = self.sums(table),
                    _ => self.mismatch("sum", node, "a table for each column, such as [release.sum.spent]"),
                },
                "groups" => {
                    let count = node.get_ref().as_integer().and_then(|number| number.as_str().parse().ok());
                    match count.filter(|count| *count > 0) {
                        Some(count) => groups = count,
                        None => self.mismatch("groups", node, "in how many groups one person counts, 1 or more"),
                    }
                }
                "epsilon" => epsilon = self.within("epsilon", node, EPSILON),
                "delta" => delta = self.within("delta", node, DELTA),
                unknown => self.unknown(name.span().start, unknown, &OF_RELEASE),
            }
        }
        let mut loss = PrivacyLoss::default();
        match (epsilon, delta) {
            (Some(epsilon), Some(delta)) => loss = PrivacyLoss::of(epsilon, delta).unwrap_or_default(),
            (epsilon, _) => {
                for (missing, such) in [(epsilon.is_none(), "epsilon = 1.0"), (delta.is_none(), "delta = 0.000001")] {
                    let name = such.split(' ').next().unwrap_or_default();
                    if missing && !table.keys().any(|key| key.get_ref().as_ref() == name) {
                        self.problem(
                            at,
                            format!("`{name}` of the release is missing"),
                            Some(format!("say what it may cost, such as {such}")),
                        );
                    }
                }
            }
        }
        self.used(&by, &sums, manifest);
        if manifest.person.is_none() {
            let help = "say which column tells persons apart: person = \"customer\"".to_owned();
            self.problem(at, "a release bounds what one person adds, and `person` is missing".to_owned(), Some(help));
        }
        if manifest.asks_of_classes() {
            self.problem(at, "`k`, `l` and `t` are for rows, and of a release no row leaves".to_owned(), None);
        }
        let by = by.into_iter().map(|(_, name)| name).collect();
        let release = Release { by, sums: sums.into_iter().map(|(_, sum)| sum).collect(), groups, loss };
        for column in &mut manifest.columns {
            // Of the other columns nothing leaves, and of sums the numbers as they are.
            if release.by.contains(&column.name) {
                continue;
            }
            column.measures = vec![if release.uses(&column.name) { Measure::Keep } else { Measure::Drop }];
            column.places.measures.clear();
        }
        manifest.release = Some(release);
    }

    fn sums(&mut self, table: &DeTable<'_>) -> Vec<(usize, Sum)> {
        let mut sums = Vec::new();
        for (column, node) in in_order(table) {
            let at = column.span().start;
            let DeValue::Table(parts) = node.get_ref() else {
                self.mismatch(column.get_ref(), node, "the bounds of what one person counts for, such as { from = 0, to = 500 }");
                continue;
            };
            let (mut from, mut to, mut step) = (None, None, Some(1.0));
            for (name, node) in in_order(parts) {
                match name.get_ref().as_ref() {
                    "from" => from = self.number("from", node),
                    "to" => to = self.number("to", node),
                    "step" => step = self.number("step", node),
                    unknown => self.unknown(name.span().start, unknown, &OF_SUM),
                }
            }
            let (Some(from), Some(to), Some(step)) = (from, to, step) else {
                let help = "say from what to what one person counts in a group: { from = 0, to = 500 }".to_owned();
                self.problem(at, format!("the bounds of the sum of `{}` are missing", column.get_ref()), Some(help));
                continue;
            };
            let sum = Sum { column: column.get_ref().to_string(), from, to, step };
            let farthest = sum.from.abs().max(sum.to.abs());
            if from >= to || step <= 0.0 || farthest / step > Sum::FARTHEST || sum.sensitivity() == 0 {
                let expected = "`from` less than `to`, and a `step` that is not 0 and at least a billionth of them";
                self.problem(at, format!("the sum of `{}`: expected {expected}, found {from}, {to} and {step}", column.get_ref()), None);
                continue;
            }
            sums.push((at, sum));
        }
        sums
    }

    /// Whether the columns that a release names are there, and may be released.
    fn used(&mut self, by: &[(usize, String)], sums: &[(usize, Sum)], manifest: &Manifest) {
        let by = by.iter().map(|(at, name)| (*at, "by", name));
        let sums = sums.iter().map(|(at, sum)| (*at, "sum", &sum.column));
        let mut seen: Vec<&String> = Vec::new();
        for (at, key, name) in by.chain(sums) {
            let Some(column) = manifest.columns.iter().find(|column| column.name == *name) else {
                let names = manifest.columns.iter().map(|column| column.name.as_str());
                let near = nearest(name, names).map(|near| format!("did you mean `{near}`?"));
                self.problem(at, format!("`{key}`: expected the name of a column below, found `{name}`"), near);
                continue;
            };
            if column.identifies == Identifies::Directly || manifest.person.as_ref() == Some(name) {
                self.problem(at, format!("`{key}`: column `{name}` tells who somebody is, and is no group and no sum"), None);
            }
            if seen.contains(&name) {
                self.problem(at, format!("`{key}`: column `{name}` is named twice"), None);
            }
            seen.push(name);
        }
    }

    fn number(&mut self, name: &str, node: &Node<'_>) -> Option<f64> {
        let value = node.get_ref();
        let text = value.as_float().map(|number| number.as_str()).or_else(|| value.as_integer().map(|number| number.as_str()));
        let number = text.and_then(|text| text.parse::<f64>().ok()).filter(|number| number.is_finite());
        if number.is_none() {
            self.mismatch(name, node, "a number");
        }
        number
    }

    fn within(&mut self, name: &str, node: &Node<'_>, most: f64) -> Option<f64> {
        let number = self.number(name, node)?;
        if number > 0.0 && number <= most {
            return Some(number);
        }
        self.mismatch(name, node, &format!("more than 0 and at most {most}"));
        None
    }
}
