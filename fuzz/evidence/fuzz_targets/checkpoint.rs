// SPDX-License-Identifier: Apache-2.0
//! Checkpoints: what is read is written the same.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| comity_fuzz_evidence::checkpoint(data));
