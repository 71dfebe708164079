// SPDX-License-Identifier: Apache-2.0
//! The west of Asia, Africa and Oceania; passports; and numbers of the state that only the header tells.

use crate::check::{is_day, luhn, year_month_day};
use crate::detector::{Detector, Identifier, Test};
use crate::value::{Value, at, digit, weighted};

/// The detectors.
pub const DETECTORS: &[Detector] = &[
    Detector::checked("il-tz", "Israeli identity number", israel, 0.1).named(
        &[("he", "תעודת זהות, מספר זהות"), ("en", "israeli id, teudat zehut, tz number")],
        "Israeli Population Registry, identity number: Luhn over nine digits",
    ),
    Detector::checked("sa-nid", "Saudi national identity or iqama number", saudi, 0.02).named(
        &[("ar", "رقم الهوية, الهوية الوطنية, رقم الاقامة"), ("en", "saudi id, iqama, iqama number, saudi national id")],
        "Saudi Ministry of the Interior, identity number: ten digits from 1 or 2 on, Luhn",
    ),
    Detector::checked("ae-eid", "Emirates identity number", emirates, 0.0001).named(
        &[("ar", "رقم الهوية الاماراتية"), ("en", "emirates id, eid, emirates id number")],
        "UAE Federal Authority for Identity, Emirates ID: 784, a year, Luhn",
    ),
    Detector::checked("kw-civil", "Kuwaiti civil identity number", kuwait, 0.001).named(
        &[("ar", "الرقم المدني"), ("en", "civil id, kuwait civil id")],
        "Kuwaiti Public Authority for Civil Information, civil number: modulo 11",
    ),
    Detector::checked("eg-nid", "Egyptian national number", egypt, 0.005)
        .named(
            &[("ar", "الرقم القومي"), ("en", "egyptian national id")],
            "Egyptian Law 143/1994: a century, a day of birth, a governorate; the control digit is not public",
        )
        .at_most(0.8),
    Detector::checked("za-id", "South African identity number", south_africa, 0.0015).named(
        &[("en", "rsa id, sa id, south african id, id number, said"), ("af", "identiteitsnommer")],
        "South African Identification Act 68 of 1997, identity number: a day of birth, Luhn",
    ),
    Detector::checked("au-tfn", "Australian tax file number", tax_file, 0.09)
        .named(
            &[("en", "tfn, tax file number, tax file no")],
            "Australian Taxation Office, TFN: weights 1, 4, 3, 7, 5, 8, 6, 9, 10 modulo 11",
        )
        .of("government-id"),
    Detector::checked("au-medicare", "Australian Medicare number", medicare, 0.05)
        .named(
            &[("en", "medicare, medicare number, medicare no, medicare card")],
            "Services Australia, Medicare card number: weights 1, 3, 7, 9 modulo 10",
        )
        .of("health"),
    Detector::checked("nz-ird", "New Zealand IRD number", inland_revenue, 0.09)
        .named(
            &[("en", "ird, ird number, ird no")],
            "New Zealand Inland Revenue, RWT specification 2024, IRD numbers: modulo 11 with a second row of weights",
        )
        .of("government-id"),
    Detector::checked("passport-mrz", "machine-readable zone of a passport", machine_readable, 0.0001)
        .named(&[("en", "mrz, machine readable zone")], "ICAO Doc 9303, part 3, section 4.9: weights 7, 3, 1 modulo 10")
        .of("passport"),
    Detector {
        id: "passport-number",
        label: "passport number",
        category: Some("passport"),
        identifier: Identifier::Direct,
        test: Test::Value(document),
        chance: 0.6,
        words: &[
            ("en", "passport, passport number, passport no, passport id, passport nr"),
            ("de", "reisepass, passnummer, reisepassnummer, pass nr, ausweisnummer"),
            ("fr", "passeport, numero de passeport, no passeport"),
            ("es", "pasaporte, numero de pasaporte, num pasaporte"),
            ("pt", "passaporte, numero do passaporte"),
            ("it", "passaporto, numero passaporto, numero di passaporto"),
            ("tr", "pasaport, pasaport no, pasaport numarasi"),
            ("zh", "护照, 护照号, 护照号码"),
        ],
        source: "ICAO Doc 9303, part 4: up to nine letters and digits",
        ..Detector::PLAIN
    },
    Detector {
        id: "driving-licence",
        label: "number of a driving license",
        category: Some("driving-licence"),
        identifier: Identifier::Direct,
        test: Test::Value(document),
        chance: 0.6,
        words: &[
            (
                "en",
                "driving licence, driver license, drivers license, driving license, driver licence, dl number, license number, driver license number",
            ),
            ("de", "fuhrerschein, fuhrerscheinnummer, fuehrerschein"),
            ("fr", "permis de conduire, numero de permis"),
            ("es", "licencia de conducir, permiso de conducir, carnet de conducir"),
            ("pt", "carta de conducao, cnh, carteira de motorista"),
            ("it", "patente, numero patente, patente di guida"),
            ("tr", "ehliyet, ehliyet no, surucu belgesi"),
            ("zh", "驾照, 驾驶证, 驾驶证号"),
        ],
        against: "software, plate",
        source: "the header alone: each state has a scheme of its own",
        ..Detector::PLAIN
    },
    Detector {
        id: "national-number",
        label: "number of the state, by its header",
        category: Some("national-id"),
        identifier: Identifier::Direct,
        test: Test::Value(document),
        chance: 0.6,
        words: &[
            (
                "en",
                "national id, national identification number, identity number, id card, id card number, identity card, national number, government id, nin, citizen id, personal identification number, identification number",
            ),
            ("de", "personalausweis, personalausweisnummer, ausweis, ausweisnr, personenkennzahl, identifikationsnummer"),
            ("fr", "carte d identite, numero d identite, numero national, cni, piece d identite"),
            ("es", "documento de identidad, numero de identidad, numero de documento, nro documento, identificacion"),
            ("pt", "cartao de cidadao, bilhete de identidade, rg, documento de identidade, numero do documento"),
            ("it", "carta d identita, numero documento, documento d identita"),
            ("tr", "kimlik, kimlik karti, nufus cuzdani"),
            ("zh", "证件号, 证件号码, 身份证件号码"),
        ],
        against: "device, session, order, product, transaction, invoice, vehicle, type, typ",
        source: "the header alone: for schemes without a public check",
        ..Detector::PLAIN
    },
    Detector {
        id: "tax-number",
        label: "tax number, by its header",
        category: Some("government-id"),
        identifier: Identifier::Direct,
        test: Test::Value(document),
        chance: 0.6,
        words: &[
            ("en", "tax id, tax number, taxpayer id, tin, taxpayer identification number"),
            ("de", "steuernummer, steuer nr, steuernr"),
            ("fr", "numero fiscal, identifiant fiscal, spi"),
            ("es", "numero fiscal, rfc, identificacion fiscal"),
            ("pt", "numero fiscal, identificacao fiscal"),
            ("it", "numero fiscale, partita iva"),
            ("tr", "vergi no, vergi numarasi, vkn"),
            ("zh", "税号, 纳税人识别号"),
        ],
        against: "rate, amount, type, class",
        source: "the header alone: for schemes without a public check",
        ..Detector::PLAIN
    },
];

