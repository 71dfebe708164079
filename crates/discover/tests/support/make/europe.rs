// SPDX-License-Identifier: Apache-2.0
//! Numbers of the states of Europe, and of two of their neighbours.

use super::Rng;
use super::numbers::{hybrid, list, luhn, sum, verhoeff};
use super::states::{dmy, to_eleven, two_rows, ymd};

pub fn norway(rng: &mut Rng) -> Option<String> {
    let first = to_eleven(&format!("{}{}", dmy(rng), rng.digits(3)), &[3, 7, 6, 1, 8, 9, 4, 5, 2])?;
    to_eleven(&first, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
}

pub fn finland(rng: &mut Rng) -> Option<String> {
    let (day, number) = (dmy(rng), format!("{:03}", rng.in_range(2, 899)));
    let letters: Vec<char> = ('0'..='9').chain(('A'..='Y').filter(|letter| !"GIOQ".contains(*letter))).collect();
    let rest = format!("{day}{number}").parse::<usize>().ok()? % 31;
    Some(format!("{day}-{number}{}", letters.get(rest)?))
}

pub fn iceland(rng: &mut Rng) -> Option<String> {
    let first = to_eleven(&format!("{}{}", dmy(rng), rng.digits(2)), &[3, 2, 7, 6, 5, 4, 3, 2])?;
    Some(format!("{first}9"))
}

pub fn baltic(rng: &mut Rng) -> Option<String> {
    let text = format!("{}{}{}", rng.in_range(3, 6), ymd(rng), rng.digits(3));
    two_rows(&text, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1], &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3])
}

