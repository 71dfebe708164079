// SPDX-License-Identifier: Apache-2.0
//! What an object store writes in XML: lists of keys, and refusals.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use quick_xml::{Reader, XmlVersion};

/// A page of a list.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The keys.
    pub keys: Vec<String>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<String>,
}

impl Listing {
    /// Reads a page.
    pub fn read(body: &[u8]) -> Result<Self, String> {
        let mut listing = Self::default();
        let (mut lists, mut continued) = (false, false);
        elements(body, &mut |path, content| match path {
            ["ListBucketResult", "Contents", "Key"] => listing.keys.push(content.to_owned()),
            ["ListBucketResult", "NextContinuationToken"] => listing.next = Some(content.to_owned()),
            ["ListBucketResult", "IsTruncated"] => continued = content == "true",
            ["ListBucketResult"] => lists = true,
            _ => {}
        })?;
        if !lists {
            return Err("expected `ListBucketResult`".to_owned());
        }
        if continued != listing.next.is_some() {
            return Err("it says that it goes on, and not where, or where and not that it does".to_owned());
        }
        Ok(listing)
    }
}

/// The code and the message of a refusal; what is no refusal in XML has neither.
pub fn refusal(body: &[u8]) -> (String, String) {
    let (mut code, mut message) = (String::new(), String::new());
    let read = elements(body, &mut |path, content| match path {
        ["Error", "Code"] => content.clone_into(&mut code),
        ["Error", "Message"] => content.clone_into(&mut message),
        _ => {}
    });
    if read.is_err() { (String::new(), String::new()) } else { (code, message) }
}

/// Calls for each element, when it ends, with the names from the outermost to it and the text in it.
fn elements(body: &[u8], each: &mut dyn FnMut(&[&str], &str)) -> Result<(), String> {
    let mut reader = Reader::from_str(std::str::from_utf8(body).map_err(|error| error.to_string())?);
    let mut open: Vec<(String, String)> = Vec::new();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => open.push((start.local_name().as_ref().to_owned(), String::new())),
            Event::Text(text) => {
                let text = text.xml_content(XmlVersion::Explicit1_0);
                open.last_mut().into_iter().for_each(|(_, content)| content.push_str(&text));
            }
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|error| error.to_string())?.map(String::from);
                let named = || resolve_predefined_entity(&reference.xml_content(XmlVersion::Explicit1_0)).map(str::to_owned);
                let text = character.or_else(named).ok_or("an entity that XML does not define")?;
                open.last_mut().into_iter().for_each(|(_, content)| content.push_str(&text));
            }
            Event::CData(data) => {
                let text = data.xml_content(XmlVersion::Explicit1_0);
                open.last_mut().into_iter().for_each(|(_, content)| content.push_str(&text));
            }
            Event::End(_) => {
                let path: Vec<&str> = open.iter().map(|(name, _)| name.as_str()).collect();
                each(&path, open.last().map_or("", |(_, content)| content));
                open.pop();
            }
            Event::Eof if open.is_empty() => return Ok(()),
            Event::Eof => return Err("it ends in the middle".to_owned()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Listing, refusal};

    #[test]
    fn a_page_is_read() {
        let page = br#"<?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>logs</Name><Prefix>a</Prefix>
            <KeyCount>2</KeyCount><IsTruncated>true</IsTruncated><NextContinuationToken>1/x=</NextContinuationToken>
            <Contents><Key>a/tile/0/000</Key><Size>3</Size></Contents><Contents><Key>a &amp; b&#33;</Key></Contents>
            <CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes></ListBucketResult>"#;
        let expected = Listing { keys: vec!["a/tile/0/000".to_owned(), "a & b!".to_owned()], next: Some("1/x=".to_owned()) };
        assert_eq!(Listing::read(page), Ok(expected));
        let empty = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
        assert_eq!(Listing::read(empty), Ok(Listing::default()));
    }

    #[test]
    fn half_a_list_is_none() {
        for half in [
            &b"<ListBucketResult><Contents><Key>a</Key></Contents>"[..],
            b"<html>a proxy in between</html>",
            b"",
            b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        ] {
            assert!(Listing::read(half).is_err(), "{}", String::from_utf8_lossy(half));
        }
    }

    #[test]
    fn refusals_are_read() {
        let found = refusal(b"<Error><Code>NoSuchKey</Code><Message>It &lt;is&gt; not there</Message><Key>a</Key></Error>");
        assert_eq!(found, ("NoSuchKey".to_owned(), "It <is> not there".to_owned()));
        assert_eq!(refusal(b"<html>"), (String::new(), String::new()));
    }
}
