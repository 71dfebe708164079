// SPDX-License-Identifier: Apache-2.0
//! A library as the editor shows it: read, checked, and with the places of its files.

use comity_law::{Diagnostic, Library, SourceId};
use jiff::civil::Date;
use std::borrow::Cow;
use std::path::PathBuf;

/// A library that has been read and checked.
pub struct Shelf {
    /// The library.
    pub library: Library,
    /// What is wrong or doubtful in it.
    pub diagnostics: Vec<Diagnostic>,
    /// The folder that the names of its texts begin at; none: it is embedded and has no files.
    pub folder: Option<PathBuf>,
    /// The day on which it is looked at: it decides who is a member of a group.
    pub today: Date,
}

impl Shelf {
    /// Reads and checks named texts.
    #[must_use]
    pub fn new(
        texts: impl IntoIterator<Item = (impl Into<Cow<'static, str>>, impl Into<Cow<'static, str>>)>,
        folder: Option<PathBuf>,
        today: Date,
    ) -> Self {
        let (library, mut diagnostics) = Library::read(texts);
        diagnostics.extend(comity_law::check(&library, today));
        diagnostics.sort_by_key(|diagnostic| (diagnostic.source, diagnostic.span.start));
        Self { library, diagnostics, folder, today }
    }

    /// The library that is part of this build.
    #[must_use]
    pub fn embedded(today: Date) -> Self {
        Self::new(comity_law::library::embedded().iter().copied(), None, today)
    }

    /// The source with this name.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<SourceId> {
        self.library.sources.iter().position(|source| source.name == name).map(SourceId)
    }

    /// The file of a source.
    #[must_use]
    pub fn path(&self, source: SourceId) -> Option<PathBuf> {
        let name = &self.library.source(source)?.name;
        self.folder.as_ref().map(|folder| folder.join(name))
    }
}
