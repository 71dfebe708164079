// SPDX-License-Identifier: Apache-2.0
//! A token with PKCS#11 as a key service: a hardware module, a smart card, or a program that behaves like one.
//!
//! Source: PKCS #11 Specification 3.1 (OASIS), `CKM_SHA256_HMAC`.

use crate::{KeyError, PIN, Uri};
use comity_border::service::{KeyService, KeyServiceError};
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::AuthPin;
use std::fs;
use std::path::Path;
use zeroize::Zeroizing;

/// A key in a token.
pub struct Token {
    uri: Uri,
    pin: Option<Zeroizing<String>>,
}

impl Token {
    /// The key that a URI names. The PIN is in the file that the URI names, or else in the environment.
    ///
    /// # Errors
    ///
    /// [`KeyError::File`] if the file with the PIN cannot be read.
    pub fn new(uri: &Uri) -> Result<Self, KeyError> {
        let pin = match &uri.pin {
            Some(path) => Some(text_of("the PIN", path)?),
            None => std::env::var(PIN).ok().map(Zeroizing::new),
        };
        Ok(Self { uri: uri.clone(), pin })
    }

    fn ask(&self, module: &Pkcs11, message: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyServiceError> {
        let (slot, token) = self.slot(module)?;
        let named = format!("the token `{}`", token.label());
        let failed = |what: &str, error: Error| KeyServiceError(format!("{named} cannot {what}: {}", reason(&error)));
        let session = module.open_ro_session(slot).map_err(|error| failed("be opened", error))?;
        if token.login_required() {
            let pin = self.pin.as_ref().map(|pin| AuthPin::new(pin.as_str().into()));
            if pin.is_none() && !token.protected_authentication_path() {
                return Err(KeyServiceError(format!(
                    "{named} asks for a PIN: name a file with `pin-source` in the URI, or give it in {PIN}"
                )));
            }
            session.login(UserType::User, pin.as_ref()).map_err(|error| failed("be entered", error))?;
        }
        let key = self.key(&session, &named)?;
        let attributes = session.get_attributes(key, &[AttributeType::Sensitive]).map_err(|error| failed("say what the key is", error))?;
        if attributes != [Attribute::Sensitive(true)] {
            return Err(KeyServiceError(format!("{named}: expected a key that never leaves it in clear, found one that is not sensitive")));
        }
        let mac = session.sign(&Mechanism::Sha256Hmac, key, message).map(Zeroizing::new);
        let mac = mac.map_err(|error| failed("make HMAC with SHA-256 under the key", error))?;
        let found = mac.len();
        mac.as_slice().try_into().map(Zeroizing::new).map_err(|_| KeyServiceError(format!("{named}: expected 32 bytes, found {found}")))
    }

    /// The one token that is meant.
    fn slot(&self, module: &Pkcs11) -> Result<(Slot, TokenInfo), KeyServiceError> {
        let failed =
            |error: Error| KeyServiceError(format!("the module `{}` lists no tokens: {}", self.uri.module.display(), reason(&error)));
        let mut all = Vec::new();
        for slot in module.get_slots_with_initialized_token().map_err(failed)? {
            all.push((slot, module.get_token_info(slot).map_err(failed)?));
        }
        let is = |asked: &Option<String>, found: &str| asked.as_ref().is_none_or(|asked| asked == found);
        let fits = |token: &TokenInfo| {
            let uri = &self.uri;
            is(&uri.token, token.label())
                && is(&uri.serial, token.serial_number())
                && is(&uri.manufacturer, token.manufacturer_id())
                && is(&uri.model, token.model())
        };
        let listed = listed(all.iter().map(|(_, token)| token.label().to_owned()).collect());
        let mut fitting = all.into_iter().filter(|(_, token)| fits(token));
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Ok(one),
            (None, _) => Err(KeyServiceError(format!("expected the token of `{}`; {}", self.uri.key(), there("token", &listed)))),
            (Some(_), Some(_)) => {
                Err(KeyServiceError(format!("expected one token of `{}`, found several; tell them apart with `serial`", self.uri.key())))
            }
        }
    }

    /// The one key that is meant.
    fn key(&self, session: &Session, named: &str) -> Result<ObjectHandle, KeyServiceError> {
        let failed = |error: Error| KeyServiceError(format!("{named} lists no keys: {}", reason(&error)));
        let mut wanted = vec![Attribute::Class(ObjectClass::SECRET_KEY)];
        wanted.extend(self.uri.object.as_ref().map(|label| Attribute::Label(label.clone().into_bytes())));
        wanted.extend(self.uri.id.as_ref().map(|id| Attribute::Id(id.clone())));
        match session.find_objects(&wanted).map_err(failed)?.as_slice() {
            [one] => Ok(*one),
            [] => {
                let mut labels = Vec::new();
                for key in session.find_objects(&[Attribute::Class(ObjectClass::SECRET_KEY)]).map_err(failed)? {
                    for attribute in session.get_attributes(key, &[AttributeType::Label]).map_err(failed)? {
                        if let Attribute::Label(label) = attribute {
                            labels.push(String::from_utf8_lossy(&label).into_owned());
                        }
                    }
                }
                Err(KeyServiceError(format!(
                    "{named}: expected the secret key of `{}`; {}",
                    self.uri.key(),
                    there("secret key", &listed(labels))
                )))
            }
            several => Err(KeyServiceError(format!(
                "{named}: expected one secret key of `{}`, found {}; tell them apart with `id`",
                self.uri.key(),
                several.len()
            ))),
        }
    }
}

impl KeyService for Token {
    fn label(&self) -> String {
        self.uri.key()
    }

    fn mac(&mut self, message: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyServiceError> {
        let failed = |what: &str, error: &Error| {
            KeyServiceError(format!("cannot {what} the module `{}`: {}", self.uri.module.display(), reason(error)))
        };
        let module = Pkcs11::new(&self.uri.module).map_err(|error| failed("load", &error))?;
        module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).map_err(|error| failed("begin", &error))?;
        let mac = self.ask(&module, message);
        // Sessions end, and with them what was entered, whether it worked or not.
        module.finalize().map_err(|error| failed("end", &error))?;
        mac
    }
}

fn listed(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names.dedup();
    names
}

/// What there is instead.
fn there(what: &str, names: &[String]) -> String {
    if names.is_empty() { format!("there is no {what}") } else { format!("there is `{}`", names.join("`, `")) }
}

/// What a module says, in the words of people where they would not know the code.
fn reason(error: &Error) -> String {
    match error {
        Error::Pkcs11(RvError::PinIncorrect, _) => "the PIN is not right".to_owned(),
        Error::Pkcs11(RvError::PinLocked, _) => "the PIN is locked, after too many that were not right".to_owned(),
        Error::Pkcs11(RvError::KeyTypeInconsistent | RvError::KeyFunctionNotPermitted | RvError::MechanismInvalid, _) => {
            format!("it is not for that ({error})")
        }
        other => other.to_string(),
    }
}

/// The text of a file without the end of its last line.
fn text_of(what: &'static str, path: &Path) -> Result<Zeroizing<String>, KeyError> {
    let text = fs::read_to_string(path).map(Zeroizing::new);
    let text = text.map_err(|source| KeyError::File { what, path: path.to_path_buf(), source })?;
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}
