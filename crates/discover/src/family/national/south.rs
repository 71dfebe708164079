// SPDX-License-Identifier: Apache-2.0
//! The south of Europe: Greece, Italy, Portugal, Spain, and Türkiye.

use crate::check::{day_month_year, luhn};
use crate::detector::Detector;
use crate::value::{Value, at, digit, digits_of, weighted};

/// The detectors.
pub const DETECTORS: &[Detector] = &[
    Detector::checked("es-dni", "Spanish DNI or NIE", spain, 0.04).named(
        &[("es", "dni, nie, nif, dni nie, documento nacional de identidad, documento identidad"), ("en", "spanish id, spanish dni")],
        "Spanish Ministry of the Interior, Cálculo del dígito de control del NIF/NIE: a letter modulo 23",
    ),
    Detector::checked("it-cf", "Italian codice fiscale", italy, 0.04)
        .named(
            &[("it", "codice fiscale, cod fiscale, codicefiscale, cf, cod fisc"), ("en", "italian tax code, fiscal code")],
            "Italian Ministerial Decree of 23 December 1976: a control letter modulo 26",
        )
        .of("government-id"),
    Detector::checked("pt-nif", "Portuguese tax number (NIF)", portugal, 0.05)
        .named(
            &[
                ("pt", "nif, numero de contribuinte, contribuinte, n contribuinte, num contribuinte"),
                ("en", "portuguese tax number, portuguese nif"),
            ],
            "Portuguese Decree-Law 14/2013, article 11: modulo 11; numbers of persons begin with 1, 2, 3 or 45",
        )
        .of("government-id"),
    Detector::checked("gr-amka", "Greek social security number (AMKA)", amka, 0.004)
        .named(
            &[("el", "αμκα"), ("en", "amka, greek social security number")],
            "Greek Law 3655/2008, article 153: a day of birth, and Luhn",
        )
        .of("social-security-number"),
    Detector::checked("gr-afm", "Greek tax number (AFM)", afm, 0.1)
        .named(
            &[("el", "αφμ"), ("en", "afm, greek tax number")],
            "Greek Independent Authority for Public Revenue, AFM: powers of two modulo 11",
        )
        .of("government-id"),
    Detector::checked("tr-tckn", "Turkish identity number (T.C. Kimlik No)", turkey, 0.01).named(
        &[
            ("tr", "tckn, tc kimlik, tc kimlik no, t c kimlik no, kimlik no, kimlik numarasi, tc no, tckimlikno, tc"),
            ("en", "turkish id, turkish identity number"),
        ],
        "Turkish Directorate General of Civil Registration, identity number: two control digits modulo 10",
    ),
];

fn spain(value: &Value<'_>) -> bool {
    const LETTERS: &[u8] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let Some((letter, number)) = value.plain.as_bytes().split_last() else {
        return false;
    };
    let number: Vec<u8> = match number {
        [b'X', rest @ ..] if rest.len() == 7 => rest.to_vec(),
        [foreign @ (b'Y' | b'Z'), rest @ ..] if rest.len() == 7 => [&[foreign - b'Y' + b'1'], rest].concat(),
        digits if digits.len() == 8 => digits.to_vec(),
        _ => return false,
    };
    let Some(digits) = digits_of(&number) else {
        return false;
    };
    let number = digits.iter().fold(0_usize, |number, digit| number * 10 + usize::from(*digit));
    LETTERS.get(number % 23) == Some(letter)
}

fn italy(value: &Value<'_>) -> bool {
    /// What A to Z count in odd places; 0 to 9 count as A to J do.
    const ODD: [u32; 26] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    /// Places that hold digits, or the letters that stand for them where two persons would have one code.
    const DIGITS: [usize; 7] = [6, 7, 9, 10, 12, 13, 14];
    let Some(signs) = value.signs(16) else {
        return false;
    };
    let mut sum = 0;
    for (place, sign) in signs.iter().enumerate() {
        let is_digit = sign.is_ascii_digit() || matches!(sign, b'L' | b'M' | b'N' | b'P'..=b'V');
        let fits = match place {
            8 => matches!(sign, b'A'..=b'E' | b'H' | b'L' | b'M' | b'P' | b'R' | b'S' | b'T'),
            place if DIGITS.contains(&place) => is_digit,
            _ => sign.is_ascii_uppercase(),
        };
        if !fits {
            return false;
        }
        let counts = u32::from(if sign.is_ascii_digit() { sign - b'0' } else { sign - b'A' });
        match place {
            15 => return sum % 26 == counts,
            // The first place is odd.
            place if place % 2 == 0 => sum += usize::try_from(counts).ok().and_then(|counts| ODD.get(counts)).copied().unwrap_or(0),
            _ => sum += counts,
        }
    }
    false
}

fn portugal(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(9) else {
        return false;
    };
    let person = matches!(digits, [1..=3, ..] | [4, 5, ..]);
    let rest = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    person && digit(digits, 8) == Some(if rest < 2 { 0 } else { 11 - rest })
}

fn amka(value: &Value<'_>) -> bool {
    value.number(11).is_some_and(|digits| luhn(digits) && day_month_year(digits, &[0], &[0]))
}

fn afm(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(9) else {
        return false;
    };
    let sum = weighted(digits, &[256, 128, 64, 32, 16, 8, 4, 2]);
    at(digits, 0, 9) != Some(0) && digit(digits, 8) == Some(sum % 11 % 10)
}

fn turkey(value: &Value<'_>) -> bool {
    let Some(digits @ [1..=9, ..]) = value.number(11) else {
        return false;
    };
    let odd = weighted(digits, &[1, 0, 1, 0, 1, 0, 1, 0, 1]);
    let even = weighted(digits, &[0, 1, 0, 1, 0, 1, 0, 1]);
    // The even places are taken away from seven times the odd ones; ninety keeps the difference above zero.
    let tenth = (odd * 7 + 90 - even) % 10;
    digit(digits, 9) == Some(tenth) && digit(digits, 10) == Some((odd + even + tenth) % 10)
}
