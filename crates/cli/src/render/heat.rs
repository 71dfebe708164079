// SPDX-License-Identifier: Apache-2.0
//! The matrix as a picture: numbers in the cells, a tint and a hatching that say the same, light or dark as the reader has it.

use super::matrix::{Matrix, Measure, percent, sign};
use std::fmt::Write as _;

/// The width and height of a cell.
const CELL: (usize, usize) = (68, 38);
/// The height of the heading.
const HEADING: usize = 36;
/// The width of a letter of a row head.
const LETTER: usize = 8;
/// The shares at which the tint and the hatching change.
const STEPS: [f64; 5] = [0.0, 0.01, 0.05, 0.2, 0.5];

const STYLE: &str = "
    text { font-family: system-ui, 'DejaVu Sans', sans-serif; font-size: 13px; fill: #1a1a1a; }
    .name { font-weight: 600; }
    .small { font-size: 11px; fill: #444; }
    .page { fill: #ffffff; }
    .cell { stroke: #767676; stroke-width: 1; }
    .t0 { fill: #ffffff; } .t1 { fill: #e6effa; } .t2 { fill: #c3daf1; } .t3 { fill: #99c0e6; } .t4 { fill: #6fa5da; }
    .self { fill: #d4d4d4; }
    .up { fill: #fff3c4; }
    .line { stroke: #1f3f66; stroke-opacity: .38; stroke-width: 1; }
    .halo { paint-order: stroke; stroke: #ffffff; stroke-opacity: .75; stroke-width: 3px; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f2f2f2; }
      .small { fill: #c8c8c8; }
      .page { fill: #16181c; }
      .cell { stroke: #8a8f98; }
      .t0 { fill: #16181c; } .t1 { fill: #1c2c40; } .t2 { fill: #22415f; } .t3 { fill: #285580; } .t4 { fill: #2e6aa3; }
      .self { fill: #4a4d52; }
      .up { fill: #544510; }
      .line { stroke: #cfe3fa; }
      .halo { stroke: #16181c; }
    }
";

/// The picture.
pub fn svg(matrix: &Matrix) -> String {
    let count = matrix.names.len();
    let longest = matrix.names.iter().map(|(id, _)| id.chars().count()).max().unwrap_or(0);
    let left = longest * LETTER + 24;
    // The column heads stand aslant.
    let head = HEADING + longest * 5 + 28;
    let (width, height) = ((left + count * CELL.0 + longest * 5 + 24).max(720), head + count * CELL.1 + 92);
    let mut out = String::new();
    let title = format!("How differently {count} instruments judge flows on {}", matrix.day);
    // Writing to a string cannot fail.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">\n  <title id=\"title\">{}</title>\n  <desc id=\"desc\">{}</desc>\n  <style>{STYLE}  </style>\n",
        escaped(&title),
        escaped(&description(matrix))
    );
    out.push_str(&patterns());
    let _ = writeln!(out, "  <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>");
    let _ = writeln!(out, "  <text class=\"name\" aria-hidden=\"true\" x=\"16\" y=\"26\">{}</text>", escaped(&title));
    let _ = writeln!(out, "  <g role=\"table\" aria-label=\"{}\">", escaped(&title));
    out.push_str("  <g role=\"row\">\n");
    for (column, (id, name)) in matrix.names.iter().enumerate() {
        let (x, y) = (left + column * CELL.0 + CELL.0 / 2, head - 10);
        let _ = writeln!(
            out,
            "    <text class=\"name\" role=\"columnheader\" transform=\"translate({x} {y}) rotate(-35)\">{}<title>{}</title></text>",
            escaped(id),
            escaped(name)
        );
    }
    out.push_str("  </g>\n");
    for (row, (id, name)) in matrix.names.iter().enumerate() {
        let top = head + row * CELL.1;
        let _ = writeln!(
            out,
            "  <g role=\"row\">\n    <text class=\"name\" role=\"rowheader\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}<title>{}</title></text>",
            left - 10,
            top + CELL.1 / 2 + 5,
            escaped(id),
            escaped(name)
        );
        for column in 0..count {
            out.push_str(&cell(matrix, row, column, left + column * CELL.0, top));
        }
        out.push_str("  </g>\n");
    }
    out.push_str("  </g>\n");
    out.push_str(&legend(head + count * CELL.1 + 24));
    out.push_str("</svg>\n");
    out
}

fn description(matrix: &Matrix) -> String {
    let known = || matrix.cells.iter().filter_map(|cell| Some((cell, cell.measure?.share)));
    let pair = |found: Option<(&super::matrix::Cell, f64)>| {
        found.map_or_else(String::new, |(cell, share)| {
            format!("{} and {} ({} %)", matrix.id(cell.row), matrix.id(cell.column), percent(share))
        })
    };
    let (closest, farthest) = (known().min_by(|a, b| a.1.total_cmp(&b.1)), known().max_by(|a, b| a.1.total_cmp(&b.1)));
    let gave_up = matrix.cells.iter().filter(|cell| cell.measure.is_none()).count();
    let mut text = format!(
        "Each cell has the percentage of the classes of flows that the instruments of its row and column judge differently. Closest: {}. Farthest: {}.",
        pair(closest),
        pair(farthest)
    );
    if gave_up > 0 {
        let _ = write!(text, " {gave_up} comparisons gave up.");
    }
    text
}

/// Hatchings of rising density, so that the picture reads in gray.
fn patterns() -> String {
    let mut out = String::from("  <defs>\n");
    for (step, gap) in [(1, 16), (2, 11), (3, 7), (4, 4)] {
        let _ = writeln!(
            out,
            "    <pattern id=\"h{step}\" width=\"{gap}\" height=\"{gap}\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\"><line class=\"line\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"{gap}\"/></pattern>"
        );
    }
    out.push_str("  </defs>\n");
    out
}

fn step(share: f64) -> usize {
    STEPS.iter().rposition(|start| share >= *start).unwrap_or(0)
}

fn cell(matrix: &Matrix, row: usize, column: usize, x: usize, y: usize) -> String {
    let (width, height) = CELL;
    let (across, along) = (x + width / 2, y + height / 2 + 5);
    let square = |class: &str| format!("<rect class=\"cell {class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>");
    let (square, text, told) = match matrix.at(row, column) {
        None => (square("self"), String::new(), "the same instrument".to_owned()),
        Some(None) => (square("up"), "gave up".to_owned(), "the comparison gave up".to_owned()),
        Some(Some(measure)) => {
            let step = step(measure.share);
            let mut drawn = square(&format!("t{step}"));
            if step > 0 {
                let _ = write!(drawn, "<rect fill=\"url(#h{step})\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>");
            }
            let sign = sign(&measure);
            let text = format!("{}{}{}", percent(measure.share), if sign.is_empty() { "" } else { " " }, sign);
            (drawn, text, in_words(matrix, row, column, &measure))
        }
    };
    format!(
        "    <g role=\"cell\" aria-label=\"{}\">{square}<text class=\"halo\" x=\"{across}\" y=\"{along}\" text-anchor=\"middle\">{}</text><title>{}</title></g>\n",
        escaped(&told),
        escaped(&text),
        escaped(&told)
    )
}

fn in_words(matrix: &Matrix, row: usize, column: usize, measure: &Measure) -> String {
    let (first, second) = (matrix.id(row), matrix.id(column));
    let protection = match (measure.first, measure.second) {
        (true, true) => "they let the same flows go".to_owned(),
        (true, false) => format!("{first} is at least as protective"),
        (false, true) => format!("{second} is at least as protective"),
        (false, false) => "neither is at least as protective".to_owned(),
    };
    format!("{first} and {second}: {} % judged differently; {protection}", percent(measure.share))
}

fn legend(top: usize) -> String {
    let mut out = String::from("  <g aria-hidden=\"true\">\n");
    let names = ["below 1 %", "1 % and more", "5 % and more", "20 % and more", "50 % and more"];
    for (step, name) in names.iter().enumerate() {
        let x = 16 + step * 132;
        let _ = writeln!(
            out,
            "    <rect class=\"cell t{step}\" x=\"{x}\" y=\"{top}\" width=\"24\" height=\"16\"/><rect fill=\"{}\" x=\"{x}\" y=\"{top}\" width=\"24\" height=\"16\"/><text class=\"small\" x=\"{}\" y=\"{}\">{name}</text>",
            if step == 0 { "none".to_owned() } else { format!("url(#h{step})") },
            x + 30,
            top + 12
        );
    }
    let lines = [
        "Percentage of the classes of flows that the two judge differently. Classes are counted evenly; they are no traffic.",
        "≥ the row is at least as protective as the column; ≤ the column as the row; = both: they let the same flows go.",
    ];
    for (number, line) in lines.iter().enumerate() {
        let _ = writeln!(out, "    <text class=\"small\" x=\"16\" y=\"{}\">{line}</text>", top + 36 + number * 16);
    }
    out.push_str("  </g>\n");
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
