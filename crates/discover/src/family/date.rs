// SPDX-License-Identifier: Apache-2.0
//! Days: of birth, and others; ages.

use crate::check::is_day;
use crate::detector::{Detector, Identifier, Test};
use crate::value::{Value, at};

const BIRTH_WORDS: &[(&str, &str)] = &[
    ("en", "date of birth, dob, birth date, birthdate, birthday, born, d o b, born on, birth, birth dt, year of birth, birth year, yob"),
    ("de", "geburtsdatum, geburtstag, geb datum, gebdatum, geboren, geboren am, geb, geburtsjahr, gebdat"),
    ("fr", "date de naissance, date naissance, ne le, naissance, datenaissance, annee de naissance, ddn"),
    ("es", "fecha de nacimiento, fecha nacimiento, nacimiento, fec nac, fecha nac, ano de nacimiento"),
    ("pt", "data de nascimento, data nascimento, nascimento, dt nascimento, dt nasc, data nasc, ano de nascimento"),
    ("it", "data di nascita, data nascita, nascita, nato il, datanascita, anno di nascita"),
    ("tr", "dogum tarihi, dogum gunu, dogumtarihi, d tarihi, dogum yili"),
    ("zh", "出生日期, 生日, 出生年月, 出生年月日, 出生"),
];

/// The detectors.
pub const DETECTORS: &[Detector] = &[
    Detector {
        id: "date-of-birth",
        label: "date of birth",
        category: Some("date-of-birth"),
        identifier: Identifier::Quasi,
        test: Test::Value(day_of_birth),
        chance: 0.02,
        // Days spread over many years are seldom other ones: see the score of spread.
        alone: 0.6,
        most: 3.0,
        words: BIRTH_WORDS,
        against: "place, city, country, ort, lieu, lugar, luogo, yeri, 地, name",
        source: "ISO 8601-1 and the usual national notations, from 1890 on",
        ..Detector::PLAIN
    },
    Detector {
        id: "date-of-birth",
        label: "date of birth",
        category: Some("date-of-birth"),
        identifier: Identifier::Quasi,
        test: Test::Value(year),
        chance: 0.3,
        words: BIRTH_WORDS,
        against: "place, city, country, ort, lieu, lugar, luogo, yeri, 地, name",
        source: "ISO 8601-1 and the usual national notations, from 1890 on",
        ..Detector::PLAIN
    },
    Detector {
        id: "age",
        label: "age",
        category: Some("date-of-birth"),
        identifier: Identifier::Quasi,
        test: Test::Value(age),
        chance: 0.3,
        words: &[
            ("en", "age, age years, age group, age range, age band, current age, age at diagnosis, age in years"),
            ("de", "alter, altersgruppe, alter in jahren"),
            ("fr", "age, tranche d age"),
            ("es", "edad, grupo de edad"),
            ("pt", "idade, faixa etaria"),
            ("it", "eta, fascia d eta, fascia eta"),
            ("tr", "yas, yasi, yas grubu"),
            ("zh", "年龄, 年纪, 年龄段"),
        ],
        against: "account, page, file, cache, session, invoice",
        source: "whole numbers below 130, and ranges of them",
        ..Detector::PLAIN
    },
    Detector {
        id: "date",
        label: "day or moment",
        category: None,
        identifier: Identifier::None,
        test: Test::Value(moment),
        chance: 0.02,
        alone: 0.97,
        format: true,
        words: &[
            (
                "en",
                "date, created at, updated at, timestamp, time, created, modified, order date, start date, end date, due date, valid from, valid until, datetime, signup date, last login, expiry date, registered, event time, admission date, day, hire date",
            ),
            ("de", "datum, erstellt am, geandert am, zeitstempel, bestelldatum, beginn, ende, uhrzeit, ablaufdatum"),
            ("fr", "date, date de creation, horodatage, date de commande, cree le, date debut, date fin"),
            ("es", "fecha, fecha de creacion, fecha de pedido, creado, fecha inicio, fecha fin"),
            ("pt", "data, data de criacao, criado em, data do pedido, data inicio, data fim"),
            ("it", "data, data di creazione, creato il, data ordine, data inizio, data fine"),
            ("tr", "tarih, olusturma tarihi, kayit tarihi, siparis tarihi, saat"),
            ("zh", "日期, 时间, 创建时间, 更新时间, 下单时间, 注册时间"),
        ],
        against: "birth, born, naissance, nacimiento, nascimento, nascita, dogum, geburt, 出生",
        source: "ISO 8601-1, RFC 3339, and the usual national notations",
        ..Detector::PLAIN
    },
    Detector {
        id: "date",
        label: "day or moment",
        category: None,
        identifier: Identifier::None,
        test: Test::Value(since_1970),
        chance: 0.05,
        alone: 0.8,
        format: true,
        words: &[("en", "timestamp, ts, epoch, unix time, created at, updated at, event time, time")],
        source: "POSIX.1-2017, seconds since the epoch, or thousandths or millionths of them, between 2000 and 2040",
        ..Detector::PLAIN
    },
];

