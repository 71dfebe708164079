// SPDX-License-Identifier: Apache-2.0
//! Columns of Parquet files, each under a key of its own (Apache Parquet, Modular Encryption, `AES_GCM_V1` with 256 bits).
//!
//! A key is drawn for each column and file, encrypted to the recipients of the column with age, and kept in the metadata of
//! the column in the form that Parquet's tools for keys have (`PKMT1`), so that their readers find it. The footer stays
//! readable and is signed: whoever has no key reads the columns that are not encrypted, and no more.

use super::keys;
use crate::CrossingError;
use crate::hints::Hints;
use crate::record::Output;
use crate::sink::{finish_below, new_below, properties};
use age::x25519::Recipient;
use comity_border::Manifest;
use comity_evidence::text::to_base64;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::encryption::encrypt::FileEncryptionProperties;
use parquet::file::properties::EnabledStatistics;
use parquet::schema::types::{ColumnPath, SchemaDescriptor};
use serde_json::json;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// The keys of one file, and the columns that they are for.
type Keyed = (Arc<FileEncryptionProperties>, Vec<ColumnPath>);

/// Encrypts columns.
pub(super) struct Columns {
    /// For each column its name, its recipients, and what these are called.
    columns: Vec<(String, Vec<Recipient>, String)>,
}

impl Columns {
    /// What encrypts the columns of a manifest; none where it asks for none.
    pub(super) fn new(manifest: &Manifest) -> Result<Option<Self>, CrossingError> {
        let mut columns = Vec::new();
        for column in manifest.columns.iter().filter(|column| !column.encrypt_to.is_empty()) {
            columns.push((column.name.clone(), keys(&column.encrypt_to)?, column.encrypt_to.join(" ")));
        }
        Ok((!columns.is_empty()).then_some(Self { columns }))
    }

    /// Puts a file with encrypted columns in place of each other one.
    pub(super) fn seal(&self, folder: &Path, outputs: &mut [Output]) -> Result<(), CrossingError> {
        for output in outputs.iter_mut() {
            let path = folder.join(&output.name);
            let failed = |error: &dyn std::fmt::Display| CrossingError::table(&path, error.to_string());
            let file = File::open(&path).map_err(CrossingError::file("cannot read", &path))?;
            let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
            let reader = ParquetRecordBatchReaderBuilder::try_new_with_options(file, options).map_err(|error| failed(&error))?;
            let Some((encryption, paths)) = self.keys(reader.parquet_schema(), &path)? else { continue };
            let mut properties = properties(&Hints::default()).into_builder().with_file_encryption_properties(encryption);
            for path in paths {
                // The least and the largest value are values.
                properties = properties.set_column_statistics_enabled(path, EnabledStatistics::None);
            }
            let options = ArrowWriterOptions::new().with_properties(properties.build()).with_skip_arrow_metadata(true);
            let schema = Arc::clone(reader.schema());
            let (below, draft) = new_below(&path)?;
            let mut writer = ArrowWriter::try_new_with_options(below, schema, options).map_err(|error| failed(&error))?;
            for batch in reader.build().map_err(|error| failed(&error))? {
                writer.write(&batch.map_err(|error| failed(&error))?).map_err(|error| failed(&error))?;
            }
            let below = writer.into_inner().map_err(|error| failed(&error))?;
            let file = finish_below(below, &draft, &path)?;
            let name = output.name.clone();
            output.replace(name, file);
        }
        Ok(())
    }

    /// Keys for the columns that a file has, and their paths; none where it has none of them.
    fn keys(&self, schema: &SchemaDescriptor, file: &Path) -> Result<Option<Keyed>, CrossingError> {
        let mut paths = Vec::new();
        let mut found: Vec<(String, Vec<u8>, Vec<u8>)> = Vec::new();
        let mut everybody: Vec<(&Recipient, &str)> = Vec::new();
        for (name, recipients, called) in &self.columns {
            // A nested column has several leaves, each of which is a column to Parquet.
            for leaf in schema.columns().iter().filter(|leaf| leaf.path().parts().first() == Some(name)) {
                let key = drawn()?;
                let metadata = wrapped(&key, recipients, called, false)?;
                found.push((leaf.path().string(), key, metadata));
                paths.push(leaf.path().clone());
            }
            everybody.extend(recipients.iter().zip(called.split(' ')));
        }
        if found.is_empty() {
            return Ok(None);
        }
        everybody.sort_by_key(|(_, called)| *called);
        everybody.dedup_by_key(|(_, called)| *called);
        let called: Vec<&str> = everybody.iter().map(|(_, called)| *called).collect();
        let recipients: Vec<Recipient> = everybody.iter().map(|(recipient, _)| (*recipient).clone()).collect();
        let footer = drawn()?;
        let metadata = wrapped(&footer, &recipients, &called.join(" "), true)?;
        let mut builder = FileEncryptionProperties::builder(footer).with_plaintext_footer(true).with_footer_key_metadata(metadata);
        for (path, key, metadata) in found {
            builder = builder.with_column_key_and_metadata(&path, key, metadata);
        }
        let built = builder.build().map_err(|error| CrossingError::table(file, error))?;
        Ok(Some((built, paths)))
    }
}

/// A new key of 256 bits.
fn drawn() -> Result<Vec<u8>, CrossingError> {
    let mut key = vec![0_u8; 32];
    let failed = |error: getrandom::Error| CrossingError::Keys(format!("no random bytes: {error}"));
    getrandom::fill(&mut key).map_err(failed)?;
    Ok(key)
}

/// A key encrypted to its recipients, as key material of Parquet's tools.
fn wrapped(key: &[u8], recipients: &[Recipient], called: &str, footer: bool) -> Result<Vec<u8>, CrossingError> {
    let failed = |error: &dyn std::fmt::Display| CrossingError::Keys(error.to_string());
    let recipients = recipients.iter().map(|recipient| recipient as &dyn age::Recipient);
    let encryptor = age::Encryptor::with_recipients(recipients).map_err(|error| failed(&error))?;
    let mut sealed = encryptor.wrap_output(Vec::new()).map_err(|error| failed(&error))?;
    std::io::Write::write_all(&mut sealed, key).map_err(|error| failed(&error))?;
    let sealed = sealed.finish().map_err(|error| failed(&error))?;
    let mut material = json!({
        "keyMaterialType": "PKMT1",
        "internalStorage": true,
        "isFooterKey": footer,
        "masterKeyID": called,
        "wrappedDEK": to_base64(&sealed),
        "doubleWrapping": false,
    });
    if footer && let Some(material) = material.as_object_mut() {
        // Of a service of keys there is none: age is what opens the key.
        material.insert("kmsInstanceID".to_owned(), json!("DEFAULT"));
        material.insert("kmsInstanceURL".to_owned(), json!("DEFAULT"));
    }
    Ok(material.to_string().into_bytes())
}
