// SPDX-License-Identifier: Apache-2.0
//! Accounts: their names and numbers, what opens them, what was bought and written there.

use crate::detector::{Detector, Identifier, Test};
use crate::value::Value;

/// The detectors.
pub const DETECTORS: &[Detector] = &[
    Detector {
        id: "account",
        label: "account or customer number",
        category: Some("account"),
        identifier: Identifier::Direct,
        words: &[
            (
                "en",
                "username, user name, login, user id, userid, customer id, customer number, customer no, client id, account id, member id, subscriber id, nickname, handle, screen name, user, login name, person id, subject id, patient id, customerid, account number, account name, profile id, uid, membership number, loyalty number, participant id, contact id",
            ),
            (
                "de",
                "benutzername, kundennummer, kunden nr, kundennr, nutzername, benutzer, mitgliedsnummer, kontonummer, anmeldename, nutzer id, kunden id, patientennummer",
            ),
            (
                "fr",
                "identifiant, nom d utilisateur, numero client, pseudo, pseudonyme, utilisateur, no client, id client, numero d adherent",
            ),
            ("es", "usuario, nombre de usuario, numero de cliente, id cliente, cliente id, id usuario, numero de socio"),
            ("pt", "utilizador, usuario, nome de usuario, numero de cliente, id cliente, codigo cliente"),
            ("it", "utente, nome utente, codice cliente, numero cliente, id cliente, id utente"),
            ("tr", "kullanici adi, kullanici, musteri no, musteri numarasi, uye no, musteri id, kullanici id"),
            ("zh", "用户名, 用户, 账号, 账户, 会员号, 客户编号, 用户编号, 昵称, 客户号"),
        ],
        against: "agent, type, count, status, created, plan, product, order, group",
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "credential",
        label: "password, key or token",
        category: Some("credential"),
        identifier: Identifier::None,
        words: &[
            (
                "en",
                "password, passwd, pwd, password hash, secret, api key, token, pin, access token, security answer, passphrase, private key, auth token, otp, security question, hashed password",
            ),
            ("de", "passwort, kennwort, passwort hash, geheimzahl, sicherheitsfrage"),
            ("fr", "mot de passe, motdepasse, mdp, code secret, jeton"),
            ("es", "contrasena, clave, clave de acceso, clave secreta"),
            ("pt", "senha, palavra passe, palavra chave"),
            ("it", "password, parola d ordine, chiave segreta"),
            ("tr", "sifre, parola, gizli anahtar"),
            ("zh", "密码, 口令, 密钥, 令牌"),
        ],
        against: "changed, expiry, expires, length, updated, code",
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "credential",
        label: "password, key or token",
        category: Some("credential"),
        identifier: Identifier::None,
        test: Test::Value(password_hash),
        chance: 0.001,
        alone: 0.97,
        source: "the PHC string format, and crypt(5)",
        ..Detector::PLAIN
    },
    Detector {
        id: "order-number",
        label: "number of an order, product or document",
        category: None,
        identifier: Identifier::None,
        words: &[
            (
                "en",
                "order id, order number, order no, sku, product id, product code, invoice number, invoice no, item id, serial number, batch, article number, row id, ticket id, case id, reference, tracking number, part number, shipment id, transaction id, order ref",
            ),
            (
                "de",
                "bestellnummer, auftragsnummer, artikelnummer, rechnungsnummer, seriennummer, produktnummer, bestell nr, vorgangsnummer",
            ),
            ("fr", "numero de commande, reference, numero de facture, code produit, reference produit, code article"),
            ("es", "numero de pedido, codigo de producto, numero de factura, referencia"),
            ("pt", "numero do pedido, codigo do produto, numero da fatura, referencia"),
            ("it", "numero ordine, codice prodotto, numero fattura, riferimento"),
            ("tr", "siparis no, urun kodu, fatura no, seri no, siparis numarasi"),
            ("zh", "订单号, 产品编号, 商品编号, 发票号, 序列号, 订单编号"),
        ],
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "transaction",
        label: "amount of a purchase, transfer or balance",
        category: Some("transaction"),
        identifier: Identifier::None,
        test: Test::Value(amount),
        chance: 0.6,
        words: &[
            (
                "en",
                "amount, balance, total amount, purchase amount, transaction amount, order total, account balance, payment amount, credit limit, invoice total",
            ),
            ("de", "betrag, kontostand, saldo, gesamtbetrag, umsatz, summe, rechnungsbetrag"),
            ("fr", "montant, solde, montant total"),
            ("es", "importe, saldo, monto, importe total"),
            ("pt", "montante, saldo, valor total, quantia"),
            ("it", "importo, saldo, importo totale"),
            ("tr", "tutar, bakiye, toplam tutar"),
            ("zh", "金额, 余额, 交易金额, 总金额"),
        ],
        source: "the header; values must be numbers",
        ..Detector::PLAIN
    },
    Detector {
        id: "credit",
        label: "credit score or standing",
        category: Some("credit"),
        identifier: Identifier::None,
        words: &[
            ("en", "credit score, fico, credit rating, creditworthiness, risk score, default history, fico score"),
            ("de", "bonitat, schufa, kreditscore, schufa score"),
            ("fr", "score de credit, solvabilite, cote de credit"),
            ("es", "puntaje crediticio, solvencia, puntuacion crediticia"),
            ("pt", "pontuacao de credito, score de credito"),
            ("it", "merito creditizio, affidabilita creditizia, punteggio di credito"),
            ("tr", "kredi notu, kredi puani, findeks"),
            ("zh", "信用评分, 信用分, 征信, 信用等级"),
        ],
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "profile",
        label: "score, segment or inference about a person",
        category: Some("profile"),
        identifier: Identifier::None,
        words: &[
            (
                "en",
                "segment, customer segment, churn score, propensity, persona, lifetime value, clv, ltv, lead score, customer score, interest, interests, preferences, hobbies",
            ),
            ("de", "kundensegment, segment, interessen, vorlieben, hobbys"),
            ("fr", "segment client, centres d interet, preferences, loisirs"),
            ("es", "segmento, intereses, preferencias, aficiones"),
            ("pt", "segmento, interesses, preferencias, passatempos"),
            ("it", "segmento, interessi, preferenze"),
            ("tr", "musteri segmenti, ilgi alanlari, tercihler, hobiler"),
            ("zh", "客户分群, 兴趣, 爱好, 偏好, 用户画像"),
        ],
        against: "rate",
        source: "the header alone",
        ..Detector::PLAIN
    },
    Detector {
        id: "free-text",
        label: "free text, which may hold anything",
        category: Some("content"),
        identifier: Identifier::Quasi,
        test: Test::Value(sentence),
        chance: 0.05,
        alone: 0.75,
        format: true,
        words: &[
            (
                "en",
                "comment, comments, notes, note, message, description, remarks, text, body, feedback, review, free text, memo, chat, transcript, subject, bio, about",
            ),
            ("de", "kommentar, bemerkung, bemerkungen, notiz, notizen, nachricht, beschreibung, anmerkung, freitext"),
            ("fr", "commentaire, commentaires, remarque, remarques, message, avis, texte libre"),
            ("es", "comentario, comentarios, notas, mensaje, observaciones, descripcion"),
            ("pt", "comentario, comentarios, notas, mensagem, observacoes, descricao"),
            ("it", "commento, commenti, note, messaggio, osservazioni, descrizione"),
            ("tr", "yorum, aciklama, not, mesaj, notlar"),
            ("zh", "备注, 评论, 留言, 描述, 说明, 消息, 意见"),
        ],
        against: "product, item, credit",
        source: "five words or more, or a sentence in Chinese",
        ..Detector::PLAIN
    },
];

fn password_hash(value: &Value<'_>) -> bool {
    let text = value.text;
    let known = ["$2a$", "$2b$", "$2y$", "$argon2", "$pbkdf2", "$scrypt$", "$1$", "$5$", "$6$", "$y$", "pbkdf2_sha256$", "{SSHA}"];
    text.len() > 20 && !text.contains(' ') && known.iter().any(|start| text.starts_with(start))
}

fn amount(value: &Value<'_>) -> bool {
    let text = value.text.trim_start_matches(['-', '+']);
    let text = text.trim_matches(|letter: char| letter.is_alphabetic() || "€$£¥₺ ".contains(letter));
    text.len() <= 20
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b',' | b'\'' | b' '))
}

fn sentence(value: &Value<'_>) -> bool {
    let words = value.text.split_whitespace().filter(|word| word.chars().filter(|letter| letter.is_alphabetic()).count() > 1).count();
    let wide = value.text.chars().filter(|letter| matches!(letter, '\u{3040}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')).count();
    words >= 5 || wide >= 12
}
