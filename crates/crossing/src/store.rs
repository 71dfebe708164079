// SPDX-License-Identifier: Apache-2.0
//! Objects in stores: S3, Google Cloud Storage, Azure, and folders under `file://`.
//!
//! Which store, and who asks, is in the URL and in the variables of the environment that the tools of each store know.
//! An object is read by ranges, and only as long as it is the one that was looked at first.

use crate::CrossingError;
use crate::files::{Digested, no_secret_in};
use bytes::{Buf, Bytes};
use comity_evidence::Hash;
use object_store::path::Path as Key;
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, PutMode, PutPayload, WriteMultipart};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use sha2::{Digest, Sha256};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::runtime::{Builder, Runtime};
use url::Url;

/// So many bytes are read, and written, at once.
const AT_ONCE: usize = 8 << 20;
/// So many bytes are read at once of a file of columns, which is read in many places by turns; and so many such reads are
/// remembered, so that a place is not read again for the next page.
const WINDOW: usize = 1 << 20;
const WINDOWS: usize = 32;
/// So many parts of an object are under way at once.
const UNDER_WAY: usize = 4;
/// The largest record that is read.
const LARGEST: u64 = 64 << 20;

fn failed(what: &'static str, url: &Path, problem: impl ToString) -> CrossingError {
    CrossingError::Store { what, url: url.display().to_string(), problem: problem.to_string() }
}

/// What runs requests while a thread of ours waits.
fn runtime(url: &Path) -> Result<&'static Runtime, CrossingError> {
    static RUNTIME: OnceLock<Result<Runtime, io::Error>> = OnceLock::new();
    let made = RUNTIME.get_or_init(|| Builder::new_multi_thread().worker_threads(1).enable_all().build());
    made.as_ref().map_err(|error| failed("cannot ask", url, error))
}

/// Where an object is.
#[derive(Clone)]
struct Place {
    store: Arc<dyn ObjectStore>,
    key: Key,
    url: PathBuf,
    runtime: &'static Runtime,
}

impl Place {
    fn of(path: &Path) -> Result<Self, CrossingError> {
        no_secret_in(path)?;
        let wrong = |problem: String| failed("cannot use", path, problem);
        let text = path.to_str().ok_or_else(|| wrong("expected text".to_owned()))?;
        let url = Url::parse(text).map_err(|error| wrong(error.to_string()))?;
        let settings = std::env::vars_os().filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
        let (store, key) = object_store::parse_url_opts(&url, settings).map_err(|error| wrong(error.to_string()))?;
        Ok(Self { store: Arc::from(store), key, url: path.to_path_buf(), runtime: runtime(path)? })
    }
}

/// What was read, with the places where it begins.
type Windows = Mutex<VecDeque<(u64, Bytes)>>;

/// An object that can be read.
#[derive(Clone)]
pub(crate) struct Object {
    place: Place,
    size: u64,
    tag: Option<String>,
    /// What was read last, where places are read by turns.
    windows: Option<Arc<Windows>>,
}

impl Object {
    pub(crate) fn of(path: &Path) -> Result<Self, CrossingError> {
        let place = Place::of(path)?;
        let found = place.runtime.block_on(place.store.head(&place.key)).map_err(|error| failed("cannot read", path, error))?;
        Ok(Self { place, size: found.size, tag: found.e_tag, windows: None })
    }

