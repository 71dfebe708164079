// SPDX-License-Identifier: Apache-2.0
//! Who somebody is: names, and what a form asks beside them.

use crate::detector::{Detector, Identifier, Test};
use crate::value::Value;

const GENDER_WORDS: &[(&str, &str)] = &[
    ("en", "gender, sex"),
    ("de", "geschlecht"),
    ("fr", "sexe, genre"),
    ("es", "sexo, genero"),
    ("pt", "sexo, genero"),
    ("it", "sesso, genere"),
    ("tr", "cinsiyet"),
    ("zh", "性别"),
];

/// The detectors.
pub const DETECTORS: &[Detector] = &[
    Detector {
        id: "name",
        label: "name of a person",
        category: Some("name"),
        identifier: Identifier::Direct,
        test: Test::Value(words_of_a_name),
        chance: 0.55,
        words: &[
            (
                "en",
                "name, full name, fullname, first name, firstname, fname, last name, lastname, lname, surname, family name, given name, forename, middle name, maiden name, contact name, cardholder, card holder, account holder, person name, display name, birth name",
            ),
            (
                "de",
                "name, vorname, nachname, familienname, zuname, vollstandiger name, geburtsname, ansprechpartner, kontoinhaber, rufname, vor und nachname",
            ),
            ("fr", "nom, prenom, nom de famille, nom complet, nom prenom, nom de naissance, titulaire, nom d usage"),
            ("es", "nombre, apellido, apellidos, nombre completo, primer apellido, segundo apellido, nombres, nombre y apellidos, titular"),
            ("pt", "nome, sobrenome, apelido, nome completo, primeiro nome, ultimo nome, nome proprio, titular"),
            ("it", "nome, cognome, nominativo, nome completo, nome e cognome, intestatario, nome cognome"),
            ("tr", "ad, adi, soyad, soyadi, isim, ad soyad, adi soyadi, tam ad"),
            ("zh", "姓名, 名字, 姓, 姓氏, 全名, 联系人"),
        ],
        against: "product, item, file, host, company, firm, brand, table, column, event, city, town, country, region, state, street, domain, class, category, user, login, project, department, dept, team, \
                  group, role, job, position, bank, campaign, plan, service, server, device, model, store, shop, branch, school, hospital, drug, medication, disease, sku, app, application, field, \
                  tag, role, process, organisation, organization, recipient, vendor, supplier, merchant, account, produkt, artikel, firma, datei, produit, empresa, producto, ville, pays, entreprise, \
                  fichier, produto, arquivo, prodotto, azienda, file, urun, firma, sirket, dosya, 产品, 公司, 文件, 商品, 城市, 项目",
        source: "the header; values must be words without digits",
        ..Detector::PLAIN
    },
    Detector {
        id: "gender",
        label: "gender as recorded",
        category: Some("gender"),
        identifier: Identifier::Quasi,
        test: Test::Value(gender),
        chance: 0.02,
        alone: 0.75,
        words: GENDER_WORDS,
        source: "the words of eight languages",
        ..Detector::PLAIN
    },
    Detector {
        id: "gender",
        label: "gender as recorded",
        category: Some("gender"),
        identifier: Identifier::Quasi,
        test: Test::Value(gender_code),
        chance: 0.3,
        words: GENDER_WORDS,
        source: "ISO/IEC 5218: 0, 1, 2 and 9, told by the header",
        ..Detector::PLAIN
    },
    Detector {
        id: "title",
        label: "form of address",
        category: Some("gender"),
        identifier: Identifier::None,
        test: Test::Value(form_of_address),
        chance: 0.02,
        alone: 0.8,
        words: &[
            ("en", "title, salutation, prefix, name prefix"),
            ("de", "anrede, titel"),
            ("fr", "civilite, titre"),
            ("es", "tratamiento, titulo"),
            ("pt", "tratamento, titulo"),
            ("it", "titolo, appellativo"),
            ("tr", "unvan, hitap"),
            ("zh", "称呼, 称谓"),
        ],
        against: "job, product, page, book, document, article, song, movie",
        source: "the usual forms of eight languages",
        ..Detector::PLAIN
    },
    Detector {
        id: "nationality",
        label: "nationality or citizenship",
        category: Some("nationality"),
        identifier: Identifier::Quasi,
        words: &[
            ("en", "nationality, citizenship, citizen of, country of citizenship"),
            ("de", "nationalitat, staatsangehorigkeit, staatsburgerschaft"),
            ("fr", "nationalite, citoyennete"),
            ("es", "nacionalidad, ciudadania"),
            ("pt", "nacionalidade, cidadania"),
            ("it", "nazionalita, cittadinanza"),
            ("tr", "uyruk, uyrugu, vatandaslik"),
            ("zh", "国籍, 公民身份"),
        ],
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "family-status",
        label: "marital status, household, relatives",
        category: Some("family"),
        identifier: Identifier::Quasi,
        words: &[
            (
                "en",
                "marital status, married, civil status, spouse, children, number of children, household, household size, next of kin, emergency contact, mother maiden name, dependents, mother name, father name, guardian",
            ),
            ("de", "familienstand, verheiratet, ehepartner, kinder, anzahl kinder, haushalt"),
            ("fr", "situation familiale, etat civil, conjoint, enfants, nombre d enfants"),
            ("es", "estado civil, conyuge, hijos, numero de hijos, hogar"),
            ("pt", "estado civil, conjuge, filhos, numero de filhos, nome da mae"),
            ("it", "stato civile, coniuge, figli, numero figli"),
            ("tr", "medeni hal, medeni durum, es adi, cocuk sayisi, anne adi, baba adi"),
            ("zh", "婚姻状况, 配偶, 子女, 家庭成员"),
        ],
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "occupation",
        label: "occupation and employer",
        category: Some("employment"),
        identifier: Identifier::Quasi,
        words: &[
            (
                "en",
                "occupation, profession, job title, employer, job, employee id, employee number, hire date, department, staff id, personnel number, position title, work history",
            ),
            ("de", "beruf, arbeitgeber, berufsbezeichnung, personalnummer, mitarbeiternummer, stellenbezeichnung, abteilung"),
            ("fr", "profession, metier, employeur, poste, matricule employe, emploi, fonction"),
            ("es", "profesion, ocupacion, empleador, puesto, cargo, numero de empleado"),
            ("pt", "profissao, ocupacao, empregador, cargo, numero do empregado"),
            ("it", "professione, occupazione, datore di lavoro, mansione, impiego"),
            ("tr", "meslek, isveren, gorev, sicil no, unvani"),
            ("zh", "职业, 职务, 工作单位, 雇主, 员工编号, 职位"),
        ],
        against: "print, batch, cron, status",
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "pay",
        label: "pay and benefits",
        category: Some("payroll"),
        identifier: Identifier::None,
        words: &[
            ("en", "salary, wage, wages, pay, gross pay, net pay, bonus, annual salary, payroll, compensation, base salary"),
            ("de", "gehalt, lohn, bruttogehalt, nettogehalt, jahresgehalt, bruttolohn"),
            ("fr", "salaire, remuneration, salaire brut, paie"),
            ("es", "salario, sueldo, nomina, salario bruto"),
            ("pt", "salario, vencimento, ordenado, remuneracao"),
            ("it", "stipendio, retribuzione, salario, busta paga"),
            ("tr", "maas, ucret, brut maas, net maas"),
            ("zh", "工资, 薪资, 薪水, 奖金"),
        ],
        against: "method, status, date",
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "education",
        label: "education",
        category: Some("education"),
        identifier: Identifier::Quasi,
        words: &[
            (
                "en",
                "education, education level, degree, school, university, student id, graduation year, highest degree, gpa, grade point average",
            ),
            ("de", "bildung, bildungsabschluss, schulabschluss, hochschule, matrikelnummer, studiengang"),
            ("fr", "etudes, niveau d etudes, diplome, universite, ecole"),
            ("es", "educacion, nivel educativo, estudios, universidad, titulacion"),
            ("pt", "escolaridade, educacao, nivel de ensino, universidade, habilitacoes"),
            ("it", "istruzione, titolo di studio, universita, scuola"),
            ("tr", "egitim, egitim durumu, universite, okul, mezuniyet"),
            ("zh", "学历, 教育程度, 学校, 毕业院校, 学号"),
        ],
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "image",
        label: "photograph or its place",
        category: Some("photo"),
        identifier: Identifier::Direct,
        words: &[
            ("en", "photo, portrait, selfie, profile picture, avatar, passport photo, face image, headshot, photo url"),
            ("de", "foto, lichtbild, passfoto, passbild, profilbild"),
            ("fr", "photo, portrait, photo d identite, photo de profil"),
            ("es", "foto, fotografia, foto de perfil"),
            ("pt", "foto, fotografia, foto de perfil"),
            ("it", "foto, fotografia, foto profilo, fototessera"),
            ("tr", "fotograf, foto, profil resmi, vesikalik"),
            ("zh", "照片, 头像, 相片, 证件照"),
        ],
        against: "product, count",
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "signature",
        label: "signature",
        category: Some("signature"),
        identifier: Identifier::Direct,
        words: &[
            ("en", "signature, signature image"),
            ("de", "unterschrift"),
            ("fr", "signature"),
            ("es", "firma"),
            ("pt", "assinatura"),
            ("it", "firma"),
            ("tr", "imza"),
            ("zh", "签名"),
        ],
        against: "hash, key, algorithm, digital, name",
        source: "the header alone",
        ..Detector::PLAIN
    },
];

