// SPDX-License-Identifier: Apache-2.0
//! Policies: nothing is trusted that the log did not sign.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| comity_fuzz_evidence::policy(data));
