// SPDX-License-Identifier: Apache-2.0
//! JSON with one way of being written (RFC 8785, JCS), so that the same content always has the same hash.

use serde_json::{Map, Value};
use std::fmt;

/// The deepest nesting that is read.
const DEEPEST: usize = 64;
/// The largest whole number that every reader of JSON keeps (RFC 7493, section 2.2).
const LARGEST: u64 = (1 << 53) - 1;

/// Why a text has no canonical form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    /// It is not JSON.
    #[error("not JSON: {0}")]
    Syntax(String),
    /// A key stands twice in one object: readers disagree on which of them counts.
    #[error("key `{0}` stands twice in one object")]
    Twice(String),
    /// A number that not every reader keeps.
    #[error("number `{0}` does not survive every reader: write it as a text")]
    Number(String),
    /// It is nested too deeply.
    #[error("it is nested more than {DEEPEST} levels deep")]
    Deep,
}

/// A value as RFC 8785 writes it: keys in the order of their UTF-16 units, no spaces, the shortest escapes.
///
/// Numbers are whole and at most 2^53 − 1 from zero: others have no one way of being written that everyone shares,
/// and nothing that is recorded here needs them.
///
/// # Errors
///
/// [`CanonicalError`] for other numbers, and for what is nested too deeply.
pub fn canonical(value: &Value) -> Result<String, CanonicalError> {
    let mut written = String::new();
    write(value, 0, &mut written)?;
    Ok(written)
}

/// The value of a JSON text in which no key stands twice.
///
/// # Errors
///
/// [`CanonicalError`] if it is not JSON, or has a key twice.
pub fn parse(text: &str) -> Result<Value, CanonicalError> {
    let value: Strict = serde_json::from_str(text).map_err(|error| match error.to_string().split_once(TWICE) {
        // What serde adds behind the message is the place.
        Some((_, rest)) => CanonicalError::Twice(rest.split(" at line ").next().unwrap_or(rest).to_owned()),
        None => CanonicalError::Syntax(error.to_string()),
    })?;
    Ok(value.0)
}

fn write(value: &Value, depth: usize, to: &mut String) -> Result<(), CanonicalError> {
    if depth > DEEPEST {
        return Err(CanonicalError::Deep);
    }
    match value {
        Value::Null => to.push_str("null"),
        Value::Bool(value) => to.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => {
            let whole = number.as_i64().filter(|number| number.unsigned_abs() <= LARGEST);
            to.push_str(&whole.ok_or_else(|| CanonicalError::Number(number.to_string()))?.to_string());
        }
        // The escapes of serde_json are those of RFC 8785: short ones where JSON has them, \u00xx in lower case, nothing else.
        Value::String(text) => to.push_str(&Value::String(text.clone()).to_string()),
        Value::Array(items) => {
            to.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    to.push(',');
                }
                write(item, depth + 1, to)?;
            }
            to.push(']');
        }
        Value::Object(object) => {
            let mut entries: Vec<(&String, &Value)> = object.iter().collect();
            entries.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            to.push('{');
            for (place, (key, value)) in entries.into_iter().enumerate() {
                if place > 0 {
                    to.push(',');
                }
                to.push_str(&Value::String(key.clone()).to_string());
                to.push(':');
                write(value, depth + 1, to)?;
            }
            to.push('}');
        }
    }
    Ok(())
}

const TWICE: &str = "key that stands twice: ";

/// A value that was read without a key standing twice.
struct Strict(Value);

impl<'de> serde::Deserialize<'de> for Strict {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading)
    }
}

struct Reading;

impl<'de> serde::de::Visitor<'de> for Reading {
    type Value = Strict;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Strict, E> {
        Ok(Strict(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Strict, E> {
        Ok(Strict(Value::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Strict, E> {
        Ok(Strict(value.into()))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Strict, A::Error> {
        let mut read = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            read.push(item);
        }
        Ok(Strict(Value::Array(read)))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut entries: A) -> Result<Strict, A::Error> {
        let mut read = Map::new();
        while let Some((key, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if read.contains_key(&key) {
                return Err(serde::de::Error::custom(format_args!("{TWICE}{key}")));
            }
            read.insert(key, value);
        }
        Ok(Strict(Value::Object(read)))
    }
}

#[cfg(test)]
mod tests {
    use super::{CanonicalError, canonical, parse};

    #[test]
    fn keys_are_sorted_by_utf_16_and_escapes_are_the_shortest() {
        // The example of RFC 8785, section 3.2.3, with the keys that sort differently by code point.
        let text = "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\",\"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\",\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}";
        let order = [
            "Carriage Return",
            "One",
            "Control",
            "Latin Small Letter O With Diaeresis",
            "Euro Sign",
            "Emoji: Grinning Face",
            "Hebrew Letter Dalet With Dagesh",
        ];
        let written = canonical(&parse(text).unwrap()).unwrap();
        let places: Vec<usize> = order.iter().map(|value| written.find(value).unwrap()).collect();
        assert!(places.is_sorted(), "{written}");
        let text =
            "{ \"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\", \"literals\": [null, true, false], \"n\": -0 }";
        assert_eq!(canonical(&parse("{\"a\":-0}").unwrap()), Err(CanonicalError::Number("-0.0".to_owned())));
        let written = canonical(&parse(&text.replace("-0", "0")).unwrap()).unwrap();
        assert_eq!(written, "{\"literals\":[null,true,false],\"n\":0,\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
        assert_eq!(canonical(&parse(&written).unwrap()).unwrap(), written);
    }

    #[test]
    fn what_readers_disagree_on_is_refused() {
        assert_eq!(parse("{\"a\":1,\"b\":{\"c\":1,\"c\":2}}"), Err(CanonicalError::Twice("c".to_owned())));
        assert!(matches!(parse("{\"a\":1"), Err(CanonicalError::Syntax(_))));
        for number in ["1.5", "9007199254740992", "-9007199254740992", "1e400", "18446744073709551616"] {
            let refused = parse(&format!("[{number}]")).and_then(|value| canonical(&value));
            assert!(refused.is_err(), "{number}");
        }
        assert_eq!(canonical(&parse("[9007199254740991,-9007199254740991]").unwrap()).unwrap(), "[9007199254740991,-9007199254740991]");
        assert_eq!(canonical(&parse(&format!("{}{}", "[".repeat(100), "]".repeat(100))).unwrap()), Err(CanonicalError::Deep));
    }
}
