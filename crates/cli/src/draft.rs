// SPDX-License-Identifier: Apache-2.0
//! A draft beside the library: instruments that replace those of the same id, or are added.

use crate::exit::Status;
use crate::input::reason;
use crate::library::texts;
use crate::out::Out;
use crate::render::diagnostic;
use crate::render::doc::count;
use comity_law::{Library, Severity};
use jiff::civil::Date;
use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::Path;

/// The library as it would be with the draft.
pub struct Draft {
    /// The whole library.
    pub library: Library,
    /// The instruments of the draft that stand for one of the library.
    pub replaced: Vec<String>,
    /// The other instruments of the draft.
    pub added: Vec<String>,
}

/// Whether an argument means a file or folder rather than the id of an instrument.
pub fn is_path(argument: &str) -> bool {
    argument.ends_with(".law") || argument.contains(['/', '\\'])
}

/// Reads a draft, a `.law` file or a folder of them with tables, into a copy of the library.
pub fn read(base: &Library, path: &Path, today: Date, out: &mut Out) -> io::Result<Result<Draft, Status>> {
    let own = match own_texts(path) {
        Ok(own) => own,
        Err(message) => {
            out.error(&message)?;
            return Ok(Err(Status::Failed));
        }
    };
    let (alone, _) = Library::read(own.iter().cloned());
    let ids: Vec<String> = alone.instruments.iter().map(|instrument| instrument.id.text.clone()).collect();
    let mut files: Vec<(Cow<'static, str>, Cow<'static, str>)> = Vec::new();
    for (number, source) in base.sources.iter().enumerate() {
        let spans: Vec<_> = base
            .instruments
            .iter()
            .filter(|known| known.source.0 == number && ids.contains(&known.id.text))
            .map(|known| (known.span.start, known.span.end))
            .collect();
        let text = if spans.is_empty() { source.text.clone() } else { Cow::Owned(blanked(&source.text, &spans)) };
        files.push((Cow::Owned(source.name.clone()), text));
    }
    let names: Vec<String> = own.iter().map(|(name, _)| name.clone()).collect();
    files.extend(own.into_iter().map(|(name, text)| (Cow::Owned(name), Cow::Owned(text))));
    let (library, mut diagnostics) = Library::read(files);
    diagnostics.extend(comity_law::check(&library, today));
    diagnostics.retain(|diagnostic| {
        let own = library.source(diagnostic.source).is_some_and(|source| names.contains(&source.name));
        diagnostic.severity == Severity::Error && own
    });
    if !diagnostics.is_empty() {
        let look = out.look_of_errors();
        let drawn: String = diagnostics.iter().take(10).map(|error| diagnostic::of_law(&library, error, look)).collect();
        out.complain(&drawn)?;
        out.error(&format!("the draft `{}` has {}", path.display(), count(diagnostics.len(), "error")))?;
        return Ok(Err(Status::Invalid));
    }
    let (replaced, added) = ids.into_iter().partition(|id| base.instrument(id).is_some());
    Ok(Ok(Draft { library, replaced, added }))
}

/// The texts of a draft by their paths.
fn own_texts(path: &Path) -> Result<Vec<(String, String)>, String> {
    if path.is_dir() {
        let all = texts(path)?;
        return Ok(all.into_iter().map(|(name, text)| (path.join(name).to_string_lossy().replace('\\', "/"), text)).collect());
    }
    let text = fs::read_to_string(path).map_err(|error| format!("cannot read the draft `{}`: {}", path.display(), reason(&error)))?;
    if path.extension().is_none_or(|ending| ending != "law") {
        return Err(format!("`{}` is not a draft: expected a file that ends in `.law`, or a folder of them", path.display()));
    }
    Ok(vec![(path.to_string_lossy().replace('\\', "/"), text)])
}

/// The text with blanks where an instrument stood: what is behind it keeps its place.
fn blanked(text: &str, spans: &[(usize, usize)]) -> String {
    let inside = |at: usize| spans.iter().any(|(start, end)| *start <= at && at < *end);
    let mut out = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        if letter == '\n' || !inside(at) {
            out.push(letter);
        } else {
            out.push_str(&" ".repeat(letter.len_utf8()));
        }
    }
    out
}
