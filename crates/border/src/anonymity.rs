// SPDX-License-Identifier: Apache-2.0
//! Rows that leave only in classes of many: the coarser values, and the few rows held back, that cost the least.
//!
//! Rows that agree in all columns which identify together are a class. A manifest may ask that a class has at least `k`
//! persons, at least `l` distinct values of each sensitive column, and no distribution of them that is farther than `t`
//! from that of all rows that leave. What is asked is reached by going further down the list of measures of the columns
//! that identify together (the same way down for all rows), and by holding back whole classes, up to a share of the rows.
//!
//! Of all ways that are lawful and reach it, that one is taken which loses least. A pair of rows that a column tells apart
//! as it is, and not as it leaves, is lost; a row that is held back is told apart from none. Counting is in whole numbers,
//! so that the choice is the same everywhere. It is exact as long as the number of ways that have to be looked at allows:
//! ways are tried in the order of what they lose at the least, until none that is left can lose less.
//!
//! Source: Samarati and Sweeney 1998 (*k*), Machanavajjhala et al. 2007 (*l*, distinct values), Li, Li and Venkatasubramanian 2007
//! (*t*, with the distance of total variation); the measure of loss counts pairs, as the discernibility of Bayardo and Agrawal 2005.

mod histogram;
mod search;

pub(crate) use histogram::Entry;
pub use histogram::Histogram;
pub(crate) use search::{Column, Node, Search};

use crate::manifest::Manifest;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::Arc;

/// What names a class without its cells.
pub(crate) type Class = [u8; 16];

/// The class of a row, from the cells of the columns that identify together, as they leave.
pub(crate) fn class_of<'a>(cells: impl Iterator<Item = Option<&'a str>>) -> Class {
    let mut hasher = blake3::Hasher::new();
    for cell in cells {
        match cell {
            // Lengths first, so that no two rows of cells are the same bytes.
            Some(cell) => {
                hasher.update(&[1]);
                hasher.update(&(cell.len() as u64).to_le_bytes());
                hasher.update(cell.as_bytes());
            }
            None => {
                hasher.update(&[0]);
            }
        }
    }
    let mut class = [0; 16];
    class.iter_mut().zip(hasher.finalize().as_bytes()).for_each(|(to, from)| *to = *from);
    class
}

/// What was chosen so that rows leave only in classes of many. It is part of the plan, so that an approval binds to it.
///
/// Which classes are held back is not written into the plan, because their cells tell of few persons: it follows from the
/// tables, whose digests the plan names, and is counted again by whoever carries the plan out.
#[derive(Clone, Debug, Default)]
pub struct Anonymity {
    /// Rows that the law lets leave.
    pub lawful: u64,
    /// Rows of them that are held back.
    pub held: u64,
    /// The classes of the rows that leave.
    pub classes: u64,
    /// The classes that are held back.
    pub held_classes: u64,
    /// Of a million pairs of rows that a column tells apart, how many are not told apart any longer.
    pub lost: u64,
    /// How many ways were looked at.
    pub looked_at: u64,
    /// Whether none that was not looked at can lose less.
    pub least: bool,
    /// The classes that are held back; none in a plan that was read from a text.
    pub(crate) small: Option<Arc<HashSet<Class>>>,
}

impl PartialEq for Anonymity {
    /// Whether two say the same; what is not written into a plan does not count.
    fn eq(&self, other: &Self) -> bool {
        self.to_json() == other.to_json()
    }
}

impl Anonymity {
    /// The counts as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "lawful": self.lawful,
            "held": self.held,
            "classes": self.classes,
            "held_classes": self.held_classes,
            "lost_in_a_million": self.lost,
            "looked_at": self.looked_at,
            "least": self.least,
        })
    }

    pub(crate) fn parse(value: &Value) -> Option<Self> {
        let number = |key: &str| value.get(key)?.as_u64();
        Some(Self {
            lawful: number("lawful")?,
            held: number("held")?,
            classes: number("classes")?,
            held_classes: number("held_classes")?,
            lost: number("lost_in_a_million")?,
            looked_at: number("looked_at")?,
            least: value.get("least")?.as_bool()?,
            small: None,
        })
    }
}

/// What a manifest asks of classes, in words; empty where it asks nothing.
#[must_use]
pub fn asked(manifest: &Manifest) -> String {
    let mut words = Vec::new();
    if manifest.least > 0 {
        words.push(format!("k = {}", manifest.least));
    }
    if manifest.variety > 0 {
        words.push(format!("l = {}", manifest.variety));
    }
    words.extend(manifest.closeness.map(|closeness| format!("t = {closeness}")));
    words.join(", ")
}

/// Why a row is held back that the law lets leave.
#[must_use]
pub fn reason(manifest: &Manifest) -> String {
    let together: Vec<&str> = manifest.together().map(|(_, column)| column.name.as_str()).collect();
    format!("too few who would leave share its {}, or what they share tells too much: {} is asked", together.join(", "), asked(manifest))
}
