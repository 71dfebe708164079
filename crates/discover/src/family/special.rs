// SPDX-License-Identifier: Apache-2.0
//! What many laws protect more: health, origin, belief, opinion, sex life, offenses, the body.

use crate::detector::{Detector, Identifier, Test};
use crate::value::Value;

/// The detectors.
pub const DETECTORS: &[Detector] = &[
    Detector {
        id: "health",
        label: "health data",
        category: Some("health"),
        identifier: Identifier::None,
        words: &[
            (
                "en",
                "diagnosis, disease, condition, symptoms, icd, icd10, icd code, medical history, allergy, allergies, blood type, blood group, blood pressure, vaccination, sick leave, illness, health status, lab result, bmi, pregnancy, pregnant, medical condition, smoker, heart rate, surgery, diagnosis code",
            ),
            (
                "de",
                "diagnose, krankheit, symptome, allergie, allergien, blutgruppe, impfung, impfstatus, krankmeldung, gesundheitszustand, befund, schwangerschaft, vorerkrankung",
            ),
            (
                "fr",
                "diagnostic, maladie, symptomes, allergie, allergies, groupe sanguin, vaccination, etat de sante, arret maladie, grossesse, antecedents medicaux",
            ),
            (
                "es",
                "diagnostico, enfermedad, sintomas, alergia, alergias, grupo sanguineo, vacunacion, estado de salud, embarazo, baja medica",
            ),
            (
                "pt",
                "diagnostico, doenca, sintomas, alergia, alergias, grupo sanguineo, vacinacao, estado de saude, gravidez, tipo sanguineo",
            ),
            ("it", "diagnosi, malattia, sintomi, allergia, allergie, gruppo sanguigno, vaccinazione, stato di salute, gravidanza"),
            ("tr", "tani, teshis, hastalik, semptomlar, alerji, kan grubu, asi, saglik durumu, hamilelik"),
            ("zh", "诊断, 疾病, 症状, 过敏, 血型, 疫苗, 健康状况, 病史, 病历, 怀孕"),
        ],
        against: "server, service, system, check, battery",
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "health",
        label: "health data",
        category: Some("health"),
        identifier: Identifier::None,
        test: Test::Value(classified),
        chance: 0.15,
        alone: 0.55,
        words: &[
            ("en", "icd, icd10, icd code, diagnosis code, diagnosis, dx, icd 10"),
            ("de", "icd, diagnosecode, diagnose"),
            ("fr", "cim 10, code cim"),
            ("zh", "诊断编码"),
        ],
        source: "World Health Organization, ICD-10: a letter, two digits, and more after a point",
        ..Detector::PLAIN
    },
    Detector {
        id: "disability",
        label: "disability",
        category: Some("disability"),
        identifier: Identifier::None,
        words: &[
            ("en", "disability, disabled, impairment, handicap, disability status"),
            ("de", "behinderung, schwerbehinderung, grad der behinderung"),
            ("fr", "handicap, invalidite, situation de handicap"),
            ("es", "discapacidad, minusvalia"),
            ("pt", "deficiencia, incapacidade"),
            ("it", "disabilita, invalidita"),
            ("tr", "engel durumu, engelli, engellilik"),
            ("zh", "残疾, 残疾状况, 残障"),
        ],
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "medication",
        label: "medicines and treatment",
        category: Some("medication"),
        identifier: Identifier::None,
        words: &[
            ("en", "medication, drug, prescription, treatment, dosage, medicine, therapy, drug name, medication name"),
            ("de", "medikament, medikation, rezept, behandlung, therapie, dosierung, arzneimittel"),
            ("fr", "medicament, ordonnance, traitement, posologie, therapie"),
            ("es", "medicamento, medicacion, receta, tratamiento, dosis, terapia"),
            ("pt", "medicamento, medicacao, receita medica, tratamento, dosagem, terapia"),
            ("it", "farmaco, medicinale, ricetta, terapia, trattamento, dosaggio"),
            ("tr", "ilac, recete, tedavi, doz"),
            ("zh", "药物, 用药, 处方, 治疗, 剂量, 药品"),
        ],
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "origin",
        label: "racial or ethnic origin",
        category: Some("racial-ethnic-origin"),
        identifier: Identifier::None,
        words: &[
            ("en", "race, ethnicity, ethnic origin, ethnic group, ethnic, caste, tribe, skin color, skin colour, indigenous"),
            ("de", "ethnie, ethnische herkunft, hautfarbe, rasse, volksgruppe"),
            ("fr", "ethnie, origine ethnique, race, couleur de peau"),
            ("es", "etnia, raza, origen etnico, grupo etnico"),
            ("pt", "etnia, raca, origem etnica, cor raca, raca cor"),
            ("it", "etnia, origine etnica, razza"),
            ("tr", "etnik koken, irk, etnisite"),
            ("zh", "民族, 种族, 族裔"),
        ],
        against: "result, track, condition, horse",
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "religion",
        label: "religion or belief",
        category: Some("religion-belief"),
        identifier: Identifier::None,
        words: &[
            ("en", "religion, religious belief, faith, denomination, belief, church tax, religious affiliation"),
            ("de", "religion, konfession, glaube, kirchensteuer, religionszugehorigkeit, bekenntnis"),
            ("fr", "religion, confession, croyance"),
            ("es", "religion, creencia, confesion religiosa"),
            ("pt", "religiao, crenca, confissao religiosa"),
            ("it", "religione, credo, confessione religiosa"),
            ("tr", "din, dini inanc, mezhep, inanc"),
            ("zh", "宗教, 宗教信仰, 信仰"),
        ],
        against: "good",
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "political-opinion",
        label: "political opinion",
        category: Some("political-opinion"),
        identifier: Identifier::None,
        words: &[
            (
                "en",
                "political opinion, political party, party affiliation, political affiliation, voting intention, political view, vote, party membership",
            ),
            ("de", "politische meinung, partei, parteimitgliedschaft, wahlabsicht, parteizugehorigkeit"),
            ("fr", "opinion politique, parti politique, intention de vote"),
            ("es", "opinion politica, partido politico, afiliacion politica, intencion de voto"),
            ("pt", "opiniao politica, partido politico, filiacao partidaria"),
            ("it", "opinione politica, partito politico, orientamento politico"),
            ("tr", "siyasi gorus, siyasi parti, parti uyeligi"),
            ("zh", "政治面貌, 政治观点, 党派"),
        ],
        against: "third",
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "trade-union",
        label: "trade union membership",
        category: Some("trade-union"),
        identifier: Identifier::None,
        words: &[
            ("en", "trade union, union member, union membership, labor union, labour union"),
            ("de", "gewerkschaft, gewerkschaftsmitglied, gewerkschaftszugehorigkeit"),
            ("fr", "syndicat, appartenance syndicale, syndique"),
            ("es", "sindicato, afiliacion sindical"),
            ("pt", "sindicato, filiacao sindical"),
            ("it", "sindacato, iscrizione sindacale"),
            ("tr", "sendika, sendika uyeligi"),
            ("zh", "工会, 工会会员"),
        ],
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "sex-life",
        label: "sex life or sexual orientation",
        category: Some("sex-life-orientation"),
        identifier: Identifier::None,
        words: &[
            ("en", "sexual orientation, orientation, sexuality, sex life, sexual preference"),
            ("de", "sexuelle orientierung, sexualitat"),
            ("fr", "orientation sexuelle, sexualite"),
            ("es", "orientacion sexual, sexualidad"),
            ("pt", "orientacao sexual, sexualidade"),
            ("it", "orientamento sessuale, sessualita"),
            ("tr", "cinsel yonelim, cinsel tercih"),
            ("zh", "性取向, 性倾向"),
        ],
        against: "screen, page, image, device, video",
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "offences",
        label: "criminal offenses and convictions",
        category: Some("criminal-offence"),
        identifier: Identifier::None,
        words: &[
            (
                "en",
                "criminal record, conviction, convictions, offence, offense, crime, arrest, charge sheet, felony, criminal history, sentence length",
            ),
            ("de", "vorstrafe, vorstrafen, straftat, verurteilung, fuhrungszeugnis, strafregister"),
            ("fr", "casier judiciaire, condamnation, infraction, delit"),
            ("es", "antecedentes penales, condena, delito, infraccion penal"),
            ("pt", "antecedentes criminais, condenacao, crime, registo criminal"),
            ("it", "casellario giudiziale, precedenti penali, condanna, reato"),
            ("tr", "sabika kaydi, mahkumiyet, suc, adli sicil"),
            ("zh", "犯罪记录, 前科, 判决, 违法记录"),
        ],
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "biometric",
        label: "biometric features",
        category: Some("biometric"),
        identifier: Identifier::Direct,
        words: &[
            (
                "en",
                "fingerprint, face template, iris, voiceprint, biometric, biometric template, retina, face embedding, facial features, face id",
            ),
            ("de", "fingerabdruck, gesichtserkennung, iris scan, biometrie, biometrische daten"),
            ("fr", "empreinte digitale, biometrie, reconnaissance faciale, iris"),
            ("es", "huella dactilar, biometria, reconocimiento facial, iris"),
            ("pt", "impressao digital, biometria, reconhecimento facial, iris"),
            ("it", "impronta digitale, biometria, riconoscimento facciale, iride"),
            ("tr", "parmak izi, biyometrik, yuz tanima, iris"),
            ("zh", "指纹, 人脸, 虹膜, 声纹, 生物特征"),
        ],
        against: "browser, certificate, key, ssl, tls",
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "genetic",
        label: "genetic data",
        category: Some("genetic"),
        identifier: Identifier::Direct,
        words: &[
            ("en", "dna, genotype, genome, genetic, snp, gene variant, allele, genetic test"),
            ("de", "dna, genotyp, genetische daten, gentest, erbgut"),
            ("fr", "adn, genotype, genome, donnees genetiques"),
            ("es", "adn, genotipo, genoma, datos geneticos"),
            ("pt", "dna, genotipo, genoma, dados geneticos"),
            ("it", "dna, genotipo, genoma, dati genetici"),
            ("tr", "dna, genotip, genom, genetik veri"),
            ("zh", "基因, 基因型, 遗传信息, 基因组"),
        ],
        source: "the header alone",
        ..Detector::PLAIN
    },
];

fn classified(value: &Value<'_>) -> bool {
    let bytes = value.text.as_bytes();
    let [letter, first, second, rest @ ..] = bytes else {
        return false;
    };
    let more = match rest {
        [] => true,
        [b'.', more @ ..] => !more.is_empty() && more.len() <= 4 && more.iter().all(u8::is_ascii_alphanumeric),
        _ => false,
    };
    letter.is_ascii_uppercase() && first.is_ascii_digit() && second.is_ascii_alphanumeric() && more
}
