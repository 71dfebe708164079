// SPDX-License-Identifier: Apache-2.0
//! Receipts of every kind, right, wrong and tampered with, for the tests of all that checks receipts. Made from fixed keys.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly, its helpers too")]
#![allow(dead_code, reason = "each test uses some of these")]

use comity_evidence::entry::Kind;
use comity_evidence::note::{Algorithm, SigningKey};
use comity_evidence::report::Outcome::{self, DoesNotHold, Holds, NoPolicy, NoReceipt};
use comity_evidence::{Checkpoint, Disclosure, Edge, Entry, Hash, LogProof, Payload, Receipt, Salt, text};

/// A receipt with what it is checked against, and what must come of it.
pub struct Case {
    pub name: &'static str,
    pub receipt: Vec<u8>,
    pub policy: Vec<u8>,
    pub document: Option<Vec<u8>>,
    pub outcome: Outcome,
}

pub const ORIGIN: &str = "clinic.example/log/2026";
/// The form that a person signed.
pub const FORM: &str = "\
Lakeside Clinic, form 7
I agree that my laboratory results of 2026 are sent to the Institute of Heart Research in Nairobi,
for the study on blood pressure and for nothing else. I can take this back at any time.
";
/// Written by the clinic's machine on 24 November 2026.
const WHEN: u64 = 1_795_512_600;

fn key(name: &str, seed: u8, algorithm: Algorithm) -> SigningKey {
    SigningKey::from_seed(name, algorithm, [seed; 32]).unwrap()
}

fn log() -> SigningKey {
    key(ORIGIN, 1, Algorithm::Ed25519)
}

/// The key of the same log for its second line, against quantum computers.
fn second() -> SigningKey {
    key(ORIGIN, 1, Algorithm::MlDsa44Cosignature)
}

fn witness(name: &str, seed: u8) -> SigningKey {
    key(name, seed, Algorithm::Ed25519Cosignature)
}

fn authority() -> SigningKey {
    witness("authority.example/witness", 2)
}

fn society() -> SigningKey {
    witness("patients.example/witness", 3)
}

/// A policy that trusts the log where both witnesses have cosigned.
pub fn trust() -> String {
    format!(
        "# Whom to trust for receipts of Lakeside Clinic.\nlog {}\nwitness authority {}\nwitness patients {}\ngroup both all authority patients\nquorum both\n",
        log().verifying_key(),
        authority().verifying_key(),
        society().verifying_key()
    )
}

/// A policy for another log.
pub fn others() -> String {
    format!(
        "# Whom to trust for receipts of another log.\nlog {}\nquorum none\n",
        key("school.example/log", 7, Algorithm::Ed25519).verifying_key()
    )
}

pub fn payload() -> Payload {
    let digest = Hash::of(FORM.as_bytes()).to_hex();
    Payload::parse(&format!(
        r#"{{"consent":true,"form":"sha256:{digest}","given-by":"patient 31","purpose":"study on blood pressure","to":"Institute of Heart Research, Nairobi"}}"#
    ))
    .unwrap()
}

fn salt() -> Salt {
    Salt::new([9; 32])
}

fn consent() -> Vec<u8> {
    Entry::of_payload(Kind::Consent, "2026-11-24", payload().commitment(&salt())).unwrap().to_bytes()
}

/// The receipt of a leaf that stands as number 2 between others, with both cosignatures.
fn receipt_of(entry: &[u8], disclosure: Option<Disclosure>) -> Receipt {
    let leaf = Hash::of_leaf;
    let (first, second, after) = (leaf(b"first"), leaf(b"second"), leaf(b"after"));
    let mut edge = Edge::default();
    for hash in [first, second, leaf(entry), after] {
        edge.push(hash, &mut |_, _| {});
    }
    let mut note = Checkpoint::new(ORIGIN, 4, edge.root()).unwrap().to_note().unwrap();
    note.sign(&log(), WHEN).unwrap();
    note.sign(&authority(), WHEN + 2).unwrap();
    note.sign(&society(), WHEN + 63).unwrap();
    let hashes = vec![after, Hash::of_node(&first, &second)];
    Receipt { entry: entry.to_vec(), proof: LogProof { extra: None, index: 2, hashes, checkpoint: note }, disclosure }
}

fn receipt(disclosure: Option<Disclosure>) -> String {
    receipt_of(&consent(), disclosure).to_string()
}

/// The receipt that the clinic gave.
pub fn whole() -> String {
    receipt(Some(payload().disclose_all(&salt())))
}

/// The receipt of a log that signs with both its keys.
fn twice_signed() -> String {
    let mut receipt = receipt_of(&consent(), Some(payload().disclose_all(&salt())));
    receipt.proof.checkpoint.sign(&second(), WHEN).unwrap();
    receipt.to_string()
}

/// The same, after somebody wrote another recipient into it.
pub fn tampered() -> String {
    whole().replace("Nairobi", "Springfield")
}

fn erasure(entries: Vec<u64>) -> Entry {
    Entry::of_erasure("2026-11-28", entries, "GDPR Art. 17(1)(b)", "privacy officer").unwrap()
}

