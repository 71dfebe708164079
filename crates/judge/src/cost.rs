// SPDX-License-Identifier: Apache-2.0
//! What steps cost: documented defaults, which an organization can set for itself.

/// The cost of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Hours of work inside the organization.
    pub hours: u32,
    /// How long the formality takes, in calendar days.
    pub days: u32,
    /// Money paid to others.
    pub money: u32,
}

/// A table of costs by step; the longest pattern that begins a step counts.
#[derive(Clone, Debug)]
pub struct Costs {
    rows: Vec<(String, Cost)>,
    /// What an hour of work counts in money, when routes are put in order.
    pub hour: u32,
}

/// A row of a table of costs that could not be read: its line, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadCost {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong.
    pub message: String,
}

const DEFAULTS: &str = include_str!("../data/costs.csv");

impl Default for Costs {
    fn default() -> Self {
        let mut costs = Self { rows: Vec::new(), hour: 80 };
        // The defaults are part of the build; a test holds them free of bad rows.
        let _ = costs.add(DEFAULTS);
        costs
    }
}

impl Costs {
    /// Adds the rows of a table with the header `step,hours,days,money,note`; a later row for a step stands for an earlier one.
    ///
    /// # Errors
    ///
    /// Every row that could not be read; the others are taken.
    pub fn add(&mut self, table: &str) -> Result<(), Vec<BadCost>> {
        let mut bad = Vec::new();
        let mut reader = csv::ReaderBuilder::new().flexible(true).comment(Some(b'#')).trim(csv::Trim::All).from_reader(table.as_bytes());
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    bad.push(BadCost { line: error.position().map_or(0, csv::Position::line), message: error.to_string() });
                    continue;
                }
            };
            let line = record.position().map_or(0, csv::Position::line);
            let mut number = |index: usize, name: &str| {
                let text = record.get(index).unwrap_or("");
                text.parse::<u32>()
                    .map_err(|_| bad.push(BadCost { line, message: format!("expected a whole number of {name}, found `{text}`") }))
                    .ok()
            };
            if let (Some(hours), Some(days), Some(money)) = (number(1, "hours"), number(2, "days"), number(3, "money")) {
                let step = record.get(0).unwrap_or("").to_owned();
                self.rows.retain(|(known, _)| *known != step);
                self.rows.push((step, Cost { hours, days, money }));
            }
        }
        if bad.is_empty() { Ok(()) } else { Err(bad) }
    }

    /// The cost of a step.
    #[must_use]
    pub fn of(&self, step: &str) -> Cost {
        let fits = |pattern: &str| {
            step.strip_prefix(pattern).is_some_and(|rest| pattern.is_empty() || rest.is_empty() || rest.starts_with(['.', '+']))
        };
        let best = self.rows.iter().filter(|(pattern, _)| fits(pattern)).max_by_key(|(pattern, _)| pattern.len());
        best.map_or(Cost { hours: 0, days: 0, money: 0 }, |(_, cost)| *cost)
    }

    /// One number to put routes in order by: money and the worth of the hours.
    #[must_use]
    pub fn weight(&self, cost: Cost) -> u64 {
        u64::from(cost.hours) * u64::from(self.hour) + u64::from(cost.money)
    }
}
