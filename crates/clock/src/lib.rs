// SPDX-License-Identifier: Apache-2.0
//! Statutory periods: how long a period runs and on which day it ends.
//!
//! ```
//! use comity_clock::{Length, after, before};
//! use jiff::civil::date;
//!
//! // Friday, and ten working days on.
//! assert_eq!(after(date(2024, 3, 1), Length::WorkingDays(10)), Some(date(2024, 3, 15)));
//! // A month that has no 31st ends on its last day.
//! assert_eq!(after(date(2024, 1, 31), Length::Months(1)), Some(date(2024, 2, 29)));
//! assert_eq!(before(date(2024, 3, 15), Length::WorkingDays(10)), Some(date(2024, 3, 1)));
//! ```
//!
//! The day of the event is not counted. Working days are Monday to Friday here: public holidays of each country
//! belong to the calendars of a later version, so a last day can fall some days later than computed, never earlier.
//! This crate has no clock of its own, and knows nothing of law.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

/// A length of time as a law words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Calendar days.
    Days(u32),
    /// Working days, Monday to Friday.
    WorkingDays(u32),
    /// Weeks.
    Weeks(u32),
    /// Months of the calendar.
    Months(u32),
    /// Years of the calendar.
    Years(u32),
}

/// The last day of a period that an event on `day` starts; `None` beyond the calendar.
#[must_use]
pub fn after(day: Date, length: Length) -> Option<Date> {
    match length {
        Length::WorkingDays(count) => working(day, count, 1),
        _ => day.checked_add(span(length)?).ok(),
    }
}

/// The day that lies a period before `day`; `None` beyond the calendar.
#[must_use]
pub fn before(day: Date, length: Length) -> Option<Date> {
    match length {
        Length::WorkingDays(count) => working(day, count, -1),
        _ => day.checked_sub(span(length)?).ok(),
    }
}

/// Whether the day is a working day, Monday to Friday.
#[must_use]
pub fn is_working(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn span(length: Length) -> Option<Span> {
    let span = Span::new();
    match length {
        Length::Days(count) | Length::WorkingDays(count) => span.try_days(count).ok(),
        Length::Weeks(count) => span.try_weeks(count).ok(),
        Length::Months(count) => span.try_months(count).ok(),
        Length::Years(count) => span.try_years(count).ok(),
    }
}

/// Steps working day by working day; whole weeks go at once, so that a huge count costs nothing.
fn working(day: Date, count: u32, direction: i64) -> Option<Date> {
    let weeks = i64::from(count / 5);
    let mut day = day.checked_add((direction * weeks * 7).days()).ok()?;
    let mut left = count % 5;
    // A start on a weekend counts from the nearest working day in the direction of travel.
    while left > 0 || (count > 0 && !is_working(day)) {
        day = day.checked_add(direction.days()).ok()?;
        if is_working(day) {
            left = left.saturating_sub(1);
        }
    }
    Some(day)
}
