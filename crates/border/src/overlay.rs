// SPDX-License-Identifier: Apache-2.0
//! What one cell says of a flow: the facts that hold for the rows that have it.

use comity_flow::{Flow, Format, Value, read};
use comity_terms::{KeyId, KeyKind, vocabulary};
use jiff::civil::Date;

/// The table of consent, which a word may fill as a whole.
pub const CONSENT: &str = "safeguards.consent";
/// The day of the row.
pub const DAY: &str = "on";

/// Facts of a row that stand in place of those of the flow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overlay {
    /// The day to judge at.
    pub on: Option<Date>,
    /// The facts by key.
    pub facts: Vec<(KeyId, Value)>,
}

impl Overlay {
    /// Puts the facts into a flow.
    pub fn lay(&self, flow: &mut Flow) {
        if self.on.is_some() {
            flow.on = self.on;
        }
        for (key, value) in &self.facts {
            flow.facts.insert(*key, value.clone());
        }
    }

    /// What a value of TOML at a key path of the flow file says.
    ///
    /// A key that takes several terms also takes one by itself; consent takes `true`, `false`, or the list of what it is
    /// (`explicit`, `informed_of_risks`, `separate`, `freely_given`).
    ///
    /// # Errors
    ///
    /// What was expected and found, with the nearest spelling.
    pub fn of(path: &str, value: &str) -> Result<Self, String> {
        let fragment = if path == CONSENT { consent(value)? } else { format!("{path} = {}", listed(path, value)) };
        let problem = |problems: Vec<comity_flow::Problem>| {
            problems.first().map_or_else(String::new, |first| {
                let help = first.help.as_ref().map_or_else(String::new, |help| format!("; {help}"));
                format!("{}{help}", first.message)
            })
        };
        let flow = read(&fragment, Format::Toml, &|_| Err("a cell names no profile".to_owned())).map_err(problem)?;
        if path == DAY {
            return Ok(Self { on: flow.on, facts: Vec::new() });
        }
        let words = vocabulary();
        let below = format!("{path}.");
        let of_path =
            |key: KeyId| words.key_at(key).is_some_and(|key| key.path == path || (path == CONSENT && key.path.starts_with(&below)));
        Ok(Self { on: None, facts: flow.facts.into_iter().filter(|(key, _)| of_path(*key)).collect() })
    }

    /// Whether cells can say something of this key: of consent, of the day, and of every key outside `[safeguards]`.
    #[must_use]
    pub fn takes(path: &str) -> bool {
        path == CONSENT
            || path == DAY
            || (vocabulary().key(path).is_some() && !path.starts_with("safeguards.") && !path.starts_with("sender.") && path != "onward")
    }
}

/// The kind of a key; none for what is no single key.
#[must_use]
pub fn kind(path: &str) -> Option<KeyKind> {
    let words = vocabulary();
    words.key(path).and_then(|key| words.key_at(key)).map(|key| key.kind)
}

fn listed(path: &str, value: &str) -> String {
    let several = matches!(kind(path), Some(KeyKind::Many(_)));
    if several && !value.starts_with('[') { format!("[{value}]") } else { value.to_owned() }
}

fn consent(value: &str) -> Result<String, String> {
    let expected = || {
        format!(
            "`{CONSENT}`: expected `true`, `false`, or a list of what the consent is, such as [\"explicit\", \"informed_of_risks\"], found {value}"
        )
    };
    match value {
        "false" => Ok(String::new()),
        "true" => Ok(format!("[{CONSENT}]")),
        list if list.starts_with('[') => {
            let table: toml::Table = toml::from_str(&format!("of = {list}")).map_err(|_| expected())?;
            let items = table.get("of").and_then(toml::Value::as_array).ok_or_else(expected)?;
            let names = items.iter().map(|item| item.as_str().ok_or_else(expected)).collect::<Result<Vec<_>, _>>()?;
            let lines: String = names.iter().map(|name| format!("\n{name} = true")).collect();
            Ok(format!("[{CONSENT}]{lines}"))
        }
        _ => Err(expected()),
    }
}

#[cfg(test)]
mod tests {
    use super::Overlay;
    use comity_flow::Value;

    #[test]
    fn cells_speak_as_the_flow_file_does() {
        let place = Overlay::of("subjects.located", "\"IE\"");
        assert!(place.is_ok_and(|overlay| matches!(overlay.facts.as_slice(), [(_, Value::Many(bits))] if bits.len() == 1)));
        assert!(Overlay::of("on", "2024-03-01").is_ok_and(|overlay| overlay.on.is_some()));
        assert!(Overlay::of("subjects.youngest_age", "17").is_ok_and(|overlay| overlay.facts.len() == 1));
        let none = Overlay::of("safeguards.consent", "false").map(|overlay| overlay.facts);
        assert!(none.as_ref().is_ok_and(|facts| facts.iter().all(|(_, value)| *value == Value::Flag(false))), "{none:?}");
        let some = Overlay::of("safeguards.consent", "[\"explicit\"]").map(|overlay| overlay.facts);
        assert!(some.is_ok_and(|facts| facts.iter().filter(|(_, value)| *value == Value::Flag(true)).count() == 2));
    }

    #[test]
    fn slips_are_told() {
        let error = Overlay::of("subjects.located", "\"Irland\"").err().unwrap_or_default();
        assert!(error.contains("expected") && error.contains("Irland"), "{error}");
        let error = Overlay::of("safeguards.consent", "[\"explict\"]").err().unwrap_or_default();
        assert!(error.contains("explicit"), "{error}");
        assert!(!Overlay::takes("safeguards.contracts") && !Overlay::takes("nothing") && Overlay::takes("exporter.sector"));
    }
}
