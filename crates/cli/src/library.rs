// SPDX-License-Identifier: Apache-2.0
//! The library of instruments: the embedded one, or a folder.

use crate::args::LibraryArgs;
use crate::exit::Status;
use crate::input::{reason, walk};
use crate::out::Out;
use crate::render::diagnostic;
use crate::render::doc::count;
use comity_law::{Diagnostic, Library, Severity, SourceId};
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

/// A library with what is to be said of it.
pub struct Loaded {
    /// The library.
    pub library: Library,
    /// What is wrong or doubtful in it.
    pub diagnostics: Vec<Diagnostic>,
}

impl Loaded {
    /// The sources that have errors.
    pub fn broken(&self) -> BTreeSet<SourceId> {
        self.errors().map(|diagnostic| diagnostic.source).collect()
    }

    /// The errors.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Reads and checks the library.
pub fn load(args: &LibraryArgs, today: Date) -> Result<Loaded, String> {
    let (library, mut diagnostics) = match &args.library {
        None => Library::read(comity_law::library::embedded().iter().copied()),
        Some(folder) => Library::read(texts(folder)?),
    };
    diagnostics.extend(comity_law::check(&library, today));
    diagnostics.sort_by_key(|diagnostic| (diagnostic.source, diagnostic.span.start));
    Ok(Loaded { library, diagnostics })
}

/// The names and texts of a folder; names are relative to it, with slashes.
pub fn texts(folder: &Path) -> Result<Vec<(String, String)>, String> {
    if !folder.is_dir() {
        return Err(format!("`{}` is not a folder of instruments", folder.display()));
    }
    let (mut paths, mut faults) = (Vec::new(), Vec::new());
    walk(folder, &["law", "csv"], &mut paths, &mut faults);
    if let Some(fault) = faults.into_iter().next() {
        return Err(fault);
    }
    paths.retain(|path| {
        path.extension().is_some_and(|ending| ending == "law") || path.file_name().is_some_and(|name| name == "recognitions.csv")
    });
    if paths.is_empty() {
        return Err(format!("`{}` has no instrument: expected *.law files", folder.display()));
    }
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).map_err(|error| format!("cannot read `{}`: {}", path.display(), reason(&error)))?;
            let name = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            Ok((name, text))
        })
        .collect()
}

/// Reads the library for judging, without the cases inside instruments.
///
/// The embedded library is held free of errors by the tests of the build, so only a folder is checked.
fn load_for_judging(args: &LibraryArgs, today: Date) -> Result<Loaded, String> {
    let Some(folder) = &args.library else {
        let texts = comity_law::library::embedded().iter().copied();
        let (library, diagnostics) = Library::read_without_cases(texts);
        return Ok(Loaded { library, diagnostics });
    };
    let (library, mut diagnostics) = Library::read_without_cases(texts(folder)?);
    diagnostics.extend(comity_law::check(&library, today));
    diagnostics.sort_by_key(|diagnostic| (diagnostic.source, diagnostic.span.start));
    Ok(Loaded { library, diagnostics })
}

/// Reads the library for judging: errors are shown, and are the end unless the caller goes on without the broken instruments.
pub fn load_for_use(args: &LibraryArgs, today: Date, out: &mut Out) -> io::Result<Result<Library, Status>> {
    let loaded = match load_for_judging(args, today) {
        Ok(loaded) => loaded,
        Err(message) => {
            out.error(&message)?;
            return Ok(Err(Status::Failed));
        }
    };
    let errors = loaded.errors().count();
    if errors == 0 {
        return Ok(Ok(loaded.library));
    }
    if args.keep_going {
        let (library, left_out) = without_broken(loaded);
        out.complain(&format!("warning: the library has {}; left out: {}\n", count(errors, "error"), left_out.join(", ")))?;
        return Ok(Ok(library));
    }
    let look = out.look_of_errors();
    let drawn: String = loaded.errors().take(10).map(|error| diagnostic::of_law(&loaded.library, error, look)).collect();
    out.complain(&drawn)?;
    let help = "`comity law check` shows all; `--keep-going` goes on without the instruments that have them";
    out.error(&format!("the library has {}, so nothing was judged ({help})", count(errors, "error")))?;
    Ok(Err(Status::Failed))
}

/// The library without the instruments whose source has errors, and their names.
fn without_broken(loaded: Loaded) -> (Library, Vec<String>) {
    let broken = loaded.broken();
    let mut library = loaded.library;
    let left_out = broken.iter().filter_map(|id| library.source(*id)).map(|source| source.name.clone()).collect();
    library.instruments.retain(|instrument| !broken.contains(&instrument.source));
    (library, left_out)
}

/// What to say where the library does not have an instrument.
pub fn unknown(library: &Library, id: &str) -> String {
    let known = library.instruments.iter().map(|instrument| instrument.id.text.as_str());
    match comity_terms::nearest(id, known) {
        Some(near) => format!("instrument `{id}` is not in the library; did you mean `{near}`?"),
        None => format!("instrument `{id}` is not in the library; `comity law list` shows all"),
    }
}
