// SPDX-License-Identifier: Apache-2.0
//! How to reach somebody: e-mail, telephone, address.

use crate::detector::{Detector, Identifier, Test};
use crate::value::Value;

const PHONE_WORDS: &[(&str, &str)] = &[
    (
        "en",
        "phone, telephone, mobile, phone number, telephone number, mobile number, mobile phone, cell, cell phone, cellphone, tel, fax, msisdn, contact number, phone no, mobile no, tel no, whatsapp",
    ),
    ("de", "telefon, telefonnummer, handy, handynummer, mobil, mobilnummer, tel, rufnummer, fax, telefon nr, festnetz"),
    ("fr", "telephone, tel, portable, mobile, numero de telephone, no tel, gsm, telecopie"),
    ("es", "telefono, movil, celular, tel, numero de telefono, telefono movil, fax"),
    ("pt", "telefone, telemovel, celular, tel, numero de telefone, fone, contacto telefonico"),
    ("it", "telefono, cellulare, tel, numero di telefono, cell, recapito telefonico"),
    ("tr", "telefon, cep, cep telefonu, gsm, tel, telefon no, telefon numarasi, cep tel"),
    ("zh", "电话, 手机, 手机号, 手机号码, 电话号码, 联系电话, 联系方式, 移动电话"),
];

/// The detectors.
pub const DETECTORS: &[Detector] = &[
    Detector {
        id: "email",
        label: "e-mail address",
        category: Some("email"),
        identifier: Identifier::Direct,
        test: Test::Value(email),
        chance: 0.001,
        alone: 0.99,
        words: &[
            ("en", "email, e mail, mail, email address, mail address, e mail address, emailaddress, contact email"),
            ("de", "email, e mail, mail, e mail adresse, emailadresse, mailadresse"),
            ("fr", "email, courriel, e mail, mel, adresse email, adresse e mail, adresse mail, adresse electronique"),
            ("es", "email, correo, correo electronico, e mail, direccion de correo"),
            ("pt", "email, e mail, correio eletronico, endereco de email, correio electronico"),
            ("it", "email, e mail, posta elettronica, indirizzo email, pec, mail"),
            ("tr", "eposta, e posta, email, e posta adresi, eposta adresi, mail"),
            ("zh", "邮箱, 电子邮件, 电子邮箱, 邮件地址, 邮箱地址"),
        ],
        source: "RFC 5321, sections 2.3.11 and 4.1.2",
        ..Detector::PLAIN
    },
    Detector {
        id: "phone",
        label: "telephone number",
        category: Some("telephone"),
        identifier: Identifier::Direct,
        test: Test::Value(international),
        chance: 0.01,
        alone: 0.95,
        words: PHONE_WORDS,
        source: "ITU-T E.164: a plus, a country code, at most fifteen digits",
        ..Detector::PLAIN
    },
    Detector {
        id: "phone",
        label: "telephone number",
        category: Some("telephone"),
        identifier: Identifier::Direct,
        test: Test::Value(national),
        chance: 0.5,
        words: PHONE_WORDS,
        source: "ITU-T E.123: national notation, told by the header",
        ..Detector::PLAIN
    },
    Detector {
        id: "address",
        label: "postal address",
        category: Some("address"),
        identifier: Identifier::Direct,
        test: Test::Value(written),
        chance: 0.9,
        words: &[
            (
                "en",
                "address, street, street address, postal address, home address, address line, shipping address, billing address, mailing address, house number, residence address, addr, street name, delivery address",
            ),
            (
                "de",
                "adresse, anschrift, strasse, str, hausnummer, wohnort, lieferadresse, rechnungsadresse, hausnr, strasse und hausnummer, wohnadresse",
            ),
            ("fr", "adresse, rue, adresse postale, domicile, adresse de livraison, numero de rue, voie"),
            ("es", "direccion, calle, domicilio, direccion postal, direccion de envio"),
            ("pt", "endereco, morada, rua, logradouro, endereco de entrega, domicilio"),
            ("it", "indirizzo, via, residenza, domicilio, indirizzo di residenza"),
            ("tr", "adres, sokak, cadde, ev adresi, adresi, ikamet adresi, teslimat adresi"),
            ("zh", "地址, 住址, 家庭住址, 街道, 收货地址, 详细地址, 通讯地址"),
        ],
        against: "ip, mac, email, mail, web, url, wallet, memory, courriel, correo, eposta, posta, mel, electronique, 邮件, 邮箱, 网址",
        source: "the header; values must hold letters or be numbers of houses",
        ..Detector::PLAIN
    },
    Detector {
        id: "city",
        label: "town or city of an address",
        category: Some("address"),
        identifier: Identifier::Quasi,
        test: Test::Value(place_name),
        chance: 0.7,
        words: &[
            (
                "en",
                "city, town, locality, municipality, suburb, village, city name, county, district, home town, hometown, place of residence",
            ),
            ("de", "ort, stadt, gemeinde, landkreis, ortsname, kreis, bezirk"),
            ("fr", "ville, commune, localite, departement"),
            ("es", "ciudad, municipio, localidad, poblacion, provincia"),
            ("pt", "cidade, municipio, localidade, concelho, bairro, freguesia"),
            ("it", "citta, comune, localita, provincia"),
            ("tr", "sehir, il, ilce, mahalle, semt"),
            ("zh", "城市, 市, 区县, 县, 所在城市"),
        ],
        source: "the header; values must be words",
        ..Detector::PLAIN
    },
    Detector {
        id: "postal-code",
        label: "postal code",
        category: Some("address"),
        identifier: Identifier::Quasi,
        test: Test::Value(postal_code),
        chance: 0.5,
        words: &[
            ("en", "postal code, postcode, zip, zip code, zipcode, post code, postalcode, pin code, eircode"),
            ("de", "plz, postleitzahl"),
            ("fr", "code postal, cp, codepostal"),
            ("es", "codigo postal, cp, cod postal"),
            ("pt", "codigo postal, cep, cod postal"),
            ("it", "cap, codice postale, codice avviamento postale"),
            ("tr", "posta kodu, postakodu, pk"),
            ("zh", "邮编, 邮政编码"),
        ],
        against: "file, archive",
        source: "Universal Postal Union, postal addressing systems: three to ten letters and digits, told by the header",
        ..Detector::PLAIN
    },
    // The shapes of these two are seldom anything else.
    Detector {
        id: "postal-code",
        label: "postal code",
        category: Some("address"),
        identifier: Identifier::Quasi,
        test: Test::Value(british_or_canadian),
        chance: 0.03,
        alone: 0.85,
        words: &[("en", "postal code, postcode, post code, postalcode")],
        source: "British Standard BS 7666; Canada Post, addressing guidelines",
        ..Detector::PLAIN
    },
];

