// SPDX-License-Identifier: Apache-2.0
//! Labelled columns: what they hold is known, because it was made.

use super::states::{SCHEMES, draw};
use super::{Rng, people};

/// A column with what it holds; none where it holds nothing that a detector should see.
pub struct Labelled {
    pub kind: Option<&'static str>,
    pub header: String,
    pub type_name: &'static str,
    pub values: Vec<String>,
    /// Whether the name of the column helps.
    pub named: bool,
    /// Whether it helps in a way that the detectors were not made for.
    pub strange: bool,
}

/// Rows of each column.
const ROWS: usize = 150;

type Make = fn(&mut Rng) -> String;

fn day(rng: &mut Rng, first: u64, last: u64) -> (u64, u64, u64) {
    (rng.in_range(first, last), rng.in_range(1, 12), rng.in_range(1, 28))
}

/// Kinds that a value shows without any header.
const SHOWN: &[(&str, &str, Make)] = &[
    ("email", "text", people::email),
    ("phone", "text", people::phone),
    ("ip-address", "text", |rng| {
        format!("{}.{}.{}.{}", rng.in_range(1, 223), rng.in_range(0, 255), rng.in_range(0, 255), rng.in_range(1, 254))
    }),
    ("ip-address", "text", |rng| {
        format!("2001:db8:{:x}:{:x}::{:x}", rng.in_range(0, 65535), rng.in_range(0, 65535), rng.in_range(1, 65535))
    }),
    ("mac-address", "text", |rng| (0..6).map(|_| format!("{:02x}", rng.in_range(0, 255))).collect::<Vec<_>>().join(":")),
    ("uuid", "text", |rng| {
        let hex = format!("{:016x}{:016x}", rng.next(), rng.next());
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }),
    ("hash", "text", |rng| (0..4).map(|_| format!("{:016x}", rng.next())).collect()),
    ("date", "text", |rng| {
        let (year, month, day) = day(rng, 2019, 2025);
        format!("{year}-{month:02}-{day:02}T{:02}:{:02}:00Z", rng.in_range(0, 23), rng.in_range(1, 59))
    }),
    ("date", "date", |rng| {
        let (year, month, day) = day(rng, 2021, 2025);
        format!("{year}-{month:02}-{day:02}")
    }),
    ("date", "int64", |rng| rng.in_range(1_600_000_000, 1_750_000_000).to_string()),
    ("date", "int64", |rng| rng.in_range(1_600_000_000_000, 1_750_000_000_000).to_string()),
    ("date-of-birth", "date", |rng| {
        let (year, month, day) = rng.birth();
        format!("{year}-{month:02}-{day:02}")
    }),
    ("date-of-birth", "text", |rng| {
        let (year, month, day) = rng.birth();
        format!("{day:02}.{month:02}.{year}")
    }),
    ("country", "text", |rng| (*rng.pick(&["DE", "FR", "ES", "TR", "CN", "US", "BR", "IT", "PT", "GB", "AT", "NL"])).to_owned()),
    ("country", "text", |rng| {
        (*rng.pick(&["Germany", "France", "Türkiye", "Çin", "Spain", "United States", "Brazil", "Italy", "Portugal", "Austria"]))
            .replace("Çin", "China")
    }),
    ("coordinates", "text", |rng| format!("{}.{},{}.{}", rng.in_range(36, 60), rng.digits(5), rng.in_range(0, 30), rng.digits(5))),
    ("url", "text", |rng| format!("https://www.example.com/{}/{}", rng.letters(5).to_lowercase(), rng.digits(4))),
    ("user-agent", "text", |rng| {
        format!("Mozilla/5.0 (X11; Linux x86_64; rv:{}.0) Gecko/20100101 Firefox/{}.0", rng.in_range(90, 140), rng.in_range(90, 140))
    }),
    ("credential", "text", |rng| format!("$2b$12${}{}", rng.letters(22), rng.letters(31))),
    ("free-text", "text", people::sentence),
    ("us-ssn", "text", |rng| format!("{:03}-{:02}-{:04}", rng.in_range(1, 665), rng.in_range(1, 99), rng.in_range(1, 9999))),
    ("postal-code", "text", |rng| format!("{}{} {}{}", rng.letters(2), rng.in_range(1, 99), rng.in_range(1, 9), rng.letters(2))),
    ("gender", "text", |rng| (*rng.pick(&["M", "F", "X"])).to_owned()),
    ("title", "text", |rng| (*rng.pick(&["Mr", "Mrs", "Ms", "Dr.", "Herr", "Frau"])).to_owned()),
    ("gb-nino", "text", |rng| {
        format!("A{}{}{}", rng.pick(&["B", "C", "E", "G", "H", "J"]), rng.digits(6), rng.pick(&["A", "B", "C", "D"]))
    }),
    ("id-nik", "text", |rng| {
        let (year, month, day) = rng.birth();
        format!("{}{}{day:02}{month:02}{:02}{:04}", rng.in_range(11, 94), rng.digits(4), year % 100, rng.in_range(1, 999))
    }),
    ("in-pan", "text", |rng| format!("{}P{}{}{}", rng.letters(3), rng.letters(1), rng.digits(4), rng.letters(1))),
];

