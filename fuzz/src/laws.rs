// SPDX-License-Identifier: Apache-2.0
//! Random instruments: every kind of provision and condition, over few keys, so that they meet.

use crate::bytes::Bytes;
use std::fmt::Write;

/// A table of two parties, for the conditions that ask who recognizes whom.
pub const TABLE: &str = "by,of,kind,scope,cite,from,until,published,end_published,status,note
EU,JP,adequacy,,D 1,2019-01-23,,,,verified,
EU,US,adequacy,certificate dpf and not data.categories meets { health },D 2,2023-07-10,,,,verified,
EU,US,adequacy,certificate privacy-shield,D 3,2016-08-01,2020-07-16,,,verified,ended
KR,@EEA BR,adequacy,route.storage within @EEA,D 4,2020-01-01,2025-01-01,,,recalled,ended
EU,CA,bridge,importer.role is processor,D 5,2002-01-01,,,,verified,
";

/// Clauses that the random instruments refer to.
pub const CLAUSES: &str = r#"
instrument yy.clauses "Clauses" {
  kind clauses cite "C" in force 2021-06-27
  serves plain cite "1" when importer.role in { controller, processor } needs contract eu.scc-2021
  serves old cite "2" in force 2021-06-27 until 2023-01-01 needs contract eu.scc-2010 before 2021-09-27
}
"#;

/// The text of an instrument, `xx.random`.
pub fn law(bytes: &mut Bytes) -> String {
    let mut text = String::from(
        "instrument xx.random \"Random\" {\n  kind law cite \"R\" of FR in force 2019-01-01\n\
         reading which \"Which?\" {\n option narrow \"so\" cite \"a\"\n option wide \"or so\" cite \"b\" }\n",
    );
    let mut made = Made::default();
    for number in 0..3 + bytes.below(8) {
        let id = format!("p{number}");
        let head = match bytes.below(16) {
            0 | 1 => format!("applies {id}"),
            2 => format!("outside {id}"),
            3 | 4 => format!("restrict {id}"),
            5..=7 => {
                let mechanism = *bytes.pick(&["adequacy", "standard-clauses", "explicit-consent", "bcr"]);
                format!("permit {id} by {mechanism}")
            }
            8 | 9 => format!("require {id}"),
            10 => format!("forbid {id}"),
            11 => format!("oblige {id}"),
            12 if number > 0 => format!("exception {id} to p{}", bytes.below(number)),
            13 | 14 => format!("define {id}"),
            _ => format!("duty {id} on exporter"),
        };
        let _ = write!(text, "  {head} cite \"{number}\"");
        match bytes.below(8) {
            0 => text.push_str(" in force 2021-01-01"),
            1 => text.push_str(" in force 2019-01-01 until 2023-01-01"),
            _ => {}
        }
        let clauses = bytes.below(4);
        for _ in 0..clauses {
            let word = *bytes.pick(&["when", "needs", "unless"]);
            let _ = write!(text, " {word} ");
            condition(bytes, &made, 0, &mut text);
        }
        text.push('\n');
        match head.split_once(' ').map(|(word, _)| word) {
            Some("define") => made.definitions.push(id),
            Some("permit") => made.permits.push(id),
            _ => {}
        }
    }
    text.push_str("}\n");
    text
}

/// What later provisions may refer to.
#[derive(Default)]
struct Made {
    definitions: Vec<String>,
    permits: Vec<String>,
}

const SIMPLE: &[&str] = &[
    "exporter.public_body",
    "importer.reads_clear_text",
    "importer.group",
    "importer.seat in { US, JP, CN }",
    "importer.seat outside @EEA",
    "exporter.seat in @EEA",
    "importer.role is not processor",
    "data.categories meets { health, genetic }",
    "data.categories meets contact",
    "data.categories is empty",
    "data.categories has at least 2 of { device, cookie, name }",
    "route.storage within @EEA",
    "route.storage within { FR, recognized by EU }",
    "route.access_from meets CN",
    "route.local_copy has FR",
    "subjects.count_this_year >= 1_000",
    "subjects.count < 100",
    "subjects.count_12_months > 100",
    "subjects.sensitive_count_this_year = 1_000",
    "count of { precise-location } in persons over 12 months > 500",
    "contract eu.scc-2021",
    "contract { eu.scc-2021/2, eu.scc-2021/3 }",
    "contract eu.scc-2010 before 2021-09-27",
    "contract comparable-protection from 2021-01-01",
    "filing ru.transfer-notice for at least 10 working days",
    "approval cn.security-assessment within 3 years",
    "measure { pseudonymised, encryption-at-rest }",
    "measure anonymised",
    "certificate dpf",
    "certificate bcr-controller",
    "safeguards.assessment",
    "safeguards.assessment.result in { equivalent, equivalent-with-measures }",
    "safeguards.assessment.kind is pipia",
    "safeguards.consent",
    "safeguards.consent.explicit",
    "purpose.of meets { marketing, hr-management }",
    "purpose.frequency is occasional",
    "purpose.lawful_basis is consent",
    "purpose.necessary_for has contract-with-subject",
    "EU recognizes importer",
    "EU recognizes importer as bridge",
    "KR recognizes importer",
    "reading which is narrow",
    "reading which is wide",
    "yy.clauses",
    "always",
    "never",
    "onward",
];

fn condition(bytes: &mut Bytes, made: &Made, depth: usize, text: &mut String) {
    // Without more bytes to choose from, the law comes to an end.
    let kind = if depth >= 3 || bytes.is_empty() { 0 } else { bytes.below(12) };
    match kind {
        6 | 7 => {
            let word = *bytes.pick(&["all", "any", "none"]);
            let _ = write!(text, "{word} of {{ ");
            for part in 0..2 + bytes.below(2) {
                if part > 0 {
                    text.push_str(", ");
                }
                condition(bytes, made, depth + 1, text);
            }
            text.push_str(" }");
        }
        8 => {
            text.push_str("not (");
            condition(bytes, made, depth + 1, text);
            text.push(')');
        }
        9 => {
            text.push('(');
            condition(bytes, made, depth + 1, text);
            text.push_str(if bytes.below(2) == 0 { " and " } else { " or " });
            condition(bytes, made, depth + 1, text);
            text.push(')');
        }
        10 if !made.definitions.is_empty() => text.push_str(bytes.pick::<String>(&made.definitions)),
        11 if !made.permits.is_empty() => {
            let quantity = *bytes.pick(&["any", "none"]);
            let state = *bytes.pick(&["satisfied", "open"]);
            let _ = write!(text, "{quantity} of ({}) is {state}", bytes.pick::<String>(&made.permits));
        }
        _ => text.push_str(bytes.pick::<&str>(SIMPLE)),
    }
}