pub fn cases() -> Vec<Case> {
    let case = |name, receipt: String, policy: String, document: Option<&[u8]>, outcome| Case {
        name,
        receipt: receipt.into_bytes(),
        policy: policy.into_bytes(),
        document: document.map(<[u8]>::to_vec),
        outcome,
    };
    let good = |name, receipt| case(name, receipt, trust(), None, Holds);
    let bad = |name, receipt| case(name, receipt, trust(), None, DoesNotHold);
    let none = |name, receipt: &str| case(name, receipt.to_owned(), trust(), None, NoReceipt);
    let part = || receipt(Some(payload().disclose(&salt(), &["consent", "purpose"]).unwrap()));
    let hostile = Payload::parse(
        r#"{"</script><script>document.title='run'</script>":"<img src=x onerror=\"document.title='run'\">","ملاحظة":"نص \u202e مقلوب","rest":{"list":[1,null,"a\nb"]},"zero":""}"#,
    )
    .unwrap();
    let hostile_entry = Entry::of_payload(Kind::Message, "2026-11-24", hostile.commitment(&salt())).unwrap().to_bytes();
    let before = Checkpoint::new("clinic.example/log/2025", 1204, Hash::of(b"root")).unwrap();
    let document_changed = payload().to_text().replace("Nairobi", "Springfield");
    let log_key = log().verifying_key().to_string();
    let another_key = trust().replace(&log_key, &key(ORIGIN, 8, Algorithm::Ed25519).verifying_key().to_string());
    let third = format!("witness third {}\ngroup all all both third\nquorum all\n", witness("third.example", 4).verifying_key());
    let line = |text: &str, start: &str| text.lines().find(|line| line.trim_start().starts_with(start)).unwrap().to_owned();
    let root = line(&whole(), "\"— clinic");
    let second_key = second().verifying_key();
    let of_second = || format!("log {second_key}\nquorum none\n");
    let of_both = || format!("log {second_key}\n{}", trust());
    // A signature of 2,420 bytes makes the longest line.
    let long = twice_signed().lines().max_by_key(|line| line.len()).unwrap().to_owned();
    let changed: String =
        (0..).zip(long.chars()).map(|(place, letter)| if place == 2000 { if letter == 'A' { 'B' } else { 'A' } } else { letter }).collect();
    vec![
        good("whole", whole()),
        good("part", part()),
        good("bare", receipt(None)),
        good("hostile-texts", receipt_of(&hostile_entry, Some(hostile.disclose_all(&salt()))).to_string()),
        good("erasure", receipt_of(&erasure(vec![0, 1, 3]).to_bytes(), None).to_string()),
        good("erasure-of-one", receipt_of(&erasure(vec![1]).to_bytes(), None).to_string()),
        good("succession", receipt_of(&Entry::of_succession("2026-01-01", &before).unwrap().to_bytes(), None).to_string()),
        case("no-witness-asked", whole(), format!("log {log_key}\nquorum none\n"), None, Holds),
        case("second-line-unknown", twice_signed(), trust(), None, Holds),
        case("second-line-asked", twice_signed(), of_second(), None, Holds),
        case("second-line-beside", twice_signed(), of_both(), None, Holds),
        case("second-line-missing", whole(), of_second(), None, DoesNotHold),
        case("second-line-changed", twice_signed().replace(&long, &changed), of_both(), None, DoesNotHold),
        case("document-by-digest", whole(), trust(), Some(FORM.as_bytes()), Holds),
        case("document-is-payload", part(), trust(), Some(payload().to_text().as_bytes()), Holds),
        case("document-is-entry", receipt(None), trust(), Some(&consent()), Holds),
        bad("value-changed", tampered()),
        bad("value-left-out", part().replacen("\"name\": \"consent\"", "\"name\": \"consented\"", 1)),
        bad("other-fields", receipt(Some(payload().disclose_all(&Salt::new([1; 32]))))),
        bad("entry-changed", whole().replace(&text::to_base64(&consent()), &text::to_base64(&erasure(vec![1]).to_bytes()))),
        bad("other-number", whole().replace("index 2", "index 3")),
        bad("checkpoint-changed", whole().replace("\"4\"", "\"5\"")),
        bad("signature-left-out", whole().replace(&format!("{root}\n"), "")),
        bad("witness-left-out", whole().replace(&format!(",\n{}", line(&whole(), "\"— patients").trim_end()), "")),
        bad("nothing-to-show", receipt_of(&erasure(vec![1]).to_bytes(), Some(payload().disclose_all(&salt()))).to_string()),
        bad("no-entry", receipt_of(b"not an entry", None).to_string()),
        case("unknown-log", whole(), others(), None, DoesNotHold),
        case("another-key", whole(), another_key, None, DoesNotHold),
        case("too-few-witnesses", whole(), trust().replace("quorum both\n", &third), None, DoesNotHold),
        case("other-document", whole(), trust(), Some(b"another form"), DoesNotHold),
        case("other-value", whole(), trust(), Some(document_changed.as_bytes()), DoesNotHold),
        case("nothing-to-compare", receipt(None), trust(), Some(FORM.as_bytes()), DoesNotHold),
        none("empty", ""),
        none("other-json", "{}"),
        none("policy-as-receipt", &trust()),
        none("later-version", &whole().replace("receipt/1", "receipt/2")),
        none("unknown-key", &whole().replace("\"about\"", "\"note\"")),
        none("key-twice", &whole().replacen('{', "{\"comity\": \"receipt/1\",", 1)),
        none("broken-proof", &whole().replace("index 2", "index two")),
        Case { name: "not-utf-8", receipt: vec![b'{', 0xff, 0xfe, b'}'], policy: trust().into(), document: None, outcome: NoReceipt },
        case("broken-policy", whole(), trust().replace("group both all", "group both most"), None, NoPolicy),
        case("no-quorum", whole(), trust().replace("quorum both\n", ""), None, NoPolicy),
        case("receipt-as-policy", whole(), whole(), None, NoPolicy),
        Case { name: "policy-not-utf-8", receipt: whole().into(), policy: vec![0xff, 0xfe], document: None, outcome: NoPolicy },
    ]
}
