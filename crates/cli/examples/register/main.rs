// SPDX-License-Identifier: Apache-2.0
//! A register of made-up flows, to measure with: the same rows each time, as varied as the vocabulary.
//!
//! ```sh
//! cargo run --release -p comity --example register -- 10000 > register.csv
//! time comity check register.csv
//! ```

mod rows;

use std::io::{self, BufWriter, Write};

fn main() -> io::Result<()> {
    let rows = std::env::args().nth(1).and_then(|number| number.parse().ok()).unwrap_or(10_000_usize);
    let mut out = BufWriter::new(io::stdout().lock());
    rows::write(&mut out, rows)?;
    out.flush()
}
