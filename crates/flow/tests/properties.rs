// SPDX-License-Identifier: Apache-2.0
//! Laws: what is written reads back the same, both notations say the same, and no text makes the reader fail.

use comity_flow::{Flow, Format, Problem, read, template, write};
use comity_terms::{KeyKind, Scheme, vocabulary};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A value that both notations can write.
#[derive(Clone, Debug)]
enum Shape {
    Text(String),
    Flag(bool),
    Number(u64),
    List(Vec<Shape>),
    Table(BTreeMap<String, Shape>),
}

fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|letter| match letter {
        '"' | '\\' => format!("\\{letter}"),
        letter if letter.is_ascii_control() => format!("\\u{:04x}", u32::from(letter)),
        letter => letter.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

fn inline(shape: &Shape, json: bool) -> String {
    match shape {
        Shape::Text(text) => quoted(text),
        Shape::Flag(flag) => flag.to_string(),
        Shape::Number(number) => number.to_string(),
        Shape::List(items) => {
            format!("[{}]", items.iter().map(|item| inline(item, json)).collect::<Vec<_>>().join(", "))
        }
        Shape::Table(entries) => {
            let entries = entries.iter().map(|(name, value)| match json {
                true => format!("\"{name}\": {}", inline(value, json)),
                false => format!("{name} = {}", inline(value, json)),
            });
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}

fn toml(entries: &BTreeMap<String, Shape>) -> String {
    entries.iter().map(|(name, value)| format!("{name} = {}\n", inline(value, false))).collect()
}

/// An id of the scheme, as a file may write it.
fn id(scheme: Scheme, seed: u64) -> Shape {
    let ids = vocabulary().entries(scheme).iter().map(|entry| entry.id.as_str());
    let ids: Vec<&str> = ids.filter(|id| *id != "none" || scheme == Scheme::LawfulBasis).collect();
    let position = usize::try_from(seed).unwrap_or(0) % ids.len().max(1);
    Shape::Text(ids.get(position).copied().unwrap_or_default().to_owned())
}

fn ids(scheme: Scheme, seed: u64) -> Shape {
    Shape::List((0..seed % 4).map(|step| id(scheme, seed / 4 + step * 7)).collect())
}

fn day(seed: u64) -> Shape {
    Shape::Text(format!("{}-{:02}-{:02}", 2010 + seed % 12, 1 + seed % 12, 1 + seed % 28))
}

/// Ids, some of them as tables with days.
fn items(scheme: Scheme, seed: u64) -> Shape {
    let item = |step: u64| {
        let id = id(scheme, seed / 3 + step * 5);
        if (seed + step).is_multiple_of(2) {
            return id;
        }
        let mut table = BTreeMap::from([("id".to_owned(), id)]);
        if !seed.is_multiple_of(3) {
            table.insert("on".to_owned(), day(seed / 2));
        }
        if !seed.is_multiple_of(5) {
            table.insert("until".to_owned(), Shape::Text(format!("{}-06-30", 2022 + seed % 4)));
        }
        if !seed.is_multiple_of(7) {
            table.insert("ref".to_owned(), Shape::Text(format!("file \"{seed}\"")));
        }
        Shape::Table(table)
    };
    Shape::List((0..seed % 4).map(item).collect())
}

/// Ids, some of them as tables with their evidence.
fn certificates(scheme: Scheme, seed: u64) -> Shape {
    let certificate = |step: u64| match id(scheme, seed / 3 + step * 5) {
        id if (seed + step).is_multiple_of(2) => id,
        id => Shape::Table(BTreeMap::from([("id".to_owned(), id), ("ref".to_owned(), Shape::Text(format!("file {step}")))])),
    };
    Shape::List((0..seed % 4).map(certificate).collect())
}

fn fact(path: &str, kind: KeyKind, seed: u64) -> Shape {
    match (path, kind) {
        // True is never at odds with a measure.
        ("importer.reads_clear_text", _) => Shape::Flag(true),
        ("subjects.count", _) => Shape::Number(seed % 1000),
        ("subjects.count_12_months", _) => Shape::Number(1000 + seed % 1000),
        (_, KeyKind::Flag) => Shape::Flag(seed.is_multiple_of(2)),
        (_, KeyKind::Count) => Shape::Number(seed % 5_000_000_000),
        (_, KeyKind::Day) => day(seed),
        (_, KeyKind::One(scheme)) => id(scheme, seed),
        ("exporter.certified" | "importer.certified", KeyKind::Many(scheme)) => certificates(scheme, seed),
        (path, KeyKind::Many(scheme)) if path.starts_with("safeguards.") => items(scheme, seed),
        (_, KeyKind::Many(scheme)) => ids(scheme, seed),
    }
}

fn put(entries: &mut BTreeMap<String, Shape>, path: &str, value: Shape) {
    match path.split_once('.') {
        None => {
            entries.insert(path.to_owned(), value);
        }
        Some((table, rest)) => {
            let inner = entries.entry(table.to_owned()).or_insert_with(|| Shape::Table(BTreeMap::new()));
            if let Shape::Table(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

fn leg(seed: u64) -> Shape {
    let mut table = BTreeMap::from([("name".to_owned(), Shape::Text(format!("recipient {seed}")))]);
    let keys: Vec<_> = vocabulary().keys().iter().filter(|key| key.path.starts_with("importer.")).collect();
    for (step, key) in (0_u64..).zip(keys) {
        if (seed >> step).is_multiple_of(2) {
            put(&mut table, key.path.trim_start_matches("importer."), fact(&key.path, key.kind, seed / 3 + step));
        }
    }
    table.insert("measures".to_owned(), items(Scheme::Measure, seed));
    table.insert("contracts".to_owned(), items(Scheme::Contract, seed / 2));
    if seed.is_multiple_of(3) {
        table.insert("purpose".to_owned(), ids(Scheme::Purpose, seed));
    }
    Shape::Table(table)
}

fn counter(seed: u64) -> Shape {
    let mut table = BTreeMap::from([("of".to_owned(), ids(Scheme::Category, seed)), ("unit".to_owned(), id(Scheme::Unit, seed))]);
    match seed % 3 {
        0 => table.insert("exactly".to_owned(), Shape::Number(seed % 100)),
        1 => table.insert("at_least".to_owned(), Shape::Number(seed % 100)),
        _ => table.insert("at_most".to_owned(), Shape::Number(seed % 100)),
    };
    if seed.is_multiple_of(2) {
        table.insert("since".to_owned(), day(seed));
    }
    Shape::Table(table)
}

prop_compose! {
    /// The entries of a right file: any keys, any texts.
    fn file()(
        facts in prop::collection::vec((any::<prop::sample::Index>(), any::<u64>()), 0..40),
        legs in prop::collection::vec(any::<u64>(), 0..4),
        counters in prop::collection::vec(any::<u64>(), 0..3),
        texts in prop::collection::vec(any::<String>(), 6),
        seed in any::<u64>(),
    ) -> BTreeMap<String, Shape> {
        let mut entries = BTreeMap::new();
        let stated = |key: &&comity_terms::Key| {
            key.path != "onward" && !key.path.starts_with("sender.")
                && !matches!(key.path.as_str(), "safeguards.assessment" | "safeguards.consent")
        };
        let keys: Vec<_> = vocabulary().keys().iter().filter(stated).collect();
        for (index, seed) in facts {
            let key = index.get(&keys);
            put(&mut entries, &key.path, fact(&key.path, key.kind, seed));
        }
        let mut texts = texts.into_iter();
        for path in ["id", "title", "exporter.name", "importer.name"] {
            put(&mut entries, path, Shape::Text(texts.next().unwrap_or_default()));
        }
        if !seed.is_multiple_of(4) {
            put(&mut entries, "on", day(seed / 5));
        }
        if seed.is_multiple_of(3) {
            put(&mut entries, "safeguards.assessment.on", day(seed / 7));
            put(&mut entries, "safeguards.contracts_signed_on", day(seed / 9));
        }
        if seed.is_multiple_of(4) {
            put(&mut entries, "safeguards.assessment.ref", Shape::Text(format!("sha256:{seed}")));
            put(&mut entries, "safeguards.consent.ref", Shape::Text("receipt:\"consent\".json".to_owned()));
        }
        if seed.is_multiple_of(5) {
            put(&mut entries, "under", Shape::List(vec![Shape::Text("eu.gdpr".to_owned()), Shape::Text("xx.a-b.c2".to_owned())]));
        }
        if !legs.is_empty() {
            let mut list: Vec<Shape> = Vec::new();
            for (position, seed) in legs.iter().enumerate() {
                let Shape::Table(mut table) = leg(*seed) else { continue };
                table.insert("name".to_owned(), Shape::Text(format!("recipient {position}")));
                let from = match position {
                    0 => "importer".to_owned(),
                    _ => format!("recipient {}", seed % position as u64),
                };
                table.insert("from".to_owned(), Shape::Text(from));
                list.push(Shape::Table(table));
            }
            put(&mut entries, "onward", Shape::List(list));
        }
        if !counters.is_empty() {
            put(&mut entries, "subjects.counts", Shape::List(counters.into_iter().map(counter).collect()));
        }
        match seed % 3 {
            0 => {
                put(&mut entries, "decided.lawful", Shape::Text("not-restricted".to_owned()));
                put(&mut entries, "decided.note", Shape::Text(texts.next().unwrap_or_default()));
                put(&mut entries, "decided.sources", Shape::List(vec![Shape::Text(texts.next().unwrap_or_default())]));
                put(&mut entries, "decided.mechanism", id(Scheme::Mechanism, seed));
                put(&mut entries, "decided.date", day(seed));
            }
            1 => {
                put(&mut entries, "expected.verdict", Shape::Text("incomplete".to_owned()));
                put(&mut entries, "expected.missing", Shape::List(vec![id(Scheme::Mechanism, seed), Shape::Text("safeguards.consent".to_owned())]));
                put(&mut entries, "expected.why", Shape::Text(texts.next().unwrap_or_default()));
            }
            _ => {}
        }
        entries
    }
}

fn parse(text: &str, format: Format) -> Result<Flow, Vec<Problem>> {
    read(text, format, &|_| Err("no profile here".to_owned()))
}

fn kept(mut flow: Flow) -> Flow {
    flow.lines.clear();
    flow.assumed.clear();
    flow
}

proptest! {
    #[test]
    fn what_is_written_reads_back_the_same(entries in file()) {
        let text = toml(&entries);
        let flow = parse(&text, Format::Toml).map_err(|problems| TestCaseError::fail(format!("{problems:?}\n{text}")))?;
        let written = write(&flow);
        let again = parse(&written, Format::Toml).map_err(|problems| TestCaseError::fail(format!("{problems:?}\n{written}")))?;
        prop_assert_eq!(kept(again), kept(flow), "{}", written);
    }

    #[test]
    fn both_notations_say_the_same(entries in file()) {
        let toml = parse(&toml(&entries), Format::Toml);
        let json = parse(&inline(&Shape::Table(entries), true), Format::Json);
        prop_assert!(toml.is_ok());
        prop_assert_eq!(toml.map(kept), json.map(kept));
    }

    #[test]
    fn no_text_makes_the_reader_fail(text in any::<String>()) {
        let _ = parse(&text, Format::Toml);
        let _ = parse(&text, Format::Json);
    }

    #[test]
    fn no_pieces_make_the_reader_fail(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let text: String = pieces.concat();
        for format in [Format::Toml, Format::Json] {
            match parse(&text, format) {
                Ok(flow) => prop_assert!(parse(&write(&flow), Format::Toml).is_ok()),
                Err(problems) => {
                    prop_assert!(!problems.is_empty());
                    prop_assert!(problems.iter().all(|problem| problem.line > 0 && problem.column > 0));
                }
            }
        }
    }

    #[test]
    fn a_damaged_template_never_makes_the_reader_fail(cut in any::<prop::sample::Index>(), with in any::<String>()) {
        let mut letters: Vec<char> = template().replace("\n#", "\n").chars().collect();
        let at = cut.index(letters.len());
        letters.splice(at..(at + 3).min(letters.len()), with.chars());
        let _ = parse(&letters.into_iter().collect::<String>(), Format::Toml);
    }
}

const PIECES: &[&str] = &[
    "[",
    "]",
    "{",
    "}",
    "=",
    ",",
    ":",
    ".",
    "\"",
    "'",
    "\n",
    "\r\n",
    " ",
    "#",
    "\\",
    "-",
    "1",
    "2024-03-01",
    "1e9",
    "é",
    "\u{0}",
    "true",
    "null",
    "id",
    "on",
    "under",
    "profile",
    "exporter",
    "importer",
    "onward",
    "safeguards",
    "subjects",
    "counts",
    "[exporter]\n",
    "[[onward]]\n",
    "[[subjects.counts]]\n",
    "[safeguards.consent]\n",
    "seat = \"DE\"\n",
    "seat",
    "\"DE\"",
    "measures = [\"importer-reads-clear-text\"]\n",
    "contracts = [{ id = \"eu.scc-2021\" }]\n",
    "\"exporter\": {",
    "\"seat\": \"US\"",
];

#[test]
fn depth_and_size_never_make_the_reader_fail() {
    for (open, format) in [("[", Format::Json), ("{\"a\":", Format::Json), ("a = [", Format::Toml), ("a.", Format::Toml)] {
        for deep in [60, 500, 100_000] {
            assert!(parse(&open.repeat(deep), format).is_err());
        }
    }
    assert!(parse(&format!("a = {}", "[".repeat(50_000)), Format::Toml).is_err());
    assert!(parse(&format!("a = {}", "{a=".repeat(50_000)), Format::Toml).is_err());
    assert!(parse(&format!("data.retention_days = {}", "9".repeat(50_000)), Format::Toml).is_err());
    assert!(parse(&format!("[exporter]\nseat = \"{}\"", "x".repeat(1_000_000)), Format::Toml).is_err());
}
