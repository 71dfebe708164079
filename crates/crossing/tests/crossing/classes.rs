// SPDX-License-Identifier: Apache-2.0
//! Tables of which rows leave only in classes of many.

use crate::common::{DAY, LAW, MANIFEST, bytes_of, people, planned, secret, write_parquet};
use crate::{job, read, write_csv};
use comity_border::plan::anonymise;
use comity_border::reference::{Fate, fate};
use comity_crossing::{classes, cross};
use comity_judge::Options;
use comity_law::Library;

#[test]
fn rows_leave_in_classes_of_many_and_the_others_are_kept_apart() {
    let (library, _) = Library::read([("xx/act.law".to_owned(), LAW.to_owned())]);
    let manifest = MANIFEST
        .replace("table = \"people\"", "table = \"people\"\nk = 25\nl = 3\nsuppress_at_most = 0.05")
        .replace(
            "[\"generalise multiple 10\"]",
            "[\"keep\", \"generalise multiple 5\", \"generalise multiple 10\", \"generalise multiple 40\"]",
        )
        .replace("[columns.points]", "[columns.points]\nsensitive = true");
    let rows = people(600, 11, true);
    let mut records = Vec::new();
    for format in ["parquet", "csv"] {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join(format!("people.{format}"));
        if format == "csv" {
            write_csv(&input, &rows)
        } else {
            write_parquet(&input, &rows, 100)
        }
        let inputs = [input];
        let (plan, _) = planned(&inputs, &manifest);
        let histogram = classes(&inputs, &plan, &mut |_| {}).unwrap();
        let plan = anonymise(&library, &Options::today(DAY), &plan, Some(&secret()), &histogram).unwrap();
        let said = plan.anonymity.clone().unwrap();
        assert!(said.held > 0 && said.held <= 30 && said.least, "{said:?}");
        assert_eq!(plan.measures_of(4).iter().map(ToString::to_string).collect::<Vec<_>>(), ["generalise multiple 5"]);
        let crossed = cross(&plan, Some(&secret()), &job(folder.path(), &inputs), &mut |_| true).unwrap();
        assert_eq!((crossed.tally.small, crossed.tally.passed), (said.held, 600 - said.held));
        assert_eq!(crossed.record["rows"]["small"], said.held);
        assert!(crossed.record["risk"]["k"].as_u64().unwrap() >= 25, "{}", crossed.record["risk"]);
        assert!(crossed.record["risk"]["sensitive"][0]["l"].as_u64().unwrap() >= 3, "{}", crossed.record["risk"]);
        let mut expected = Vec::new();
        let mut held = Vec::new();
        for row in &rows {
            match fate(&plan, Some(&secret()), row) {
                Fate::Passed(row) => expected.push(row),
                other => held.push((row[0].clone().unwrap(), other)),
            }
        }
        assert_eq!(read(&folder.path().join("out")), expected, "{format}");
        let sent: Vec<u8> = bytes_of(&folder.path().join("out")).into_iter().flat_map(|(_, bytes)| bytes).collect();
        let kept: Vec<u8> = bytes_of(&folder.path().join("out.apart")).into_iter().flat_map(|(_, bytes)| bytes).collect();
        for (email, fate) in &held {
            assert!(matches!(fate, Fate::Quarantined(reason) if reason.ends_with("k = 25, l = 3 is asked")), "{fate:?}");
            assert!(!sent.windows(email.len()).any(|bytes| bytes == email.as_bytes()), "{email} leaked");
        }
        let text = String::from_utf8_lossy(&kept);
        assert!(format == "parquet" || held.iter().all(|(email, _)| text.contains(email.as_str())));
        records.push((crossed.record["rows"].clone(), crossed.record["anonymity"].clone()));
    }
    assert_eq!(records[0], records[1], "the format makes no difference");
}
