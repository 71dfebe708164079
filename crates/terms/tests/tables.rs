// SPDX-License-Identifier: Apache-2.0
//! The embedded tables: complete, closed, and right on the days around a change.
#![expect(clippy::expect_used, clippy::panic, reason = "a missing row should stop the test that needs it")]

use comity_terms::{Class, KeyKind, Scheme, Term, vocabulary};
use jiff::civil::{Date, date};
use std::collections::HashSet;

/// The ids that the page of the flow format fixes, scheme by scheme. A listed id keeps its meaning, so none may go.
const FIXED: &[(Scheme, &str)] = &[
    (Scheme::Role, "controller processor joint-controller data-subject sub-processor public-authority"),
    (
        Scheme::Status,
        "critical-infrastructure-operator significant-data-fiduciary intermediary us-person eu-institution
         payment-system-operator law-enforcement natural-person-private",
    ),
    (
        Scheme::RecipientType,
        "electronic-communication-service-provider cloud-provider tax-authority law-enforcement intelligence-service
         regulator court ministry international-organisation covered-person data-broker foreign-military payment-operator
         subject-to-incompatible-access-law",
    ),
    (
        Scheme::Certificate,
        "safe-harbor privacy-shield dpf dpf-uk dpf-ch cbpr prp global-cbpr global-prp bcr-controller bcr-processor hds
         cn-certification kr-certification code-of-conduct dpf:hr",
    ),
    (
        Scheme::SubjectKind,
        "customer user website-visitor employee applicant patient research-participant student child passenger driver
         subscriber cardholder account-holder citizen suspect lawyer member",
    ),
    (Scheme::Unit, "persons devices"),
    (Scheme::Frequency, "systematic occasional"),
    (Scheme::Transaction, "none data-brokerage vendor employment investment"),
    (
        Scheme::Necessity,
        "contract-with-subject contract-in-subject-interest vital-interest important-public-interest legal-claims
         public-register compelling-legitimate-interest hr-management emergency foreign-authority-request
         mutual-legal-assistance journalism",
    ),
    (Scheme::LawfulBasis, "consent contract legal-obligation vital-interest public-task legitimate-interest statute none"),
    (Scheme::Approval, "cn.security-assessment eu.authority-authorisation tr.board-approval ae.authority-approval"),
    (Scheme::Filing, "cn.standard-contract-filing tr.standard-contract-notice ru.transfer-notice vn.transfer-dossier"),
    (Scheme::Notice, "subjects-informed subjects-informed-of-recipients subjects-informed-of-foreign-access published-in-policy"),
    (Scheme::Arrangement, "public-authority-agreement administrative-arrangement international-agreement"),
    (Scheme::AssessmentKind, "transfer-impact data-protection-impact pipia tra privacy-impact"),
    (Scheme::AssessmentResult, "equivalent equivalent-with-measures not-equivalent not-materially-lower unsound"),
    (
        Scheme::Mechanism,
        "adequacy standard-clauses bcr certification code-of-conduct ad-hoc-clauses public-authority-agreement
         security-assessment authority-approval notification comparable-protection treaty explicit-consent
         contract-necessity vital-interest public-interest legal-claims public-register compelling-legitimate-interest
         hr-management transit small-volume exempt-transaction foreign-legal-process",
    ),
    (
        Scheme::Contract,
        "eu.scc-2001 eu.scc-2004 eu.scc-2010 eu.scc-2021 eu.scc-2021-institutions uk.idta uk.addendum ch.scc-addendum
         br.scc-2024 cn.scc-2023 tr.scc-2024 rs.scc asean.mcc ripd.mcc coe.mcc sa.scc-2024 ae-difc.scc ae-adgm.scc
         nz.model-clauses hk.rmc comparable-protection processor-terms intra-group eu.scc-2021/1 eu.scc-2021/2
         eu.scc-2021/3 eu.scc-2021/4 eu.scc-2021/*",
    ),
    (
        Scheme::Measure,
        "encryption-in-transit encryption-at-rest keys-held-by-exporter keys-held-by-trusted-third-party
         importer-reads-clear-text provider-has-no-access pseudonymised anonymised aggregated noise-added
         split-processing ip-truncated-before-transfer hashed-identifiers on-premises-proxy access-control access-logging
         third-party-audit challenge-clause transparency-report eu-only-processing-commitment minimised",
    ),
    (
        Scheme::Category,
        "identity name contact address date-of-birth national-id passport photo account credential online-identifier
         ip-address cookie device browsing content communications communications-metadata location precise-location
         financial payment bank-account transaction credit tax employment education travel pnr vehicle biometric
         biometric-id genetic health racial-ethnic-origin political-opinion religion-belief trade-union
         sex-life-orientation criminal-offence child-data family preference profile image visa diagnostic
         government-file important-data",
    ),
    (
        Scheme::Purpose,
        "service-delivery analytics marketing advertising hosting content-delivery support maintenance hr-management
         recruitment payment fraud-prevention security research health-care public-health education legal-claims
         legal-compliance tax-reporting supervision law-enforcement national-security travel insurance credit journalism
         authentication personalisation ai-training archiving testing shared-group-services public-security statistics
         communication social-networking",
    ),
    (
        Scheme::Sector,
        "retail finance insurance health telecom media social-network transport travel hospitality education
         public-administration law-enforcement eu-institution technology cloud energy manufacturing employment non-profit
         religious legal research identity private-person gambling payments any",
    ),
    (Scheme::Instrument, "ca.pipeda jp.appi eu.gdpr cn.pipl us.dsp gb.uk-gdpr vn.decree13 vn.pdpl tw.ncc-order"),
    (Scheme::Place, "DE US CA-QC AE-DIFC AE-ADGM QA-QFC EU XK INT:EPO INT:WHO INT:other HK MO TW GG JE IM AX RE"),
];

/// The keys of the flow format that hold a fact, in the order of its page, and after them the facts of a leg.
const KEYS: &str = "
    exporter.seat exporter.established_in exporter.role exporter.sector exporter.public_body exporter.targets
    exporter.monitors exporter.status exporter.certified
    importer.seat importer.role importer.type importer.certified importer.subject_to importer.reads_clear_text
    importer.group importer.parent importer.owned_by importer.subject_to_exporter_law importer.common_management
    importer.same_legal_entity
    route.storage route.access_from route.transit route.direct_from_subject route.local_copy route.first_recorded_in
    data.categories data.received_from data.retention_days
    subjects.kinds subjects.located subjects.residents_of subjects.citizens_of subjects.youngest_age subjects.count
    subjects.count_this_year subjects.sensitive_count_this_year subjects.count_12_months
    purpose.of purpose.collected_for purpose.frequency purpose.transaction purpose.necessary_for
    purpose.request_of_foreign_authority purpose.compelled_by purpose.lawful_basis
    safeguards.contracts safeguards.approvals safeguards.filings safeguards.notices safeguards.measures
    safeguards.arrangements safeguards.assessment safeguards.assessment.kind safeguards.assessment.result
    safeguards.consent safeguards.consent.explicit safeguards.consent.informed_of_risks safeguards.consent.separate
    safeguards.consent.freely_given
    onward sender.seat sender.role";

fn term(scheme: Scheme, id: &str) -> Term {
    vocabulary().find(scheme, id).unwrap_or_else(|| panic!("`{id}` is missing in scheme `{}`", scheme.id()))
}

fn below(scheme: Scheme, narrow: &str, wide: &str) -> bool {
    vocabulary().is_below(term(scheme, narrow), term(scheme, wide))
}

fn member(group: &str, place: &str, day: Date) -> bool {
    vocabulary().members(group, day).expect("a listed group").contains(term(Scheme::Place, place))
}

#[test]
fn every_row_was_read() {
    assert_eq!(vocabulary().problems(), &[] as &[String]);
}

#[test]
fn every_fixed_id_is_present() {
    for (scheme, ids) in FIXED {
        for id in ids.split_whitespace() {
            term(*scheme, id);
        }
    }
}

#[test]
fn every_scheme_has_labelled_terms_with_known_parents() {
    for scheme in Scheme::ALL {
        let entries = vocabulary().entries(*scheme);
        assert!(!entries.is_empty(), "{}", scheme.id());
        for entry in entries {
            assert!(!entry.id.is_empty() && !entry.label.is_empty(), "{} `{}`", scheme.id(), entry.id);
            for parent in &entry.parents {
                assert!(below(*scheme, &entry.id, parent), "{} `{}`", scheme.id(), entry.id);
                assert!(!below(*scheme, parent, &entry.id), "`{parent}` and `{}` are below each other", entry.id);
            }
            if let Some(iri) = &entry.dpv {
                assert!(iri.starts_with("https://w3id.org/dpv") && iri.contains('#'), "`{iri}`");
            }
        }
    }
}

#[test]
fn keys_stand_in_the_order_of_the_page_and_each_has_a_question() {
    let paths: Vec<&str> = vocabulary().keys().iter().map(|key| key.path.as_str()).collect();
    assert_eq!(paths, KEYS.split_whitespace().collect::<Vec<_>>());
    for key in vocabulary().keys() {
        assert!(key.question.ends_with('?'), "{}", key.path);
        assert!(!key.label.is_empty() && (1..=5).contains(&key.effort), "{}", key.path);
        let id = vocabulary().key(&key.path).expect("a listed key");
        assert_eq!(vocabulary().key_at(id).map(|found| found.path.as_str()), Some(key.path.as_str()));
    }
    let questions: HashSet<&str> = vocabulary().keys().iter().map(|key| key.question.as_str()).collect();
    assert_eq!(questions.len(), paths.len(), "two keys ask the same question");
}

#[test]
fn classes_follow_the_table_of_the_page() {
    let class = |path: &str| vocabulary().key(path).and_then(|id| vocabulary().key_at(id)).map(|key| key.class);
    for (path, expected) in [
        ("exporter.seat", Class::Given),
        ("purpose.of", Class::Given),
        ("data.categories", Class::Given),
        ("route.storage", Class::Design),
        ("importer.reads_clear_text", Class::Design),
        ("safeguards.contracts", Class::Act),
        ("purpose.lawful_basis", Class::Act),
        ("safeguards.approvals", Class::Grant),
        ("importer.certified", Class::Grant),
        ("safeguards.consent.separate", Class::Grant),
        ("onward", Class::Given),
    ] {
        assert_eq!(class(path), Some(expected), "{path}");
    }
}

#[test]
fn single_choices_under_safeguards_can_say_none() {
    // Under `[safeguards]` absence is a fact, so the scheme of a single choice needs a term for it.
    for key in vocabulary().keys().iter().filter(|key| key.path.starts_with("safeguards.")) {
        if let KeyKind::One(scheme) = key.kind {
            term(scheme, "none");
        }
    }
    term(Scheme::Transaction, "none");
}

#[test]
fn some_terms_are_never_a_step() {
    for (scheme, id) in [
        (Scheme::Measure, "anonymised"),
        (Scheme::Measure, "aggregated"),
        (Scheme::Measure, "importer-reads-clear-text"),
        (Scheme::Approval, "us.licence"),
        (Scheme::LawfulBasis, "none"),
        (Scheme::AssessmentKind, "none"),
        (Scheme::AssessmentResult, "none"),
        (Scheme::AssessmentResult, "not-equivalent"),
    ] {
        assert!(!vocabulary().entry(term(scheme, id)).expect("an entry").step, "{id}");
    }
    assert!(vocabulary().entry(term(Scheme::Contract, "eu.scc-2021/2")).expect("an entry").step);
}

#[test]
fn subsumption_is_what_the_words_say() {
    for (scheme, narrow, wide) in [
        (Scheme::Role, "joint-controller", "controller"),
        (Scheme::Role, "public-authority", "controller"),
        (Scheme::Role, "sub-processor", "processor"),
        (Scheme::Category, "pnr", "travel"),
        (Scheme::Category, "biometric-id", "biometric"),
        (Scheme::Category, "precise-location", "location"),
        (Scheme::Category, "cookie", "online-identifier"),
        (Scheme::Category, "passport", "identity"),
        (Scheme::Contract, "eu.scc-2021/2", "eu.scc-2021"),
        (Scheme::Contract, "eu.scc-2021/*", "eu.scc-2021"),
        (Scheme::Mechanism, "explicit-consent", "derogation"),
        (Scheme::Place, "CA-QC", "CA"),
        (Scheme::Place, "RE", "FR"),
    ] {
        assert!(below(scheme, narrow, wide), "{narrow} is not below {wide}");
        assert!(!below(scheme, wide, narrow), "{wide} is below {narrow}");
    }
    for (scheme, one, other) in [
        (Scheme::Category, "genetic", "health"),
        (Scheme::Category, "contact", "identity"),
        (Scheme::Category, "diagnostic", "health"),
        (Scheme::Contract, "eu.scc-2021-institutions", "eu.scc-2021"),
        (Scheme::Certificate, "dpf:hr", "dpf"),
        (Scheme::Certificate, "dpf-uk", "dpf"),
        (Scheme::Place, "AE-DIFC", "AE"),
        (Scheme::Place, "QA-QFC", "QA"),
        (Scheme::Place, "HK", "CN"),
        (Scheme::Place, "TW", "CN"),
        (Scheme::Place, "JE", "GB"),
        (Scheme::Place, "NC", "FR"),
    ] {
        assert!(!below(scheme, one, other) && !below(scheme, other, one), "{one} and {other}");
    }
}

#[test]
fn nearest_spelling_is_offered_and_nothing_far() {
    let words = vocabulary();
    assert_eq!(words.nearest(Scheme::Category, "heatlh"), Some("health"));
    assert_eq!(words.nearest(Scheme::Contract, "eu.scc2021"), Some("eu.scc-2021"));
    assert_eq!(words.nearest(Scheme::Place, "de"), Some("DE"));
    assert_eq!(words.nearest(Scheme::Place, "UK"), Some("GB"));
    assert_eq!(words.nearest(Scheme::Category, "financial-account"), Some("bank-account"));
    assert_eq!(words.nearest(Scheme::Purpose, "xyzzy"), None);
    assert_eq!(words.nearest_key("importer.seats"), Some("importer.seat"));
    assert_eq!(words.nearest_key("qwerty"), None);
}

#[test]
fn aliases_name_a_term_and_hide_none() {
    let words = vocabulary();
    assert_eq!(words.alias(Scheme::Mechanism, "accountability-comparable-protection"), Some("comparable-protection"));
    assert_eq!(words.alias(Scheme::Mechanism, "small-volume-exemption"), Some("small-volume"));
    assert_eq!(words.alias(Scheme::Category, "precise-geolocation"), Some("precise-location"));
    for (scheme, _) in FIXED {
        for entry in words.entries(*scheme) {
            assert_eq!(words.alias(*scheme, &entry.id), None, "`{}` is both a term and an alias", entry.id);
        }
    }
}

#[test]
fn unlisted_parts_fall_to_their_country_and_own_codes_to_themselves() {
    let place = |code: &str| vocabulary().place(code).map(|found| vocabulary().id(found));
    for (code, expected) in [
        ("DE", Some("DE")),
        ("DE-BY", Some("DE")),
        ("CA-QC", Some("CA-QC")),
        ("AE-DU", Some("AE")),
        ("AE-DIFC", Some("AE-DIFC")),
        ("FR-971", Some("GP")),
        ("FR-NC", Some("NC")),
        ("CN-HK", Some("HK")),
        ("NL-AW", Some("AW")),
        ("FI-01", Some("AX")),
        ("US-PR", Some("PR")),
        ("INT:EPO", Some("INT:EPO")),
        ("INT:ESA", Some("INT:other")),
        ("INT:", None),
        ("UK", None),
        ("de", None),
        ("ZZ-AB", None),
        ("EU-XX", None),
        ("DE-", None),
        ("DE-abc", None),
        ("DE-BAVARIA", None),
        ("é-A", None),
        ("", None),
    ] {
        assert_eq!(place(code), expected, "{code}");
    }
}

#[test]
fn all_countries_are_places() {
    let places = vocabulary().entries(Scheme::Place);
    let plain = |id: &str| id.len() == 2 && id.bytes().all(|letter| letter.is_ascii_uppercase());
    // 249 of ISO 3166-1, Kosovo, and the Union.
    assert_eq!(places.iter().filter(|entry| plain(&entry.id)).count(), 251);
    assert!(places.len() < 500);
}

#[test]
fn membership_changes_on_the_day() {
    for (group, place, last_before, first_after, enters) in [
        ("EU", "HR", date(2013, 6, 30), date(2013, 7, 1), true),
        ("EEA-TREATED", "HR", date(2013, 6, 30), date(2013, 7, 1), true),
        ("EEA", "HR", date(2014, 4, 11), date(2014, 4, 12), true),
        ("EU", "GB", date(2020, 1, 31), date(2020, 2, 1), false),
        ("EEA", "GB", date(2020, 1, 31), date(2020, 2, 1), false),
        ("EEA-TREATED", "GB", date(2020, 12, 31), date(2021, 1, 1), false),
        ("ECOWAS", "ML", date(2025, 1, 28), date(2025, 1, 29), false),
        ("COE-108", "AR", date(2019, 5, 31), date(2019, 6, 1), true),
        ("GLOBAL-CBPR", "AE-DIFC", date(2025, 11, 30), date(2025, 12, 1), true),
        ("GLOBAL-CBPR-ASSOCIATE", "AE-DIFC", date(2025, 11, 30), date(2025, 12, 1), false),
        ("ASEAN", "TL", date(2025, 10, 25), date(2025, 10, 26), true),
    ] {
        assert_eq!(member(group, place, last_before), !enters, "{place} in @{group} on {last_before}");
        assert_eq!(member(group, place, first_after), enters, "{place} in @{group} on {first_after}");
    }
}

#[test]
fn members_bring_their_parts_and_nothing_else() {
    let day = date(2024, 3, 1);
    for (group, inside) in [("EEA", "FR RE AX IS LI NO"), ("OECD", "US US-CA PR CA-QC GB-SCT"), ("APEC-CBPR", "US-NY TW")] {
        for place in inside.split_whitespace() {
            assert!(member(group, place, day), "{place} in @{group}");
        }
    }
    for (group, outside) in [("EEA", "GB CH NC GL FO JE SJ EU INT:EPO"), ("APEC", "MO")] {
        for place in outside.split_whitespace() {
            assert!(!member(group, place, day), "{place} in @{group}");
        }
    }
    assert_eq!(vocabulary().members("EAA", day), None);
}

#[test]
fn the_treated_area_holds_the_union_and_the_area() {
    for day in [date(1998, 10, 24), date(2007, 3, 1), date(2013, 9, 1), date(2018, 5, 25), date(2020, 6, 1), date(2026, 1, 1)] {
        let treated = vocabulary().members("EEA-TREATED", day).expect("a listed group");
        for group in ["EU", "EEA"] {
            assert!(vocabulary().members(group, day).expect("a listed group").within(&treated), "@{group} on {day}");
        }
    }
}

#[test]
fn groups_are_labelled_and_their_rows_do_not_overlap() {
    for group in vocabulary().groups() {
        assert!(!group.label.is_empty() && !group.members.is_empty(), "{}", group.name);
        for (position, row) in group.members.iter().enumerate() {
            assert!(row.until.is_none_or(|until| row.from < until), "{}", group.name);
            for other in group.members.iter().skip(position + 1).filter(|other| other.member == row.member) {
                let apart = row.until.is_some_and(|until| until <= other.from) || other.until.is_some_and(|until| until <= row.from);
                assert!(apart, "{} twice in @{}", vocabulary().id(row.member), group.name);
            }
        }
    }
}
