// SPDX-License-Identifier: Apache-2.0
//! A plan and a crossing, for people and programs.

use crate::render::doc::{Block, Line, Tone, count, listed};
use comity_border::anonymity::{self, asked};
use comity_border::enforce::reason;
use comity_border::plan::{Outcome, Plan};
use comity_border::protection::Protection;
use comity_border::{Measure, manifest::Held};
use comity_crossing::{Crossed, Job, Survey};
use comity_terms::nearest;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Whether every row would leave.
pub fn holds_nothing(plan: &Plan, found: &Survey) -> bool {
    let small = plan.anonymity.as_ref().is_some_and(|anonymity| anonymity.held > 0);
    !small && found.unknown == 0 && found.broken == 0 && plan.outcomes.iter().all(|outcome| matches!(outcome, Outcome::Pass { .. }))
}

/// How many rows have each outcome.
fn rows_of(plan: &Plan, found: &Survey) -> Vec<u64> {
    let mut rows = vec![0; plan.outcomes.len()];
    for (combination, (count, _)) in &found.combinations {
        if let Some(rows) = plan.decisions.get(combination).and_then(|outcome| rows.get_mut(*outcome)) {
            *rows += count;
        }
    }
    rows
}

fn number(rows: u64) -> usize {
    usize::try_from(rows).unwrap_or(usize::MAX)
}

fn rows(rows: u64) -> String {
    count(number(rows), "row")
}

fn rows_are(of: u64) -> String {
    format!("{} {}", rows(of), if of == 1 { "is" } else { "are" })
}

/// The combinations of an outcome as people read them.
fn who(plan: &Plan, outcome: usize) -> Vec<Block> {
    const SHOWN: usize = 6;
    let columns: Vec<&str> = plan.manifest.deciding().map(|(_, column, _)| column.name.as_str()).collect();
    let all: Vec<String> = plan
        .decisions
        .iter()
        .filter(|(_, of)| **of == outcome)
        .map(|(row, _)| columns.iter().zip(row).map(|(column, label)| format!("{column} {label}")).collect::<Vec<_>>().join(", "))
        .collect();
    let more = all.len().saturating_sub(SHOWN);
    let mut blocks: Vec<Block> =
        all.into_iter().take(SHOWN).filter(|text| !text.is_empty()).map(|text| Block::item(Line::faint(text))).collect();
    if more > 0 {
        blocks.push(Block::item(Line::faint(format!("and {more} more"))));
    }
    blocks
}

/// What becomes of the columns under an outcome.
fn changes(plan: &Plan, measures: &[Measure]) -> Vec<Block> {
    let counted = |name: &str| plan.manifest.release.as_ref().is_none_or(|release| release.uses(name));
    let columns = plan.manifest.columns.iter().zip(measures);
    let changed = columns.filter(|(column, measure)| **measure != Measure::Keep && counted(&column.name));
    changed.map(|(column, measure)| Block::item(format!("{}: {measure}", column.name))).collect()
}

fn outcome(plan: &Plan, position: usize, of_rows: u64) -> Option<Block> {
    let found = plan.outcomes.get(position)?;
    let mut body = who(plan, position);
    let head = match found {
        Outcome::Pass { verdict, mechanisms, measures, duties, .. } => {
            let carried = if mechanisms.is_empty() { String::new() } else { format!(" ({})", mechanisms.join("; ")) };
            body.extend(changes(plan, measures));
            if !duties.is_empty() {
                body.push(Block::item(Line::faint(format!("brings the duties {}", listed(duties, "and")))));
            }
            Line::default().toned(Tone::Good, format!("{} {}", rows(of_rows), goes(plan, of_rows))).then(format!(": {verdict}{carried}"))
        }
        Outcome::Hold { verdict, reasons } => {
            body.extend(reasons.iter().map(|reason| Block::item(reason.as_str())));
            let fate = if plan.held() == Held::Drop { "left out" } else { "kept apart" };
            Line::default().toned(Tone::Bad, format!("{} {fate}", rows_are(of_rows))).then(format!(": {verdict}"))
        }
    };
    Some(Block::group(head, body))
}

