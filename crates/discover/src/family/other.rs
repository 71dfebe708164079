// SPDX-License-Identifier: Apache-2.0
//! Things that are no personal data by themselves, so that they are not taken for something that looks alike.

use crate::check::{gs1, iso7064_11_2};
use crate::detector::{Detector, Identifier, Test};
use crate::value::{Value, weighted};

/// The detectors.
pub const DETECTORS: &[Detector] = &[
    Detector {
        id: "uuid",
        label: "identifier without a meaning (UUID)",
        test: Test::Value(uuid),
        chance: 0.001,
        alone: 0.97,
        format: true,
        words: &[("en", "uuid, guid")],
        source: "RFC 9562",
        ..Detector::PLAIN
    },
    Detector {
        id: "hash",
        label: "digest or token of something else",
        // A digest of an identifier is one too, under another name.
        identifier: Identifier::Quasi,
        test: Test::Value(hash),
        chance: 0.002,
        alone: 0.95,
        format: true,
        words: &[
            ("en", "hash, md5, sha1, sha256, digest, checksum, hashed email, email hash, token hash, fingerprint"),
            ("de", "prufsumme"),
            ("fr", "empreinte"),
        ],
        source: "FIPS 180-4 and RFC 1321: 32, 40, 56, 64, 96 or 128 hexadecimal digits",
        ..Detector::PLAIN
    },
    Detector {
        id: "article-number",
        label: "article number (EAN, UPC, GTIN)",
        test: Test::Value(article),
        chance: 0.08,
        alone: 0.95,
        words: &[
            ("en", "ean, upc, gtin, barcode, ean13, ean code, upc code"),
            ("de", "ean, strichcode, barcode"),
            ("fr", "code barres, ean"),
            ("zh", "条形码, 条码"),
        ],
        source: "GS1 General Specifications, section 7.9: modulo 10",
        ..Detector::PLAIN
    },
    Detector {
        id: "book-number",
        label: "number of a book (ISBN)",
        test: Test::Value(book),
        chance: 0.02,
        alone: 0.95,
        words: &[("en", "isbn, isbn13, isbn 13")],
        source: "ISO 2108: 978 or 979 and modulo 10",
        ..Detector::PLAIN
    },
    // The check of ten signs is that of the British NHS number too.
    Detector {
        id: "book-number",
        label: "number of a book (ISBN)",
        test: Test::Value(old_book),
        chance: 0.09,
        alone: 0.95,
        words: &[("en", "isbn, isbn10, isbn 10")],
        source: "ISO 2108 of 1992: modulo 11",
        ..Detector::PLAIN
    },
    Detector {
        id: "researcher-number",
        label: "number of a researcher (ORCID, ISNI)",
        category: Some("online-identifier"),
        identifier: Identifier::Direct,
        test: Test::Value(researcher),
        chance: 0.02,
        alone: 0.95,
        words: &[("en", "orcid, isni, orcid id")],
        source: "ISO 27729: ISO/IEC 7064 MOD 11-2",
        ..Detector::PLAIN
    },
];

fn uuid(value: &Value<'_>) -> bool {
    let text = value.text.trim_matches(['{', '}']);
    let mut parts = text.split('-');
    let lengths = [8, 4, 4, 4, 12]
        .iter()
        .all(|length| parts.next().is_some_and(|part| part.len() == *length && part.bytes().all(|byte| byte.is_ascii_hexdigit())));
    lengths && parts.next().is_none()
}

fn hash(value: &Value<'_>) -> bool {
    let hex = value.text.bytes().all(|byte| byte.is_ascii_hexdigit()) && value.text.bytes().any(|byte| byte.is_ascii_alphabetic());
    matches!(value.text.len(), 32 | 40 | 56 | 64 | 96 | 128) && hex
}

fn article(value: &Value<'_>) -> bool {
    let Some(digits) = value.digits().filter(|digits| matches!(digits.len(), 8 | 12 | 13 | 14)) else {
        return false;
    };
    // Thirteen digits from 756 on are also those of the Swiss, and from 978 on those of books.
    !digits.starts_with(&[7, 5, 6]) && !digits.starts_with(&[9, 7, 8]) && gs1(digits)
}

fn book(value: &Value<'_>) -> bool {
    value.number(13).is_some_and(|digits| (digits.starts_with(&[9, 7, 8]) || digits.starts_with(&[9, 7, 9])) && gs1(digits))
}

fn old_book(value: &Value<'_>) -> bool {
    let Some([number @ .., check]) = value.signs(10) else { return false };
    let digits: Vec<u8> = number.iter().map(|sign| sign.wrapping_sub(b'0')).collect();
    let check = match check {
        b'X' => 10,
        b'0'..=b'9' => u32::from(check - b'0'),
        _ => return false,
    };
    digits.iter().all(|digit| *digit < 10) && (weighted(&digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) + check).is_multiple_of(11)
}

fn researcher(value: &Value<'_>) -> bool {
    let text = value.text.rsplit('/').next().unwrap_or(value.text);
    let groups = text.split('-').count() == 4 && text.split('-').all(|part| part.len() == 4);
    let signs: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    groups && signs.starts_with(b"000") && iso7064_11_2(&signs)
}
