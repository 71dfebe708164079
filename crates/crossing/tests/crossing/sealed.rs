// SPDX-License-Identifier: Apache-2.0
//! Files that are encrypted to the recipient: nothing clear leaves, and what is decrypted is what the reference says.

use crate::common::{MANIFEST, planned};
use comity_crossing::{CrossingError, recipients};

fn to(keys: &str) -> String {
    MANIFEST.replace("table = \"people\"", &format!("table = \"people\"\nencrypt_to = [{keys}]"))
}

#[cfg(feature = "age")]
#[test]
fn what_is_encrypted_is_read_by_the_recipient_alone() {
    use crate::common::{bytes_of, people, secret, write_parquet};
    use crate::{job, read, write_csv};
    use comity_border::reference::{Fate, fate};
    use comity_crossing::cross;
    use comity_evidence::Hash;
    use std::fs;
    use std::io::Read;

    let (key, other) = (age::x25519::Identity::generate(), age::x25519::Identity::generate());
    let manifest = to(&format!("\"{}\"", key.to_public()));
    let rows = people(300, 23, false);
    for format in ["parquet", "csv"] {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join(format!("people.{format}"));
        if format == "csv" {
            write_csv(&input, &rows)
        } else {
            write_parquet(&input, &rows, 100)
        }
        let inputs = [input];
        let (plan, _) = planned(&inputs, &manifest);
        let job = job(folder.path(), &inputs);
        let crossed = cross(&plan, Some(&secret()), &job, &mut |_| true).unwrap();
        let outputs = crossed.record["outputs"].as_array().unwrap();
        assert_eq!(crossed.record["encrypted_to"][0], key.to_public().to_string());
        let plain = folder.path().join("plain");
        fs::create_dir(&plain).unwrap();
        for output in outputs {
            let sealed = fs::read(job.to.join(output["name"].as_str().unwrap())).unwrap();
            assert_eq!(output["digest"], Hash::of(&sealed).to_hex());
            let open = |key: &age::x25519::Identity| -> Option<Vec<u8>> {
                let mut clear = Vec::new();
                let mut reader = age::Decryptor::new(sealed.as_slice()).ok()?.decrypt(std::iter::once(key as &dyn age::Identity)).ok()?;
                reader.read_to_end(&mut clear).ok()?;
                Some(clear)
            };
            assert!(open(&other).is_none());
            let clear = open(&key).unwrap();
            assert_eq!(output["clear"]["digest"], Hash::of(&clear).to_hex());
            assert_eq!(output["clear"]["size"], clear.len());
            fs::write(plain.join(output["clear"]["name"].as_str().unwrap()), clear).unwrap();
        }
        // In all that leaves nothing is clear; what stays with the exporter is.
        let expected: Vec<_> = rows
            .iter()
            .filter_map(|row| if let Fate::Passed(row) = fate(&plan, Some(&secret()), row) { Some(row) } else { None })
            .collect();
        assert_eq!(read(&plain), expected, "{format}");
        let sent: Vec<u8> = bytes_of(&job.to).into_iter().flat_map(|(_, bytes)| bytes).collect();
        for cell in rows.iter().flat_map(|row| row[..2].iter().flatten()).chain(expected.iter().filter_map(|row| row[0].as_ref())) {
            assert!(!sent.windows(cell.len()).any(|bytes| bytes == cell.as_bytes()), "{cell} leaked");
        }
        assert!(!folder.path().join("out.crossing").exists());
        let names: Vec<_> = bytes_of(&job.to).into_iter().map(|(path, _)| path).collect();
        assert!(
            names.iter().all(|path| path.ends_with("crossing.json") || path.extension().is_some_and(|ending| ending == "age")),
            "{names:?}"
        );
        assert!(cross(&plan, Some(&secret()), &job, &mut |_| true).unwrap().before, "it is not published twice");
    }
}

#[cfg(not(feature = "age"))]
#[test]
fn what_cannot_be_encrypted_does_not_leave() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("people.csv");
    crate::write_csv(&input, &crate::common::people(3, 1, true));
    let inputs = [input];
    let (plan, _) = planned(&inputs, &to(&format!("\"age1{}\"", "q".repeat(58))));
    assert!(matches!(recipients(&plan.manifest), Err(CrossingError::NoEncryption)));
    let error = comity_crossing::cross(&plan, Some(&crate::common::secret()), &crate::job(folder.path(), &inputs), &mut |_| true);
    assert!(matches!(error, Err(CrossingError::NoEncryption)), "{error:?}");
    assert!(!folder.path().join("out").exists());
}

#[cfg(feature = "age")]
#[test]
fn a_key_with_a_slip_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("people.csv");
    crate::write_csv(&input, &crate::common::people(3, 1, true));
    let (plan, _) = planned(&[input], &to(&format!("\"age1{}\"", "q".repeat(58))));
    assert!(matches!(recipients(&plan.manifest), Err(CrossingError::Recipient { .. })));
}

#[test]
fn what_is_no_key_at_all_is_told_with_its_line() {
    let problems = comity_border::Manifest::parse(&to("\"age1short\"")).unwrap_err();
    assert!(problems[0].to_string().starts_with("3:15: `encrypt_to`: expected a public key of age"), "{problems:?}");
}
