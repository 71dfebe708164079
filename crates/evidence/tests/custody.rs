// SPDX-License-Identifier: Apache-2.0
//! Custody: a chain holds as it was recorded, and every change before its end breaks it at an event that is named.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use comity_evidence::custody::{Action, Break, Chain, ChainError, Event, Time};
use comity_evidence::entry::Kind;
use comity_evidence::{Entry, Hash, Payload, Salt};
use proptest::prelude::*;
use serde_json::{Value, json};

fn event(action: Action, minute: usize, digest: &[u8], before: Option<&Event>) -> Event {
    Event {
        exhibit: "case-12/3".to_owned(),
        action,
        role: if minute.is_multiple_of(2) { "examiner" } else { "archive" }.to_owned(),
        at: format!("2026-11-24T09:{minute:02}:00Z").parse().unwrap(),
        place: "evidence room 2".to_owned(),
        ground: "search warrant 41/2026".to_owned(),
        digest: Hash::of(digest),
        previous: before.map(Event::hash),
    }
}

/// Events with these actions; each transformation makes something new.
fn events(actions: &[Action]) -> Vec<Event> {
    let (mut events, mut made): (Vec<Event>, u8) = (Vec::new(), 0);
    for (minute, action) in actions.iter().enumerate() {
        made += u8::from(*action == Action::Transformed);
        events.push(event(*action, minute, &[made], events.last()));
    }
    events
}

const WHOLE_LIFE: [Action; 8] = [
    Action::Acquired,
    Action::Copied,
    Action::Transformed,
    Action::Disclosed,
    Action::Returned,
    Action::Acquired,
    Action::Transformed,
    Action::Destroyed,
];

fn whole_life() -> Vec<Event> {
    events(&WHOLE_LIFE)
}

/// Links every event to the one before it as it now stands, as a forger would.
fn linked(mut events: Vec<Event>) -> Vec<Event> {
    let mut before = None;
    for event in &mut events {
        event.previous = before;
        before = Some(event.hash());
    }
    events
}

fn broken(events: Vec<Event>) -> (usize, Break) {
    let ChainError { number, problem } = Chain::new(events).unwrap_err();
    (number, problem)
}

#[test]
fn a_whole_life_holds_and_is_recorded() {
    let chain = Chain::new(whole_life()).unwrap();
    assert!(chain.is_closed() && !Chain::new(events(&WHOLE_LIFE[..7])).unwrap().is_closed());
    assert_eq!((chain.exhibit(), chain.events().len()), ("case-12/3", 8));
    let salt = Salt::new([9; 32]);
    for event in chain.events() {
        let payload = event.to_payload().unwrap();
        assert_eq!(payload.to_text(), event.to_text());
        assert_eq!(&Event::from_payload(&Payload::parse(&event.to_text()).unwrap()).unwrap(), event);
        // As it stands in a log, with one field shown.
        let entry = Entry::of_payload(Kind::Custody, event.at.day(), payload.commitment(&salt)).unwrap();
        let shown = payload.disclose(&salt, &["digest"]).unwrap();
        assert_eq!(shown.verify(entry.commitment().unwrap()).unwrap(), [("digest", &json!(event.digest.to_hex()))]);
    }
    // The hash is what anyone computes from the line.
    let first = chain.events().first().unwrap();
    let line = format!(
        "{{\"action\":\"acquired\",\"at\":\"2026-11-24T09:00:00Z\",\"digest\":\"{}\",\"exhibit\":\"case-12/3\",\
        \"ground\":\"search warrant 41/2026\",\"place\":\"evidence room 2\",\"role\":\"examiner\"}}",
        Hash::of(&[0]).to_hex()
    );
    assert_eq!((first.to_text(), first.hash()), (line.clone(), Hash::of(line.as_bytes())));
}