/// Kinds that only the header tells, with a header in each of eight languages.
const TOLD: &[(&str, Make, [&str; 8])] = &[
    ("name", people::first, ["first_name", "Vorname", "prénom", "nombre", "primeiro nome", "Nome", "Adı", "名字"]),
    ("name", people::last, ["lastName", "Nachname", "Nom de famille", "apellidos", "Sobrenome", "cognome", "SOYADI", "姓氏"]),
    (
        "name",
        people::full,
        ["customer name", "Kontoinhaber", "nom complet", "Nombre completo", "nome_completo", "Nominativo", "ad soyad", "联系人姓名"],
    ),
    ("name", people::chinese, ["full name", "Name", "nom", "nombre y apellidos", "nome", "nome e cognome", "isim", "姓名"]),
    (
        "phone",
        people::local_phone,
        ["phone_number", "Telefonnummer", "téléphone", "teléfono móvil", "telemóvel", "cellulare", "Cep Telefonu", "手机号码"],
    ),
    (
        "address",
        people::street,
        ["street address", "Straße und Hausnummer", "adresse postale", "dirección", "morada", "indirizzo", "ev adresi", "详细地址"],
    ),
    ("city", people::city, ["city", "Ort", "ville", "ciudad", "cidade", "città", "şehir", "城市"]),
    ("postal-code", |rng| rng.digits(5), ["zip", "PLZ", "code postal", "código postal", "CEP", "CAP", "posta kodu", "邮编"]),
    (
        "date-of-birth",
        |rng| {
            let (year, month, day) = rng.birth();
            format!("{day:02}/{month:02}/{year}")
        },
        ["dob", "Geburtsdatum", "date de naissance", "fecha_nacimiento", "data de nascimento", "dataNascita", "Doğum Tarihi", "出生日期"],
    ),
    ("age", |rng| rng.in_range(18, 95).to_string(), ["age", "Alter", "tranche d'âge", "edad", "idade", "età", "yaş", "年龄"]),
    (
        "nationality",
        |rng| (*rng.pick(&["DE", "FR", "TR", "CN", "US", "BR"])).to_owned(),
        ["nationality", "Staatsangehörigkeit", "nationalité", "nacionalidad", "nacionalidade", "cittadinanza", "uyruğu", "国籍"],
    ),
    (
        "religion",
        |rng| (*rng.pick(&["catholic", "none", "muslim", "jewish"])).to_owned(),
        ["religion", "Konfession", "religion", "religión", "religião", "religione", "din", "宗教信仰"],
    ),
    (
        "health",
        |rng| format!("{}{:02}.{}", rng.pick(&["E", "F", "I", "J"]), rng.in_range(0, 99), rng.in_range(0, 9)),
        ["diagnosis", "Diagnose", "diagnostic", "diagnóstico", "doença", "diagnosi", "teşhis", "诊断"],
    ),
    (
        "passport-number",
        |rng| format!("{}{}", rng.letters(1), rng.digits(8)),
        ["passport no", "Reisepass", "passeport", "pasaporte", "passaporte", "passaporto", "pasaport no", "护照号码"],
    ),
    (
        "account",
        |rng| rng.in_range(100_000, 999_999).to_string(),
        ["customer_id", "Kundennummer", "numéro client", "id cliente", "nome de usuário", "codice cliente", "müşteri no", "用户名"],
    ),
    (
        "pay",
        |rng| (rng.in_range(250, 900) * 100).to_string(),
        ["salary", "Gehalt", "salaire brut", "sueldo", "vencimento", "stipendio", "maaş", "工资"],
    ),
    (
        "licence-plate",
        |rng| format!("{} {} {}", rng.letters(2), rng.letters(2), rng.digits(3)),
        ["plate_number", "Kennzeichen", "immatriculation", "placa", "placa", "targa", "plaka", "车牌号"],
    ),
    (
        "origin",
        |rng| (*rng.pick(&["a", "b", "c"])).to_owned(),
        ["ethnicity", "ethnische Herkunft", "origine ethnique", "etnia", "raça/cor", "origine etnica", "etnik köken", "民族"],
    ),
    (
        "cookie",
        |rng| format!("{:016x}", rng.next()),
        ["cookie_id", "Sitzungs-ID", "identifiant de session", "sesión", "sessão", "id sessione", "çerez", "会话"],
    ),
];

