// SPDX-License-Identifier: Apache-2.0
//! Receipts: nothing is shown that was not recorded.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| comity_fuzz_evidence::receipt(data));
