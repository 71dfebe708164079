// SPDX-License-Identifier: Apache-2.0
//! Where the stores of a log are: in its folder, or on other machines.
//!
//! Secrets never stand in `log.toml`: they come from the environment, or from files in `keys` that only their owner can read.

use super::PlaceError;
use crate::files::{CHECKPOINT, Folder};
use crate::lock::SqliteLock;
use crate::queue::SqliteQueue;
use crate::vault::SqliteVault;
use crate::{Files, Lock, Queue, StoreError, Vault};
use std::path::{Path, PathBuf};

/// The keys in `log.toml` that name stores on other machines.
pub const KEYS: [&str; 5] = ["postgres", "files", "region", "endpoint", "certificates"];

/// Stores that are not in the folder of a log; without any of it, all are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stores {
    /// The database for queue and payloads, such as `postgres://comity@db.example/comity`.
    pub postgres: Option<String>,
    /// The place for tiles, bundles and checkpoint, such as `s3://bucket/prefix`.
    pub files: Option<String>,
    /// The region of the object store.
    pub region: Option<String>,
    /// The server of the object store, such as `https://s3.example`.
    pub endpoint: Option<String>,
    /// A file of certificates (PEM) that both are verified by, beside or in place of the public roots.
    pub certificates: Option<PathBuf>,
}

/// Whether the lock is named by a URL, and not by a file.
fn is_url(lock: &Path) -> bool {
    lock.to_str().is_some_and(|lock| ["postgres://", "postgresql://", "s3://"].iter().any(|scheme| lock.starts_with(scheme)))
}

/// The lock as `log.toml` names it: a URL, or a file by its whole path.
pub(super) fn whole(lock: &Path) -> Result<PathBuf, StoreError> {
    if is_url(lock) {
        return Ok(lock.to_owned());
    }
    std::path::absolute(lock).map_err(|error| StoreError::new("find", lock.display().to_string(), error))
}

impl Stores {
    /// What a description says of them, and `None` if a key that must have a text has something else.
    pub(super) fn read(table: &toml::Table) -> Result<Self, &'static str> {
        let text = |key: &'static str| table.get(key).map(|value| value.as_str().map(str::to_owned).ok_or(key)).transpose();
        let [postgres, files, region, endpoint, certificates] = KEYS;
        Ok(Self {
            postgres: text(postgres)?,
            files: text(files)?,
            region: text(region)?,
            endpoint: text(endpoint)?,
            certificates: text(certificates)?.map(PathBuf::from),
        })
    }

    /// The lines of a description.
    pub(super) fn written(&self) -> String {
        let certificates = self.certificates.as_ref().map(|file| file.display().to_string());
        let values = [&self.postgres, &self.files, &self.region, &self.endpoint, &certificates];
        let lines = KEYS.iter().zip(values).filter_map(|(key, value)| Some((key, value.as_ref()?)));
        lines.map(|(key, value)| format!("{key} = {}\n", toml::Value::String(value.clone()))).collect()
    }

    /// Whether queue and payloads are in the folder of the log.
    pub(super) const fn keep_queue_here(&self) -> bool {
        self.postgres.is_none()
    }

    pub(super) fn files(&self, folder: &Path) -> Result<Box<dyn Files>, PlaceError> {
        match &self.files {
            None => Ok(Box::new(Folder::new(folder.join("public")))),
            Some(url) => self.s3_files(folder, url),
        }
    }

    pub(super) fn queue(&self, folder: &Path, origin: &str) -> Result<Box<dyn Queue>, PlaceError> {
        match &self.postgres {
            None => Ok(Box::new(SqliteQueue::open(&folder.join("queue.sqlite"))?)),
            Some(url) => self.postgres_queue(folder, url, origin),
        }
    }

    /// Keys of matters stay in the folder, whatever keeps the payloads: a server keeps what it has deleted for a while.
    pub(super) fn vault(&self, folder: &Path, origin: &str) -> Result<Box<dyn Vault>, PlaceError> {
        let here = SqliteVault::open(&folder.join("vault.sqlite"))?;
        match &self.postgres {
            None => Ok(Box::new(here)),
            Some(url) => self.postgres_vault(folder, url, origin, here),
        }
    }

    pub(super) fn lock(&self, folder: &Path, lock: &Path, origin: &str) -> Result<Box<dyn Lock>, PlaceError> {
        match lock.to_str().filter(|_| is_url(lock)) {
            None => Ok(Box::new(SqliteLock::open(&folder.join(lock), origin)?)),
            Some(url) if url.starts_with("s3://") => self.s3_lock(folder, url),
            Some(url) => self.postgres_lock(folder, url, origin),
        }
    }

    /// Refuses stores in which a log of that name has begun.
    pub(super) fn must_be_empty(&self, folder: &Path, origin: &str) -> Result<(), PlaceError> {
        let taken = |url: &str| PlaceError::Taken { store: url.to_owned(), origin: origin.to_owned() };
        if let Some(url) = &self.files
            && self.files(folder)?.read(CHECKPOINT)?.is_some()
        {
            return Err(taken(url));
        }
        if let Some(url) = &self.postgres
            && self.queue(folder, origin)?.next()? > 0
        {
            return Err(taken(url));
        }
        Ok(())
    }

    #[cfg(any(feature = "postgres", feature = "s3"))]
    fn certificates(&self, folder: &Path) -> Result<Option<Vec<u8>>, StoreError> {
        let read = |file: &PathBuf| {
            let file = folder.join(file);
            std::fs::read(&file).map_err(|error| StoreError::new("read", file.display().to_string(), error))
        };
        self.certificates.as_ref().map(read).transpose()
    }
}

