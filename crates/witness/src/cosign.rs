// SPDX-License-Identifier: Apache-2.0
//! Having one's own checkpoint cosigned by the witnesses of a policy.

use crate::client::{Answer, first_line};
use crate::{Client, FetchError};
use comity_evidence::note::Note;
use comity_evidence::note::VerifyingKey;
use comity_evidence::tree::{self, Nodes};
use comity_evidence::witness::{self, Refused, Request};
use comity_evidence::{Checkpoint, NoteError, Policy, TrustError, Trusted, text};
use comity_log::files::CHECKPOINT;
use comity_log::{LogError, Place, Writer};

/// How often a witness is asked again that says from which size to start: once is the rule, more if somebody else brings it further.
const ROUNDS: usize = 4;

/// What came of asking the witnesses of a policy.
#[derive(Debug)]
pub struct Gathered {
    /// The checkpoint with all cosignatures that were given.
    pub note: Note,
    /// Each witness that was asked, and when it says that it cosigned, in seconds since 1970.
    pub witnesses: Vec<(String, Result<u64, CosignError>)>,
    /// Whether the policy trusts the checkpoint now.
    pub trusted: Result<Trusted, TrustError>,
}

/// Why a witness has not cosigned.
#[derive(Debug, thiserror::Error)]
pub enum CosignError {
    /// The policy does not say where it is.
    #[error("the policy gives no address for it")]
    NoAddress,
    /// It could not be asked.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// It refused.
    #[error("it refused with {status}: {text}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The first line of what it said.
        text: String,
    },
    /// It has cosigned more than this log has.
    #[error(
        "it has cosigned {theirs} entries of this log, and {ours} are here: this is a restored backup, or a second writer signs. \
         Sign nothing more, and look for the newer state"
    )]
    Ahead {
        /// Entries that it has cosigned.
        theirs: u64,
        /// Entries of the checkpoint here.
        ours: u64,
    },
    /// It holds that the checkpoint is of another history.
    #[error("it has cosigned another history of this log: `comity-witness follow` finds out where they part ({0})")]
    OtherHistory(String),
    /// It asks for another start each time.
    #[error("it names another size to start from each time")]
    Unsettled,
    /// What it answered is no cosignature of its key.
    #[error("its answer does not cosign: {0}")]
    Answer(#[from] NoteError),
    /// The proof cannot be made: a file of the log is missing or damaged.
    #[error("the proof for it cannot be made: {0}")]
    Proof(#[from] Box<LogError>),
    /// The request cannot be made.
    #[error(transparent)]
    Request(#[from] Refused),
}

/// A witness that is still to be asked.
struct Open<'a> {
    place: usize,
    key: &'a VerifyingKey,
    url: &'a str,
    /// From which size it wants the proof to start.
    old: u64,
}

/// Asks all witnesses of a policy at once to cosign a checkpoint that the log has signed, and checks what they answer.
///
/// `nodes` are those of the log's tree. Witnesses whose cosignature is there already are not asked again.
///
/// # Errors
///
/// [`LogError`] if the note is no checkpoint.
pub fn gather<N: Nodes<Error = LogError>>(client: &Client, policy: &Policy, note: &Note, nodes: &mut N) -> Result<Gathered, LogError> {
    let checkpoint: Checkpoint = note.text().parse()?;
    let mut note = note.clone();
    let mut witnesses: Vec<(String, Result<u64, CosignError>)> = Vec::new();
    let mut open = Vec::new();
    for (place, (name, party)) in policy.witnesses().enumerate() {
        let there =
            note.verify(std::slice::from_ref(&party.key)).ok().and_then(|signed| signed.into_iter().find_map(|signed| signed.seconds));
        witnesses.push((name.to_owned(), there.ok_or(CosignError::NoAddress)));
        if let (None, Some(url)) = (there, &party.url) {
            open.push(Open { place, key: &party.key, url, old: 0 });
        }
    }
    for _ in 0..ROUNDS {
        let mut asked = Vec::new();
        for open in std::mem::take(&mut open) {
            match request(&open, &checkpoint, &note, nodes) {
                Ok(request) => asked.push((open, request)),
                Err(error) => put(&mut witnesses, open.place, Err(error)),
            }
        }
        for (mut asked, answer) in ask(client, asked) {
            match settle(answer, &asked, &checkpoint, &mut note) {
                Settled::From(old) => {
                    asked.old = old;
                    put(&mut witnesses, asked.place, Err(CosignError::Unsettled));
                    open.push(asked);
                }
                Settled::Done(done) => put(&mut witnesses, asked.place, done),
            }
        }
        if open.is_empty() {
            break;
        }
    }
    let trusted = policy.trust(&note);
    Ok(Gathered { note, witnesses, trusted })
}

fn put(witnesses: &mut [(String, Result<u64, CosignError>)], place: usize, done: Result<u64, CosignError>) {
    if let Some((_, slot)) = witnesses.get_mut(place) {
        *slot = done;
    }
}

fn request<N: Nodes<Error = LogError>>(
    open: &Open<'_>,
    checkpoint: &Checkpoint,
    note: &Note,
    nodes: &mut N,
) -> Result<Request, CosignError> {
    let proof = tree::prove_consistency(open.old, checkpoint.size(), nodes).map_err(Box::new)?;
    Ok(Request::new(open.old, proof, note.clone())?)
}

/// Asks every witness in a thread of its own: one that is slow does not hold up the others.
fn ask<'a>(client: &Client, asked: Vec<(Open<'a>, Request)>) -> Vec<(Open<'a>, Result<Answer, FetchError>)> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = asked
            .into_iter()
            .map(|(open, request)| {
                scope.spawn(move || {
                    let answer = client.add_checkpoint(open.url, &request);
                    (open, answer)
                })
            })
            .collect();
        // A thread that panicked has no answer; its witness keeps what was noted before.
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    })
}

