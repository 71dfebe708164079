// SPDX-License-Identifier: Apache-2.0
//! A document as text for a terminal: indented, wrapped, with colors where they are wanted.

use super::doc::{Block, Line, Part, Tone};
use anstyle::{AnsiColor, Style};

/// How text is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Whether colors are wanted.
    pub color: bool,
    /// The number of columns.
    pub width: usize,
}

/// Draws a document.
pub fn draw(blocks: &[Block], look: Look) -> String {
    let mut out = String::new();
    blocks.iter().for_each(|block| draw_block(block, look, 0, &mut out));
    out
}

fn draw_block(block: &Block, look: Look, depth: usize, out: &mut String) {
    match block {
        Block::Sentence(line) => draw_line(line, look, depth, "", out),
        Block::Group(head, body) => {
            draw_line(head, look, depth, "", out);
            body.iter().for_each(|block| draw_block(block, look, depth + 1, out));
        }
        Block::Item(line, body) => {
            draw_line(line, look, depth, "- ", out);
            body.iter().for_each(|block| draw_block(block, look, depth + 1, out));
        }
        Block::Table(heads, rows) => draw_table(heads, rows, look, depth, out),
        Block::Row(line) => {
            let drawn: String = line.0.iter().map(|part| paint(&part.text, part.tone, look)).collect();
            out.push_str(drawn.trim_end());
            out.push('\n');
        }
        Block::Gap => out.push('\n'),
    }
}

fn style(tone: Tone) -> Style {
    let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
    match tone {
        Tone::Normal => Style::new(),
        Tone::Strong => Style::new().bold(),
        Tone::Good => color(AnsiColor::Green).bold(),
        Tone::Bad => color(AnsiColor::Red).bold(),
        Tone::Doubt => color(AnsiColor::Yellow).bold(),
        Tone::Faint => Style::new().dimmed(),
    }
}

fn paint(text: &str, tone: Tone, look: Look) -> String {
    if !look.color || tone == Tone::Normal || text.is_empty() {
        return text.to_owned();
    }
    let style = style(tone);
    format!("{style}{text}{style:#}")
}

/// Wraps by words and keeps the tone of each.
fn draw_line(line: &Line, look: Look, depth: usize, marker: &str, out: &mut String) {
    let indent = " ".repeat(depth * 2);
    let hanging = format!("{indent}{}", " ".repeat(marker.len()));
    let width = look.width.saturating_sub(hanging.len()).max(30);
    let bare = line.bare();
    let mut tones = tones(&line.0);
    for (number, row) in textwrap::wrap(&bare, options(width)).iter().enumerate() {
        out.push_str(if number == 0 { &indent } else { &hanging });
        if number == 0 {
            out.push_str(marker);
        }
        out.push_str(&painted(row, &mut tones, look));
        out.push('\n');
    }
}

fn options(width: usize) -> textwrap::Options<'static> {
    // A key path or a citation is never broken inside a word.
    textwrap::Options::new(width)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
        .break_words(false)
}

/// Each character that is not a space, with its tone: wrapping changes spaces and nothing else.
fn tones(parts: &[Part]) -> impl Iterator<Item = Tone> + '_ {
    parts.iter().flat_map(|part| part.text.chars().filter(|letter| !letter.is_whitespace()).map(|_| part.tone))
}

fn painted(row: &str, tones: &mut impl Iterator<Item = Tone>, look: Look) -> String {
    let mut out = String::new();
    let (mut run, mut tone) = (String::new(), Tone::Normal);
    for letter in row.chars() {
        if !letter.is_whitespace() {
            let next = tones.next().unwrap_or(Tone::Normal);
            if next != tone {
                // Spaces between two tones belong to neither.
                let ending = run.len() - run.trim_end().len();
                let spaces = " ".repeat(ending);
                out.push_str(&paint(run.trim_end(), tone, look));
                out.push_str(&spaces);
                run.clear();
                tone = next;
            }
        }
        run.push(letter);
    }
    out.push_str(&paint(&run, tone, look));
    out
}

fn draw_table(heads: &[&str], rows: &[Vec<Line>], look: Look, depth: usize, out: &mut String) {
    let wide = |text: &str| textwrap::core::display_width(text);
    let mut widths: Vec<usize> = heads.iter().map(|head| wide(head)).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(wide(&cell.bare()));
        }
    }
    let last = widths.len().saturating_sub(1);
    let indent = " ".repeat(depth * 2);
    let mut put = |cells: Vec<(String, usize)>| {
        let mut row = indent.clone();
        for (position, ((cell, length), width)) in cells.into_iter().zip(&widths).enumerate() {
            row.push_str(&cell);
            if position < last {
                row.push_str(&" ".repeat(width.saturating_sub(length) + 2));
            }
        }
        out.push_str(row.trim_end());
        out.push('\n');
    };
    put(heads.iter().map(|head| (paint(head, Tone::Faint, look), wide(head))).collect());
    for row in rows {
        put(row.iter().map(|cell| (cell.0.iter().map(|part| paint(&part.text, part.tone, look)).collect(), wide(&cell.bare()))).collect());
    }
}
