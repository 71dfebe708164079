// SPDX-License-Identifier: Apache-2.0
//! The documents that are open, and the libraries that their instruments belong to.
//!
//! The library of an instrument is the nearest folder above it that is called `law`, with everything below it; where
//! there is none, its own folder alone. It is read by itself, as `comity law check --library FOLDER` reads it. The
//! library of a flow file is the folder that was set, or `law` in an opened folder, or the one in this build.

use crate::Shelf;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Folders deeper than this are left alone.
const DEPTH: usize = 8;
/// A library has no more files than this.
const FILES: usize = 20_000;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// Instruments.
    Law,
    /// A table of recognitions.
    Table,
    /// A flow file, a case or a probe.
    Flow,
    /// Anything else.
    Other,
}

/// A library folder, and whether what is below it belongs to it.
type Root = (PathBuf, bool);

/// The documents that are open, with the libraries around them.
pub struct Desk {
    today: Date,
    folders: Vec<PathBuf>,
    library: Option<PathBuf>,
    open: BTreeMap<PathBuf, String>,
    /// Texts on disk, until somebody says that they changed.
    disk: BTreeMap<Root, Vec<(String, String)>>,
    shelves: BTreeMap<Root, Rc<Shelf>>,
    embedded: Option<Rc<Shelf>>,
}

impl Desk {
    /// A desk with the folders that are opened and, where one was set, the folder of the library.
    #[must_use]
    pub fn new(today: Date, folders: Vec<PathBuf>, library: Option<PathBuf>) -> Self {
        let (open, disk, shelves) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        // A folder that was set by a path from the opened one.
        let library = library.map(|library| folders.first().map_or(library.clone(), |first| first.join(library)));
        Self { today, folders, library, open, disk, shelves, embedded: None }
    }

    /// A document was opened or changed.
    pub fn put(&mut self, path: PathBuf, text: String) {
        self.open.insert(path, text);
        self.shelves.clear();
    }

    /// A document was closed: what is on disk counts again.
    pub fn close(&mut self, path: &Path) {
        self.open.remove(path);
        self.changed_on_disk();
    }

    /// Files changed on disk.
    pub fn changed_on_disk(&mut self) {
        self.disk.clear();
        self.shelves.clear();
    }

    /// Looks at everything as of another day.
    pub fn turn_to(&mut self, today: Date) {
        if self.today != today {
            self.today = today;
            self.shelves.clear();
            self.embedded = None;
        }
    }

    /// The documents that are open.
    #[must_use]
    pub fn documents(&self) -> Vec<PathBuf> {
        self.open.keys().cloned().collect()
    }

    /// The text of a document: as it is open, or else on disk.
    #[must_use]
    pub fn text(&self, path: &Path) -> Option<String> {
        self.open.get(path).cloned().or_else(|| fs::read_to_string(path).ok())
    }

    /// What a document is.
    #[must_use]
    pub fn kind(path: &Path, text: &str) -> Document {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("law") => Document::Law,
            Some("csv") if path.file_name().is_some_and(|name| name == "recognitions.csv") => Document::Table,
            Some("toml") if crate::diagnose::is_flow(text) => Document::Flow,
            _ => Document::Other,
        }
    }

    /// The text of the profile that a flow file names.
    ///
    /// # Errors
    ///
    /// Why it cannot be had.
    pub fn profile(&self, flow: &Path, name: &str) -> Result<String, String> {
        let path = flow.parent().unwrap_or(Path::new("")).join(name);
        match self.open.get(&path) {
            Some(text) => Ok(text.clone()),
            None => fs::read_to_string(&path).map_err(|_| "there is no such text file".to_owned()),
        }
    }

    /// The library that a document belongs to, and the name of the document in it.
    pub fn shelf(&mut self, path: &Path) -> (Rc<Shelf>, String) {
        let law = path.extension().is_some_and(|ending| ending == "law" || ending == "csv");
        let root = if law { Some(self.root_of(path)) } else { self.root_for_flows() };
        let Some(root) = root else { return (self.embedded(), String::new()) };
        let name = name_in(&root.0, path).unwrap_or_default();
        let texts = self.texts(&root);
        let today = self.today;
        let shelf = self.shelves.entry(root).or_insert_with_key(|root| Rc::new(Shelf::new(texts, Some(root.0.clone()), today)));
        (Rc::clone(shelf), name)
    }

    fn embedded(&mut self) -> Rc<Shelf> {
        let today = self.today;
        Rc::clone(self.embedded.get_or_insert_with(|| Rc::new(Shelf::embedded(today))))
    }

    fn root_of(&self, path: &Path) -> Root {
        if let Some(library) = self.library.as_ref().filter(|library| path.starts_with(library)) {
            return (library.clone(), true);
        }
        let own = path.parent().unwrap_or(Path::new(""));
        let within = |folder: &&Path| {
            self.folders.is_empty() || self.folders.iter().any(|opened| folder.starts_with(opened) || opened.starts_with(folder))
        };
        match own.ancestors().filter(within).find(|folder| folder.file_name().is_some_and(|name| name == "law")) {
            Some(folder) => (folder.to_path_buf(), true),
            None => (own.to_path_buf(), false),
        }
    }

    fn root_for_flows(&self) -> Option<Root> {
        if let Some(library) = &self.library {
            return Some((library.clone(), true));
        }
        // A folder called `law` may hold something else: one that has no instruments is no library.
        let folder = self.folders.iter().map(|folder| folder.join("law")).find(|folder| has_instruments(folder, 3))?;
        Some((folder, true))
    }

    /// The texts of a library, those that are open before those on disk; none where it is read already.
    fn texts(&mut self, root: &Root) -> Vec<(String, String)> {
        if self.shelves.contains_key(root) {
            return Vec::new();
        }
        let on_disk = self.disk.entry(root.clone()).or_insert_with_key(|(folder, deep)| {
            let mut found = Vec::new();
            gather(folder, folder, if *deep { DEPTH } else { 0 }, &mut found);
            found
        });
        let mut texts: BTreeMap<String, String> = on_disk.iter().cloned().collect();
        for (path, text) in self.open.iter().filter(|(path, _)| belongs(path)) {
            let inside = if root.1 { path.starts_with(&root.0) } else { path.parent() == Some(&root.0) };
            if let Some(name) = name_in(&root.0, path).filter(|_| inside) {
                texts.insert(name, text.clone());
            }
        }
        texts.into_iter().collect()
    }
}

