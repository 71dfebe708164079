// SPDX-License-Identifier: Apache-2.0
//! The verifier of receipts for people who have nothing but a browser: one page, opened from the disk, that asks no network.
//!
//! [`question`] is what runs in the browser: a filter from standard input to standard output, so that it needs no binding to
//! the browser's language and not one line of unsafe code, and can be run and tested like any other program.
//! [`page`] makes the page around it.
//!
//! What is said of a receipt is said by [`comity_evidence::report`], for the command and for the page alike.

pub mod page;
pub mod question;
