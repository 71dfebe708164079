// SPDX-License-Identifier: Apache-2.0
//! The west of Europe: Austria, Belgium, France, Germany, Ireland, Luxembourg, the Netherlands, Switzerland, the United
//! Kingdom.

use super::north::full_day;
use crate::check::{day_month_year, gs1, iso7064_11_10, luhn, verhoeff, year_month_day};
use crate::detector::Detector;
use crate::value::{Value, at, digits_of, weighted};

/// The detectors.
pub const DETECTORS: &[Detector] = &[
    Detector::checked("de-idnr", "German tax identification number", germany, 0.004)
        .named(
            &[
                ("de", "steuer id, steueridentifikationsnummer, steuerid, idnr, steuerliche identifikationsnummer, tin"),
                ("en", "german tax id, tax id, tin"),
            ],
            "Bundeszentralamt für Steuern, Aufbau der Identifikationsnummer: ISO/IEC 7064 MOD 11,10, one digit two or three times",
        )
        .of("government-id"),
    Detector::checked("at-svnr", "Austrian social insurance number", austria, 0.004)
        .named(
            &[("de", "svnr, sozialversicherungsnummer, sv nummer, sv nr, versicherungsnummer"), ("en", "austrian social insurance number")],
            "Dachverband der Sozialversicherungsträger, Versicherungsnummer: control digit modulo 11 in the fourth place",
        )
        .of("social-security-number"),
    Detector::checked("ch-ahv", "Swiss AHV number", switzerland, 0.0001)
        .named(
            &[
                ("de", "ahv, ahv nr, ahv nummer, ahvn13, sozialversicherungsnummer"),
                ("fr", "avs, numero avs, no avs, navs13"),
                ("it", "numero avs"),
            ],
            "Central Compensation Office, AHV number: thirteen digits from 756 on, control digit of EAN-13",
        )
        .of("social-security-number"),
    Detector::checked("nl-bsn", "Dutch citizen service number (BSN)", netherlands, 0.09).named(
        &[("nl", "bsn, burgerservicenummer, sofinummer, sofi nummer"), ("en", "dutch bsn, citizen service number")],
        "Rijksdienst voor Identiteitsgegevens, Logisch ontwerp BSN: the eleven test",
    ),
    Detector::checked("be-nrn", "Belgian national register number", belgium, 0.0015).named(
        &[
            ("nl", "rijksregisternummer, insz, rrn, rijksregisternr"),
            ("fr", "niss, numero de registre national, registre national"),
            ("en", "belgian national number, nrn"),
        ],
        "Royal Decree of 3 April 1984 on the identification number, article 3: 97 less the rest, with a 2 before births from 2000",
    ),
    Detector::checked("lu-matricule", "Luxembourg identification number", luxembourg, 0.0003).named(
        &[
            ("fr", "matricule, matricule national, numero d identification"),
            ("de", "matrikelnummer, nationale identifikationsnummer"),
            ("en", "luxembourg national id"),
        ],
        "Luxembourg Regulation of 28 November 2013, article 1: one control digit of Luhn and one of Verhoeff",
    ),
    Detector::checked("fr-nir", "French social security number (NIR)", france, 0.006)
        .named(
            &[
                (
                    "fr",
                    "nir, numero de securite sociale, numero securite sociale, num secu, no securite sociale, insee, numero insee, no ss",
                ),
                ("en", "french social security number"),
            ],
            "INSEE, numéro d'inscription au répertoire: 97 less the rest, Corsica as 19 and 18",
        )
        .of("social-security-number"),
    Detector::checked("ie-ppsn", "Irish personal public service number", ireland, 0.035)
        .named(
            &[("en", "ppsn, pps, pps number, pps no"), ("ga", "uimhir psp")],
            "Irish Department of Social Protection, PPS number format: modulo 23",
        )
        .of("social-security-number"),
    Detector::checked("gb-nhs", "British NHS number", nhs, 0.04)
        .named(&[("en", "nhs, nhs number, nhs no, nhsno, nhsnumber, patient nhs")], "NHS Data Dictionary, NHS number: modulo 11")
        .of("health"),
    Detector::checked("gb-nino", "British national insurance number", nino, 0.3)
        .named(
            &[("en", "nino, ni number, national insurance, national insurance number, ni no, nin")],
            "HM Revenue and Customs, National Insurance Manual NIM39110: no control digit, excluded prefixes",
        )
        .of("social-security-number")
        .at_most(0.7),
];

fn germany(value: &Value<'_>) -> bool {
    let Some(digits @ [1..=9, ..]) = value.number(11) else {
        return false;
    };
    let Some((_, ten)) = digits.split_last() else {
        return false;
    };
    let count = |wanted: u8| ten.iter().filter(|digit| **digit == wanted).count();
    let mut counts: Vec<usize> = (0..=9).map(count).filter(|count| *count > 0).collect();
    counts.sort_unstable();
    let once = |counts: &[usize]| counts.iter().all(|count| *count == 1);
    let repeated = matches!(counts.split_last(), Some((2 | 3, others)) if once(others));
    let three_in_a_row = ten.windows(3).any(|part| matches!(part, [a, b, c] if a == b && b == c));
    repeated && !three_in_a_row && iso7064_11_10(digits)
}

