// SPDX-License-Identifier: Apache-2.0
//! A log in a folder, as a node keeps it: where its stores and keys are, read from `log.toml`.

mod stores;

pub use stores::Stores;

use crate::{Files, LogError, MasterKey, Queue, Reader, StoreError, Vault, Writer};
use comity_evidence::note::{Note, SigningKey, VerifyingKey};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The file that describes a log.
pub const FILE: &str = "log.toml";
/// The policy of a log that names none.
const POLICY: &str = "trust.policy";
const KEYS: [&str; 6] = ["origin", "keys", "lock", "master_key", "year", "policy"];

/// A log in a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    folder: PathBuf,
    origin: String,
    keys: Vec<PathBuf>,
    lock: PathBuf,
    master_key: PathBuf,
    year: Option<i16>,
    policy: PathBuf,
    stores: Stores,
}

/// What a new log is to be.
pub struct Plan<'a> {
    /// Its name, such as `example.org/log/2026`.
    pub origin: &'a str,
    /// Its keys, all with its name.
    pub keys: &'a [SigningKey],
    /// 32 random bytes for the key of the node.
    pub master_key: [u8; 32],
    /// The file of the lock, outside the folder, where no backup reaches; or a URL of PostgreSQL or S3.
    pub lock: &'a Path,
    /// The stores that are elsewhere.
    pub stores: Stores,
    /// The year whose entries it takes; `None` for a log without end.
    pub year: Option<i16>,
}

/// A log folder that cannot be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// A file or store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is one already.
    #[error("`{0}` is a log already")]
    Exists(String),
    /// There is none.
    #[error("`{0}` is no log: it has no file `log.toml` (`comity log init` makes one)")]
    NotALog(String),
    /// The file is not as it should be.
    #[error("`{file}`: {problem}")]
    Malformed {
        /// The file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A secret that others can read.
    #[error(
        "`{0}` can be read by others than its owner: a key must be a secret (`chmod 600` it, and replace it if others may have read it)"
    )]
    Exposed(String),
    /// A store that was to be new is not.
    #[error("`{store}` has entries of a log named `{origin}` already: a log begins in stores that are empty")]
    Taken {
        /// The store.
        store: String,
        /// The name of the log.
        origin: String,
    },
    /// The store is not part of this build.
    #[error("this program was built without {store}: build it with `--features {feature}`")]
    NotBuilt {
        /// What the store is.
        store: &'static str,
        /// What brings it.
        feature: &'static str,
    },
    /// Nothing says who is asking the object store.
    #[error(
        "there are no credentials for the object store: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write them into `{0}` (readable for its owner only)"
    )]
    NoCredentials(String),
    /// Somebody else is writing.
    #[error("another process is writing the log in `{0}`")]
    Busy(String),
}

impl From<PlaceError> for LogError {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::Store(error) => Self::Store(error),
            other => Self::Closed(other.to_string()),
        }
    }
}

/// A writer, and the hold on the folder that keeps other processes out for as long as it lives.
pub struct Held {
    /// The writer.
    pub writer: Writer,
    _hold: File,
}

impl Place {
    /// Makes a new log in a folder, which must not be one already.
    ///
    /// # Errors
    ///
    /// [`PlaceError`] if it is one, or something cannot be written.
    pub fn create(folder: &Path, plan: &Plan<'_>) -> Result<Self, PlaceError> {
        let file = folder.join(FILE);
        if file.exists() {
            return Err(PlaceError::Exists(folder.display().to_string()));
        }
        // Before anything is made: they may not be reached, or not be empty.
        plan.stores.must_be_empty(folder, plan.origin)?;
        make_folder(folder)?;
        make_folder(&folder.join("keys"))?;
        for private in ["queue.sqlite", "vault.sqlite"].into_iter().skip(usize::from(!plan.stores.keep_queue_here())) {
            // The database writes into the file that is there, with the rights that it has.
            write_secret(&folder.join(private), b"")?;
        }
        let mut names = Vec::new();
        for key in plan.keys {
            let name = format!("keys/{:08x}.key", key.verifying_key().id());
            write_secret(&folder.join(&name), format!("{}\n", *key.to_secret_text()).as_bytes())?;
            names.push(name);
        }
        let master = Zeroizing::new(format!("{}\n", comity_evidence::text::to_hex(&plan.master_key)));
        write_secret(&folder.join("keys/master.key"), master.as_bytes())?;
        let lock = stores::whole(plan.lock)?;
        if let Some(above) = lock.parent().filter(|_| lock.is_absolute()) {
            make_folder(above)?;
        }
        let written = described(plan, &names, &lock);
        // Written last: a folder without it is no log, and can be begun again.
        let failed = |error| StoreError::new("write", file.display().to_string(), error);
        fs::write(&file, written).and_then(|()| File::open(&file)?.sync_all()).map_err(failed)?;
        Self::open(folder)
    }

