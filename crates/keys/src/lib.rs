// SPDX-License-Identifier: Apache-2.0
//! Where the secret of pseudonyms and tokens comes from: a file, the environment, a program, or a token with PKCS#11.
//!
//! A file and the environment hold the secret itself. A program and a token are key services: they are asked once for each job,
//! for what its recipient, purpose and epoch have in common, and their key never comes here.

mod program;
mod uri;

#[cfg(feature = "pkcs11")]
mod token;
#[cfg(not(feature = "pkcs11"))]
#[path = "no_token.rs"]
mod token;

pub use program::{Program, words};
pub use token::Token;
pub use uri::{Uri, is_uri};

use comity_border::Secret;
use comity_border::secret::SecretError;
use comity_border::service::{Context, KeyService, KeyServiceError};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The variable of the environment with the secret.
pub const SECRET: &str = "COMITY_SECRET";
/// The variable of the environment with the PIN of a token.
pub const PIN: &str = "COMITY_PIN";

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A file cannot be read.
    #[error("cannot read {what} `{}`: {source}", path.display())]
    File {
        /// What the file was to hold.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// What was found is no secret.
    #[error("{place}: {source}")]
    Secret {
        /// Where it was found.
        place: String,
        /// What was expected.
        source: SecretError,
    },
    /// What is said of the place is not right.
    #[error("{0}")]
    Place(String),
    /// A key service gave none.
    #[error(transparent)]
    Service(#[from] KeyServiceError),
}

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A file with 64 hexadecimal digits.
    File(PathBuf),
    /// A program, with its arguments.
    Program(Vec<String>),
    /// A key in a token.
    Token(Uri),
    /// The environment, if it has one.
    Environment,
}

impl Place {
    /// The place that a person names: a file or a URI of PKCS#11, or a command; the environment where neither is named.
    ///
    /// # Errors
    ///
    /// [`KeyError::Place`] with what was expected and found.
    pub fn named(secret: Option<&Path>, command: Option<&str>) -> Result<Self, KeyError> {
        match (secret, command) {
            (_, Some(command)) => words(command).map(Self::Program).map_err(KeyError::Place),
            (Some(path), None) => match path.to_str().filter(|text| is_uri(text)) {
                Some(text) => Uri::parse(text).map(Self::Token).map_err(KeyError::Place),
                None => Ok(Self::File(path.to_path_buf())),
            },
            (None, None) => Ok(Self::Environment),
        }
    }

    /// Whether a service is asked, which is done for jobs alone that need a secret.
    #[must_use]
    pub const fn is_service(&self) -> bool {
        matches!(self, Self::Program(_) | Self::Token(_))
    }

    /// The secret of a job; none where the environment has none.
    ///
    /// # Errors
    ///
    /// [`KeyError`], which never shows a secret.
    pub fn secret(&self, context: &Context) -> Result<Option<Secret>, KeyError> {
        let asked = |service: &mut dyn KeyService| Ok(Some(Secret::of_service(service, context)?));
        match self {
            Self::File(path) => {
                let text = fs::read_to_string(path).map(Zeroizing::new);
                let text = text.map_err(|source| KeyError::File { what: "the secret", path: path.clone(), source })?;
                let wrong = |source| KeyError::Secret { place: format!("the secret `{}`", path.display()), source };
                Secret::parse(&text).map(Some).map_err(wrong)
            }
            Self::Environment => match std::env::var(SECRET).map(Zeroizing::new) {
                Ok(text) => {
                    let wrong = |source| KeyError::Secret { place: format!("the secret in {SECRET}"), source };
                    Secret::parse(&text).map(Some).map_err(wrong)
                }
                Err(_) => Ok(None),
            },
            Self::Program(words) => asked(&mut Program::new(words)?),
            Self::Token(uri) => asked(&mut Token::new(uri)?),
        }
    }
}
