// SPDX-License-Identifier: Apache-2.0
//! What the fuzz targets for crossings assert, as plain functions of bytes.
//!
//! `cargo test` replays the committed corpora on a stable compiler; `docs/explanation/attack.md` says how to search on.

// The module itself, and not a copy: its crate keeps it to itself.
#[path = "../../../crates/crossing/src/splice/page.rs"]
mod page_headers;

use comity_border::{Manifest, Plan};
use comity_evidence::canonical::canonical;
use page_headers::{Header, Kind};

/// What a target is: a function of bytes that panics where something does not hold.
pub type Target = fn(&[u8]);

/// The targets by name.
pub const TARGETS: &[(&str, Target)] = &[("manifest", manifest), ("plan", plan), ("page", page)];

/// A text is a manifest, or has problems in lines that it has; what is read is read the same again, and fits its own columns.
pub fn manifest(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let lines = text.lines().count().max(1);
    match Manifest::parse(text) {
        Ok(manifest) => {
            assert_eq!(manifest.text, text, "a plan holds another text than was read");
            assert_eq!(Manifest::parse(text).as_ref(), Ok(&manifest));
            let names: Vec<&str> = manifest.columns.iter().map(|column| column.name.as_str()).collect();
            for column in &manifest.columns {
                assert!((1..=lines).contains(&column.line), "column `{}` is said to be on line {}", column.name, column.line);
                assert!(!column.measures.is_empty(), "column `{}` becomes nothing", column.name);
            }
            assert_eq!(manifest.against(&names), Vec::new());
            let _needed = manifest.keyed();
        }
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a reason");
            for problem in problems {
                // A problem at the end is on the line after the last.
                assert!((1..=lines + 1).contains(&problem.line) && !problem.message.is_empty(), "{problem:?}");
            }
        }
    }
}

/// A text is a plan only if it is written back as the same value; then it is the same plan, with the same hash.
pub fn plan(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match Plan::parse(text) {
        Ok(plan) => {
            let written = plan.to_text().unwrap();
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            assert_eq!(written, canonical(&value).unwrap(), "something that was read is not in the plan");
            let again = Plan::parse(&written).unwrap();
            assert_eq!((again.hash(), &again), (plan.hash(), &plan));
            for combination in plan.decisions.keys() {
                assert!(plan.outcome(combination).is_some());
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// The header of a page is as long as it says; changed, it is read with what was changed, and without statistics.
pub fn page(data: &[u8]) {
    let Some(header) = Header::read(data) else { return };
    assert!((1..=data.len()).contains(&header.length));
    assert!(Header::read(&data[..header.length - 1]).is_none(), "it could end earlier");
    assert_eq!(Header::read(&data[..header.length]).as_ref(), Some(&header));
    let Some(sizes) = header.sizes() else { return };
    let changed = header.with_sizes(sizes.0, sizes.1).unwrap();
    let again = Header::read(&changed).unwrap();
    assert_eq!((again.length, again.sizes(), again.kind()), (changed.len(), Some(sizes), header.kind()));
    assert_eq!(again.with_sizes(sizes.0, sizes.1).as_ref(), Some(&changed), "changed twice, it is not as changed once");
    let other = header.with_sizes(7, 1 << 30).unwrap();
    assert_eq!(Header::read(&other).unwrap().sizes(), Some((7, 1 << 30)));
    if let Kind::Dictionary { entries, .. } = header.kind() {
        assert!(matches!(again.kind(), Kind::Dictionary { entries: same, .. } if same == entries));
    }
}