/// What rows that may leave do.
fn goes(plan: &Plan, of_rows: u64) -> &'static str {
    match (plan.manifest.release.is_some(), of_rows == 1) {
        (false, true) => "leaves",
        (false, false) => "leave",
        (true, true) => "is counted",
        (true, false) => "are counted",
    }
}

/// The plan, before any row moves.
pub fn plan(plan: &Plan, hash: &str, found: &Survey, noise: Option<&Value>) -> Vec<Block> {
    let mut blocks = vec![
        Block::say(Line::strong(format!("Plan for {} of `{}`, to {}", rows(found.rows), plan.manifest.table, named(&plan.recipient)))),
        Block::say(format!("judged at {} under {}", plan.on, count(plan.laws.len(), "instrument"))),
        Block::Gap,
    ];
    let of_rows = rows_of(plan, found);
    blocks.extend(of_rows.iter().enumerate().filter_map(|(position, rows)| outcome(plan, position, *rows)));
    blocks.extend(classes(plan));
    blocks.extend(noise.and_then(|noise| released(plan, noise)));
    if found.unknown > 0 {
        let mut body = Vec::new();
        for (column, cells) in &found.not_understood {
            let shown: Vec<String> =
                cells
                    .iter()
                    .map(|(cell, rows)| {
                        if cell.is_empty() { format!("nothing ({rows})") } else { format!("`{cell}` ({rows}){}", near(plan, column, cell)) }
                    })
                    .collect();
            body.push(Block::item(format!("{column}: {}", shown.join(", "))));
        }
        let head = Line::default().toned(Tone::Bad, format!("{} kept apart", rows_are(found.unknown)));
        blocks.push(Block::group(head.then(": cells that decide are empty or not understood"), body));
    }
    if found.broken > 0 {
        let head = Line::default().toned(Tone::Bad, format!("{} kept apart", rows_are(found.broken)));
        blocks.push(Block::say(head.then(": they cannot be read")));
    }
    if !found.unseen.is_empty() {
        let body = found.unseen.iter().map(|problem| Block::item(format!("line {}: {}", problem.line, problem.message))).collect();
        blocks.push(Block::group("Words of the manifest that the table does not have", body));
    }
    let mut columns = Vec::new();
    for (position, column) in plan.manifest.columns.iter().enumerate() {
        let measures = plan.measures_of(position);
        let mut becomes: Vec<String> = measures.iter().map(ToString::to_string).collect();
        if becomes.is_empty() || plan.manifest.release.as_ref().is_some_and(|release| !release.uses(&column.name)) {
            becomes = vec!["does not leave".to_owned()];
        } else if let Some(release) = &plan.manifest.release {
            let groups = release.by.contains(&column.name);
            becomes = vec![if groups { format!("groups ({})", becomes.join(" or ")) } else { "a sum of each group".to_owned() }];
        }
        columns.push(vec![Line::of(column.name.as_str()), Line::of(becomes.join(" or "))]);
    }
    blocks.push(Block::Gap);
    blocks.push(Block::Table(vec!["column", "becomes"], columns));
    let protections = protections(plan);
    if !protections.is_empty() {
        blocks.push(Block::Gap);
    }
    for (measure, said) in protections {
        let body = vec![
            Block::item(format!("protects against {}", said.against)),
            Block::item(format!("not against {}", said.not)),
            Block::item(Line::faint(format!("{} ({})", said.board, said.source))),
        ];
        blocks.push(Block::group(measure.to_string(), body));
    }
    let keys = &plan.manifest.encrypt_to;
    if !keys.is_empty() {
        let body = vec![
            Block::item(format!("to {}", listed(keys, "and"))),
            Block::item("protects against reading on the way and where others keep the files"),
            Block::item("not against the recipient, or authorities who ask it for the key; no law is told of it"),
            Block::item(Line::faint("use cases 3 and 6 (EDPB, Recommendations 01/2020 (version 2.0), Annex 2)")),
        ];
        blocks.push(Block::group("encryption to the recipient (age)", body));
    }
    for column in plan.manifest.columns.iter().filter(|column| !column.encrypt_to.is_empty()) {
        let body = vec![
            Block::item(format!("to {}", listed(&column.encrypt_to, "and"))),
            Block::item("protects against whoever has the file and not the key, the recipient's own people among them"),
            Block::item("not against whoever has the key, or authorities who ask for it; no law is told of it"),
            Block::item(Line::faint("use cases 3 and 6 (EDPB, Recommendations 01/2020 (version 2.0), Annex 2)")),
        ];
        blocks.push(Block::group(format!("encryption of column {} (Parquet, age)", column.name), body));
    }
    blocks.extend(plan.notes.iter().map(|note| Block::item(note.as_str())));
    blocks.push(Block::Gap);
    blocks.push(Block::say(format!("To carry out exactly this: --approved {hash}")));
    blocks
}

