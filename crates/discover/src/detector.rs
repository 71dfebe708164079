// SPDX-License-Identifier: Apache-2.0
//! A detector: one kind of thing that a column may hold, and how it is told from others.

use crate::value::Value;

/// How a column tells persons apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identifier {
    /// A value leads to one person by itself: a name, an account, a number of the state.
    Direct,
    /// A value leads to one person together with others: a day of birth, a place.
    Quasi,
    /// It says something of persons, or nothing, and does not lead to them.
    None,
}

impl Identifier {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Quasi => "quasi",
            Self::None => "none",
        }
    }
}

/// What a detector does with values.
#[derive(Clone, Copy, Debug)]
pub enum Test {
    /// Looks at each by itself.
    Value(fn(&Value<'_>) -> bool),
    /// Does not look at them: only the header tells.
    Header,
}

/// One kind of thing that a column may hold.
#[derive(Clone, Copy, Debug)]
pub struct Detector {
    /// Its id; several detectors with one id are ways to see one thing.
    pub id: &'static str,
    /// A name for people, without a capital.
    pub label: &'static str,
    /// The id of the data category in the vocabulary; none where the thing is no personal data by itself.
    pub category: Option<&'static str>,
    /// How the column tells persons apart.
    pub identifier: Identifier,
    /// What is done with values.
    pub test: Test,
    /// How probable it is that a value passes which looks alike and is something else.
    pub chance: f64,
    /// The highest confidence where no word of the header speaks for it.
    pub alone: f64,
    /// The most that values may add to the odds, as a natural logarithm: a day is a day, of birth or not.
    pub most: f64,
    /// Whether it is a way of writing that things of other kinds have too: it only gets what they leave.
    pub format: bool,
    /// For each language, by its code, the words of headers with commas between them.
    pub words: &'static [(&'static str, &'static str)],
    /// Words of headers that speak against it.
    pub against: &'static str,
    /// What describes it in public.
    pub source: &'static str,
}

impl Detector {
    /// A detector to be changed where one differs: quasi, of no category, seen by its header alone.
    pub const PLAIN: Self = Self {
        id: "",
        label: "",
        category: None,
        identifier: Identifier::None,
        test: Test::Header,
        chance: 1.0,
        alone: 0.0,
        most: f64::INFINITY,
        format: false,
        words: &[],
        against: "",
        source: "",
    };

    /// A number of the state with a check digit: it tells who somebody is, and values are enough to see it.
    pub(crate) const fn checked(id: &'static str, label: &'static str, test: fn(&Value<'_>) -> bool, chance: f64) -> Self {
        Self {
            id,
            label,
            category: Some("national-id"),
            identifier: Identifier::Direct,
            test: Test::Value(test),
            chance,
            alone: 0.99,
            ..Self::PLAIN
        }
    }

    /// The same with words of headers and a source.
    pub(crate) const fn named(self, words: &'static [(&'static str, &'static str)], source: &'static str) -> Self {
        Self { words, source, ..self }
    }

    /// The same in another category.
    pub(crate) const fn of(self, category: &'static str) -> Self {
        Self { category: Some(category), ..self }
    }

    /// The same with a limit to what values alone may say.
    pub(crate) const fn at_most(self, alone: f64) -> Self {
        Self { alone, ..self }
    }
}
