// SPDX-License-Identifier: Apache-2.0
//! What is wrong with a file, and where.

use std::fmt;

/// One thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1. Where the message names a profile, it is a line of the profile.
    pub line: usize,
    /// The column in characters, counted from 1.
    pub column: usize,
    /// What is wrong, with what was expected and what was found.
    pub message: String,
    /// What to do about it, where there is something to say: mostly the nearest spelling.
    pub help: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.line, self.column, self.message)?;
        match &self.help {
            Some(help) => write!(out, " ({help})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

/// Words as a list for people, each in backticks.
pub(crate) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The word with its indefinite article.
pub(crate) fn with_article(noun: &str) -> String {
    let vowel = noun.starts_with(['a', 'e', 'i', 'o']);
    format!("{} {noun}", if vowel { "an" } else { "a" })
}

/// The help that offers another spelling.
pub(crate) fn did_you_mean(word: &str) -> String {
    format!("did you mean `{word}`?")
}