fn email(value: &Value<'_>) -> bool {
    let text = value.text.strip_prefix("mailto:").unwrap_or(value.text);
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let dot = |part: &str| part.starts_with('.') || part.ends_with('.') || part.contains("..");
    let plain = |letter: char| !letter.is_control() && !letter.is_whitespace() && !"<>()[]\\,;:\"@".contains(letter);
    let label = |part: &str| {
        !part.is_empty()
            && part.len() <= 63
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    let top = domain.rsplit('.').next().is_some_and(|top| top.chars().count() > 1 && top.chars().any(char::is_alphabetic));
    !local.is_empty()
        && local.len() <= 64
        && !dot(local)
        && local.chars().all(plain)
        && domain.contains('.')
        && domain.split('.').all(label)
        && top
}

/// The digits of a telephone number in the notation of E.123, or nothing.
fn dialled(text: &str) -> Option<String> {
    let (main, extension) = text.split_once(['x', 'X']).unwrap_or((text, ""));
    let fits = main.chars().all(|letter| letter.is_ascii_digit() || " ()-./\u{a0}\u{2011}".contains(letter));
    let rest = extension.trim_matches(['t', '.', ' ', ':']);
    let digits: String = main.chars().filter(char::is_ascii_digit).collect();
    (fits && rest.chars().all(|letter| letter.is_ascii_digit()) && rest.len() < 6).then_some(digits)
}

fn international(value: &Value<'_>) -> bool {
    let text = value.text.strip_prefix("tel:").unwrap_or(value.text);
    // Two zeros stand for the plus where somebody dials it, which many other numbers begin with too.
    let Some(rest) = text.strip_prefix('+') else {
        return false;
    };
    dialled(rest).is_some_and(|digits| (8..=15).contains(&digits.len()) && !digits.starts_with('0'))
}

fn national(value: &Value<'_>) -> bool {
    let text = value.text.strip_prefix('+').unwrap_or(value.text);
    dialled(text).is_some_and(|digits| (6..=15).contains(&digits.len()))
}

fn written(value: &Value<'_>) -> bool {
    let letters = value.text.chars().filter(|letter| letter.is_alphabetic()).count();
    let house = value.text.chars().count() <= 6 && value.text.starts_with(|letter: char| letter.is_ascii_digit());
    !value.text.contains('@') && !value.text.contains("://") && (letters >= 2 || house)
}

fn place_name(value: &Value<'_>) -> bool {
    let text = value.text;
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    letters >= 1
        && text.chars().count() <= 60
        && !text.contains(['@', '_', '{', '<'])
        && text.chars().filter(char::is_ascii_digit).count() <= 3
}

fn postal_code(value: &Value<'_>) -> bool {
    let length = value.plain.len();
    (3..=10).contains(&length) && value.plain.bytes().any(|byte| byte.is_ascii_digit())
}

fn british_or_canadian(value: &Value<'_>) -> bool {
    let shape: String = value
        .text
        .chars()
        .map(|letter| match letter {
            letter if letter.is_ascii_digit() => '9',
            letter if letter.is_ascii_uppercase() => 'A',
            other => other,
        })
        .collect();
    matches!(shape.as_str(), "A9 9AA" | "A99 9AA" | "AA9 9AA" | "AA99 9AA" | "A9A 9AA" | "AA9A 9AA" | "A9A 9A9")
}
