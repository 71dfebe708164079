// SPDX-License-Identifier: Apache-2.0
//! What countries are called: codes, and names in eight languages.

use crate::header::folded;
use comity_terms::{Scheme, vocabulary};
use std::collections::HashSet;
use std::sync::LazyLock;

/// The codes of ISO 3166-1 with three letters.
const ALPHA_3: &str = "\
    ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH BLM BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK \
    CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY \
    GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR \
    KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA \
    NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM SPM SRB \
    SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM \
    ZAF ZMB ZWE";

/// Names that the vocabulary does not have, in English, German, French, Spanish, Portuguese, Italian, Turkish and Chinese.
const NAMES: &str = "\
    usa, u s a, uk, great britain, england, scotland, wales, northern ireland, russia, south korea, north korea, iran, vietnam, turkey, czech republic, syria, taiwan, \
    bolivia, venezuela, tanzania, moldova, laos, brunei, macedonia, ivory coast, cape verde, holland, burma, swaziland, hong kong, macau, palestine, uae, emirates, \
    deutschland, osterreich, schweiz, frankreich, italien, spanien, niederlande, belgien, luxemburg, danemark, schweden, norwegen, finnland, polen, tschechien, ungarn, \
    griechenland, turkei, russland, vereinigtes konigreich, grossbritannien, vereinigte staaten, vereinigte staaten von amerika, kanada, mexiko, brasilien, argentinien, \
    indien, sudafrika, agypten, irland, kroatien, rumanien, bulgarien, slowakei, slowenien, litauen, lettland, estland, ukraine, sudkorea, japan, china, australien, \
    neuseeland, singapur, serbien, marokko, saudi arabien, vereinigte arabische emirate, indonesien, philippinen, \
    allemagne, autriche, suisse, france, italie, espagne, pays bas, belgique, luxembourg, danemark, suede, norvege, finlande, pologne, tchequie, hongrie, grece, turquie, \
    russie, royaume uni, etats unis, etats unis d amerique, canada, mexique, bresil, argentine, inde, afrique du sud, egypte, irlande, croatie, roumanie, bulgarie, \
    slovaquie, slovenie, lituanie, lettonie, estonie, coree du sud, japon, chine, australie, nouvelle zelande, singapour, serbie, maroc, algerie, tunisie, cote d ivoire, \
    arabie saoudite, emirats arabes unis, indonesie, perou, chili, colombie, senegal, cameroun, liban, \
    alemania, austria, suiza, francia, italia, espana, paises bajos, belgica, luxemburgo, dinamarca, suecia, noruega, finlandia, polonia, chequia, republica checa, hungria, \
    grecia, turquia, rusia, reino unido, estados unidos, estados unidos de america, mexico, brasil, argentina, india, sudafrica, egipto, irlanda, croacia, rumania, \
    eslovaquia, eslovenia, lituania, letonia, corea del sur, japon, australia, nueva zelanda, singapur, serbia, marruecos, argelia, tunez, arabia saudita, arabia saudi, \
    emiratos arabes unidos, filipinas, peru, chile, colombia, republica dominicana, panama, \
    alemanha, suica, franca, espanha, paises baixos, holanda, noruega, polonia, republica checa, hungria, russia, canada, argentina, africa do sul, egito, irlanda, \
    croacia, romenia, coreia do sul, japao, nova zelandia, singapura, servia, marrocos, angola, mocambique, cabo verde, arabia saudita, emirados arabes unidos, \
    germania, svizzera, spagna, paesi bassi, olanda, belgio, lussemburgo, danimarca, svezia, norvegia, finlandia, polonia, repubblica ceca, cechia, ungheria, grecia, \
    turchia, regno unito, gran bretagna, stati uniti, stati uniti d america, messico, brasile, sudafrica, egitto, irlanda, croazia, romania, bulgaria, slovacchia, slovenia, \
    corea del sud, giappone, cina, nuova zelanda, singapore, marocco, emirati arabi uniti, filippine, \
    almanya, avusturya, isvicre, fransa, italya, ispanya, hollanda, belcika, luksemburg, danimarka, isvec, norvec, finlandiya, polonya, cekya, macaristan, yunanistan, \
    turkiye, rusya, birlesik krallik, ingiltere, amerika birlesik devletleri, abd, kanada, meksika, brezilya, arjantin, hindistan, guney afrika, misir, irlanda, \
    hirvatistan, romanya, bulgaristan, guney kore, japonya, cin, avustralya, yeni zelanda, singapur, sirbistan, fas, suudi arabistan, birlesik arap emirlikleri, \
    endonezya, azerbaycan, kazakistan, ozbekistan, \
    中国, 德国, 奥地利, 瑞士, 法国, 意大利, 西班牙, 荷兰, 比利时, 卢森堡, 丹麦, 瑞典, 挪威, 芬兰, 波兰, 捷克, 匈牙利, 希腊, 土耳其, 俄罗斯, 英国, 美国, 加拿大, 墨西哥, 巴西, 阿根廷, 印度, \
    南非, 埃及, 爱尔兰, 克罗地亚, 罗马尼亚, 韩国, 日本, 澳大利亚, 新西兰, 新加坡, 沙特阿拉伯, 阿联酋, 印度尼西亚, 马来西亚, 泰国, 越南, 菲律宾, 香港, 澳门, 台湾";

static CODES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    // The vocabulary has parts, groups and organisations too: only codes of two letters are those of countries.
    let own = vocabulary().entries(Scheme::Place).iter().map(|entry| entry.id.as_str()).filter(|id| id.len() == 2 && *id != "EU");
    own.chain(ALPHA_3.split_whitespace()).chain(["UK"]).collect()
});

static FOLDED: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let labels = vocabulary().entries(Scheme::Place).iter().filter(|entry| entry.id.len() == 2).map(|entry| folded(&entry.label));
    labels.chain(NAMES.split(',').map(folded)).collect()
});

/// Whether a text is the code of a country with two letters.
#[must_use]
pub fn is_alpha_2(text: &str) -> bool {
    text.len() == 2 && CODES.contains(text)
}

/// Whether a text is the code or the name of a country.
#[must_use]
pub fn is_country(text: &str) -> bool {
    // Codes in small letters are words of many languages.
    CODES.contains(text) || (text.chars().count() > 1 && text.len() <= 60 && FOLDED.contains(&folded(text)))
}

#[cfg(test)]
mod tests {
    use super::{ALPHA_3, is_alpha_2, is_country};

    #[test]
    fn codes_and_names_of_countries() {
        assert_eq!(ALPHA_3.split_whitespace().count(), 249);
        for known in ["DE", "DEU", "Germany", "Deutschland", "ALLEMAGNE", "España", "Türkiye", "中国", "Côte d'Ivoire", "United States"]
        {
            assert!(is_country(known), "{known}");
        }
        for other in ["", "D", "de", "XX", "ABC", "Bavaria", "EU"] {
            assert!(!is_country(other), "{other}");
        }
        assert!(is_alpha_2("FR") && !is_alpha_2("FRA") && !is_alpha_2("@EEA"));
    }
}
