// SPDX-License-Identifier: Apache-2.0
//! Banks and cards.

use crate::check::{iso7064_11_10, luhn, mod97};
use crate::detector::{Detector, Identifier, Test};
use crate::value::{Value, at, weighted};

/// The detectors.
pub const DETECTORS: &[Detector] = &[
    Detector {
        id: "iban",
        label: "international bank account number",
        category: Some("bank-account"),
        identifier: Identifier::Direct,
        test: Test::Value(iban),
        chance: 0.011,
        alone: 0.99,
        words: &[
            ("en", "iban, iban number, bank account, bank account number"),
            ("de", "iban, bankverbindung, iban nr, bankkonto"),
            ("fr", "iban, compte bancaire, rib, numero de compte"),
            ("es", "iban, cuenta bancaria, numero de cuenta"),
            ("pt", "iban, conta bancaria, nib"),
            ("it", "iban, conto corrente, codice iban, conto bancario"),
            ("tr", "iban, hesap no, banka hesabi, iban no"),
            ("zh", "银行账号, 银行账户, 国际银行账号"),
        ],
        source: "ISO 13616-1: MOD 97-10, with the lengths of the SWIFT IBAN registry",
        ..Detector::PLAIN
    },
    Detector {
        id: "bank-account",
        label: "bank account number without a check",
        category: Some("bank-account"),
        identifier: Identifier::Direct,
        test: Test::Value(account),
        chance: 0.7,
        words: &[
            ("en", "bank account, bank account number, account no, bban, clabe, sort code account"),
            ("de", "kontonummer, bankkonto, konto, kontonr"),
            ("fr", "numero de compte, compte bancaire, rib"),
            ("es", "numero de cuenta, cuenta bancaria, clabe"),
            ("pt", "numero da conta, conta bancaria, conta corrente"),
            ("it", "numero conto, conto corrente, conto bancario"),
            ("tr", "hesap no, hesap numarasi, banka hesap no"),
            ("zh", "银行账号, 银行卡号, 开户账号"),
        ],
        against: "balance, type, status, user, customer",
        source: "the header; values must be numbers of 5 to 20 digits",
        ..Detector::PLAIN
    },
    Detector {
        id: "payment-card",
        label: "payment card number",
        category: Some("payment-card"),
        identifier: Identifier::Direct,
        test: Test::Value(card),
        chance: 0.06,
        alone: 0.99,
        words: &[
            (
                "en",
                "credit card, card number, cc number, credit card number, card no, debit card, cardnumber, pan, ccnum, payment card, creditcard",
            ),
            ("de", "kreditkarte, kreditkartennummer, kartennummer, karten nr"),
            ("fr", "carte bancaire, numero de carte, carte de credit, no carte, carte bleue"),
            ("es", "tarjeta, tarjeta de credito, numero de tarjeta, num tarjeta"),
            ("pt", "cartao de credito, numero do cartao, cartao"),
            ("it", "carta di credito, numero carta, numero di carta"),
            ("tr", "kredi karti, kart no, kart numarasi, kredi karti no"),
            ("zh", "信用卡, 卡号, 信用卡号, 银行卡号"),
        ],
        against: "loyalty, gift, type, expiry, holder",
        source: "ISO/IEC 7812-1: Luhn, and the first digits of the networks for cards",
        ..Detector::PLAIN
    },
    Detector {
        id: "card-security-code",
        label: "security code or last month of a card",
        category: Some("payment-card"),
        identifier: Identifier::None,
        words: &[
            ("en", "cvv, cvc, cvv2, card expiry, security code, card expiration, exp month, exp year"),
            ("de", "prufziffer karte, kartenprufnummer, gultig bis karte"),
            ("fr", "cryptogramme, date expiration carte"),
            ("es", "codigo de seguridad, vencimiento tarjeta"),
            ("pt", "codigo de seguranca, validade do cartao"),
            ("it", "codice di sicurezza, scadenza carta"),
            ("tr", "guvenlik kodu, son kullanma tarihi kart"),
            ("zh", "安全码, 有效期, 卡有效期"),
        ],
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "bic",
        label: "business identifier code of a bank",
        category: None,
        identifier: Identifier::None,
        test: Test::Value(bic),
        chance: 0.02,
        alone: 0.6,
        words: &[("en", "bic, swift, swift code, bic swift, bic code"), ("de", "bic"), ("fr", "code bic"), ("zh", "银行代码")],
        source: "ISO 9362: four signs, a country, two signs, and three for a branch",
        ..Detector::PLAIN
    },
    Detector {
        id: "aba-routing",
        label: "routing number of a bank in the United States",
        category: None,
        identifier: Identifier::None,
        test: Test::Value(routing),
        chance: 0.04,
        alone: 0.9,
        words: &[("en", "routing number, aba, aba number, routing, aba routing, rtn")],
        source: "American Bankers Association, routing number policy: weights 3, 7, 1 modulo 10",
        ..Detector::PLAIN
    },
    Detector {
        id: "lei",
        label: "legal entity identifier",
        category: None,
        identifier: Identifier::None,
        test: Test::Value(lei),
        chance: 0.011,
        alone: 0.99,
        words: &[("en", "lei, legal entity identifier, lei code")],
        source: "ISO 17442-1: twenty signs, MOD 97-10",
        ..Detector::PLAIN
    },
    Detector {
        id: "vat-number",
        label: "number of a company for value added tax",
        category: None,
        identifier: Identifier::None,
        test: Test::Value(german_vat),
        chance: 0.1,
        alone: 0.9,
        words: &[
            ("en", "vat, vat id, vat number, vat no, vat registration number"),
            ("de", "ust id, ustid, umsatzsteuer id, ust idnr"),
            ("fr", "numero de tva, tva intracommunautaire"),
            ("it", "partita iva, p iva"),
        ],
        source: "Council Directive 2006/112/EC, article 215; of Germany, ISO/IEC 7064 MOD 11,10",
        ..Detector::PLAIN
    },
];

