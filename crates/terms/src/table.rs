// SPDX-License-Identifier: Apache-2.0
//! Reading the embedded tables.
//!
//! The tables are part of the build, so a bad row is our own mistake: it is noted in the list of problems,
//! which a test holds empty, and never stops a judgment.

use crate::bits::Bits;
use crate::group::{Group, Membership};
use crate::key::{Class, Key, KeyId, KeyKind};
use crate::scheme::Scheme;
use crate::vocabulary::{Entry, SchemeTable, Vocabulary};
use jiff::civil::Date;

const TERMS: &str = include_str!("../data/terms.csv");
const PLACES: &str = include_str!("../data/places.csv");
const KEYS: &str = include_str!("../data/keys.csv");
const GROUPS: &str = include_str!("../data/groups.csv");
const GROUP_LABELS: &str = include_str!("../data/group-labels.csv");
const ALIASES: &str = include_str!("../data/aliases.csv");

pub(crate) fn read() -> Vocabulary {
    let mut words = Vocabulary::default();
    for scheme in Scheme::ALL {
        words.schemes.insert(*scheme, SchemeTable::default());
    }
    read_terms(&mut words);
    read_places(&mut words);
    close(&mut words);
    read_keys(&mut words);
    read_groups(&mut words);
    read_aliases(&mut words);
    words
}

/// Calls `row` for each record with its fields trimmed.
fn each(words: &mut Vocabulary, name: &str, text: &str, mut row: impl FnMut(&mut Vocabulary, &[&str]) -> Result<(), String>) {
    let mut reader = csv::ReaderBuilder::new().flexible(true).comment(Some(b'#')).from_reader(text.as_bytes());
    // One record is used again and again: the tables are read at every start of the command.
    let mut record = csv::StringRecord::new();
    loop {
        let outcome = match reader.read_record(&mut record) {
            Ok(false) => return,
            Ok(true) => {
                let fields: Vec<&str> = record.iter().map(str::trim).collect();
                row(words, &fields).map_err(|error| format!("{error} in `{}`", fields.join(",")))
            }
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = outcome {
            words.problems.push(format!("{name}: {error}"));
        }
    }
}

fn field<'a>(fields: &[&'a str], position: usize) -> &'a str {
    fields.get(position).copied().unwrap_or("")
}

fn add(words: &mut Vocabulary, scheme: Scheme, entry: Entry) -> Result<(), String> {
    let table = words.schemes.entry(scheme).or_default();
    if table.entries.len() >= Bits::CAPACITY {
        return Err(format!("too many terms in scheme `{}`", scheme.id()));
    }
    let index = u16::try_from(table.entries.len()).map_err(|error| error.to_string())?;
    if entry.id.is_empty() {
        return Err("a term without an id".to_owned());
    }
    if table.by_id.contains_key(&entry.id) {
        return Err(format!("`{}` stands twice", entry.id));
    }
    table.by_id.insert(entry.id.clone(), index);
    table.entries.push(entry);
    Ok(())
}

// scheme,id,parents,label,dpv,note,step
fn read_terms(words: &mut Vocabulary) {
    each(words, "terms.csv", TERMS, |words, fields| {
        let scheme = Scheme::from_id(field(fields, 0)).ok_or("unknown scheme")?;
        let dpv = field(fields, 4);
        let entry = Entry {
            id: field(fields, 1).to_owned(),
            parents: field(fields, 2).split_whitespace().map(str::to_owned).collect(),
            label: field(fields, 3).to_owned(),
            dpv: (!dpv.is_empty()).then(|| dpv.to_owned()),
            note: field(fields, 5).to_owned(),
            step: field(fields, 6) != "no",
        };
        add(words, scheme, entry)
    });
}

// code,parents,name,note
fn read_places(words: &mut Vocabulary) {
    each(words, "places.csv", PLACES, |words, fields| {
        let entry = Entry {
            id: field(fields, 0).to_owned(),
            parents: field(fields, 1).split_whitespace().map(str::to_owned).collect(),
            label: field(fields, 2).to_owned(),
            dpv: None,
            note: field(fields, 3).to_owned(),
            step: true,
        };
        add(words, Scheme::Place, entry)
    });
}

