// SPDX-License-Identifier: Apache-2.0
//! Which places have an instrument.

use super::GENERATED;
use super::table::Table;
use comity_law::Library;
use comity_law::ast::Kind;
use comity_terms::{Scheme, vocabulary};
use jiff::civil::{Date, date};
use std::fmt::Write as _;

/// The day on which groups are resolved: pages know no today.
pub const AS_OF: Date = date(2026, 1, 1);

/// The page.
pub fn page(library: &Library) -> String {
    let words = vocabulary();
    let mut page = format!("# Coverage\n\n{GENERATED}");
    let _ = writeln!(
        page,
        "A place without an instrument is *uncovered*.\n\
         Where such a place could govern a flow, the judgment names it and does not say that the flow is lawful.\n\
         Coverage says that an instrument is there, not that it is complete: [the page of each instrument](instruments/README.md) says what rests on memory.\n\
         Members of groups are those of {AS_OF}.\n"
    );
    let mut table = Table::new(&["place", "name", "instruments"]);
    let mut uncovered = Vec::new();
    for (index, entry) in words.entries(Scheme::Place).iter().enumerate() {
        let index = u16::try_from(index).unwrap_or(u16::MAX);
        let laws = library.instruments.iter().filter(|instrument| instrument.kind == Kind::Law);
        let own: Vec<String> = laws
            .filter(|instrument| instrument.of.as_ref().is_some_and(|of| of.on(words, AS_OF).has(index)))
            .map(|instrument| format!("[{0}](instruments/{0}.md)", instrument.id.text))
            .collect();
        if own.is_empty() {
            uncovered.push(entry.id.as_str());
        } else {
            table.row([format!("`{}`", entry.id), entry.label.clone(), own.join(", ")]);
        }
    }
    let covered = words.entries(Scheme::Place).len() - uncovered.len();
    let _ = writeln!(page, "## Places with an instrument ({covered})\n");
    page.push_str(&table.text());
    let _ = writeln!(page, "## Places without one ({})\n\n{}", uncovered.len(), uncovered.join(", "));
    page
}
