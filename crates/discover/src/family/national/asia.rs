// SPDX-License-Identifier: Apache-2.0
//! Asia: China, Hong Kong, India, Indonesia, Japan, Korea, Malaysia, Pakistan, Singapore, Taiwan, Thailand.

use super::north::full_day;
use crate::check::{day_month_year, iso7064_11_2, verhoeff, year_month_day};
use crate::detector::Detector;
use crate::value::{Value, at, digit, digits_of, weighted};

const CNIC_WORDS: &[(&str, &str)] = &[("en", "cnic, cnic no, cnic number, nadra, nicop"), ("ur", "شناختی کارڈ")];
const CNIC_SOURCE: &str = "Pakistani NADRA, CNIC: thirteen digits as 5-7-1, no control digit";

/// The detectors.
pub const DETECTORS: &[Detector] = &[
    Detector::checked("cn-ric", "Chinese resident identity number", china, 0.0005).named(
        &[("zh", "身份证, 身份证号, 身份证号码, 公民身份号码, 證件號, 证件号码"), ("en", "chinese id, resident id, sfz, shenfenzheng")],
        "GB 11643-1999: ISO/IEC 7064 MOD 11-2",
    ),
    Detector::checked("tw-id", "Taiwanese identity number", taiwan, 0.04).named(
        &[("zh", "身分證, 身分證字號, 身分證號碼"), ("en", "taiwan id, roc id")],
        "Ministry of the Interior of Taiwan, national identification number: weights modulo 10",
    ),
    Detector::checked("hk-hkid", "Hong Kong identity card number", hong_kong, 0.09).named(
        &[("zh", "香港身份證, 身份證號碼"), ("en", "hkid, hong kong id, hkid number")],
        "Hong Kong Immigration Department, identity card number: modulo 11",
    ),
    Detector::checked("jp-mynumber", "Japanese individual number", japan, 0.09).named(
        &[("ja", "マイナンバー, 個人番号"), ("en", "my number, mynumber, individual number")],
        "Japanese Order of the Ministry of Internal Affairs and Communications 85 of 2014, article 5: modulo 11",
    ),
    Detector::checked("kr-rrn", "Korean resident registration number", korea, 0.003).named(
        &[("ko", "주민등록번호, 주민번호"), ("en", "rrn, resident registration number, korean id")],
        "Korean Resident Registration Act, Enforcement Rule, article 2: modulo 11; numbers given before October 2020",
    ),
    Detector::checked("sg-nric", "Singaporean NRIC or FIN", singapore, 0.091).named(
        &[("en", "nric, fin, nric fin, nric no, nric number, fin number"), ("zh", "身份证号码")],
        "Singapore National Registration Act, identity card number: weights 2765432 modulo 11; numbers from S, T, F and G on",
    ),
    Detector::checked("th-id", "Thai citizen identity number", thailand, 0.08).named(
        &[("th", "เลขประจำตัวประชาชน, เลขบัตรประชาชน"), ("en", "thai id, citizen id")],
        "Thai Department of Provincial Administration, identity number: weights 13 to 2 modulo 11",
    ),
    Detector::checked("in-aadhaar", "Indian Aadhaar number", aadhaar, 0.08).named(
        &[("en", "aadhaar, aadhar, aadhaar number, aadhaar no, uid number, uidai"), ("hi", "आधार")],
        "Unique Identification Authority of India, A UID Numbering Scheme (2010): Verhoeff, not from 0 or 1 on",
    ),
    Detector::checked("in-pan", "Indian permanent account number of a person", pan, 0.02)
        .named(
            &[("en", "pan, pan no, pan number, pan card, permanent account number")],
            "Indian Income Tax Rules, rule 114: the fourth letter P is that of persons",
        )
        .of("government-id")
        .at_most(0.8),
    Detector::checked("my-mykad", "Malaysian MyKad number", malaysia, 0.03)
        .named(
            &[
                ("ms", "no kad pengenalan, kad pengenalan, no kp, nokp, mykad, ic"),
                ("en", "mykad, malaysian id, nric no, ic number, ic no"),
            ],
            "Malaysian National Registration Regulations 1990: a day of birth and a place, no control digit",
        )
        .at_most(0.6),
    Detector::checked("id-nik", "Indonesian NIK", indonesia, 0.03)
        .named(
            &[("id", "nik, no ktp, nomor ktp, ktp, nomor induk kependudukan"), ("en", "indonesian id, indonesian nik")],
            "Indonesian Law 23/2006 on population administration, NIK: an area and a day of birth, no control digit",
        )
        .at_most(0.8),
    Detector::checked("pk-cnic", "Pakistani CNIC", pakistan_written, 0.1).named(CNIC_WORDS, CNIC_SOURCE).at_most(0.45),
    // Thirteen digits are many things: without its hyphens only the header tells.
    Detector::checked("pk-cnic", "Pakistani CNIC", pakistan, 0.88).named(CNIC_WORDS, CNIC_SOURCE).at_most(0.05),
];

fn china(value: &Value<'_>) -> bool {
    let Some(signs) = value.signs(18) else {
        return false;
    };
    let Some(digits) = signs.get(..17).and_then(digits_of) else {
        return false;
    };
    at(&digits, 0, 2).is_some_and(|province| (11..=91).contains(&province)) && digits.get(6..).is_some_and(full_day) && iso7064_11_2(signs)
}