#[test]
fn what_does_not_fit_is_named_even_where_all_links_are_made_anew() {
    let changed = |change: &dyn Fn(&mut Vec<Event>)| {
        let mut events = whole_life();
        change(&mut events);
        broken(linked(events))
    };
    assert_eq!(Chain::new(Vec::new()).unwrap_err(), ChainError { number: 1, problem: Break::Empty });
    assert_eq!(changed(&|events| drop(events.remove(0))), (1, Break::Beginning(Action::Copied)));
    let rest = whole_life().split_off(5);
    assert_eq!(broken(rest.clone()), (1, Break::NotFirst(rest[0].previous.unwrap())));
    let (number, problem) = changed(&|events| events[3].exhibit = "case-12/4".to_owned());
    assert_eq!((number, matches!(problem, Break::Exhibit { .. })), (4, true));
    let (number, problem) = changed(&|events| events[4].at = "2026-11-24T09:02:59Z".parse().unwrap());
    assert_eq!((number, matches!(problem, Break::Time { before: 4, .. })), (5, true));
    // Two events within one second are no contradiction.
    let mut same = whole_life();
    same[4].at = same[3].at.clone();
    assert!(Chain::new(linked(same)).is_ok());
    for place in [1, 3, 4, 5, 7] {
        let (number, problem) = changed(&|events| events[place].digest = Hash::of(b"another"));
        assert_eq!((number, matches!(problem, Break::Digest { .. })), (place + 1, true), "{problem}");
    }
    let (number, problem) = changed(&|events| events[6].digest = events[5].digest);
    assert_eq!((number, matches!(problem, Break::Unchanged(_))), (7, true));
    for (action, name) in Action::ALL {
        let (number, problem) = changed(&|events| {
            let digest = if action == Action::Transformed { b"another".as_slice() } else { &[2] };
            events.push(event(action, 50, digest, None));
        });
        assert_eq!((number, problem.clone()), (9, Break::AfterDestruction(action)));
        assert_eq!(problem.to_string(), format!("`{name}` after the exhibit was destroyed"));
    }
    // Texts are looked at here too: an event need not come from a payload.
    let (number, problem) = changed(&|events| events[2].role = "examiner\u{202e}".to_owned());
    assert_eq!((number, problem.to_string().contains("U+202E")), (3, true));
}

#[test]
fn a_broken_link_says_what_was_expected() {
    let mut events = whole_life();
    events[1].ground = "another".to_owned();
    let error = Chain::new(events.clone()).unwrap_err();
    let (expected, found) = (events[1].hash().to_hex(), events[2].previous.unwrap().to_hex());
    assert_eq!(
        error.to_string(),
        format!(
            "event 3: `previous` is not the hash of event 2: expected {expected}, found {found}; one was changed, left out, added or moved"
        )
    );
    events[2].previous = None;
    assert!(Chain::new(events).unwrap_err().to_string().contains("found none"));
}

/// One of the changes of an event's fields that leave it an event.
fn change(event: &mut Event, field: usize) {
    match field {
        0 => event.exhibit.push('x'),
        1 => event.action = if event.action == Action::Copied { Action::Disclosed } else { Action::Copied },
        2 => event.role.push('x'),
        3 => event.at = "2026-11-24T09:59:59Z".parse().unwrap(),
        4 => event.place.push('x'),
        5 => event.ground.push('x'),
        6 => event.digest = Hash::of(b"another"),
        _ => event.previous = Some(Hash::of(b"another")),
    }
}

fn actions() -> impl Strategy<Value = Vec<Action>> {
    let between = prop::sample::select(vec![Action::Acquired, Action::Copied, Action::Transformed, Action::Disclosed, Action::Returned]);
    prop::collection::vec(between, 2..20).prop_map(|between| [vec![Action::Acquired], between].concat())
}

