// SPDX-License-Identifier: Apache-2.0
//! The words of a report in each language.

use serde_json::{Map, Value};
use std::sync::LazyLock;

/// For each id, the words in each language by its code.
const TABLE: &str = include_str!("../../data/report.json");

static WORDS: LazyLock<Map<String, Value>> = LazyLock::new(|| serde_json::from_str(TABLE).unwrap_or_default());

/// A language in which reports are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, the language of the command.
    #[default]
    English,
    /// French.
    French,
    /// Spanish.
    Spanish,
    /// Arabic.
    Arabic,
}

impl Language {
    /// Every language, with its code (BCP 47).
    pub const ALL: [(Self, &str); 4] = [(Self::English, "en"), (Self::French, "fr"), (Self::Spanish, "es"), (Self::Arabic, "ar")];

    /// The code of the language (BCP 47).
    #[must_use]
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|(language, _)| *language == self).map_or("en", |(_, code)| code)
    }

    /// The language with a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == code).map(|(language, _)| *language)
    }

    /// Whether it is written from right to left.
    #[must_use]
    pub const fn is_right_to_left(self) -> bool {
        matches!(self, Self::Arabic)
    }
}

/// The words with an id. A test sees to it that every id has words in every language.
pub(super) fn word(id: &str, language: Language) -> &'static str {
    WORDS.get(id).and_then(|words| words.get(language.code())).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{Language, TABLE, WORDS, word};
    use crate::report::Sentence;

    /// The names that stand in braces.
    fn names(words: &str) -> Vec<String> {
        let mut names: Vec<String> = Sentence::of(words, &[]).0.into_iter().filter(|part| part.given).map(|part| part.text).collect();
        names.sort();
        names
    }

    #[test]
    fn every_language_says_everything_with_the_same_names() {
        assert!(WORDS.len() > 20, "the table cannot be read: {TABLE}");
        for (id, words) in WORDS.iter() {
            let words = words.as_object().unwrap();
            assert_eq!(words.keys().map(String::as_str).collect::<Vec<_>>(), Language::ALL.map(|(_, code)| code), "{id}");
            for (language, code) in Language::ALL {
                assert!(!word(id, language).is_empty(), "{id} has no words in {code}");
                assert_eq!(names(word(id, language)), names(word(id, Language::English)), "{id} in {code}");
            }
        }
    }

    #[test]
    fn every_id_in_the_code_has_words_and_no_words_are_idle() {
        let code = include_str!("../report.rs");
        for id in WORDS.keys() {
            assert!(code.contains(&format!("\"{id}\"")), "nothing says `{id}`");
        }
        // Ids are the quoted texts behind `word(` and `say(`, and the arms of the matches on kinds and reasons.
        for quoted in code.split('"').skip(1).step_by(2).filter(|quoted| quoted.contains('-') && !quoted.contains(' ')) {
            assert!(WORDS.contains_key(quoted), "`{quoted}` has no words");
        }
    }
}
