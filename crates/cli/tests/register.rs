// SPDX-License-Identifier: Apache-2.0
//! Registers as a person meets them: judged, imported, exported, and marked for code review.

#[path = "../examples/register/rows.rs"]
mod rows;
mod support;

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use support::{fixture, run, scene, status, text};

const THEIRS: &str = "registers/theirs.csv --map registers/columns.toml";

#[test]
fn a_register_is_judged() {
    let ways = ["", " --verbose", " --format plain", " --format json"];
    let commands: Vec<String> = ways.iter().map(|way| format!("check {THEIRS} --library law --known-on 2026-01-01{way}")).collect();
    scene("register-check", &commands.iter().map(String::as_str).collect::<Vec<_>>());
}

/// Beyond the first thousand, rows are asked about many at once, and of those that are lawful nothing else is asked; as
/// JSON each row is judged by itself.
#[test]
fn a_large_register_is_judged_as_its_rows_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("register.csv");
    let mut written = Vec::new();
    rows::write(&mut written, 1_500).unwrap();
    fs::write(&path, written).unwrap();
    let path = path.to_str().unwrap();
    let short = text(&run(&["check", path, "--on", "2026-03-01", "--format", "plain"]).stdout);
    let whole = text(&run(&["check", path, "--on", "2026-03-01", "--format", "json"]).stdout);
    let mut counts = BTreeMap::new();
    let mut unlawful = Vec::new();
    for line in whole.lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let word = row["verdict"].as_str().unwrap().to_owned();
        if !matches!(word.as_str(), "permitted" | "unrestricted") {
            unlawful.push(format!("Row {}, {}: {word},", row["row"], row["flow"].as_str().unwrap()));
        }
        *counts.entry(word).or_insert(0) += 1;
    }
    assert!(counts["permitted"] > 100 && counts["unrestricted"] > 100 && unlawful.len() > 100, "{counts:?}");
    let shown: Vec<&str> = short.lines().filter(|line| line.starts_with("Row ")).collect();
    assert_eq!(shown.len(), unlawful.len());
    for (shown, expected) in shown.iter().zip(&unlawful) {
        assert!(shown.starts_with(expected), "{shown}\n{expected}");
    }
    for (word, count) in &counts {
        assert!(short.contains(&format!("Verdict: {word}, rows: {count}.")), "{word} {count}");
    }
}

#[test]
fn json_lines_are_judged_like_a_register() {
    let ways = ["", " --verbose", " --format plain", " --format json"];
    let commands: Vec<String> =
        ways.iter().map(|way| format!("check registers/flows.jsonl --library law --known-on 2026-01-01{way}")).collect();
    let mut commands: Vec<&str> = commands.iter().map(String::as_str).collect();
    commands.push("check registers/nowhere.jsonl --library law");
    commands.push("explain registers/flows.jsonl --library law");
    scene("json-lines", &commands);
}

#[test]
fn slips_in_a_register_are_named_by_row_and_column() {
    scene(
        "register-slips",
        &[
            "check registers/theirs.csv --library law",
            "check registers/theirs.csv --map registers/slips.toml --library law",
            "check registers/theirs.csv --map registers/nowhere.toml --library law",
            "check registers/quotes.csv --library law",
            "check registers/windows.csv --library law",
            "check registers/windows.csv --map registers/windows.toml --library law --known-on 2026-01-01 --verbose",
        ],
    );
}