/// What was chosen so that rows leave only in classes of many.
fn classes(plan: &Plan) -> Option<Block> {
    let anonymity = plan.anonymity.as_ref()?;
    let mut body = vec![
        Block::item(format!(
            "of {} that the law lets leave, {} held back; the others leave in {} {}",
            rows(anonymity.lawful),
            if anonymity.held == 1 { "1 is".to_owned() } else { format!("{} are", anonymity.held) },
            anonymity.classes,
            if anonymity.classes == 1 { "class" } else { "classes" },
        )),
        Block::item(format!("of what these columns tell apart, {:.1} % is lost", anonymity.lost as f64 / 10_000.0)),
    ];
    let looked = if anonymity.least { "no lawful choice loses less" } else { "not all choices could be looked at; another may lose less" };
    body.push(Block::item(Line::faint(looked)));
    let together: Vec<&str> = plan.manifest.together().map(|(_, column)| column.name.as_str()).collect();
    Some(Block::group(Line::strong(format!("{} among those who share {}", asked(&plan.manifest), listed(&together, "and"))), body))
}

/// What is released in place of rows, and how noisy it is.
fn released(plan: &Plan, noise: &Value) -> Option<Block> {
    let release = plan.manifest.release.as_ref()?;
    let mut body = Vec::new();
    for statistic in noise.get("statistics").and_then(Value::as_array).into_iter().flatten() {
        let name = statistic.get("name").and_then(Value::as_str).unwrap_or_default();
        let within = statistic.get("within_95_percent").and_then(Value::as_f64).unwrap_or_default();
        let threshold = statistic.get("threshold").and_then(Value::as_i64);
        let threshold =
            threshold.map_or_else(String::new, |least| format!("; groups in which fewer than {least} are counted do not leave"));
        body.push(Block::item(format!("{name}: within {within} of the truth, 95 times in 100{threshold}")));
    }
    let said = release.protects();
    body.push(Block::item(format!("costs {} of the privacy budget of `{}`", release.loss, plan.manifest.table)));
    body.push(Block::item(format!("protects against {}", said.against)));
    body.push(Block::item(format!("not against {}", said.not)));
    body.push(Block::item(Line::faint(format!("{} ({})", said.board, said.source))));
    let by = if release.by.is_empty() { "in all".to_owned() } else { format!("by {}", listed(&release.by, "and")) };
    Some(Block::group(Line::strong(format!("No row leaves; aggregates {by} do")), body))
}

