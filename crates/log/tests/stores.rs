// SPDX-License-Identifier: Apache-2.0
//! What each store promises, asked of every kind.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail loudly")]

mod support;

use comity_evidence::Hash;
use comity_log::vault::{KeysApart, Sealed, SqliteVault};
use comity_log::{Submission, Vault};
use std::collections::BTreeMap;
use std::sync::Mutex;
use support::home::{Home, Kind};
use support::submission;

on_every_store! {
    a_queue_gives_each_entry_its_number_for_good,
    a_queue_takes_in_what_many_hand_in_at_once,
    a_queue_takes_in_the_largest_batch,
    a_lock_is_changed_only_by_who_knows_what_is_in_it,
    files_are_what_was_written,
    a_vault_keeps_and_erases,
    keys_can_be_kept_apart_from_payloads,
}

fn once(text: &str, id: &str) -> Submission {
    Submission { entry: text.as_bytes().to_vec(), once: Some(Hash::of(id.as_bytes())) }
}

fn a_queue_gives_each_entry_its_number_for_good(kind: Kind) {
    let home = Home::new(kind);
    let mut queue = home.queue();
    assert_eq!((queue.next().unwrap(), queue.read(0, 10).unwrap()), (0, vec![]));
    assert!(queue.append(&[]).unwrap().is_empty());
    assert_eq!(queue.append(&[submission("a"), once("b", "1"), once("c", "2"), once("d", "1")]).unwrap(), [0, 1, 2, 1]);
    assert_eq!(queue.append(&[once("e", "2"), submission("a")]).unwrap(), [2, 3]);
    assert_eq!(queue.append(&[once("f", "1")]).unwrap(), [1]);
    assert_eq!(queue.read(0, 10).unwrap(), [b"a", b"b", b"c", b"a"]);
    assert_eq!(queue.read(1, 2).unwrap(), [b"b", b"c"]);
    queue.forget(2).unwrap();
    assert_eq!(queue.read(2, 10).unwrap(), [b"c", b"a"]);
    // There is no gap to jump over.
    assert!(queue.read(1, 10).unwrap().is_empty());
    drop(queue);
    let mut queue = home.queue();
    assert_eq!((queue.next().unwrap(), queue.append(&[once("g", "1"), submission("h")]).unwrap()), (4, vec![1, 4]));
    queue.forget(5).unwrap();
    assert_eq!((queue.next().unwrap(), queue.read(5, 10).unwrap()), (5, vec![]));
}

fn a_queue_takes_in_what_many_hand_in_at_once(kind: Kind) {
    let home = Home::new(kind);
    let given = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (home, given) = (&home, &given);
            scope.spawn(move || {
                let mut queue = home.queue();
                for batch in 0..20 {
                    // The last of each is the same event for all.
                    let mut texts: Vec<Submission> = (0..3).map(|number| submission(&format!("{thread} {batch} {number}"))).collect();
                    texts.push(once("all", &format!("all {batch}")));
                    let numbers = queue.append(&texts).unwrap();
                    for (number, text) in numbers.into_iter().zip(texts) {
                        let before = given.lock().unwrap().insert(number, text.entry.clone());
                        assert!(before.is_none_or(|before| before == text.entry && text.once.is_some()), "{number} was given twice");
                    }
                }
            });
        }
    });
    let (given, mut queue) = (given.into_inner().unwrap(), home.queue());
    assert_eq!(queue.next().unwrap(), 4 * 20 * 3 + 20);
    let entries = queue.read(0, 1000).unwrap();
    assert_eq!((0..).zip(entries).collect::<BTreeMap<u64, Vec<u8>>>(), given);
}

fn a_queue_takes_in_the_largest_batch(kind: Kind) {
    let home = Home::new(kind);
    let mut queue = home.queue();
    let largest: Vec<Submission> =
        (0..400_u32).map(|number| Submission { entry: number.to_be_bytes().repeat(65_532 / 4), once: None }).collect();
    assert_eq!(queue.append(&largest).unwrap(), (0..400).collect::<Vec<_>>());
    assert_eq!(queue.read(399, 2).unwrap(), [largest[399].entry.clone()]);
}

fn a_lock_is_changed_only_by_who_knows_what_is_in_it(kind: Kind) {
    let home = Home::new(kind);
    let (mut first, mut second) = (home.lock(), home.lock());
    assert_eq!(first.last().unwrap(), None);
    assert!(!first.swap(Some("none"), "a\n").unwrap());
    assert!(first.swap(None, "a\n").unwrap());
    assert!(!second.swap(None, "b\n").unwrap());
    assert!(second.swap(Some("a\n"), "ä\n").unwrap());
    assert!(!first.swap(Some("a\n"), "c\n").unwrap());
    assert_eq!(first.last().unwrap().as_deref(), Some("ä\n"));
    // The conditional write of the server under test is not one step: only real stores may be raced.
    if kind == Kind::S3 {
        return;
    }
    for round in 0..20 {
        let old = first.last().unwrap();
        let won = std::thread::scope(|scope| {
            let race = |thread: u32| {
                let (home, old) = (&home, old.as_deref());
                scope.spawn(move || home.lock().swap(old, &format!("{round} {thread}\n")).unwrap())
            };
            let racing: Vec<_> = (0..4).map(race).collect();
            racing.into_iter().map(|thread| thread.join().unwrap()).filter(|won| *won).count()
        });
        assert_eq!(won, 1, "round {round}");
    }
}

