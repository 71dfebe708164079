// SPDX-License-Identifier: Apache-2.0
//! How far apart instruments are: the matrix as a table and on the wire.

use super::doc::{Block, Line, Tone, count};
use comity_judge::compare::Distance;
use jiff::civil::Date;
use serde_json::{Value, json};

/// How far apart two instruments are.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// How many classes of flows the two tell apart.
    pub classes: f64,
    /// The share of them that they judge differently.
    pub share: f64,
    /// Whether the first is at least as protective.
    pub first: bool,
    /// Whether the second is.
    pub second: bool,
}

/// A pair of instruments by their places.
pub struct Cell {
    /// The first.
    pub row: usize,
    /// The second.
    pub column: usize,
    /// How far apart they are; none: the comparison gave up.
    pub measure: Option<Measure>,
}

impl Cell {
    /// The cell of two instruments.
    pub fn new(row: usize, column: usize, distance: Option<Distance>) -> Self {
        let measure = distance.map(|distance| Measure {
            classes: distance.classes,
            share: (1.0 - distance.alike).clamp(0.0, 1.0),
            first: distance.first_at_least_as_protective,
            second: distance.second_at_least_as_protective,
        });
        Self { row, column, measure }
    }
}

/// Every pair of some instruments.
pub struct Matrix {
    /// The instruments: id and title.
    pub names: Vec<(String, String)>,
    /// The pairs, each once.
    pub cells: Vec<Cell>,
    /// The day of the flows.
    pub day: Date,
}

impl Matrix {
    /// The id at a place.
    pub fn id(&self, place: usize) -> &str {
        self.names.get(place).map_or("", |(id, _)| id.as_str())
    }

    /// What is known of a row against a column; the first is the row.
    pub fn at(&self, row: usize, column: usize) -> Option<Option<Measure>> {
        let cell = self.cells.iter().find(|cell| (cell.row, cell.column) == (row.min(column), row.max(column)))?;
        let turned = |measure: Measure| Measure { first: measure.second, second: measure.first, ..measure };
        Some(if row <= column { cell.measure } else { cell.measure.map(turned) })
    }
}

/// A share in percent, with as many digits as it needs.
pub fn percent(share: f64) -> String {
    match share * 100.0 {
        0.0 => "0".to_owned(),
        small if small < 0.1 => "< 0.1".to_owned(),
        large if large > 99.9 && large < 100.0 => "> 99.9".to_owned(),
        other => format!("{other:.1}"),
    }
}

/// Which side is at least as protective, in a sign.
pub fn sign(measure: &Measure) -> &'static str {
    match (measure.first, measure.second) {
        (true, true) => "=",
        (true, false) => "≥",
        (false, true) => "≤",
        (false, false) => "",
    }
}

fn words(matrix: &Matrix, cell: &Cell, measure: &Measure) -> String {
    match (measure.first, measure.second) {
        (true, true) => "let the same flows go".to_owned(),
        (true, false) => format!("{} is at least as protective", matrix.id(cell.row)),
        (false, true) => format!("{} is at least as protective", matrix.id(cell.column)),
        (false, false) => "neither is at least as protective".to_owned(),
    }
}

/// The matrix as a document.
pub fn document(matrix: &Matrix) -> Vec<Block> {
    let gave_up = matrix.cells.iter().filter(|cell| cell.measure.is_none()).count();
    let mut blocks = vec![
        Block::say(Line::strong(count(matrix.names.len(), "instrument")).then(format!(
            ", {} on {}",
            count(matrix.cells.len(), "pair"),
            matrix.day
        ))),
        Block::say(
            "share of the classes of flows that the two judge differently, the closest pair first; facts that neither asks for are left out",
        ),
        Block::Gap,
    ];
    let mut cells: Vec<&Cell> = matrix.cells.iter().collect();
    let share = |cell: &Cell| cell.measure.map_or(f64::INFINITY, |measure| measure.share);
    cells.sort_by(|a, b| share(a).total_cmp(&share(b)));
    let row = |cell: &&Cell| {
        let (how, what) = match &cell.measure {
            Some(measure) => (Line::strong(format!("{} %", percent(measure.share))), words(matrix, cell, measure)),
            None => (Line::default().toned(Tone::Doubt, "gave up"), "the diagram outgrew its budget: nothing is said".to_owned()),
        };
        vec![Line::of(matrix.id(cell.row).to_owned()), Line::of(matrix.id(cell.column).to_owned()), how, Line::of(what)]
    };
    blocks.push(Block::Table(vec!["first", "second", "differently", "protection"], cells.iter().map(row).collect()));
    if gave_up > 0 {
        blocks.push(Block::Gap);
        blocks.push(Block::say(Line::default().toned(Tone::Doubt, format!("{} gave up", count(gave_up, "comparison")))));
    }
    blocks
}

/// One pair on the wire.
pub fn of_cell(matrix: &Matrix, cell: &Cell) -> Value {
    let (first, second, on) = (matrix.id(cell.row), matrix.id(cell.column), matrix.day.to_string());
    match &cell.measure {
        Some(measure) => json!({"first": first, "second": second, "on": on, "classes": measure.classes, "share": measure.share,
            "differently": measure.classes * measure.share,
            "first_at_least_as_protective": measure.first, "second_at_least_as_protective": measure.second}),
        None => json!({"first": first, "second": second, "on": on, "gave_up": true}),
    }
}
