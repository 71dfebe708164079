// SPDX-License-Identifier: Apache-2.0
//! Time stamps: requests that OpenSSL reads, answers that it made, and that nothing in them can be changed.
//!
//! `timestamp/make.sh` made the files.

#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "a test may fail loudly, and says what it skips")]

use comity_evidence::timestamp::{self, Certificates, Request, Stamp, TimestampError, Token};
use comity_evidence::{Hash, text};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/timestamp").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn trusted(names: &[&str]) -> Certificates {
    let mut trusted = Certificates::default();
    names.iter().for_each(|name| trusted.extend(Certificates::from_bytes(&file(name)).unwrap()));
    trusted
}

fn roots() -> Certificates {
    trusted(&["root.pem", "root-rsa.pem", "root-ed25519.pem"])
}

fn verify(token: &[u8], document: &[u8], trusted: &Certificates, request: Option<&str>) -> Result<Stamp, TimestampError> {
    let request = request.map(|name| Request::from_bytes(&file(name)).unwrap());
    Token::from_bytes(token)?.verify(document, trusted, request.as_ref())
}

/// What OpenSSL reads in a request; `None` where there is no OpenSSL.
fn read(request: &[u8]) -> Option<String> {
    let mut command = Command::new("openssl");
    command.args(["ts", "-query", "-in", "/dev/stdin", "-text"]);
    let Ok(mut child) = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else {
        eprintln!("skipped: `openssl` is not installed");
        return None;
    };
    child.stdin.take().unwrap().write_all(request).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn openssl_reads_what_was_asked() {
    for (random, nonce) in [(0, "0x4000000000000000"), (u64::MAX, "0x7FFFFFFFFFFFFFFF"), (0x0123_4567_89AB_CDEF, "0x4123456789ABCDEF")] {
        let Some(text) = read(&timestamp::request(&Hash::of(b"a checkpoint"), random)) else { return };
        for line in ["Version: 1", "Hash Algorithm: sha256", "Certificate required: yes", &format!("Nonce: {nonce}")] {
            assert!(text.contains(line), "{line} in {text}");
        }
        // The digest is shown as a dump of 16 bytes a line, a hyphen in the middle.
        let dumped = text.lines().filter_map(|line| line.trim_start().split_once(" - ")).filter(|(at, _)| at.len() == 4);
        let digits: String =
            dumped.flat_map(|(_, line)| line.chars().take(47).filter(char::is_ascii_hexdigit).collect::<Vec<_>>()).collect();
        assert_eq!(digits, Hash::of(b"a checkpoint").to_hex());
    }
}

#[test]
fn a_request_is_read_as_it_was_written() {
    let document = b"a checkpoint";
    let request = timestamp::request(&Hash::of(document), 7);
    assert_ne!(Request::from_bytes(&request).unwrap(), Request::from_bytes(&timestamp::request(&Hash::of(document), 8)).unwrap());
    for length in 0..request.len() {
        assert!(Request::from_bytes(&request[..length]).is_err(), "{length}");
    }
    let refused = Request::from_bytes(&[request, vec![0]].concat()).unwrap_err();
    assert!(refused.to_string().starts_with("the request cannot be read"), "{refused}");
}

#[test]
fn time_stamps_with_each_kind_of_key_hold() {
    let document = file("document");
    for (name, request, digest, authority, root) in [
        ("good-p256", Some("request.tsq"), "SHA-256", "authority", "root"),
        ("good-chain", Some("request.tsq"), "SHA-256", "authority-p384", "root"),
        ("good-rsa", Some("request.tsq"), "SHA-256", "authority-rsa", "root-rsa"),
        ("good-rsa-pss", Some("request.tsq"), "SHA-256", "authority-rsa", "root-rsa"),
        ("good-ed25519", Some("request.tsq"), "SHA-256", "authority-ed25519", "root-ed25519"),
        ("good-sha512", Some("sha512.tsq"), "SHA-512", "authority", "root"),
    ] {
        let token = file(&format!("{name}.tsr"));
        let stamp = verify(&token, &document, &roots(), request).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(stamp.digest, digest, "{name}");
        assert_eq!(stamp.authority, format!("CN={authority},O=Comity tests"), "{name}");
        assert_eq!(stamp.root, format!("CN={root},O=Comity tests"), "{name}");
        assert_eq!((stamp.policy.as_str(), stamp.accuracy), ("1.2.3.4.1", Some(Duration::from_millis(1500))), "{name}");
        // Made after the day on which these tests were written, and before its certificates run out.
        assert!((1_795_900_000..4_900_000_000).contains(&stamp.seconds), "{name}: {}", stamp.seconds);
        assert_eq!(verify(&token, &document, &roots(), None).unwrap(), stamp, "{name}");
    }
}

#[test]
fn the_authority_itself_can_be_trusted_in_place_of_its_root() {
    let (token, document) = (file("good-p256.tsr"), file("document"));
    let stamp = verify(&token, &document, &trusted(&["authority.pem"]), None).unwrap();
    assert_eq!(stamp.root, stamp.authority);
    // A root in DER is the same root.
    assert!(verify(&token, &document, &trusted(&["root.der"]), None).is_ok());
}

#[test]
fn what_does_not_hold_says_why() {
    let document = file("document");
    for (name, problem) in [
        ("bad-sha1", "the digest of the document is not accepted here: 1.3.14.3.2.26; accepted: SHA-256, SHA-384, SHA-512"),
        ("bad-ess-sha1", "does not name, once, its certificate by a digest newer than SHA-1"),
        ("bad-not-critical", "says that its key is for time stamping, and not that this is critical"),
        ("bad-two-purposes", "is for 1.3.6.1.5.5.7.3.8, 1.3.6.1.5.5.7.3.3: expected time stamping"),
        ("bad-no-purpose", "does not say what its key is for"),
        ("bad-no-signing", "has a key that may not sign"),
        ("bad-unknown-critical", "has a critical extension that is not understood here: 1.2.3.4"),
        ("bad-by-authority", "the certificate of `CN=authority,O=Comity tests` is not that of an issuer"),
        ("bad-too-deep", "the certificate of `CN=between,O=Comity tests` does not allow so many certificates below it"),
        ("bad-no-between", "was issued by `CN=between,O=Comity tests`, which is not among the trusted certificates"),
        ("bad-p521", "the signature is not accepted here: the curve 1.3.132.0.35"),
        ("bad-rsa1024", "the signature is not accepted here: an RSA key of 1024 bits"),
        ("bad-expired", "and not at the time of the time stamp"),
        (
            "bad-refused",
            "the authority gave no time stamp: status 2, the policy is not one of its own, it says `Requested policy is not supported.`",
        ),
    ] {
        let error = verify(&file(&format!("{name}.tsr")), &document, &roots(), None).expect_err(name).to_string();
        assert!(error.contains(problem), "{name}: {error}");
    }
    let good = file("good-p256.tsr");
    for (trusted, document, request, problem) in [
        (trusted(&["stranger.pem"]), document.as_slice(), None, "was issued by `CN=root,O=Comity tests`, which is not among the trusted"),
        (roots(), b"another".as_slice(), None, "is over another document: it states the SHA-256"),
        (roots(), &document, Some("other.tsq"), "does not answer this request: its nonce is"),
        (roots(), &document, Some("sha512.tsq"), "does not answer this request: its digest is"),
    ] {
        let error = verify(&good, document, &trusted, request).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}

#[test]
fn files_of_certificates() {
    let root = file("root.pem");
    let text = String::from_utf8(root.clone()).unwrap();
    // Words around a certificate, as OpenSSL writes them, are read over.
    let two = format!("subject: root\n{text}\nsubject: the same\r\n{}", text.replace('\n', "\r\n"));
    assert!(verify(&file("good-p256.tsr"), &file("document"), &Certificates::from_bytes(two.as_bytes()).unwrap(), None).is_ok());
    for (wrong, problem) in [
        (b"".to_vec(), "a certificate cannot be read"),
        (b"no certificate".to_vec(), "a certificate cannot be read"),
        (text.replace("END", "ENDE").into_bytes(), "does not end"),
        (text.replacen("MII", "M!I", 1).into_bytes(), "is no base64"),
    ] {
        let error = Certificates::from_bytes(&wrong).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}

/// Whatever is changed, the time stamp is refused, or says the same of the same document.
fn nothing_can_be_changed(name: &str, bits: &[u8], step: usize) {
    let (token, document, roots) = (file(&format!("{name}.tsr")), file("document"), roots());
    let stamp = verify(&token, &document, &roots, None).unwrap();
    let mut unnoticed = Vec::new();
    for place in (0..token.len()).step_by(step) {
        for bit in bits {
            let mut changed = token.clone();
            changed.get_mut(place).into_iter().for_each(|byte| *byte ^= 1 << bit);
            match verify(&changed, &document, &roots, None) {
                Ok(other) => {
                    assert_eq!(other, stamp, "{name}: bit {bit} of byte {place}");
                    unnoticed.push(place);
                }
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
    unnoticed.dedup();
    // What nobody signs: versions, the list of digests, the words of the answer, and how an algorithm without parameters is written.
    assert!(unnoticed.len() < 40, "{name}: changes of {} bytes pass unnoticed: {unnoticed:?}", unnoticed.len());
}

#[test]
fn nothing_can_be_changed_in_a_time_stamp() {
    nothing_can_be_changed("good-p256", &[0, 1, 2, 3, 4, 5, 6, 7], 1);
}

#[test]
fn nothing_can_be_changed_in_a_chain() {
    nothing_can_be_changed("good-chain", &[0], 3);
}

#[test]
fn nothing_can_be_changed_in_one_with_ed25519() {
    nothing_can_be_changed("good-ed25519", &[0, 7], 1);
}

#[test]
fn nothing_can_be_changed_in_one_with_rsa() {
    nothing_can_be_changed("good-rsa", &[1], 3);
    nothing_can_be_changed("good-rsa-pss", &[1], 3);
}

#[test]
fn no_part_of_a_time_stamp_is_one() {
    let token = file("good-p256.tsr");
    for length in 0..token.len() {
        assert!(Token::from_bytes(&token[..length]).is_err(), "{length}");
    }
    assert!(Token::from_bytes(&[token.clone(), vec![0]].concat()).is_err());
    assert!(Token::from_bytes(&vec![0x30; timestamp::LONGEST + 1]).unwrap_err().to_string().contains("longer than a mebibyte"));
    assert!(Token::from_bytes(text::to_hex(&token).as_bytes()).is_err());
}
