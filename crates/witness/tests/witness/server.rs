// SPDX-License-Identifier: Apache-2.0
//! The witness over HTTP: every answer of the protocol, limits, and many who ask at once.

use crate::support::{History, ORIGIN, Running, log_key, running, witness_key};
use comity_evidence::note::Note;
use comity_evidence::witness::{accept, path_of};
use comity_evidence::{Checkpoint, Fork};
use comity_witness::client::Answer;
use comity_witness::server::Limits;
use comity_witness::{Client, Witness, forks};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use tempfile::TempDir;

fn client() -> Client {
    Client::new(Duration::from_secs(60))
}

fn ask(running: &Running, history: &History, old: u64, new: u64) -> Answer {
    client().add_checkpoint(&running.url(), &history.request(old, new)).unwrap()
}

/// Sends bytes as they are, and gives the whole answer.
fn raw(running: &Running, request: &str) -> String {
    let mut stream = TcpStream::connect(running.address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn every_answer_of_the_protocol() {
    let folder = TempDir::new().unwrap();
    let witness = running(folder.path(), 1, Limits::default());
    let (main, other) = (History::main(), History::forked("other", 2));
    // 200, and the cosignature holds.
    let first = ask(&witness, &main, 0, 4);
    assert_eq!(first.status, 200, "{}", first.body);
    let mut note = main.note(4);
    assert_eq!(accept(&mut note, &first.body, &witness.key), Ok(1_790_000_000));
    assert_eq!(ask(&witness, &main, 4, 4).status, 200, "the same again");
    assert_eq!(ask(&witness, &main, 4, 9).status, 200);
    // 409 with the size, and its type.
    assert_eq!(ask(&witness, &main, 4, 9), Answer { status: 409, body: "9\n".to_owned() });
    let body = main.request(0, 3).to_string();
    let answer = raw(
        &witness,
        &format!("POST /add-checkpoint HTTP/1.1\r\nhost: w\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len()),
    );
    assert!(
        answer.starts_with("HTTP/1.1 409") && answer.contains("content-type: text/x.tlog.size\r\n") && answer.ends_with("\r\n\r\n9\n"),
        "{answer}"
    );
    // 422: other histories, larger and of the same size. Of the second the proof is kept.
    assert_eq!(ask(&witness, &other, 9, 12).status, 422);
    assert_eq!(forks::files(folder.path()).unwrap().len(), 0);
    for _ in 0..2 {
        assert_eq!(ask(&witness, &other, 9, 9).status, 422);
    }
    let kept = forks::files(folder.path()).unwrap();
    assert_eq!(kept.len(), 1);
    let fork: Fork = std::fs::read_to_string(&kept[0]).unwrap().parse().unwrap();
    assert!(fork.verify(&[log_key().verifying_key()]).is_ok());
    // 400, 403, 404, 405, 413.
    let sent = |body: &str| {
        raw(
            &witness,
            &format!("POST /add-checkpoint HTTP/1.1\r\nhost: w\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len()),
        )
    };
    assert!(sent("old x\n").starts_with("HTTP/1.1 400"));
    assert!(sent(&main.request(9, 10).to_string().replace("\n10\n", "\n11\n")).starts_with("HTTP/1.1 403"));
    assert!(sent(&main.request(9, 10).to_string().replace(ORIGIN, "example.org/log/2025")).starts_with("HTTP/1.1 404"));
    let announced = "POST /add-checkpoint HTTP/1.1\r\nhost: w\r\nconnection: close\r\ncontent-length: 524288\r\n\r\n";
    assert!(raw(&witness, announced).starts_with("HTTP/1.1 413"));
    let get = |path: &str| raw(&witness, &format!("GET {path} HTTP/1.1\r\nhost: w\r\nconnection: close\r\n\r\n"));
    assert!(get("/add-checkpoint").starts_with("HTTP/1.1 405"));
    assert!(get("/nothing").starts_with("HTTP/1.1 404"));
    assert!(get("/health").starts_with("HTTP/1.1 200"));
    assert!(get("/").contains(&witness.key.to_string()));
    // What was cosigned last, for everyone to see.
    assert!(get(&format!("/{}", path_of(ORIGIN))).starts_with("HTTP/1.1 200"));
    let held = client().cosigned_last(&witness.url(), ORIGIN).unwrap().unwrap();
    assert_eq!(held.text(), main.note(9).text());
    assert_eq!(held.verify(&[log_key().verifying_key(), witness.key.clone()]).unwrap().len(), 2);
    assert_eq!(client().cosigned_last(&witness.url(), "example.org/log/2025").unwrap(), None);
}

#[test]
fn what_was_cosigned_outlives_the_process() {
    let folder = TempDir::new().unwrap();
    let main = History::main();
    assert_eq!(ask(&running(folder.path(), 1, Limits::default()), &main, 0, 7).status, 200);
    let again = running(folder.path(), 1, Limits::default());
    assert_eq!(ask(&again, &main, 0, 7).body, "7\n");
    assert_eq!(ask(&again, &main, 7, 8).status, 200);
}

#[test]
fn the_time_that_is_stated_never_goes_back() {
    let folder = TempDir::new().unwrap();
    let mut witness = Witness::create(folder.path(), &[witness_key(1)], &[log_key().verifying_key()]).unwrap();
    let main = History::main();
    let mut cosigned = |old, new, seconds| {
        let answer = witness.add_checkpoint(main.request(old, new).to_string().as_bytes(), seconds).unwrap().unwrap();
        accept(&mut main.note(new), &answer, &witness_key(1).verifying_key()).unwrap()
    };
    assert_eq!([cosigned(0, 1, 50), cosigned(1, 2, 40), cosigned(2, 3, 60)], [50, 50, 60]);
}

#[test]
fn a_log_is_witnessed_from_when_its_line_is_there() {
    let folder = TempDir::new().unwrap();
    let mut witness = Witness::create(folder.path(), &[witness_key(1)], &[]).unwrap();
    let request = History::main().request(0, 1).to_string();
    assert_eq!(witness.add_checkpoint(request.as_bytes(), 1).unwrap().unwrap_err().status(), 404);
    std::fs::write(folder.path().join("logs.policy"), format!("log {}\nquorum none\n", log_key().verifying_key())).unwrap();
    assert!(witness.add_checkpoint(request.as_bytes(), 1).unwrap().is_ok());
}

#[test]
fn a_request_that_never_ends_is_ended() {
    let folder = TempDir::new().unwrap();
    let limits = Limits { head: Duration::from_secs(2), request: Duration::from_millis(100), connections: 1, ..Limits::default() };
    let witness = running(folder.path(), 1, limits);
    // With one connection at a time, each of these must be over before the next is heard.
    for unfinished in ["POST /add-checkpoint HTTP/1.1\r\nhost: w\r\ncontent-length: 9\r\n\r\nold", "POST /add-check"] {
        assert!(!raw(&witness, unfinished).contains("200"), "{unfinished}");
    }
    // On a machine that is busy an honest request may be too slow as well.
    let request = History::main().request(0, 1);
    let heard = (0..50).find_map(|_| client().add_checkpoint(&witness.url(), &request).ok().filter(|answer| answer.status != 408));
    assert_eq!(heard.map(|answer| answer.status), Some(200));
}

#[test]
fn of_many_who_ask_at_once_one_history_is_cosigned() {
    let folder = TempDir::new().unwrap();
    let witness = running(folder.path(), 1, Limits::default());
    let histories: Vec<History> = (0..6).map(|number| History::forked(&format!("history {number}"), 0)).collect();
    let cosigned: Vec<(String, Note)> = std::thread::scope(|scope| {
        let threads: Vec<_> = histories
            .iter()
            .map(|history| {
                let witness = &witness;
                scope.spawn(move || {
                    let (mut size, mut cosigned) = (0, Vec::new());
                    for _ in 0..12 {
                        let answer = ask(witness, history, size, size + 1);
                        match answer.status {
                            200 => {
                                size += 1;
                                let mut note = history.note(size);
                                accept(&mut note, &answer.body, &witness.key).unwrap();
                                cosigned.push((history.name.clone(), note));
                            }
                            409 => size = answer.body.trim_end().parse().unwrap(),
                            status => assert_eq!(status, 422),
                        }
                    }
                    cosigned
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let (name, _) = cosigned.first().unwrap();
    assert!(cosigned.iter().all(|(other, _)| other == name), "two histories were cosigned");
    let mut sizes: Vec<u64> = cosigned.iter().map(|(_, note)| note.text().parse::<Checkpoint>().unwrap().size()).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, (1..=sizes.len() as u64).collect::<Vec<_>>(), "each size once");
}