/// The day in a text, and whether a time of the day follows.
#[must_use]
pub fn day(text: &str) -> Option<(u32, u32, u32, bool)> {
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) if date.len() >= 8 => (date, time.trim()),
        _ => (text, ""),
    };
    let midnight = time.bytes().all(|byte| matches!(byte, b'0' | b':' | b'.' | b'Z'));
    if !time.is_empty() && !time.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    let date = date.replace(['年', '月'], "-").replace('日', "");
    let numbers: Vec<&str> = date.split(['-', '/', '.']).collect();
    if !numbers.iter().all(|number| !number.is_empty() && number.len() <= 8 && number.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let number = |text: &str| text.parse::<u32>().ok();
    let (year, month, day) = match numbers.as_slice() {
        [year, month, day] if year.len() == 4 => (number(year)?, number(month)?, number(day)?),
        [first, second, year] if year.len() == 4 || year.len() == 2 => {
            let (first, second) = (number(first)?, number(second)?);
            // Which of the two is the month does not matter here, if one of them can be.
            let (month, day) = if second <= 12 { (second, first) } else { (first, second) };
            (number(year)?, month, day)
        }
        [all] if all.len() == 8 => {
            let digits: Vec<u8> = all.bytes().map(|byte| byte - b'0').collect();
            (at(&digits, 0, 4)?, at(&digits, 4, 2)?, at(&digits, 6, 2)?)
        }
        _ => return None,
    };
    is_day(year, month, day).then_some((year, month, day, !midnight))
}

fn moment(value: &Value<'_>) -> bool {
    day(value.text).is_some_and(|(year, ..)| year < 100 || (1500..2300).contains(&year))
}

fn day_of_birth(value: &Value<'_>) -> bool {
    day(value.text).is_some_and(|(year, _, _, time)| !time && ((1890..2100).contains(&year) || year < 100))
}

fn year(value: &Value<'_>) -> bool {
    value.digits().filter(|digits| digits.len() == 4).and_then(|digits| at(digits, 0, 4)).is_some_and(|year| (1890..2100).contains(&year))
}

fn age(value: &Value<'_>) -> bool {
    let small = |text: &str| text.parse::<u32>().is_ok_and(|age| age < 130);
    let text = value.text.trim_end_matches(['+', ' ']).trim_start_matches(['<', '>', '=', ' ']);
    small(text.strip_suffix(".0").unwrap_or(text))
        || text.split_once(['-', '\u{2013}']).is_some_and(|(from, to)| small(from.trim()) && small(to.trim()))
}

fn since_1970(value: &Value<'_>) -> bool {
    let Some(digits) = value.digits() else {
        return false;
    };
    let whole = matches!(digits.len(), 10 | 13 | 16) && value.text.bytes().all(|byte| byte.is_ascii_digit());
    // The first nine digits of seconds.
    whole && at(digits, 0, 9).is_some_and(|tens| (94_668_480..220_898_880).contains(&tens))
}
