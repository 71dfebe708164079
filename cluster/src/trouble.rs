// SPDX-License-Identifier: Apache-2.0
//! What went wrong with a unit, on its way from an executor to the coordinator.
//!
//! The engine carries errors as text that it quotes again and again. What a person should read stands between marks, so
//! that the coordinator finds it.

use comity_border::EnforceError;
use comity_crossing::CrossingError;
use datafusion::error::DataFusionError;
use std::io;

const REFUSED: &str = "[[refused ";
const FAILED: &str = "[[failed ";
const END: &str = " ]]";

/// What kept an executor from doing a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// This executor may not or cannot; another may.
    Refused(String),
    /// No executor can.
    Failed(String),
}

impl From<CrossingError> for Trouble {
    fn from(error: CrossingError) -> Self {
        match &error {
            // A machine may see less than another, or have another secret.
            CrossingError::File { .. } | CrossingError::Store { .. } | CrossingError::Stopped => Self::Refused(error.to_string()),
            CrossingError::Enforce(EnforceError::Secret { .. }) => Self::Refused(format!("this executor has not the secret: {error}")),
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<Trouble> for DataFusionError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            // The engine tries again, perhaps elsewhere, after errors of input and output alone.
            Trouble::Refused(text) => Self::IoError(io::Error::other(format!("{REFUSED}{text}{END}"))),
            Trouble::Failed(text) => Self::Execution(format!("{FAILED}{text}{END}")),
        }
    }
}

impl Trouble {
    /// What an executor said, in a text that the engine made of it; none where the engine itself failed.
    pub fn said(text: &str) -> Option<Self> {
        let between = |mark: &str| {
            let (_, after) = text.split_once(mark)?;
            let (said, _) = after.split_once(END)?;
            Some(plain(said))
        };
        between(FAILED).map(Self::Failed).or_else(|| between(REFUSED).map(Self::Refused))
    }
}

/// A text as it was before it was quoted, however often.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut slashes = 0;
    for letter in text.chars() {
        match letter {
            '\\' => slashes += 1,
            '"' | '\'' => {
                slashes = 0;
                plain.push(letter);
            }
            _ => {
                plain.extend(std::iter::repeat_n('\\', slashes));
                slashes = 0;
                plain.push(letter);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::Trouble;
    use datafusion::error::DataFusionError;

    #[test]
    fn what_was_said_comes_through_quotes() {
        for trouble in [Trouble::Refused("it's \"US\" and not `IE`".to_owned()), Trouble::Failed("`a.csv` has changed".to_owned())] {
            let error = DataFusionError::from(trouble.clone());
            let once = format!("{error:?}");
            let twice = format!("task 3 failed: {once:?}");
            assert_eq!(Trouble::said(&once), Some(trouble.clone()));
            assert_eq!(Trouble::said(&twice), Some(trouble));
        }
        assert_eq!(Trouble::said("executor lost"), None);
    }
}
