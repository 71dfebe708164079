// SPDX-License-Identifier: Apache-2.0
//! Numbers of states and of others, made as their descriptions say.

use super::Rng;
use super::numbers::{gs1, hybrid, luhn, sum, verhoeff};
use super::{europe, world};

/// How a kind of number is made.
pub struct Scheme {
    /// The id of the detector.
    pub id: &'static str,
    /// Makes one; none where the digits drawn have no check digit.
    pub make: fn(&mut Rng) -> Option<String>,
    /// Whether the scheme finds every change of one digit, and the places, from 0, at which it does not.
    pub finds: Option<&'static [usize]>,
    /// Numbers that are shown in public as examples.
    pub published: &'static [&'static str],
}

const fn scheme(
    id: &'static str,
    make: fn(&mut Rng) -> Option<String>,
    finds: Option<&'static [usize]>,
    published: &'static [&'static str],
) -> Scheme {
    Scheme { id, make, finds, published }
}

/// All of them.
pub const SCHEMES: &[Scheme] = &[
    scheme(
        "se-personnummer",
        |rng| Some(luhn(&format!("{}{}", ymd(rng), rng.digits(3)))),
        Some(&[]),
        &["640823-3234", "811218-9876", "19640823-3234"],
    ),
    scheme("no-fnr", europe::norway, Some(&[]), &["29029600013"]),
    scheme("fi-hetu", europe::finland, Some(&[]), &["131052-308T"]),
    scheme("is-kennitala", europe::iceland, Some(&[9]), &["120174-3399"]),
    scheme("ee-lt-code", europe::baltic, None, &["37605030299", "33309240064"]),
    scheme("lv-code", europe::latvia, None, &["161175-19997"]),
    scheme("de-idnr", europe::germany, Some(&[]), &["86095742719", "47036892816"]),
    scheme("at-svnr", europe::austria, Some(&[]), &["1237010180"]),
    scheme("ch-ahv", |rng| Some(gs1(&format!("756{}", rng.digits(9)))), Some(&[]), &["756.9217.0769.85"]),
    scheme("nl-bsn", europe::dutch, Some(&[]), &["111222333", "123456782"]),
    scheme("be-nrn", europe::belgium, None, &["85.07.30-033 28", "17073003384"]),
    scheme("lu-matricule", europe::luxembourg, Some(&[]), &[]),
    scheme("fr-nir", europe::france, Some(&[]), &["2 55 08 14 168 025 38"]),
    scheme("ie-ppsn", europe::ireland, Some(&[]), &["1234567T", "1234567FA"]),
    scheme("gb-nhs", europe::nhs, Some(&[]), &["943 476 5919"]),
    scheme("es-dni", europe::spain, Some(&[]), &["12345678Z", "X1234567L"]),
    scheme("it-cf", europe::italy, Some(&[]), &["RSSMRA85T10A562S"]),
    scheme("pt-nif", europe::portugal, None, &["123456789"]),
    scheme("gr-amka", |rng| Some(luhn(&format!("{}{}", dmy(rng), rng.digits(4)))), Some(&[]), &["01013099997"]),
    scheme("gr-afm", europe::greece, None, &["094259216"]),
    scheme("tr-tckn", europe::turkey, Some(&[]), &["10000000146"]),
    scheme("pl-pesel", europe::poland, Some(&[]), &["44051401359"]),
    scheme("cz-sk-rc", europe::czechia, None, &["710319/2745"]),
    scheme("hu-taj", |rng| modulus(&rng.digits(8), &[3, 7, 3, 7, 3, 7, 3, 7], 10), Some(&[]), &[]),
    scheme("hu-tax", |rng| modulus(&format!("8{}", rng.digits(8)), &[1, 2, 3, 4, 5, 6, 7, 8, 9], 11), Some(&[]), &["8071592153"]),
    scheme("ro-cnp", europe::romania, None, &["1800101221144"]),
    scheme("bg-egn", europe::bulgaria, None, &["7523169263"]),
    scheme("hr-oib", |rng| Some(hybrid(&rng.digits(10))), Some(&[]), &["69435151530"]),
    scheme("jmbg", europe::yugoslavia, None, &["0101006500006"]),
    scheme("ru-snils", europe::snils, None, &["112-233-445 95"]),
    scheme("ru-inn", europe::inn, None, &["500100732259"]),
    scheme("ua-rnokpp", europe::ukraine, None, &["1759013776"]),
    scheme("kz-iin", europe::kazakhstan, None, &[]),
    scheme("ca-sin", |rng| Some(luhn(&format!("{}{}", rng.in_range(1, 7), rng.digits(7)))), Some(&[]), &["123-456-782"]),
    scheme("mx-curp", world::mexico, None, &["BOXW310820HNERXN09"]),
    scheme("br-cpf", world::cpf, None, &["111.444.777-35", "390.533.447-05"]),
    scheme("br-cnpj", world::cnpj, None, &["11.222.333/0001-81", "12.ABC.345/01DE-35"]),
    scheme("ar-cuil", world::argentina, Some(&[]), &["20-05536168-2"]),
    scheme("cl-rut", world::chile, Some(&[]), &["12.345.678-5", "76086428-5"]),
    scheme(
        "ec-cedula",
        |rng| Some(luhn(&format!("{:02}{}{}", rng.in_range(1, 24), rng.in_range(0, 5), rng.digits(6)))),
        Some(&[]),
        &["1714307103"],
    ),
    scheme("do-cedula", |rng| Some(luhn(&format!("{:03}{}", rng.in_range(1, 150), rng.digits(7)))), Some(&[]), &["00113918205"]),
    scheme("pe-ruc", world::peru, None, &[]),
    scheme("uy-ci", world::uruguay, None, &[]),
    scheme("cn-ric", world::china, Some(&[]), &["11010519491231002X", "440524188001010014"]),
    scheme("tw-id", world::taiwan, None, &["A123456789"]),
    scheme("hk-hkid", world::hong_kong, Some(&[]), &["A123456(3)", "G123456(A)"]),
    scheme("jp-mynumber", world::japan, None, &["123456789018"]),
    scheme("kr-rrn", world::korea, None, &["971013-9019902"]),
    scheme("sg-nric", world::singapore, Some(&[]), &["S1234567D", "F1234567N", "G1234567X", "T1234567J"]),
    scheme("th-id", world::thailand, None, &["1-2345-45678-78-1"]),
    scheme("in-aadhaar", |rng| Some(verhoeff(&format!("{}{}", rng.in_range(2, 9), rng.digits(10)))), Some(&[]), &["234123412346"]),
    scheme("il-tz", |rng| Some(luhn(&format!("{:08}", rng.in_range(1_000_000, 99_999_999)))), Some(&[]), &["123456782"]),
    scheme("sa-nid", |rng| Some(luhn(&format!("{}{}", rng.in_range(1, 2), rng.digits(8)))), Some(&[]), &[]),
    scheme("ae-eid", |rng| Some(luhn(&format!("784{}{}", rng.in_range(1930, 2010), rng.digits(7)))), Some(&[]), &[]),
    scheme("kw-civil", world::kuwait, Some(&[]), &[]),
    scheme("za-id", |rng| Some(luhn(&format!("{}{}{}8", ymd(rng), rng.digits(4), rng.in_range(0, 1)))), Some(&[]), &["8001015009087"]),
    scheme("au-tfn", world::tax_file, Some(&[]), &["123 456 782"]),
    scheme("au-medicare", world::medicare, Some(&[9]), &["2123 45670 1"]),
    scheme("nz-ird", |rng| world::inland_revenue(&rng.in_range(1_000_000, 14_999_999).to_string()), None, &["49-091-850", "136-410-132"]),
    scheme("passport-mrz", world::zone, None, &["L898902C36UTO7408122F1204159ZE184226B<<<<<10"]),
    scheme(
        "iban",
        world::iban,
        Some(&[]),
        &["DE89 3704 0044 0532 0130 00", "GB82 WEST 1234 5698 7654 32", "FR14 2004 1010 0505 0001 3M02 606"],
    ),
    scheme("payment-card", world::card, Some(&[]), &["4111 1111 1111 1111", "5555555555554444", "378282246310005"]),
    scheme("aba-routing", world::routing, Some(&[]), &["021000021", "111000025"]),
    scheme("lei", |rng| world::lei(&format!("5493{}{}", rng.letters(4), rng.digits(10))), Some(&[]), &["5493001KJTIIGC8Y1R12"]),
    scheme("imei", |rng| Some(luhn(&format!("35{}", rng.digits(12)))), Some(&[]), &["490154203237518"]),
    scheme("vin", world::vehicle, Some(&[]), &["1M8GDM9AXKP042788"]),
    scheme("article-number", |rng| Some(gs1(&format!("40{}", rng.digits(10)))), Some(&[]), &["4006381333931"]),
    scheme(
        "book-number",
        |rng| Some(gs1(&format!("978{}", rng.digits(9)))),
        Some(&[]),
        &["978-3-16-148410-0", "0-306-40615-2", "0-8044-2957-X"],
    ),
    scheme("researcher-number", world::orcid, Some(&[]), &["0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X"]),
];

