// SPDX-License-Identifier: Apache-2.0
//! What a `ref` names: a document by its digest, an exhibit by its chain of custody, a receipt; or words for people.

use comity_evidence::Hash;
use std::path::{Component, Path};

const DIGEST: &str = "sha256:";
const RECEIPT: &str = "receipt:";
const EXHIBIT: &str = "exhibit:";

/// What a `ref` names. Files are named from the folder of the evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A document, by its digest and, where it is given, its file.
    Document(Option<String>, Hash),
    /// A receipt of a log.
    Receipt(String),
    /// An exhibit, by the file of its chain of custody.
    Exhibit(String),
    /// A file number, or whatever else people understand.
    Words,
}

impl Reference {
    /// What the text of a `ref` names, or what is wrong with it where it was meant for a program.
    pub fn read(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(file) = text.strip_prefix(RECEIPT) {
            return Ok(Self::Receipt(inside(file)?));
        }
        if let Some(file) = text.strip_prefix(EXHIBIT) {
            return Ok(Self::Exhibit(inside(file)?));
        }
        let Some((file, digest)) = text.rsplit_once(DIGEST) else { return Ok(Self::Words) };
        let digest = Hash::from_hex(digest)
            .ok_or_else(|| format!("expected 64 lower-case hexadecimal digits after `{DIGEST}`, found `{digest}`"))?;
        if file.is_empty() {
            return Ok(Self::Document(None, digest));
        }
        let Some(file) = file.strip_suffix(' ') else { return Err(format!("expected a space between the file and `{DIGEST}`")) };
        Ok(Self::Document(Some(inside(file)?), digest))
    }
}

/// A file of the folder of the evidence: whoever writes a flow does not choose which other files are read.
fn inside(file: &str) -> Result<String, String> {
    let file = file.trim();
    let plain = |part: Component| matches!(part, Component::Normal(_) | Component::CurDir);
    if file.is_empty() || !Path::new(file).components().all(plain) {
        return Err(format!("expected a file inside the folder of the evidence, found `{file}`"));
    }
    Ok(file.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Reference;
    use comity_evidence::Hash;

    #[test]
    fn each_form_is_told_from_the_others() {
        let digest = Hash::of(b"x");
        let hex = digest.to_hex();
        for (text, expected) in [
            (format!("sha256:{hex}"), Reference::Document(None, digest)),
            (format!("clauses of 2023.pdf sha256:{hex}"), Reference::Document(Some("clauses of 2023.pdf".to_owned()), digest)),
            ("receipt:r/consent.json".to_owned(), Reference::Receipt("r/consent.json".to_owned())),
            ("exhibit:mail.jsonl".to_owned(), Reference::Exhibit("mail.jsonl".to_owned())),
            ("file 12".to_owned(), Reference::Words),
            (String::new(), Reference::Words),
        ] {
            assert_eq!(Reference::read(&text).unwrap(), expected, "{text}");
        }
        for text in [
            format!("sha256:{}", hex.to_uppercase()),
            "sha256:".to_owned(),
            format!("a.pdfsha256:{hex}"),
            format!("/etc/a.pdf sha256:{hex}"),
            format!("../a.pdf sha256:{hex}"),
            "receipt:".to_owned(),
            "receipt:/dev/zero".to_owned(),
            "exhibit:a/../../b".to_owned(),
        ] {
            assert!(Reference::read(&text).is_err(), "{text}");
        }
    }
}
