// SPDX-License-Identifier: Apache-2.0
//! Reading a manifest: every slip is named with its line.

use super::{Column, Decides, Held, Identifies, Manifest, Places};
use crate::measure::{Grain, Measure};
use crate::overlay::{self, Overlay};
use comity_flow::Problem;
use comity_terms::{Bits, KeyKind, Scheme, nearest, vocabulary};
use std::borrow::Cow;
use std::collections::BTreeMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

const TOP: [&str; 11] = ["table", "person", "held", "epoch", "encrypt_to", "k", "l", "t", "suppress_at_most", "release", "columns"];
const OF_COLUMN: [&str; 10] =
    ["holds", "identifies", "sensitive", "decides", "words", "bands", "measures", "hierarchy", "joins", "encrypt_to"];
const HELD: [(&str, Held); 2] = [("quarantine", Held::Quarantine), ("drop", Held::Drop)];

/// What `comity discover` writes where a person has to decide.
const UNDECIDED: &str = "?";

pub(super) type Node<'a> = Spanned<DeValue<'a>>;

pub(super) struct Reader<'a> {
    text: &'a str,
    problems: Vec<Problem>,
}

/// The entries as they stand in the text.
pub(super) fn in_order<'t, 'a>(table: &'t DeTable<'a>) -> Vec<(&'t Spanned<Cow<'a, str>>, &'t Node<'a>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

/// Whether a text has the form of a public key of age; whether it is one, whoever encrypts finds out.
fn age_key(text: &str) -> bool {
    text.starts_with("age1") && text.len() == 62 && text.bytes().all(|sign| sign.is_ascii_lowercase() || sign.is_ascii_digit())
}

/// Reads a manifest.
pub(super) fn manifest(text: &str) -> Result<Manifest, Vec<Problem>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = Reader { text, problems: Vec::new() };
    let mut manifest = Manifest {
        table: String::new(),
        person: None,
        columns: Vec::new(),
        held: Held::Quarantine,
        epoch: String::new(),
        least: 0,
        variety: 0,
        closeness: None,
        suppress_at_most: 0,
        encrypt_to: Vec::new(),
        release: None,
        text: text.to_owned(),
    };
    match DeTable::parse(text) {
        Ok(table) => reader.top(table.get_ref(), &mut manifest),
        Err(error) => reader.problem(error.span().map_or(0, |span| span.start), format!("this is not TOML: {}", error.message()), None),
    }
    let Reader { mut problems, .. } = reader;
    problems.sort_by_key(|problem| (problem.line, problem.column));
    if problems.is_empty() { Ok(manifest) } else { Err(problems) }
}