/// The name of a file in a library: its path from the folder, with slashes.
fn name_in(folder: &Path, path: &Path) -> Option<String> {
    path.strip_prefix(folder).ok()?.to_str().map(|name| name.replace('\\', "/"))
}

fn belongs(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "law") || path.file_name().is_some_and(|name| name == "recognitions.csv")
}

/// Files and folders of a folder, hidden ones left out.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| !path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.')));
    paths.sort();
    paths
}

fn gather(root: &Path, folder: &Path, depth: usize, found: &mut Vec<(String, String)>) {
    for path in entries(folder) {
        // A link to a folder is not followed: it may lead round in a circle.
        if path.is_dir() {
            if depth > 0 && !path.is_symlink() {
                gather(root, &path, depth - 1, found);
            }
        } else if belongs(&path)
            && found.len() < FILES
            && let (Some(name), Ok(text)) = (name_in(root, &path), fs::read_to_string(&path))
        {
            found.push((name, text));
        }
    }
}

fn has_instruments(folder: &Path, depth: usize) -> bool {
    entries(folder).iter().any(|path| {
        path.extension().is_some_and(|ending| ending == "law")
            || (depth > 0 && path.is_dir() && !path.is_symlink() && has_instruments(path, depth - 1))
    })
}

#[cfg(test)]
mod tests {
    use super::{Desk, Document};
    use jiff::civil::date;
    use std::fs;
    use std::path::Path;

    const ACT: &str = "instrument xx.act \"Act\" {\n  kind law\n  cite \"Act 1\"\n  in force 2020-01-01\n}\n";

    #[test]
    fn the_library_of_an_instrument_is_the_folder_law_above_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let law = folder.path().join("law");
        fs::create_dir_all(law.join("xx")).expect("folders");
        fs::create_dir_all(folder.path().join("drafts")).expect("folders");
        fs::write(law.join("xx/act.law"), ACT).expect("a file");
        fs::write(folder.path().join("drafts/one.law"), ACT).expect("a file");
        let mut desk = Desk::new(date(2026, 1, 1), vec![folder.path().to_path_buf()], None);

        let (shelf, name) = desk.shelf(&law.join("xx/act.law"));
        assert_eq!(name, "xx/act.law");
        assert_eq!(shelf.library.sources.len(), 1);

        // A draft that has the same id stands by itself and is no duplicate.
        let (shelf, name) = desk.shelf(&folder.path().join("drafts/one.law"));
        assert_eq!(name, "one.law");
        assert!(shelf.diagnostics.is_empty(), "{:?}", shelf.diagnostics);

        // What is open counts before what is on disk, and a new file is there before it is saved.
        desk.put(law.join("xx/act.law"), ACT.replace("xx.act", "xx.bill"));
        desk.put(law.join("yy/new.law"), ACT.replace("xx.act", "yy.new"));
        let (shelf, _) = desk.shelf(&law.join("yy/new.law"));
        assert!(shelf.library.instrument("xx.act").is_none());
        assert!(shelf.library.instrument("xx.bill").is_some() && shelf.library.instrument("yy.new").is_some());

        let (for_flows, _) = desk.shelf(&folder.path().join("flows/a.toml"));
        assert!(for_flows.library.instrument("yy.new").is_some());
        desk.close(&law.join("xx/act.law"));
        let (shelf, _) = desk.shelf(&law.join("xx/act.law"));
        assert!(shelf.library.instrument("xx.act").is_some());
    }

    #[test]
    fn flows_without_a_library_beside_them_use_the_one_in_this_build() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("law")).expect("a folder without instruments");
        let mut desk = Desk::new(date(2026, 1, 1), vec![folder.path().to_path_buf()], None);
        let (shelf, _) = desk.shelf(&folder.path().join("a.toml"));
        assert!(shelf.library.instrument("eu.gdpr").is_some());
        assert_eq!(shelf.folder, None);
    }

    #[test]
    fn documents_are_told_apart() {
        assert_eq!(Desk::kind(Path::new("a/b.law"), ""), Document::Law);
        assert_eq!(Desk::kind(Path::new("a/recognitions.csv"), ""), Document::Table);
        assert_eq!(Desk::kind(Path::new("a/other.csv"), ""), Document::Other);
        assert_eq!(Desk::kind(Path::new("a/b.toml"), "[exporter]\n"), Document::Flow);
        assert_eq!(Desk::kind(Path::new("a/Cargo.toml"), "[package]\n"), Document::Other);
    }
}
