// SPDX-License-Identifier: Apache-2.0
//! Adaptations: what comes with an article that is adopted by name, and the model law of the library.

use comity_law::ast::{Effect, Instrument, Kind};
use comity_law::{Diagnostic, Library, Severity, check};
use jiff::civil::date;
use std::path::Path;

const MODEL: &str = r#"instrument yy.model "Model" {
  kind rules
  cite "Model"
  applies everyone cite "art. 1" when always
  restrict transfer cite "art. 2" when abroad
  define abroad cite "art. 2" when importer.seat is not FR and foreign
  define foreign cite "art. 2" when importer.seat is not BE
  define unneeded cite "art. 9" when always
  permit recognition by adequacy cite "art. 3" when EU recognizes importer and reading wide is yes
  permit consent by explicit-consent cite "art. 4" when none of (recognition) is satisfied
  reading wide "How wide?" { option yes "wide" cite "A" option no "narrow" cite "B" }
  reading long "How long?" { option yes "long" cite "A" option no "short" cite "B" }
}
"#;

fn read(act: &str) -> (Library, Vec<Diagnostic>) {
    let (library, mut found) = Library::read([("act.law".to_owned(), act.to_owned()), ("model.law".to_owned(), MODEL.to_owned())]);
    found.extend(check(&library, date(2026, 11, 24)));
    found.retain(|diagnostic| diagnostic.severity == Severity::Error);
    (library, found)
}

fn act(edits: &str) -> (Library, Vec<Diagnostic>) {
    read(&format!("instrument xx.act \"Act\" adapts yy.model {{ kind law cite \"Act\" of FR in force 2026-01-01 {edits} }}"))
}

fn ids(library: &Library) -> Vec<String> {
    let act = library.instrument("xx.act");
    let mut ids: Vec<String> = act.iter().flat_map(|act| &act.provisions).map(|provision| provision.id.text.clone()).collect();
    ids.sort();
    ids
}

#[test]
fn an_article_adopted_by_name_brings_the_definitions_it_rests_on() {
    let (library, found) = act("adopt everyone, transfer");
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(ids(&library), ["abroad", "everyone", "foreign", "transfer"]);
}

#[test]
fn a_replaced_definition_keeps_the_one_of_the_model_away() {
    let (library, found) = act("adopt everyone, transfer replace abroad with define abroad cite \"s. 2\" when importer.seat is not BV");
    assert!(found.is_empty(), "{found:?}");
    assert_eq!(ids(&library), ["abroad", "everyone", "transfer"]);
    assert_eq!(library.instrument("xx.act").unwrap().provision("abroad").unwrap().cites, ["s. 2"]);
}

#[test]
fn what_an_adopted_article_names_and_the_edits_leave_out_is_reported_at_the_act() {
    for edits in ["adopt everyone, transfer, consent", "adopt all omit recognition"] {
        let (library, found) = act(edits);
        let [fault] = found.as_slice() else { panic!("one fault for `{edits}`: {found:?}") };
        assert_eq!(fault.message, "`recognition` is not a permit of `xx.act`");
        assert_eq!(library.place(fault).0, "act.law");
        assert_eq!(fault.help.as_deref(), Some("`consent` of `yy.model` names it: adopt it too, or replace `consent`"));
    }
}

#[test]
fn a_reading_of_its_own_does_not_drive_out_the_others_of_the_model() {
    let (library, found) =
        act("adopt all reading long \"How long here?\" { option yes \"longer\" cite \"C\" option no \"shorter\" cite \"D\" }");
    assert!(found.is_empty(), "{found:?}");
    let readings = &library.instrument("xx.act").unwrap().readings;
    let questions: Vec<(&str, &str)> = readings.iter().map(|reading| (reading.id.text.as_str(), reading.question.as_str())).collect();
    assert_eq!(questions, [("long", "How long here?"), ("wide", "How wide?")]);
}

/// Only laws and treaties judge a flow that names no instrument, so this is what keeps the model from governing anybody.
#[test]
fn the_model_law_is_the_law_of_no_place() {
    let (library, _) = Library::read(comity_law::library::embedded().iter().copied());
    let modules: Vec<&Instrument> = library.instruments.iter().filter(|instrument| instrument.id.text.starts_with("model.")).collect();
    assert_eq!(modules.len(), 5);
    for module in modules {
        assert_eq!(module.kind, Kind::Rules, "{}", module.id.text);
        assert!(module.of.is_none() && module.in_force.is_none(), "{}", module.id.text);
    }
    let foreign = |row: &&comity_law::Recognition| library.source(row.source).is_some_and(|source| source.name.starts_with("model/"));
    let words = comity_terms::vocabulary();
    assert!(library.recognitions.iter().filter(foreign).count() > 3);
    assert!(library.recognitions.iter().filter(foreign).all(|row| words.id(row.by) == "AQ"), "only the stand-in speaks in the specimen");
    let laws: Vec<&Instrument> = library.instruments.iter().filter(|other| matches!(other.kind, Kind::Law | Kind::Treaty)).collect();
    for row in library.recognitions.iter().filter(foreign) {
        let named = row.of.on(words, date(2026, 11, 24));
        let governs = |law: &&&Instrument| law.of.as_ref().is_some_and(|of| of.on(words, date(2026, 11, 24)).meets(&named));
        let governed = laws.iter().find(governs).map(|law| law.id.text.as_str());
        assert_eq!(governed, None, "a place of the specimen has a law: {}", row.cite);
    }
}

/// Each file of the worked adaptation that counts one choice says what the Act says of it.
#[test]
fn the_choices_that_are_counted_are_those_of_the_act() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/adaptation");
    let mut files = Vec::new();
    for folder in [folder.clone(), folder.join("model")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "law" || ending == "csv") {
                files.push((path.to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let (library, found) = Library::read(files);
    assert!(found.is_empty(), "{found:?}");
    let text = |instrument: &Instrument| -> Vec<String> {
        let own = instrument.provisions.iter().filter(|provision| provision.cites.iter().any(|cite| cite.starts_with("Act No. 12")));
        let verdicts = own.filter(|provision| !matches!(provision.effect, Effect::Clock(..)));
        let source = |provision: &comity_law::ast::Provision| {
            let span = provision.span.start..provision.span.end;
            library.source(provision.source).unwrap().text.get(span).unwrap().to_owned()
        };
        verdicts.map(|provision| source(provision).split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    let mut choices: Vec<String> =
        library.instruments.iter().filter(|other| other.id.text.starts_with("meridia.choice-")).flat_map(text).collect();
    let mut act = text(library.instrument("meridia.transfers").unwrap());
    choices.sort();
    act.sort();
    assert_eq!(choices, act);
    assert_eq!(act.len(), 6);
}
