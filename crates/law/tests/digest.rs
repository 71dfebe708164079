// SPDX-License-Identifier: Apache-2.0
//! The digest of an instrument covers everything that its judgments come from.

use comity_law::Library;

fn digest(model: &str, id: &str) -> String {
    let adapting = r#"instrument xx.act "Act" adapts xx.model { kind law cite "Act 1" of FR in force 2020-01-01 adopt all }"#;
    let (library, _) = Library::read([("model.law".to_owned(), model.to_owned()), ("act.law".to_owned(), adapting.to_owned())]);
    library.instrument(id).map(|instrument| library.digest(instrument)).unwrap_or_default()
}

#[test]
fn a_change_of_the_model_changes_the_digest_of_what_adapts_it() {
    let model = r#"instrument xx.model "Model" { kind guidance cite "M" restrict abroad cite "1" when importer.seat is not FR }"#;
    let other = model.replace("is not FR", "is not DE");
    assert_eq!(digest(model, "xx.act").len(), 64);
    assert_ne!(digest(model, "xx.act"), digest(&other, "xx.act"));
    assert_ne!(digest(model, "xx.act"), digest(model, "xx.model"));
}

#[test]
fn a_circle_of_models_has_a_digest() {
    let model = r#"instrument xx.model "Model" adapts xx.act { kind guidance cite "M" adopt all }"#;
    assert_eq!(digest(model, "xx.act").len(), 64);
}
