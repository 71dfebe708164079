// SPDX-License-Identifier: Apache-2.0
//! Witnesses and logs behind TLS: only servers whose certificate is under the roots that were given are believed.

use crate::support::{History, grow, log, policy, running, served};
use comity_witness::client::CERTIFICATES;
use comity_witness::cosign::{Gathered, publish};
use comity_witness::follow::look_at;
use comity_witness::server::Limits;
use comity_witness::{Client, FetchError, Follower};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/witness/tls").join(name)
}

fn trusting(name: &str) -> Client {
    Client::trusting(PATIENCE, &file(name)).unwrap()
}

/// Puts TLS before a server for as long as the test runs, as a web server would. Gives the port.
fn encrypted(plain: SocketAddr) -> u16 {
    let chain = vec![CertificateDer::from_pem_file(file("server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let config = Arc::clone(&config);
            // A client that refuses the certificate breaks the connection off, which is no trouble here.
            std::thread::spawn(move || pass_on(stream, config, plain));
        }
    });
    port
}

/// One request and its answer.
fn pass_on(stream: TcpStream, config: Arc<ServerConfig>, plain: SocketAddr) -> std::io::Result<()> {
    let mut outside = StreamOwned::new(ServerConnection::new(config).map_err(std::io::Error::other)?, stream);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        outside.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8(head).map_err(std::io::Error::other)?;
    let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    outside.read_exact(&mut body)?;
    let (first, rest) = head.split_once("\r\n").unwrap_or_default();
    let mut inside = TcpStream::connect(plain)?;
    inside.write_all(format!("{first}\r\nconnection: close\r\n{rest}").as_bytes())?;
    inside.write_all(&body)?;
    let mut answer = Vec::new();
    inside.read_to_end(&mut answer)?;
    outside.write_all(&answer)?;
    outside.conn.send_close_notify();
    outside.flush()
}

/// What the one witness said.
fn said(gathered: &Gathered) -> String {
    match &gathered.witnesses.first().unwrap().1 {
        Ok(seconds) => format!("cosigned at {seconds}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_witness_behind_tls_is_asked_if_its_certificate_is_under_the_roots_that_were_given() {
    let folder = TempDir::new().unwrap();
    let place = log(&folder.path().join("log"));
    let witness = running(&folder.path().join("w"), 1, Limits::default());
    let port = encrypted(witness.address);
    let policy = |host: &str| policy(&[("a", &witness.key, &format!("https://{host}:{port}"))], "quorum a");
    let here = policy("127.0.0.1");
    grow(&place, &History::main(), 3);
    // Another authority, the public roots, and a name that the certificate does not have.
    let refusals = [
        (trusting("other.pem"), &here, "UnknownIssuer"),
        (Client::new(PATIENCE), &here, "UnknownIssuer"),
        (trusting("known.pem"), &policy("localhost"), "not valid for name"),
    ];
    for (client, policy, reason) in refusals {
        let gathered = publish(&client, policy, &place, 0).unwrap();
        assert!(gathered.trusted.is_err() && said(&gathered).contains(reason), "{reason}: {}", said(&gathered));
    }
    let gathered = publish(&trusting("known.pem"), &here, &place, 0).unwrap();
    assert!(gathered.trusted.is_ok(), "{}", said(&gathered));
    // Beside the policy of the log, the certificates need not be named each time.
    grow(&place, &History::main(), 5);
    let of_log = |named: Option<&str>| Client::of_log(PATIENCE, &place, named.map(file).as_deref()).unwrap();
    assert!(publish(&of_log(None), &here, &place, 0).unwrap().trusted.is_err());
    std::fs::copy(file("known.pem"), place.policy().with_file_name(CERTIFICATES)).unwrap();
    assert!(publish(&of_log(Some("other.pem")), &here, &place, 0).unwrap().trusted.is_err(), "what is named goes before");
    assert_eq!(publish(&of_log(None), &here, &place, 0).unwrap().trusted.unwrap().checkpoint.size(), 5);
}

#[test]
fn a_log_behind_tls_is_followed() {
    let folder = TempDir::new().unwrap();
    let place = log(&folder.path().join("log"));
    let policy = policy(&[], "quorum none");
    grow(&place, &History::main(), 300);
    let plain = served(place.public());
    let address = format!("https://127.0.0.1:{}", encrypted(plain.trim_start_matches("http://").parse().unwrap()));
    let look = |client: &Client| look_at(&Follower::new(&folder.path().join("watch")), client, &address, &policy, &mut |_, _| {});
    let error = look(&trusting("other.pem")).unwrap_err().to_string();
    assert!(error.contains("UnknownIssuer"), "{error}");
    assert_eq!(look(&trusting("known.pem")).unwrap().0.added, 300);
    // The same on the command line.
    let policy = place.policy();
    std::fs::write(&policy, format!("log {}\nquorum none\n", crate::support::log_key().verifying_key())).unwrap();
    let follow = |certificates: &str| {
        let done = Command::new(env!("CARGO_BIN_EXE_comity-witness"))
            .args(["follow", &address, "--data"])
            .arg(folder.path().join("second watch"))
            .arg("--policy")
            .arg(&policy)
            .arg("--certificates")
            .arg(file(certificates))
            .output()
            .unwrap();
        (done.status.code(), String::from_utf8([done.stdout, done.stderr].concat()).unwrap())
    };
    let (status, text) = follow("known.pem");
    assert!(status == Some(0) && text.contains("300 entries"), "{text}");
    let (status, text) = follow("other.pem");
    assert!(status == Some(1) && text.contains("UnknownIssuer"), "{text}");
    let (status, text) = follow("missing.pem");
    assert!(status == Some(3) && text.contains("cannot be read"), "{text}");
}

#[test]
fn a_file_without_certificates_is_refused() {
    let folder = TempDir::new().unwrap();
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "no certificate\n").unwrap();
    for file in [empty, file("server.key")] {
        let error = Client::trusting(PATIENCE, &file).unwrap_err();
        assert!(matches!(&error, FetchError::Certificates { problem, .. } if problem.contains("found none")), "{error}");
    }
}
