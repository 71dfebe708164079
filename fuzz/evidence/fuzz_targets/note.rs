// SPDX-License-Identifier: Apache-2.0
//! Signed notes: what is read is written the same, and what verifies was signed.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| comity_fuzz_evidence::note(data));