/// For each country of the IBAN registry, the length of its numbers.
const LENGTHS: &[(&str, usize)] = &[
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HN", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
    ("YE", 30),
];

fn iban(value: &Value<'_>) -> bool {
    let text = value.plain.as_str();
    let Some((country, rest)) = text.split_at_checked(2) else {
        return false;
    };
    let length = LENGTHS.iter().find(|(known, _)| *known == country).map(|(_, length)| *length);
    let Some((check, account)) = rest.split_at_checked(2) else {
        return false;
    };
    length == Some(text.len())
        && check.bytes().all(|byte| byte.is_ascii_digit())
        && mod97(account.bytes().chain(country.bytes()).chain(check.bytes()))
}

fn account(value: &Value<'_>) -> bool {
    value.digits().is_some_and(|digits| (5..=20).contains(&digits.len()))
}

fn card(value: &Value<'_>) -> bool {
    let Some(digits) = value.digits().filter(|digits| (13..=19).contains(&digits.len())) else {
        return false;
    };
    let (Some(two), Some(four)) = (at(digits, 0, 2), at(digits, 0, 4)) else {
        return false;
    };
    let length = digits.len();
    let network = match (two, four) {
        (34 | 37, _) => length == 15,
        (40..=49, _) => matches!(length, 13 | 16 | 19),
        (51..=55, _) | (_, 2221..=2720) => length == 16,
        (36 | 38 | 39, _) | (_, 3000..=3059) => (14..=19).contains(&length),
        (60 | 62 | 64 | 65 | 50 | 56..=58 | 63 | 67 | 81, _) | (_, 3528..=3589 | 2200..=2204 | 9792) => {
            length >= 16 || matches!(two, 50 | 56..=58 | 63 | 67)
        }
        _ => false,
    };
    network && luhn(digits)
}

fn bic(value: &Value<'_>) -> bool {
    let text = value.text;
    let (Some(bank), Some(country)) = (text.get(..4), text.get(4..6)) else {
        return false;
    };
    matches!(text.len(), 8 | 11)
        && bank.bytes().all(|byte| byte.is_ascii_uppercase())
        && super::place_names::is_alpha_2(country)
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

fn routing(value: &Value<'_>) -> bool {
    let Some(digits) = value.number(9) else {
        return false;
    };
    let region = at(digits, 0, 2).is_some_and(|region| matches!(region, 1..=12 | 21..=32 | 61..=72 | 80));
    region && weighted(digits, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
}

fn lei(value: &Value<'_>) -> bool {
    value.text.len() == 20 && value.signs(20).is_some_and(|signs| signs.iter().any(u8::is_ascii_uppercase) && mod97(signs.iter().copied()))
}

fn german_vat(value: &Value<'_>) -> bool {
    let digits = value
        .plain
        .strip_prefix("DE")
        .filter(|rest| rest.len() == 9)
        .map(|rest| rest.bytes().map(|byte| byte.wrapping_sub(b'0')).collect::<Vec<u8>>());
    digits.is_some_and(|digits| digits.iter().all(|digit| *digit < 10) && iso7064_11_10(&digits))
}
