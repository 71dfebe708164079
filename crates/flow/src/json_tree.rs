// SPDX-License-Identifier: Apache-2.0
//! The common tree from JSON text.

use crate::node::{Entry, Kind, Lines, Node};
use crate::problem::Problem;
use jsonc_parser::ast::{ObjectPropName, Value};
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseErrorKind;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use std::collections::HashSet;

/// Deeper than any flow file, and shallow enough for any stack.
const DEEPEST: usize = 64;

/// The entries of the object, or the place where it is not JSON.
pub(crate) fn parse(text: &str) -> Result<Vec<Entry>, Vec<Problem>> {
    let lines = Lines::new(text, false);
    let fail = |offset: usize, message: String, help: Option<&str>| {
        let at = lines.at(offset);
        vec![Problem { line: at.line, column: at.column, message, help: help.map(str::to_owned) }]
    };
    if let Some(offset) = too_deep(text) {
        return Err(fail(offset, format!("this is no flow: lists and tables are nested more than {DEEPEST} deep"), None));
    }
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &strict)
        .map_err(|error| fail(error.range().start, format!("this is not JSON: {}", plain(error.kind())), None))?;
    let mut problems = Vec::new();
    let root = parsed.value.map(|value| node(value, &lines, &mut problems));
    match root {
        Some(Node { kind: Kind::Table(entries), .. }) if problems.is_empty() => Ok(entries),
        Some(Node { kind: Kind::Table(_), .. }) => Err(problems),
        Some(other) => Err(fail(0, format!("expected an object, found {}", other.found()), None)),
        None => Err(fail(0, "expected an object, found nothing".to_owned(), Some("a flow begins with `{`"))),
    }
}

/// The error in the words of this crate: lower-case, without a final stop.
fn plain(kind: &ParseErrorKind) -> String {
    let text = kind.to_string();
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_lowercase).collect();
    format!("{first}{}", letters.as_str()).trim_end_matches('.').to_owned()
}

/// Where the text first nests too deep. Brackets inside strings are passed over.
fn too_deep(text: &str) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (offset, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                depth += 1;
                if depth > DEEPEST {
                    return Some(offset);
                }
            }
            b']' | b'}' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

fn node(value: Value<'_>, lines: &Lines<'_>, problems: &mut Vec<Problem>) -> Node {
    let at = lines.at(value.range().start);
    let kind = match value {
        Value::StringLit(text) => Kind::Text(text.value.into_owned()),
        Value::BooleanLit(flag) => Kind::Flag(flag.value),
        Value::NumberLit(number) => number.value.parse().map_or_else(|_| Kind::Number(number.value.to_owned()), Kind::Whole),
        Value::NullKeyword(_) => Kind::Null,
        Value::Array(array) => Kind::List(array.elements.into_iter().map(|item| node(item, lines, problems)).collect()),
        Value::Object(object) => {
            let (mut entries, mut seen) = (Vec::new(), HashSet::new());
            for property in object.properties {
                let at = lines.at(property.range.start);
                let name = match property.name {
                    ObjectPropName::String(text) => text.value.into_owned(),
                    ObjectPropName::Word(word) => word.value.to_owned(),
                };
                if !seen.insert(name.clone()) {
                    let help = Some("a key stands once in its table: keep one of them".to_owned());
                    let message = format!("duplicate key `{}`", crate::node::shortened(&name));
                    problems.push(Problem { line: at.line, column: at.column, message, help });
                }
                entries.push(Entry { name, at, value: node(property.value, lines, problems) });
            }
            Kind::Table(entries)
        }
    };
    Node { at, kind }
}