proptest! {
    #[test]
    fn chains_hold_and_every_change_before_the_end_breaks_them(
        actions in actions(), place in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(), field in 0..8_usize,
    ) {
        let whole = events(&actions);
        prop_assert!(Chain::new(whole.clone()).is_ok());
        let (place, other) = (place.index(whole.len() - 1), other.index(whole.len()));
        let mut changed = whole.clone();
        change(&mut changed[place], field);
        let (number, _) = broken(changed);
        prop_assert!(number == place + 1 || number == place + 2, "event {} was changed, {number} is named", place + 1);
        let mut shorter = whole.clone();
        shorter.remove(place);
        prop_assert_eq!(broken(shorter).0, place + 1);
        let mut twice = whole.clone();
        twice.insert(place, whole[place].clone());
        prop_assert_eq!(broken(twice).0, place + 2);
        if place != other {
            let mut moved = whole.clone();
            moved.swap(place, other);
            prop_assert_eq!(broken(moved).0, place.min(other) + 1);
        }
        // What no chain can show by itself: that its end is missing. The page says so.
        let cut = Chain::new(whole[..=place].to_vec()).unwrap();
        prop_assert!(cut.to_html().contains("that no later event was left out"));
    }

    #[test]
    fn no_text_is_read_that_would_be_written_otherwise(written in "[ -~]{0,24}|2026-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]Z") {
        if let Ok(time) = written.parse::<Time>() {
            prop_assert_eq!(time.to_string(), written);
        }
    }
}

#[test]
fn times_have_one_form_and_their_texts_are_in_order() {
    let time = |written: &str| written.parse::<Time>();
    assert_eq!(time("2028-02-29T23:59:59Z").unwrap().day(), "2028-02-29");
    assert!(time("2026-12-31T23:59:59Z").unwrap() < time("2027-01-01T00:00:00Z").unwrap());
    for wrong in [
        "",
        "2026-11-24",
        "2026-11-24T09:30Z",
        "2026-11-24T09:30:00",
        "2026-11-24t09:30:00z",
        "2026-11-24 09:30:00Z",
        "2026-11-24T09:30:00+00:00",
        "2026-11-24T09:30:00.5Z",
        "2026-11-24T24:00:00Z",
        "2026-11-24T09:60:00Z",
        "2026-12-31T23:59:60Z",
        "2026-11-24T9:30:00Z",
        "2026-11-24T+9:30:00Z",
        "2026-11-24T09:30:00:00Z",
        "2026-02-29T09:30:00Z",
        "12026-11-24T09:30:00Z",
    ] {
        assert_eq!(time(wrong).unwrap_err().to_string(), format!("expected a second in UTC such as 2026-11-24T09:30:00Z, found `{wrong}`"));
    }
}

#[test]
fn errors_of_an_event_name_the_field() {
    let right: Value = serde_json::from_str(&whole_life()[1].to_text()).unwrap();
    let read = |value: &Value| Event::from_payload(&Payload::parse(&value.to_string()).unwrap());
    assert_eq!(read(&right).unwrap(), whole_life()[1]);
    let refused = |field: &str, value: Value, expected: &str| {
        let mut changed = right.clone();
        changed[field] = value;
        let error = read(&changed).unwrap_err();
        assert!(error.field == field && error.problem.contains(expected), "{field}: {error}");
    };
    refused("colour", json!("red"), "unknown; an event of custody has exhibit, action, role");
    refused("action", json!("stolen"), "expected one of acquired, copied, transformed, disclosed, returned, destroyed, found `stolen`");
    refused("role", json!(7), "expected a text, found `7`");
    refused("role", json!(""), "1 to 200 characters");
    refused("role", json!(" examiner"), "without space around");
    refused("place", json!("é".repeat(201)), "1 to 200 characters");
    refused("ground", json!("a\nb"), "U+000A");
    refused("exhibit", json!("a\u{2067}b"), "U+2067");
    refused("at", json!("yesterday"), "expected a second in UTC");
    refused("digest", json!("00"), "64 lower-case hexadecimal digits");
    refused("digest", json!(Hash::of(b"").to_hex().to_uppercase()), "64 lower-case hexadecimal digits");
    refused("previous", json!(null), "expected a text, found `null`");
    for field in ["exhibit", "action", "role", "at", "place", "ground", "digest"] {
        let mut changed = right.clone();
        changed.as_object_mut().unwrap().remove(field);
        assert_eq!(read(&changed).unwrap_err().to_string(), format!("the event's `{field}`: missing"));
    }
    // Two hundred characters of more than one byte are not too many, and Persian needs its joiner.
    for (field, value) in [("place", "é".repeat(200)), ("role", "می\u{200c}خواهم".to_owned())] {
        let mut fine = right.clone();
        fine[field] = json!(value);
        assert!(read(&fine).is_ok(), "{field}");
    }
}

