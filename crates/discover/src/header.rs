// SPDX-License-Identifier: Apache-2.0
//! What the name of a column says: its words, without case, accents and signs.

use crate::detector::Detector;
use crate::family;
use std::sync::LazyLock;

/// Words that say nothing of what a column holds.
const FILLERS: &[&str] = &[
    "customer",
    "client",
    "user",
    "person",
    "the",
    "of",
    "a",
    "no",
    "nr",
    "num",
    "number",
    "code",
    "value",
    "field",
    "col",
    "column",
    "my",
    "primary",
    "main",
    "home",
    "work",
    "business",
    "billing",
    "shipping",
    "delivery",
    "contact",
    "personal",
    "private",
    "member",
    "patient",
    "employee",
    "applicant",
    "passenger",
    "guest",
    "holder",
    "owner",
    "subject",
    "data",
    "txt",
    "text",
    "str",
    "int",
    "full",
    "current",
    "raw",
    "src",
    "source",
    "old",
    "new",
    "tmp",
    "tbl",
    "fld",
    "first",
    "second",
    "other",
    "secondary",
    "alternative",
    "emergency",
    "der",
    "die",
    "das",
    "des",
    "von",
    "kunde",
    "kunden",
    "le",
    "la",
    "les",
    "de",
    "du",
    "del",
    "el",
    "los",
    "do",
    "da",
    "dos",
    "di",
    "della",
    "il",
    "numero",
    "cliente",
    "nummer",
    "id",
    "key",
    "e",
    "and",
    "und",
    "et",
    "y",
    "x",
    "in",
    "on",
    "is",
    "musteri",
    "mitarbeiter",
    "salarie",
    "empleado",
    "dipendente",
    "student",
    "sender",
    "receiver",
    "recipient",
    "payer",
    "payee",
    "beneficiary",
    "insured",
    "policyholder",
    "borrower",
    "tenant",
    "verified",
    "masked",
    "plain",
    "clean",
    "std",
];

/// How much the name of a column speaks for a detector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hint {
    /// A word speaks against it.
    Against,
    /// Nothing.
    Nothing,
    /// Some of its words are those of the detector.
    Partly,
    /// All of its words that say something are those of the detector.
    Fully,
}

/// A text without what hands differ in: case, accents and signs.
#[must_use]
pub fn folded(text: &str) -> String {
    tokens(text, false).join(" ")
}

/// The name of a column as words. `camelCase` and `snake_case` are cut where a person would.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    tokens(name, true)
}

fn tokens(text: &str, camel: bool) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut before = Kind::Sign;
    let letters: Vec<char> = text.chars().collect();
    for (place, letter) in letters.iter().enumerate() {
        let kind = Kind::of(*letter);
        let next = letters.get(place + 1).map_or(Kind::Sign, |next| Kind::of(*next));
        let cut = match (before, kind) {
            (_, Kind::Sign) => true,
            (Kind::Small, Kind::Capital) => camel,
            // `HTTPServer` is cut before its last capital.
            (Kind::Capital, Kind::Capital) => camel && next == Kind::Small,
            (Kind::Digit, Kind::Small | Kind::Capital) | (Kind::Small | Kind::Capital, Kind::Digit) => camel,
            (Kind::Wide, other) | (other, Kind::Wide) => other != Kind::Wide,
            _ => false,
        };
        if cut && !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
        if kind != Kind::Sign {
            plain(*letter, &mut word);
        }
        before = kind;
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Small,
    Capital,
    Digit,
    /// Scripts that put no space between words.
    Wide,
    Sign,
}

impl Kind {
    fn of(letter: char) -> Self {
        match letter {
            '\u{0e00}'..='\u{0e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' => Self::Wide,
            letter if letter.is_numeric() => Self::Digit,
            letter if letter.is_uppercase() => Self::Capital,
            // Marks over letters belong to the letter before them.
            letter if letter.is_alphabetic() || matches!(letter, '\u{300}'..='\u{36f}') => Self::Small,
            _ => Self::Sign,
        }
    }
}

