// SPDX-License-Identifier: Apache-2.0
//! What silence means, and what a file says beyond its keys.

#![expect(clippy::panic, reason = "the helpers of a test may fail loudly, too")]

use comity_flow::{Flow, Format, Sender, Value, read, template};
use comity_terms::{Bits, Scheme, vocabulary};

fn flow(text: &str) -> Flow {
    read(text, Format::Toml, &|_| Err("no profile here".to_owned())).unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// The fact at a path, written out for comparison.
fn fact(flow: &Flow, path: &str) -> String {
    let words = vocabulary();
    let key = words.key(path).unwrap_or_else(|| panic!("no key {path}"));
    shown(flow.facts.get(&key), words.key_at(key).map(|key| key.kind))
}

fn shown(value: Option<&Value>, kind: Option<comity_terms::KeyKind>) -> String {
    let words = vocabulary();
    match (value, kind) {
        (None, _) => "unknown".to_owned(),
        (Some(Value::Flag(flag)), _) => flag.to_string(),
        (Some(Value::Count(count)), _) => count.to_string(),
        (Some(Value::Day(day)), _) => day.to_string(),
        (Some(Value::One(term)), _) => words.id(*term).to_owned(),
        (Some(Value::Many(set)), Some(comity_terms::KeyKind::Many(scheme))) => {
            set.iter().map(|index| words.id_at(scheme, index)).collect::<Vec<_>>().join(" ")
        }
        (Some(Value::Many(_)), _) => "a set of nothing known".to_owned(),
    }
}

/// Each row: a file, a key, its value.
#[test]
fn silence_and_shorthand() {
    let rows = [
        ("", "exporter.seat", "unknown"),
        ("", "exporter.established_in", "unknown"),
        ("", "importer.certified", "unknown"),
        ("", "safeguards.contracts", ""),
        ("", "safeguards.assessment", "false"),
        ("", "safeguards.assessment.kind", "none"),
        ("", "safeguards.assessment.result", "none"),
        ("", "safeguards.consent", "false"),
        ("", "safeguards.consent.explicit", "false"),
        ("[safeguards.assessment]", "safeguards.assessment", "true"),
        ("[safeguards.assessment]", "safeguards.assessment.kind", "unknown"),
        ("[safeguards.assessment]\nkind = \"tra\"", "safeguards.assessment.kind", "tra"),
        ("on = 2024-01-01\n[safeguards.assessment]\non = 2024-01-02\nkind = \"tra\"", "safeguards.assessment", "false"),
        ("on = 2024-01-01\n[safeguards.assessment]\non = 2024-01-02\nkind = \"tra\"", "safeguards.assessment.kind", "none"),
        ("on = 2024-01-01\n[safeguards.assessment]\non = 2024-01-01\nkind = \"tra\"", "safeguards.assessment.kind", "tra"),
        ("[safeguards.consent]\nexplicit = true", "safeguards.consent", "true"),
        ("[safeguards.consent]\nexplicit = true", "safeguards.consent.explicit", "true"),
        ("[safeguards.consent]\nexplicit = true", "safeguards.consent.separate", "false"),
        ("[exporter]\nseat = \"DE\"", "exporter.established_in", "DE"),
        ("[exporter]\nseat = \"DE\"\nestablished_in = []", "exporter.established_in", ""),
        ("[exporter]\ntargets = [\"DE\"]", "exporter.monitors", "DE"),
        ("[exporter]\ntargets = [\"DE\"]\nmonitors = []", "exporter.monitors", ""),
        ("[exporter]\nseat = \"DE-BY\"", "exporter.seat", "DE"),
        ("[exporter]\nseat = \"CA-QC\"", "exporter.seat", "CA-QC"),
        ("[importer]\nseat = \"INT:EPO\"", "importer.seat", "INT:EPO"),
        ("[importer]\nseat = \"INT:nobody-listed\"", "importer.seat", "INT:other"),
        ("[purpose]\ntransaction = \"\"", "purpose.transaction", "none"),
        ("[purpose]\ntransaction = \"vendor\"", "purpose.transaction", "vendor"),
        ("[purpose]", "purpose.transaction", "unknown"),
        ("[safeguards]\ncontracts = [\"eu.scc-2021\"]", "safeguards.contracts", "eu.scc-2021/*"),
        ("[safeguards]\ncontracts = [\"eu.scc-2021/2\", \"uk.idta\"]", "safeguards.contracts", "eu.scc-2021/2 uk.idta"),
        ("[safeguards]\ncontracts = []", "safeguards.contracts", ""),
        ("on = 2024-01-01\n[safeguards]\ncontracts = [\"uk.idta\"]\ncontracts_signed_on = 2024-01-02", "safeguards.contracts", ""),
        ("on = 2024-01-02\n[safeguards]\ncontracts = [\"uk.idta\"]\ncontracts_signed_on = 2024-01-02", "safeguards.contracts", "uk.idta"),
        ("[safeguards]\ncontracts = [\"uk.idta\"]\ncontracts_signed_on = 2024-01-02", "safeguards.contracts", "uk.idta"),
        (
            "on = 2024-01-01\n[safeguards]\ncontracts = [{ id = \"uk.idta\", on = 2023-01-01 }]\ncontracts_signed_on = 2024-01-02",
            "safeguards.contracts",
            "uk.idta",
        ),
        ("on = 2024-01-01\n[safeguards]\nmeasures = [{ id = \"minimised\", until = 2024-01-01 }]", "safeguards.measures", ""),
        ("on = 2024-01-01\n[safeguards]\nmeasures = [{ id = \"minimised\", until = 2024-01-02 }]", "safeguards.measures", "minimised"),
        ("", "importer.reads_clear_text", "unknown"),
        ("[safeguards]\nmeasures = [\"keys-held-by-exporter\"]", "importer.reads_clear_text", "false"),
        ("[safeguards]\nmeasures = [\"importer-reads-clear-text\"]", "importer.reads_clear_text", "true"),
        ("[safeguards]\nmeasures = [\"importer-reads-clear-text\", \"keys-held-by-exporter\"]", "importer.reads_clear_text", "true"),
        (
            "on = 2024-01-01\n[safeguards]\nmeasures = [{ id = \"keys-held-by-exporter\", on = 2024-02-01 }]",
            "importer.reads_clear_text",
            "unknown",
        ),
        ("[importer]\nreads_clear_text = true\n[safeguards]\nmeasures = [\"keys-held-by-exporter\"]", "importer.reads_clear_text", "true"),
    ];
    for (text, path, expected) in rows {
        assert_eq!(fact(&flow(text), path), expected, "{path} of:\n{text}");
    }
}

#[test]
fn an_item_out_of_place_stays_listed() {
    let flow = flow("on = 2024-01-01\n[safeguards]\ncontracts = [{ id = \"uk.idta\", on = 2025-01-01, ref = \"A 1\" }]");
    assert_eq!(flow.items.len(), 1);
    assert_eq!(flow.items[0].reference.as_deref(), Some("A 1"));
    assert!(!flow.items[0].in_place(flow.on));
    assert!(flow.items[0].in_place(None));
}

#[test]
fn what_was_assumed_is_named() {
    assert_eq!(
        flow("[exporter]\nseat = \"DE\"\ntargets = [\"FR\"]\n[safeguards]\nmeasures = [\"provider-has-no-access\"]").assumed,
        [
            "`on` is absent: today is meant",
            "`onward` is absent: no later recipient is meant",
            "`exporter.established_in` is absent: the seat, `DE`, is meant",
            "`exporter.monitors` is absent: the same places as `exporter.targets` are meant",
            "`importer.reads_clear_text` is absent: follows from the measure `provider-has-no-access`",
        ]
    );
    assert!(flow("on = 2024-01-01\nonward = []").assumed.is_empty());
}

#[test]
fn later_recipients_have_senders() {
    let flow = flow(
        "[[onward]]\nname = \"a\"\nseat = \"IN\"\nmeasures = [\"keys-held-by-exporter\"]\n\
         [[onward]]\nname = \"b\"\nfrom = \"a\"\npurpose = [\"hosting\"]\ncontracts = [\"eu.scc-2021\"]\n\
         [[onward]]\nfrom = \"importer\"\n",
    );
    let senders: Vec<Sender> = flow.onward.iter().map(|leg| leg.from).collect();
    assert_eq!(senders, [Sender::Importer, Sender::Onward(0), Sender::Importer]);
    let clear_text = vocabulary().key("importer.reads_clear_text").unwrap();
    assert_eq!(flow.onward[0].facts.get(&clear_text), Some(&Value::Flag(false)));
    assert_eq!(vocabulary().id(flow.onward[1].items[0].term), "eu.scc-2021/*");
    assert_eq!(flow.onward[1].purpose.map(|purpose| purpose.len()), Some(1));
    assert_eq!(flow.onward[2].purpose, None);
    assert_eq!(flow.lines.get("onward[1].from"), Some(&7));
}

#[test]
fn a_counter_takes_in_what_lies_below() {
    let flow = flow("[[subjects.counts]]\nof = [\"financial\"]\nunit = \"persons\"\nexactly = 7\n");
    let words = vocabulary();
    let below = words.below(words.find(Scheme::Category, "financial").unwrap());
    assert!(below.len() > 1);
    assert_eq!(flow.counts[0].of, below);
    assert_eq!((flow.counts[0].at_least, flow.counts[0].at_most), (7, Some(7)));
}

#[test]
fn a_profile_is_inherited_key_by_key() {
    let profile = "id = \"company\"\n[exporter]\nseat = \"DE\"\nsector = \"retail\"\n[safeguards.consent]\nexplicit = true\n";
    let text = "profile = \"company.toml\"\nid = \"own\"\n[exporter]\nsector = \"health\"\n";
    let flow = read(text, Format::Toml, &|name| {
        assert_eq!(name, "company.toml");
        Ok(profile.to_owned())
    })
    .unwrap();
    assert_eq!(flow.id, "own");
    assert_eq!(fact(&flow, "exporter.seat"), "DE");
    assert_eq!(fact(&flow, "exporter.sector"), "health");
    assert_eq!(fact(&flow, "safeguards.consent.explicit"), "true");
    assert_eq!(flow.lines.get("exporter.sector"), Some(&4));
    assert_eq!(flow.lines.get("exporter.seat"), None);
}

#[test]
fn a_set_holds_what_is_listed_and_no_more() {
    let flow = flow("[data]\ncategories = [\"financial\", \"financial\"]");
    let key = vocabulary().key("data.categories").unwrap();
    let financial = vocabulary().find(Scheme::Category, "financial").unwrap();
    assert_eq!(flow.facts.get(&key), Some(&Value::Many(Bits::single(financial.index()))));
}

#[test]
fn the_template_reads_as_it_stands_and_with_every_key_uncommented() {
    let template = template();
    let first = flow(&template);
    assert_eq!(fact(&first, "exporter.seat"), "DE");
    assert_eq!(fact(&first, "importer.seat"), "US");
    assert_eq!(fact(&first, "safeguards.assessment"), "false");
    let is_key = |line: &&str| line.starts_with('#') && !line.starts_with("# ");
    assert!(template.lines().filter(is_key).count() > 50);
    // One key at a time, as a person would. A key under a commented header goes to the table before it, so its header comes along.
    let lines: Vec<&str> = template.lines().collect();
    for (position, line) in lines.iter().enumerate().filter(|(_, line)| is_key(line) && !line.starts_with("#profile")) {
        let header = lines[..position].iter().rposition(|line| line.trim_start_matches('#').starts_with('['));
        let text: Vec<&str> = lines
            .iter()
            .enumerate()
            .map(|(other, text)| match other == position || Some(other) == header {
                true => text.trim_start_matches('#'),
                false => text,
            })
            .collect();
        // A counter needs two of its keys.
        let needs_more = line.contains("subjects.counts") || header.is_some_and(|header| lines[header].contains("subjects.counts"));
        let outcome = read(&text.join("\n"), Format::Toml, &|_| Err(String::new()));
        assert!(outcome.is_ok() || needs_more, "{line}: {:?}", outcome.err());
    }
    let all: Vec<&str> = lines
        .iter()
        .filter(|line| !line.starts_with("#profile"))
        .map(|line| if is_key(line) { line.trim_start_matches('#') } else { line })
        .collect();
    let all = flow(&all.join("\n"));
    assert_eq!(all.onward.len(), 1);
    assert_eq!(all.counts.len(), 1);
    let stated = vocabulary().keys().iter().filter(|key| key.path != "onward" && !key.path.starts_with("sender."));
    for key in stated {
        assert_ne!(fact(&all, &key.path), "unknown", "{}", key.path);
    }
}
