// SPDX-License-Identifier: Apache-2.0
//! Reading a mapping file: every slip is named with its line, before any row is looked at.

use super::cell::to_toml;
use super::columns::{Column, Shape, column, columns};
use super::map::{Map, Order, Words, folded, known};
use super::split::Encoding;
use crate::exit::Status;
use crate::input::reason;
use crate::out::Out;
use crate::render::diagnostic;
use comity_flow::{Format, Problem};
use comity_terms::{KeyKind, Scheme, nearest, vocabulary};
use std::fs;
use std::io;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What may stand at the top of a mapping file.
const TOP: [&str; 8] = ["columns", "dates", "defaults", "encoding", "header_row", "ignore", "lists", "sheet"];
const WORDS: &str = "words";

/// Reads the mapping file that the command line names. What is wrong with it is said, and is the status.
pub fn open(path: Option<&Path>, out: &mut Out) -> io::Result<Result<Map, Status>> {
    let Some(path) = path else { return Ok(Ok(Map::default())) };
    let name = path.to_string_lossy();
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            out.error(&format!("cannot read the mapping file `{name}`: {}", reason(&error)))?;
            return Ok(Err(Status::Failed));
        }
    };
    match parse(&text) {
        Ok(map) => Ok(Ok(map)),
        Err(problems) => {
            out.complain(&diagnostic::of_file(&name, &text, &problems, out.look_of_errors()))?;
            Ok(Err(Status::Invalid))
        }
    }
}

/// The mapping in a text, or all that is wrong with it.
pub fn parse(text: &str) -> Result<Map, Vec<Problem>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = Reader { text, map: Map::default(), wide: Vec::new(), problems: Vec::new() };
    match DeTable::parse(text) {
        Ok(table) => {
            let entries = in_order(table.get_ref());
            // How a cell is written comes before the cells.
            let (tables, others): (Vec<_>, Vec<_>) =
                entries.into_iter().partition(|(_, value)| matches!(value.get_ref(), DeValue::Table(_)));
            others.into_iter().chain(tables).for_each(|(name, value)| reader.entry(name, value));
        }
        Err(error) => reader.problem(error.span().map_or(0, |span| span.start), format!("this is not TOML: {}", error.message()), None),
    }
    let Reader { mut map, wide, mut problems, .. } = reader;
    // What is said of one column counts more there than what is said of all columns of its scheme.
    for (path, words) in wide {
        map.words.entry(path).or_default().fill(&words);
    }
    problems.sort_by_key(|problem| (problem.line, problem.column));
    if problems.is_empty() { Ok(map) } else { Err(problems) }
}

type Key<'a> = Spanned<std::borrow::Cow<'a, str>>;
type Node<'a> = Spanned<DeValue<'a>>;

/// The entries as they stand in the text.
fn in_order<'t, 'a>(table: &'t DeTable<'a>) -> Vec<(&'t Key<'a>, &'t Node<'a>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

/// The columns that take terms of the scheme, those first that take several; none where there is no such scheme.
fn of_scheme(id: &str) -> Vec<&'static Column> {
    let Some(scheme) = Scheme::from_id(id) else { return Vec::new() };
    let words = vocabulary();
    let kind = |column: &Column| words.key(&column.path).and_then(|key| words.key_at(key)).map(|key| key.kind);
    let of = |wanted: KeyKind| columns().iter().filter(move |column| kind(column) == Some(wanted));
    of(KeyKind::Many(scheme)).chain(of(KeyKind::One(scheme))).collect()
}

