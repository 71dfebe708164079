// SPDX-License-Identifier: Apache-2.0
//! A lock that does not answer: whether a checkpoint was swapped into it is found out about later.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod support;

use comity_log::{Lock, LogError, StoreError, Writer};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use support::home::{Home, Kind};
use support::{ORIGIN, assert_whole, checkpoint, grow, key};

on_every_store! {
    a_swap_without_an_answer_is_found_out_about_later,
}

/// A lock that does as it is told and gives no answer, or never gets to hear of it, for as long as it is silent.
struct Silent {
    inner: Box<dyn Lock>,
    silent: Arc<AtomicBool>,
    hears: bool,
}

impl Silent {
    fn answer<T>(&self, answer: T) -> Result<T, StoreError> {
        if self.silent.load(Ordering::SeqCst) { Err(StoreError::new("reach", "the lock", "connection reset")) } else { Ok(answer) }
    }
}

impl Lock for Silent {
    fn last(&mut self) -> Result<Option<String>, StoreError> {
        let last = self.inner.last()?;
        self.answer(last)
    }

    fn swap(&mut self, old: Option<&str>, new: &str) -> Result<bool, StoreError> {
        if !self.hears {
            self.answer(())?;
        }
        let swapped = self.inner.swap(old, new)?;
        self.answer(swapped)
    }
}

/// A server that dies between doing and answering, and cannot be asked for a while, is no other writer.
fn a_swap_without_an_answer_is_found_out_about_later(kind: Kind) {
    for hears in [false, true] {
        let home = Home::new(kind);
        let silent = Arc::new(AtomicBool::new(false));
        let lock = Silent { inner: home.lock(), silent: Arc::clone(&silent), hears };
        let mut writer = Writer::open(ORIGIN, vec![key()], home.files(), home.queue(), Box::new(lock), &[]).unwrap();
        grow(&mut writer, 3);
        writer.integrate(0).unwrap();
        grow(&mut writer, 300);
        silent.store(true, Ordering::SeqCst);
        for _ in 0..2 {
            assert!(matches!(writer.integrate(0), Err(LogError::Store(_))));
        }
        assert_eq!(writer.size(), 3);
        silent.store(false, Ordering::SeqCst);
        // More has come in meanwhile, so that the same checkpoint would not be made again.
        grow(&mut writer, 2);
        assert_eq!(checkpoint(&writer.integrate(0).unwrap()).size(), 305);
        assert_whole(&home, 305);
        // Whoever else has signed meanwhile is still noticed.
        grow(&mut writer, 1);
        silent.store(true, Ordering::SeqCst);
        assert!(writer.integrate(0).is_err());
        silent.store(false, Ordering::SeqCst);
        let mut other = home.open().unwrap();
        grow(&mut other, 1);
        other.integrate(0).unwrap();
        assert!(matches!(writer.integrate(0), Err(LogError::Refused(_))), "{hears}");
    }
}
