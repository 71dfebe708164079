// SPDX-License-Identifier: Apache-2.0
//! What the page asks, and the answer to it.
//!
//! A question is one line of JSON and the bytes of the files behind it, so that a file of any content arrives as it is:
//!
//! ```text
//! {"language":"ar","receipt":2210,"policy":190,"document":null}
//! …2210 bytes…190 bytes
//! ```

use comity_evidence::Policy;
use comity_evidence::canonical::{CanonicalError, parse};
use comity_evidence::report::{Language, Outcome, Piece, Report, Sentence, examine};
use serde_json::{Value, json};
use std::io::{self, BufRead, Read};

/// The files of a person who holds a receipt, and the language in which to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The language of the answer.
    pub language: Language,
    /// The bytes of the receipt.
    pub receipt: Vec<u8>,
    /// The bytes of the policy.
    pub policy: Vec<u8>,
    /// The bytes of the document that the receipt must speak of, if there is one.
    pub document: Option<Vec<u8>>,
}

/// Why a question cannot be read. It comes from a program, so that this is never what a person did wrong.
#[derive(Debug, thiserror::Error)]
pub enum QuestionError {
    /// The input ends early or cannot be read.
    #[error("the question cannot be read: {0}")]
    Input(#[from] io::Error),
    /// The first line is no JSON.
    #[error("the first line of the question is {0}")]
    Line(#[from] CanonicalError),
    /// A key of the first line is missing or wrong.
    #[error("`{0}` in the first line of the question: expected {1}")]
    Key(&'static str, &'static str),
}

impl Question {
    /// Reads a question.
    ///
    /// # Errors
    ///
    /// [`QuestionError`] for anything that is none.
    pub fn read(from: &mut impl BufRead) -> Result<Self, QuestionError> {
        let mut line = String::new();
        from.read_line(&mut line)?;
        let head = parse(&line)?;
        let code = head.get("language").and_then(Value::as_str);
        let language = code.and_then(Language::from_code).ok_or(QuestionError::Key("language", "the code of a language of reports"))?;
        let receipt = taken(from, &head, "receipt")?.ok_or(QuestionError::Key("receipt", "a number of bytes"))?;
        let policy = taken(from, &head, "policy")?.ok_or(QuestionError::Key("policy", "a number of bytes"))?;
        Ok(Self { language, receipt, policy, document: taken(from, &head, "document")? })
    }

    /// The question as it is read.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let head = json!({
            "language": self.language.code(), "receipt": self.receipt.len(), "policy": self.policy.len(),
            "document": self.document.as_ref().map(Vec::len),
        });
        [format!("{head}\n").as_bytes(), &self.receipt, &self.policy, self.document.as_deref().unwrap_or_default()].concat()
    }
}

/// The next bytes, as many as the key of the first line says; `None` where it says `null`.
fn taken(from: &mut impl BufRead, head: &Value, key: &'static str) -> Result<Option<Vec<u8>>, QuestionError> {
    let length = match head.get(key) {
        Some(Value::Null) => return Ok(None),
        Some(length) => length.as_u64(),
        None => None,
    };
    let length = length.ok_or(QuestionError::Key(key, "a number of bytes"))?;
    let mut bytes = Vec::new();
    let read = from.by_ref().take(length).read_to_end(&mut bytes)?;
    if u64::try_from(read).ok() == Some(length) { Ok(Some(bytes)) } else { Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()) }
}

/// What is said of the receipt.
#[must_use]
pub fn report(question: &Question) -> Report {
    // What is not UTF-8 is no policy either; the reader of policies says on which line it stumbles.
    let policy: Result<Policy, _> = String::from_utf8_lossy(&question.policy).parse();
    match policy {
        Ok(policy) => examine(&question.receipt, &policy, question.document.as_deref()).report(question.language),
        Err(error) => Report::of_policy(&error, question.language),
    }
}

/// What is said of the receipt, as JSON for the script of the page.
#[must_use]
pub fn answer(question: &Question) -> Value {
    let report = report(question);
    let outcome = match report.outcome {
        Outcome::Holds => "holds",
        Outcome::DoesNotHold => "does-not-hold",
        Outcome::NoReceipt => "no-receipt",
        Outcome::NoPolicy => "no-policy",
    };
    let body: Vec<Value> = report.body.iter().map(piece).collect();
    json!({ "outcome": outcome, "head": report.head, "detail": report.detail, "body": body })
}

fn piece(piece: &Piece) -> Value {
    match piece {
        Piece::Say(sentence) => json!({ "say": parts(sentence) }),
        Piece::Aside(sentence) => json!({ "aside": parts(sentence) }),
        Piece::Table { heads, rows } => json!({ "heads": heads, "rows": rows }),
    }
}

/// Text, and whether it is given by the receipt, of each part.
fn parts(sentence: &Sentence) -> Vec<Value> {
    sentence.0.iter().map(|part| json!([part.text, part.given])).collect()
}
