// SPDX-License-Identifier: Apache-2.0
//! What an executor does with an order: it looks at the plan first, at the tables only after.

use crate::place::Place;
use crate::trouble::Trouble;
use comity_border::enforce::EnforceError;
use comity_border::{Plan, Secret};
use comity_crossing::{CrossingError, Hand, Order};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// So many crossings are kept at hand: of each the plan, and what the footers of its tables say.
const KEPT: usize = 4;

/// How long an executor waits before it says that it refuses, the second time twice as long, and so on: others ask for units
/// meanwhile, and get those that it would refuse.
const PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// One executor.
pub struct Worker {
    /// Where it stands.
    pub place: Place,
    /// The folder below which it writes; none where it writes wherever it is told.
    pub staging: Option<PathBuf>,
    secret: Option<Secret>,
    /// So often has it refused, since it last did not.
    refused: AtomicU32,
    hands: Mutex<Vec<(String, Arc<Hand>)>>,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The secret is never shown.
        write!(out, "Worker in {}", self.place.code())
    }
}

impl Worker {
    /// An executor at a place, with its secret.
    pub fn new(place: Place, secret: Option<Secret>, staging: Option<PathBuf>) -> Self {
        Self { place, staging, secret, refused: AtomicU32::new(0), hands: Mutex::new(Vec::new()) }
    }

    /// Works on one unit; `stop` is looked at between batches. What comes back is the name of the attempt, if parts were made.
    ///
    /// # Errors
    ///
    /// [`Trouble`]; then the coordinator takes nothing of it.
    pub fn unit(&self, order: &str, unit: usize, stop: &AtomicBool) -> Result<Option<String>, Trouble> {
        let hand = self.hand(order).inspect_err(|trouble| {
            if matches!(trouble, Trouble::Refused(_)) {
                let before = self.refused.fetch_add(1, Ordering::Relaxed).min(8);
                std::thread::sleep((PAUSE * (1 << before)).min(LONGEST_PAUSE));
            }
        })?;
        self.refused.store(0, Ordering::Relaxed);
        let attempt = uuid::Uuid::new_v4().simple().to_string();
        let made = hand.work(unit, &attempt, self.secret.as_ref(), &|_| !stop.load(Ordering::Relaxed))?;
        Ok(made.then_some(attempt))
    }

    /// The crossing that an order is for, looked at if it was not before.
    fn hand(&self, text: &str) -> Result<Arc<Hand>, Trouble> {
        let known = |hands: &Vec<(String, Arc<Hand>)>| hands.iter().find(|(of, _)| of == text).map(|(_, hand)| Arc::clone(hand));
        if let Some(hand) = known(&self.hands.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(hand);
        }
        let order = Order::parse(text)?;
        self.below(order.folder())?;
        let plan = order.open()?;
        self.place.admits(&plan.flow_text).map_err(Trouble::Refused)?;
        self.has_secret(&plan)?;
        let hand = Arc::new(Hand::new(order)?);
        let mut hands = self.hands.lock().unwrap_or_else(PoisonError::into_inner);
        if hands.len() >= KEPT {
            hands.remove(0);
        }
        hands.push((text.to_owned(), Arc::clone(&hand)));
        Ok(hand)
    }

    fn below(&self, folder: &Path) -> Result<(), Trouble> {
        let Some(staging) = &self.staging else { return Ok(()) };
        // What is not there yet, or no longer, is below nothing.
        let real =
            |path: &Path| path.canonicalize().map_err(|error| Trouble::Refused(format!("cannot find `{}`: {error}", path.display())));
        if real(folder)?.starts_with(real(staging)?) {
            return Ok(());
        }
        Err(Trouble::Refused(format!("this executor writes below `{}` alone, and `{}` is not there", staging.display(), folder.display())))
    }

    fn has_secret(&self, plan: &Plan) -> Result<(), Trouble> {
        let found = self.secret.as_ref().map(Secret::name);
        match &plan.key {
            Some(expected) if found.as_ref() != Some(expected) => {
                Err(CrossingError::from(EnforceError::Secret { expected: expected.clone(), found }).into())
            }
            _ => Ok(()),
        }
    }
}
