// SPDX-License-Identifier: Apache-2.0
//! Where the cursor is in a flow file: in the name of a table, in a key, or in a value, and of which key.
//!
//! A small scanner rather than a parser of TOML: while somebody writes, the text around the cursor seldom parses.

use comity_law::Span;

/// Which part of a file the cursor is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The name of a table between brackets.
    Header,
    /// The name of a key.
    Key,
    /// A value.
    Value,
}

/// A place in a flow file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which part.
    pub part: Part,
    /// The table: the last header, empty before the first.
    pub table: String,
    /// The key of the value, or the one whose inline table the cursor is in; empty outside a value.
    pub key: String,
    /// The key within an inline table; empty outside one.
    pub inline: String,
    /// The word at the cursor, without quotes.
    pub span: Span,
    /// Whether the word stands in quotes.
    pub quoted: bool,
    /// Whether the cursor is within brackets of a list.
    pub in_list: bool,
    /// The keys that this table states elsewhere.
    pub stated: Vec<String>,
}

impl Place {
    /// The dotted path of the key whose value the cursor is in.
    #[must_use]
    pub fn path(&self) -> String {
        dotted([&self.table, &self.key, &self.inline])
    }

    /// The dotted path of a key that stands at the cursor.
    #[must_use]
    pub fn path_with(&self, word: &str) -> String {
        dotted([&self.table, &self.key, word])
    }

    /// The dotted path of the table, inline or not, that a key at the cursor belongs to.
    #[must_use]
    pub fn owner(&self) -> String {
        dotted([&self.table, &self.key, ""])
    }
}

fn dotted(parts: [&str; 3]) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".")
}