fn austria(value: &Value<'_>) -> bool {
    let Some(digits @ [1..=9, _, _, check, birth @ ..]) = value.number(10) else {
        return false;
    };
    // Where a day has too few numbers, the month goes on after December.
    weighted(digits, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 == u32::from(*check) && day_month_year(birth, &[0, 1, 2, 3], &[0])
}

fn switzerland(value: &Value<'_>) -> bool {
    value.number(13).is_some_and(|digits| digits.starts_with(&[7, 5, 6]) && gs1(digits))
}

fn netherlands(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(9) else {
        return false;
    };
    // The last digit counts minus one, which is ten modulo eleven.
    digits.iter().any(|digit| *digit != 0) && weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2, 10]).is_multiple_of(11)
}

fn belgium(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(11) else {
        return false;
    };
    let (Some(first), Some(check)) = (at(digits, 0, 9), at(digits, 9, 2)) else {
        return false;
    };
    let met = 97 - first % 97 == check || 97 - (u64::from(first) + 2_000_000_000) % 97 == u64::from(check);
    // Month plus 20 or 40 are numbers of people who are not in the register; parts of a day may be unknown.
    let unknown = at(digits, 2, 2).is_some_and(|month| matches!(month, 0 | 20 | 40)) || at(digits, 4, 2) == Some(0);
    met && (unknown || year_month_day(digits, &[0, 20, 40], &[0]))
}

fn luxembourg(value: &Value<'_>) -> bool {
    let Some([person @ .., a, b]) = value.number(13) else {
        return false;
    };
    let with = |check: u8| person.iter().copied().chain([check]).collect::<Vec<u8>>();
    full_day(person) && luhn(&with(*a)) && verhoeff(&with(*b))
}

fn france(value: &Value<'_>) -> bool {
    let Some([number @ .., c, d]) = value.signs(15) else {
        return false;
    };
    // The departments of Corsica have letters.
    let number: Vec<u8> = match number {
        [front @ .., b'2', letter @ (b'A' | b'B'), u, v, w, x, y, z] => {
            let second = if *letter == b'A' { b'9' } else { b'8' };
            front.iter().chain(&[b'1', second, *u, *v, *w, *x, *y, *z]).copied().collect()
        }
        other => other.to_vec(),
    };
    let (Some(digits), Some(check)) = (digits_of(&number), digits_of(&[*c, *d])) else {
        return false;
    };
    let number = digits.iter().fold(0_u64, |number, digit| number * 10 + u64::from(*digit));
    let Some(check) = at(&check, 0, 2) else {
        return false;
    };
    let sex = matches!(digits.first(), Some(1..=4 | 7 | 8));
    // Months that nobody knows are written from 20 on.
    let month = at(&digits, 3, 2).is_some_and(|month| matches!(month, 1..=12 | 20..=42 | 50..=99));
    sex && month && 97 - number % 97 == u64::from(check)
}

fn ireland(value: &Value<'_>) -> bool {
    const LETTERS: &[u8] = b"WABCDEFGHIJKLMNOPQRSTUV";
    let [a, b, c, d, e, f, g, check, more @ ..] = value.plain.as_bytes() else {
        return false;
    };
    let Some(digits) = digits_of(&[*a, *b, *c, *d, *e, *f, *g]) else {
        return false;
    };
    let second = match more {
        [] | [b'W'] => 0,
        [letter @ b'A'..=b'I'] => u32::from(letter - b'A' + 1),
        _ => return false,
    };
    let rest = (weighted(&digits, &[8, 7, 6, 5, 4, 3, 2]) + second * 9) % 23;
    usize::try_from(rest).ok().and_then(|rest| LETTERS.get(rest)) == Some(check)
}

fn nhs(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(10) else {
        return false;
    };
    // Numbers in use begin so; 9 is for examples and tests.
    let used = matches!(digits, [3, 2..=9, ..] | [4 | 6 | 9, ..] | [7, 0, ..]);
    used && weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
}

fn nino(value: &Value<'_>) -> bool {
    let [a, b, digits @ .., last] = value.plain.as_bytes() else {
        return false;
    };
    let first = a.is_ascii_uppercase() && !matches!(a, b'D' | b'F' | b'I' | b'Q' | b'U' | b'V');
    let second = b.is_ascii_uppercase() && !matches!(b, b'D' | b'F' | b'I' | b'O' | b'Q' | b'U' | b'V');
    let excluded = matches!(&[*a, *b], b"BG" | b"GB" | b"KN" | b"NK" | b"NT" | b"TN" | b"ZZ");
    first && second && !excluded && digits.len() == 6 && digits_of(digits).is_some() && matches!(last, b'A'..=b'D')
}