/// Letters and digits, with a digit among them: what numbers of documents have in common.
fn document(value: &Value<'_>) -> bool {
    (5..=20).contains(&value.plain.len()) && value.plain.bytes().filter(u8::is_ascii_digit).count() > 2
}

fn israel(value: &Value<'_>) -> bool {
    value.number(9).is_some_and(|digits| at(digits, 0, 9) != Some(0) && luhn(digits))
}

fn saudi(value: &Value<'_>) -> bool {
    matches!(value.number(10), Some(digits @ [1 | 2, ..]) if luhn(digits))
}

fn emirates(value: &Value<'_>) -> bool {
    let Some(digits @ [7, 8, 4, ..]) = value.number(15) else {
        return false;
    };
    at(digits, 3, 4).is_some_and(|year| (1850..2100).contains(&year)) && luhn(digits)
}

fn kuwait(value: &Value<'_>) -> bool {
    let Some(digits @ [1..=3, birth @ ..]) = value.number(12) else {
        return false;
    };
    let rest = weighted(digits, &[2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11;
    year_month_day(birth, &[0], &[0]) && digit(digits, 11) == Some(11 - rest)
}

fn egypt(value: &Value<'_>) -> bool {
    let Some(digits @ [century @ (2 | 3), birth @ ..]) = value.number(14) else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) = (at(birth, 0, 2), at(birth, 2, 2), at(birth, 4, 2)) else {
        return false;
    };
    let governorate = at(digits, 7, 2).is_some_and(|place| matches!(place, 1..=4 | 11..=19 | 21..=29 | 31..=35 | 88));
    governorate && is_day(1700 + u32::from(*century) * 100 + year, month, day)
}

fn south_africa(value: &Value<'_>) -> bool {
    value.number(13).is_some_and(|digits| {
        // The eleventh digit says who is a citizen; the twelfth once said more, and is 8 or 9 today.
        digit(digits, 10).is_some_and(|citizen| citizen < 3) && year_month_day(digits, &[0], &[0]) && luhn(digits)
    })
}

fn tax_file(value: &Value<'_>) -> bool {
    value.number(9).is_some_and(|digits| at(digits, 0, 9) != Some(0) && weighted(digits, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11))
}

fn medicare(value: &Value<'_>) -> bool {
    // The eleventh digit is that of the person on the card.
    let Some(digits @ [2..=6, ..]) = value.number(10).or_else(|| value.number(11)) else {
        return false;
    };
    digit(digits, 8) == Some(weighted(digits, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10)
}

fn inland_revenue(value: &Value<'_>) -> bool {
    let Some(digits) = value.digits().filter(|digits| matches!(digits.len(), 8 | 9)) else {
        return false;
    };
    let padded: Vec<u8> = std::iter::repeat_n(0, 9 - digits.len()).chain(digits.iter().copied()).collect();
    let check = |weights: &[u32]| match weighted(&padded, weights) % 11 {
        0 => 0,
        rest => 11 - rest,
    };
    let expected = match check(&[3, 2, 7, 6, 5, 4, 3, 2]) {
        10 => check(&[7, 4, 3, 2, 5, 2, 7, 6]),
        first => first,
    };
    at(&padded, 0, 9).is_some_and(|number| (10_000_000..=150_000_000).contains(&number)) && digit(&padded, 8) == Some(expected)
}

fn machine_readable(value: &Value<'_>) -> bool {
    let counts = |sign: &u8| match sign {
        b'<' => Some(0),
        b'0'..=b'9' => Some(sign - b'0'),
        b'A'..=b'Z' => Some(sign - b'A' + 10),
        _ => None,
    };
    let Some(line) = value.text.as_bytes().iter().map(counts).collect::<Option<Vec<u8>>>().filter(|line| line.len() == 44) else {
        return false;
    };
    let part = |from: usize, length: usize| {
        let signs = line.get(from..from + length).unwrap_or_default();
        let sum: u32 = signs.iter().zip([7, 3, 1].iter().cycle()).map(|(sign, weight)| u32::from(*sign) * weight).sum();
        digit(&line, from + length) == Some(sum % 10)
    };
    // The number of the document, the day of birth and the last day on which it holds.
    part(0, 9) && part(13, 6) && part(21, 6)
}
