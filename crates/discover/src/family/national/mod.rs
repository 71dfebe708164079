// SPDX-License-Identifier: Apache-2.0
//! Numbers by which states know people, most of them with check digits.

pub mod americas;
pub mod asia;
pub mod east;
pub mod north;
pub mod rest;
pub mod south;
pub mod west;