#[cfg(feature = "postgres")]
mod database {
    use super::{Path, PlaceError, StoreError, Stores};
    use crate::lock::PostgresLock;
    use crate::place::read_secret;
    use crate::postgres::Database;
    use crate::queue::PostgresQueue;
    use crate::vault::{KeysApart, PostgresVault, SqliteVault};
    use crate::{Lock, Queue, Vault};

    impl Stores {
        fn database(&self, folder: &Path, url: &str) -> Result<Database, PlaceError> {
            let file = folder.join("keys/postgres.password");
            let password = match std::env::var("PGPASSWORD") {
                Ok(password) => Some(password.into()),
                Err(_) if file.exists() => Some(read_secret(&file)?),
                Err(_) => None,
            };
            let password = password.as_ref().map(|password| password.trim_end_matches(['\r', '\n']));
            Ok(Database::new(url, password, self.certificates(folder)?.as_deref()).map_err(StoreError::from)?)
        }

        pub(super) fn postgres_queue(&self, folder: &Path, url: &str, origin: &str) -> Result<Box<dyn Queue>, PlaceError> {
            Ok(Box::new(PostgresQueue::open(&self.database(folder, url)?, origin)?))
        }

        pub(super) fn postgres_vault(
            &self,
            folder: &Path,
            url: &str,
            origin: &str,
            keys: SqliteVault,
        ) -> Result<Box<dyn Vault>, PlaceError> {
            Ok(Box::new(KeysApart::new(keys, PostgresVault::open(&self.database(folder, url)?, origin)?)))
        }

        pub(super) fn postgres_lock(&self, folder: &Path, url: &str, origin: &str) -> Result<Box<dyn Lock>, PlaceError> {
            Ok(Box::new(PostgresLock::open(&self.database(folder, url)?, origin)?))
        }
    }
}

#[cfg(not(feature = "postgres"))]
impl Stores {
    const NO_POSTGRES: PlaceError = PlaceError::NotBuilt { store: "PostgreSQL", feature: "postgres" };

    fn postgres_queue(&self, _: &Path, _: &str, _: &str) -> Result<Box<dyn Queue>, PlaceError> {
        Err(Self::NO_POSTGRES)
    }

    fn postgres_vault(&self, _: &Path, _: &str, _: &str, _: SqliteVault) -> Result<Box<dyn Vault>, PlaceError> {
        Err(Self::NO_POSTGRES)
    }

    fn postgres_lock(&self, _: &Path, _: &str, _: &str) -> Result<Box<dyn Lock>, PlaceError> {
        Err(Self::NO_POSTGRES)
    }
}