/// Headers as registers and exports of many years have them. No word was added to know them: they show what is missed.
const STRANGE: &[(&str, Make, &[&str])] = &[
    (
        "name",
        people::first,
        &["emp_first_nm", "FIRSTNAME1", "Prénom du client", "vorname_kd", "given-name", "Müşteri Adı", "客户姓名", "nome_do_paciente"],
    ),
    ("name", people::last, &["CUST_LNAME", "Nachname (Kunde)", "2nd surname", "apellido_paterno", "cognome_intestatario"]),
    ("name", people::full, &["Müşteri Adı Soyadı", "billing_full_name", "Ansprechpartner 1", "Nom et prénom", "cardHolderName"]),
    ("phone", people::local_phone, &["tel_no_1", "mobile#", "nº de teléfono", "Tel. privat", "cell_ph", "phoneHome", "Handy-Nr."]),
    ("address", people::street, &["addr_ln_1", "ADDRESS2", "Adresse du client", "domicilio fiscal", "str_hausnr"]),
    ("city", people::city, &["city_nm", "Wohnort/Stadt", "Ville de résidence", "TOWN"]),
    ("postal-code", |rng| rng.digits(5), &["POSTCODE_HOME", "zip5", "PLZ Kunde", "cod_postal"]),
    (
        "date-of-birth",
        |rng| {
            let (year, month, day) = rng.birth();
            format!("{year}-{month:02}-{day:02} 00:00:00")
        },
        &["cust_dob", "birthdt", "Fecha Nac.", "Geb.-Dat.", "DT_NASC", "BIRTH_DATE_1", "date naiss", "dogum_trh"],
    ),
    ("gender", |rng| (*rng.pick(&["1", "2", "9"])).to_owned(), &["sex_cd", "GENDER", "sexo_cliente", "Geschl."]),
    ("account", |rng| rng.in_range(100_000, 999_999).to_string(), &["custId", "KD-NR", "user_key", "CLIENT_NBR", "mbr_no", "patient_no"]),
    ("email", people::email, &["e-mail2", "EMAIL_ADDR_TXT", "correo_e", "contact_point"]),
    (
        "health",
        |rng| (*rng.pick(&["asthma", "none", "diabetes", "flu"])).to_owned(),
        &["diag_1", "PRIMARY_DIAGNOSIS", "Vorerkrankungen", "dx_desc", "allergies_txt"],
    ),
    ("pay", |rng| (rng.in_range(250, 900) * 100).to_string(), &["ANNUAL_SAL", "gross_salary_eur", "Bruttogehalt 2024", "salario_base"]),
];

