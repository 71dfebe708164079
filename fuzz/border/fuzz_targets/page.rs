// SPDX-License-Identifier: Apache-2.0
//! Headers of Parquet pages: read, changed, and read again.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| comity_fuzz_border::page(data));
