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

/// What a server of PostgreSQL still has of a payload and its key after they were erased, and what it never had.
#[cfg(feature = "postgres")]
#[test]
fn a_server_keeps_sealed_bytes_for_a_while_and_never_had_the_key() {
    use comity_log::vault::KeysApart;
    if !Kind::Postgres.is_there() {
        return;
    }
    // Only who keeps the server can look into its files.
    let Some(data) = std::env::var_os("COMITY_POSTGRES_DATA").map(std::path::PathBuf::from) else { return };
    let home = Home::new(Kind::Postgres);
    let keys = SqliteVault::open(&home.folder().join("keys.sqlite")).unwrap();
    let mut vault = KeysApart::new(keys, home.vault());
    let (master, leaf) = (MasterKey::new(random(1)), support::leaf("entry"));
    let wrapped = master.wrap("m", &DataKey::new(random(2)), [3; 24]).unwrap();
    let clear = [b"the payload of a person: ".as_slice(), &random(4)].concat();
    let bytes = DataKey::new(random(2)).seal(leaf.as_bytes(), &clear, [5; 24]).unwrap();
    vault.keep_key("m", &wrapped).unwrap();
    vault.keep(&[Sealed { leaf, matter: "m".to_owned(), bytes: bytes.clone() }]).unwrap();
    // Neither nonces nor names, which are the same elsewhere.
    let part = |bytes: &[u8]| *bytes.last_chunk::<16>().unwrap();
    let (payload, key, text) = (part(&bytes), part(&wrapped), part(&clear));
    let schema = comity_log::postgres::schema(home.name());
    let found = |needle: &[u8; 16]| -> Vec<String> {
        support::remote::sql("CHECKPOINT");
        ["base", "pg_wal"].iter().filter(|part| somewhere(&data.join(part), needle)).map(|part| (*part).to_owned()).collect()
    };
    assert_eq!(found(&payload), ["base", "pg_wal"], "the search itself would find it");
    assert!(contains(home.folder(), &key).is_some());
    vault.erase("m").unwrap();
    let after_vacuum = found(&payload);
    support::remote::sql(&format!("VACUUM FULL {schema}.payloads"));
    let after_full = found(&payload);
    println!("sealed bytes of an erased payload: after VACUUM in {after_vacuum:?}, after VACUUM FULL in {after_full:?}");
    assert!(!after_full.contains(&"base".to_owned()), "{after_full:?}");
    // The key is nowhere any more, and the payload was never there unsealed: what is left opens with nothing.
    for never in [&key, &text] {
        assert_eq!((found(never), contains(home.folder(), never)), (vec![], None));
    }
}

/// Whether a server's files have these bytes. Files come and go while it runs.
#[cfg(feature = "postgres")]
fn somewhere(folder: &Path, needle: &[u8; 16]) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map_while(Result::ok);
    entries.map(|entry| entry.path()).any(|path| {
        let found = |content: Vec<u8>| {
            let mut rest = content.as_slice();
            while let Some(at) = rest.iter().position(|byte| *byte == needle[0]) {
                rest = rest.get(at..).unwrap_or_default();
                if rest.starts_with(needle) {
                    return true;
                }
                rest = rest.get(1..).unwrap_or_default();
            }
            false
        };
        if path.is_dir() { somewhere(&path, needle) } else { std::fs::read(&path).is_ok_and(found) }
    })
}
