// SPDX-License-Identifier: Apache-2.0
//! Reading a library without its cases leaves everything else as it is.

use comity_law::Library;
use comity_law::library::embedded;

#[test]
fn without_cases_the_rest_is_the_same() {
    let files = || embedded().iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let (mut whole, diagnostics) = Library::read(files());
    let (short, fewer) = Library::read_without_cases(files());
    assert_eq!(diagnostics, fewer);
    for instrument in &mut whole.instruments {
        instrument.base.clear();
        instrument.cases.clear();
    }
    assert_eq!(whole.instruments, short.instruments);
    assert!(whole.instruments.len() > 20);
}