#[test]
fn code_review_is_shown_the_line_that_matters() {
    scene(
        "check-sarif",
        &[
            "check flows registers/one.json broken/invalid.toml broken/nothing-here.toml --library law --known-on 2026-01-01 --format sarif",
            "check registers/plain.csv --library law --known-on 2026-01-01 --format sarif",
            "check registers/quotes.csv --library law --known-on 2026-01-01 --format sarif",
        ],
    );
    let output = run(&[
        "check",
        "flows",
        "registers/one.json",
        "registers/plain.csv",
        "--library",
        "law",
        "--known-on",
        "2026-01-01",
        "--format",
        "sarif",
    ]);
    let sarif: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    let run = &sarif["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("there are rules");
    let results = run["results"].as_array().expect("there are results");
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(run["invocations"][0]["exitCode"].as_i64(), output.status.code().map(i64::from));
    assert!(results.len() > 5);
    let (mut prints, mut cells) = (BTreeSet::new(), BTreeSet::new());
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("a small one");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning"].contains(&result["level"].as_str().expect("a level")));
        let place = &result["locations"][0]["physicalLocation"];
        let path = fixture().join(place["artifactLocation"]["uri"].as_str().expect("an address"));
        let file = fs::read_to_string(path).expect("the file of the result is there");
        let region = &place["region"];
        assert!(prints.insert(result["partialFingerprints"].to_string()), "{result} is told from the others");
        let number = |name: &str| region[name].as_u64().and_then(|number| usize::try_from(number).ok());
        let line = file.lines().nth(number("startLine").expect("a line") - 1).unwrap_or_else(|| panic!("{result} has a line"));
        assert!(!line.trim().is_empty(), "{result} is on a line that says something");
        if let (Some(start), Some(end)) = (number("startColumn"), number("endColumn")) {
            let cell: String = line.chars().skip(start - 1).take(end - start).collect();
            assert!(line.split(';').any(|known| known == cell), "{result} is on the cell `{cell}`");
            cells.insert(cell);
        }
    }
    assert!(cells.contains("US") && cells.contains("foreign-military"), "{cells:?}");
}

#[test]
fn rows_that_are_not_right_are_kept_and_imported_once_mended() {
    let folder = tempfile::tempdir().expect("a folder");
    // The profile stands where the mapping file says, from the folder of the register: the new one is elsewhere.
    fs::create_dir(folder.path().join("flows")).expect("a folder");
    fs::copy(fixture().join("flows/company.toml"), folder.path().join("flows/company.toml")).expect("a copy");
    let inner = folder.path().join("imported");
    let to = inner.to_str().expect("a plain path");
    let import = |file: &str| run(&["import", file, "--map", "registers/columns.toml", "--to", to]);
    let output = import("registers/theirs.csv");
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stdout).starts_with("1 flow file written"), "{}", text(&output.stdout));
    let kept = inner.join("not-imported.csv");
    let rows = fs::read_to_string(&kept).expect("the others are kept");
    assert_eq!(rows.lines().count(), 5, "{rows}");
    assert!(rows.contains("which an earlier row has too"), "{rows}");
    let mended = rows.replace("United Staates", "US").replace("contct", "contact").replace("hourly", "every day");
    fs::write(&kept, mended.replace("penguins,again", "more-penguins,again")).expect("it can be mended");
    // The file that is read is the one that is written.
    let output = import(kept.to_str().expect("a plain path"));
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let rows = fs::read_to_string(&kept).expect("what is still not right is kept");
    assert!(rows.contains("whales") && rows.contains("krill") && !rows.contains("seals"), "{rows}");
    for name in ["penguins.toml", "seals.toml", "more-penguins.toml"] {
        assert!(inner.join(name).exists(), "{name}");
    }
}

#[test]
fn what_is_exported_is_judged_alike() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut endings = vec!["csv"];
    endings.extend(cfg!(feature = "xlsx").then_some("xlsx"));
    endings.extend(cfg!(feature = "parquet").then_some("parquet"));
    let verdicts = |output: std::process::Output| -> Vec<String> {
        let answers = text(&output.stdout);
        let answers = answers.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        answers.map(|answer| format!("{} {} {}", answer["flow"], answer["verdict"], answer["findings"])).collect()
    };
    let check = |path: &str| verdicts(run(&["check", path, "--library", "law", "--known-on", "2026-01-01", "--format", "json"]));
    for ending in &endings {
        let path = folder.path().join(format!("register.{ending}"));
        let path = path.to_str().expect("a plain path");
        assert_eq!(status(&["export", "flows", "--to", path]), 0);
        assert_eq!(check(path), check("flows"));
        let back = folder.path().join(ending);
        assert_eq!(status(&["import", path, "--to", back.to_str().expect("a plain path")]), 0);
        let mut again = check(back.to_str().expect("a plain path"));
        let mut first = check("flows");
        again.sort();
        first.sort();
        assert_eq!(again, first);
    }
    for missing in ["xlsx", "parquet"].iter().filter(|ending| !endings.contains(ending)) {
        let path = folder.path().join(format!("register.{missing}"));
        let path = path.to_str().expect("a plain path");
        fs::write(path, "something").expect("it can be written");
        for command in [&["export", "flows", "--to", path][..], &["check", path]] {
            let output = run(command);
            assert_eq!(output.status.code(), Some(1));
            assert!(text(&output.stderr).contains(&format!("--features {missing}")), "{}", text(&output.stderr));
        }
    }
}