/// Adds a letter in small, without its accent.
fn plain(letter: char, word: &mut String) {
    for small in letter.to_lowercase() {
        match small {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => word.push('a'),
            'ç' | 'ć' | 'č' => word.push('c'),
            'ď' | 'đ' => word.push('d'),
            'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ė' | 'ę' | 'ě' => word.push('e'),
            'ğ' | 'ģ' => word.push('g'),
            'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => word.push('i'),
            'ķ' => word.push('k'),
            'ł' | 'ľ' | 'ļ' => word.push('l'),
            'ñ' | 'ń' | 'ň' | 'ņ' => word.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => word.push('o'),
            'ř' => word.push('r'),
            'ś' | 'š' | 'ş' | 'ș' => word.push('s'),
            'ť' | 'ţ' | 'ț' => word.push('t'),
            'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' | 'ų' => word.push('u'),
            'ý' | 'ÿ' => word.push('y'),
            'ź' | 'ž' | 'ż' => word.push('z'),
            'ß' => word.push_str("ss"),
            'æ' => word.push_str("ae"),
            'œ' => word.push_str("oe"),
            // The dot that the capital İ leaves behind.
            '\u{300}'..='\u{36f}' => {}
            other => word.push(other),
        }
    }
}

/// Some words that stand together.
#[derive(Debug)]
struct Phrase {
    words: Vec<String>,
    /// The words without spaces between them.
    joined: String,
    /// Of a script that puts no space between words.
    wide: bool,
}

/// The words of one detector, cut once.
#[derive(Debug)]
struct Phrases {
    words: Vec<Phrase>,
    against: Vec<Phrase>,
}

static PHRASES: LazyLock<Vec<Phrases>> = LazyLock::new(|| {
    let phrase = |words: Vec<String>| Phrase {
        joined: words.concat(),
        wide: words.iter().all(|word| word.chars().all(|letter| Kind::of(letter) == Kind::Wide)),
        words,
    };
    let list = |text: &str| -> Vec<Phrase> {
        text.split(',').map(|words| tokens(words, false)).filter(|words| !words.is_empty()).map(phrase).collect()
    };
    let of = |detector: &Detector| Phrases {
        words: detector.words.iter().flat_map(|(_, text)| list(text)).collect(),
        against: list(detector.against),
    };
    family::detectors().map(of).collect()
});

/// For each detector, in the order of [`family::detectors`], how much a name of a column speaks for it.
#[must_use]
pub fn hints(name: &str) -> Vec<Hint> {
    let name = words(name);
    PHRASES.iter().map(|phrases| hint(&name, phrases)).collect()
}

fn hint(name: &[String], phrases: &Phrases) -> Hint {
    let against: Vec<_> = phrases.against.iter().filter_map(|phrase| found(name, phrase)).collect();
    let mut best = Hint::Nothing;
    for phrase in &phrases.words {
        let Some(covered) = found(name, phrase) else {
            continue;
        };
        // A word of the phrase itself, as in `account holder`, does not speak against it.
        if against.iter().any(|place| !(covered.start <= place.start && place.end <= covered.end)) {
            continue;
        }
        let rest = name.iter().enumerate().filter(|(place, _)| !covered.contains(place));
        let says_more = rest.filter(|(_, word)| !filler(word)).count();
        best = best.max(if says_more == 0 { Hint::Fully } else { Hint::Partly });
    }
    if best == Hint::Nothing && !against.is_empty() { Hint::Against } else { best }
}

fn filler(word: &str) -> bool {
    FILLERS.contains(&word) || word.bytes().all(|byte| byte.is_ascii_digit())
}

