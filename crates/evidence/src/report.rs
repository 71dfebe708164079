// SPDX-License-Identifier: Apache-2.0
//! What a receipt proves, in words: one model, which the command draws on a terminal and the verifier in a page.
//!
//! The words of every language stand in `data/report.json`. Nothing else says anything of a receipt, so that no two
//! programs can say different things of one.
//!
//! ```
//! use comity_evidence::report::{Language, Outcome, examine};
//!
//! let examined = examine(b"{}", &"quorum none\n".parse()?, None);
//! assert_eq!(examined.outcome(), Outcome::NoReceipt);
//! assert_eq!(examined.report(Language::English).head, "This is no receipt");
//! # Ok::<(), comity_evidence::PolicyError>(())
//! ```

mod sentence;
mod words;

pub use sentence::{Part, Sentence};
pub use words::Language;

use crate::canonical::CanonicalError;
use crate::document::Match;
use crate::entry::{Content, Kind};
use crate::{Checked, LogProofError, Policy, PolicyError, Receipt, ReceiptError, TrustError, text};
use serde_json::Value;
use words::word;

/// The most that a receipt comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything holds.
    Holds,
    /// It is a receipt, and something does not hold.
    DoesNotHold,
    /// The file is no receipt.
    NoReceipt,
    /// The policy cannot be read, so that nothing was looked at.
    NoPolicy,
}

/// What came of looking at a receipt.
#[derive(Clone, Debug, PartialEq)]
pub enum Examined {
    /// Everything holds.
    Holds(Box<Checked>, Option<Match>),
    /// The first thing that does not hold.
    DoesNotHold(ReceiptError),
    /// Why the file is no receipt.
    NoReceipt(ReceiptError),
}

/// What is said of a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it comes to.
    pub outcome: Outcome,
    /// The same, as a sentence without its final stop.
    pub head: &'static str,
    /// The exact reason where something is wrong. English in every language: it is for whoever looks for the cause.
    pub detail: Option<String>,
    /// What more there is to say.
    pub body: Vec<Piece>,
}

/// A piece of a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A sentence.
    Say(Sentence),
    /// What was recorded.
    Table {
        /// The names of the two columns.
        heads: [&'static str; 2],
        /// Name and value of each field that is shown.
        rows: Vec<[String; 2]>,
    },
    /// A sentence beside the point.
    Aside(Sentence),
}

/// Looks at a receipt as `comity receipt verify` does: the log's signature and the quorum of witnesses under the policy, the
/// proof, the entry, what is shown, and last the document, if there is one.
#[must_use]
pub fn examine(receipt: &[u8], policy: &Policy, document: Option<&[u8]>) -> Examined {
    let not_text = |_| ReceiptError::Canonical(CanonicalError::Syntax("it is not text in UTF-8".to_owned()));
    let receipt: Receipt = match std::str::from_utf8(receipt).map_err(not_text).and_then(str::parse) {
        Ok(receipt) => receipt,
        Err(error) => return Examined::NoReceipt(error),
    };
    let checked = match receipt.verify(policy) {
        Ok(checked) => checked,
        Err(error) => return Examined::DoesNotHold(error),
    };
    match document.map(|document| checked.is_of(document)).transpose() {
        Ok(belongs) => Examined::Holds(Box::new(checked), belongs),
        Err(error) => Examined::DoesNotHold(error.into()),
    }
}

impl Examined {
    /// What it comes to.
    #[must_use]
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Holds(..) => Outcome::Holds,
            Self::DoesNotHold(_) => Outcome::DoesNotHold,
            Self::NoReceipt(_) => Outcome::NoReceipt,
        }
    }

    /// The same in words.
    #[must_use]
    pub fn report(&self, language: Language) -> Report {
        let (detail, body) = match self {
            Self::Holds(checked, belongs) => (None, proved(checked, belongs.as_ref(), language)),
            Self::DoesNotHold(error) => (Some(error.to_string()), vec![Piece::Say(Sentence::of(word(reason(error), language), &[]))]),
            Self::NoReceipt(error) => (Some(error.to_string()), Vec::new()),
        };
        Report { outcome: self.outcome(), head: head(self.outcome(), language), detail, body }
    }
}

impl Report {
    /// What is said where the policy cannot be read.
    #[must_use]
    pub fn of_policy(error: &PolicyError, language: Language) -> Self {
        Self { outcome: Outcome::NoPolicy, head: head(Outcome::NoPolicy, language), detail: Some(error.to_string()), body: Vec::new() }
    }
}

