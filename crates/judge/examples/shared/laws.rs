// SPDX-License-Identifier: Apache-2.0
//! Made-up laws of many rules: four general ones, and the others each test origin, destination, purpose and, half of
//! them, signed clauses.

use comity_terms::{Scheme, vocabulary};
use std::fmt::Write;

/// Terms without others below them.
fn leaves(scheme: Scheme, keep: impl Fn(&str) -> bool) -> Vec<&'static str> {
    let words = vocabulary();
    let terms = words.all(scheme);
    let terms = terms.iter().filter_map(|index| words.term_at(scheme, index));
    terms.filter(|term| words.below(*term).len() == 1).map(|term| words.id(term)).filter(|id| keep(id)).collect()
}

/// A law of so many provisions; in the edited one the last rule names another destination.
pub fn law(id: &str, provisions: usize, edited: bool) -> String {
    let places = leaves(Scheme::Place, |id| id.len() == 2 && id != "EU");
    let purposes = leaves(Scheme::Purpose, |_| true);
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut below = |bound: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap_or(0) % bound
    };
    let place = |at: usize| places.get(at).copied().unwrap_or("DE");
    let mut text = format!(
        "instrument {id} \"Transfer\" {{\n  kind law cite \"T\" in force 2020-01-01\n  applies here cite \"0\" when always\n  \
         restrict all cite \"0\" when always\n  permit adequate by adequacy cite \"1\" when importer.seat in {{ JP, NZ, GB, CH, KR }}\n  \
         permit consent by explicit-consent cite \"2\" needs safeguards.consent.explicit\n  \
         permit direct by transit cite \"3\" when route.direct_from_subject\n  \
         forbid special cite \"4\" when data.categories has health unless measure encryption-in-transit\n"
    );
    for number in 4..provisions {
        let (origin, destination, purpose, clauses) = (below(60), below(200), below(30), below(2) == 0);
        let destination = if edited && number + 1 == provisions { (destination + 1) % 200 } else { destination };
        let needs = if clauses { " needs contract eu.scc-2021/2" } else { "" };
        let purpose = purposes.get(purpose).copied().unwrap_or("analytics");
        let _ = writeln!(
            text,
            "  permit r{number} by comparable-protection cite \"{number}\" when exporter.seat is {} when importer.seat is {} \
             when purpose.of has {purpose}{needs}",
            place(origin),
            place(destination)
        );
    }
    text + "}\n"
}
