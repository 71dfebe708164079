// SPDX-License-Identifier: Apache-2.0
//! Tables of recognitions, on any text.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| comity_fuzz::law_table(data));