#[cfg(feature = "s3")]
mod objects {
    use super::{Path, PlaceError, Stores};
    use crate::files::S3Files;
    use crate::lock::S3Lock;
    use crate::place::read_secret;
    use crate::s3::{Bucket, Credentials, Location};
    use crate::{Files, Lock};
    use std::time::{SystemTime, UNIX_EPOCH};
    use zeroize::Zeroizing;

    const ID: &str = "aws_access_key_id";
    const SECRET: &str = "aws_secret_access_key";
    const TOKEN: &str = "aws_session_token";

    /// The signature of each request states when it was made.
    fn clock() -> i64 {
        SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or_default()
    }

    impl Stores {
        fn bucket(&self, folder: &Path, url: &str) -> Result<Bucket, PlaceError> {
            let location = Location {
                url: url.to_owned(),
                region: self.region.clone(),
                endpoint: self.endpoint.clone(),
                certificates: self.certificates(folder)?,
            };
            Ok(Bucket::new(&location, credentials(folder)?, clock)?)
        }

        pub(super) fn s3_files(&self, folder: &Path, url: &str) -> Result<Box<dyn Files>, PlaceError> {
            Ok(Box::new(S3Files::new(self.bucket(folder, url)?)))
        }

        pub(super) fn s3_lock(&self, folder: &Path, url: &str) -> Result<Box<dyn Lock>, PlaceError> {
            Ok(Box::new(S3Lock::open(self.bucket(folder, url)?)?))
        }
    }

    /// From the environment, or else from a file as the tools of Amazon write it.
    fn credentials(folder: &Path) -> Result<Credentials, PlaceError> {
        let set = |name: &str| std::env::var(name.to_uppercase()).ok().filter(|value| !value.is_empty()).map(Zeroizing::new);
        if let (Some(id), Some(secret)) = (set(ID), set(SECRET)) {
            return Ok(Credentials::new(&id, &secret, set(TOKEN).as_ref().map(|token| token.as_str())));
        }
        let file = folder.join("keys/s3.credentials");
        if !file.exists() {
            return Err(PlaceError::NoCredentials(file.display().to_string()));
        }
        let text = read_secret(&file)?;
        let value = |name: &str| {
            let mut lines = text.lines().filter_map(|line| line.split_once('='));
            lines.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim())
        };
        let wrong = || PlaceError::Malformed {
            file: file.display().to_string(),
            problem: format!("expected lines `{ID} = …` and `{SECRET} = …`"),
        };
        Ok(Credentials::new(value(ID).ok_or_else(wrong)?, value(SECRET).ok_or_else(wrong)?, value(TOKEN)))
    }
}

#[cfg(not(feature = "s3"))]
impl Stores {
    const NO_S3: PlaceError = PlaceError::NotBuilt { store: "object stores", feature: "s3" };

    fn s3_files(&self, _: &Path, _: &str) -> Result<Box<dyn Files>, PlaceError> {
        Err(Self::NO_S3)
    }

    fn s3_lock(&self, _: &Path, _: &str) -> Result<Box<dyn Lock>, PlaceError> {
        Err(Self::NO_S3)
    }
}

#[cfg(test)]
mod tests {
    use super::{Stores, whole};
    use std::path::Path;

    #[test]
    fn what_is_written_is_read() {
        let stores = Stores {
            postgres: Some("postgres://comity@db.example/comity".to_owned()),
            files: Some("s3://logs/\"2026\"".to_owned()),
            region: None,
            endpoint: Some("https://s3.example".to_owned()),
            certificates: Some("ca.pem".into()),
        };
        assert_eq!(toml::from_str(&stores.written()).map(|table| Stores::read(&table)), Ok(Ok(stores)));
        assert_eq!(Stores::default().written(), "");
        assert_eq!(toml::from_str("files = 3").map(|table| Stores::read(&table)), Ok(Err("files")));
    }

    #[test]
    fn a_lock_is_a_file_unless_it_is_a_url() {
        for url in ["s3://locks/2026", "postgres://db.example/locks"] {
            assert_eq!(whole(Path::new(url)).ok().as_deref(), Some(Path::new(url)));
        }
        assert!(whole(Path::new("signed.sqlite")).is_ok_and(|lock| lock.is_absolute()));
    }
}
