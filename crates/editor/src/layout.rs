// SPDX-License-Identifier: Apache-2.0
//! Formatting as an edit.

use comity_law::Span;

/// The smallest single edit that lays a text out; `None` where it is laid out already.
#[must_use]
pub fn edit(text: &str) -> Option<(Span, String)> {
    let formatted = comity_law::format(text);
    if formatted == text {
        return None;
    }
    let start = common(text.chars(), formatted.chars());
    let (old, new) = (text.get(start..)?, formatted.get(start..)?);
    let end = common(old.chars().rev(), new.chars().rev());
    let kept = new.get(..new.len().checked_sub(end)?)?;
    Some((Span { start, end: text.len().checked_sub(end)? }, kept.to_owned()))
}

/// How many bytes two texts have in common, from where they are read.
fn common(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    one.zip(other).take_while(|(one, other)| one == other).map(|(one, _)| one.len_utf8()).sum()
}

#[cfg(test)]
mod tests {
    use super::edit;

    #[test]
    fn an_edit_turns_the_text_into_the_formatted_one() {
        let text = "instrument xx.act \"Äct 𝄞\" {\nkind   law\n cite \"Ä\"\n  in force 2020-01-01\n}\n\n";
        let (span, new) = edit(text).expect("it is not laid out");
        let mut whole = text.to_owned();
        whole.replace_range(span.start..span.end, &new);
        assert_eq!(whole, comity_law::format(text));
        assert!(span.start > 0, "what is right stays");
        assert_eq!(edit(&whole), None);
    }
}
