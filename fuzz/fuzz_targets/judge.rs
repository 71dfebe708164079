// SPDX-License-Identifier: Apache-2.0
//! The solver against the plain definition, on random instruments and flows.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| comity_fuzz::judge(data));