#[test]
fn an_export_that_would_not_come_back_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let map = folder.path().join("map.toml");
    fs::write(&map, "[defaults]\n\"importer.group\" = true\n").expect("it can be written");
    let to = folder.path().join("register.csv");
    let names = [&to, &map].map(|path| path.to_str().expect("a plain path"));
    let output = run(&["export", "flows/permitted.toml", "--to", names[0], "--map", names[1]]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("`group = true`"), "{}", text(&output.stderr));
}

#[test]
fn many_rows_are_answered_in_their_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("many.csv");
    let row = |number: usize| format!("flow-{number},2024-03-01,AQ,no,{},contact,research,systematic\n", ["NZ", "US", "BV"][number % 3]);
    let header = "id,on,exporter.seat,exporter.public_body,importer.seat,data.categories,purpose.of,purpose.frequency\n";
    fs::write(&path, header.to_owned() + &(0..1000).map(row).collect::<String>()).expect("it can be written");
    let path = path.to_str().expect("a plain path");
    let output = run(&["check", path, "--library", "law", "--known-on", "2026-01-01", "--format", "json"]);
    let answers = text(&output.stdout);
    assert_eq!(answers.lines().count(), 1000);
    for (number, line) in answers.lines().enumerate() {
        let answer: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!((&answer["flow"], &answer["line"]), (&Value::from(format!("flow-{number}")), &Value::from(number + 2)));
    }
}

#[test]
fn coverage_names_every_place() {
    let csv = |library: &[&str]| {
        let output = run(&[&["law", "coverage", "--format", "csv", "--on", "2026-01-01"], library].concat());
        assert_eq!(output.status.code(), Some(0));
        text(&output.stdout)
    };
    let all = csv(&[]);
    let countries: BTreeSet<&str> =
        all.lines().filter_map(|line| line.split(',').next()).filter(|code| code.len() == 2 && *code != "EU").collect();
    assert_eq!(countries.len(), 250, "the countries of ISO 3166-1, and Kosovo");
    for zone in ["AE-DIFC", "AE-ADGM", "QA-QFC", "CA-QC"] {
        assert!(all.lines().any(|line| line.starts_with(&format!("{zone},"))), "{zone}");
    }
    let known: Vec<String> =
        csv(&["--library", "law"]).lines().skip(1).filter(|line| !line.contains("no instrument")).map(str::to_owned).collect();
    assert_eq!(
        known,
        [
            "AQ,Antarctica,country or territory,aq.aurora,law,in force,2020-01-01,,14,13",
            "BV,Bouvet Island,country or territory,bv.code,law,in force,2019-01-01,,2,2"
        ]
    );
    let output = text(&run(&["law", "coverage", "--library", "law", "--on", "2019-06-01"]).stdout);
    assert!(output.contains("2 laws and treaties: 16 provisions, 15 of them seen in a source"), "{output}");
    assert!(output.contains("not yet in force"), "{output}");
}

#[cfg(feature = "parquet")]
#[cfg(test)]
mod file {
    use parquet::basic::{LogicalType, Repetition, Type as Physical};
    use parquet::data_type::{ByteArray, ByteArrayType};
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::types::Type;
    use std::fs::{self, File};
    use std::path::Path;
    use std::sync::Arc;

