// SPDX-License-Identifier: Apache-2.0
//! Requests to witnesses: nothing is cosigned that the log did not sign.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| comity_fuzz_evidence::witness(data));