/// A value as people read it: a text without its quotes.
#[must_use]
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn head(outcome: Outcome, language: Language) -> &'static str {
    let id = match outcome {
        Outcome::Holds => "holds",
        Outcome::DoesNotHold => "does-not-hold",
        Outcome::NoReceipt => "no-receipt",
        Outcome::NoPolicy => "no-policy",
    };
    word(id, language)
}

/// The id of the words that say what an error means for who holds the receipt.
const fn reason(error: &ReceiptError) -> &'static str {
    match error {
        ReceiptError::Proof(LogProofError::Trust(TrustError::UnknownLog { .. })) => "unknown-log",
        ReceiptError::Proof(LogProofError::Trust(TrustError::NoQuorum { .. })) => "too-few-witnesses",
        ReceiptError::Proof(LogProofError::Trust(TrustError::Checkpoint(_)) | LogProofError::Note(_)) => "wrong-signature",
        ReceiptError::Proof(LogProofError::Inclusion { .. } | LogProofError::Malformed { .. }) => "not-in-log",
        ReceiptError::Entry(_) | ReceiptError::Canonical(_) | ReceiptError::Key { .. } => "no-entry",
        ReceiptError::Disclosure(_) | ReceiptError::NoPayload => "shown-otherwise",
        ReceiptError::Document(_) => "other-document",
    }
}

const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Judgment => "kind-judgment",
        Kind::Crossing => "kind-crossing",
        Kind::Consent => "kind-consent",
        Kind::Message => "kind-message",
        Kind::Filing => "kind-filing",
        Kind::Custody => "kind-custody",
        Kind::Erasure => "kind-erasure",
        Kind::Succession => "kind-succession",
    }
}

fn proved(checked: &Checked, belongs: Option<&Match>, language: Language) -> Vec<Piece> {
    let (checkpoint, entry) = (&checked.trusted.checkpoint, &checked.entry);
    let (origin, day) = (checkpoint.origin(), entry.day());
    let say = |id: &str, given: &[(&str, &str)]| Piece::Say(Sentence::of(word(id, language), given));
    let (index, size) = (checked.index.to_string(), checkpoint.size().to_string());
    let place =
        [("index", index.as_str()), ("origin", origin), ("size", &size), ("kind", word(kind(entry.kind()), language)), ("day", day)];
    let mut body = vec![say("entry", &place)];
    if checked.trusted.witnesses.is_empty() {
        body.push(say("no-witness", &[]));
    }
    for (name, verified) in &checked.trusted.witnesses {
        body.push(match verified.seconds {
            Some(seconds) => say("cosigned-at", &[("name", name), ("when", &text::utc(seconds))]),
            None => say("cosigned", &[("name", name)]),
        });
    }
    body.extend(belongs.map(|belongs| match belongs {
        Match::Entry => say("document-is-entry", &[]),
        Match::Payload => say("document-is-payload", &[]),
        Match::Digest { field } => say("document-has-digest", &[("field", field)]),
    }));
    let list = |items: &[String]| listed(items, language);
    match entry.content() {
        Content::Commitment(_) if checked.shown.is_empty() && checked.hidden.is_empty() => body.push(say("nothing-shown", &[])),
        Content::Commitment(_) => {
            let rows = checked.shown.iter().map(|(name, value)| [name.clone(), plain(value)]).collect();
            body.push(Piece::Table { heads: [word("head-recorded", language), word("head-value", language)], rows });
            if !checked.hidden.is_empty() {
                body.push(Piece::Aside(Sentence::of(word("not-shown", language), &[("fields", &list(&checked.hidden))])));
            }
        }
        Content::Erased { entries, ground, role } => {
            let id = if entries.len() == 1 { "erased-one" } else { "erased-many" };
            let entries: Vec<String> = entries.iter().map(ToString::to_string).collect();
            body.push(say(id, &[("entries", &list(&entries)), ("role", role), ("ground", ground)]));
        }
        Content::Succeeds { origin, size, .. } => body.push(say("succeeds", &[("origin", origin), ("size", &size.to_string())])),
    }
    body
}

/// Words as people list them.
fn listed(items: &[String], language: Language) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{}{}{last}", first.join(word("list-between", language)), word("list-last", language)),
    }
}
