// SPDX-License-Identifier: Apache-2.0
//! A library: all instruments and tables that are judged together.

use crate::adapt;
use crate::ast::Instrument;
use crate::diagnostic::{Diagnostic, SourceId, position};
use crate::parse::{parse, parse_without_cases};
use crate::table::{self, Recognition};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt::Write as _;

/// One text of a library.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name, a path with slashes, such as `eu/gdpr.law`.
    pub name: String,
    /// Its text.
    pub text: Cow<'static, str>,
}

/// All instruments and tables that are judged together.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// The texts, in the order of their names.
    pub sources: Vec<Source>,
    /// The instruments, in the order of their ids.
    pub instruments: Vec<Instrument>,
    /// The rows of all tables of recognitions.
    pub recognitions: Vec<Recognition>,
}

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

/// The library embedded in this build: names and texts.
#[must_use]
pub fn embedded() -> &'static [(&'static str, &'static str)] {
    embedded::FILES
}

/// How the text of instruments is read.
type Parse = fn(&str, SourceId) -> (Vec<Instrument>, Vec<Diagnostic>);

/// What was read of one source.
type Parsed = (Vec<Instrument>, Vec<Diagnostic>);

/// Parses the instruments of all sources, on several processors where there are many, in the order of the sources.
fn parse_all(sources: &[Source], parse: Parse) -> Vec<Parsed> {
    let laws: Vec<(SourceId, &str)> = sources
        .iter()
        .enumerate()
        .filter(|(_, source)| source.name.ends_with(".law"))
        .map(|(index, source)| (SourceId(index), &*source.text))
        .collect();
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(4);
    if workers == 1 || laws.len() < 8 {
        return laws.into_iter().map(|(id, text)| parse(text, id)).collect();
    }
    // Every worker takes each n-th source, so that a few long ones do not all fall to one.
    let mut read: Vec<(SourceId, Parsed)> = std::thread::scope(|scope| {
        let share = |worker: usize| laws.iter().skip(worker).step_by(workers).map(|(id, text)| (*id, parse(text, *id))).collect::<Vec<_>>();
        let others: Vec<_> = (1..workers).map(|worker| scope.spawn(move || share(worker))).collect();
        let mut all = share(0);
        for (worker, other) in others.into_iter().enumerate() {
            // The parser does not panic; should a thread be lost all the same, its share is read here.
            all.extend(other.join().unwrap_or_else(|_| share(worker + 1)));
        }
        all
    });
    read.sort_by_key(|(id, _)| *id);
    read.into_iter().map(|(_, parsed)| parsed).collect()
}

impl Library {
    /// Reads a library from named texts: `*.law` are instruments, `recognitions.csv` are tables, others are left alone.
    ///
    /// The order of the texts makes no difference.
    pub fn read(files: impl IntoIterator<Item = (impl Into<Cow<'static, str>>, impl Into<Cow<'static, str>>)>) -> (Self, Vec<Diagnostic>) {
        Self::read_with(files, parse)
    }

    /// As [`Self::read`], without the cases inside instruments: half the time, for a command that only judges.
    pub fn read_without_cases(
        files: impl IntoIterator<Item = (impl Into<Cow<'static, str>>, impl Into<Cow<'static, str>>)>,
    ) -> (Self, Vec<Diagnostic>) {
        Self::read_with(files, parse_without_cases)
    }

    fn read_with(
        files: impl IntoIterator<Item = (impl Into<Cow<'static, str>>, impl Into<Cow<'static, str>>)>,
        parse: Parse,
    ) -> (Self, Vec<Diagnostic>) {
        let mut sources: Vec<Source> =
            files.into_iter().map(|(name, text)| Source { name: name.into().into_owned(), text: text.into() }).collect();
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        let mut library = Self::default();
        let mut diagnostics = Vec::new();
        for (instruments, mut problems) in parse_all(&sources, parse) {
            library.instruments.extend(instruments);
            diagnostics.append(&mut problems);
        }
        for (index, source) in sources.iter().enumerate().filter(|(_, source)| source.name.ends_with("recognitions.csv")) {
            library.recognitions.extend(table::read(&source.text, SourceId(index), &mut diagnostics));
        }
        library.sources = sources;
        library.instruments.sort_by(|a, b| a.id.text.cmp(&b.id.text));
        for pair in library.instruments.windows(2) {
            if let [first, second] = pair
                && first.id.text == second.id.text
            {
                let message = format!("instrument `{}` stands twice", second.id.text);
                diagnostics.push(Diagnostic::error("duplicate-instrument", second.source, second.id.span, message));
            }
        }
        adapt::resolve(&mut library.instruments, &mut diagnostics);
        (library, diagnostics)
    }

    /// The instrument with this id.
    #[must_use]
    pub fn instrument(&self, id: &str) -> Option<&Instrument> {
        let index = self.instruments.binary_search_by(|instrument| instrument.id.text.as_str().cmp(id)).ok()?;
        self.instruments.get(index)
    }

    /// SHA-256 of the text of an instrument, in hexadecimal; of one that adapts a model, of its text and the texts of all
    /// the models it rests on, nearest first.
    #[must_use]
    pub fn digest(&self, instrument: &Instrument) -> String {
        let mut hash = Sha256::new();
        let mut seen: Vec<&str> = Vec::new();
        let mut next = Some(instrument);
        // A circle of models is an error of the library, and must not keep this from ending.
        while let Some(current) = next.filter(|current| !seen.contains(&current.id.text.as_str())) {
            let span = current.span;
            hash.update(self.source(current.source).and_then(|source| source.text.get(span.start..span.end)).unwrap_or(""));
            seen.push(&current.id.text);
            next = current.adapts.as_ref().and_then(|model| self.instrument(&model.text));
        }
        hash.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    /// The source with this number.
    #[must_use]
    pub fn source(&self, id: SourceId) -> Option<&Source> {
        self.sources.get(id.0)
    }

    /// Name, line and column of the place of a diagnostic.
    #[must_use]
    pub fn place(&self, diagnostic: &Diagnostic) -> (String, usize, usize) {
        self.source(diagnostic.source).map_or_else(
            || (String::new(), 0, 0),
            |source| {
                let (line, column) = position(&source.text, diagnostic.span.start);
                (source.name.clone(), line, column)
            },
        )
    }
}
