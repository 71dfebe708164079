// SPDX-License-Identifier: Apache-2.0
//! Which key of which token: `pkcs11:token=comity;object=border?module-path=/usr/lib/softhsm/libsofthsm2.so`.
//!
//! Source: RFC 7512, the PKCS #11 URI scheme. Attributes before the `?` say which key, those after it how to reach it.

use comity_terms::nearest;
use std::path::{Path, PathBuf};

/// What a URI of keys begins with.
const SCHEME: &str = "pkcs11:";
/// The attributes that are known.
const OF_KEYS: [&str; 7] = ["token", "serial", "manufacturer", "model", "object", "id", "type"];
const OF_WAYS: [&str; 2] = ["module-path", "pin-source"];

/// Whether a text is meant as a URI of PKCS#11.
#[must_use]
pub fn is_uri(text: &str) -> bool {
    text.starts_with(SCHEME)
}

/// A key in a token, and how it is reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uri {
    /// The label of the token.
    pub token: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
    /// Its manufacturer.
    pub manufacturer: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// The label of the key.
    pub object: Option<String>,
    /// The identifier of the key.
    pub id: Option<Vec<u8>>,
    /// The module of its maker, a library that is loaded.
    pub module: PathBuf,
    /// The file with the PIN.
    pub pin: Option<PathBuf>,
}

impl Uri {
    /// Reads a URI.
    ///
    /// # Errors
    ///
    /// What was expected and found. A PIN is refused without showing it: whoever lists the processes of a machine would see it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let path = text.strip_prefix(SCHEME).ok_or_else(|| format!("expected a URI that begins with `{SCHEME}`"))?;
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut uri = Self::default();
        let mut module = None;
        for (part, known) in path.split(';').map(|part| (part, &OF_KEYS[..])).chain(query.split('&').map(|part| (part, &OF_WAYS[..]))) {
            if part.is_empty() {
                continue;
            }
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            if name == "pin-value" {
                return Err("`pin-value` in a URI shows the PIN to whoever lists processes; name a file with `pin-source`, or give it in COMITY_PIN".to_owned());
            }
            let bytes = decoded(value).ok_or_else(|| format!("`{name}`: expected two hexadecimal digits after each `%`"))?;
            if name == "id" {
                uri.id = Some(bytes);
                continue;
            }
            let value = String::from_utf8(bytes).map_err(|_| format!("`{name}`: expected text in UTF-8"))?;
            if value.is_empty() {
                return Err(format!("`{name}`: expected a value"));
            }
            let place = match name {
                _ if !known.contains(&name) => {
                    let near = nearest(name, known.iter().copied()).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                    return Err(format!("unknown attribute `{name}` in the URI of a key{near}"));
                }
                "token" => &mut uri.token,
                "serial" => &mut uri.serial,
                "manufacturer" => &mut uri.manufacturer,
                "model" => &mut uri.model,
                "object" => &mut uri.object,
                "type" if value == "secret-key" => continue,
                "type" => return Err(format!("`type`: expected `secret-key`, found `{value}`")),
                "module-path" => &mut module,
                _ => {
                    let file = value.strip_prefix("file:").map_or(value.as_str(), |rest| rest.strip_prefix("//").unwrap_or(rest));
                    if file.starts_with('|') {
                        return Err("`pin-source`: expected a file, found a command".to_owned());
                    }
                    uri.pin = Some(file.into());
                    continue;
                }
            };
            *place = Some(value);
        }
        if uri.object.is_none() && uri.id.is_none() {
            return Err("expected a key in the URI, by `object=` its label or `id=` its identifier".to_owned());
        }
        let module = module.map(PathBuf::from).filter(|module| module.is_absolute());
        uri.module = module.ok_or("expected the module of the token's maker in the URI, as `?module-path=` and its whole path")?;
        Ok(uri)
    }

    /// The key without how it is reached: what plans name.
    #[must_use]
    pub fn key(&self) -> String {
        let named = [
            ("token", &self.token),
            ("serial", &self.serial),
            ("manufacturer", &self.manufacturer),
            ("model", &self.model),
            ("object", &self.object),
        ];
        let mut parts: Vec<String> =
            named.iter().filter_map(|(name, value)| Some(format!("{name}={}", encoded(value.as_ref()?.as_bytes())))).collect();
        parts.extend(self.id.as_ref().map(|id| format!("id={}", encoded(id))));
        format!("{SCHEME}{}", parts.join(";"))
    }

    /// The module.
    #[must_use]
    pub fn module(&self) -> &Path {
        &self.module
    }
}

/// The bytes of a value without its `%` signs.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut left = text.bytes();
    while let Some(byte) = left.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(left.next()?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let (high, low) = (digit()?, digit()?);
        bytes.push(high << 4 | low);
    }
    Some(bytes)
}

/// Bytes as they stand in a URI.
fn encoded(bytes: &[u8]) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    bytes.iter().map(|byte| if plain(byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::Uri;
    use std::path::Path;

    #[test]
    fn a_key_is_named_and_reached() {
        let uri = Uri::parse(
            "pkcs11:token=My%20token;object=border;id=%01%ff;type=secret-key?module-path=/usr/lib/hsm.so&pin-source=file:/etc/pin",
        )
        .unwrap();
        assert_eq!(
            (uri.token.as_deref(), uri.object.as_deref(), uri.id.as_deref()),
            (Some("My token"), Some("border"), Some([1, 255].as_slice()))
        );
        assert_eq!((uri.module(), uri.pin.as_deref()), (Path::new("/usr/lib/hsm.so"), Some(Path::new("/etc/pin"))));
        assert_eq!(uri.key(), "pkcs11:token=My%20token;object=border;id=%01%FF");
    }

    #[test]
    fn slips_are_named_and_pins_are_not_shown() {
        let module = "?module-path=/m.so";
        for (text, expected) in [
            (format!("pkcs11:token=a{module}"), "expected a key in the URI"),
            ("pkcs11:object=a".to_owned(), "expected the module"),
            ("pkcs11:object=a?module-path=m.so".to_owned(), "its whole path"),
            (format!("pkcs11:tokne=a;object=b{module}"), "unknown attribute `tokne` in the URI of a key; did you mean `token`?"),
            (format!("pkcs11:object=a{module}&pin-sorce=/x"), "did you mean `pin-source`?"),
            (format!("pkcs11:object=a{module}&pin-value=hunter2"), "COMITY_PIN"),
            (format!("pkcs11:object=a;type=private{module}"), "expected `secret-key`, found `private`"),
            (format!("pkcs11:object=%zz{module}"), "two hexadecimal digits"),
            (format!("pkcs11:object={module}"), "`object`: expected a value"),
            (format!("pkcs11:object=a{module}&pin-source=|cat"), "expected a file, found a command"),
        ] {
            let error = Uri::parse(&text).unwrap_err();
            assert!(error.contains(expected) && !error.contains("hunter2"), "{text}: {error}");
        }
    }
}