/// The places of a name at which a phrase stands.
fn found(name: &[String], phrase: &Phrase) -> Option<std::ops::Range<usize>> {
    let joined = phrase.joined.as_str();
    if phrase.wide {
        // A name of one sign is too easily a part of another word.
        let single = joined.chars().nth(1).is_none();
        return name.iter().position(|word| if single { word == joined } else { word.contains(joined) }).map(|place| place..place + 1);
    }
    let length = phrase.words.len();
    if let Some(start) = name.windows(length).position(|part| part == phrase.words) {
        return Some(start..start + length);
    }
    // `dateofbirth`, and `kundengeburtsdatum` in languages that join words.
    let ends = |word: &String| word == joined || (joined.len() >= 7 && word.ends_with(joined));
    if let Some(place) = name.iter().position(ends) {
        return Some(place..place + 1);
    }
    // `e_mail` and `eMail` for `email`.
    let halves = |pair: &[String]| matches!(pair, [first, second] if joined.strip_prefix(first.as_str()) == Some(second));
    let pair = (length == 1 && joined.len() > 3).then(|| name.windows(2).position(halves)).flatten();
    pair.map(|start| start..start + 2)
}

#[cfg(test)]
mod tests {
    use super::{Hint, folded, hints, words};
    use crate::family;

    fn hint_of(name: &str, id: &str) -> Hint {
        let all = hints(name);
        family::detectors().zip(all).filter(|(detector, _)| detector.id == id).map(|(_, hint)| hint).max().unwrap_or(Hint::Nothing)
    }

    #[test]
    fn names_are_cut_as_a_person_would() {
        assert_eq!(words("customerEMailAddress"), ["customer", "e", "mail", "address"]);
        assert_eq!(words("HTTPServer_2"), ["http", "server", "2"]);
        assert_eq!(words("Doğum Tarihi (İl)"), ["dogum", "tarihi", "il"]);
        assert_eq!(words("客户身份证号ID"), ["客户身份证号", "id"]);
        assert_eq!(words("Straße-Nr."), ["strasse", "nr"]);
        assert_eq!(folded("  CÔTE d'Ivoire "), "cote d ivoire");
    }

    #[test]
    fn hints_are_found_in_eight_languages() {
        let same = [
            ("date_of_birth", "date-of-birth"),
            ("dateOfBirth", "date-of-birth"),
            ("DATEOFBIRTH", "date-of-birth"),
            ("Geburtsdatum", "date-of-birth"),
            ("kundengeburtsdatum", "date-of-birth"),
            ("Date de naissance", "date-of-birth"),
            ("fecha_nacimiento", "date-of-birth"),
            ("Data de Nascimento", "date-of-birth"),
            ("data_di_nascita", "date-of-birth"),
            ("Doğum Tarihi", "date-of-birth"),
            ("出生日期", "date-of-birth"),
            ("e-mail", "email"),
            ("eMail", "email"),
            ("E_Mail_Adresse", "email"),
            ("手机号", "phone"),
            ("Nachname", "name"),
            ("customer_last_name", "name"),
        ];
        for (name, id) in same {
            assert_eq!(hint_of(name, id), Hint::Fully, "{name}");
        }
    }

    #[test]
    fn other_words_of_a_name_count() {
        assert_eq!(hint_of("product_name", "name"), Hint::Against);
        assert_eq!(hint_of("file name", "name"), Hint::Against);
        assert_eq!(hint_of("ip_address", "address"), Hint::Against);
        assert_eq!(hint_of("email_sent_at", "email"), Hint::Partly);
        assert_eq!(hint_of("quantity", "name"), Hint::Nothing);
        assert_eq!(hint_of("username", "account"), Hint::Fully);
        assert_eq!(hint_of("user_name", "name"), Hint::Against);
        assert_eq!(hint_of("account holder", "name"), Hint::Fully);
        assert_eq!(hint_of("app_version", "ip-address"), Hint::Against);
        assert_eq!(hint_of("city_of_birth", "date-of-birth"), Hint::Against);
    }
}
