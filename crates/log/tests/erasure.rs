// SPDX-License-Identifier: Apache-2.0
//! After erasing, no file has a byte of the payload or of its key.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use comity_evidence::Hash;
use comity_log::vault::{Sealed, SqliteVault};
use comity_log::{DataKey, MasterKey, Vault};
use std::path::Path;
use support::home::{Home, Kind};
use support::{assert_whole, grow};
use tempfile::TempDir;

/// Bytes that look like nothing else, different for each number.
fn random(number: u64) -> [u8; 32] {
    *Hash::of(&number.to_be_bytes()).as_bytes()
}

fn contains(folder: &Path, needle: &[u8]) -> Option<String> {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let found = if path.is_dir() {
            contains(&path, needle)
        } else {
            std::fs::read(&path).unwrap().windows(needle.len()).any(|window| window == needle).then(|| path.display().to_string())
        };
        if found.is_some() {
            return found;
        }
    }
    None
}

#[test]
fn nothing_of_what_was_erased_remains() {
    let home = Home::new(Kind::Embedded);
    let folder = home.folder();
    let mut writer = home.open().unwrap();
    grow(&mut writer, 300);
    writer.integrate(0).unwrap();
    let master = MasterKey::new(random(1));
    let mut vault = SqliteVault::open(&folder.join("vault.sqlite")).unwrap();
    let mut kept = Vec::new();
    for matter in 0..20_u64 {
        let name = format!("matter-{matter}");
        let key = random(100 + matter);
        let wrapped = master.wrap(&name, &DataKey::new(key), [u8::try_from(matter).unwrap(); 24]).unwrap();
        assert!(vault.keep_key(&name, &wrapped).unwrap());
        assert!(!vault.keep_key(&name, b"another").unwrap(), "the first key stays");
        for number in 0..10_u64 {
            let payload = [b"the payload of a person: ".as_slice(), &random(1000 + matter * 10 + number)].concat();
            let leaf = support::leaf(&format!("entry {}", matter * 10 + number));
            let nonce = [u8::try_from(number).unwrap(); 24];
            let bytes = DataKey::new(key).seal(leaf.as_bytes(), &payload, nonce).unwrap();
            vault.keep(&[Sealed { leaf, matter: name.clone(), bytes: bytes.clone() }]).unwrap();
            kept.push((matter, leaf, payload, bytes));
        }
        kept.push((matter, support::leaf("none"), key.to_vec(), wrapped));
    }
    let opened = |vault: &mut SqliteVault, leaf| {
        let sealed = vault.read(leaf).unwrap()?;
        let key = master.unwrap(&sealed.matter, &vault.key(&sealed.matter).unwrap()?).unwrap();
        Some(key.open(leaf.as_bytes(), &sealed.bytes).unwrap().to_vec())
    };
    for (_, leaf, payload, sealed) in kept.iter().filter(|(_, leaf, ..)| *leaf != support::leaf("none")) {
        assert_eq!(opened(&mut vault, leaf).as_ref(), Some(payload));
        assert!(contains(folder, &sealed[30..]).is_some(), "the search itself would find it");
        assert!(contains(folder, payload).is_none(), "no payload is ever stored in clear");
    }
    assert_eq!(vault.of_matter("matter-7").unwrap().len(), 10);
    for matter in [7, 0, 19] {
        vault.erase(&format!("matter-{matter}")).unwrap();
        assert_eq!(vault.key(&format!("matter-{matter}")).unwrap(), None);
    }
    let erased = |matter: u64| [7, 0, 19].contains(&matter);
    for (matter, leaf, clear, stored) in &kept {
        assert_eq!(contains(folder, clear), None);
        // Not even a part: the nonce, the ends, the middle.
        for part in stored.chunks(16).filter(|part| part.len() == 16) {
            let found = contains(folder, part);
            // A nonce of one byte repeated stands at the beginning of others too.
            let telling = part.iter().any(|byte| *byte != part[0]);
            assert!(!(erased(*matter) && telling && found.is_some()), "{found:?}");
        }
        if erased(*matter) {
            assert_eq!(opened(&mut vault, leaf), None);
        }
    }
    // All proofs still hold, and the others' payloads are there.
    assert_whole(&home, 300);
    assert!(
        kept.iter()
            .filter(|(matter, leaf, ..)| !erased(*matter) && *leaf != support::leaf("none"))
            .all(|(_, leaf, ..)| opened(&mut vault, leaf).is_some())
    );
    // Erasing what is not there is done already.
    vault.erase("matter-7").unwrap();
}

#[test]
fn an_erasure_that_a_reader_holds_up_says_so() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("vault.sqlite");
    let mut vault = SqliteVault::open(&file).unwrap();
    vault.keep_key("matter", &random(1)).unwrap();
    // Another process in the middle of reading keeps the write-ahead log alive.
    let reading = rusqlite::Connection::open(&file).unwrap();
    reading.execute_batch("BEGIN; SELECT * FROM keys;").unwrap();
    vault.set_patience(std::time::Duration::from_millis(50)).unwrap();
    let error = vault.erase("matter").unwrap_err().to_string();
    assert!(error.contains("try again"), "{error}");
    reading.execute_batch("COMMIT").unwrap();
    vault.erase("matter").unwrap();
    assert_eq!(contains(folder.path(), &random(1)), None);
}
