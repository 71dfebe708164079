// SPDX-License-Identifier: Apache-2.0
//! `comity discover`: what the columns of a table may hold, as a manifest for a person to change.

use crate::args::{DatabaseArgs, DiscoverArgs, Format};
use crate::exit::Status;
use crate::input::reason;
use crate::out::{Out, Progress};
use crate::render::doc::{Block, Line, count};
use comity_crossing::{CrossingError, Tables, Wanted, copies};
use comity_discover::draft::{choice, draft, identifies};
use comity_discover::report::{Column, Report};
use comity_discover::{Distinct, Proposal, Sample, Table, discover, values_in_header};
use comity_terms::{Scheme, vocabulary};
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::{self, Write};

/// Looks at the tables and proposes a manifest.
pub fn run(args: &DiscoverArgs, out: &mut Out) -> io::Result<Status> {
    let (report, unread) = match look(args) {
        Ok(found) => found,
        Err((status, message)) => {
            out.error(&message)?;
            return Ok(status);
        }
    };
    let table = table_name(args);
    let manifest = draft(&report, &table);
    if let Some(path) = &args.output {
        let written = OpenOptions::new().write(true).create_new(true).open(path).and_then(|mut file| file.write_all(manifest.as_bytes()));
        if let Err(error) = written {
            let why = if error.kind() == io::ErrorKind::AlreadyExists { "it exists".to_owned() } else { reason(&error) };
            out.error(&format!("cannot write `{}`: {why}", path.display()))?;
            return Ok(Status::Failed);
        }
    }
    match (args.format.format, &args.output) {
        (Format::Json, _) => out.json(&to_json(&report, &table, unread))?,
        (format, Some(path)) => {
            out.blocks(&summary(&report, unread), format)?;
            out.complain(&format!("wrote {}; look at every column in it, then: comity cross --dry-run\n", path.display()))?;
        }
        (_, None) => {
            out.raw(&manifest)?;
            if unread > 0 {
                out.warning(&format!("{unread} rows cannot be read, and were not looked at"))?;
            }
        }
    }
    let whole = report.columns.iter().all(|column| choice(column).is_some());
    Ok(if whole { Status::Fine } else { Status::Incomplete })
}