/// Computes what lies below each term.
fn close(words: &mut Vocabulary) {
    let mut problems = Vec::new();
    for (scheme, table) in &mut words.schemes {
        table.below = (0..table.entries.len()).map(|index| Bits::single(u16::try_from(index).unwrap_or(u16::MAX))).collect();
        // A child hands its set to each ancestor; depth is bounded by the number of terms, so a cycle ends too.
        for (index, entry) in table.entries.iter().enumerate().filter(|(_, entry)| !entry.parents.is_empty()) {
            let own = u16::try_from(index).unwrap_or(u16::MAX);
            let mut above: Vec<u16> = Vec::new();
            let mut next = vec![entry];
            while let Some(current) = next.pop() {
                for parent in &current.parents {
                    match table.by_id.get(parent) {
                        Some(parent) if !above.contains(parent) => {
                            above.push(*parent);
                            next.extend(table.entries.get(usize::from(*parent)));
                        }
                        Some(_) => {}
                        None => problems.push(format!("{}: parent `{parent}` is not a term", scheme.id())),
                    }
                }
            }
            for parent in above {
                if let Some(set) = table.below.get_mut(usize::from(parent)) {
                    set.insert(own);
                }
            }
        }
    }
    words.problems.append(&mut problems);
}

// path,kind,scheme,class,label,question,effort
fn read_keys(words: &mut Vocabulary) {
    each(words, "keys.csv", KEYS, |words, fields| {
        let scheme = || Scheme::from_id(field(fields, 2)).ok_or("unknown scheme");
        let kind = match field(fields, 1) {
            "flag" => KeyKind::Flag,
            "count" => KeyKind::Count,
            "day" => KeyKind::Day,
            "one" => KeyKind::One(scheme()?),
            "many" => KeyKind::Many(scheme()?),
            other => return Err(format!("unknown kind `{other}`")),
        };
        let class = match field(fields, 3) {
            "given" => Class::Given,
            "design" => Class::Design,
            "act" => Class::Act,
            "grant" => Class::Grant,
            other => return Err(format!("unknown class `{other}`")),
        };
        let id = KeyId(u16::try_from(words.keys.len()).map_err(|error| error.to_string())?);
        let path = field(fields, 0).to_owned();
        if words.key_by_path.contains_key(&path) {
            return Err(format!("`{path}` stands twice"));
        }
        words.key_by_path.insert(path.clone(), id);
        words.keys.push(Key {
            path,
            kind,
            class,
            label: field(fields, 4).to_owned(),
            question: field(fields, 5).to_owned(),
            effort: field(fields, 6).parse().map_err(|_| "effort is a number from 1 to 5")?,
        });
        Ok(())
    });
}

fn day(text: &str) -> Result<Option<Date>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| format!("`{text}` is not a day"))
}

// group,member,from,until,status
fn read_groups(words: &mut Vocabulary) {
    each(words, "group-labels.csv", GROUP_LABELS, |words, fields| {
        if words.group(field(fields, 0)).is_some() {
            return Err("the group stands twice".to_owned());
        }
        words.groups.push(Group { name: field(fields, 0).to_owned(), label: field(fields, 1).to_owned(), members: Vec::new() });
        Ok(())
    });
    each(words, "groups.csv", GROUPS, |words, fields| {
        let member = words.find(Scheme::Place, field(fields, 1)).ok_or("unknown place")?;
        let membership = Membership {
            member,
            from: day(field(fields, 2))?.ok_or("no first day")?,
            until: day(field(fields, 3))?,
            verified: field(fields, 4) == "verified",
        };
        let name = field(fields, 0);
        let group = words.groups.iter_mut().find(|group| group.name == name).ok_or("group without a label")?;
        group.members.push(membership);
        Ok(())
    });
}

// alias,scheme,id
fn read_aliases(words: &mut Vocabulary) {
    each(words, "aliases.csv", ALIASES, |words, fields| {
        let scheme = Scheme::from_id(field(fields, 1)).ok_or("unknown scheme")?;
        let target = field(fields, 2);
        if words.find(scheme, target).is_none() {
            return Err(format!("`{target}` is not a term"));
        }
        let alias = field(fields, 0);
        if words.find(scheme, alias).is_some() {
            return Err(format!("`{alias}` is a term already"));
        }
        if words.aliases.insert((scheme, alias.to_owned()), target.to_owned()).is_some() {
            return Err(format!("`{alias}` stands twice"));
        }
        Ok(())
    });
}