    /// The same object, for reading in many places by turns.
    pub(crate) fn by_turns(self) -> Self {
        Self { windows: Some(Arc::default()), ..self }
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// What the store says in place of the content; it changes whenever that does.
    pub(crate) fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// Bytes of the object that was looked at first; an error if there is another by now.
    fn range(&self, from: u64, to: u64) -> io::Result<Bytes> {
        let range = Some(GetRange::Bounded(from..to));
        let options = GetOptions { range, if_match: self.tag.clone(), ..GetOptions::default() };
        let got = self.place.runtime.block_on(async {
            let answer = self.place.store.get_opts(&self.place.key, options).await?;
            answer.bytes().await
        });
        let bytes = got.map_err(|error| match error {
            object_store::Error::Precondition { .. } => io::Error::other("it has changed while it was read"),
            other => io::Error::other(other.to_string()),
        })?;
        if bytes.len() as u64 == to - from { Ok(bytes) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// The bytes from a place on, as many as are read at once.
    fn bytes_from(&self, at: u64) -> io::Result<Bytes> {
        let Some(windows) = &self.windows else { return self.range(at, self.size.min(at + AT_ONCE as u64)) };
        let lock = || windows.lock().unwrap_or_else(PoisonError::into_inner);
        let held = |(start, bytes): &(u64, Bytes)| {
            let skipped = usize::try_from(at.checked_sub(*start)?).ok()?;
            (skipped < bytes.len()).then(|| bytes.slice(skipped..))
        };
        if let Some(found) = lock().iter().find_map(held) {
            return Ok(found);
        }
        let bytes = self.range(at, self.size.min(at + WINDOW as u64))?;
        let mut windows = lock();
        if windows.len() >= WINDOWS {
            windows.pop_front();
        }
        windows.push_back((at, bytes.clone()));
        Ok(bytes)
    }

    pub(crate) fn reader(&self) -> Reader {
        Reader { object: self.clone(), at: 0, window: Bytes::new() }
    }

    /// The size and SHA-256 of the object.
    pub(crate) fn digest(&self) -> Result<Digested, CrossingError> {
        let digest = Hash::of_reader(self.reader()).map_err(CrossingError::file("cannot read", &self.place.url))?;
        Ok(Digested { size: self.size, digest })
    }
}

/// Reads an object from anywhere in it.
pub(crate) struct Reader {
    object: Object,
    at: u64,
    /// What was read and not given yet; it ends where it ends, at the latest at the end of the object.
    window: Bytes,
}

impl Read for Reader {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.window.is_empty() {
            if self.at >= self.object.size {
                return Ok(0);
            }
            self.window = self.object.bytes_from(self.at)?;
        }
        let count = to.len().min(self.window.len());
        self.window.copy_to_slice(to.get_mut(..count).unwrap_or_default());
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.object.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        let target = target.ok_or(io::ErrorKind::InvalidInput)?;
        match target.checked_sub(self.at).and_then(|by| usize::try_from(by).ok()).filter(|by| *by <= self.window.len()) {
            Some(by) => self.window.advance(by),
            None => self.window = Bytes::new(),
        }
        self.at = target;
        Ok(target)
    }
}

impl Length for Object {
    fn len(&self) -> u64 {
        self.size
    }
}

impl ChunkReader for Object {
    type T = Reader;

    fn get_read(&self, start: u64) -> Result<Reader, ParquetError> {
        Ok(Reader { at: start, ..self.reader() })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        if length < WINDOW && self.windows.is_some() {
            let mut bytes = vec![0; length];
            self.get_read(start)?.read_exact(&mut bytes)?;
            return Ok(bytes.into());
        }
        Ok(self.range(start, start + length as u64)?)
    }
}

/// Objects whose names begin alike: what a folder is among files.
pub(crate) struct Shelf(Place);

impl Shelf {
    pub(crate) fn of(path: &Path) -> Result<Self, CrossingError> {
        Place::of(path).map(Self)
    }

    fn key(&self, name: &str) -> Key {
        name.split('/').fold(self.0.key.clone(), |key, part| key.join(part))
    }

    fn failed(&self, what: &'static str, name: &str, problem: impl ToString) -> CrossingError {
        failed(what, &self.0.url.join(name), problem)
    }

    /// A small object; none where there is none.
    pub(crate) fn get(&self, name: &str) -> Result<Option<String>, CrossingError> {
        let got = self.0.runtime.block_on(async {
            let answer = self.0.store.get(&self.key(name)).await?;
            if answer.meta.size > LARGEST { Ok(None) } else { answer.bytes().await.map(Some) }
        });
        let bytes = match got {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Err(self.failed("cannot read", name, "it is too large for a record")),
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(self.failed("cannot read", name, error)),
        };
        String::from_utf8(bytes.to_vec()).map(Some).map_err(|error| self.failed("cannot read", name, error))
    }

    /// Writes an object if there is none by its name; `false` where there is one.
    pub(crate) fn create(&self, name: &str, content: &str) -> Result<bool, CrossingError> {
        let payload = PutPayload::from(content.as_bytes().to_vec());
        match self.0.runtime.block_on(self.0.store.put_opts(&self.key(name), payload, PutMode::Create.into())) {
            Ok(_) => Ok(true),
            Err(object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. }) => Ok(false),
            Err(error) => Err(self.failed("cannot write", name, error)),
        }
    }

    /// Writes a file as an object, and checks that it is the file that is meant.
    pub(crate) fn upload(&self, name: &str, path: &Path, expected: &Digested) -> Result<(), CrossingError> {
        let written =
            if expected.size <= AT_ONCE as u64 { self.at_once(name, path, expected) } else { self.in_parts(name, path, expected) };
        // Whoever writes the same at the same moment may have taken the place of this one's parts, and has written all of it.
        written.or_else(|error| {
            let there = Object::of(&self.0.url.join(name)).and_then(|object| object.digest());
            if there.is_ok_and(|there| there == *expected) { Ok(()) } else { Err(error) }
        })
    }

    fn at_once(&self, name: &str, path: &Path, expected: &Digested) -> Result<(), CrossingError> {
        let bytes = std::fs::read(path).map_err(CrossingError::file("cannot read", path))?;
        if bytes.len() as u64 != expected.size || Hash::of(&bytes) != expected.digest {
            return Err(self.failed("cannot write", name, "the file that was to be written has changed"));
        }
        let put = self.0.runtime.block_on(self.0.store.put(&self.key(name), PutPayload::from(bytes)));
        put.map(drop).map_err(|error| self.failed("cannot write", name, error))
    }

    fn in_parts(&self, name: &str, path: &Path, expected: &Digested) -> Result<(), CrossingError> {
        let mut file = File::open(path).map_err(CrossingError::file("cannot read", path))?;
        let (mut hasher, mut size) = (Sha256::new(), 0_u64);
        let broken = |error: object_store::Error| self.failed("cannot write", name, error);
        let upload = self.0.runtime.block_on(self.0.store.put_multipart(&self.key(name))).map_err(broken)?;
        let mut writer = WriteMultipart::new_with_chunk_size(upload, AT_ONCE);
        let mut buffer = vec![0; 1 << 20];
        let outcome: Result<(), CrossingError> = self.0.runtime.block_on(async {
            loop {
                let read = file.read(&mut buffer).map_err(CrossingError::file("cannot read", path))?;
                let bytes = buffer.get(..read).unwrap_or_default();
                if bytes.is_empty() {
                    break;
                }
                hasher.update(bytes);
                size += bytes.len() as u64;
                writer.wait_for_capacity(UNDER_WAY).await.map_err(broken)?;
                writer.write(bytes);
            }
            Ok(())
        });
        let same = size == expected.size && Hash::from_bytes(hasher.finalize().into()) == expected.digest;
        if outcome.is_err() || !same {
            // What was sent of it is no object, and the store is told to forget it.
            let _forgotten = self.0.runtime.block_on(writer.abort());
            return outcome.and_then(|()| Err(self.failed("cannot write", name, "the file that was to be written has changed")));
        }
        self.0.runtime.block_on(writer.finish()).map_err(broken)?;
        Ok(())
    }
}