/// What the letters of Taiwan stand for, in the order in which they were given.
fn taiwan_letter(letter: u8) -> Option<u32> {
    b"ABCDEFGHJKLMNPQRSTUVXYWZIO".iter().zip(10..).find(|(known, _)| **known == letter).map(|(_, number)| number)
}

fn taiwan(value: &Value<'_>) -> bool {
    let Some([letter, second, rest @ ..]) = value.signs(10) else {
        return false;
    };
    let Some(area) = taiwan_letter(*letter) else {
        return false;
    };
    // 1 and 2 are citizens; 8 and 9 residents from abroad, who had a second letter until 2020.
    let second = match second {
        b'1' | b'2' | b'8' | b'9' => u32::from(second - b'0'),
        b'A'..=b'D' => taiwan_letter(*second).unwrap_or(0) % 10,
        _ => return false,
    };
    let Some(digits) = digits_of(rest) else {
        return false;
    };
    let sum = area / 10 + area % 10 * 9 + second * 8 + weighted(&digits, &[7, 6, 5, 4, 3, 2, 1, 1]);
    sum.is_multiple_of(10)
}

fn hong_kong(value: &Value<'_>) -> bool {
    let text: String = value.text.chars().filter(|letter| !matches!(letter, '(' | ')' | ' ' | '-')).collect();
    let signs = text.to_ascii_uppercase();
    let letter = |sign: u8| sign.is_ascii_uppercase().then(|| u32::from(sign - b'A') + 10);
    let (first, second, rest) = match signs.as_bytes() {
        [a, rest @ ..] if rest.len() == 7 => (Some(36), letter(*a), rest),
        [a, b, rest @ ..] if rest.len() == 7 => (letter(*a), letter(*b), rest),
        _ => return false,
    };
    let (Some(first), Some(second), Some((check, number))) = (first, second, rest.split_last()) else {
        return false;
    };
    let Some(digits) = digits_of(number) else {
        return false;
    };
    let check = match check {
        b'A' => 10,
        b'0'..=b'9' => u32::from(check - b'0'),
        _ => return false,
    };
    (first * 9 + second * 8 + weighted(&digits, &[7, 6, 5, 4, 3, 2]) + check).is_multiple_of(11)
}

fn japan(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(12) else {
        return false;
    };
    let rest = weighted(digits, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    digits.iter().any(|digit| *digit != 0) && digit(digits, 11) == Some(if rest < 2 { 0 } else { 11 - rest })
}

fn korea(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(13) else {
        return false;
    };
    let sum = weighted(digits, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    // Foreigners, from 5 to 8 on, have a control digit that is two more.
    let offset = if digit(digits, 6).is_some_and(|century| (5..=8).contains(&century)) { 13 } else { 11 };
    year_month_day(digits, &[0], &[0]) && digit(digits, 12) == Some((offset - sum % 11) % 10)
}

fn singapore(value: &Value<'_>) -> bool {
    let Some([first, number @ .., check]) = value.signs(9) else {
        return false;
    };
    let Some(digits) = digits_of(number) else {
        return false;
    };
    let (more, letters): (u32, &[u8]) = match first {
        b'S' => (0, b"JZIHGFEDCBA"),
        b'T' => (4, b"JZIHGFEDCBA"),
        b'F' => (0, b"XWUTRQPNMLK"),
        b'G' => (4, b"XWUTRQPNMLK"),
        _ => return false,
    };
    let rest = (weighted(&digits, &[2, 7, 6, 5, 4, 3, 2]) + more) % 11;
    usize::try_from(rest).ok().and_then(|rest| letters.get(rest)) == Some(check)
}

fn thailand(value: &Value<'_>) -> bool {
    let Some(digits @ [1..=8, ..]) = value.number(13) else {
        return false;
    };
    let sum = weighted(digits, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    digit(digits, 12) == Some((11 - sum % 11) % 10)
}

fn aadhaar(value: &Value<'_>) -> bool {
    let Some(digits @ [2..=9, ..]) = value.number(12) else {
        return false;
    };
    // Numbers that read the same from behind are not given.
    !digits.iter().eq(digits.iter().rev()) && verhoeff(digits)
}

fn pan(value: &Value<'_>) -> bool {
    let Some([a, b, c, b'P', e, n1, n2, n3, n4, last]) = value.signs(10) else {
        return false;
    };
    [a, b, c, e, last].iter().all(|letter| letter.is_ascii_uppercase()) && digits_of(&[*n1, *n2, *n3, *n4]).is_some()
}

fn malaysia(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(12) else {
        return false;
    };
    // Places that were never given.
    let place = at(digits, 6, 2).is_some_and(|place| !matches!(place, 0 | 17..=20 | 69..=70 | 73 | 80..=81 | 94..=97));
    year_month_day(digits, &[0], &[0]) && place
}

fn indonesia(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(16) else {
        return false;
    };
    let province = at(digits, 0, 2).is_some_and(|province| (11..=97).contains(&province));
    let Some(birth) = digits.get(6..12) else {
        return false;
    };
    province && at(digits, 12, 4) != Some(0) && day_month_year(birth, &[0], &[0, 40])
}

fn pakistan(value: &Value<'_>) -> bool {
    matches!(value.number(13), Some([1..=8, ..]))
}

fn pakistan_written(value: &Value<'_>) -> bool {
    let hyphens = value.text.bytes().enumerate().filter(|(_, byte)| *byte == b'-').map(|(place, _)| place);
    pakistan(value) && hyphens.eq([5, 13])
}
