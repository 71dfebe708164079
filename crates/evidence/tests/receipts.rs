// SPDX-License-Identifier: Apache-2.0
//! Commitments, entries and receipts: what is shown is what was recorded, and nothing else can be shown.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use comity_evidence::entry::Kind;
use comity_evidence::note::{Algorithm, SigningKey};
use comity_evidence::{Checkpoint, CommitmentError, Edge, Entry, Field, Hash, LogProof, Payload, Policy, Receipt, ReceiptError, Salt};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn payload(names: &[String]) -> Payload {
    let fields = names.iter().enumerate().map(|(place, name)| (name.clone(), json!({ "value": place })));
    Payload::new(fields.collect::<Map<_, _>>()).unwrap()
}

fn twenty() -> Payload {
    payload(&(0..20).map(|number| format!("field-{number:02}")).collect::<Vec<_>>())
}

fn key() -> SigningKey {
    SigningKey::from_seed("example.org/log/2026", Algorithm::Ed25519, [7; 32]).unwrap()
}

fn policy_of(key: &SigningKey) -> Policy {
    format!("log {}\nquorum none\n", key.verifying_key()).parse().unwrap()
}

fn policy() -> Policy {
    policy_of(&key())
}

/// The receipt of an entry that stands between two others.
fn receipt(entry: &Entry, disclosure: Option<comity_evidence::Disclosure>) -> Receipt {
    let (before, after) = (Hash::of_leaf(b"before"), Hash::of_leaf(b"after"));
    let mut edge = Edge::default();
    for leaf in [before, Hash::of_leaf(&entry.to_bytes()), after] {
        edge.push(leaf, &mut |_, _| {});
    }
    let mut note = Checkpoint::new("example.org/log/2026", 3, edge.root()).unwrap().to_note().unwrap();
    note.sign(&key(), 0).unwrap();
    Receipt {
        entry: entry.to_bytes(),
        proof: LogProof { extra: None, index: 1, hashes: vec![before, after], checkpoint: note },
        disclosure,
    }
}

#[test]
fn three_fields_of_twenty() {
    let (payload, salt) = (twenty(), Salt::new([9; 32]));
    let entry = Entry::of_payload(Kind::Judgment, "2026-11-29", payload.commitment(&salt)).unwrap();
    let shown = payload.disclose(&salt, &["field-03", "field-19", "field-07"]).unwrap();
    let written = receipt(&entry, Some(shown)).to_string();
    let checked = written.parse::<Receipt>().unwrap().verify(&policy()).unwrap();
    assert_eq!(checked.shown.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["field-03", "field-07", "field-19"]);
    assert_eq!((checked.hidden.len(), checked.index, checked.entry.day()), (17, 1, "2026-11-29"));
    // Nothing of the others is in the file: neither their values nor what would let one guess them.
    assert!(!written.contains("{\"value\":4}") && !written.contains(&Hash::from_bytes(*salt.as_bytes()).to_string()));
    assert_eq!(written.matches("\"salt\"").count(), 3);
    // A payload of other values has another commitment, and so has the same with another salt.
    assert_ne!(payload.commitment(&salt), payload.commitment(&Salt::new([8; 32])));
    assert!(matches!(payload.disclose(&salt, &["field-20"]), Err(CommitmentError::NoField { .. })));
}

#[test]
fn every_change_of_what_is_shown_is_refused() {
    let (payload, salt) = (twenty(), Salt::new([9; 32]));
    let root = payload.commitment(&salt);
    let shown = payload.disclose(&salt, &["field-03", "field-07"]).unwrap();
    shown.verify(&root).unwrap();
    let refused = |change: &dyn Fn(&mut Vec<Field>)| {
        let mut changed = shown.clone();
        change(&mut changed.fields);
        assert_ne!(changed, shown);
        changed.verify(&root).unwrap_err()
    };
    for place in 0..20 {
        assert_ne!(refused(&|fields| drop(fields.remove(place))), CommitmentError::Shape);
        refused(&|fields| fields.insert(place, fields[place].clone()));
        refused(&|fields| fields.swap(place, (place + 1) % 20));
        refused(&|fields| match &mut fields[place] {
            Field::Shown { value, .. } => *value = json!("forged"),
            Field::Hidden { commitment, .. } => *commitment = Hash::of(b"forged"),
        });
        refused(&|fields| match &mut fields[place] {
            Field::Shown { name, .. } | Field::Hidden { name, .. } => name.push('x'),
        });
        refused(&|fields| match &mut fields[place] {
            Field::Shown { salt, .. } => *salt = Hash::of(b"forged"),
            Field::Hidden { name, .. } => name.insert(0, '0'),
        });
    }
    refused(&|fields| fields.push(Field::Hidden { name: "field-99".to_owned(), commitment: Hash::of(b"") }));
    refused(&Vec::clear);
}

#[test]
fn two_values_for_one_field_cannot_be_recorded() {
    // Whoever writes the log could commit to one name twice, and show one value to each of two readers.
    let one = payload(&["verdict".to_owned()]).disclose_all(&Salt::new([1; 32])).fields.remove(0);
    let other = payload(&["verdict".to_owned()]).disclose_all(&Salt::new([2; 32])).fields.remove(0);
    let twice = comity_evidence::Disclosure { fields: vec![one, other] };
    assert_eq!(twice.verify(&Hash::of(b"any")).unwrap_err(), CommitmentError::Order("verdict".to_owned()));
}