    /// The log in a folder.
    ///
    /// # Errors
    ///
    /// [`PlaceError`] if there is none, or its description is wrong.
    pub fn open(folder: &Path) -> Result<Self, PlaceError> {
        let file = folder.join(FILE);
        let text = match fs::read_to_string(&file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(PlaceError::NotALog(folder.display().to_string())),
            text => text.map_err(|error| StoreError::new("read", file.display().to_string(), error))?,
        };
        let wrong = |problem: String| PlaceError::Malformed { file: file.display().to_string(), problem };
        let table: toml::Table = toml::from_str(&text).map_err(|error| wrong(error.to_string().trim_end().to_owned()))?;
        if let Some(unknown) = table.keys().find(|key| !KEYS.iter().chain(&stores::KEYS).any(|known| known == key)) {
            return Err(wrong(format!(
                "unknown key `{unknown}`: expected one of {}",
                [KEYS.as_slice(), &stores::KEYS].concat().join(", ")
            )));
        }
        let string = |key: &str| table.get(key).and_then(toml::Value::as_str).ok_or_else(|| wrong(format!("expected `{key}` with a text")));
        let keys = table.get("keys").and_then(toml::Value::as_array).into_iter().flatten().filter_map(toml::Value::as_str);
        Ok(Self {
            folder: folder.to_owned(),
            origin: string("origin")?.to_owned(),
            keys: keys.map(|key| folder.join(key)).collect(),
            lock: string("lock")?.into(),
            master_key: folder.join(string("master_key")?),
            year: table.get("year").and_then(toml::Value::as_integer).and_then(|year| i16::try_from(year).ok()),
            policy: folder.join(if table.contains_key("policy") { string("policy")? } else { POLICY }),
            stores: Stores::read(&table).map_err(|key| wrong(format!("expected `{key}` with a text")))?,
        })
    }

    /// The name of the log.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The year whose entries the log takes.
    #[must_use]
    pub const fn year(&self) -> Option<i16> {
        self.year
    }

    /// The file that says whom to trust with this log; the witnesses in it are asked to cosign. It need not be there.
    #[must_use]
    pub fn policy(&self) -> PathBuf {
        self.policy.clone()
    }

    /// The folder that everyone may read, unless the files are in an object store.
    #[must_use]
    pub fn public(&self) -> PathBuf {
        self.folder.join("public")
    }

    /// Where the files are that everyone may read: a folder, or a place in an object store.
    #[must_use]
    pub fn published(&self) -> String {
        self.stores.files.clone().unwrap_or_else(|| self.folder.join("public").display().to_string())
    }

    /// The log as everyone reads it.
    ///
    /// # Errors
    ///
    /// [`PlaceError`] if its files cannot be reached.
    pub fn reader(&self) -> Result<Reader<Box<dyn Files>>, PlaceError> {
        Ok(Reader::new(self.stores.files(&self.folder)?))
    }

    /// The keys that sign.
    ///
    /// # Errors
    ///
    /// [`PlaceError`] if a file is missing, readable for others, or no key.
    pub fn keys(&self) -> Result<Vec<SigningKey>, PlaceError> {
        let read = |file: &PathBuf| {
            let text = read_secret(file)?;
            SigningKey::from_secret_text(&text)
                .map_err(|error| PlaceError::Malformed { file: file.display().to_string(), problem: error.to_string() })
        };
        self.keys.iter().map(read).collect()
    }

    /// The keys by which others verify this log.
    ///
    /// # Errors
    ///
    /// As [`Place::keys`].
    pub fn verifying_keys(&self) -> Result<Vec<VerifyingKey>, PlaceError> {
        Ok(self.keys()?.iter().map(SigningKey::verifying_key).collect())
    }

