// SPDX-License-Identifier: Apache-2.0
//! Addresses of documents, and the paths they stand for.

use lsp_types::Uri;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The path that a `file:` address stands for; `None` for other addresses, such as those of unsaved texts.
#[must_use]
pub fn path(uri: &Uri) -> Option<PathBuf> {
    let rest = uri.as_str().strip_prefix("file://")?;
    // Between the slashes a host may stand; only this machine is meant here.
    let encoded = rest.strip_prefix("localhost").unwrap_or(rest);
    let path = decode(encoded)?;
    if !path.starts_with('/') {
        return None;
    }
    // `/c:/law` is a path of Windows behind a slash.
    let drive = path.get(1..).filter(|rest| rest.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) && rest.get(1..2) == Some(":"));
    Some(PathBuf::from(drive.unwrap_or(&path)))
}

/// The address of a path.
#[must_use]
pub fn uri(path: &Path) -> Option<Uri> {
    let path = path.to_str()?.replace('\\', "/");
    let mut address = "file://".to_owned();
    if !path.starts_with('/') {
        address.push('/');
    }
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(address, "%{byte:02X}");
        }
    }
    address.parse().ok()
}

fn decode(encoded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::{path, uri};
    use std::path::{Path, PathBuf};

    #[test]
    fn paths_come_back_from_their_addresses() {
        for text in ["/law/ke/ke.dpa.law", "/with space/Zürich#1.law", "/100%/a+b.toml"] {
            let address = uri(Path::new(text)).expect("an address");
            assert!(address.as_str().is_ascii());
            assert_eq!(path(&address), Some(PathBuf::from(text)));
        }
    }

    #[test]
    fn other_addresses_have_no_path() {
        for text in ["untitled:Untitled-1", "https://example.org/a.law", "file://host/a.law"] {
            assert_eq!(path(&text.parse().expect("an address")), None, "{text}");
        }
        assert_eq!(path(&"file:///c%3A/law/a.law".parse().expect("an address")), Some(PathBuf::from("c:/law/a.law")));
    }
}