/// What the table of the manifest is called at first.
fn table_name(args: &DiscoverArgs) -> String {
    let first = args.tables.first().and_then(|path| path.to_str()).unwrap_or_default();
    // Of `postgres://db.example/shop#sales.people` it is `people`.
    if let Some((_, table)) = first.split_once("://").and_then(|_| first.split_once('#')) {
        return table.rsplit('.').next().unwrap_or(table).trim_matches('"').to_owned();
    }
    let named = args.database.query.as_ref().or(args.tables.first());
    named.and_then(|path| path.file_stem()).map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

fn look(args: &DiscoverArgs) -> Result<(Report, u64), (Status, String)> {
    let failed = |error: CrossingError| {
        let status = match &error {
            CrossingError::File { .. } | CrossingError::Database { .. } => Status::Failed,
            CrossingError::Query { .. } => Status::Usage,
            _ => Status::Invalid,
        };
        (status, error.to_string())
    };
    let shown = Progress::new(None);
    let DatabaseArgs { query, certificates } = &args.database;
    let wanted = Wanted { tables: &args.tables, query: query.as_deref(), certificates: certificates.as_deref(), staging: None };
    let copies = copies(wanted, &mut |progress| shown.say(&format!("{} rows read from the database", progress.rows)));
    shown.clear();
    let copies = copies.map_err(failed)?;
    let tables = Tables::open(copies.tables()).map_err(failed)?;
    let names: Vec<&str> = tables.columns().iter().map(|column| column.name.as_str()).collect();
    if let Some((at, kind)) = values_in_header(&names).first() {
        // What was read as a name may be a value, so it is not shown.
        let message = format!(
            "the first row, which names the columns, holds values: its cell {} looks like this: {kind}. Add a row with names first",
            at + 1
        );
        return Err((Status::Invalid, message));
    }
    let limit = usize::try_from(args.sample).unwrap_or(usize::MAX);
    let mut samples: Vec<Sample> = names.iter().map(|_| Sample::new(limit)).collect();
    let unread = tables.cells(
        &mut |column, text, rows| {
            if let Some(sample) = samples.get_mut(column) {
                sample.add_rows(text, rows);
            }
        },
        &mut |progress| {
            let of = progress.of.map_or_else(String::new, |of| format!(" of {of}"));
            shown.say(&format!("{}{of} rows looked at", progress.rows));
        },
    );
    shown.clear();
    let unread = unread.map_err(failed)?;
    let mut table = Table::default();
    for (column, sample) in tables.columns().iter().zip(&samples) {
        if column.readable {
            table.add(&column.name, &column.type_name, sample);
        } else {
            table.add_unread(&column.name, &column.type_name);
        }
    }
    Ok((discover(&table), unread))
}

fn category(proposal: &Proposal) -> Option<&'static str> {
    proposal.category.map(|term| vocabulary().id_at(Scheme::Category, term.index()))
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// What was found, column by column.
fn summary(report: &Report, unread: u64) -> Vec<Block> {
    let mut rows = Vec::new();
    for column in &report.columns {
        let (holds, tells) = match choice(column) {
            Some(choice) => {
                let words: Vec<&str> = choice.holds.iter().map(|term| vocabulary().id_at(Scheme::Category, term.index())).collect();
                let holds = if words.is_empty() { "no personal data by itself".to_owned() } else { words.join(", ") };
                (Line::of(holds), identifies(choice.identifies))
            }
            None => (Line::strong("not understood: decide"), ""),
        };
        let best = column.proposals.first();
        let seen = best.map_or_else(String::new, |best| {
            let passed = best.coverage.map_or_else(|| "by its name alone".to_owned(), |share| format!("{} of values pass", percent(share)));
            format!("{}, sure to {:.2}, {passed}", best.label, best.confidence)
        });
        rows.push(vec![Line::of(column.name.as_str()), holds, Line::of(tells), Line::of(seen), Line::faint(looked(column))]);
    }
    let mut blocks = vec![Block::Table(vec!["column", "holds", "identifies", "the surest proposal", "looked at"], rows), Block::Gap];
    if unread > 0 {
        let are = if unread == 1 { "cannot be read, and was" } else { "cannot be read, and were" };
        blocks.push(Block::item(format!("{} {are} not looked at", count(usize::try_from(unread).unwrap_or(usize::MAX), "row"))));
    }
    blocks.push(Block::say(report.limits()));
    blocks
}

fn looked(column: &Column) -> String {
    match (column.looked.readable, column.looked.distinct) {
        (false, _) => "its name".to_owned(),
        (true, Distinct::Exactly(count)) => format!("{} of {count} values", column.looked.sampled),
        (true, Distinct::About(count)) => format!("{} of about {count} values", column.looked.sampled),
    }
}

fn to_json(report: &Report, table: &str, unread: u64) -> Value {
    let rounded = |share: f64| (share * 10_000.0).round() / 10_000.0;
    let of_proposal = |proposal: &Proposal| {
        json!({
            "kind": proposal.kind,
            "label": proposal.label,
            "category": category(proposal),
            "identifies": identifies(proposal.identifier),
            "confidence": rounded(proposal.confidence),
            "coverage": proposal.coverage.map(rounded),
            "why": proposal.why,
            "source": proposal.source,
        })
    };
    let of_column = |column: &Column| {
        let chosen = choice(column);
        let holds = chosen
            .as_ref()
            .map(|choice| choice.holds.iter().map(|term| vocabulary().id_at(Scheme::Category, term.index())).collect::<Vec<_>>());
        let looked = &column.looked;
        json!({
            "name": column.name,
            "type": column.type_name,
            "understood": chosen.is_some(),
            "holds": holds,
            "identifies": chosen.map(|choice| identifies(choice.identifies)),
            "looked_at": {
                "rows": looked.rows,
                "empty": looked.empty,
                "distinct": looked.distinct.count(),
                "distinct_is_estimate": matches!(looked.distinct, Distinct::About(_)),
                "sampled": looked.sampled,
                "readable": looked.readable,
            },
            "proposals": column.proposals.iter().map(of_proposal).collect::<Vec<_>>(),
        })
    };
    json!({
        "table": table,
        "limits": report.limits(),
        "rows_not_read": unread,
        "columns": report.columns.iter().map(of_column).collect::<Vec<_>>(),
    })
}
