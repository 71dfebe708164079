// SPDX-License-Identifier: Apache-2.0
//! Days in numbers, by the Gregorian calendar.

use crate::value::at;

/// Whether the calendar has the day. A year of two digits is one of either century.
#[must_use]
pub fn is_day(year: u32, month: u32, day: u32) -> bool {
    // 2000 was a leap year, so that a year of two digits divisible by four may always be one.
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=last).contains(&day)
}

/// Whether the first six digits are a day written as year, month, day, once the offsets that some countries add are taken
/// away from month and day.
#[must_use]
pub fn year_month_day(digits: &[u8], months: &[u32], days: &[u32]) -> bool {
    six(digits, [0, 2, 4], months, days)
}

/// As [`year_month_day`], for day, month, year.
#[must_use]
pub fn day_month_year(digits: &[u8], months: &[u32], days: &[u32]) -> bool {
    six(digits, [4, 2, 0], months, days)
}

fn six(digits: &[u8], [year, month, day]: [usize; 3], months: &[u32], days: &[u32]) -> bool {
    let (Some(year), Some(month), Some(day)) = (at(digits, year, 2), at(digits, month, 2), at(digits, day, 2)) else {
        return false;
    };
    let less = |number: u32, offsets: &[u32]| -> Vec<u32> { offsets.iter().filter_map(|offset| number.checked_sub(*offset)).collect() };
    less(month, months).iter().any(|month| less(day, days).iter().any(|day| is_day(year, *month, *day)))
}

#[cfg(test)]
mod tests {
    use super::{is_day, year_month_day};

    #[test]
    fn the_calendar() {
        assert!(is_day(2000, 2, 29) && is_day(0, 2, 29) && is_day(2024, 2, 29) && is_day(1999, 12, 31));
        assert!(!is_day(1900, 2, 29) && !is_day(2023, 2, 29) && !is_day(2023, 4, 31) && !is_day(2023, 13, 1) && !is_day(2023, 1, 0));
        assert!(year_month_day(&[8, 5, 0, 7, 3, 0], &[0], &[0]));
        assert!(!year_month_day(&[8, 5, 2, 7, 3, 0], &[0], &[0]));
        assert!(year_month_day(&[8, 5, 2, 7, 3, 0], &[0, 20], &[0]));
        assert!(!year_month_day(&[8, 5], &[0], &[0]));
    }
}
