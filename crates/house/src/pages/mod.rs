// SPDX-License-Identifier: Apache-2.0
//! The reference pages that come from the source.

mod coverage;
mod flow_file;
mod instruments;
mod table;
mod vocabulary;

use comity_law::library::embedded;
use comity_law::{Diagnostic, Library, Severity, check};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The folder that holds nothing but generated pages.
const INSTRUMENTS: &str = "docs/reference/instruments/";

/// What is wrong with the library that is built in, one sentence each: pages of a broken one would be wrong too.
#[must_use]
pub fn library_errors() -> Vec<String> {
    let (library, mut diagnostics) = library();
    diagnostics.extend(check(&library, coverage::AS_OF));
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    errors
        .map(|diagnostic| {
            let (name, line, column) = library.place(diagnostic);
            format!("law/{name}:{line}:{column}: {}", diagnostic.message)
        })
        .collect()
}

fn library() -> (Library, Vec<Diagnostic>) {
    Library::read(embedded().iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())))
}

/// Every generated page: path from the root, and text.
#[must_use]
pub fn all() -> BTreeMap<String, String> {
    let (library, _) = library();
    let mut pages = BTreeMap::from([
        ("docs/reference/keys.md".to_owned(), vocabulary::keys()),
        ("docs/reference/terms.md".to_owned(), vocabulary::terms()),
        ("docs/reference/flow-file.md".to_owned(), flow_file::page()),
        ("docs/reference/coverage.md".to_owned(), coverage::page(&library)),
        (format!("{INSTRUMENTS}README.md"), instruments::index(&library)),
    ]);
    for instrument in &library.instruments {
        pages.insert(format!("{INSTRUMENTS}{}.md", instrument.id.text), instruments::page(&library, instrument));
    }
    pages
}

/// The pages that are not as they should be, with what they should say; none: the page should not be there.
///
/// # Errors
///
/// If the folder cannot be read.
pub fn stale(root: &Path) -> Result<Vec<(String, Option<String>)>, String> {
    let pages = all();
    let files = crate::tree::files(root).map_err(|error| error.to_string())?;
    let left_over = files.into_iter().filter(|path| path.starts_with(INSTRUMENTS) && !pages.contains_key(path));
    let mut stale: Vec<(String, Option<String>)> = left_over.map(|path| (path, None)).collect();
    for (path, text) in pages {
        if fs::read_to_string(root.join(&path)).ok().as_deref() != Some(&text) {
            stale.push((path, Some(text)));
        }
    }
    Ok(stale)
}

/// The line under the heading of every generated page.
const GENERATED: &str =
    "*This page is generated from the source by `cargo run -p comity-house -- write`; change the source, not the page.*\n\n";
