// SPDX-License-Identifier: Apache-2.0
//! Networks: addresses of machines, cookies, what a browser says of itself.

use crate::detector::{Detector, Identifier, Test};
use crate::value::Value;
use std::net::{Ipv4Addr, Ipv6Addr};

const IP_WORDS: &[(&str, &str)] = &[
    ("en", "ip, ip address, ipv4, ipv6, client ip, remote addr, source ip, ipaddress, ip addr, last login ip, remote ip"),
    ("de", "ip adresse, ipadresse, ip"),
    ("fr", "adresse ip, ip"),
    ("es", "direccion ip, ip"),
    ("pt", "endereco ip, ip"),
    ("it", "indirizzo ip, ip"),
    ("tr", "ip adresi, ip"),
    ("zh", "IP地址, ip"),
];

/// The detectors.
pub const DETECTORS: &[Detector] = &[
    Detector {
        id: "ip-address",
        label: "IP address",
        category: Some("ip-address"),
        identifier: Identifier::Direct,
        test: Test::Value(version_4),
        chance: 0.02,
        alone: 0.95,
        words: IP_WORDS,
        against: "version",
        source: "RFC 791; RFC 1123, section 2.1, for the notation",
        ..Detector::PLAIN
    },
    Detector {
        id: "ip-address",
        label: "IP address",
        category: Some("ip-address"),
        identifier: Identifier::Direct,
        test: Test::Value(version_4_or_6),
        chance: 0.02,
        alone: 0.97,
        words: IP_WORDS,
        against: "version",
        source: "RFC 4291, section 2.2, for the notation",
        ..Detector::PLAIN
    },
    Detector {
        id: "cookie",
        label: "cookie or session identifier",
        category: Some("cookie"),
        identifier: Identifier::Direct,
        words: &[
            (
                "en",
                "cookie, cookie id, session id, sessionid, session, visitor id, client cookie, tracking id, ga client id, fbp, gclid, visitorid, anonymous id",
            ),
            ("de", "cookie, sitzung, sitzungs id, besucher id"),
            ("fr", "cookie, identifiant de session, id visiteur"),
            ("es", "cookie, id de sesion, sesion"),
            ("pt", "cookie, id da sessao, sessao"),
            ("it", "cookie, id sessione, sessione"),
            ("tr", "cerez, oturum, oturum id"),
            ("zh", "会话, 会话标识, 访客标识"),
        ],
        against: "count, duration, consent, length, training",
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "user-agent",
        label: "browser and device as they describe themselves",
        category: Some("device"),
        identifier: Identifier::Quasi,
        test: Test::Value(user_agent),
        chance: 0.001,
        alone: 0.98,
        words: &[
            ("en", "user agent, useragent, browser, ua, ua string"),
            ("de", "browser"),
            ("fr", "navigateur"),
            ("es", "navegador"),
            ("tr", "tarayici"),
            ("zh", "浏览器"),
        ],
        source: "RFC 9110, section 10.1.5",
        ..Detector::PLAIN
    },
    Detector {
        id: "browsing",
        label: "pages visited and searches",
        category: Some("browsing"),
        identifier: Identifier::None,
        words: &[
            (
                "en",
                "page url, visited url, referrer, referer, search query, search term, clickstream, page viewed, landing page, browsing history, query string, http referer",
            ),
            ("de", "besuchte seite, suchbegriff, suchanfrage, seitenaufruf"),
            ("fr", "page visitee, recherche, referent"),
            ("es", "pagina visitada, busqueda, termino de busqueda"),
            ("pt", "pagina visitada, pesquisa, termo de pesquisa"),
            ("it", "pagina visitata, ricerca, termine di ricerca"),
            ("tr", "ziyaret edilen sayfa, arama terimi, arama"),
            ("zh", "浏览记录, 搜索词, 访问页面, 搜索记录"),
        ],
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "url",
        label: "address of a page",
        category: None,
        identifier: Identifier::None,
        test: Test::Value(url),
        chance: 0.02,
        alone: 0.95,
        format: true,
        words: &[("en", "url, link, website, homepage, web site, uri, web")],
        source: "RFC 3986",
        ..Detector::PLAIN
    },
];

fn version_4(value: &Value<'_>) -> bool {
    let text = value.text.split_once('/').map_or(value.text, |(address, _)| address);
    let address = text.rsplit_once(':').filter(|(before, _)| before.contains('.')).map_or(text, |(address, _)| address);
    let Ok(address) = address.parse::<Ipv4Addr>() else { return false };
    let [first, ..] = address.octets();
    // Versions of programs have four small numbers, as networks from 10 on have too.
    first > 0 && (first == 10 || address.octets().iter().any(|octet| *octet >= 40))
}

fn version_4_or_6(value: &Value<'_>) -> bool {
    let text = value.text.trim_matches(['[', ']']);
    let address = text.split_once(['/', '%']).map_or(text, |(address, _)| address);
    version_4(value) || (address.len() > 4 && address.parse::<Ipv6Addr>().is_ok())
}

fn user_agent(value: &Value<'_>) -> bool {
    value.text.starts_with("Mozilla/") || value.text.starts_with("Opera/") || value.text.starts_with("Dalvik/")
}

fn url(value: &Value<'_>) -> bool {
    let text = value.text.to_ascii_lowercase();
    ["http://", "https://", "www.", "ftp://"].iter().any(|start| text.starts_with(start)) && !text.contains(' ')
}
