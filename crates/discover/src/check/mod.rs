// SPDX-License-Identifier: Apache-2.0
//! Check digits and days: what several kinds of numbers share. What only one has stands with its family.

pub mod day;
pub mod digit;

pub use day::{day_month_year, is_day, year_month_day};
pub use digit::{gs1, iso7064_11_2, iso7064_11_10, luhn, mod97, verhoeff};
