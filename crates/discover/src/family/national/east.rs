// SPDX-License-Identifier: Apache-2.0
//! The middle and east of Europe: Bulgaria, Croatia, Czechia and Slovakia, Hungary, Kazakhstan, Poland, Romania, Russia, the
//! states of former Yugoslavia, Ukraine.

use crate::check::{day_month_year, iso7064_11_10, year_month_day};
use crate::detector::Detector;
use crate::value::{Value, at, digit, weighted};

/// The detectors.
pub const DETECTORS: &[Detector] = &[
    Detector::checked("pl-pesel", "Polish PESEL number", poland, 0.025).named(
        &[("pl", "pesel, nr pesel, numer pesel"), ("en", "polish id, polish pesel")],
        "Polish Ministry of the Interior, PESEL: weights 1, 3, 7, 9 modulo 10, the century in the month",
    ),
    Detector::checked("cz-sk-rc", "Czech or Slovak birth number", czechia, 0.013).named(
        &[("cs", "rodne cislo, rc, rodnecislo"), ("sk", "rodne cislo"), ("en", "czech birth number, birth number")],
        "Czech Act 133/2000, section 13: ten digits divisible by eleven, month plus 50 for women",
    ),
    Detector::checked("hu-taj", "Hungarian social security number (TAJ)", taj, 0.1)
        .named(
            &[("hu", "taj, taj szam, tajszam"), ("en", "hungarian social security number")],
            "Hungarian Act XX of 1996, annex: weights 3 and 7 modulo 10",
        )
        .of("social-security-number"),
    Detector::checked("hu-tax", "Hungarian tax identification number", hungary, 0.009)
        .named(
            &[("hu", "adoazonosito, adoazonosito jel, adoszam"), ("en", "hungarian tax id")],
            "Hungarian Act XX of 1996, annex: ten digits from 8 on, modulo 11",
        )
        .of("government-id"),
    Detector::checked("ro-cnp", "Romanian personal numeric code (CNP)", romania, 0.0008).named(
        &[("ro", "cnp, cod numeric personal, codnumericpersonal"), ("en", "romanian cnp, romanian id")],
        "Romanian Government Decision 1375/2006 on the CNP: weights 279146358279 modulo 11",
    ),
    Detector::checked("bg-egn", "Bulgarian EGN", bulgaria, 0.009).named(
        &[("bg", "егн"), ("en", "egn, bulgarian id, bulgarian egn")],
        "Bulgarian GRAO, structure of the EGN: weights 2, 4, 8, 5, 10, 9, 7, 3, 6 modulo 11, the century in the month",
    ),
    Detector::checked("hr-oib", "Croatian OIB", croatia, 0.1).named(
        &[("hr", "oib, osobni identifikacijski broj"), ("en", "croatian oib, croatian id")],
        "Croatian Act on the Personal Identification Number (OG 60/2008): ISO/IEC 7064 MOD 11,10",
    ),
    Detector::checked("jmbg", "unique master citizen number (JMBG, EMŠO)", jmbg, 0.002).named(
        &[("sr", "jmbg, maticni broj"), ("sl", "emso"), ("mk", "embg"), ("bs", "jmb"), ("en", "unique master citizen number")],
        "Yugoslav Act on the Unique Master Citizen Number (1976), kept by the states that followed: modulo 11",
    ),
    Detector::checked("ru-snils", "Russian SNILS", snils, 0.01)
        .named(&[("ru", "снилс"), ("en", "snils")], "Pension Fund of Russia, control number of the SNILS: modulo 101")
        .of("social-security-number"),
    Detector::checked("ru-inn", "Russian tax number of a person (INN)", inn, 0.009)
        .named(
            &[("ru", "инн"), ("en", "russian tax number, inn")],
            "Russian Order of 29 June 2012 MMV-7-6/435@: two control digits modulo 11",
        )
        .of("government-id"),
    Detector::checked("ua-rnokpp", "Ukrainian tax number (RNOKPP)", ukraine, 0.1)
        .named(&[("uk", "рнокпп, іпн, інн"), ("en", "rnokpp, ukrainian tax number")], "Ukrainian State Tax Service, RNOKPP: modulo 11")
        .of("government-id"),
    Detector::checked("kz-iin", "Kazakh individual identification number (IIN)", kazakhstan, 0.003).named(
        &[("kk", "жсн"), ("ru", "иин"), ("en", "iin, kazakh id")],
        "Kazakh Government Resolution 853 of 2003: modulo 11 with a second row of weights",
    ),
];

