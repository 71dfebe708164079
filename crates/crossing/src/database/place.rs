// SPDX-License-Identifier: Apache-2.0
//! Which table of which database: `postgres://user@host/database#schema.table`.

use std::path::Path;

/// The schema that is meant where none is named.
const PUBLIC: &str = "public";

/// The place of a table, or of a database that a query is put to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The URL of the database.
    pub(super) url: String,
    /// The table, where the URL names one.
    pub(super) table: Option<Table>,
}

/// A table by the names that the server has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) schema: String,
    pub(super) name: String,
}

impl Place {
    /// What a path names that is the URL of a database.
    pub(super) fn of(path: &Path) -> Result<Self, String> {
        let text = path.to_str().ok_or("expected text in UTF-8")?;
        let (url, table) = match text.split_once('#') {
            Some((url, table)) => (url, Some(Table::parse(&decoded(table)?)?)),
            None => (text, None),
        };
        Ok(Self { url: url.to_owned(), table })
    }
}

impl Table {
    /// The names of a table, each as it is or in double quotes, in which a double quote is written twice.
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || format!("expected a table as in `#schema.table`, found `#{text}`; a name that holds a dot stands in double quotes");
        let mut names = vec![String::new()];
        let (mut quoted, mut letters) = (false, text.chars().peekable());
        while let Some(letter) = letters.next() {
            match letter {
                '"' if quoted && letters.peek() == Some(&'"') => {
                    letters.next();
                    names.last_mut().ok_or_else(wrong)?.push('"');
                }
                '"' => quoted = !quoted,
                '.' if !quoted => names.push(String::new()),
                '\0' => return Err(wrong()),
                other => names.last_mut().ok_or_else(wrong)?.push(other),
            }
        }
        if quoted || names.iter().any(String::is_empty) {
            return Err(wrong());
        }
        let mut names = names.into_iter();
        match (names.next(), names.next(), names.next()) {
            (Some(name), None, None) => Ok(Self { schema: PUBLIC.to_owned(), name }),
            (Some(schema), Some(name), None) => Ok(Self { schema, name }),
            _ => Err(wrong()),
        }
    }

    /// Both names as SQL takes them, whatever they hold.
    pub(super) fn quoted(&self) -> String {
        format!("{}.{}", quoted(&self.schema), quoted(&self.name))
    }

    /// Both names as people write them.
    pub(super) fn shown(&self) -> String {
        let shown = |name: &str| if plain(name) { name.to_owned() } else { quoted(name) };
        format!("{}.{}", shown(&self.schema), shown(&self.name))
    }
}

/// A name as SQL takes it, whatever it holds.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn plain(name: &str) -> bool {
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    begins && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

/// A part of a URL without its `%` signs.
fn decoded(text: &str) -> Result<String, String> {
    let wrong = || format!("expected two hexadecimal digits after each `%`, found `{text}`");
    let mut bytes = Vec::new();
    let mut left = text.bytes();
    while let Some(byte) = left.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || left.next().and_then(|digit| char::from(digit).to_digit(16)).and_then(|digit| u8::try_from(digit).ok());
        let (high, low) = (digit().ok_or_else(wrong)?, digit().ok_or_else(wrong)?);
        bytes.push(high << 4 | low);
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::{Place, Table};
    use std::path::Path;

    fn table(text: &str) -> Option<(String, String)> {
        Table::parse(text).ok().map(|table| (table.schema, table.name))
    }

    #[test]
    fn names_are_taken_as_they_are() {
        let named = |schema: &str, name: &str| Some((schema.to_owned(), name.to_owned()));
        assert_eq!(table("people"), named("public", "people"));
        assert_eq!(table("Sales.People"), named("Sales", "People"));
        assert_eq!(table("sales.\"odd.name\""), named("sales", "odd.name"));
        assert_eq!(table("\"a\"\"b\".c d"), named("a\"b", "c d"));
        for wrong in ["", ".", "a.", ".b", "a.b.c", "\"a", "a\0b"] {
            assert_eq!(table(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn what_sql_is_given_is_one_name_each() {
        let odd = Table { schema: "public\"; DROP TABLE x; --".to_owned(), name: "people".to_owned() };
        assert_eq!(odd.quoted(), "\"public\"\"; DROP TABLE x; --\".\"people\"");
        assert_eq!(odd.shown(), "\"public\"\"; DROP TABLE x; --\".people");
    }

    #[test]
    fn a_place_is_a_url_and_a_table() {
        let place = |text: &str| Place::of(Path::new(text));
        let people = place("postgres://ada@db.example/shop?connect_timeout=3#sales.%22My%20people%22");
        assert_eq!(people.as_ref().map(|place| place.url.as_str()), Ok("postgres://ada@db.example/shop?connect_timeout=3"));
        assert_eq!(people.map(|place| place.table.map(|table| table.name)), Ok(Some("My people".to_owned())));
        assert_eq!(place("postgres://db.example/shop").map(|place| place.table), Ok(None));
        assert!(place("postgres://db.example/shop#%zz").is_err());
        assert!(place("postgres://db.example/shop#%f").is_err());
        assert!(place("postgres://db.example/shop#%ff").is_err());
    }
}
