// SPDX-License-Identifier: Apache-2.0
//! Proofs of entries (tlog-proof): nothing is proved that the log did not sign.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| comity_fuzz_evidence::proof(data));
