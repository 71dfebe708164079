// SPDX-License-Identifier: Apache-2.0
//! What the parser and the checks have to say, with the place it is about.

/// A stretch of a source, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The first byte after it.
    pub end: usize,
}

impl Span {
    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// The place of a source in its library.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub usize);

/// How grave a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The instrument cannot be used as it stands.
    Error,
    /// It can be used, and something deserves a look.
    Warning,
}

/// One remark on a source. Headlines stand alone; `help` says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// A stable identifier, such as `unknown-term`.
    pub code: &'static str,
    /// How grave it is.
    pub severity: Severity,
    /// What is wrong, with what was expected and what was found.
    pub message: String,
    /// What to do about it, or the nearest spelling.
    pub help: Option<String>,
    /// The source.
    pub source: SourceId,
    /// The place in it.
    pub span: Span,
}

impl Diagnostic {
    /// An error.
    #[must_use]
    pub fn error(code: &'static str, source: SourceId, span: Span, message: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, message: message.into(), help: None, source, span }
    }

    /// A warning.
    #[must_use]
    pub fn warning(code: &'static str, source: SourceId, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, source, span, message) }
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds the nearest spelling, if there is one.
    #[must_use]
    pub fn did_you_mean(mut self, nearest: Option<&str>) -> Self {
        if let Some(nearest) = nearest {
            self.help = Some(format!("did you mean `{nearest}`?"));
        }
        self
    }
}

/// The line and column (both from 1, columns in characters) of a byte in a text.
#[must_use]
pub fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte.min(text.len())).unwrap_or(text);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}
