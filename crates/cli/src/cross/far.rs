// SPDX-License-Identifier: Apache-2.0
//! How far a crossing is: rows, what was decided of them, and the time that is left.

use crate::out;
use comity_crossing::Progress;
use std::cell::Cell;
use std::time::{Duration, Instant};

/// Less than this says nothing of how fast the rest goes.
const ENOUGH: Duration = Duration::from_millis(500);

/// Shows how far a crossing is.
pub struct Far {
    shown: out::Progress,
    /// The phase, when it began, and how many rows were done by then: a crossing may go on with what was done before.
    begun: Cell<Option<(&'static str, Instant, u64)>>,
    /// How many rows there are, where the tables were counted.
    counted: Cell<Option<u64>>,
}

impl Far {
    pub fn new() -> Self {
        Self { shown: out::Progress::new(None), begun: Cell::new(None), counted: Cell::new(None) }
    }

    /// So many rows there are, whether the format of the tables says it or not.
    pub fn of(&self, rows: u64) {
        self.counted.set(Some(rows));
    }

    /// Shows it.
    pub fn at(&self, progress: Progress) {
        let begun = self.begun.get().filter(|(phase, ..)| *phase == progress.phase);
        let (_, since, from) = begun.unwrap_or((progress.phase, Instant::now(), progress.rows));
        if begun.is_none() {
            self.begun.set(Some((progress.phase, since, from)));
        }
        let of = progress.of.or_else(|| self.counted.get().filter(|_| progress.phase == "cross"));
        self.shown.say(&said(progress, of, since.elapsed(), from));
    }

    pub fn clear(&self) {
        self.shown.clear();
    }
}

/// How far it is after so much time, which began with `from` rows done.
fn said(progress: Progress, of: Option<u64>, elapsed: Duration, from: u64) -> String {
    let verb = match progress.phase {
        "copy" => "read from the database",
        "survey" => "surveyed",
        _ => "crossed",
    };
    let of_all = of.map_or_else(String::new, |of| format!(" of {of}"));
    let mut said = format!("{}{of_all} rows {verb}", progress.rows);
    if progress.phase == "cross" {
        said.push_str(&format!(", {} of them leave", progress.passed));
    }
    let done = progress.rows.saturating_sub(from);
    if let Some(left) = of.and_then(|of| of.checked_sub(progress.rows)).filter(|left| *left > 0 && done > 0 && elapsed >= ENOUGH) {
        let seconds = elapsed.as_secs_f64() * left as f64 / done as f64;
        let (minutes, seconds) = ((seconds / 60.0) as u64, (seconds % 60.0) as u64);
        said.push_str(&if minutes > 0 { format!(", about {minutes} min {seconds} s left") } else { format!(", about {seconds} s left") });
    }
    said
}

#[cfg(test)]
mod tests {
    use super::said;
    use comity_crossing::Progress;
    use std::time::Duration;

    #[test]
    fn rows_decisions_and_time_are_said() {
        let cross = |rows, passed| Progress { phase: "cross", rows, passed, of: None };
        let after = |seconds| Duration::from_secs(seconds);
        assert_eq!(said(cross(250, 200), Some(1_000), after(10), 0), "250 of 1000 rows crossed, 200 of them leave, about 30 s left");
        // What was done before this run tells nothing of how fast it is.
        assert_eq!(said(cross(600, 9), Some(1_000), after(90), 500), "600 of 1000 rows crossed, 9 of them leave, about 6 min 0 s left");
        assert_eq!(said(cross(250, 200), None, after(10), 0), "250 rows crossed, 200 of them leave");
        assert_eq!(said(cross(1_000, 1), Some(1_000), after(10), 0), "1000 of 1000 rows crossed, 1 of them leave");
        assert_eq!(said(Progress { phase: "survey", ..cross(5, 0) }, Some(9), after(0), 0), "5 of 9 rows surveyed");
    }
}
