// SPDX-License-Identifier: Apache-2.0
//! The Americas: Argentina, Brazil, Canada, Chile, the Dominican Republic, Ecuador, Mexico, Peru, the United States, Uruguay.

use crate::check::{luhn, year_month_day};
use crate::detector::{Detector, Identifier};
use crate::value::{Value, at, digit, digits_of, weighted};

const SSN_WORDS: &[(&str, &str)] = &[
    ("en", "ssn, social security number, social security no, social security, soc sec, ssn number, ssnum"),
    ("es", "numero de seguro social"),
];
const SSN_SOURCE: &str = "Social Security Administration, randomization of 2011: no control digit, areas that are never given";

/// The detectors.
pub const DETECTORS: &[Detector] = &[
    Detector::checked("us-ssn", "United States social security number", ssn_written, 0.05)
        .named(SSN_WORDS, SSN_SOURCE)
        .of("social-security-number")
        .at_most(0.85),
    // Nine digits are many things: without its hyphens only the header tells.
    Detector::checked("us-ssn", "United States social security number", ssn, 0.88)
        .named(SSN_WORDS, SSN_SOURCE)
        .of("social-security-number")
        .at_most(0.05),
    Detector::checked("ca-sin", "Canadian social insurance number", canada, 0.08)
        .named(
            &[("en", "sin, social insurance number, sin number, canadian sin"), ("fr", "nas, numero d assurance sociale")],
            "Employment and Social Development Canada, SIN code of practice: Luhn",
        )
        .of("social-security-number"),
    Detector::checked("mx-curp", "Mexican CURP", mexico, 0.004).named(
        &[("es", "curp, clave unica de registro de poblacion"), ("en", "mexican curp, mexican id")],
        "Mexican RENAPO, Instructivo normativo para la asignación de la CURP: control digit modulo 10",
    ),
    Detector::checked("br-cpf", "Brazilian CPF", cpf, 0.01)
        .named(
            &[("pt", "cpf, cpf cnpj, numero cpf, nr cpf, cpf do titular"), ("en", "brazilian cpf")],
            "Receita Federal, CPF: two control digits modulo 11",
        )
        .of("government-id"),
    Detector {
        category: None,
        identifier: Identifier::None,
        ..Detector::checked("br-cnpj", "Brazilian company number (CNPJ)", cnpj, 0.01).named(
            &[("pt", "cnpj, numero cnpj"), ("en", "brazilian company number")],
            "Receita Federal, CNPJ: two control digits modulo 11, letters from 2026 on",
        )
    },
    Detector::checked("ar-cuil", "Argentine CUIL or CUIT of a person", argentina, 0.006)
        .named(
            &[("es", "cuil, cuit, cuit cuil, cuil cuit"), ("en", "argentine cuil")],
            "AFIP, CUIT and CUIL: modulo 11, persons from 20, 23, 24 and 27 on",
        )
        .of("government-id"),
    Detector::checked("cl-rut", "Chilean RUT or RUN", chile, 0.085).named(
        &[("es", "rut, run, rol unico tributario, rol unico nacional"), ("en", "chilean rut")],
        "Servicio de Registro Civil, RUN: control sign modulo 11",
    ),
    Detector::checked("ec-cedula", "Ecuadorian cédula", ecuador, 0.015).named(
        &[("es", "cedula, cedula de identidad, cedula identidad, ci"), ("en", "ecuadorian id")],
        "Ecuadorian Registro Civil, cédula: province 01 to 24 or 30, Luhn",
    ),
    Detector::checked("do-cedula", "Dominican cédula", dominican, 0.1).named(
        &[("es", "cedula, cedula de identidad y electoral, cedula electoral"), ("en", "dominican id")],
        "Dominican Junta Central Electoral, cédula: eleven digits with Luhn",
    ),
    Detector::checked("pe-ruc", "Peruvian RUC of a person", peru, 0.004)
        .named(
            &[("es", "ruc, registro unico de contribuyentes"), ("en", "peruvian ruc")],
            "SUNAT, RUC: modulo 11, persons from 10, 15 and 17 on",
        )
        .of("government-id"),
    Detector::checked("uy-ci", "Uruguayan cédula", uruguay, 0.1).named(
        &[("es", "cedula, cedula de identidad, ci, documento"), ("en", "uruguayan id")],
        "Uruguayan Dirección Nacional de Identificación Civil, cédula: weights 2987634 modulo 10",
    ),
];

fn ssn(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(9) else {
        return false;
    };
    let area = at(digits, 0, 3).is_some_and(|area| area != 0 && area != 666 && area < 900);
    area && at(digits, 3, 2) != Some(0) && at(digits, 5, 4) != Some(0)
}

