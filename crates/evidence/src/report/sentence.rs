// SPDX-License-Identifier: Apache-2.0
//! A sentence of a report, in which what the receipt gives is kept apart from our own words.

use std::fmt;

/// A stretch of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The text.
    pub text: String,
    /// Whether it comes from the receipt or the policy. Such a part may be in another script than the sentence: where the
    /// direction of writing matters it is set apart, so that it cannot turn the words around it.
    pub given: bool,
}

/// A sentence without its final stop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sentence(pub Vec<Part>);

impl Sentence {
    /// The words with what is given put in the place of each `{name}`.
    #[must_use]
    pub fn of(words: &str, given: &[(&str, &str)]) -> Self {
        let mut parts = Vec::new();
        let mut put = |text: &str, given: bool| {
            if !text.is_empty() {
                parts.push(Part { text: text.to_owned(), given });
            }
        };
        let mut rest = words;
        while let Some((before, after)) = rest.split_once('{') {
            put(before, false);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            put(given.iter().find(|(known, _)| *known == name).map_or(name, |(_, text)| text), true);
            rest = after;
        }
        put(rest, false);
        Self(parts)
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| formatter.write_str(&part.text))
    }
}
