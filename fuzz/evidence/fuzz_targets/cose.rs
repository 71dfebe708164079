// SPDX-License-Identifier: Apache-2.0
//! COSE receipts: no entry is proved that is not in the log.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| comity_fuzz_evidence::cose(data));