enum Settled {
    From(u64),
    Done(Result<u64, CosignError>),
}

fn settle(answer: Result<Answer, FetchError>, asked: &Open<'_>, checkpoint: &Checkpoint, note: &mut Note) -> Settled {
    let Answer { status, body } = match answer {
        Ok(answer) => answer,
        Err(error) => return Settled::Done(Err(error.into())),
    };
    let ours = checkpoint.size();
    let size = (status == 409).then(|| body.strip_suffix('\n').and_then(text::decimal)).flatten();
    match (status, size) {
        (200, _) => Settled::Done(witness::accept(note, &body, asked.key).map_err(CosignError::from)),
        (_, Some(theirs)) if theirs > ours => Settled::Done(Err(CosignError::Ahead { theirs, ours })),
        (_, Some(old)) if old != asked.old => Settled::From(old),
        (422, _) => Settled::Done(Err(CosignError::OtherHistory(first_line(&body)))),
        _ => Settled::Done(Err(CosignError::Refused { status, text: first_line(&body) })),
    }
}

/// Signs what a log has taken in, has it cosigned, and publishes the checkpoint with the cosignatures.
///
/// What the witnesses hold is compared first: a log that was restored from a backup signs nothing. `seconds` is the time since 1970.
///
/// # Errors
///
/// [`LogError`] if another process writes, the stores or what the witnesses hold do not fit together, or something cannot be written.
pub fn publish(client: &Client, policy: &Policy, place: &Place, seconds: u64) -> Result<Gathered, LogError> {
    let seen = seen(client, policy, place.origin(), &place.verifying_keys()?);
    let mut held = place.writer(&seen.notes)?;
    held.writer.integrate(seconds)?;
    publish_held(client, policy, &mut held.writer)
}

/// As [`publish`], for a writer that has signed already. Who could not be asked for what it holds is asked to cosign all the same.
///
/// # Errors
///
/// [`LogError`] if nothing is signed yet, or something cannot be read or written.
pub fn publish_held(client: &Client, policy: &Policy, writer: &mut Writer) -> Result<Gathered, LogError> {
    let signed = writer.signed().ok_or_else(|| LogError::Missing(CHECKPOINT.to_owned()))?;
    // Cosignatures that were given before are kept.
    let published = writer.reader().checkpoint()?.filter(|published| published.text() == signed.text());
    let before = published.unwrap_or_else(|| signed.clone());
    let size = writer.size();
    let gathered = gather(client, policy, &before, &mut writer.reader().nodes(size))?;
    if gathered.note != before {
        writer.publish(&gathered.note)?;
    }
    Ok(gathered)
}

/// What the witnesses of a policy hold of a log.
#[derive(Debug)]
pub struct Seen {
    /// What each cosigned last, with its name. Only notes that the log has signed: anything else says nothing of it.
    pub notes: Vec<(String, Note)>,
    /// Those that could not be asked.
    pub unheard: Vec<(String, CosignError)>,
}

/// Asks the witnesses of a policy what they hold of a log, which has these keys.
#[must_use]
pub fn seen(client: &Client, policy: &Policy, origin: &str, log: &[VerifyingKey]) -> Seen {
    let asked: Vec<(&str, &str)> = policy.witnesses().filter_map(|(name, party)| Some((name, party.url.as_deref()?))).collect();
    let answers: Vec<(String, Result<Option<Note>, FetchError>)> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            asked.into_iter().map(|(name, url)| scope.spawn(move || (name.to_owned(), client.cosigned_last(url, origin)))).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    let mut seen = Seen { notes: Vec::new(), unheard: Vec::new() };
    for (name, answer) in answers {
        match answer.map(|note| note.map(|note| note.only(log))) {
            Ok(None) => {}
            Ok(Some(Ok(note))) => seen.notes.push((name, note)),
            Ok(Some(Err(error))) => seen.unheard.push((name, error.into())),
            Err(error) => seen.unheard.push((name, error.into())),
        }
    }
    seen
}