/// Where a byte of a flow file is; `None` in a comment.
#[must_use]
pub fn place(text: &str, byte: usize) -> Option<Place> {
    let mut scanner = Scanner { text, at: 0, byte, table: String::new(), section: 0, keys: Vec::new(), found: None, comment: false };
    scanner.document();
    if scanner.comment {
        return None;
    }
    let (section, mut place) = scanner.found?;
    let word = text.get(place.span.start..place.span.end).unwrap_or("");
    if place.key.is_empty() {
        place.stated = scanner.keys.into_iter().filter(|(other, key)| *other == section && key != word).map(|(_, key)| key).collect();
    }
    Some(place)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    byte: usize,
    table: String,
    section: usize,
    keys: Vec<(usize, String)>,
    found: Option<(usize, Place)>,
    comment: bool,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at..).and_then(|rest| rest.chars().next())
    }

    fn bump(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += letter.len_utf8();
        Some(letter)
    }

    fn skip(&mut self, keep: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&keep) {
            self.bump();
        }
    }

    fn slice(&self, span: Span) -> String {
        self.text.get(span.start..span.end).unwrap_or("").to_owned()
    }

    /// Notes the place, if the cursor is in the span and was found nowhere before.
    fn meet(&mut self, part: Part, span: Span, key: &str, inline: &str, shape: (bool, bool)) {
        if self.found.is_none() && span.start <= self.byte && self.byte <= span.end {
            let (quoted, in_list) = shape;
            let (table, key, inline) = (self.table.clone(), key.to_owned(), inline.to_owned());
            self.found = Some((self.section, Place { part, table, key, inline, span, quoted, in_list, stated: Vec::new() }));
        }
    }

    fn cursor(&self) -> Span {
        Span { start: self.byte, end: self.byte }
    }

    fn comment(&mut self) {
        let start = self.at;
        self.skip(|letter| letter != '\n');
        self.comment |= start < self.byte && self.byte <= self.at;
    }

    fn document(&mut self) {
        loop {
            let start = self.at;
            self.skip(char::is_whitespace);
            match self.peek() {
                Some('#') => {
                    if (start..self.at).contains(&self.byte) {
                        self.meet(Part::Key, self.cursor(), "", "", (false, false));
                    }
                    self.comment();
                }
                Some('[') if self.found.is_some() || self.byte > self.at || start == self.at => self.header(),
                Some('[') => {
                    if (start..self.at).contains(&self.byte) {
                        self.meet(Part::Key, self.cursor(), "", "", (false, false));
                    }
                    self.header();
                }
                Some(_) => {
                    if (start..self.at).contains(&self.byte) {
                        self.meet(Part::Key, self.cursor(), "", "", (false, false));
                    }
                    self.statement();
                }
                None => {
                    if self.byte >= start {
                        self.meet(Part::Key, self.cursor(), "", "", (false, false));
                    }
                    return;
                }
            }
        }
    }

    fn header(&mut self) {
        self.skip(|letter| letter == '[');
        let start = self.at;
        self.skip(|letter| !matches!(letter, ']' | '\n' | '#'));
        let end = start + self.slice(Span { start, end: self.at }).trim_end().len();
        self.meet(Part::Header, Span { start, end }, "", "", (false, false));
        self.table = self.slice(Span { start, end }).split('.').map(|part| part.trim().trim_matches('"')).collect::<Vec<_>>().join(".");
        self.section += 1;
        self.skip(|letter| letter == ']');
        self.skip(|letter| matches!(letter, ' ' | '\t'));
        if self.peek() == Some('#') {
            self.comment();
        } else {
            self.skip(|letter| letter != '\n');
        }
    }

    fn statement(&mut self) {
        let start = self.at;
        self.skip(|letter| !matches!(letter, '=' | '\n' | '#'));
        let end = start + self.slice(Span { start, end: self.at }).trim_end().len();
        self.meet(Part::Key, Span { start, end }, "", "", (false, false));
        let key = self.slice(Span { start, end }).split('.').map(|part| part.trim().trim_matches('"')).collect::<Vec<_>>().join(".");
        self.keys.push((self.section, key.clone()));
        match self.peek() {
            Some('=') => {
                self.bump();
                self.value(&key);
            }
            Some('#') => self.comment(),
            _ => {}
        }
    }

    /// A value: everything up to the end of the line, or of the brackets and braces it opens.
    fn value(&mut self, key: &str) {
        let mut open: Vec<char> = Vec::new();
        let mut inline = String::new();
        // Whether a word would be a key of an inline table.
        let mut keyed = false;
        loop {
            let gap = self.at;
            let multiline = !open.is_empty();
            self.skip(|letter| matches!(letter, ' ' | '\t' | '\r') || (multiline && letter == '\n'));
            let in_list = open.contains(&'[');
            let part = if keyed { Part::Key } else { Part::Value };
            let inner = if keyed { String::new() } else { inline.clone() };
            let Some(letter) = self.peek() else {
                if self.byte >= gap {
                    self.meet(part, self.cursor(), key, &inner, (false, in_list));
                }
                return;
            };
            if gap <= self.byte
                && self.byte <= self.at
                && (gap < self.at || matches!(letter, ']' | '}' | ',' | '\n' | '[' | '{') && self.byte == self.at)
            {
                // Right before a word, the word counts.
                let before_word = self.byte == self.at && !matches!(letter, ']' | '}' | ',' | '\n' | '#' | '[' | '{' | '=');
                if !before_word {
                    self.meet(part, self.cursor(), key, &inner, (false, in_list));
                }
            }
            match letter {
                '\n' => return,
                '#' => {
                    self.comment();
                    if open.is_empty() {
                        return;
                    }
                }
                '"' | '\'' => {
                    let span = self.string(letter);
                    self.meet(part, span, key, &inner, (true, in_list));
                    if keyed {
                        inline = self.slice(span);
                    }
                }
                '[' => {
                    // A line that begins like a header in a list that was never closed is a header.
                    let heads = self.text.get(self.at..).is_some_and(|rest| rest.starts_with("[[") || is_header(rest));
                    if multiline && gap < self.at && self.slice(Span { start: gap, end: self.at }).contains('\n') && heads {
                        return;
                    }
                    self.bump();
                    open.push('[');
                }
                '{' => {
                    self.bump();
                    open.push('{');
                    keyed = true;
                }
                ']' | '}' => {
                    self.bump();
                    open.pop();
                    keyed = false;
                    if open.last() != Some(&'{') {
                        inline.clear();
                    }
                    if open.is_empty() {
                        self.meet_rest();
                        return;
                    }
                }
                ',' => {
                    self.bump();
                    keyed = open.last() == Some(&'{');
                    if keyed {
                        inline.clear();
                    }
                }
                '=' => {
                    self.bump();
                    keyed = false;
                }
                _ => {
                    let start = self.at;
                    self.skip(|letter| !letter.is_whitespace() && !matches!(letter, ',' | ']' | '}' | '=' | '#' | '[' | '{' | '"'));
                    if self.at == start {
                        self.bump();
                    }
                    let span = Span { start, end: self.at };
                    self.meet(part, span, key, &inner, (false, in_list));
                    if keyed {
                        inline = self.slice(span);
                    }
                }
            }
        }
    }

    /// Behind a closed value nothing may stand but a comment.
    fn meet_rest(&mut self) {
        self.skip(|letter| !matches!(letter, '\n' | '#'));
        if self.peek() == Some('#') {
            self.comment();
        }
    }

    /// A text in quotes: the stretch between them. It ends with its line unless it is opened by three quotes.
    fn string(&mut self, quote: char) -> Span {
        let long: String = std::iter::repeat_n(quote, 3).collect();
        if self.text.get(self.at..).is_some_and(|rest| rest.starts_with(&long)) {
            let start = self.at + 3;
            let length = self.text.get(start..).and_then(|rest| rest.find(&long)).unwrap_or(self.text.len().saturating_sub(start));
            self.at = (start + length + 3).min(self.text.len());
            return Span { start, end: (start + length).min(self.text.len()) };
        }
        self.bump();
        let start = self.at;
        while let Some(letter) = self.peek() {
            if letter == quote || letter == '\n' {
                break;
            }
            self.bump();
            if letter == '\\' && quote == '"' && self.peek() != Some('\n') {
                self.bump();
            }
        }
        let end = self.at;
        if self.peek() == Some(quote) {
            self.bump();
        }
        Span { start, end }
    }
}

/// Whether a line is `[name]`, with a name that is no value.
fn is_header(rest: &str) -> bool {
    let line = rest.lines().next().unwrap_or("");
    let name = line.trim_start_matches('[').split(']').next().unwrap_or("");
    line.contains(']') && !name.is_empty() && name.chars().all(|letter| letter.is_ascii_lowercase() || matches!(letter, '_' | '.'))
}
