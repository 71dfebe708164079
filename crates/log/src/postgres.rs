// SPDX-License-Identifier: Apache-2.0
//! Connections to PostgreSQL.
//!
//! The client is the crate `postgres`: blocking as the stores of a log are, 61 crates (83 with TLS by rustls) where `sqlx` needs 127,
//! no macros that want a database when they are compiled, and kept by the authors of the protocol crates beneath it.
//! It runs an executor of its own, so these stores must not be used on a thread that runs one already.
//!
//! Each log has a schema of its own, named after the hash of its origin: a log that has served its years is dropped with its schema.
//! A connection that was lost is made anew at the next call; the call during which it was lost fails, for nobody knows what became of it.

use crate::StoreError;
use comity_evidence::{Hash, text};
use postgres::config::{Host, SslMode};
use postgres::{Client, Config, NoTls};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore, crypto};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres_rustls::MakeRustlsConnect;

/// What goes wrong inside a store, before it is said of which store it is.
pub(crate) type Fault = Box<dyn Error + Send + Sync>;

/// How long a connection may take to be made, and to answer, before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(30);

/// A database, and how to reach it.
#[derive(Clone)]
pub struct Database {
    config: Config,
    name: String,
    tls: Option<MakeRustlsConnect>,
}

impl Database {
    /// The database at a URL such as `postgres://comity@db.example/comity`.
    ///
    /// The password is given apart, because a URL stands in files and messages.
    /// To another machine the connection is encrypted, and its certificate verified against the public roots and those in
    /// `certificates` (PEM), unless the URL says `sslmode=disable`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the URL is none, holds a password, or the certificates are none.
    pub fn new(url: &str, password: Option<&str>, certificates: Option<&[u8]>) -> Result<Self, StoreError> {
        let unnamed = |fault: Fault| StoreError::new("use", "the URL of a PostgreSQL database", fault);
        let mut config: Config = url.parse().map_err(|error: postgres::Error| unnamed(said(&error).into()))?;
        if config.get_password().is_some() {
            return Err(unnamed("it holds a password, and would be shown in files and messages: give it in PGPASSWORD or a file".into()));
        }
        if let Some(password) = password {
            config.password(password);
        }
        if config.get_hosts().is_empty() {
            return Err(unnamed("it names no host".into()));
        }
        if config.get_ssl_mode() == SslMode::Prefer {
            // Whoever can cut in between could make it prefer the other.
            config.ssl_mode(if config.get_hosts().iter().all(is_here) { SslMode::Disable } else { SslMode::Require });
        }
        if config.get_application_name().is_none() {
            config.application_name("comity");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(PATIENCE);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(PATIENCE);
        }
        let name = name(&config);
        let tls = match config.get_ssl_mode() {
            SslMode::Disable => None,
            _ => Some(tls(certificates).map_err(|fault| StoreError::new("verify", &name, fault))?),
        };
        Ok(Self { config, name, tls })
    }

    fn connect(&self) -> Result<Client, Fault> {
        let connected = match &self.tls {
            Some(tls) => self.config.connect(tls.clone()),
            None => self.config.connect(NoTls),
        };
        Ok(connected.map_err(|error| said(&error))?)
    }
}

/// Hosts and database, without user and password.
fn name(config: &Config) -> String {
    let hosts = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(host) => host.clone(),
        Host::Unix(folder) => folder.display().to_string(),
    });
    let hosts: Vec<String> = hosts.collect();
    format!("{}/{}", hosts.join(","), config.get_dbname().or_else(|| config.get_user()).unwrap_or_default())
}

/// Whether a host is this machine.
fn is_here(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback()),
    }
}

fn tls(certificates: Option<&[u8]>) -> Result<MakeRustlsConnect, Fault> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for certificate in CertificateDer::pem_slice_iter(certificates.unwrap_or_default()) {
        roots.add(certificate?)?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider())).with_safe_default_protocol_versions()?;
    Ok(MakeRustlsConnect::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// What a client says, with the reasons beneath it, which it leaves out.
pub(crate) fn said(error: &postgres::Error) -> String {
    let mut whole = error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string);
    let mut beneath = error.source().filter(|_| error.as_db_error().is_none());
    while let Some(reason) = beneath {
        whole = format!("{whole}: {reason}");
        beneath = reason.source();
    }
    whole
}

/// A connection for one store, which is made anew when it was lost.
pub(crate) struct Session {
    database: Database,
    /// Sets what each connection needs.
    setting: String,
    client: Option<Client>,
}

