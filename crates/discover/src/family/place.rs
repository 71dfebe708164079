// SPDX-License-Identifier: Apache-2.0
//! Places: countries and coordinates.

use super::place_names::is_country;
use crate::detector::{Detector, Identifier, Test};
use crate::value::Value;

/// The detectors.
pub const DETECTORS: &[Detector] = &[
    Detector {
        id: "country",
        label: "country",
        category: Some("location"),
        identifier: Identifier::Quasi,
        test: Test::Value(country),
        chance: 0.1,
        alone: 0.8,
        format: true,
        words: &[
            (
                "en",
                "country, country code, country name, residence, country of residence, nation, iso country, country iso, residence country, iso2, iso3",
            ),
            ("de", "land, landercode, staat, herkunftsland, wohnsitzland, landerkennzeichen, laendercode"),
            ("fr", "pays, code pays, pays de residence"),
            ("es", "pais, codigo pais, pais de residencia"),
            ("pt", "pais, codigo do pais, pais de residencia"),
            ("it", "paese, nazione, codice paese, stato, paese di residenza"),
            ("tr", "ulke, ulke kodu, ulkesi, ikamet ulkesi"),
            ("zh", "国家, 国家代码, 居住国, 国别"),
        ],
        source: "ISO 3166-1 alpha-2 and alpha-3, and names in eight languages",
        ..Detector::PLAIN
    },
    Detector {
        id: "coordinates",
        label: "latitude and longitude",
        category: Some("precise-location"),
        identifier: Identifier::Quasi,
        test: Test::Value(pair),
        chance: 0.01,
        alone: 0.9,
        words: &[
            ("en", "coordinates, geo, location, gps, lat long, lat lon, latlng, geolocation, position, gps coordinates"),
            ("de", "koordinaten, standort, gps koordinaten"),
            ("fr", "coordonnees gps, coordonnees, localisation"),
            ("es", "coordenadas, ubicacion"),
            ("pt", "coordenadas, localizacao"),
            ("it", "coordinate, posizione"),
            ("tr", "koordinat, koordinatlar, konum"),
            ("zh", "坐标, 经纬度, 位置"),
        ],
        source: "ISO 6709, decimal degrees; RFC 5870 for geo URIs",
        ..Detector::PLAIN
    },
    Detector {
        id: "coordinates",
        label: "latitude and longitude",
        category: Some("precise-location"),
        identifier: Identifier::Quasi,
        test: Test::Value(degrees),
        chance: 0.4,
        words: &[
            ("en", "latitude, longitude, lat, lon, lng, long, geo lat, geo lon, gps lat, gps lon, gps latitude, gps longitude"),
            ("de", "breitengrad, langengrad, geografische breite, geografische lange"),
            ("fr", "latitude, longitude"),
            ("es", "latitud, longitud"),
            ("pt", "latitude, longitude"),
            ("it", "latitudine, longitudine"),
            ("tr", "enlem, boylam"),
            ("zh", "纬度, 经度"),
        ],
        source: "ISO 6709, decimal degrees, told by the header",
        ..Detector::PLAIN
    },
    Detector {
        id: "region",
        label: "region or part of a country",
        category: Some("location"),
        identifier: Identifier::Quasi,
        words: &[
            (
                "en",
                "region, state, province, state code, area, state province, place of birth, birth place, birthplace, city of birth, country of birth",
            ),
            ("de", "bundesland, region, kanton, geburtsort, gebiet"),
            ("fr", "region, canton, lieu de naissance, province"),
            ("es", "region, comunidad autonoma, estado, lugar de nacimiento"),
            ("pt", "regiao, estado, uf, naturalidade, local de nascimento, distrito"),
            ("it", "regione, luogo di nascita, comune di nascita"),
            ("tr", "bolge, dogum yeri, eyalet"),
            ("zh", "省, 省份, 地区, 籍贯, 出生地, 区域"),
        ],
        against: "machine, status, order, aws, cloud",
        source: "the header alone",
        ..Detector::PLAIN
    },
];

fn country(value: &Value<'_>) -> bool {
    is_country(value.text)
}

/// A number of degrees with at least two digits after the point.
fn degree(text: &str, most: f64) -> bool {
    let text = text.trim();
    let fraction = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    fraction >= 2
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'))
        && text.parse::<f64>().is_ok_and(|degree| degree.abs() <= most)
}

fn pair(value: &Value<'_>) -> bool {
    let text = value.text.trim_start_matches("geo:").trim_start_matches("POINT").trim_matches(['(', ')', '[', ']', ' ']);
    let parts: Vec<&str> = text.split([',', ';', ' ']).filter(|part| !part.is_empty()).collect();
    matches!(parts.as_slice(), [first, second] if degree(first, 180.0) && degree(second, 180.0))
}

fn degrees(value: &Value<'_>) -> bool {
    degree(value.text, 180.0)
}