/// Columns that look like something and are something else.
const OTHERS: &[(&str, &str, Make)] = &[
    ("ordernum_ext", "int64", |rng| format!("4{}", rng.digits(15))),
    ("v1", "text", |rng| format!("{}{}", rng.in_range(1, 9), rng.digits(12))),
    ("v2", "text", |rng| format!("{}{}", rng.in_range(1, 9), rng.digits(10))),
    ("v3", "int64", |rng| format!("{}{}", rng.in_range(1, 9), rng.digits(9))),
    ("v4", "int64", |rng| rng.in_range(100_000_000, 999_999_999).to_string()),
    ("v5", "text", |rng| rng.digits(12)),
    ("v6", "text", |rng| rng.digits(8)),
    ("v7", "text", |rng| rng.digits(18)),
    ("v8", "text", |rng| format!("35{}", rng.digits(13))),
    ("v9", "text", |rng| rng.digits(14)),
    ("v10", "text", |rng| rng.digits(16)),
    ("seq", "int64", |rng| (500_000_000 + rng.in_range(0, 5000)).to_string()),
    ("sku", "text", |rng| format!("{}-{}-{}", rng.letters(2), rng.digits(6), rng.letters(1))),
    ("part", "text", |rng| format!("{}{}{}", rng.letters(2), rng.digits(6), rng.pick(&["K", "R", "X", "Z"]))),
    ("code", "text", |rng| format!("{}{}", rng.digits(8), rng.letters(1))),
    ("code2", "text", |rng| format!("{}{}", rng.letters(1), rng.digits(7))),
    ("serial", "text", |rng| format!("{}{}", rng.letters(6), rng.digits(10))),
    ("version", "text", |rng| format!("{}.{}.{}", rng.in_range(0, 9), rng.in_range(0, 30), rng.in_range(0, 99))),
    ("app version", "text", |rng| format!("{}.{}.{}.{}", rng.in_range(1, 9), rng.in_range(0, 30), rng.in_range(0, 99), rng.in_range(0, 9))),
    ("price", "double", |rng| format!("{}.{:02}", rng.in_range(1, 999), rng.in_range(0, 99))),
    ("quantity", "int32", |rng| rng.in_range(1, 40).to_string()),
    ("ratio", "double", |rng| format!("0.{}", rng.digits(6))),
    ("status", "text", |rng| (*rng.pick(&["open", "closed", "pending", "lost"])).to_owned()),
    ("flag", "bool", |rng| (*rng.pick(&["true", "false"])).to_owned()),
    ("lang", "text", |rng| (*rng.pick(&["en", "de", "fr", "tr", "zh"])).to_owned()),
    ("currency", "text", |rng| (*rng.pick(&["EUR", "USD", "TRY", "GBP", "CNY"])).to_owned()),
    ("state_cd", "text", |rng| (*rng.pick(&["TX", "NY", "FL", "OH", "WA", "WI", "NV", "NH", "OK", "OR", "RI", "CA", "AL"])).to_owned()),
    ("product name", "text", |rng| format!("{} lamp", rng.pick(&["Blue", "Green", "Desk", "Floor", "Night"]))),
    ("file_name", "text", |rng| format!("report-{}.pdf", rng.digits(4))),
    ("path", "text", |rng| format!("/var/data/{}/{}", rng.letters(3), rng.digits(5))),
    ("colour", "text", |rng| format!("#{:06x}", rng.in_range(0, 0xFF_FFFF))),
    ("weight_kg", "double", |rng| format!("{}.{}", rng.in_range(0, 40), rng.in_range(0, 9))),
    ("model year", "int32", |rng| rng.in_range(1998, 2025).to_string()),
    ("cpu", "text", |rng| format!("{}%", rng.in_range(0, 100))),
    ("json", "text", |rng| format!("{{\"a\":{},\"b\":{}}}", rng.digits(3), rng.digits(2))),
];

/// A value in a hundred that somebody mistyped.
fn dirty(rng: &mut Rng, value: String) -> String {
    if rng.in_range(0, 99) > 1 {
        return value;
    }
    match rng.in_range(0, 2) {
        0 => "n/a".to_owned(),
        1 => value.chars().skip(1).collect(),
        _ => format!("{value}?"),
    }
}

fn made(
    rng: &mut Rng,
    kind: Option<&'static str>,
    header: &str,
    type_name: &'static str,
    named: bool,
    mut make: impl FnMut(&mut Rng) -> String,
) -> Labelled {
    let values = (0..ROWS).map(|_| make(rng)).collect::<Vec<_>>();
    let values = values.into_iter().map(|value| dirty(rng, value)).collect();
    Labelled { kind, header: header.to_owned(), type_name, values, named, strange: false }
}

/// The corpus: the same for the same seed.
pub fn corpus(seed: u64) -> Vec<Labelled> {
    let mut rng = Rng(seed);
    let mut out = Vec::new();
    let blank = ["c7", "val", "f_12", "attr3"];
    for scheme in SCHEMES {
        for header in blank {
            out.push(made(&mut rng, Some(scheme.id), header, "text", false, |rng| draw(scheme.make, rng)));
        }
    }
    for (kind, type_name, make) in SHOWN {
        for header in blank {
            out.push(made(&mut rng, Some(kind), header, type_name, false, make));
        }
    }
    for (kind, make, headers) in TOLD {
        for header in headers {
            out.push(made(&mut rng, Some(kind), header, "text", true, make));
        }
    }
    for (kind, make, headers) in STRANGE {
        for header in *headers {
            out.push(Labelled { strange: true, ..made(&mut rng, Some(kind), header, "text", true, make) });
        }
    }
    // As numbers, which lose their zeros.
    for scheme in SCHEMES {
        let whole = (0..20).all(|_| draw(scheme.make, &mut rng).bytes().all(|byte| byte.is_ascii_digit()));
        if whole {
            let make = |rng: &mut Rng| draw(scheme.make, rng).trim_start_matches('0').to_owned();
            out.push(made(&mut rng, Some(scheme.id), "n4", "int64", false, make));
        }
    }
    for (header, type_name, make) in OTHERS {
        for round in 0..3 {
            let header = if round == 0 { (*header).to_owned() } else { format!("{header}_{round}") };
            out.push(made(&mut rng, None, &header, type_name, false, make));
        }
    }
    out
}
