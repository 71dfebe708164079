// SPDX-License-Identifier: Apache-2.0
//! Check digits that are made, each by the rule of its standard.

/// The digits as numbers.
pub fn list(text: &str) -> Vec<i64> {
    text.chars().map(|letter| i64::from(letter.to_digit(36).unwrap_or_else(|| panic!("{text} has other signs")))).collect()
}

/// The sum of digits times weights.
pub fn sum(text: &str, weights: &[i64]) -> i64 {
    list(text).iter().zip(weights).map(|(digit, weight)| digit * weight).sum()
}

/// Luhn, as ISO/IEC 7812-1 makes it: double from the right, add the digits of the products, and go up to the next ten.
pub fn luhn(text: &str) -> String {
    let doubled = "0246813579";
    let total: i64 = text
        .chars()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = digit.to_digit(10).map_or(0, |digit| digit as usize);
            if place % 2 == 0 { i64::from(doubled.as_bytes()[digit] - b'0') } else { digit as i64 }
        })
        .sum();
    format!("{text}{}", (10 - total % 10) % 10)
}

/// MOD 97-10: the two digits that make the whole number leave 1, by long division of the number with two zeros.
pub fn mod97_digits(text: &str) -> String {
    let number: String = text.chars().map(|letter| letter.to_digit(36).map_or(String::new(), |value| value.to_string())).collect();
    let rest = format!("{number}00").bytes().fold(0_u64, |rest, digit| (rest * 10 + u64::from(digit - b'0')) % 97);
    format!("{:02}", 98 - rest)
}

/// GS1: odd places from the right three times, even ones once, up to the next ten.
pub fn gs1(text: &str) -> String {
    let total: i64 = list(text).iter().rev().zip([3, 1].iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    format!("{text}{}", (total + 9) / 10 * 10 - total)
}

/// ISO/IEC 7064 MOD 11,10: the digit that brings the sum to 1 modulo 10, tried one after the other.
pub fn hybrid(text: &str) -> String {
    let mut product = 10;
    for digit in list(text) {
        let mut part = (digit + product) % 10;
        if part == 0 {
            part = 10;
        }
        product = part * 2 % 11;
    }
    let check = (0..10).find(|check| (check + product) % 10 == 1).unwrap_or_else(|| panic!("{text} has a check digit"));
    format!("{text}{check}")
}

/// ISO/IEC 7064 MOD 11-2, by powers of two: the weight of a place is two to its distance from the end.
pub fn pure(text: &str) -> String {
    let total: i64 = list(text).iter().rev().enumerate().map(|(place, digit)| digit * (1_i64 << (place + 1)) % 11).sum();
    let check = (12 - total % 11) % 11;
    format!("{text}{}", if check == 10 { "X".to_owned() } else { check.to_string() })
}

/// Verhoeff, with the tables of his book.
pub fn verhoeff(text: &str) -> String {
    const D: [[usize; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    const P: [[usize; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    const INVERSE: [usize; 10] = [0, 4, 3, 2, 1, 5, 6, 7, 8, 9];
    let product = list(text).iter().rev().enumerate().fold(0, |product, (place, digit)| D[product][P[(place + 1) % 8][*digit as usize]]);
    format!("{text}{}", INVERSE[product])
}