#[test]
fn an_entry_has_one_way_of_being_written() {
    let commitment = Hash::of(b"commitment");
    let ended = Checkpoint::new("example.org/log/2025", 17, Hash::of(b"root")).unwrap();
    let entries = [
        Entry::of_payload(Kind::Custody, "2024-02-29", commitment).unwrap(),
        Entry::of_erasure("2026-11-29", vec![9, 3, 9], "GDPR Art. 17(1)(a)", "privacy officer").unwrap(),
        Entry::of_succession("2026-01-01", &ended).unwrap(),
    ];
    for entry in &entries {
        assert_eq!(Entry::from_bytes(&entry.to_bytes()).as_ref(), Ok(entry));
        assert!(entry.commitment().is_none_or(|found| *found == commitment));
    }
    let text = String::from_utf8(entries[0].to_bytes()).unwrap();
    assert_eq!(text, format!("{{\"comity\":\"entry/1\",\"commitment\":\"{commitment}\",\"day\":\"2024-02-29\",\"kind\":\"custody\"}}"));
    for (changed, problem) in [
        (text.replace(',', ", "), "canonical"),
        (text.replace("entry/1", "entry/2"), "reads no other"),
        (text.replace("custody", "custard"), "expected one of judgment"),
        (text.replace("02-29", "02-30"), "expected a day"),
        (text.replace("2024", "2023"), "expected a day"),
        (text.replace("\"day\"", "\"name\":\"Ada\",\"day\""), "no such field"),
        (text.replace("\"day\":\"2024-02-29\",", ""), "expected a text"),
        (text.replacen("\"comity\"", "\"comity\":\"entry/1\",\"comity\"", 1), "stands twice"),
        ("[]".to_owned(), "JSON object"),
        (String::new(), "not JSON"),
    ] {
        let error = Entry::from_bytes(changed.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(problem), "{changed}: {error}");
    }
    assert!(Entry::of_erasure("2026-11-29", vec![], "ground", "role").is_err());
    assert!(Entry::of_payload(Kind::Erasure, "2026-11-29", commitment).is_err());
}

#[test]
fn the_first_thing_that_does_not_hold_is_named() {
    let (payload, salt) = (twenty(), Salt::new([9; 32]));
    let entry = Entry::of_payload(Kind::Judgment, "2026-11-29", payload.commitment(&salt)).unwrap();
    let good = receipt(&entry, Some(payload.disclose_all(&salt)));
    good.verify(&policy()).unwrap();
    let another = policy_of(&SigningKey::from_seed("example.org/other", Algorithm::Ed25519, [3; 32]).unwrap());
    assert!(good.verify(&another).unwrap_err().to_string().contains("none that the policy trusts"));
    let forged =
        Receipt { entry: Entry::of_payload(Kind::Judgment, "2026-11-30", payload.commitment(&salt)).unwrap().to_bytes(), ..good.clone() };
    assert!(forged.verify(&policy()).unwrap_err().to_string().contains("not number 1 of the log"));
    let other = payload.disclose_all(&Salt::new([1; 32]));
    assert!(matches!(Receipt { disclosure: Some(other.clone()), ..good.clone() }.verify(&policy()), Err(ReceiptError::Disclosure(_))));
    let erasure = Entry::of_erasure("2026-11-29", vec![3], "GDPR Art. 17(1)(a)", "privacy officer").unwrap();
    assert_eq!(receipt(&erasure, Some(other)).verify(&policy()).unwrap_err(), ReceiptError::NoPayload);
    let text = good.to_string();
    for (changed, problem) in [
        (text.replace("receipt/1", "receipt/9"), "no receipt"),
        (text.replace("\"about\"", "\"abuot\""), "unknown"),
        (text.replace("\"salt\"", "\"sald\""), "expected `name` with"),
        (text.replace("index 1", "index 01"), "expected `index NUMBER`"),
        (text.replace("index 1", "index 2"), "not number 2"),
        (text.replace("— ", "- "), "`— NAME BASE64`"),
    ] {
        let error = changed.parse::<Receipt>().and_then(|receipt| receipt.verify(&policy()).map(drop)).unwrap_err().to_string();
        assert!(error.contains(problem), "{problem}: {error}");
    }
}

fn names() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::btree_set(".{0,8}", 1..30).prop_map(|names| names.into_iter().collect())
}

proptest! {
    #[test]
    fn any_part_of_any_payload_can_be_shown(names in names(), salt in any::<[u8; 32]>(), pick in any::<u64>()) {
        let (payload, salt) = (payload(&names), Salt::new(salt));
        let picked: Vec<&str> = names.iter().enumerate().filter(|(place, _)| pick >> (place % 64) & 1 == 1).map(|(_, name)| name.as_str()).collect();
        let root = payload.commitment(&salt);
        let shown = payload.disclose(&salt, &picked).unwrap();
        let verified = shown.verify(&root).unwrap();
        prop_assert_eq!(verified.iter().map(|(name, _)| *name).collect::<Vec<_>>(), picked);
        for (name, value) in verified {
            prop_assert!(payload.fields().iter().any(|(known, expected)| known == name && expected == value));
        }
        // Kept and read back, it is the same payload.
        prop_assert_eq!(Payload::parse(&payload.to_text()).unwrap().commitment(&salt), root);
        let entry = Entry::of_payload(Kind::Consent, "2026-11-29", root).unwrap();
        let receipt = receipt(&entry, Some(shown));
        prop_assert_eq!(receipt.to_string().parse::<Receipt>().unwrap(), receipt);
    }

    #[test]
    fn reading_never_panics(text in "(?s).{0,300}") {
        let _ = text.parse::<Receipt>();
        let _ = Entry::from_bytes(text.as_bytes());
        let _ = Payload::parse(&text);
        let _: Result<Value, _> = comity_evidence::canonical::parse(&text);
    }
}