fn poland(value: &Value<'_>) -> bool {
    value.number(11).is_some_and(|digits| {
        weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10) && year_month_day(digits, &[0, 20, 40, 60, 80], &[0])
    })
}

fn czechia(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(10) else {
        return false;
    };
    let (Some(nine), Some(last)) = (at(digits, 0, 9), digit(digits, 9)) else {
        return false;
    };
    // Until 1985 a rest of ten was written as 0.
    nine % 11 % 10 == last && year_month_day(digits, &[0, 20, 50, 70], &[0])
}

fn taj(value: &Value<'_>) -> bool {
    value.number(9).is_some_and(|digits| {
        digits.iter().any(|digit| *digit != 0) && digit(digits, 8) == Some(weighted(digits, &[3, 7, 3, 7, 3, 7, 3, 7]) % 10)
    })
}

fn hungary(value: &Value<'_>) -> bool {
    let Some(digits @ [8, ..]) = value.number(10) else {
        return false;
    };
    digit(digits, 9) == Some(weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11)
}

fn romania(value: &Value<'_>) -> bool {
    let Some(digits @ [1..=9, rest @ ..]) = value.number(13) else {
        return false;
    };
    let sum = weighted(digits, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    let county = at(digits, 7, 2).is_some_and(|county| matches!(county, 1..=52 | 60..=99));
    county && year_month_day(rest, &[0], &[0]) && digit(digits, 12) == Some(if sum == 10 { 1 } else { sum })
}

fn bulgaria(value: &Value<'_>) -> bool {
    value.number(10).is_some_and(|digits| {
        let sum = weighted(digits, &[2, 4, 8, 5, 10, 9, 7, 3, 6]);
        digit(digits, 9) == Some(sum % 11 % 10) && year_month_day(digits, &[0, 20, 40], &[0])
    })
}

fn croatia(value: &Value<'_>) -> bool {
    value.number(11).is_some_and(iso7064_11_10)
}

fn jmbg(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(13) else {
        return false;
    };
    let rest = weighted(digits, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    let expected = if rest < 2 { 0 } else { 11 - rest };
    // The year has three digits, of which the first is that of the century.
    let Some([a, b, c, d, 0 | 8 | 9, e, f]) = digits.get(..7) else {
        return false;
    };
    // A rest of one has no control digit, and such numbers are not given.
    rest != 1 && day_month_year(&[*a, *b, *c, *d, *e, *f], &[0], &[0]) && digit(digits, 12) == Some(expected)
}

fn snils(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(11) else {
        return false;
    };
    let rest = weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101;
    at(digits, 0, 9).is_some_and(|number| number > 1_001_998) && at(digits, 9, 2) == Some(rest % 100)
}

fn inn(value: &Value<'_>) -> bool {
    value.number(12).is_some_and(|digits| {
        let first = weighted(digits, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10;
        let second = weighted(digits, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10;
        digits.iter().any(|digit| *digit != 0) && digit(digits, 10) == Some(first) && digit(digits, 11) == Some(second)
    })
}

fn ukraine(value: &Value<'_>) -> bool {
    value.number(10).is_some_and(|digits| {
        // The first weight is minus one, which is ten modulo eleven.
        digits.iter().any(|digit| *digit != 0) && digit(digits, 9) == Some(weighted(digits, &[10, 5, 7, 9, 4, 6, 10, 5, 7]) % 11 % 10)
    })
}

fn kazakhstan(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(12) else {
        return false;
    };
    let first = weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11;
    let second = weighted(digits, &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11;
    let expected = if first == 10 { second } else { first };
    let century = digit(digits, 6).is_some_and(|century| century <= 6);
    century && year_month_day(digits, &[0], &[0]) && digit(digits, 11) == Some(expected)
}
