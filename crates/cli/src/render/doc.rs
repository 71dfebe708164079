// SPDX-License-Identifier: Apache-2.0
//! What is said to people, before it is decided how it looks: sentences, groups, lists and tables.
//!
//! The same document is drawn as text and as plain sentences for screen readers.

/// How a stretch of text is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As the rest.
    Normal,
    /// The point of the sentence.
    Strong,
    /// Lawful, or passed.
    Good,
    /// Unlawful, or failed.
    Bad,
    /// Open, or doubtful.
    Doubt,
    /// Beside the point.
    Faint,
}

/// A stretch of text, with other words where symbols cannot be read out.
#[derive(Clone, Debug)]
pub struct Part {
    /// The text.
    pub text: String,
    /// What plain output says instead.
    pub plain: Option<String>,
    /// How it is meant.
    pub tone: Tone,
}

/// One sentence, without its final stop.
#[derive(Clone, Debug, Default)]
pub struct Line(pub Vec<Part>);

impl Line {
    /// A sentence in one tone.
    pub fn of(text: impl Into<String>) -> Self {
        Self::default().then(text)
    }

    /// A sentence that is the point.
    pub fn strong(text: impl Into<String>) -> Self {
        Self::default().toned(Tone::Strong, text)
    }

    /// A sentence beside the point.
    pub fn faint(text: impl Into<String>) -> Self {
        Self::default().toned(Tone::Faint, text)
    }

    /// With more text.
    pub fn then(self, text: impl Into<String>) -> Self {
        self.toned(Tone::Normal, text)
    }

    /// With more text in a tone.
    pub fn toned(mut self, tone: Tone, text: impl Into<String>) -> Self {
        self.0.push(Part { text: text.into(), plain: None, tone });
        self
    }

    /// With more text that is read out differently.
    pub fn read_as(mut self, tone: Tone, text: impl Into<String>, plain: impl Into<String>) -> Self {
        self.0.push(Part { text: text.into(), plain: Some(plain.into()), tone });
        self
    }

    /// The text without tones.
    pub fn bare(&self) -> String {
        self.0.iter().map(|part| part.text.as_str()).collect()
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Self::of(text)
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self::of(text)
    }
}

/// A piece of a document.
#[derive(Clone, Debug)]
pub enum Block {
    /// One sentence.
    Sentence(Line),
    /// A heading with what belongs to it.
    Group(Line, Vec<Block>),
    /// One member of a list, with what belongs to it.
    Item(Line, Vec<Block>),
    /// A table.
    Table(Vec<&'static str>, Vec<Vec<Line>>),
    /// One line that is set as it stands: a row of a table that is written before the others are known.
    Row(Line),
    /// An empty line.
    Gap,
}

impl Block {
    /// One sentence.
    pub fn say(line: impl Into<Line>) -> Self {
        Self::Sentence(line.into())
    }

    /// A heading with what belongs to it.
    pub fn group(head: impl Into<Line>, body: Vec<Self>) -> Self {
        Self::Group(head.into(), body)
    }

    /// One member of a list without more.
    pub fn item(line: impl Into<Line>) -> Self {
        Self::Item(line.into(), Vec::new())
    }
}

/// A number with its noun.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Words as people list them.
pub fn listed<S: AsRef<str>>(words: &[S], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., end] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} {last} {}", first.join(", "), end.as_ref())
        }
    }
}
