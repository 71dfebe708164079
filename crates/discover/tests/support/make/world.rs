// SPDX-License-Identifier: Apache-2.0
//! Numbers of other states, and of banks, machines and books.

use super::Rng;
use super::numbers::{list, luhn, mod97_digits, pure, sum};
use super::states::{to_eleven, ymd};

pub fn mexico(rng: &mut Rng) -> Option<String> {
    let (year, month, day) = rng.birth();
    let (sex, state) = (*rng.pick(&["H", "M"]), *rng.pick(&["DF", "JC", "NL", "MC", "PL"]));
    let text = format!(
        "{}{:02}{month:02}{day:02}{sex}{state}{}{}",
        rng.letters(4),
        year % 100,
        rng.letters(3),
        if year < 2000 { "0" } else { "A" }
    );
    let alphabet = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ";
    let total: usize =
        text.chars().enumerate().map(|(place, sign)| alphabet.chars().position(|known| known == sign).unwrap_or(0) * (18 - place)).sum();
    Some(format!("{text}{}", (10 - total % 10) % 10))
}

pub fn brazil(text: &str, weights: &[i64]) -> String {
    let rest = sum(text, weights) % 11;
    format!("{text}{}", if rest < 2 { 0 } else { 11 - rest })
}

pub fn cpf(rng: &mut Rng) -> Option<String> {
    let first = brazil(&rng.digits(9), &[10, 9, 8, 7, 6, 5, 4, 3, 2]);
    let whole = brazil(&first, &[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    Some(format!("{}.{}.{}-{}", &whole[..3], &whole[3..6], &whole[6..9], &whole[9..]))
}

pub fn cnpj(rng: &mut Rng) -> Option<String> {
    let first = brazil(&format!("{}0001", rng.digits(8)), &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
    Some(brazil(&first, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]))
}

pub fn argentina(rng: &mut Rng) -> Option<String> {
    to_eleven(&format!("{}{}", rng.pick(&["20", "27", "23", "24"]), rng.digits(8)), &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
}

pub fn chile(rng: &mut Rng) -> Option<String> {
    let text = rng.in_range(5_000_000, 25_000_000).to_string();
    let total: i64 = list(&text).iter().rev().zip((2..=7).cycle()).map(|(digit, weight)| digit * weight).sum();
    let check = match 11 - total % 11 {
        11 => "0".to_owned(),
        10 => "K".to_owned(),
        digit => digit.to_string(),
    };
    Some(format!("{text}-{check}"))
}

pub fn peru(rng: &mut Rng) -> Option<String> {
    let text = format!("10{}", rng.digits(8));
    let check = 11 - sum(&text, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    Some(format!("{text}{}", check % 10))
}

pub fn uruguay(rng: &mut Rng) -> Option<String> {
    let text = rng.in_range(1_000_000, 6_500_000).to_string();
    let total = sum(&text, &[2, 9, 8, 7, 6, 3, 4]);
    Some(format!("{text}{}", (10 - total % 10) % 10))
}

pub fn china(rng: &mut Rng) -> Option<String> {
    let (year, month, day) = rng.birth();
    let area = *rng.pick(&["110101", "310104", "440305", "510107", "330106"]);
    Some(pure(&format!("{area}{year}{month:02}{day:02}{}", rng.digits(3))))
}

pub fn taiwan(rng: &mut Rng) -> Option<String> {
    // Each letter has a number from 10 on, in an order of its own.
    let letters = [("A", 10), ("B", 11), ("F", 15), ("N", 22), ("O", 35), ("I", 34), ("W", 32), ("Z", 33)];
    let (letter, area) = *rng.pick(&letters);
    let text = format!("{}{}", rng.in_range(1, 2), rng.digits(7));
    let total = area / 10 + area % 10 * 9 + sum(&text, &[8, 7, 6, 5, 4, 3, 2, 1]);
    Some(format!("{letter}{text}{}", (10 - total % 10) % 10))
}

pub fn hong_kong(rng: &mut Rng) -> Option<String> {
    let (letter, digits) = (rng.letters(1), rng.digits(6));
    let total = 36 * 9 + list(&letter).iter().sum::<i64>() * 8 + sum(&digits, &[7, 6, 5, 4, 3, 2]);
    let check = (11 - total % 11) % 11;
    Some(format!("{letter}{digits}({})", if check == 10 { "A".to_owned() } else { check.to_string() }))
}

pub fn japan(rng: &mut Rng) -> Option<String> {
    let text = rng.digits(11);
    // By the order of the ministry: places counted from the right, plus one up to six, minus five from seven on.
    let total: i64 = list(&text).iter().rev().zip(1..).map(|(digit, n)| digit * if n <= 6 { n + 1 } else { n - 5 }).sum();
    let rest = total % 11;
    Some(format!("{text}{}", if rest <= 1 { 0 } else { 11 - rest }))
}

pub fn korea(rng: &mut Rng) -> Option<String> {
    let (year, month, day) = rng.birth();
    let sex = rng.in_range(1, 2) + if year < 2000 { 0 } else { 2 };
    let text = format!("{:02}{month:02}{day:02}{sex}{}", year % 100, rng.digits(5));
    let total: i64 = list(&text).iter().zip((2..=9).cycle()).map(|(digit, weight)| digit * weight).sum();
    let check = (11 - total % 11) % 10;
    Some(format!("{}-{}{check}", &text[..6], &text[6..]))
}

pub fn singapore(rng: &mut Rng) -> Option<String> {
    let series = *rng.pick(&["S", "T", "F", "G"]);
    let text = rng.digits(7);
    let total = sum(&text, &[2, 7, 6, 5, 4, 3, 2]) + if matches!(series, "T" | "G") { 4 } else { 0 };
    // The table of the registry counts down from eleven.
    let letters = if matches!(series, "S" | "T") { "ABCDEFGHIZJ" } else { "KLMNPQRTUWX" };
    Some(format!("{series}{text}{}", letters.chars().nth((10 - total % 11) as usize)?))
}

pub fn thailand(rng: &mut Rng) -> Option<String> {
    let text = format!("{}{}", rng.in_range(1, 8), rng.digits(11));
    let total: i64 = list(&text).iter().zip((2..=13).rev()).map(|(digit, weight)| digit * weight).sum();
    Some(format!("{text}{}", (11 - total % 11) % 10))
}

pub fn kuwait(rng: &mut Rng) -> Option<String> {
    let text = format!("2{}{}", ymd(rng), rng.digits(4));
    let check = 11 - sum(&text, &[2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11;
    (check < 10).then(|| format!("{text}{check}"))
}

pub fn tax_file(rng: &mut Rng) -> Option<String> {
    let text = format!("{}{}", rng.in_range(1, 9), rng.digits(7));
    let total = sum(&text, &[1, 4, 3, 7, 5, 8, 6, 9]);
    // Ten is minus one: the check digit is the rest of the others.
    (total % 11 < 10).then(|| format!("{text}{}", total % 11))
}

pub fn medicare(rng: &mut Rng) -> Option<String> {
    let text = format!("{}{}", rng.in_range(2, 6), rng.digits(7));
    let check = sum(&text, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10;
    Some(format!("{text}{check}{}", rng.in_range(1, 9)))
}

pub fn inland_revenue(text: &str) -> Option<String> {
    let padded = format!("{text:0>8}");
    let missing = |weights: &[i64]| (11 - sum(&padded, weights) % 11) % 11;
    let first = missing(&[3, 2, 7, 6, 5, 4, 3, 2]);
    let check = if first == 10 { missing(&[7, 4, 3, 2, 5, 2, 7, 6]) } else { first };
    (check < 10).then(|| format!("{text}{check}"))
}

pub fn zone(rng: &mut Rng) -> Option<String> {
    let check = |text: &str| {
        let total: u32 = text.chars().zip([7, 3, 1].iter().cycle()).map(|(sign, weight)| sign.to_digit(36).unwrap_or(0) * weight).sum();
        format!("{text}{}", total % 10)
    };
    let document = check(&format!("{}{}", rng.letters(2), rng.digits(7)));
    let (birth, until) = (check(&ymd(rng)), check(&format!("3{}0115", rng.in_range(0, 9))));
    let personal = check("<<<<<<<<<<<<<<");
    let whole = check(&format!("{document}{birth}{until}{personal}"));
    Some(format!("{document}UTO{birth}F{until}{personal}{}", whole.chars().last()?))
}

/// An IBAN of one of several countries.
pub fn iban(rng: &mut Rng) -> Option<String> {
    let (country, account) = match rng.in_range(0, 4) {
        0 => ("DE", rng.digits(18)),
        1 => ("ES", rng.digits(20)),
        2 => ("GB", format!("{}{}", rng.letters(4), rng.digits(14))),
        3 => ("NL", format!("{}{}", rng.letters(4), rng.digits(10))),
        _ => ("TR", format!("{}0{}", rng.digits(5), rng.digits(16))),
    };
    Some(format!("{country}{}{account}", mod97_digits(&format!("{account}{country}"))))
}

pub fn card(rng: &mut Rng) -> Option<String> {
    Some(match rng.in_range(0, 2) {
        0 => luhn(&format!("4{}", rng.digits(14))),
        1 => luhn(&format!("5{}{}", rng.in_range(1, 5), rng.digits(13))),
        _ => luhn(&format!("37{}", rng.digits(12))),
    })
}

pub fn routing(rng: &mut Rng) -> Option<String> {
    let text = format!("{:02}{}", rng.in_range(1, 12), rng.digits(6));
    let total = sum(&text, &[3, 7, 1, 3, 7, 1, 3, 7]);
    Some(format!("{text}{}", (10 - total % 10) % 10))
}

pub fn lei(text: &str) -> Option<String> {
    Some(format!("{text}{}", mod97_digits(text)))
}

pub fn vehicle(rng: &mut Rng) -> Option<String> {
    let letters: Vec<char> = "ABCDEFGHJKLMNPRSTUVWXYZ".chars().collect();
    let mut draw = |length: usize| (0..length).map(|_| *rng.pick(&letters)).collect::<String>();
    let (maker, more, plant) = (draw(3), draw(5), draw(1));
    let text = format!("{maker}{more}0K{plant}{}", rng.digits(6));
    let counts = |sign: char| match sign {
        'A' | 'J' => 1,
        'B' | 'K' | 'S' => 2,
        'C' | 'L' | 'T' => 3,
        'D' | 'M' | 'U' => 4,
        'E' | 'N' | 'V' => 5,
        'F' | 'W' => 6,
        'G' | 'P' | 'X' => 7,
        'H' | 'Y' => 8,
        'R' | 'Z' => 9,
        digit => i64::from(digit.to_digit(10).unwrap_or(0)),
    };
    let total: i64 =
        text.chars().zip([8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]).map(|(sign, weight)| counts(sign) * weight).sum();
    let check = if total % 11 == 10 { "X".to_owned() } else { (total % 11).to_string() };
    Some(format!("{}{check}{}", &text[..8], &text[9..]))
}

pub fn orcid(rng: &mut Rng) -> Option<String> {
    let text = pure(&format!("0000000{}", rng.digits(8)));
    Some(format!("{}-{}-{}-{}", &text[..4], &text[4..8], &text[8..12], &text[12..]))
}