    /// The cells of a CSV file in a Parquet file, two rows to a row group.
    pub fn parquet_of(csv: &Path, to: &Path) {
        let text = fs::read_to_string(csv).expect("it is there");
        let delimiter = if text.lines().next().is_some_and(|line| line.contains(';')) { b';' } else { b',' };
        // The reader of CSV leaves out empty lines, which are rows all the same.
        let text = text.replace("\n\n", "\n\"\"\n");
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
        let names: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
        let fields = names.iter().map(|name| {
            let column = Type::primitive_type_builder(name, Physical::BYTE_ARRAY).with_repetition(Repetition::OPTIONAL);
            Arc::new(column.with_logical_type(Some(LogicalType::String)).build().expect("a column"))
        });
        let schema = Type::group_type_builder("flows").with_fields(fields.collect()).build().expect("a schema");
        let mut writer = SerializedFileWriter::new(File::create(to).expect("a file"), Arc::new(schema), Arc::default()).expect("a writer");
        let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
        for rows in rows.chunks(2) {
            let mut group = writer.next_row_group().expect("a row group");
            for at in 0..names.len() {
                let cells = || rows.iter().map(|row| row.get(at).unwrap_or_default());
                let values: Vec<ByteArray> = cells().filter(|cell| !cell.is_empty()).map(ByteArray::from).collect();
                let levels: Vec<i16> = cells().map(|cell| i16::from(!cell.is_empty())).collect();
                let mut column = group.next_column().expect("a column").expect("one more");
                column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).expect("it can be written");
                column.close().expect("it can be closed");
            }
            group.close().expect("it can be closed");
        }
        writer.close().expect("it can be closed");
    }
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_is_answered_as_the_csv_of_the_same_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["flows", "registers"] {
        fs::create_dir(folder.path().join(name)).expect("a folder");
    }
    fs::copy(fixture().join("flows/company.toml"), folder.path().join("flows/company.toml")).expect("a copy");
    for (name, map) in [("plain", None), ("theirs", Some("registers/columns.toml"))] {
        let csv = folder.path().join(format!("registers/{name}.csv"));
        let parquet = folder.path().join(format!("registers/{name}.parquet"));
        fs::copy(fixture().join(format!("registers/{name}.csv")), &csv).expect("a copy");
        file::parquet_of(&csv, &parquet);
        for more in [&[][..], &["--verbose"], &["--format", "plain"], &["--format", "json"], &["--format", "sarif"]] {
            let answer = |path: &std::path::Path| {
                let mut arguments = vec!["check", path.to_str().expect("a plain path"), "--library", "law", "--known-on", "2026-01-01"];
                arguments.extend(map.iter().flat_map(|map| ["--map", map]));
                arguments.extend(more);
                let output = run(&arguments);
                // The names of the files have different lengths, so that columns stand apart differently.
                let spaced = |text: String| text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
                let plain = |bytes: &[u8]| spaced(text(bytes).replace(&format!("{name}.parquet"), &format!("{name}.csv")));
                // A cell of a CSV file has a place in its line; the row and the name of the column are the same.
                let stdout = plain(&output.stdout);
                let parts = stdout.split("\"column\":").map(|part| part.trim_start_matches(|letter: char| letter.is_ascii_digit()));
                let stdout = parts.collect::<Vec<_>>().join("\"column\":");
                let errors = plain(&output.stderr);
                let errors = errors.lines().filter_map(|line| line.split_once(": row ")).map(|(_, rest)| rest.to_owned());
                (output.status.code(), stdout, errors.collect::<Vec<_>>())
            };
            let (mut first, mut second) = (answer(&csv), answer(&parquet));
            if more.contains(&"sarif") {
                // Code review is shown a line, which a Parquet file does not have.
                first.1.clear();
                second.1.clear();
            }
            assert_eq!(first, second);
            // Programs read of slips in the answer itself.
            let for_programs = matches!(more, ["--format", "json" | "sarif"]);
            assert!(name == "plain" || for_programs || first.2.len() > 3, "{first:?}");
        }
    }
}
