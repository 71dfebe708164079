// SPDX-License-Identifier: Apache-2.0
//! The detectors, one file for each family, and the one list of all.

pub mod account;
pub mod bank;
pub mod contact;
pub mod date;
pub mod device;
pub mod national;
pub mod network;
pub mod other;
pub mod person;
pub mod place;
pub mod place_names;
pub mod special;

use crate::detector::Detector;

/// Every family, in reading order.
pub const FAMILIES: &[(&str, &[Detector])] = &[
    ("persons", person::DETECTORS),
    ("contact", contact::DETECTORS),
    ("dates", date::DETECTORS),
    ("places", place::DETECTORS),
    ("accounts", account::DETECTORS),
    ("banks and cards", bank::DETECTORS),
    ("network", network::DETECTORS),
    ("devices and vehicles", device::DETECTORS),
    ("special categories", special::DETECTORS),
    ("national numbers: north of Europe", national::north::DETECTORS),
    ("national numbers: west of Europe", national::west::DETECTORS),
    ("national numbers: south of Europe", national::south::DETECTORS),
    ("national numbers: middle and east of Europe", national::east::DETECTORS),
    ("national numbers: the Americas", national::americas::DETECTORS),
    ("national numbers: Asia", national::asia::DETECTORS),
    ("national numbers: west of Asia, Africa, Oceania", national::rest::DETECTORS),
    ("other things", other::DETECTORS),
];

/// Every detector.
pub fn detectors() -> impl Iterator<Item = &'static Detector> {
    FAMILIES.iter().flat_map(|(_, detectors)| detectors.iter())
}
