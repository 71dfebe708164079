// SPDX-License-Identifier: Apache-2.0
//! Plans: what is read is written the same, with the same hash.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| comity_fuzz_border::plan(data));