fn files_are_what_was_written(kind: Kind) {
    let home = Home::new(kind);
    let files = home.files();
    assert_eq!((files.read("tile/0/000").unwrap(), files.list().unwrap()), (None, vec![]));
    files.remove_under("tile/0/000.p/").unwrap();
    files.write(&[]).unwrap();
    let whole: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    let written = ["checkpoint", "tile/0/000", "tile/0/000.p/1", "tile/0/000.p/12", "tile/0/000.p2", "tile/entries/x001/067"];
    files.write(&written.map(|path| (path.to_owned(), [path.as_bytes(), &whole].concat()))).unwrap();
    for path in written {
        assert!(home.read(path) == [path.as_bytes(), &whole].concat(), "{path}");
    }
    assert_eq!(files.read("tile/0/000.p").unwrap_or_default(), None, "a folder is no file");
    files.write(&[("checkpoint".to_owned(), b"newer".to_vec())]).unwrap();
    assert_eq!(home.read("checkpoint"), b"newer");
    let listed = || {
        let mut listed = home.files().list().unwrap();
        listed.sort_unstable();
        listed
    };
    assert_eq!(listed(), written);
    files.remove_under("tile/0/000.p/").unwrap();
    assert_eq!(listed(), ["checkpoint", "tile/0/000", "tile/0/000.p2", "tile/entries/x001/067"]);
    // More than one page of a list: `.ci/stores` has the server give ten at a time.
    let many: Vec<(String, Vec<u8>)> = (0..25).map(|number| (format!("many/{number}"), vec![b'x'])).collect();
    files.write(&many).unwrap();
    assert_eq!(listed().len(), 4 + many.len());
    files.remove_under("many/").unwrap();
    assert_eq!(listed().len(), 4);
}

fn sealed(leaf: &str, matter: &str) -> Sealed {
    Sealed { leaf: support::leaf(leaf), matter: matter.to_owned(), bytes: [leaf.as_bytes(), b" sealed"].concat() }
}

fn keeps_and_erases(vault: &mut dyn Vault) {
    assert_eq!((vault.key("m").unwrap(), vault.of_matter("m").unwrap()), (None, vec![]));
    assert!(vault.keep_key("m", b"key").unwrap());
    assert!(!vault.keep_key("m", b"another").unwrap(), "the first key stays");
    assert!(vault.keep_key("n", b"key of n").unwrap());
    vault.keep(&[sealed("a", "m"), sealed("b", "n"), sealed("c", "m")]).unwrap();
    // Kept again, as after a crash: the newest is there.
    let again = Sealed { bytes: b"sealed again".to_vec(), ..sealed("a", "m") };
    vault.keep(std::slice::from_ref(&again)).unwrap();
    vault.keep(&[]).unwrap();
    assert_eq!(vault.key("m").unwrap().as_deref(), Some(&b"key"[..]));
    assert_eq!(vault.read(&again.leaf).unwrap(), Some(again));
    let mut of_matter = vault.of_matter("m").unwrap();
    of_matter.sort_unstable();
    let mut expected = [support::leaf("a"), support::leaf("c")];
    expected.sort_unstable();
    assert_eq!(of_matter, expected);
    for _twice in 0..2 {
        vault.erase("m").unwrap();
        assert_eq!((vault.key("m").unwrap(), vault.of_matter("m").unwrap(), vault.read(&expected[0]).unwrap()), (None, vec![], None));
    }
    assert_eq!(vault.read(&support::leaf("b")).unwrap(), Some(sealed("b", "n")));
    assert_eq!(vault.key("n").unwrap().as_deref(), Some(&b"key of n"[..]));
    // The matter gets a new key when something new is kept for it.
    assert!(vault.keep_key("m", b"new key").unwrap());
}

fn a_vault_keeps_and_erases(kind: Kind) {
    keeps_and_erases(Home::new(kind).vault().as_mut());
}

fn keys_can_be_kept_apart_from_payloads(kind: Kind) {
    let home = Home::new(kind);
    let keys = SqliteVault::open(&home.folder().join("keys.sqlite")).unwrap();
    keeps_and_erases(&mut KeysApart::new(keys, home.vault()));
    let mut payloads = home.vault();
    assert_eq!(payloads.key("n").unwrap(), None, "no key is where the payloads are");
    assert!(payloads.read(&support::leaf("b")).unwrap().is_some());
}

