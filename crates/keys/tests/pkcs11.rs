// SPDX-License-Identifier: Apache-2.0
//! A key in a token that another program keeps: SoftHSM, which `.ci/stores` sets up.
#![cfg(feature = "pkcs11")]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use comity_border::Secret;
use comity_border::service::Context;
use comity_keys::Place;
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::object::{Attribute, KeyType, ObjectClass};
use cryptoki::session::UserType;
use cryptoki::types::AuthPin;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fs;
use std::io::Write;
use std::path::Path;

/// The key that is put into the token, which a key of a token never is where nobody tests it.
const KEY: [u8; 32] = *b"a key that others know as well..";

/// Makes a token of this name, with keys that say what a test asks for.
fn token(module: &str, name: &str) {
    let pin = |pin: &str| AuthPin::new(pin.into());
    let library = Pkcs11::new(module).unwrap();
    library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
    let free = library.get_slots_with_token().unwrap();
    let slot = *free.iter().find(|slot| !library.get_token_info(**slot).unwrap().token_initialized()).unwrap();
    library.init_token(slot, &pin("officer1"), name).unwrap();
    let slot = library.get_slots_with_initialized_token().unwrap();
    let slot = *slot.iter().find(|slot| library.get_token_info(**slot).unwrap().label() == name).unwrap();
    let session = library.open_rw_session(slot).unwrap();
    session.login(UserType::So, Some(&pin("officer1"))).unwrap();
    session.init_pin(&pin("1234-right")).unwrap();
    session.logout().unwrap();
    session.login(UserType::User, Some(&pin("1234-right"))).unwrap();
    let make = |label: &str, id: u8, kind: KeyType, sensitive: bool| {
        let attributes = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(kind),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(sensitive),
            Attribute::Extractable(false),
            Attribute::Sign(true),
            Attribute::Label(label.as_bytes().to_vec()),
            Attribute::Id(vec![id]),
            Attribute::Value(KEY.to_vec()),
        ];
        session.create_object(&attributes).unwrap();
    };
    make("border", 1, KeyType::GENERIC_SECRET, true);
    make("loose", 2, KeyType::GENERIC_SECRET, false);
    make("twice", 3, KeyType::GENERIC_SECRET, true);
    make("twice", 4, KeyType::GENERIC_SECRET, true);
    make("cipher", 5, KeyType::AES, true);
    session.close().unwrap();
    library.finalize().unwrap();
}

#[test]
fn a_key_that_never_leaves_its_token_makes_the_secret() {
    let Ok(module) = std::env::var("COMITY_PKCS11") else {
        assert!(std::env::var("COMITY_STORES_REQUIRED").as_deref() != Ok("1"), "there is no token: run `.ci/stores`");
        let _ = writeln!(std::io::stderr().lock(), "SKIPPED the test of tokens: `.ci/stores` runs it");
        return;
    };
    let name = format!("comity-{}", std::process::id());
    token(&module, &name);
    let folder = tempfile::tempdir().unwrap();
    let pin = |pin: &str| {
        let path = folder.path().join(pin);
        fs::write(&path, format!("{pin}\n")).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let context = Context { recipient: "Acme".to_owned(), purpose: "analytics".to_owned(), epoch: "2026-Q4".to_owned() };
    let of = |key: &str, pin: Option<&str>| {
        let way = pin.map_or_else(String::new, |pin| format!("&pin-source={pin}"));
        let uri = format!("pkcs11:{key}?module-path={module}{way}");
        Place::named(Some(Path::new(&uri)), None).and_then(|place| place.secret(&context))
    };
    let right = pin("1234-right");
    let secret = of(&format!("token={name};object=border"), Some(&right)).unwrap().unwrap();
    // What anybody has who has the key: here everybody.
    let mut mac = Hmac::<Sha256>::new_from_slice(&KEY).unwrap();
    mac.update(br#"{"epoch":"2026-Q4","of":"comity-border 2026-11-30 secret of a job","purpose":"analytics","recipient":"Acme"}"#);
    let expected = Secret::new(mac.finalize().into_bytes().into()).name();
    assert_eq!(secret.name(), format!("pkcs11:token={name};object=border {expected}"));
    let by_id = of(&format!("token={name};id=%03"), Some(&right)).unwrap().unwrap();
    assert!(by_id.name().ends_with(&expected));

    let refused = |key: &str, pin: Option<&str>| of(key, pin).err().map(|error| error.to_string()).unwrap_or_default();
    for (key, way, expected) in [
        (format!("token={name};object=border"), Some(pin("1234-wrong")), "cannot be entered: the PIN is not right".to_owned()),
        (
            format!("token={name};object=border"),
            None,
            "asks for a PIN: name a file with `pin-source` in the URI, or give it in COMITY_PIN".to_owned(),
        ),
        (format!("token={name};object=boarder"), Some(right.clone()), "there is `border`, `cipher`, `loose`, `twice`".to_owned()),
        (format!("token={name};object=twice"), Some(right.clone()), "found 2; tell them apart with `id`".to_owned()),
        (format!("token={name};object=loose"), Some(right.clone()), "found one that is not sensitive".to_owned()),
        (format!("token={name};object=cipher"), Some(right.clone()), "make HMAC with SHA-256 under the key: it is not for that".to_owned()),
        (
            "token=nobody;object=border".to_owned(),
            Some(right.clone()),
            "expected the token of `pkcs11:token=nobody;object=border`; there is `comity-".to_owned(),
        ),
        (format!("token={name};object=border"), Some("/nowhere/pin".to_owned()), "cannot read the PIN `/nowhere/pin`".to_owned()),
    ] {
        let said = refused(&key, way.as_deref());
        assert!(said.contains(&expected) && !said.contains("1234-"), "{key}: {said}");
    }
    let uri = "pkcs11:object=border?module-path=/nowhere/module.so";
    let said = Place::named(Some(Path::new(uri)), None).unwrap().secret(&context).err().map(|error| error.to_string());
    assert!(said.is_some_and(|said| said.starts_with("cannot load the module `/nowhere/module.so`")));
}