fn ssn_written(value: &Value<'_>) -> bool {
    matches!(value.text.as_bytes(), [_, _, _, b'-', _, _, b'-', _, _, _, _]) && ssn(value)
}

fn canada(value: &Value<'_>) -> bool {
    value.number(9).is_some_and(|digits| !matches!(digits, [0 | 8, ..]) && luhn(digits))
}

fn mexico(value: &Value<'_>) -> bool {
    let Some(signs) = value.signs(18) else {
        return false;
    };
    let [name @ .., y1, y2, m1, m2, d1, d2, sex, s1, s2, c1, c2, c3, extra, check] = signs else {
        return false;
    };
    let letters = |part: &[u8]| part.iter().all(u8::is_ascii_uppercase);
    let Some(birth) = digits_of(&[*y1, *y2, *m1, *m2, *d1, *d2]) else {
        return false;
    };
    let Some(check) = digits_of(&[*check]) else {
        return false;
    };
    // Letters count from ten on, with room for Ñ after N.
    let counts = |sign: u8| match sign {
        b'0'..=b'9' => u32::from(sign - b'0'),
        b'A'..=b'N' => u32::from(sign - b'A') + 10,
        _ => u32::from(sign.saturating_sub(b'A')) + 11,
    };
    let sum: u32 = signs.iter().take(17).zip(0_u32..).map(|(sign, place)| counts(*sign) * (18 - place)).sum();
    let shape = letters(name) && matches!(sex, b'H' | b'M' | b'X') && letters(&[*s1, *s2, *c1, *c2, *c3]) && extra.is_ascii_alphanumeric();
    shape && year_month_day(&birth, &[0], &[0]) && digit(&check, 0) == Some((10 - sum % 10) % 10)
}

/// Two control digits as Brazil has them: eleven less the rest, and 0 for more than nine.
fn eleven_less(sum: u32) -> u32 {
    match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    }
}

fn cpf(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(11) else {
        return false;
    };
    let same = digits.iter().all(|digit| digits.first() == Some(digit));
    let first = eleven_less(weighted(digits, &[10, 9, 8, 7, 6, 5, 4, 3, 2]));
    let second = eleven_less(weighted(digits, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]));
    !same && digit(digits, 9) == Some(first) && digit(digits, 10) == Some(second)
}

fn cnpj(value: &Value<'_>) -> bool {
    let signs: Vec<u8> = match value.number(14) {
        Some(digits) => digits.iter().map(|digit| digit + b'0').collect(),
        None => value.signs(14).unwrap_or_default().to_vec(),
    };
    let Some(checks) = signs.get(12..).and_then(digits_of) else {
        return false;
    };
    // Letters count as their place in ASCII from the digit 0 on.
    let counts: Vec<u8> = signs.iter().map(|sign| sign.saturating_sub(b'0')).collect();
    let first = eleven_less(weighted(&counts, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]));
    let second = eleven_less(weighted(&counts, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]));
    counts.iter().any(|count| *count != 0) && digit(&checks, 0) == Some(first) && digit(&checks, 1) == Some(second)
}

fn argentina(value: &Value<'_>) -> bool {
    let Some(digits @ [2, 0 | 3 | 4 | 7, ..]) = value.number(11) else {
        return false;
    };
    let rest = weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11;
    rest == 0
}

fn chile(value: &Value<'_>) -> bool {
    let Some((check, number)) = value.plain.as_bytes().split_last() else {
        return false;
    };
    let Some(digits) = digits_of(number).filter(|digits| matches!(digits.len(), 7 | 8)) else {
        return false;
    };
    let sum: u32 = digits.iter().rev().zip([2, 3, 4, 5, 6, 7, 2, 3]).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    let expected = match 11 - sum % 11 {
        10 => b'K',
        11 => b'0',
        digit => b'0' + u8::try_from(digit).unwrap_or(0),
    };
    *check == expected
}

fn ecuador(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(10) else {
        return false;
    };
    let province = at(digits, 0, 2).is_some_and(|province| matches!(province, 1..=24 | 30));
    province && digit(digits, 2).is_some_and(|third| third < 6) && luhn(digits)
}

fn dominican(value: &Value<'_>) -> bool {
    value.number(11).is_some_and(|digits| at(digits, 0, 3) != Some(0) && luhn(digits))
}

fn peru(value: &Value<'_>) -> bool {
    let Some(digits @ [1, 0 | 5 | 7, ..]) = value.number(11) else {
        return false;
    };
    let check = (11 - weighted(digits, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11) % 10;
    digit(digits, 10) == Some(check)
}

fn uruguay(value: &Value<'_>) -> bool {
    value.number(8).is_some_and(|digits| {
        at(digits, 0, 7).is_some_and(|number| number > 100_000) && weighted(digits, &[2, 9, 8, 7, 6, 3, 4, 1]).is_multiple_of(10)
    })
}
