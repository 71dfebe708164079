// SPDX-License-Identifier: Apache-2.0
//! Appending from many threads: all that wait share one synchronization of the disk, and checkpoints follow at a pace.

use crate::writer::check_lengths;
use crate::{LogError, Queue, Submission, Writer};
use comity_evidence::note::Note;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How an [`Appender`] works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The time between two checkpoints.
    pub interval: Duration,
    /// The most entries that share one synchronization of the disk.
    pub most: usize,
    /// The most entries that wait before who hands in more has to wait as well.
    pub waiting: usize,
}

impl Default for Pace {
    /// A checkpoint five times a second, up to 4,096 entries at once.
    fn default() -> Self {
        Self { interval: Duration::from_millis(200), most: 4096, waiting: 16_384 }
    }
}

/// The answer to what was handed in, when it is durable.
pub type Answer = Receiver<Result<u64, LogError>>;

/// What is handed in, and where its answer goes.
type Waiting = (Submission, Sender<Result<u64, LogError>>);

/// A running log: one thread takes entries in, another brings them into the tree and signs.
pub struct Appender {
    hand_in: Option<SyncSender<Waiting>>,
    stop: Option<Sender<()>>,
    threads: Vec<JoinHandle<()>>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    newest: Option<Note>,
    /// Why the log stopped, for good.
    refused: Option<String>,
    /// What went wrong at the last try, which will be tried again.
    trouble: Option<String>,
}

impl Appender {
    /// Starts a log. `queue` is a second way to the writer's queue, so that taking in never waits for signing.
    /// `clock` gives the seconds since 1970; `published` is called with each new checkpoint and may return it cosigned.
    pub fn start(
        mut writer: Writer,
        mut queue: Box<dyn Queue>,
        pace: Pace,
        clock: impl Fn() -> u64 + Send + 'static,
        mut published: impl FnMut(&Writer, &Note) -> Option<Note> + Send + 'static,
    ) -> Self {
        let (hand_in, handed_in) = sync_channel::<Waiting>(pace.waiting);
        let (stop, stopped) = channel();
        let state = Arc::new(Mutex::new(State { newest: writer.signed().cloned(), ..State::default() }));
        let of_appending = Arc::clone(&state);
        let appending = std::thread::spawn(move || {
            while let Ok(first) = handed_in.recv() {
                let mut waiting = vec![first];
                while let Some(next) = (waiting.len() < pace.most).then(|| handed_in.try_recv().ok()).flatten() {
                    waiting.push(next);
                }
                answer(waiting, queue.as_mut(), &of_appending);
            }
        });
        let of_signing = Arc::clone(&state);
        let signing = std::thread::spawn(move || {
            loop {
                let last = !matches!(stopped.recv_timeout(pace.interval), Err(RecvTimeoutError::Timeout));
                if !sign(&mut writer, clock(), &mut published, &of_signing) || last {
                    break;
                }
            }
        });
        Self { hand_in: Some(hand_in), stop: Some(stop), threads: vec![appending, signing], state }
    }

    /// Hands an entry in without waiting for it; the answer comes when it is durable.
    pub fn hand_in(&self, submission: Submission) -> Answer {
        let (answer, answered) = channel();
        // Without a thread that takes in, the answer's other end is gone and says so to whoever waits for it.
        if let Some(hand_in) = &self.hand_in {
            let _ = hand_in.send((submission, answer));
        }
        answered
    }

    /// Takes an entry in and waits until it is durable. Returns its number.
    ///
    /// # Errors
    ///
    /// [`LogError`] if it was not taken in.
    pub fn append(&self, submission: Submission) -> Result<u64, LogError> {
        self.hand_in(submission).recv().unwrap_or_else(|_| Err(LogError::Closed("it was stopped".to_owned())))
    }

    /// The newest signed checkpoint.
    #[must_use]
    pub fn newest(&self) -> Option<Note> {
        locked(&self.state).newest.clone()
    }

    /// What is wrong, if something is: why the log stopped for good, or what will be tried again.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        let state = locked(&self.state);
        state.refused.clone().or_else(|| state.trouble.clone())
    }
}

/// Takes in all that waits, signs it, and ends both threads.
impl Drop for Appender {
    fn drop(&mut self) {
        self.hand_in = None;
        let mut threads = self.threads.drain(..);
        let (appending, signing) = (threads.next(), threads.next());
        // The last checkpoint must hold what was taken in last.
        if let Some(thread) = appending {
            let _ = thread.join();
        }
        self.stop = None;
        if let Some(thread) = signing {
            let _ = thread.join();
        }
    }
}

fn locked(state: &Mutex<State>) -> std::sync::MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes in what waits, and answers each. An entry that is too long harms no other.
fn answer(waiting: Vec<Waiting>, queue: &mut dyn Queue, state: &Mutex<State>) {
    // Who has stopped waiting for an answer has no use for it: a failed `send` is nothing to report.
    let refused = locked(state).refused.clone();
    let mut taken = Vec::with_capacity(waiting.len());
    let mut answers = Vec::with_capacity(waiting.len());
    for (submission, answer) in waiting {
        if let Some(reason) = &refused {
            let _ = answer.send(Err(LogError::Closed(reason.clone())));
        } else if let Err(error) = check_lengths(std::slice::from_ref(&submission)) {
            let _ = answer.send(Err(error));
        } else {
            taken.push(submission);
            answers.push(answer);
        }
    }
    if taken.is_empty() {
        return;
    }
    match queue.append(&taken) {
        Ok(numbers) => {
            for (number, answer) in numbers.into_iter().zip(answers) {
                let _ = answer.send(Ok(number));
            }
        }
        Err(error) => {
            let reason = error.to_string();
            for answer in answers {
                let _ = answer.send(Err(LogError::Closed(reason.clone())));
            }
        }
    }
}

/// Signs what was taken in; `false` if the log must stop.
fn sign(writer: &mut Writer, seconds: u64, published: &mut impl FnMut(&Writer, &Note) -> Option<Note>, state: &Mutex<State>) -> bool {
    let before = writer.size();
    let signed = writer.integrate(seconds).and_then(|note| {
        if writer.size() > before
            && let Some(cosigned) = published(writer, &note)
        {
            writer.publish(&cosigned)?;
            return Ok(cosigned);
        }
        Ok(note)
    });
    let mut state = locked(state);
    match signed {
        Ok(note) => {
            state.trouble = None;
            state.newest = Some(note);
            true
        }
        Err(LogError::Refused(refusal)) => {
            state.refused = Some(refusal.to_string());
            false
        }
        Err(error) => {
            state.trouble = Some(error.to_string());
            true
        }
    }
}
