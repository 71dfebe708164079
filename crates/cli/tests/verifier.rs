// SPDX-License-Identifier: Apache-2.0
//! The command and the verifier of the browser say the same of every receipt, word for word.

#[path = "../../verifier/tests/support/mod.rs"]
mod receipts;
mod support;

use comity_evidence::report::{Language, Outcome, Piece};
use comity_verifier::question::{Question, report};
use support::text;

fn joined(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn both_say_the_same_of_every_receipt() {
    let folder = tempfile::TempDir::new().unwrap();
    for case in receipts::cases() {
        std::fs::write(folder.path().join("receipt"), &case.receipt).unwrap();
        std::fs::write(folder.path().join("policy"), &case.policy).unwrap();
        let mut arguments = vec!["receipt", "verify", "receipt", "--policy", "policy"];
        if let Some(document) = &case.document {
            std::fs::write(folder.path().join("document"), document).unwrap();
            arguments.extend(["--document", "document"]);
        }
        let output = support::command(&arguments).current_dir(folder.path()).output().unwrap();
        let asked = Question { language: Language::English, receipt: case.receipt, policy: case.policy, document: case.document };
        let said = report(&asked);
        let detail = said.detail.as_ref();
        let status = match said.outcome {
            Outcome::Holds => 0,
            Outcome::DoesNotHold => 10,
            Outcome::NoReceipt | Outcome::NoPolicy => 3,
        };
        assert_eq!(output.status.code(), Some(status), "{}: {}", case.name, text(&output.stderr));
        let expected = match said.outcome {
            Outcome::NoReceipt => format!("error: `receipt`: {}", detail.unwrap()),
            Outcome::NoPolicy => format!("error: `policy`: {}", detail.unwrap()),
            Outcome::Holds | Outcome::DoesNotHold => {
                let mut expected = format!("{}: receipt", said.head);
                expected.extend(detail.map(|detail| format!(": {detail}")));
                for piece in &said.body {
                    expected += &match piece {
                        Piece::Say(sentence) | Piece::Aside(sentence) => format!(" {sentence}"),
                        Piece::Table { heads, rows } => format!(" {} {}", heads.join(" "), rows.concat().join(" ")),
                    };
                }
                expected
            }
        };
        assert_eq!(joined(&(text(&output.stdout) + &text(&output.stderr))), joined(&expected), "{}", case.name);
    }
}
