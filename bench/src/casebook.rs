// SPDX-License-Identifier: Apache-2.0
//! The flows of the casebook, judged under the whole library: verdict only, full derivation, whole process.

use crate::timing::{Times, shown};
use comity_flow::{Flow, Format, read};
use comity_judge::bulk::Bulk;
use comity_judge::{Options, judge, verdicts};
use comity_law::Library;
use comity_law::ast::Kind;
use comity_law::library::embedded;
use jiff::civil::Date;
use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Every file of the casebook that names no profile.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            all.extend(files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            all.push(path);
        }
    }
    all.sort();
    Ok(all)
}

/// The library with every instrument so many times, under other names.
fn copied(copies: usize) -> Library {
    let sources = embedded().iter().flat_map(|(name, text)| {
        (0..copies).map(move |copy| match copy {
            0 => ((*name).to_owned(), (*text).to_owned()),
            _ => (format!("{copy}/{name}"), text.replacen("instrument ", &format!("instrument copy{copy}-"), 1)),
        })
    });
    Library::read_without_cases(sources).0
}

/// The table, in Markdown.
pub fn table(folder: &Path, command: Option<&Path>, today: Date, limit: Duration) -> Result<String, Box<dyn Error>> {
    let start = Instant::now();
    let sources = embedded().iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
    let (library, _) = Library::read_without_cases(sources);
    let load = start.elapsed();
    let paths = files(folder)?;
    let mut flows: Vec<Flow> = Vec::new();
    for path in &paths {
        let text = std::fs::read_to_string(path)?;
        // Judged under all instruments, whatever the file asks for.
        flows.extend(read(&text, Format::Toml, &|_| Err(String::new())).map(|flow| Flow { under: Vec::new(), ..flow }));
    }
    let laws: Vec<_> = library.instruments.iter().filter(|instrument| matches!(instrument.kind, Kind::Law | Kind::Treaty)).collect();
    let options = Options::today(today);

    let mut out = format!(
        "{} flows of the casebook under all {} laws and treaties of the library ({} instruments, read in {}):\n\n",
        flows.len(),
        laws.len(),
        library.instruments.len(),
        shown(load)
    );
    out.push_str("| what is done for one flow | median | 99 of 100 within | timed |\n| --- | --- | --- | --- |\n");
    let mut line = |what: &str, times: &Times| {
        let (median, most) = (shown(times.percentile(50)), shown(times.percentile(99)));
        let _ = writeln!(out, "| {what} | {median} | {most} | {} |", times.count());
    };
    let each = Times::of(flows.len(), limit, |at| {
        laws.iter().filter(|law| verdicts(&library, law, &flows[at], &options).0.decided().is_none()).count()
    });
    line("verdicts only, each instrument by itself (`judge::verdicts`)", &each);
    let full = Times::of(flows.len(), limit, |at| judge(&library, &flows[at], &options).map(|judgment| judgment.findings.len()));
    line("full derivation, all legs together (`judge::judge`)", &full);
    for copies in [1, 10] {
        let library = copied(copies);
        let mut bulk = Bulk::new(&library, &options)?;
        let rows = bulk.rows(&flows);
        // The first time, what bits leave open is searched for, and kept.
        let governing: usize = {
            let table = bulk.table(&rows);
            (0..flows.len()).map(|flow| table.cells(flow).iter().filter(|cell| cell.governs()).count()).sum()
        };
        let of = format!("{} instruments, coded and asked before", bulk.instruments().len());
        line(&format!("verdicts of {of} (`Bulk::table`), each flow"), &Times::each(flows.len(), limit, || bulk.table(&rows)));
        line(
            &format!("verdicts of {of} (`Bulk::table`), each flow and instrument that governs"),
            &Times::each(governing, limit, || bulk.table(&rows)),
        );
        line(&format!("may it go, under {of} (`Bulk::lawful`), each flow"), &Times::each(flows.len(), limit, || bulk.lawful(&rows)));
    }
    if let Some(command) = command {
        let process = Times::of(paths.len(), limit, |at| {
            let run = Command::new(command).arg("check").arg(&paths[at]).stdout(Stdio::null()).stderr(Stdio::null()).status();
            run.map(|status| status.code())
        });
        line("whole process (`comity check FILE`), under what the file asks for", &process);
    }
    Ok(out)
}