impl Reader<'_> {
    /// The line and the column of a place.
    fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        (before.matches('\n').count() + 1, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
    }

    pub(super) fn problem(&mut self, at: usize, message: String, help: Option<String>) {
        let (line, column) = self.place(at);
        self.problems.push(Problem { line, column, message, help });
    }

    pub(super) fn mismatch(&mut self, name: &str, node: &Node<'_>, expected: &str) {
        let found = self.text.get(node.span()).unwrap_or_default();
        let found: String = found.chars().take(60).collect();
        self.problem(node.span().start, format!("`{name}`: expected {expected}, found {found}"), None);
    }

    pub(super) fn unknown(&mut self, at: usize, name: &str, known: &[&str]) {
        let help = nearest(name, known.iter().copied())
            .map_or_else(|| format!("known: {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
        self.problem(at, format!("unknown key `{name}`"), Some(help));
    }

    fn text_of(&mut self, name: &str, node: &Node<'_>) -> Option<String> {
        if let DeValue::String(text) = node.get_ref()
            && !text.is_empty()
        {
            return Some(text.to_string());
        }
        self.mismatch(name, node, "a text");
        None
    }

    /// A text, or a list of texts; each with its place.
    pub(super) fn texts(&mut self, name: &str, node: &Node<'_>) -> Vec<(usize, String)> {
        match node.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| Some((item.span().start, self.text_of(name, item)?))).collect(),
            DeValue::String(_) => self.text_of(name, node).map(|text| (node.span().start, text)).into_iter().collect(),
            _ => {
                self.mismatch(name, node, "a list of texts");
                Vec::new()
            }
        }
    }

    fn word<T: Copy>(&mut self, name: &str, node: &Node<'_>, words: &[(&str, T)]) -> Option<T> {
        let text = self.text_of(name, node)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let list: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            self.mismatch(name, node, &format!("one of {}", list.join(", ")));
        }
        found
    }

    fn top(&mut self, table: &DeTable<'_>, manifest: &mut Manifest) {
        let (mut person_at, mut of_values_at, mut share_at, mut release) = (0, None, None, None);
        for (name, node) in in_order(table) {
            match name.get_ref().as_ref() {
                "table" => manifest.table = self.text_of("table", node).unwrap_or_default(),
                "person" => {
                    person_at = node.span().start;
                    manifest.person = self.text_of("person", node);
                }
                "epoch" => manifest.epoch = self.text_of("epoch", node).unwrap_or_default(),
                "encrypt_to" => manifest.encrypt_to = self.keys(node),
                "k" => manifest.least = self.least("k", node),
                "l" => {
                    of_values_at = of_values_at.or(Some(node.span().start));
                    manifest.variety = self.least("l", node);
                }
                "t" => {
                    of_values_at = of_values_at.or(Some(node.span().start));
                    manifest.closeness = self.share("t", node);
                }
                "suppress_at_most" => {
                    share_at = Some(node.span().start);
                    // INVARIANT: a share is less than one, so that the product fits.
                    manifest.suppress_at_most = self.share("suppress_at_most", node).map_or(0, |share| (share * 1e6).round() as u32);
                }
                "release" => release = Some(node),
                "held" => manifest.held = self.word("held", node, &HELD).unwrap_or(Held::Quarantine),
                "columns" => match node.get_ref() {
                    DeValue::Table(columns) => {
                        for (name, node) in in_order(columns) {
                            let column = self.column(name, node);
                            manifest.columns.extend(column);
                        }
                    }
                    _ => self.mismatch("columns", node, "a table for each column, such as [columns.email]"),
                },
                unknown => self.unknown(name.span().start, unknown, &TOP),
            }
        }
        if manifest.table.is_empty() {
            self.problem(0, "`table` is missing".to_owned(), Some("name the table: table = \"customers\"".to_owned()));
        }
        if manifest.columns.is_empty() {
            self.problem(0, "no column is described".to_owned(), Some("add [columns.NAME] for each column of the table".to_owned()));
        }
        if let Some(node) = release {
            self.release(node, manifest);
        }
        if let Some(at) = of_values_at {
            let sensitive = |column: &&Column| column.sensitive && column.measures.iter().any(Measure::leaves);
            let found: Vec<&Column> = manifest.columns.iter().filter(sensitive).collect();
            if found.is_empty() {
                let help = "say which one it is: sensitive = true".to_owned();
                self.problem(at, "`l` and `t` are asked, and no column that may leave is sensitive".to_owned(), Some(help));
            }
            let together: Vec<String> =
                found.iter().filter(|column| column.identifies == Identifies::Together).map(|column| column.name.clone()).collect();
            for name in together {
                self.problem(at, format!("`l` and `t` are asked, and column `{name}` is sensitive and identifies together"), None);
            }
        }
        if let Some(at) = share_at.filter(|_| !manifest.asks_of_classes()) {
            let help = "say what is asked of classes: k = 5".to_owned();
            self.problem(at, "`suppress_at_most` without `k`, `l` or `t`".to_owned(), Some(help));
        }
        if let Some(person) = &manifest.person
            && !manifest.columns.iter().any(|column| column.name == *person)
        {
            let near =
                nearest(person, manifest.columns.iter().map(|column| column.name.as_str())).map(|near| format!("did you mean `{near}`?"));
            self.problem(person_at, format!("`person`: expected the name of a column below, found `{person}`"), near);
        }
    }

    fn keys(&mut self, node: &Node<'_>) -> Vec<String> {
        let keys = self.texts("encrypt_to", node);
        for (at, key) in keys.iter().filter(|(_, key)| !age_key(key)) {
            let help = "it has 62 signs, as `age-keygen` shows it; who has the key that belongs to it can read what is encrypted to it";
            let message = format!("`encrypt_to`: expected a public key of age, such as age1…, found `{key}`");
            self.problem(*at, message, Some(help.to_owned()));
        }
        keys.into_iter().map(|(_, key)| key).collect()
    }

    fn least(&mut self, name: &str, node: &Node<'_>) -> u64 {
        let least = node.get_ref().as_integer().and_then(|number| number.as_str().parse().ok()).filter(|least| *least > 1);
        if least.is_none() {
            self.mismatch(name, node, "a whole number, 2 or more");
        }
        least.unwrap_or(0)
    }

    fn share(&mut self, name: &str, node: &Node<'_>) -> Option<f64> {
        let share = node.get_ref().as_float().and_then(|number| number.as_str().parse::<f64>().ok());
        let share = share.filter(|share| *share > 0.0 && *share < 1.0);
        if share.is_none() {
            self.mismatch(name, node, "a share between 0 and 1, such as 0.02");
        }
        share
    }

    fn column(&mut self, name: &Spanned<Cow<'_, str>>, node: &Node<'_>) -> Option<Column> {
        let at = name.span().start;
        let DeValue::Table(table) = node.get_ref() else {
            self.mismatch(name.get_ref(), node, "a table, such as { holds = [\"contact\"], identifies = \"directly\" }");
            return None;
        };
        let line = self.text.get(..at).unwrap_or_default().matches('\n').count() + 1;
        let mut column = Column {
            name: name.get_ref().to_string(),
            holds: Bits::default(),
            identifies: Identifies::No,
            decides: None,
            measures: Vec::new(),
            hierarchy: BTreeMap::new(),
            sensitive: false,
            joins: None,
            encrypt_to: Vec::new(),
            line,
            places: Places::default(),
        };
        let (mut holds, mut identifies, mut path, mut words, mut bands) = (false, false, None, None, Vec::new());
        let mut undecided = false;
        for (key, node) in in_order(table) {
            match key.get_ref().as_ref() {
                "holds" | "identifies" if node.get_ref().as_str() == Some(UNDECIDED) => {
                    // What was proposed by a program and not decided by a person stops everything, once for each column.
                    if !undecided {
                        let help = "look at the column, and say what it holds and whether it identifies; one that may not leave has measures = [\"drop\"]";
                        let message = format!("nobody has decided yet what column `{}` holds", column.name);
                        self.problem(node.span().start, message, Some(help.to_owned()));
                    }
                    (holds, identifies, undecided) = (true, true, true);
                }
                "holds" => {
                    holds = true;
                    for (at, id) in self.texts("holds", node) {
                        self.category(at, &id, &mut column.holds);
                    }
                }
                "identifies" => {
                    identifies = true;
                    column.identifies = self.word("identifies", node, &Identifies::WORDS).unwrap_or(Identifies::No);
                }
                "sensitive" => match node.get_ref().as_bool() {
                    Some(sensitive) => column.sensitive = sensitive,
                    None => self.mismatch("sensitive", node, "`true` or `false`"),
                },
                "decides" => {
                    column.places.decides = self.place(node.span().start);
                    path = self.text_of("decides", node).map(|path| (node.span().start, path));
                }
                "words" => {
                    for (word, _) in node.get_ref().as_table().into_iter().flat_map(|table| table.iter()) {
                        column.places.words.insert(word.get_ref().to_string(), self.place(word.span().start));
                    }
                    words = Some(node);
                }
                "bands" => bands = self.bands(node),
                "measures" => {
                    for (at, text) in self.texts("measures", node) {
                        match Measure::parse(&text) {
                            Ok(measure) => {
                                column.places.measures.push(self.place(at));
                                column.measures.push(measure);
                            }
                            Err(error) => self.problem(at, format!("`measures`: {error}"), None),
                        }
                    }
                }
                "hierarchy" => column.hierarchy = self.hierarchy(node),
                "encrypt_to" => column.encrypt_to = self.keys(node),
                "joins" => column.joins = self.text_of("joins", node),
                unknown => self.unknown(key.span().start, unknown, &OF_COLUMN),
            }
        }
        if !holds {
            let help = "say which data categories it holds; holds = [] says that by itself it is no personal data".to_owned();
            self.problem(at, format!("`holds` of column `{}` is missing", column.name), Some(help));
        }
        if !identifies {
            let help = "say `directly`, `together` (with other columns) or `no`".to_owned();
            self.problem(at, format!("`identifies` of column `{}` is missing", column.name), Some(help));
        }
        if column.measures.is_empty() {
            column.measures.push(Measure::Keep);
        }
        if column.measures.iter().any(|measure| matches!(measure, Measure::Generalise(Grain::Hierarchy(_)))) && column.hierarchy.is_empty()
        {
            let help = "add it: hierarchy = { Cork = \"Munster\" }".to_owned();
            self.problem(at, format!("column `{}` is to be generalised by a hierarchy that is missing", column.name), Some(help));
        }
        match (path, words) {
            (Some((at, path)), words) => column.decides = self.decides(at, path, words, bands),
            (None, Some(node)) => self.problem(
                node.span().start,
                "`words` without `decides`".to_owned(),
                Some("say which key of the flow file the column decides".to_owned()),
            ),
            (None, None) => {}
        }
        Some(column)
    }

    fn category(&mut self, at: usize, id: &str, holds: &mut Bits) {
        let vocabulary = vocabulary();
        match vocabulary.find(Scheme::Category, id) {
            Some(term) => holds.insert(term.index()),
            None => {
                let near = vocabulary.nearest(Scheme::Category, id).map(|near| format!("did you mean `{near}`?"));
                self.problem(at, format!("`holds`: expected a data category, found `{id}`"), near);
            }
        }
    }

    fn bands(&mut self, node: &Node<'_>) -> Vec<u64> {
        let numbers: Option<Vec<u64>> = node.get_ref().as_array().and_then(|items| {
            items.iter().map(|item| item.get_ref().as_integer().and_then(|number| number.as_str().parse().ok())).collect()
        });
        match numbers {
            Some(numbers) if numbers.is_sorted_by(|one, next| one < next) && numbers.first() == Some(&0) => numbers,
            _ => {
                self.mismatch("bands", node, "the lowest number of each band, ascending from 0, such as [0, 13, 16, 18]");
                Vec::new()
            }
        }
    }

    fn hierarchy(&mut self, node: &Node<'_>) -> BTreeMap<String, String> {
        let DeValue::Table(table) = node.get_ref() else {
            self.mismatch("hierarchy", node, "a table from each value to the one above it");
            return BTreeMap::new();
        };
        in_order(table)
            .into_iter()
            .filter_map(|(name, node)| Some((name.get_ref().to_string(), self.text_of("hierarchy", node)?)))
            .collect()
    }

    fn decides(&mut self, at: usize, path: String, words: Option<&Node<'_>>, bands: Vec<u64>) -> Option<Decides> {
        if !Overlay::takes(&path) {
            let near = vocabulary().nearest_key(&path).map(|near| format!("did you mean `{near}`?"));
            let help = near.filter(|_| vocabulary().key(&path).is_none());
            let help = help.or_else(|| Some("cells can decide consent, the day `on`, and keys outside [safeguards]".to_owned()));
            self.problem(at, format!("`decides`: expected a key path of the flow file, found `{path}`"), help);
            return None;
        }
        if !bands.is_empty() && overlay::kind(&path) != Some(KeyKind::Count) {
            self.problem(at, format!("`bands` are for numbers, and `{path}` takes none"), None);
        }
        let Some(node) = words else {
            if path == overlay::CONSENT {
                self.problem(
                    at,
                    "consent needs `words` that say what each cell means".to_owned(),
                    Some("such as words = { yes = [\"explicit\"], no = false }".to_owned()),
                );
            }
            return Some(Decides { path, words: None, bands });
        };
        let DeValue::Table(table) = node.get_ref() else {
            self.mismatch("words", node, "a table from each word of the column to a value of the flow file");
            return None;
        };
        let mut known = BTreeMap::new();
        for (word, node) in in_order(table) {
            let value = self.text.get(node.span()).unwrap_or_default().to_owned();
            match Overlay::of(&path, &value) {
                Ok(overlay) => {
                    known.insert(word.get_ref().to_string(), overlay);
                }
                Err(message) => self.problem(node.span().start, message, None),
            }
        }
        Some(Decides { path, words: Some(known), bands })
    }
}
