// SPDX-License-Identifier: Apache-2.0
//! The keywords of the instrument language, each with its meaning in a line.

/// A keyword and what it means.
pub type Word = (&'static str, &'static str);

/// Words that begin a provision.
pub const HEADS: &[Word] = &[
    ("applies", "the instrument governs the flow"),
    ("outside", "the flow is outside its scope"),
    ("restrict", "the flow is restricted: it needs a mechanism"),
    ("permit", "a mechanism that carries a restricted flow"),
    ("require", "a condition beside every mechanism"),
    ("forbid", "a block that no mechanism lifts"),
    ("oblige", "the instrument orders the flow"),
    ("exception", "an exception to named provisions"),
    ("serves", "what satisfies a reference to this instrument"),
    ("define", "a named condition"),
    ("onward", "the rules follow the data to later recipients"),
    ("duty", "a duty with its bearer"),
    ("right", "a right of persons"),
    ("clock", "a period: length and trigger"),
    ("penalty", "a penalty, in words"),
];

/// Other words that begin an item of an instrument.
pub const ITEMS: &[Word] = &[
    ("reading", "competing readings of one point"),
    ("base", "facts that all cases share"),
    ("case", "a flow and the outcome that must come out"),
    ("adopt", "take provisions of the model as they are"),
    ("omit", "leave provisions of the model out"),
    ("replace", "put another provision in the place of the model's"),
    ("add", "add a provision to those of the model"),
    ("set", "set the period of a clock of the model"),
];

/// Words of the header of an instrument.
pub const HEADERS: &[Word] = &[
    ("kind", "law, treaty, clauses, guidance or rules"),
    ("cite", "the citation"),
    ("of", "the places whose law it is"),
    ("authority", "who supervises it"),
    ("in", "in force DATE, or until a DATE: the first day without"),
    ("published", "the day from which the world could know it"),
    ("note", "a plain-language remark"),
    ("verified", "seen in the source"),
    ("recalled", "written from memory; to be checked"),
    ("relates", "a declared relation to another instrument"),
];

/// Attributes of a provision.
pub const ATTRIBUTES: &[Word] = &[
    ("cite", "the citation"),
    ("verified", "seen in the source"),
    ("recalled", "written from memory; to be checked"),
    ("in", "in force DATE, or until a DATE: the first day without"),
    ("published", "the day from which the world could know it"),
    ("note", "a plain-language remark"),
];

/// Words that begin a clause.
pub const CLAUSES: &[Word] =
    &[("when", "the provision holds only where this does"), ("unless", "an exception without a name"), ("needs", "what must be in place")];

/// Words between conditions.
pub const JOINS: &[Word] = &[("and", "both hold"), ("or", "one of them holds")];

/// Words that begin a condition.
pub const CONDITIONS: &[Word] = &[
    ("not", "it does not hold"),
    ("always", "it holds for every flow"),
    ("never", "it holds for no flow"),
    ("all of", "all of { … } hold"),
    ("any of", "one of { … } holds, or: any of (PERMITS) is satisfied"),
    ("none of", "none of { … } holds, or: none of (PERMITS) is open"),
    ("reading", "a competing reading is chosen"),
    ("count of", "a finer counter: persons or devices over months"),
    ("onward", "this leg goes to a later recipient"),
    ("contract", "a contract is in place"),
    ("approval", "an approval is in place"),
    ("filing", "a filing is made"),
    ("notice", "a notice is given"),
    ("measure", "a measure is in place"),
    ("arrangement", "an arrangement is in place"),
    ("certificate", "the importer holds a certificate"),
];

/// What may be said of the day of an item.
pub const AGES: &[Word] = &[
    ("before", "dated before a day"),
    ("from", "dated on a day or later"),
    ("for at least", "dated so long before the flow"),
    ("within", "not older than this"),
];

/// Operators on a single value.
pub const OPERATORS_OF_ONE: &[Word] = &[("is", "the value is, or is below"), ("in", "the value is in"), ("outside", "the value is not in")];

/// Operators on a set.
pub const OPERATORS_OF_MANY: &[Word] = &[
    ("meets", "one member at least is in"),
    ("has", "one member at least is, or: has at least NUMBER of"),
    ("within", "every member is in"),
    ("is", "is empty, is not empty"),
];

/// Kinds of instruments.
pub const KINDS: &[Word] = &[
    ("law", "a statute or regulation: it governs flows"),
    ("treaty", "a treaty"),
    ("clauses", "model clauses or binding rules that others refer to"),
    ("guidance", "a guideline that others refer to"),
    ("rules", "rules without a territory: a model law, a scheme"),
];

/// Declared relations.
pub const RELATIONS: &[Word] = &[
    ("adapts", "it adapts the other"),
    ("implements", "it carries the other out"),
    ("refers-to", "it refers to the other"),
    ("recognizes", "it recognizes the other"),
    ("without-prejudice-to", "the other stays as it is"),
    ("prevails-over", "it comes before the other"),
];

/// Units of periods.
pub const PERIODS: &[Word] = &[
    ("hours", "running on through holidays"),
    ("days", "calendar days"),
    ("working days", "working days"),
    ("weeks", "calendar weeks"),
    ("months", "calendar months"),
    ("years", "calendar years"),
];

/// Verdicts.
pub const VERDICTS: &[Word] = &[
    ("unrestricted", "outside the instrument, or nothing in it restricts the flow"),
    ("permitted", "restricted, and a mechanism or an exemption is satisfied"),
    ("incomplete", "some set of steps would make it permitted or unrestricted"),
    ("prohibited", "no such set of steps exists"),
    ("undetermined", "absent facts or competing readings leave several open"),
];

/// What an outcome may go on with.
pub const OUTCOMES: &[Word] = &[
    ("by", "the mechanism, or the provision"),
    ("missing", "the beginning of a missing step"),
    ("asks", "a question"),
    ("owes", "a duty that the flow brings"),
    ("spares", "a duty that it does not bring"),
    ("cite", "a citation that the finding shows"),
];

/// Words that begin a line of a case, beside keys.
pub const FACTS: &[Word] = &[
    ("on", "the day of the flow"),
    ("known", "the day of the knowledge"),
    ("reading", "fixes a reading"),
    ("unknown", "takes a fact of the base away"),
    ("count of", "a finer counter"),
    ("onward", "a later recipient with its own facts"),
];

/// The meaning of a keyword that begins an item, a clause or an attribute.
#[must_use]
pub fn meaning(word: &str) -> Option<&'static str> {
    let all = [HEADS, ITEMS, HEADERS, CLAUSES, JOINS];
    all.iter().flat_map(|words| words.iter()).find(|(known, _)| *known == word).map(|(_, meaning)| *meaning)
}

/// Whether the word is in the list.
#[must_use]
pub fn in_list(words: &[Word], word: &str) -> bool {
    words.iter().any(|(known, _)| *known == word)
}

/// The key of a word that names a list of items.
#[must_use]
pub fn item_key(word: &str) -> Option<&'static str> {
    Some(match word {
        "contract" => "safeguards.contracts",
        "approval" => "safeguards.approvals",
        "filing" => "safeguards.filings",
        "notice" => "safeguards.notices",
        "measure" => "safeguards.measures",
        "arrangement" => "safeguards.arrangements",
        "certificate" => "importer.certified",
        _ => return None,
    })
}