struct Reader<'a> {
    text: &'a str,
    map: Map,
    /// The words of schemes, which are those of each of these columns too.
    wide: Vec<(String, Words)>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn problem(&mut self, offset: usize, message: String, help: Option<String>) {
        let before = self.text.get(..offset).unwrap_or_default();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        self.problems.push(Problem { line: before.matches('\n').count() + 1, column, message, help });
    }

    fn wrong(&mut self, node: &Node<'_>, what: &str, expected: &str) {
        let found = match node.get_ref() {
            DeValue::String(text) => format!("the text `{text}`"),
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
            other => self.text.get(node.span()).map_or_else(|| other.type_str().to_owned(), |text| format!("`{text}`")),
        };
        self.problem(node.span().start, format!("{what}: expected {expected}, found {found}"), None);
    }

    fn entry(&mut self, name: &Key<'_>, value: &Node<'_>) {
        let what = format!("`{}`", name.get_ref());
        match (name.get_ref().as_ref(), value.get_ref()) {
            ("ignore", DeValue::Array(items)) => {
                for item in items {
                    match item.get_ref() {
                        DeValue::String(text) => self.map.ignore.push(folded(text)),
                        _ => self.wrong(item, &what, "the name of a column in quotes"),
                    }
                }
            }
            ("columns", DeValue::Table(table)) => in_order(table).into_iter().for_each(|(header, path)| self.column(header, path)),
            (WORDS, DeValue::Table(table)) => in_order(table).into_iter().for_each(|(path, words)| self.words(path, words)),
            ("defaults", DeValue::Table(table)) => in_order(table).into_iter().for_each(|(path, cell)| self.default(path, cell)),
            ("dates", DeValue::String(text)) => match Order::ALL.iter().find(|(known, _)| known == text) {
                Some((_, order)) => self.map.dates = Some(*order),
                None => self.wrong(value, &what, "`day-month-year` or `month-day-year`"),
            },
            ("encoding", DeValue::String(text)) => match text.to_lowercase().as_str() {
                "utf-8" => self.map.encoding = Encoding::Utf8,
                "windows-1252" => self.map.encoding = Encoding::Windows1252,
                _ => self.wrong(value, &what, "`utf-8` or `windows-1252`"),
            },
            ("lists", DeValue::String(text)) => match text.chars().collect::<Vec<_>>().as_slice() {
                [sign] if !sign.is_alphanumeric() && !sign.is_whitespace() && !"\\#@-_/:.\"'".contains(*sign) => {
                    self.map.lists = Some(*sign);
                }
                _ => self.wrong(value, &what, "one sign, such as `,` or `|`"),
            },
            ("sheet", DeValue::String(text)) => self.map.sheet = Some(text.to_string()),
            ("header_row", DeValue::Integer(number)) => match number.as_str().parse::<usize>() {
                Ok(number) if number > 0 => self.map.above = number - 1,
                _ => self.wrong(value, &what, "the number of a row, counted from 1"),
            },
            ("ignore", _) => self.wrong(value, &what, "a list of column names"),
            ("columns" | WORDS | "defaults", _) => self.wrong(value, &what, "a table"),
            ("header_row", _) => self.wrong(value, &what, "the number of a row, counted from 1"),
            (known, _) if TOP.contains(&known) => self.wrong(value, &what, "a text in quotes"),
            (other, _) => {
                let near = nearest(other, TOP.into_iter().chain([WORDS])).map(|near| format!("did you mean `{near}`?"));
                let help = near.unwrap_or_else(|| format!("expected one of `{}`, `{WORDS}`", TOP.join("`, `")));
                self.problem(name.span().start, format!("unknown key {what}"), Some(help));
            }
        }
    }

    /// Whether the key path is known; a problem is noted where it is not.
    fn knows(&mut self, path: &str, at: usize) -> bool {
        let found = known(path);
        if let Err(message) = &found {
            self.problem(at, message.clone(), None);
        }
        found.is_ok()
    }

    fn column(&mut self, header: &Key<'_>, path: &Node<'_>) {
        let name = header.get_ref().trim();
        let DeValue::String(text) = path.get_ref() else {
            return self.wrong(path, &format!("column `{name}`"), "a key path in quotes");
        };
        if !self.knows(text, path.span().start) {
            return;
        }
        if self.map.columns.iter().any(|(known, _)| folded(known) == folded(name)) {
            return self.problem(header.span().start, format!("column `{name}` stands here twice, if case and spaces do not count"), None);
        }
        self.map.columns.push((name.to_owned(), text.to_string()));
    }

    /// The words of one column, or of all columns that take terms of a scheme.
    fn words(&mut self, path: &Key<'_>, words: &Node<'_>) {
        let name = path.get_ref().to_string();
        let of_scheme = of_scheme(&name);
        let first = of_scheme.first().map_or(name.as_str(), |column| column.path.as_str());
        if of_scheme.is_empty() && !self.knows(first, path.span().start) {
            return;
        }
        let DeValue::Table(table) = words.get_ref() else {
            return self.wrong(words, &format!("[words.\"{name}\"]"), "a table");
        };
        // A text stands as it is, so that every text has a cell.
        if first != "profile" && column(first).is_some_and(|column| column.shape == Shape::Text) {
            return self.problem(path.span().start, format!("`{name}` is a text and has no words"), None);
        }
        let mut read = Words::default();
        for (word, meaning) in in_order(table) {
            let Some(cell) = self.cell(first, meaning) else { continue };
            if let Err(other) = read.add(word.get_ref(), &cell) {
                let message = format!("`{}` stands for `{other}` above, and here for `{cell}`", word.get_ref());
                self.problem(word.span().start, message, Some("case and spaces do not tell words apart".to_owned()));
            }
        }
        if of_scheme.is_empty() {
            self.map.words.insert(name, read);
        } else {
            self.wide.extend(of_scheme.iter().map(|column| (column.path.clone(), read.clone())));
        }
    }

    fn default(&mut self, path: &Key<'_>, cell: &Node<'_>) {
        let name = path.get_ref().to_string();
        if self.knows(&name, path.span().start)
            && let Some(cell) = self.cell(&name, cell)
        {
            self.map.defaults.insert(name, cell);
        }
    }

    /// A cell of a column, which is read once here, so that a slip is not found anew in each row.
    fn cell(&mut self, path: &str, node: &Node<'_>) -> Option<String> {
        let cell = match node.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Boolean(flag) => flag.to_string(),
            DeValue::Integer(number) => number.as_str().to_owned(),
            DeValue::Datetime(day) => day.to_string(),
            _ => {
                self.wrong(node, &format!("`{path}`"), "a value as a cell has it, in quotes");
                return None;
            }
        };
        let at = node.span().start;
        let column = column(path)?;
        let plain = Map { dates: self.map.dates, lists: self.map.lists, ..Map::default() };
        match to_toml(&cell, column, &plain) {
            Err(slip) => self.problem(at, format!("`{path}`: {}", slip.message), slip.help),
            Ok(Some(value)) if path != "profile" && column.shape != Shape::Presence => {
                let no_profile = |_: &str| Err(String::new());
                for problem in comity_flow::read(&format!("{path} = {value}\n"), Format::Toml, &no_profile).err().into_iter().flatten() {
                    // The line shows the key, or the scheme that stands for many.
                    let message = problem.message.trim_start_matches(&format!("`{path}`: ")).to_owned();
                    self.problem(at, message, problem.help);
                }
            }
            Ok(_) => {}
        }
        Some(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn each_slip_has_its_line() {
        let text = "dates = \"dmy\"\nlists = \"ab\"\nheader_row = 0\nshet = \"x\"\n[columns]\n\"To\" = \"importer.saet\"\n\"to \" = \"importer.seat\"\n\
            \" TO\" = \"importer.seat\"\n[words.\"importer.seat\"]\n\"America\" = \"USA\"\n\"U S\" = \"US\"\n\"u  s\" = \"GB\"\n\
            [words.title]\na = \"b\"\n[defaults]\n\"importer.role\" = \"procesor\"\nprofile = [1]\n";
        let problems = parse(text).expect_err("slips");
        let lines: Vec<usize> = problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [1, 2, 3, 4, 6, 8, 10, 12, 13, 16, 17], "{problems:#?}");
        assert!(problems[3].help.as_deref().is_some_and(|help| help.contains("`sheet`")));
        assert!(problems[4].message.contains("`importer.seat`"));
    }

    #[test]
    fn words_know_neither_case_nor_spaces() {
        let map = parse("[words.\"importer.seat\"]\n\"United  States\" = \"US\"\nunknown = \"\"\n").expect("it is right");
        assert_eq!(map.word("importer.seat", " united states "), Some("US"));
        assert_eq!(map.word("importer.seat", "Unknown"), Some(""));
        assert_eq!(map.unword("importer.seat", "US"), Some("United  States"));
        assert_eq!(map.word("importer.parent", "United States"), None);
        let map = parse("[words.place]\nUSA = \"US\"\nhere = \"DE\"\n[words.\"importer.seat\"]\nhere = \"AT\"\n").expect("it is right");
        assert_eq!(map.word("route.storage", "usa"), Some("US"));
        assert_eq!(["importer.seat", "exporter.seat"].map(|path| map.word(path, "here")), [Some("AT"), Some("DE")]);
        assert_eq!(map.word("purpose.of", "usa"), None);
    }
}
