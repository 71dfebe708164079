// SPDX-License-Identifier: Apache-2.0
//! What stands in the place of tokens where this library was built without them.

use crate::{KeyError, Uri};
use comity_border::service::{KeyService, KeyServiceError};
use std::convert::Infallible;
use zeroize::Zeroizing;

/// A key in a token, of which there is none.
pub struct Token(Infallible);

impl Token {
    /// Refuses.
    ///
    /// # Errors
    ///
    /// [`KeyError::Place`] always.
    pub fn new(_uri: &Uri) -> Result<Self, KeyError> {
        Err(KeyError::Place("keys in tokens are used with the feature `pkcs11`, and this command was built without it".to_owned()))
    }
}

impl KeyService for Token {
    fn label(&self) -> String {
        match self.0 {}
    }

    fn mac(&mut self, _message: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyServiceError> {
        match self.0 {}
    }
}