#[cfg(feature = "postgres")]
mod of_postgres {
    use super::once;
    use super::support::home::{Home, Kind};
    use super::support::remote::{database_as, rows, sql};
    use super::support::submission;
    use comity_log::Queue;
    use comity_log::postgres::{Database, schema};
    use comity_log::queue::PostgresQueue;

    #[test]
    fn a_lost_connection_is_made_anew() {
        if !Kind::Postgres.is_there() {
            return;
        }
        let home = Home::new(Kind::Postgres);
        let mut queue = PostgresQueue::open(&database_as(home.name()), home.name()).unwrap();
        assert_eq!(queue.append(&[submission("a")]).unwrap(), [0]);
        let cut = format!("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = '{}'", home.name());
        assert_eq!(rows(&cut), 1, "there was no connection to cut");
        // Whether the first one notices is for the client to say; the next has a new connection.
        let event = [once("b", "b")];
        let _ = queue.append(&event);
        assert_eq!(queue.append(&event).unwrap(), [1]);
        assert_eq!(queue.append(&[submission("c")]).unwrap(), [2]);
    }

    #[test]
    fn a_server_that_has_gone_back_gives_no_number_twice() {
        if !Kind::Postgres.is_there() {
            return;
        }
        let home = Home::new(Kind::Postgres);
        let mut queue = home.queue();
        assert_eq!(queue.append(&[submission("a"), submission("b")]).unwrap(), [0, 1]);
        // As after a failover to a replica that lagged.
        let schema = schema(home.name());
        sql(&format!("DELETE FROM {schema}.entries WHERE number = 1; UPDATE {schema}.next SET number = 1"));
        for error in [queue.append(&[submission("c")]).map(drop).unwrap_err(), queue.next().map(drop).unwrap_err()] {
            assert!(error.to_string().contains("knew of 2 entries and now knows of 1"), "{error}");
        }
        sql(&format!("UPDATE {schema}.next SET number = 2"));
        assert_eq!(queue.append(&[submission("c")]).unwrap(), [2]);
    }

    #[test]
    fn a_server_that_is_not_there_is_named_without_its_password() {
        // Port 1 of this machine: nobody listens there, and nothing is resolved.
        let database = Database::new("postgres://comity@127.0.0.1:1/comity?connect_timeout=2", Some("hunter2"), None).unwrap();
        let error = PostgresQueue::open(&database, "example.org/log").err().unwrap();
        assert!(error.to_string().starts_with("cannot open `127.0.0.1/comity`: "), "{error}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }

    #[test]
    fn an_encrypted_connection_is_to_a_server_that_is_known() {
        if !Kind::Postgres.is_there() {
            return;
        }
        // A server of one's own has no certificate for this.
        let Ok(url) = std::env::var("COMITY_POSTGRES_TLS") else { return };
        let variable = |name| std::env::var(name).unwrap();
        let read = |name| std::fs::read(variable(name)).unwrap();
        let (known, other, password) =
            (read("COMITY_CERTIFICATES"), read("COMITY_OTHER_CERTIFICATES"), variable("COMITY_POSTGRES_PASSWORD"));
        let home = Home::new(Kind::Postgres);
        let open = |certificates: Option<&[u8]>, password: &str| {
            PostgresQueue::open(&Database::new(&url, Some(password), certificates).unwrap(), home.name())
        };
        assert_eq!(open(Some(&known), &password).unwrap().append(&[submission("a")]).unwrap(), [0]);
        for certificates in [None, Some(&other[..])] {
            let error = open(certificates, &password).err().unwrap().to_string();
            assert!(error.contains("UnknownIssuer"), "{error}");
        }
        let error = open(Some(&known), "wrong-word").err().unwrap();
        assert!(error.to_string().contains("password authentication failed"), "{error}");
        assert!(!format!("{error:?}").contains("wrong-word"), "{error:?}");
    }
}

#[cfg(feature = "s3")]
mod of_s3 {
    use super::support::home::Kind;
    use super::support::remote::{clock, location};
    use comity_log::Files;
    use comity_log::files::S3Files;
    use comity_log::lock::S3Lock;
    use comity_log::s3::{Bucket, Credentials, Location};

    fn bucket(url: &str) -> Bucket {
        Bucket::new(&Location { url: url.to_owned(), ..location("") }, Credentials::new("id", "hunter2", None), clock).unwrap()
    }

    #[test]
    fn a_bucket_that_is_not_there_is_no_empty_log() {
        if !Kind::S3.is_there() {
            return;
        }
        let files = S3Files::new(bucket("s3://no-such-bucket/logs"));
        for error in [files.read("checkpoint").map(drop).unwrap_err(), files.list().map(drop).unwrap_err()] {
            assert!(error.to_string().contains("404 NoSuchBucket"), "{error}");
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
        assert!(files.write(&[("checkpoint".to_owned(), b"a".to_vec())]).is_err());
    }

    #[test]
    fn a_lock_is_one_object() {
        if !Kind::S3.is_there() {
            return;
        }
        assert!(S3Lock::open(bucket("s3://logs")).err().unwrap().to_string().contains("s3://BUCKET/KEY"));
    }
}
