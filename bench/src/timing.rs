// SPDX-License-Identifier: Apache-2.0
//! Taking times: one for each call, and what they come to.

use std::time::{Duration, Instant};

/// The times of many calls.
pub struct Times(Vec<Duration>);

impl Times {
    /// Times a call for each position in turn, until all are done or the limit has passed.
    pub fn of<T>(count: usize, limit: Duration, mut call: impl FnMut(usize) -> T) -> Self {
        let begun = Instant::now();
        let mut times = Vec::with_capacity(count);
        for at in 0..count {
            let start = Instant::now();
            std::hint::black_box(call(at));
            times.push(start.elapsed());
            if begun.elapsed() > limit {
                break;
            }
        }
        times.sort();
        Self(times)
    }

    /// Times calls that each do the same so many times, and takes the time of one: a hundred calls, or until the limit.
    pub fn each<T>(count: usize, limit: Duration, mut call: impl FnMut() -> T) -> Self {
        let Self(mut times) = Self::of(100, limit, |_| call());
        let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
        times.iter_mut().for_each(|time| *time /= count);
        Self(times)
    }

    /// How many calls were timed.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The time that so many of a hundred calls stay within.
    pub fn percentile(&self, percent: usize) -> Duration {
        let at = (self.0.len() * percent / 100).min(self.0.len().saturating_sub(1));
        self.0.get(at).copied().unwrap_or_default()
    }
}

/// A time with three figures, in the unit that suits it.
pub fn shown(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    match micros {
        _ if micros < 1.0 => format!("{:.0} ns", micros * 1e3),
        _ if micros < 100.0 => format!("{micros:.1} µs"),
        _ if micros < 10_000.0 => format!("{micros:.0} µs"),
        _ => format!("{:.1} ms", micros / 1e3),
    }
}