pub fn ymd(rng: &mut Rng) -> String {
    let (year, month, day) = rng.birth();
    format!("{:02}{month:02}{day:02}", year % 100)
}

pub fn dmy(rng: &mut Rng) -> String {
    let (year, month, day) = rng.birth();
    format!("{day:02}{month:02}{:02}", year % 100)
}

/// The digits and their weighted sum modulo a number, where that is one digit.
pub fn modulus(text: &str, weights: &[i64], modulus: i64) -> Option<String> {
    let check = sum(text, weights) % modulus;
    (check < 10).then(|| format!("{text}{check}"))
}

/// The digits and what is missing to the next multiple of eleven, where that is one digit.
pub fn to_eleven(text: &str, weights: &[i64]) -> Option<String> {
    let check = (11 - sum(text, weights) % 11) % 11;
    (check < 10).then(|| format!("{text}{check}"))
}

pub fn two_rows(text: &str, first: &[i64], second: &[i64]) -> Option<String> {
    let check = sum(text, first) % 11;
    let check = if check == 10 { sum(text, second) % 11 } else { check };
    Some(format!("{text}{}", if check == 10 { 0 } else { check }))
}

/// Draws until there is a number.
pub fn draw(make: fn(&mut Rng) -> Option<String>, rng: &mut Rng) -> String {
    (0..1000).find_map(|_| make(rng)).unwrap_or_else(|| panic!("no number can be made"))
}
