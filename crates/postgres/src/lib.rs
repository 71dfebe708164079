// SPDX-License-Identifier: Apache-2.0
//! How a PostgreSQL database is reached: encrypted, and without a password in its URL.
//!
//! The client is the crate `postgres`: blocking as those who use it are, 61 crates (83 with TLS by rustls) where `sqlx` needs 127,
//! no macros that want a database when they are compiled, and kept by the authors of the protocol crates beneath it.
//! It runs an executor of its own, so a connection must not be used on a thread that runs one already.
//!
//! This crate reads no file and no variable of the environment: passwords and certificates are passed in.

mod passfile;

pub use passfile::in_passfile;

use postgres::config::{Host, SslMode};
use postgres::{Client, Config, NoTls};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore, crypto};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres_rustls::MakeRustlsConnect;

/// What goes wrong with a database, before it is said of which it is.
pub type Fault = Box<dyn Error + Send + Sync>;

/// A database that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {doing} `{name}`: {source}")]
pub struct DatabaseError {
    /// What was tried, as in "cannot use".
    pub doing: &'static str,
    /// Hosts and database, without user and password.
    pub name: String,
    /// Why not.
    pub source: Fault,
}

/// How long a connection may take to be made, and to answer, before it counts as lost.
pub const PATIENCE: Duration = Duration::from_secs(30);

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
    /// [`DatabaseError`] if the URL is none, holds a password, or the certificates are none.
    pub fn new(url: &str, password: Option<&str>, certificates: Option<&[u8]>) -> Result<Self, DatabaseError> {
        let unnamed = |source: Fault| DatabaseError { doing: "use", name: "the URL of a PostgreSQL database".to_owned(), source };
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
        // Whoever only reads sends nothing that could go unanswered, and would wait for two hours.
        if !url.contains("keepalives") {
            config.keepalives_idle(PATIENCE);
        }
        let name = name(&config);
        let tls = match config.get_ssl_mode() {
            SslMode::Disable => None,
            _ => Some(tls(certificates).map_err(|source| DatabaseError { doing: "verify", name: name.clone(), source })?),
        };
        Ok(Self { config, name, tls })
    }

    /// The same database with the password that a password file has for it, if it has one.
    #[must_use]
    pub fn with_passfile(mut self, passfile: &str) -> Self {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(host)) => host.clone(),
            _ => "localhost".to_owned(),
        };
        let port = self.config.get_ports().first().copied().unwrap_or(5432).to_string();
        let user = self.config.get_user().unwrap_or_default();
        let database = self.config.get_dbname().unwrap_or(user);
        if let Some(password) = in_passfile(passfile, [&host, &port, database, user]) {
            self.config.password(password.as_bytes());
        }
        self
    }

    /// Hosts and database, without user and password: what may be shown.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A new connection.
    ///
    /// # Errors
    ///
    /// What keeps it from being made.
    pub fn connect(&self) -> Result<Client, Fault> {
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
#[must_use]
pub fn said(error: &postgres::Error) -> String {
    let mut whole = error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string);
    let mut beneath = error.source().filter(|_| error.as_db_error().is_none());
    while let Some(reason) = beneath {
        whole = format!("{whole}: {reason}");
        beneath = reason.source();
    }
    whole
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

    #[test]
    fn a_password_file_is_asked_for_this_database() {
        let file = "db.example:5432:comity:comity:right\n*:*:*:*:other\n";
        let database = |url| Database::new(url, None, None).map(|database| database.with_passfile(file));
        let password = |url| database(url).ok().and_then(|database| database.config.get_password().map(<[u8]>::to_vec));
        assert_eq!(password("postgres://comity@db.example/comity").as_deref(), Some(b"right".as_slice()));
        assert_eq!(password("postgres://comity@db.example:5433/comity").as_deref(), Some(b"other".as_slice()));
        assert_eq!(
            database("postgres://comity@db.example/comity").map(|database| database.name().to_owned()).ok().as_deref(),
            Some("db.example/comity")
        );
    }
}
