// SPDX-License-Identifier: Apache-2.0
//! A document as plain sentences for screen readers: one to a line, without tables, symbols, indentation or colors.

use super::doc::{Block, Line, Tone};

/// Draws a document.
pub fn draw(blocks: &[Block]) -> String {
    let mut out = String::new();
    draw_all(blocks, &mut out);
    out
}

fn draw_all(blocks: &[Block], out: &mut String) {
    let items = blocks.iter().filter(|block| matches!(block, Block::Item(..))).count();
    let mut number = 0;
    for block in blocks {
        match block {
            Block::Sentence(line) | Block::Row(line) => sentence("", line, ".", out),
            Block::Group(head, body) => {
                sentence("", head, if body.is_empty() { "." } else { ":" }, out);
                draw_all(body, out);
            }
            Block::Item(line, body) => {
                number += 1;
                let place = if items > 1 { format!("{number} of {items}: ") } else { String::new() };
                sentence(&place, line, if body.is_empty() { "." } else { ":" }, out);
                draw_all(body, out);
            }
            Block::Table(heads, rows) => rows.iter().for_each(|row| table_row(heads, row, out)),
            Block::Gap => {
                if !out.is_empty() && !out.ends_with("\n\n") {
                    out.push('\n');
                }
            }
        }
    }
}

fn words(line: &Line) -> String {
    let text: String = line.0.iter().map(|part| part.plain.as_deref().unwrap_or(&part.text)).collect();
    text.replace('`', "")
}

fn sentence(before: &str, line: &Line, end: &str, out: &mut String) {
    let text = words(line);
    let text = text.trim();
    if text.is_empty() {
        return;
    }
    out.push_str(before);
    out.push_str(&begun(line, text));
    if !text.ends_with(['.', ':', '?', '!']) {
        out.push_str(end);
    }
    out.push('\n');
}

/// A sentence begins with a capital, unless it begins with an id.
fn begun(line: &Line, text: &str) -> String {
    let prose = line.0.first().is_some_and(|part| matches!(part.tone, Tone::Normal | Tone::Faint));
    let word = text.split(' ').next().unwrap_or("").trim_end_matches([':', ',']);
    if !prose || !word.chars().all(|letter| letter.is_ascii_lowercase()) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn table_row(heads: &[&str], row: &[Line], out: &mut String) {
    let cells: Vec<String> = heads
        .iter()
        .zip(row)
        .map(|(head, cell)| (head, words(cell)))
        .filter(|(_, cell)| !cell.trim().is_empty())
        .map(|(head, cell)| if head.is_empty() { cell } else { format!("{head}: {cell}") })
        .collect();
    sentence("", &Line::of(cells.join(", ")), ".", out);
}
