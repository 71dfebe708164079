// SPDX-License-Identifier: Apache-2.0
//! The page: template, style, script, words and program in one file that loads nothing.
//!
//! The script and the style are named by their digests in the page's content security policy. Whatever else might get into
//! the page is not run, and nothing in it can reach a network.

use comity_evidence::report::Language;
use comity_evidence::{Hash, text};
use serde_json::{Map, Value};

const TEMPLATE: &str = include_str!("../page/verifier.html");
const STYLE: &str = include_str!("../page/verifier.css");
const SCRIPT: &str = include_str!("../page/verifier.js");
/// For each id, the words of the page in each language by its code.
const WORDS: &str = include_str!("../page/words.json");

/// Why no page can be made. Each is a slip in the page's own files.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The words cannot be read.
    #[error("page/words.json: {0}")]
    Words(#[from] serde_json::Error),
    /// The words have no text for an id in a language.
    #[error("page/words.json: `{id}` has no text in `{language}`")]
    NoWord {
        /// The id of the words.
        id: String,
        /// The code of the language.
        language: &'static str,
    },
    /// A place that the template must have.
    #[error("page/verifier.html: expected `{0}` once")]
    Template(String),
}

/// The page around the filter, which is `program` compiled to WebAssembly (WASI preview 1).
///
/// The same inputs make the same page, byte for byte.
///
/// # Errors
///
/// [`PageError`] if a file of the page has a slip.
pub fn page(program: &[u8]) -> Result<String, PageError> {
    let words: Map<String, Value> = serde_json::from_str(WORDS)?;
    for id in words.keys() {
        for (language, _) in Language::ALL {
            word(&words, id, language)?;
        }
    }
    // A `<` could end the script early.
    let table = serde_json::to_string(&words)?.replace('<', "\\u003c");
    let script = format!("\"use strict\";\nconst PROGRAM = \"{}\";\nconst WORDS = {table};\n{SCRIPT}", text::to_base64(program));
    let security = format!(
        "default-src 'none'; script-src 'sha256-{}' 'wasm-unsafe-eval'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        Hash::of(script.as_bytes()),
        Hash::of(STYLE.as_bytes())
    );
    let mut page = TEMPLATE.to_owned();
    for id in words.keys() {
        // Without scripts the page speaks English.
        let place = format!("data-say=\"{id}\">");
        page = page.replace(&place, &format!("{place}{}", escaped(word(&words, id, Language::English)?)));
    }
    // What came in before is never looked at again: the script has all kinds of texts in it.
    for (place, text) in [("{{without-scripts}}", without_scripts(&words)?), ("{{languages}}", languages(&words)?)] {
        page = once(&page, place, &text)?;
    }
    page = once(&page, "{{security}}", &security)?;
    page = once(&page, "{{style}}", STYLE)?;
    once(&page, "{{script}}", &script)
}

fn once(page: &str, place: &str, text: &str) -> Result<String, PageError> {
    match page.split_once(place) {
        Some((before, after)) if !after.contains(place) => Ok([before, text, after].concat()),
        _ => Err(PageError::Template(place.to_owned())),
    }
}

/// How to go on without scripts, in every language.
fn without_scripts(words: &Map<String, Value>) -> Result<String, PageError> {
    let mut paragraphs = String::new();
    for (language, code) in Language::ALL {
        let direction = if language.is_right_to_left() { "rtl" } else { "ltr" };
        paragraphs += &format!("<p lang=\"{code}\" dir=\"{direction}\">{}</p>\n", escaped(word(words, "without-scripts", language)?));
    }
    Ok(paragraphs.trim_end().to_owned())
}

/// The choice of a language, each in its own name.
fn languages(words: &Map<String, Value>) -> Result<String, PageError> {
    let mut options = String::new();
    for (language, code) in Language::ALL {
        let direction = if language.is_right_to_left() { "rtl" } else { "ltr" };
        let name = escaped(word(words, "language-name", language)?);
        options += &format!("<option value=\"{code}\" lang=\"{code}\" dir=\"{direction}\">{name}</option>\n");
    }
    Ok(options.trim_end().to_owned())
}

fn word<'a>(words: &'a Map<String, Value>, id: &str, language: Language) -> Result<&'a str, PageError> {
    let text = words.get(id).and_then(|words| words.get(language.code())).and_then(Value::as_str).filter(|text| !text.is_empty());
    text.ok_or_else(|| PageError::NoWord { id: id.to_owned(), language: language.code() })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