/// One to six words of letters, as names are in any script.
fn words_of_a_name(value: &Value<'_>) -> bool {
    let mut letters = 0;
    for letter in value.text.chars() {
        if letter.is_alphabetic() {
            letters += 1;
        } else if !matches!(letter, ' ' | '-' | '\'' | '.' | ',' | '\u{2019}' | '\u{b7}' | '\u{300}'..='\u{36f}') {
            // Marks over and under letters of Indic and Semitic scripts are no letters by themselves.
            if letter.is_ascii() || letter.is_numeric() {
                return false;
            }
        }
    }
    letters > 0 && value.text.chars().count() <= 60 && value.text.split_whitespace().count() <= 6
}

fn is_one_of(value: &Value<'_>, words: &[&str]) -> bool {
    let text = value.text.to_lowercase();
    words.contains(&text.trim_end_matches('.'))
}

fn gender(value: &Value<'_>) -> bool {
    const WORDS: &[&str] = &[
        "m",
        "f",
        "w",
        "d",
        "x",
        "male",
        "female",
        "man",
        "woman",
        "non-binary",
        "nonbinary",
        "other",
        "diverse",
        "unknown",
        "männlich",
        "weiblich",
        "divers",
        "homme",
        "femme",
        "masculin",
        "féminin",
        "hombre",
        "mujer",
        "masculino",
        "femenino",
        "feminino",
        "h",
        "maschio",
        "femmina",
        "uomo",
        "donna",
        "erkek",
        "kadın",
        "kadin",
        "男",
        "女",
        "男性",
        "女性",
        "not specified",
        "prefer not to say",
        "k",
        "e",
    ];
    is_one_of(value, WORDS)
}

fn gender_code(value: &Value<'_>) -> bool {
    is_one_of(value, &["0", "1", "2", "3", "9"])
}

fn form_of_address(value: &Value<'_>) -> bool {
    const WORDS: &[&str] = &[
        "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "herr", "frau", "prof. dr", "m", "mme", "mlle", "monsieur", "madame", "sr",
        "sra", "srta", "don", "doña", "dra", "sig", "sig.ra", "dott", "dott.ssa", "bay", "bayan", "先生", "女士", "小姐", "rev", "hon",
    ];
    is_one_of(value, WORDS)
}
