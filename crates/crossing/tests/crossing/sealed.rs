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

/// Opens keys as a recipient does who has this one.
#[cfg(feature = "age")]
struct Opens(age::x25519::Identity);

#[cfg(feature = "age")]
impl parquet::encryption::decrypt::KeyRetriever for Opens {
    fn retrieve_key(&self, metadata: &[u8]) -> parquet::errors::Result<Vec<u8>> {
        let failed = |error: &dyn std::fmt::Display| parquet::errors::ParquetError::General(error.to_string());
        let material: serde_json::Value = serde_json::from_slice(metadata).map_err(|error| failed(&error))?;
        assert_eq!(material["keyMaterialType"], "PKMT1");
        let sealed = comity_evidence::text::from_base64(material["wrappedDEK"].as_str().unwrap()).unwrap();
        let opened = age::Decryptor::new(sealed.as_slice()).map_err(|error| failed(&error))?;
        let mut reader = opened.decrypt(std::iter::once(&self.0 as &dyn age::Identity)).map_err(|error| failed(&error))?;
        let mut key = Vec::new();
        std::io::Read::read_to_end(&mut reader, &mut key).map_err(|error| failed(&error))?;
        Ok(key)
    }
}

#[cfg(feature = "age")]
#[test]
fn an_encrypted_column_is_read_by_its_recipient_and_the_others_by_all() {
    use crate::common::{bytes_of, people, secret, write_parquet};
    use crate::{job, texts};
    use comity_border::reference::{Fate, fate};
    use comity_crossing::{Format, Job, cross};
    use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
    use parquet::encryption::decrypt::FileDecryptionProperties;
    use std::sync::Arc;

    let [of_mail, of_points, stranger] = [(); 3].map(|()| age::x25519::Identity::generate());
    let manifest = MANIFEST.replace("[columns.email]", &format!("[columns.email]\nencrypt_to = [\"{}\"]", of_mail.to_public())).replace(
        "[columns.points]",
        &format!("[columns.points]\nencrypt_to = [\"{}\", \"{}\"]", of_points.to_public(), of_mail.to_public()),
    );
    let rows = people(900, 41, false);
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("people.parquet");
    write_parquet(&input, &rows, 250);
    let inputs = [input];
    let (plan, _) = planned(&inputs, &manifest);
    let job = job(folder.path(), &inputs);
    let csv = Job { to: folder.path().join("csv"), format: Some(Format::Csv), ..job.clone() };
    assert!(matches!(cross(&plan, Some(&secret()), &csv, &mut |_| true), Err(CrossingError::SealedColumns("csv"))));
    let crossed = cross(&plan, Some(&secret()), &job, &mut |_| true).unwrap();
    assert_eq!(crossed.record["columns_encrypted_to"]["points"].as_array().unwrap().len(), 2);
    let expected: Vec<Vec<Option<String>>> =
        rows.iter().filter_map(|row| if let Fate::Passed(row) = fate(&plan, Some(&secret()), row) { Some(row) } else { None }).collect();

    let parts = crossed.record["outputs"].as_array().unwrap();
    let open = |key: &age::x25519::Identity, columns: &[usize]| -> parquet::errors::Result<Vec<Vec<Option<String>>>> {
        let mut found = Vec::new();
        for part in parts {
            let bytes = bytes::Bytes::from(std::fs::read(job.to.join(part["name"].as_str().unwrap())).unwrap());
            let keys = FileDecryptionProperties::with_key_retriever(Arc::new(Opens(key.clone()))).build()?;
            let options = ArrowReaderOptions::new().with_file_decryption_properties(keys);
            let reader = ParquetRecordBatchReaderBuilder::try_new_with_options(bytes, options)?;
            let mask = parquet::arrow::ProjectionMask::roots(reader.parquet_schema(), columns.iter().copied());
            for batch in reader.with_projection(mask).build()? {
                found.extend(texts(&batch?));
            }
        }
        Ok(found)
    };
    let of = |columns: &[usize]| -> Vec<Vec<Option<String>>> {
        expected.iter().map(|row| columns.iter().map(|column| row[*column].clone()).collect()).collect()
    };
    let width = expected[0].len();
    let (all, points) = ((0..width).collect::<Vec<_>>(), width - 1);
    assert_eq!(open(&of_mail, &all).unwrap(), expected);
    assert_eq!(open(&of_points, &[points]).unwrap(), of(&[points]));
    assert!(open(&of_points, &[0]).is_err(), "the key of one column opens another");
    assert!(open(&stranger, &[0]).is_err() && open(&stranger, &[points]).is_err());

    // Without any key the other columns are there, as they are without encryption.
    let plain = |columns: &[usize]| -> parquet::errors::Result<Vec<Vec<Option<String>>>> {
        let mut found = Vec::new();
        for part in parts {
            let bytes = bytes::Bytes::from(std::fs::read(job.to.join(part["name"].as_str().unwrap())).unwrap());
            let reader = ParquetRecordBatchReaderBuilder::try_new(bytes)?;
            let mask = parquet::arrow::ProjectionMask::roots(reader.parquet_schema(), columns.iter().copied());
            for batch in reader.with_projection(mask).build()? {
                found.extend(texts(&batch?));
            }
        }
        Ok(found)
    };
    let others: Vec<usize> = (1..points).collect();
    assert_eq!(plain(&others).unwrap(), of(&others));
    assert!(plain(&[0]).is_err() && plain(&[points]).is_err());

    // No value of an encrypted column is in any byte: not in pages, dictionaries, statistics or the footer.
    let sent: Vec<u8> = bytes_of(&job.to).into_iter().flat_map(|(_, bytes)| bytes).collect();
    for cell in expected.iter().filter_map(|row| row[0].as_ref()) {
        assert!(!sent.windows(cell.len()).any(|bytes| bytes == cell.as_bytes()), "{cell} leaked");
    }
    for part in parts {
        let bytes = bytes::Bytes::from(std::fs::read(job.to.join(part["name"].as_str().unwrap())).unwrap());
        assert_eq!(part["digest"], comity_evidence::Hash::of(&bytes).to_hex());
        assert!(part["clear"]["digest"].is_string() && part["clear"]["digest"] != part["digest"]);
        let reader = ParquetRecordBatchReaderBuilder::try_new(bytes).unwrap();
        for group in reader.metadata().row_groups() {
            for at in [0, points] {
                let statistics = group.column(at).statistics();
                assert!(statistics.is_none_or(|statistics| statistics.min_bytes_opt().is_none()), "{statistics:?}");
            }
        }
    }
    assert!(cross(&plan, Some(&secret()), &job, &mut |_| true).unwrap().before);
}
