// SPDX-License-Identifier: Apache-2.0
//! The keys of a flow: which facts there are, of what kind, and who can change them.

use crate::scheme::Scheme;

/// The place of a key in the table of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub(crate) u16);

impl KeyId {
    /// The position in [`crate::Vocabulary::keys`].
    #[must_use]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// What values a key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// Yes or no.
    Flag,
    /// A whole number of persons, days or years, not negative.
    Count,
    /// A calendar day.
    Day,
    /// One term of a scheme.
    One(Scheme),
    /// A set of terms of a scheme.
    Many(Scheme),
}

/// Who can change a fact for the sake of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Nobody changes it for the sake of the flow.
    Given,
    /// How the flow is built.
    Design,
    /// The parties' own act.
    Act,
    /// Another's act, in the ordinary course.
    Grant,
}

impl Class {
    /// The word used in tables and on the screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Design => "design",
            Self::Act => "act",
            Self::Grant => "grant",
        }
    }

    /// Whether a step may change facts of this class.
    #[must_use]
    pub fn controllable(self) -> bool {
        self != Self::Given
    }
}

/// One fact that a flow may state.
#[derive(Clone, Debug)]
pub struct Key {
    /// The dotted path of the flow file, such as `importer.seat`.
    pub path: String,
    /// What values it takes.
    pub kind: KeyKind,
    /// Who can change it.
    pub class: Class,
    /// A short name for people.
    pub label: String,
    /// The question to ask when the fact is missing and would decide.
    pub question: String,
    /// How hard it is to answer, from 1 (look at the file) to 5 (ask counsel).
    pub effort: u8,
}
