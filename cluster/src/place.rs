// SPDX-License-Identifier: Apache-2.0
//! Where an executor stands, and whether the exporter's data may be worked on there.
//!
//! Rows that are read in another country than the exporter's have left it: that would be the transfer, before any law was
//! asked. So an executor works where the exporter is, and nowhere else.

use comity_flow::{Format, Value, read};
use comity_terms::{Scheme, Term, vocabulary};

/// The places of the exporter: its seat, and where it has an establishment in whose activities the data are processed.
const KEYS: [&str; 2] = ["exporter.seat", "exporter.established_in"];

/// A place that an executor states as its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(Term);

impl Place {
    /// The place with this code.
    ///
    /// # Errors
    ///
    /// What was expected and found, with the nearest code.
    pub fn parse(code: &str) -> Result<Self, String> {
        let words = vocabulary();
        words.place(code).map(Self).ok_or_else(|| {
            let near = words.nearest(Scheme::Place, code).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            format!("expected the code of a place, such as `IE`, found `{code}`{near}")
        })
    }

    /// The code.
    pub fn code(self) -> &'static str {
        vocabulary().id(self.0)
    }

    /// Whether data under the flow of a plan may be worked on here.
    ///
    /// # Errors
    ///
    /// Why not: the exporter is elsewhere, or the flow does not say where it is.
    pub fn admits(self, flow: &str) -> Result<(), String> {
        let words = vocabulary();
        let flow = read(flow, Format::Toml, &|name| Err(format!("a plan has no profile `{name}`")));
        let flow = flow.map_err(|problems| {
            format!("the flow of the plan cannot be read: {}", problems.first().map_or_else(String::new, ToString::to_string))
        })?;
        let mut places = Vec::new();
        for key in KEYS.into_iter().filter_map(|key| words.key(key)) {
            match flow.facts.get(&key) {
                Some(Value::One(term)) => places.push(*term),
                Some(Value::Many(set)) => places.extend(set.iter().filter_map(|index| words.term_at(Scheme::Place, index))),
                _ => {}
            }
        }
        places.sort_unstable();
        places.dedup();
        if places.is_empty() {
            return Err("the flow does not say where the exporter is (`exporter.seat`), so that no executor may work for it".to_owned());
        }
        if places.iter().any(|place| words.is_below(self.0, *place)) {
            return Ok(());
        }
        let names: Vec<&str> = places.iter().map(|place| words.id(*place)).collect();
        Err(format!(
            "this executor is in {}, and the exporter in {}: rows that it read would have left the country",
            self.code(),
            names.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn a_slip_is_told() {
        assert_eq!(Place::parse("IE").map(Place::code), Ok("IE"));
        assert!(Place::parse("Ireland").is_err_and(|error| error.contains("found `Ireland`")));
    }

    #[test]
    fn data_are_worked_on_where_the_exporter_is_and_nowhere_else() {
        let flow = |exporter: &str| format!("id = \"a\"\n[exporter]\n{exporter}\n[importer]\nseat = \"US\"\n");
        let admits = |place: &str, exporter: &str| Place::parse(place).and_then(|place| place.admits(&flow(exporter)));
        assert_eq!(admits("IE", "seat = \"IE\""), Ok(()));
        let elsewhere = "this executor is in US, and the exporter in IE: rows that it read would have left the country";
        assert_eq!(admits("US", "seat = \"IE\""), Err(elsewhere.to_owned()));
        // Within one market data may move freely; that they move is a transfer all the same where a law says so.
        assert!(admits("DE", "seat = \"IE\"").is_err());
        assert_eq!(admits("DE", "seat = \"IE\"\nestablished_in = [\"DE\"]"), Ok(()));
        assert!(admits("US", "seat = \"IE\"\nestablished_in = [\"DE\"]").is_err());
        // A part of the country is in the country, and not the other way round.
        assert_eq!(admits("US-CA", "seat = \"US\""), Ok(()));
        // Nobody knows where the exporter is.
        assert!(admits("IE", "name = \"A\"").is_err_and(|error| error.contains("does not say where the exporter is")));
        assert!(Place::parse("IE").and_then(|place| place.admits("no flow")).is_err());
    }
}