/// The word of the manifest that is meant, where one is near.
fn near(plan: &Plan, column: &str, cell: &str) -> String {
    let words = plan.manifest.deciding().find(|(_, of, _)| of.name == column).and_then(|(_, _, decides)| decides.words.as_ref());
    let near = words.and_then(|words| nearest(cell, words.keys().map(String::as_str)));
    near.map_or_else(String::new, |near| format!(", near to `{near}`"))
}

/// The measures of the plan, each once, with what they protect against and what not.
fn protections(plan: &Plan) -> Vec<(&Measure, Protection)> {
    let all = (0..plan.manifest.columns.len()).flat_map(|column| plan.measures_of(column));
    let of_release = |measure: &Measure| plan.manifest.release.is_some() && *measure == Measure::Drop;
    let measures: BTreeSet<&Measure> = all.filter(|measure| **measure != Measure::Keep && !of_release(measure)).collect();
    measures.into_iter().map(|measure| (measure, measure.protects())).collect()
}

fn named(recipient: &str) -> &str {
    if recipient.is_empty() { "a recipient without a name" } else { recipient }
}

/// The plan as JSON, with what the survey found.
pub fn json(plan: &Plan, hash: &str, found: &Survey, noise: Option<&Value>) -> Value {
    let combinations: Vec<Value> =
        found.combinations.iter().map(|(row, (rows, _))| json!({"row": row, "rows": rows, "outcome": plan.decisions.get(row)})).collect();
    json!({
        "hash": hash,
        "rows": found.rows,
        "unknown": found.unknown,
        "broken": found.broken,
        "not_understood": found.not_understood,
        "unseen_words": found.unseen.iter().map(|problem| json!({"line": problem.line, "said": problem.message})).collect::<Vec<_>>(),
        "protection": protections(plan).iter().map(|(measure, said)| said.to_json(measure)).collect::<Vec<_>>(),
        "combinations": combinations,
        "release": noise,
        "plan": plan.to_json(),
    })
}

/// What a crossing did.
pub fn crossed(plan: &Plan, crossed: &Crossed, job: &Job) -> Vec<Block> {
    let tally = &crossed.tally;
    let apart = tally.quarantined + crossed.broken;
    let head = if crossed.before { "Published before; nothing was done now" } else { "Published" };
    let to = if job.to.as_os_str() == "-" { "standard output".into() } else { job.to.to_string_lossy() };
    let mut blocks = vec![Block::say(Line::strong(format!("{head}: {to}")))];
    let release = crossed.record.get("release").and_then(|release| release.get("groups")).and_then(Value::as_u64);
    let mut say = |rows_in: u64, tone, what: &str| {
        if rows_in > 0 {
            blocks.push(Block::item(Line::default().toned(tone, rows(rows_in)).then(format!(" {what}"))));
        }
    };
    let keys = plan.manifest.encrypt_to.len();
    let sealed = if keys == 0 { String::new() } else { format!(", encrypted to {}", count(keys, "key")) };
    match release {
        Some(groups) => say(tally.passed, Tone::Good, &format!("counted; {} left{sealed}", count(number(groups), "group"))),
        None => say(tally.passed, Tone::Good, &format!("left{sealed}")),
    }
    say(apart, Tone::Bad, &format!("kept apart in {}", job.apart.display()));
    say(tally.dropped, Tone::Bad, "left out");
    blocks
        .extend(crossed.warnings.iter().map(|warning| Block::item(Line::default().toned(Tone::Bad, "note").then(format!(": {warning}")))));
    if tally.small > 0 {
        blocks.push(Block::item(Line::faint(format!("{}: {}", rows(tally.small), anonymity::reason(&plan.manifest)))));
    }
    for (position, outcome) in plan.outcomes.iter().enumerate() {
        if let (Outcome::Hold { .. }, Some(rows_in)) = (outcome, tally.rows.get(position).filter(|rows| **rows > 0)) {
            blocks.push(Block::item(Line::faint(format!("{}: {}", rows(*rows_in), reason(Some(outcome))))));
        }
    }
    blocks
}
