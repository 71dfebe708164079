// SPDX-License-Identifier: Apache-2.0
//! Devices and vehicles.

use crate::check::luhn;
use crate::detector::{Detector, Identifier, Test};
use crate::value::{Value, at};

/// The detectors.
pub const DETECTORS: &[Detector] = &[
    Detector {
        id: "imei",
        label: "IMEI of a telephone",
        category: Some("device-identifier"),
        identifier: Identifier::Direct,
        test: Test::Value(imei),
        chance: 0.03,
        alone: 0.95,
        words: &[("en", "imei, imei number, device imei"), ("tr", "imei no"), ("zh", "IMEI号, 手机串号")],
        source: "3GPP TS 23.003, section 6.2 and annex B: Luhn, with a reporting body in the first two digits",
        ..Detector::PLAIN
    },
    Detector {
        id: "mac-address",
        label: "MAC address",
        category: Some("device-identifier"),
        identifier: Identifier::Direct,
        test: Test::Value(mac),
        chance: 0.005,
        alone: 0.97,
        words: &[
            ("en", "mac, mac address, macaddress, wifi mac, bssid, bluetooth address, hw address"),
            ("de", "mac adresse"),
            ("fr", "adresse mac"),
            ("es", "direccion mac"),
            ("pt", "endereco mac"),
            ("it", "indirizzo mac"),
            ("tr", "mac adresi"),
            ("zh", "MAC地址, 物理地址"),
        ],
        source: "IEEE 802-2014, section 8.1",
        ..Detector::PLAIN
    },
    Detector {
        id: "device-id",
        label: "device or advertising identifier",
        category: Some("device-identifier"),
        identifier: Identifier::Direct,
        words: &[
            (
                "en",
                "device id, deviceid, idfa, gaid, advertising id, android id, aaid, ad id, idfv, device identifier, hardware id, udid, device serial, imsi, iccid, push token, device uuid",
            ),
            ("de", "gerate id, geraetekennung, geratekennung, werbe id"),
            ("fr", "identifiant appareil, id appareil, identifiant publicitaire"),
            ("es", "id dispositivo, id del dispositivo, identificador de publicidad"),
            ("pt", "id dispositivo, id do dispositivo, identificador de publicidade"),
            ("it", "id dispositivo, identificativo dispositivo"),
            ("tr", "cihaz id, cihaz kimligi, reklam kimligi"),
            ("zh", "设备号, 设备标识, 设备ID, 广告标识符"),
        ],
        against: "model, type, count",
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "device",
        label: "what a device is and runs",
        category: Some("device"),
        identifier: Identifier::None,
        words: &[
            ("en", "device, device model, device type, os version, operating system, device name, phone model, screen resolution, os"),
            ("de", "gerat, gerate modell, betriebssystem, geratetyp"),
            ("fr", "appareil, modele appareil, systeme d exploitation"),
            ("es", "dispositivo, modelo dispositivo, sistema operativo"),
            ("pt", "dispositivo, modelo do dispositivo, sistema operativo"),
            ("it", "dispositivo, modello dispositivo, sistema operativo"),
            ("tr", "cihaz, cihaz modeli, isletim sistemi"),
            ("zh", "设备, 设备型号, 操作系统, 手机型号"),
        ],
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "vin",
        label: "vehicle identification number",
        category: Some("vehicle"),
        identifier: Identifier::Direct,
        test: Test::Value(vin),
        chance: 0.1,
        alone: 0.95,
        words: VIN_WORDS,
        source: "49 CFR 565.15: modulo 11 in the ninth place, as the United States, Canada and China ask",
        ..Detector::PLAIN
    },
    // Elsewhere the ninth place is free.
    Detector {
        id: "vin",
        label: "vehicle identification number",
        category: Some("vehicle"),
        identifier: Identifier::Direct,
        test: Test::Value(vin_shape),
        chance: 0.3,
        alone: 0.3,
        words: VIN_WORDS,
        source: "ISO 3779: seventeen letters and digits without I, O and Q",
        ..Detector::PLAIN
    },
    Detector {
        id: "licence-plate",
        label: "registration plate of a vehicle",
        category: Some("vehicle"),
        identifier: Identifier::Direct,
        words: &[
            ("en", "license plate, licence plate, plate number, number plate, registration plate, plate, vehicle registration, plate no"),
            ("de", "kennzeichen, kfz kennzeichen, nummernschild, autokennzeichen"),
            ("fr", "immatriculation, plaque d immatriculation, plaque"),
            ("es", "matricula, placa, patente vehiculo, matricula vehiculo"),
            ("pt", "matricula, placa, matricula veiculo"),
            ("it", "targa, numero targa, targa veicolo"),
            ("tr", "plaka, arac plakasi, plaka no"),
            ("zh", "车牌, 车牌号, 车牌号码"),
        ],
        source: "the header alone",
        ..Detector::PLAIN
    },
];

const VIN_WORDS: &[(&str, &str)] = &[
    ("en", "vin, vehicle identification number, chassis number, vehicle id, vin number, chassis no"),
    ("de", "fahrgestellnummer, fin, fahrzeug identifizierungsnummer, fahrzeugidentnummer"),
    ("fr", "numero de chassis, numero vin, vin"),
    ("es", "numero de bastidor, bastidor, numero de chasis, vin"),
    ("pt", "chassi, numero do chassi, numero de quadro, vin"),
    ("it", "numero di telaio, telaio, vin"),
    ("tr", "sasi no, sasi numarasi, vin"),
    ("zh", "车架号, 车辆识别代号, 车辆识别码"),
];

fn imei(value: &Value<'_>) -> bool {
    // A slash may stand between what is given to the maker and the rest.
    value.number(15).is_some_and(|digits| {
        at(digits, 0, 2).is_some_and(|body| matches!(body, 1 | 10 | 30 | 33 | 35 | 44..=45 | 49..=54 | 86 | 91 | 98 | 99)) && luhn(digits)
    })
}

fn mac(value: &Value<'_>) -> bool {
    let hex = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let split = |sign: char, parts: usize, length: usize| {
        value.text.split(sign).count() == parts && value.text.split(sign).all(|part| hex(part, length))
    };
    split(':', 6, 2) || split('-', 6, 2) || split('.', 3, 4)
}

/// What the letters of a vehicle number count.
fn letter_of_vin(sign: u8) -> Option<u32> {
    Some(match sign {
        b'0'..=b'9' => u32::from(sign - b'0'),
        b'A'..=b'H' => u32::from(sign - b'A') + 1,
        b'J'..=b'N' => u32::from(sign - b'J') + 1,
        b'P' => 7,
        b'R' => 9,
        b'S'..=b'Z' => u32::from(sign - b'S') + 2,
        _ => return None,
    })
}

fn vin_shape(value: &Value<'_>) -> bool {
    let Some(signs) = value.signs(17).filter(|_| value.text.len() == 17) else {
        return false;
    };
    let serial = signs.iter().rev().take(4).all(u8::is_ascii_digit);
    serial && signs.iter().any(u8::is_ascii_uppercase) && signs.iter().all(|sign| letter_of_vin(*sign).is_some())
}

fn vin(value: &Value<'_>) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    if !vin_shape(value) {
        return false;
    }
    let signs = value.plain.as_bytes();
    let sum: u32 = signs.iter().zip(WEIGHTS).map(|(sign, weight)| letter_of_vin(*sign).unwrap_or(0) * weight).sum();
    let expected = match sum % 11 {
        10 => b'X',
        rest => b'0' + u8::try_from(rest).unwrap_or(0),
    };
    signs.get(8) == Some(&expected)
}
