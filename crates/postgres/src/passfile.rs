// SPDX-License-Identifier: Apache-2.0
//! The password file of PostgreSQL's own tools.
//!
//! Source: PostgreSQL documentation, "The Password File": lines `hostname:port:database:username:password`, in which `*` stands
//! for anything, `\` goes before `:` and `\`, and `#` begins a remark. The first line that fits counts.

use zeroize::Zeroizing;

/// The password of a line, and whether what comes before it fits.
fn fits(line: &str, wanted: [&str; 4]) -> Option<Zeroizing<String>> {
    let mut fields: Vec<Zeroizing<String>> = vec![Zeroizing::default()];
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        let more = match letter {
            ':' if fields.len() < 5 => {
                fields.push(Zeroizing::default());
                continue;
            }
            '\\' => letters.next().unwrap_or('\\'),
            other => other,
        };
        fields.last_mut()?.push(more);
    }
    let password = (fields.len() == 5).then(|| fields.pop()).flatten()?;
    let same = fields.iter().zip(wanted).all(|(field, wanted)| field.as_str() == "*" || field.as_str() == wanted);
    same.then_some(password)
}

/// The password that a password file has for a host, port, database and user.
#[must_use]
pub fn in_passfile(text: &str, wanted: [&str; 4]) -> Option<Zeroizing<String>> {
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| fits(line, wanted))
}

#[cfg(test)]
mod tests {
    use super::in_passfile;

    #[test]
    fn the_first_line_that_fits_counts() {
        let file = "# db:5432:people:ada:remark\nshort:line\ndb:5432:people:bob:not-hers\ndb:5432:peo\\:ple:ada:with\\:colon:s\n*:5432:*:ada:later\r\n";
        let of = |wanted| in_passfile(file, wanted).map(|password| password.to_string());
        assert_eq!(of(["db", "5432", "peo:ple", "ada"]).as_deref(), Some("with:colon:s"));
        assert_eq!(of(["db", "5432", "people", "ada"]).as_deref(), Some("later"));
        assert_eq!(of(["db", "5433", "people", "ada"]), None);
        assert_eq!(in_passfile("", ["db", "5432", "people", "ada"]), None);
    }
}