    /// The key of the node, under which keys of matters are kept.
    ///
    /// # Errors
    ///
    /// [`PlaceError`] if it is missing, readable for others, or no key.
    pub fn master_key(&self) -> Result<MasterKey, PlaceError> {
        let text = read_secret(&self.master_key)?;
        let bytes = comity_evidence::text::from_hex(text.trim_end()).map(Zeroizing::new);
        let key = bytes.and_then(|bytes| bytes.as_slice().try_into().ok());
        let wrong =
            || PlaceError::Malformed { file: self.master_key.display().to_string(), problem: "expected 64 hexadecimal digits".to_owned() };
        key.map(MasterKey::new).ok_or_else(wrong)
    }

    /// The payloads.
    ///
    /// # Errors
    ///
    /// [`PlaceError`] if they cannot be opened.
    pub fn vault(&self) -> Result<Box<dyn Vault>, PlaceError> {
        self.stores.vault(&self.folder, &self.origin)
    }

    /// A way to the queue beside the writer's own.
    ///
    /// # Errors
    ///
    /// [`PlaceError`] if it cannot be opened.
    pub fn queue(&self) -> Result<Box<dyn Queue>, PlaceError> {
        self.stores.queue(&self.folder, &self.origin)
    }

    /// The writer, which nobody else can be for as long as it lives. `seen` is what witnesses hold of this log.
    ///
    /// # Errors
    ///
    /// [`LogError`] if another process writes, or the stores do not fit together.
    pub fn writer(&self, seen: &[(String, Note)]) -> Result<Held, LogError> {
        let hold = self.hold()?;
        let lock = self.stores.lock(&self.folder, &self.lock, &self.origin)?;
        let writer = Writer::open(&self.origin, self.keys()?, self.stores.files(&self.folder)?, self.queue()?, lock, seen)?;
        Ok(Held { writer, _hold: hold })
    }

    fn hold(&self) -> Result<File, PlaceError> {
        let path = self.folder.join("writer.lock");
        let failed = |error| StoreError::new("open", path.display().to_string(), error);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(PlaceError::Busy(self.folder.display().to_string())),
            Err(TryLockError::Error(error)) => Err(failed(error).into()),
        }
    }
}

fn described(plan: &Plan<'_>, names: &[String], lock: &Path) -> String {
    let list = names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
    let year = plan.year.map_or_else(String::new, |year| {
        format!("# Entries of other years are refused: the next year is another log, which cites the end of this one.\nyear = {year}\n")
    });
    format!(
        "# A transparency log of Comity. The folder `public` is for everyone to read; everything else is not.\n\
         origin = {}\n\
         {year}\
         # Secrets, readable for their owner only.\n\
         keys = [{list}]\n\
         master_key = \"keys/master.key\"\n\
         # Whom those trust who check this log. The witnesses in it that have an address are asked to cosign each checkpoint.\n\
         policy = \"{POLICY}\"\n\
         # The last signed checkpoint. It is never restored from a backup: it is what keeps this log from showing two histories.\n\
         lock = {}\n{}",
        toml::Value::String(plan.origin.to_owned()),
        toml::Value::String(lock.display().to_string()),
        plan.stores.written(),
    )
}

/// Makes a folder and those above it.
///
/// # Errors
///
/// [`StoreError`] if it cannot be made.
pub fn make_folder(folder: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(folder).map_err(|error| StoreError::new("make", folder.display().to_string(), error))
}

/// Writes a file that only its owner can read, and that is not there yet.
///
/// # Errors
///
/// [`StoreError`] if it is there, or cannot be written.
pub fn write_secret(path: &Path, content: &[u8]) -> Result<(), StoreError> {
    let written = || {
        let mut file = OpenOptions::new().create_new(true).write(true).mode(0o600).open(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    written().map_err(|error| StoreError::new("write", path.display().to_string(), error))
}

/// Reads a file that only its owner can read.
///
/// # Errors
///
/// [`PlaceError`] if it cannot be read, or others can read it.
pub fn read_secret(path: &Path) -> Result<Zeroizing<String>, PlaceError> {
    let failed = |error| StoreError::new("read", path.display().to_string(), error);
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(PlaceError::Exposed(path.display().to_string()));
    }
    Ok(Zeroizing::new(fs::read_to_string(path).map_err(failed)?))
}
