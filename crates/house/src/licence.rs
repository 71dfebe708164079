// SPDX-License-Identifier: Apache-2.0
//! The licences of everything that is built in.
//!
//! `deny.toml` holds the same list for `cargo deny`, which also looks for advisories; this check needs no network.

use serde_json::Value;

/// The licences that parts may have. ISC is MIT in other words, and the licence of the certificate checks of rustls;
/// CDLA-Permissive-2.0 is that of Mozilla's list of public roots, which is data: its text goes along, nothing else is asked.
pub const ALLOWED: &[&str] =
    &["Apache-2.0", "MIT", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CDLA-Permissive-2.0", "ISC", "Unicode-3.0", "Zlib"];

/// The packages whose licence is not allowed, one sentence each.
#[must_use]
pub fn faults(metadata: &Value) -> Vec<String> {
    let packages = metadata.get("packages").and_then(Value::as_array);
    let word = |package: &Value, key: &str| package.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    packages
        .into_iter()
        .flatten()
        .filter(|package| !allowed(&word(package, "license")))
        .map(|package| format!("`{}` has the licence `{}`, which is not on the list", word(package, "name"), word(package, "license")))
        .collect()
}

/// Whether an SPDX expression can be met with allowed licences.
#[must_use]
pub fn allowed(expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut tokens = spaced.split_whitespace().peekable();
    let met = either(&mut tokens);
    met && tokens.next().is_none()
}

type Tokens<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn either(tokens: &mut Tokens<'_>) -> bool {
    let mut met = both(tokens);
    while tokens.next_if(|token| *token == "OR").is_some() {
        // Both sides are read, whatever the first says.
        let other = both(tokens);
        met = met || other;
    }
    met
}

fn both(tokens: &mut Tokens<'_>) -> bool {
    let mut met = single(tokens);
    while tokens.next_if(|token| *token == "AND").is_some() {
        let other = single(tokens);
        met = met && other;
    }
    met
}

fn single(tokens: &mut Tokens<'_>) -> bool {
    if tokens.next_if(|token| *token == "(").is_some() {
        let met = either(tokens);
        return tokens.next() == Some(")") && met;
    }
    let met = tokens.next().is_some_and(|licence| ALLOWED.contains(&licence));
    // An exception only gives more leave than its licence.
    if tokens.next_if(|token| *token == "WITH").is_some() {
        tokens.next();
    }
    met
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn expressions_are_read() {
        assert!(allowed("MIT OR Apache-2.0"));
        assert!(allowed("MIT/Apache-2.0"));
        assert!(allowed("(MIT OR GPL-3.0) AND Unicode-3.0"));
        assert!(allowed("Apache-2.0 WITH LLVM-exception"));
        assert!(!allowed("MIT AND GPL-3.0"));
        assert!(!allowed("GPL-3.0"));
        assert!(!allowed(""));
    }
}