#[test]
fn prov_says_what_happened() {
    let chain = Chain::new(whole_life()).unwrap();
    let prov = chain.to_prov_json();
    let of = |kind: &str| prov[kind].as_object().unwrap().values().collect::<Vec<_>>();
    assert_eq!(prov["activity"].as_object().unwrap().len(), 8);
    assert_eq!(prov["agent"].as_object().unwrap().len(), 2);
    let entities: Vec<&String> = prov["entity"].as_object().unwrap().keys().collect();
    assert_eq!(entities, ["custody:exhibit", "custody:state-1", "custody:copy-2", "custody:state-3", "custody:state-7"]);
    let derived: Vec<_> = of("wasDerivedFrom").iter().map(|one| (&one["prov:generatedEntity"], &one["prov:usedEntity"])).collect();
    let pairs = [("copy-2", "state-1"), ("state-3", "state-1"), ("state-7", "state-3")];
    let expected = pairs.map(|(made, of)| (json!(format!("custody:{made}")), json!(format!("custody:{of}"))));
    assert_eq!(derived, expected.iter().map(|(made, of)| (made, of)).collect::<Vec<_>>());
    assert_eq!(of("wasInvalidatedBy")[0]["prov:entity"], "custody:state-7");
    assert_eq!((of("wasInformedBy").len(), of("used").len(), of("wasGeneratedBy").len()), (7, 6, 4));
    // Every event has its time, its role and its link.
    for (number, event) in (1..).zip(chain.events()) {
        let activity = &prov["activity"][format!("custody:event-{number}")];
        assert_eq!((&activity["prov:startTime"], &activity["custody:hash"]), (&json!(event.at.as_str()), &json!(event.hash().to_hex())));
        assert_eq!(activity["custody:previous"].as_str(), event.previous.map(|hash| hash.to_hex()).as_deref());
        assert!(
            of("wasAssociatedWith")
                .iter()
                .any(|one| one["prov:activity"] == format!("custody:event-{number}") && one["prov:role"] == event.role)
        );
    }
    // Whatever is referred to is there.
    for kind in ["wasAssociatedWith", "wasInformedBy", "used", "wasGeneratedBy", "wasDerivedFrom", "wasInvalidatedBy", "specializationOf"] {
        for value in of(kind).iter().flat_map(|record| record.as_object().unwrap().values()).filter_map(Value::as_str) {
            let known = ["entity", "activity", "agent"].iter().any(|kind| !prov[*kind][value].is_null());
            assert!(known || !value.starts_with("custody:"), "{kind}: {value}");
        }
    }
}

#[test]
fn the_page_shows_everything_and_runs_nothing() {
    let mut all = whole_life();
    all[2].place = "<script>alert('1')</script> & \"more\"".to_owned();
    let chain = Chain::new(linked(all)).unwrap();
    let page = chain.to_html();
    assert!(!page.contains("<script") && !page.contains("src=") && !page.contains("http://") && !page.contains("https://"));
    assert!(page.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;more&quot;"));
    for event in chain.events() {
        for part in [event.digest.to_hex(), event.hash().to_hex(), event.at.to_string()] {
            assert!(page.contains(&part), "{part}");
        }
    }
    // For who cannot see it, or sees it on paper.
    for part in [
        "<html lang=\"en\">",
        "<title>Chain of custody of exhibit case-12/3</title>",
        "<caption>",
        "scope=\"col\"",
        "scope=\"row\"",
        "@media print",
    ] {
        assert!(page.contains(part), "{part}");
    }
    // The record on the page is the record: it reads back to the same chain.
    let (_, rest) = page.split_once("<pre>").unwrap();
    let (record, _) = rest.split_once("</pre>").unwrap();
    let plain = record.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&");
    let read = plain.lines().map(|line| Event::from_payload(&Payload::parse(line).unwrap()).unwrap()).collect();
    assert_eq!(Chain::new(read).unwrap(), chain);
}
