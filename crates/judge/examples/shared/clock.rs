// SPDX-License-Identifier: Apache-2.0
//! The time that a thread had of a processor, so that other work on the machine does not count.

use std::time::{Duration, Instant};

/// A running clock of this thread.
pub struct Clock {
    processor: Option<Duration>,
    wall: Instant,
}

impl Clock {
    /// Starts.
    pub fn start() -> Self {
        Self { processor: processor(), wall: Instant::now() }
    }

    /// The time since the start: of the processor where the system tells it, else by the clock on the wall.
    pub fn elapsed(&self) -> Duration {
        match (self.processor, processor()) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            _ => self.wall.elapsed(),
        }
    }
}

fn processor() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// The median of some times.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
