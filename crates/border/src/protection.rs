// SPDX-License-Identifier: Apache-2.0
//! What a measure protects against, and what not: said wherever a measure is shown, so that nobody takes one for more than it is.

use crate::measure::{Grain, Measure};
use serde_json::{Value, json};

/// What a measure protects against, and what not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protection {
    /// Against what.
    pub against: &'static str,
    /// What remains.
    pub not: &'static str,
    /// What the European Data Protection Board says of it as a supplementary measure.
    pub board: &'static str,
    /// Where that is said.
    pub source: &'static str,
}

const RECOMMENDATIONS: &str = "EDPB, Recommendations 01/2020 (version 2.0), Annex 2";
const PSEUDONYMS: &str = "EDPB, Recommendations 01/2020 (version 2.0), Annex 2, use case 2; Guidelines 01/2025 on Pseudonymisation";
const ANONYMISATION: &str = "Article 29 Working Party, Opinion 05/2014 on Anonymisation Techniques (WP216), section 3.2";

/// Of pseudonyms and tokens alike.
const USE_CASE_2: &str = "use case 2, effective only where the key stays with the exporter alone, and where authorities of the country cannot attribute the data to a person with what else they may have";

impl Protection {
    /// The protection as JSON.
    #[must_use]
    pub fn to_json(&self, measure: &Measure) -> Value {
        json!({"measure": measure.to_string(), "against": self.against, "not": self.not, "board": self.board, "source": self.source})
    }
}

impl Measure {
    /// What it protects against, and what not.
    #[must_use]
    pub fn protects(&self) -> Protection {
        match self {
            Self::Keep => Protection {
                against: "nothing: whoever receives the value reads it",
                not: "access by the recipient, by whom it passes the value on to, and by the authorities of its country",
                board: "use cases 6 and 7: where a recipient needs data in the clear, no technical measure was found that is effective",
                source: RECOMMENDATIONS,
            },
            Self::Drop | Self::Null | Self::Constant(_) => Protection {
                against: "whatever the value would tell: it does not leave",
                not: "what other columns tell of it",
                board: "no supplementary measure is needed for what is not transferred",
                source: "Regulation (EU) 2016/679, Art. 5(1)(c); EDPB, Recommendations 01/2020 (version 2.0), step 1",
            },
            Self::Truncate(_) => Protection {
                against: "knowing the rest of the value",
                not: "singling out by what is left, alone or with other columns",
                board: "no use case; what leaves is personal data as long as it can be attributed to a person",
                source: ANONYMISATION,
            },
            Self::Generalise(Grain::Network) => Protection {
                against: "knowing the one address: 256 addresses (IPv4) share what leaves",
                not: "singling out with other columns; in IPv6 a /48 is often one household or firm",
                board: "no use case; what leaves is personal data as long as it can be attributed to a person",
                source: ANONYMISATION,
            },
            Self::Generalise(_) => Protection {
                against: "singling out by the exact value",
                not: "singling out with other columns, unless classes of many are asked for (`k`); inference where a class shares a value (`l`, `t`); linking with other tables",
                board: "no use case; what leaves is personal data as long as it can be attributed to a person",
                source: ANONYMISATION,
            },
            Self::Pseudonymise(_) => Protection {
                against: "attribution to a person by whoever has neither the key nor other data on the person",
                not: "linking the rows of one person; telling values from how often they occur; singling out by other columns. It stays personal data",
                board: USE_CASE_2,
                source: PSEUDONYMS,
            },
            Self::Tokenise => Protection {
                against: "attribution to a person by whoever has neither the key nor other data on the person",
                not: "whoever gets the key gets every value back; linking the rows of one person; telling values from how often they occur. It stays personal data",
                board: USE_CASE_2,
                source: PSEUDONYMS,
            },
            Self::Format(_) => Protection {
                against: "attribution to a person by whoever has neither the key nor other data on the person",
                not: "being taken for a value, which it looks like; whoever gets the key gets every value back; linking the rows of one person; telling values from how often they occur. It stays personal data",
                board: USE_CASE_2,
                source: PSEUDONYMS,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::measure::Measure;

    #[test]
    fn each_measure_says_what_it_does_and_what_not() {
        for word in Measure::WORDS {
            let text = word.replace("TEXT", "x").replace("COUNT", "3").replace("ALPHABET", "digits");
            let Ok(measure) = Measure::parse(&text) else { panic!("{text}") };
            let said = measure.protects();
            for part in [said.against, said.not, said.board, said.source] {
                assert!(!part.is_empty() && !part.ends_with('.'), "{word}: {part}");
            }
            // What keeps a person's rows together is never called anonymous.
            if measure.needs_key() {
                assert!(said.not.ends_with("It stays personal data"), "{word}");
            }
        }
    }
}
