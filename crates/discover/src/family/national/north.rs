// SPDX-License-Identifier: Apache-2.0
//! The north of Europe: Denmark, Estonia and Lithuania, Finland, Iceland, Latvia, Norway, Sweden.

use crate::check::{day_month_year, is_day, luhn, year_month_day};
use crate::detector::Detector;
use crate::value::{Value, at, digit, digits_of, weighted};

/// The detectors.
pub const DETECTORS: &[Detector] = &[
    Detector::checked("se-personnummer", "Swedish personal identity or coordination number", sweden, 0.01).named(
        &[("sv", "personnummer, pnr, samordningsnummer, person nr"), ("en", "swedish personal number, personal identity number")],
        "Skatteverket, SKV 704: Luhn over the last ten digits, day plus 60 for coordination numbers",
    ),
    Detector::checked("no-fnr", "Norwegian national identity or D number", norway, 0.0005).named(
        &[("no", "fodselsnummer, fnr, personnummer, d nummer, dnr"), ("en", "norwegian national id")],
        "Skatteetaten, fødselsnummer: two control digits modulo 11, day plus 40 for D numbers",
    ),
    Detector::checked("fi-hetu", "Finnish personal identity code", finland, 0.001).named(
        &[("fi", "henkilotunnus, hetu, sotu"), ("sv", "personbeteckning"), ("en", "finnish personal identity code")],
        "Digital and Population Data Services Agency, personal identity code: control sign modulo 31",
    ),
    Detector::checked("dk-cpr", "Danish CPR number", denmark, 0.037)
        .named(
            &[("da", "cpr, cpr nr, cpr nummer, cprnr, personnummer"), ("en", "danish cpr, cpr number")],
            "CPR-kontoret, Personnummeret i CPR: since 2007 numbers need not meet modulo 11, so only the day is checked",
        )
        .at_most(0.4),
    Detector::checked("is-kennitala", "Icelandic kennitala", iceland, 0.001).named(
        &[("is", "kennitala, kt"), ("en", "icelandic id")],
        "Registers Iceland, kennitala: modulo 11 in the ninth digit, the tenth for the century",
    ),
    Detector::checked("ee-lt-code", "Estonian or Lithuanian personal code", baltic, 0.002).named(
        &[("et", "isikukood"), ("lt", "asmens kodas"), ("en", "estonian personal code, lithuanian personal code, personal code")],
        "Estonian standard EVS 585:2007; the same scheme in the Lithuanian law on the population register",
    ),
    Detector::checked("lv-code", "Latvian personal code", latvia, 0.004).named(
        &[("lv", "personas kods, pk"), ("en", "latvian personal code")],
        "Latvian Law on the Register of Natural Persons; codes given before 2017, which begin with a day",
    ),
];

fn sweden(value: &Value<'_>) -> bool {
    // A plus stands for the hyphen once somebody is a hundred years old.
    let text = value.text.replace('+', "-");
    let value = &Value::new(&text, false);
    let short = match (value.number(10), value.number(12)) {
        (Some(short), _) => short,
        (None, Some([1, 8 | 9, rest @ ..] | [2, 0, rest @ ..])) => rest,
        _ => return false,
    };
    luhn(short) && year_month_day(short, &[0], &[0, 60])
}

fn norway(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(11) else {
        return false;
    };
    weighted(digits, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]).is_multiple_of(11)
        && weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
        // Month plus 40 are numbers that hospitals give, plus 80 those of tests.
        && day_month_year(digits, &[0, 40, 80], &[0, 40])
}

fn finland(value: &Value<'_>) -> bool {
    const CONTROL: &[u8] = b"0123456789ABCDEFHJKLMNPRSTUVWXY";
    let [day @ .., century, a, b, c, control] = value.text.as_bytes() else {
        return false;
    };
    let (Some(day), Some(number)) = (digits_of(day), digits_of(&[*a, *b, *c])) else {
        return false;
    };
    let century = matches!(century.to_ascii_uppercase(), b'+' | b'-' | b'U'..=b'Y' | b'A'..=b'F');
    let (Some(first), Some(last)) = (at(&day, 0, 6), at(&number, 0, 3)) else {
        return false;
    };
    let rest = usize::try_from((first * 1000 + last) % 31).unwrap_or(31);
    day.len() == 6 && century && last > 1 && day_month_year(&day, &[0], &[0]) && CONTROL.get(rest) == Some(&control.to_ascii_uppercase())
}

fn denmark(value: &Value<'_>) -> bool {
    value.number(10).is_some_and(|digits| day_month_year(digits, &[0], &[0, 60]))
}

fn iceland(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(10) else {
        return false;
    };
    weighted(digits, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
        && matches!(digits.last(), Some(0 | 8 | 9))
        // Day plus 40 are numbers of companies.
        && day_month_year(digits, &[0], &[0])
}

fn baltic(value: &Value<'_>) -> bool {
    let Some(digits @ [1..=8, rest @ ..]) = value.number(11) else {
        return false;
    };
    let first = weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let second = weighted(digits, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
    let expected = match (first, second) {
        (10, 10) => 0,
        (10, second) => second,
        (first, _) => first,
    };
    digit(digits, 10) == Some(expected) && year_month_day(rest, &[0], &[0])
}

fn latvia(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(11) else {
        return false;
    };
    let sum = weighted(digits, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9]);
    let century = digit(digits, 6).is_some_and(|century| century < 3);
    digit(digits, 10) == Some((1 + sum) % 11 % 10) && century && day_month_year(digits, &[0], &[0])
}

/// A day of birth in eight digits, as some schemes of other families have it.
pub(super) fn full_day(digits: &[u8]) -> bool {
    let (Some(year), Some(month), Some(day)) = (at(digits, 0, 4), at(digits, 4, 2), at(digits, 6, 2)) else {
        return false;
    };
    (1850..2100).contains(&year) && is_day(year, month, day)
}
