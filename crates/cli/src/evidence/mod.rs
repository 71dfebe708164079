// SPDX-License-Identifier: Apache-2.0
//! The evidence that flows name: documents are looked up and hashed, chains of custody and receipts are checked, offline.

mod receipt;
mod reference;

use crate::args::EvidenceArgs;
use crate::custody;
use crate::input::{Source, reason};
use comity_evidence::{Hash, Policy};
use comity_flow::{Declared, Flow};
use comity_judge::{Evidence, Shown};
use reference::Reference;
use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The documents of a folder by their digests.
type Index = Arc<HashMap<Hash, PathBuf>>;

/// Looks at the evidence of flow after flow. What was hashed once is not hashed again.
pub struct Looker {
    /// The folder of the evidence; none: where the flow file stands.
    folder: Option<PathBuf>,
    policy: Option<Policy>,
    required: bool,
    digests: Mutex<HashMap<PathBuf, Result<Hash, String>>>,
    indexes: Mutex<HashMap<PathBuf, Index>>,
}

impl Looker {
    /// A looker for a command, or a message where the policy cannot be read.
    pub fn open(args: &EvidenceArgs) -> Result<Self, String> {
        if let Some(folder) = args.evidence.as_ref().filter(|folder| !folder.is_dir()) {
            return Err(format!("--evidence: `{}` is no folder", folder.display()));
        }
        let policy = args.policy.as_deref().map(|file| {
            let text = fs::read_to_string(file).map_err(|error| format!("cannot read `{}`: {}", file.display(), reason(&error)))?;
            text.parse().map_err(|error: comity_evidence::PolicyError| format!("`{}`: {error}", file.display()))
        });
        Ok(Self {
            folder: args.evidence.clone(),
            policy: policy.transpose()?,
            required: args.require_evidence,
            digests: Mutex::default(),
            indexes: Mutex::default(),
        })
    }

    /// What is seen of the evidence of a flow.
    pub fn look(&self, source: &Source, flow: &Flow) -> Shown {
        let mut shown = Shown::new(self.required);
        for declared in flow.declared() {
            let references = flow.references_of(&declared);
            if references.is_empty() {
                continue;
            }
            let folder = self.folder.clone().unwrap_or_else(|| source.folder());
            let (mut best, mut problems) = (Evidence::Declaration, Vec::new());
            for text in references {
                match self.one(&folder, flow, &declared, text) {
                    Ok(evidence) => best = best.max(evidence),
                    Err(problem) => problems.push(format!("`{text}`: {problem}")),
                }
            }
            shown.put(declared, best, problems);
        }
        shown
    }

    /// Whether what a flow declares counts as it is declared, because it names no evidence and none is asked for.
    pub fn has_nothing_to_look_at(&self, flow: &Flow) -> bool {
        !self.required && flow.declared().iter().all(|declared| flow.references_of(declared).is_empty())
    }

    /// What one `ref` shows; or why it shows nothing.
    fn one(&self, folder: &Path, flow: &Flow, declared: &Declared, text: &str) -> Result<Evidence, String> {
        match Reference::read(text)? {
            Reference::Words => Ok(Evidence::Declaration),
            Reference::Document(Some(file), expected) => {
                let found = self.digest(&folder.join(&file))?;
                if found == expected {
                    return Ok(Evidence::Document);
                }
                Err(format!("the file has the digest {}: it is not the document that is named, or was changed", found.to_hex()))
            }
            Reference::Document(None, expected) => self.find(folder, expected),
            Reference::Exhibit(file) => {
                let chain = custody::chain(&folder.join(&file))?;
                if chain.is_closed() {
                    return Err(format!("the exhibit {} was destroyed", chain.exhibit()));
                }
                let digest = chain.last().map(|last| last.digest).ok_or("the chain has no event")?;
                self.find(folder, digest).map_err(|problem| format!("the chain holds, but of the exhibit {problem}"))
            }
            Reference::Receipt(file) => {
                let policy = self.policy.as_ref().ok_or("a receipt is checked with --policy FILE: it says whom to trust")?;
                receipt::holds(&folder.join(&file), policy, flow, declared)?;
                Ok(Evidence::Receipt)
            }
        }
    }

    fn digest(&self, file: &Path) -> Result<Hash, String> {
        let known = self.digests.lock().ok().and_then(|digests| digests.get(file).cloned());
        known.unwrap_or_else(|| {
            let digest = File::open(file).and_then(Hash::of_reader).map_err(|error| reason(&error));
            if let Ok(mut digests) = self.digests.lock() {
                digests.insert(file.to_path_buf(), digest.clone());
            }
            digest
        })
    }

    /// A document that is named by its digest alone: among the files of the folder and, if the folder was named, of those in it.
    fn find(&self, folder: &Path, digest: Hash) -> Result<Evidence, String> {
        let known = self.indexes.lock().ok().and_then(|indexes| indexes.get(folder).cloned());
        let index = known.unwrap_or_else(|| {
            let mut files = Vec::new();
            self.files(folder, &mut files);
            let index: Index = Arc::new(files.into_iter().filter_map(|file| Some((self.digest(&file).ok()?, file))).collect());
            if let Ok(mut indexes) = self.indexes.lock() {
                indexes.insert(folder.to_path_buf(), Arc::clone(&index));
            }
            index
        });
        if index.contains_key(&digest) {
            return Ok(Evidence::Document);
        }
        let place = if folder.as_os_str().is_empty() { "this folder".to_owned() } else { format!("`{}`", folder.display()) };
        let hint = if self.folder.is_none() { "; --evidence names the folder of the documents" } else { "" };
        Err(format!("no file in {place} has the digest {}{hint}", digest.to_hex()))
    }

    /// The plain files, hidden ones and links left out.
    fn files(&self, folder: &Path, found: &mut Vec<PathBuf>) {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        for entry in fs::read_dir(here).into_iter().flatten().flatten() {
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            match entry.file_type() {
                Ok(kind) if kind.is_file() && !hidden => found.push(folder.join(entry.file_name())),
                Ok(kind) if kind.is_dir() && !hidden && self.folder.is_some() => self.files(&folder.join(entry.file_name()), found),
                _ => {}
            }
        }
    }
}
