// SPDX-License-Identifier: Apache-2.0
//! What the exit status says.

use comity_judge::Verdict;
use std::process::ExitCode;

/// An exit status, with the meaning that the page of the flow file gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Lawful, or done.
    Fine,
    /// The tool failed: a file could not be read, or the library has errors.
    Failed,
    /// The command was used wrongly.
    Usage,
    /// An input is invalid.
    Invalid,
    /// Prohibited; for commands that compare, some comparison failed.
    No,
    /// Undetermined.
    Undetermined,
    /// Incomplete.
    Incomplete,
}

impl Status {
    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Invalid => 3,
            Self::No => 10,
            Self::Undetermined => 11,
            Self::Incomplete => 12,
        }
    }

    /// The status of a judgment.
    pub fn of(verdict: Option<Verdict>) -> Self {
        match verdict {
            Some(Verdict::Unrestricted | Verdict::Permitted) => Self::Fine,
            Some(Verdict::Incomplete) => Self::Incomplete,
            Some(Verdict::Prohibited) => Self::No,
            None => Self::Undetermined,
        }
    }

    /// The status of both together: the first that occurs of 1, 2, 3, 10, 12, 11, 0.
    pub fn and(self, other: Self) -> Self {
        if other.rank() < self.rank() { other } else { self }
    }

    fn rank(self) -> u8 {
        match self {
            Self::Failed => 0,
            Self::Usage => 1,
            Self::Invalid => 2,
            Self::No => 3,
            Self::Incomplete => 4,
            Self::Undetermined => 5,
            Self::Fine => 6,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}
