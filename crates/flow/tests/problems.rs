// SPDX-License-Identifier: Apache-2.0
//! What is said of a wrong file, word for word. A row is a file, and the problems it must have.

use comity_flow::{Format, read};

fn said(text: &str, format: Format, profile: &str) -> String {
    let profile = |name: &str| match name {
        "company.toml" => Ok(profile.to_owned()),
        _ => Err("there is no such file".to_owned()),
    };
    match read(text, format, &profile) {
        Ok(_) => String::new(),
        Err(problems) => problems.iter().map(|problem| format!("{problem}\n")).collect(),
    }
}

/// Each row stands after a line `====`; the file and its problems are parted by a line `----`.
///
/// With `COMITY_WRITE_EXPECTED=1` the expectations are written instead, for a person to review the difference.
#[test]
fn every_row_is_said_as_written() {
    let table = include_str!("problems.txt");
    let (mut rows, mut found) = (0, String::new());
    for row in table.split_inclusive("====\n") {
        let Some((text, _)) = row.split_once("----\n") else {
            found.push_str(row);
            continue;
        };
        let format = if text.starts_with('{') { Format::Json } else { Format::Toml };
        let (file, profile) = text.split_once("profile:\n").unwrap_or((text, ""));
        let end = if row.ends_with("====\n") { "====\n" } else { "" };
        found.push_str(&format!("{text}----\n{}{end}", said(file, format, profile)));
        rows += 1;
    }
    assert!(rows > 50, "only {rows} rows");
    if std::env::var_os("COMITY_WRITE_EXPECTED").is_some() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/problems.txt");
        std::fs::write(path, &found).expect("the table can be written");
        return;
    }
    for (found, expected) in found.split("====\n").zip(table.split("====\n")) {
        assert_eq!(found, expected);
    }
}