pub fn kazakhstan(rng: &mut Rng) -> Option<String> {
    let text = format!("{}{}{}", ymd(rng), rng.in_range(3, 6), rng.digits(4));
    let check = sum(&text, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11;
    let check = if check == 10 { sum(&text, &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11 } else { check };
    (check < 10).then(|| format!("{text}{check}"))
}

pub fn latvia(rng: &mut Rng) -> Option<String> {
    let text = format!("{}1{}", dmy(rng), rng.digits(3));
    let check = (1101 - sum(&text, &[1, 6, 3, 7, 9, 10, 5, 8, 4, 2])) % 11;
    (check < 10).then(|| format!("{text}{check}"))
}

pub fn germany(rng: &mut Rng) -> Option<String> {
    // Nine different digits, one of which is there twice, not beside itself.
    let mut digits: Vec<char> = ('0'..='9').collect();
    for place in (1..10).rev() {
        digits.swap(place, rng.in_range(0, place as u64) as usize);
    }
    digits.pop();
    let twice = *rng.pick(&digits);
    let place = rng.in_range(0, 9) as usize;
    digits.insert(place, twice);
    (digits[0] != '0').then(|| hybrid(&digits.iter().collect::<String>()))
}

pub fn austria(rng: &mut Rng) -> Option<String> {
    let (serial, birth) = (rng.in_range(100, 999).to_string(), dmy(rng));
    let check = (sum(&serial, &[3, 7, 9]) + sum(&birth, &[5, 8, 4, 2, 1, 6])) % 11;
    (check < 10).then(|| format!("{serial}{check}{birth}"))
}

pub fn dutch(rng: &mut Rng) -> Option<String> {
    let text = format!("{}{}", rng.in_range(1, 9), rng.digits(7));
    let check = sum(&text, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    (check < 10).then(|| format!("{text}{check}"))
}

pub fn belgium(rng: &mut Rng) -> Option<String> {
    let (year, month, day) = rng.birth();
    let text = format!("{:02}{month:02}{day:02}{:03}", year % 100, rng.in_range(1, 997));
    let long: u64 = format!("{}{text}", if year < 2000 { "" } else { "2" }).parse().ok()?;
    Some(format!("{text}{:02}", 97 - long % 97))
}

pub fn luxembourg(rng: &mut Rng) -> Option<String> {
    let (year, month, day) = rng.birth();
    let text = format!("{year}{month:02}{day:02}{}", rng.digits(3));
    let (first, second) = (luhn(&text), verhoeff(&text));
    Some(format!("{first}{}", second.chars().last()?))
}

pub fn france(rng: &mut Rng) -> Option<String> {
    let department = *rng.pick(&["01", "13", "33", "59", "69", "75", "92", "99", "2A", "2B"]);
    let head = format!("{}{:02}{:02}", rng.in_range(1, 2), rng.in_range(0, 99), rng.in_range(1, 12));
    let tail = format!("{:03}{:03}", rng.in_range(1, 990), rng.in_range(1, 999));
    let number = |department: &str| format!("{head}{department}{tail}").parse::<u64>().ok();
    // INSEE: take a million from the number with 20 for 2A, two for 2B.
    let rest = match department {
        "2A" => (number("20")? - 1_000_000) % 97,
        "2B" => (number("20")? - 2_000_000) % 97,
        other => number(other)? % 97,
    };
    Some(format!("{head}{department}{tail}{:02}", 97 - rest))
}

pub fn ireland(rng: &mut Rng) -> Option<String> {
    let text = rng.digits(7);
    let rest = sum(&text, &[8, 7, 6, 5, 4, 3, 2]) % 23;
    Some(format!("{text}{}", if rest == 0 { 'W' } else { char::from(b'@' + rest as u8) }))
}

pub fn nhs(rng: &mut Rng) -> Option<String> {
    to_eleven(&format!("4{}", rng.digits(8)), &[10, 9, 8, 7, 6, 5, 4, 3, 2])
}

pub fn spain(rng: &mut Rng) -> Option<String> {
    let letters = "TRWAGMYFPDXBNJZSQVHLCKE";
    let foreign = rng.in_range(0, 3);
    let (text, number) = if foreign == 0 {
        let prefix = rng.in_range(0, 2);
        let digits = rng.digits(7);
        (format!("{}{digits}", ["X", "Y", "Z"][prefix as usize]), format!("{prefix}{digits}"))
    } else {
        let digits = rng.digits(8);
        (digits.clone(), digits)
    };
    Some(format!("{text}{}", letters.chars().nth(number.parse::<usize>().ok()? % 23)?))
}

pub fn italy(rng: &mut Rng) -> Option<String> {
    let (year, _, day) = rng.birth();
    let month = *rng.pick(&['A', 'B', 'C', 'D', 'E', 'H', 'L', 'M', 'P', 'R', 'S', 'T']);
    let day = day + if rng.in_range(0, 1) == 1 { 40 } else { 0 };
    let text = format!("{}{:02}{month}{day:02}{}{}", rng.letters(6), year % 100, rng.pick(&['A', 'D', 'F', 'H', 'L']), rng.digits(3));
    // The table of the decree, by what each sign counts in an odd place.
    let odd = |sign: char| match sign {
        '0' | 'A' => 1,
        '1' | 'B' => 0,
        '2' | 'C' => 5,
        '3' | 'D' => 7,
        '4' | 'E' => 9,
        '5' | 'F' => 13,
        '6' | 'G' => 15,
        '7' | 'H' => 17,
        '8' | 'I' => 19,
        '9' | 'J' => 21,
        'K' => 2,
        'L' => 4,
        'M' => 18,
        'N' => 20,
        'O' => 11,
        'P' => 3,
        'Q' => 6,
        'R' => 8,
        'S' => 12,
        'T' => 14,
        'U' => 16,
        'V' => 10,
        'W' => 22,
        'X' => 25,
        'Y' => 24,
        _ => 23,
    };
    let even = |sign: char| {
        if sign.is_ascii_digit() { u32::from(sign) - u32::from('0') } else { u32::from(sign) - u32::from('A') }
    };
    let total: u32 = text.chars().zip(1..).map(|(sign, place)| if place % 2 == 1 { odd(sign) } else { even(sign) }).sum();
    Some(format!("{text}{}", char::from(b'A' + (total % 26) as u8)))
}

pub fn portugal(rng: &mut Rng) -> Option<String> {
    let text = format!("{}{}", rng.in_range(1, 3), rng.digits(7));
    let check = 11 - sum(&text, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    Some(format!("{text}{}", if check > 9 { 0 } else { check }))
}

pub fn greece(rng: &mut Rng) -> Option<String> {
    let text = format!("{}{}", rng.in_range(0, 1), rng.digits(7));
    let rest = list(&text).iter().fold(0, |total, digit| (total + digit) * 2) % 11;
    Some(format!("{text}{}", rest % 10))
}

pub fn turkey(rng: &mut Rng) -> Option<String> {
    let text = format!("{}{}", rng.in_range(1, 9), rng.digits(8));
    let digits = list(&text);
    let odd: i64 = digits.iter().step_by(2).sum();
    let even: i64 = digits.iter().skip(1).step_by(2).sum();
    let tenth = (7 * odd - even).rem_euclid(10);
    Some(format!("{text}{tenth}{}", (digits.iter().sum::<i64>() + tenth) % 10))
}

pub fn poland(rng: &mut Rng) -> Option<String> {
    let (year, month, day) = rng.birth();
    let month = if year < 2000 { month } else { month + 20 };
    let text = format!("{:02}{month:02}{day:02}{}", year % 100, rng.digits(4));
    let total = sum(&text, &[9, 7, 3, 1, 9, 7, 3, 1, 9, 7]);
    Some(format!("{text}{}", total % 10))
}

pub fn czechia(rng: &mut Rng) -> Option<String> {
    let (year, month, day) = rng.birth();
    let month = if rng.in_range(0, 1) == 0 { month } else { month + 50 };
    let text = format!("{:02}{month:02}{day:02}{}", year.max(1954) % 100, rng.digits(3));
    (0..10).map(|check| format!("{text}{check}")).find(|whole| whole.parse::<u64>().is_ok_and(|number| number.is_multiple_of(11)))
}

pub fn romania(rng: &mut Rng) -> Option<String> {
    let (year, month, day) = rng.birth();
    let sex = rng.in_range(1, 2) + if year < 2000 { 0 } else { 4 };
    let text = format!("{sex}{:02}{month:02}{day:02}{:02}{:03}", year % 100, rng.in_range(1, 46), rng.in_range(1, 999));
    let check = sum(&text, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    Some(format!("{text}{}", if check == 10 { 1 } else { check }))
}

pub fn bulgaria(rng: &mut Rng) -> Option<String> {
    let (year, month, day) = rng.birth();
    let month = if year < 2000 { month } else { month + 40 };
    let text = format!("{:02}{month:02}{day:02}{}", year % 100, rng.digits(3));
    let check = sum(&text, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11;
    Some(format!("{text}{}", if check == 10 { 0 } else { check }))
}

pub fn yugoslavia(rng: &mut Rng) -> Option<String> {
    let (year, month, day) = rng.birth();
    let text = format!("{day:02}{month:02}{:03}{}{:03}", year % 1000, rng.in_range(10, 96), rng.in_range(0, 999));
    let digits = list(&text);
    let at = |place: usize| digits.get(place).copied().unwrap_or(0);
    let total =
        7 * (at(0) + at(6)) + 6 * (at(1) + at(7)) + 5 * (at(2) + at(8)) + 4 * (at(3) + at(9)) + 3 * (at(4) + at(10)) + 2 * (at(5) + at(11));
    match 11 - total % 11 {
        11 => Some(format!("{text}0")),
        10 => None,
        check => Some(format!("{text}{check}")),
    }
}

pub fn snils(rng: &mut Rng) -> Option<String> {
    let text = format!("{}{}", rng.in_range(1, 9), rng.digits(8));
    let total = sum(&text, &[9, 8, 7, 6, 5, 4, 3, 2, 1]);
    let check = if total > 101 { total % 101 } else { total };
    Some(format!("{}-{}-{} {:02}", &text[..3], &text[3..6], &text[6..], if check > 99 { 0 } else { check }))
}

pub fn inn(rng: &mut Rng) -> Option<String> {
    let text = format!("{:02}{}", rng.in_range(1, 89), rng.digits(8));
    let first = format!("{text}{}", sum(&text, &[7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10);
    Some(format!("{first}{}", sum(&first, &[3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) % 11 % 10))
}

pub fn ukraine(rng: &mut Rng) -> Option<String> {
    let text = format!("{}{}", rng.in_range(1, 3), rng.digits(8));
    Some(format!("{text}{}", sum(&text, &[-1, 5, 7, 9, 4, 6, 10, 5, 7]).rem_euclid(11) % 10))
}
