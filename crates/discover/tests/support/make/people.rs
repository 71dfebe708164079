// SPDX-License-Identifier: Apache-2.0
//! Values that people write: names, addresses, telephones, texts.

use super::Rng;

const FIRST: &[&str] = &[
    "Anna",
    "Lukas",
    "Zeynep",
    "Mehmet",
    "José",
    "María",
    "Giulia",
    "Marco",
    "Chloé",
    "Louis",
    "João",
    "Inês",
    "Emma",
    "Oliver",
    "Aisha",
    "Omar",
    "Wei",
    "Min",
    "Søren",
    "Łukasz",
    "Dvořák",
    "Siobhán",
    "Nguyễn",
    "Jean-Luc",
    "Anne-Marie",
    "Björn",
    "Élodie",
    "Ana Sofia",
    "Олена",
    "Γιώργος",
];
const LAST: &[&str] = &[
    "Müller",
    "Yılmaz",
    "García Pérez",
    "Rossi",
    "Dubois",
    "Silva",
    "Smith",
    "O'Connor",
    "van den Berg",
    "Nowak",
    "Kowalska",
    "Öztürk",
    "Schmidt",
    "Fernández",
    "Ferrari",
    "Lefèvre",
    "Santos",
    "Johnson",
    "Khan",
    "Li",
    "Wang",
    "Nielsen",
    "Horváth",
    "de la Cruz",
    "MacDonald",
    "Popescu",
    "Иванова",
    "Παπαδόπουλος",
];
const CHINESE: &[&str] =
    &["王伟", "李娜", "张敏", "刘洋", "陈静", "杨秀英", "赵磊", "黄丽", "周强", "吴芳", "徐杰", "孙燕", "胡军", "朱琳", "高翔"];
const STREETS: &[&str] = &[
    "Hauptstraße",
    "Rue de la Paix",
    "Calle Mayor",
    "Via Roma",
    "Rua Augusta",
    "High Street",
    "Atatürk Caddesi",
    "Main St",
    "Kirchweg",
    "Avenue Foch",
];
const CITIES: &[&str] = &[
    "Berlin",
    "Lyon",
    "Sevilla",
    "Torino",
    "Porto",
    "Leeds",
    "İzmir",
    "Boston",
    "Wien",
    "Genève",
    "Kraków",
    "São Paulo",
    "Århus",
    "Gent",
    "Utrecht",
];
const WORDS: &[&str] = &[
    "the", "delivery", "was", "late", "again", "please", "call", "me", "after", "work", "and", "tell", "my", "wife", "about", "parcel",
    "very", "happy", "thanks", "no", "not", "order",
];
const DOMAINS: &[&str] =
    &["example.com", "example.org", "mail.example.net", "beispiel.example", "firma.co.uk", "posta.com.tr", "xn--mnchen-3ya.de"];

pub fn first(rng: &mut Rng) -> String {
    (*rng.pick(FIRST)).to_owned()
}

pub fn last(rng: &mut Rng) -> String {
    (*rng.pick(LAST)).to_owned()
}

pub fn full(rng: &mut Rng) -> String {
    format!("{} {}", rng.pick(FIRST), rng.pick(LAST))
}

pub fn chinese(rng: &mut Rng) -> String {
    (*rng.pick(CHINESE)).to_owned()
}

pub fn email(rng: &mut Rng) -> String {
    let sign = *rng.pick(&[".", "_", "+", "-", ""]);
    format!("{}{sign}{}@{}", rng.letters(4).to_lowercase(), rng.digits(3), rng.pick(DOMAINS))
}

pub fn phone(rng: &mut Rng) -> String {
    let (country, length) = *rng.pick(&[("49", 10), ("33", 9), ("90", 10), ("1", 10), ("44", 10), ("86", 11), ("351", 9), ("39", 10)]);
    let digits = format!("{}{}", rng.in_range(1, 9), rng.digits(length - 1));
    match rng.in_range(0, 2) {
        0 => format!("+{country}{digits}"),
        1 => format!("+{country} {} {}", &digits[..3], &digits[3..]),
        _ => format!("+{country} ({}) {}-{}", &digits[..2], &digits[2..5], &digits[5..]),
    }
}

pub fn local_phone(rng: &mut Rng) -> String {
    format!("0{} {}", rng.digits(3), rng.digits(7))
}

pub fn street(rng: &mut Rng) -> String {
    format!("{} {}", rng.pick(STREETS), rng.in_range(1, 240))
}

pub fn city(rng: &mut Rng) -> String {
    (*rng.pick(CITIES)).to_owned()
}

pub fn sentence(rng: &mut Rng) -> String {
    let length = rng.in_range(6, 14);
    (0..length).map(|_| *rng.pick(WORDS)).collect::<Vec<_>>().join(" ")
}