impl Session {
    /// A session in the schema of a log. The tables are made where they are not there.
    pub(crate) fn open(database: &Database, origin: &str, first: &str, tables: &str) -> Result<Self, StoreError> {
        let schema = schema(origin);
        let setting = format!("SET search_path TO {schema}; SET lock_timeout TO '{}s'", PATIENCE.as_secs());
        let mut session = Self { database: database.clone(), setting, client: None };
        session.run("open", |client| {
            // Looked for first: who only uses them needs no right to make them.
            let there = client.query_one("SELECT to_regclass($1) IS NOT NULL", &[&format!("{schema}.{first}")]).map_err(|e| said(&e))?;
            if there.try_get(0).map_err(|error| said(&error))? {
                return Ok(());
            }
            let make = format!(
                // INVARIANT: the origin is quoted as SQL wants it, and the schema is made of hexadecimal digits.
                "BEGIN; SELECT pg_advisory_xact_lock(hashtext('{schema}')); CREATE SCHEMA IF NOT EXISTS {schema}; \
                 COMMENT ON SCHEMA {schema} IS '{}'; {}; COMMIT",
                origin.replace('\'', "''").replace('\0', ""),
                tables.replace("SCHEMA", &schema)
            );
            Ok(client.batch_execute(&make).map_err(|error| said(&error))?)
        })?;
        Ok(session)
    }

    /// Does something with the connection.
    pub(crate) fn run<T>(&mut self, doing: &'static str, work: impl FnOnce(&mut Client) -> Result<T, Fault>) -> Result<T, StoreError> {
        let done = self.client().and_then(work);
        // After an error the connection may be in the middle of something: a new one is in the middle of nothing.
        if done.is_err() {
            self.client = None;
        }
        done.map_err(|fault| StoreError::new(doing, &self.database.name, fault))
    }

    fn client(&mut self) -> Result<&mut Client, Fault> {
        let client = match self.client.take().filter(|client| !client.is_closed()) {
            Some(client) => client,
            None => self.begin()?,
        };
        Ok(self.client.insert(client))
    }

    fn begin(&self) -> Result<Client, Fault> {
        let mut client = self.database.connect()?;
        client.batch_execute(&self.setting).map_err(|error| said(&error))?;
        let mut shown = |setting: &str| -> Result<String, Fault> {
            let row = client.query_one(&format!("SHOW {setting}"), &[]).map_err(|error| said(&error))?;
            Ok(row.try_get(0).map_err(|error| said(&error))?)
        };
        if shown("fsync")? == "off" {
            return Err("it runs with `fsync = off`: what it acknowledges may be lost, so no log can be kept there".into());
        }
        if shown("synchronous_commit")? == "off" {
            client.batch_execute("SET synchronous_commit TO on").map_err(|error| said(&error))?;
        }
        Ok(client)
    }
}

/// The schema of a log.
#[must_use]
pub fn schema(origin: &str) -> String {
    let hash = Hash::of(origin.as_bytes());
    format!("comity_{}", text::to_hex(hash.as_bytes().first_chunk::<8>().map_or(&[][..], |first| first)))
}

#[cfg(test)]
mod tests {
    use super::Database;

    #[test]
    fn a_password_in_the_url_is_refused_and_not_shown() {
        let Err(error) = Database::new("postgres://comity:hunter2@db.example/comity", None, None) else {
            panic!("it was taken");
        };
        assert!(error.to_string().contains("PGPASSWORD"), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn another_machine_is_reached_encrypted_and_this_one_as_it_is() {
        let encrypted = |url| Database::new(url, Some("secret"), None).is_ok_and(|database| database.tls.is_some());
        assert!(encrypted("postgres://comity@db.example/comity"));
        assert!(encrypted("postgres://comity@db.example,localhost/comity"));
        assert!(encrypted("postgres://comity@localhost/comity?sslmode=require"));
        assert!(!encrypted("postgres://comity@localhost/comity"));
        assert!(!encrypted("postgres://comity@127.0.0.2/comity"));
        assert!(!encrypted("postgres:///comity?host=/run/postgresql"));
        assert!(!encrypted("postgres://comity@db.example/comity?sslmode=disable"));
    }

    #[test]
    fn what_is_wrong_with_a_url_is_said() {
        for wrong in ["postgres:///comity", "postgres://db.example/comity?sslmode=perhaps", "mysql://db.example"] {
            assert!(Database::new(wrong, None, None).is_err(), "{wrong}");
        }
    }
}
