// SPDX-License-Identifier: Apache-2.0
//! Check digits that have a standard of their own.

/// The Luhn check digit (ISO/IEC 7812-1, annex B): every second digit from the right is doubled, the digits of all are
/// added, and the sum is a multiple of ten. It finds every change of one digit.
#[must_use]
pub fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let digit = u32::from(*digit);
            match place % 2 {
                0 => digit,
                _ if digit > 4 => digit * 2 - 9,
                _ => digit * 2,
            }
        })
        .sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}

/// MOD 97-10 (ISO/IEC 7064): the number, with letters counted from 10 for A, leaves the rest 1. It finds every change of
/// one sign.
#[must_use]
pub fn mod97(signs: impl Iterator<Item = u8>) -> bool {
    let mut rest = 0_u32;
    for sign in signs {
        rest = match sign {
            b'0'..=b'9' => rest * 10 + u32::from(sign - b'0'),
            b'A'..=b'Z' => rest * 100 + u32::from(sign - b'A') + 10,
            _ => return false,
        } % 97;
    }
    rest == 1
}

/// MOD 11,10 (ISO/IEC 7064), a hybrid system: finds every change of one digit.
#[must_use]
pub fn iso7064_11_10(digits: &[u8]) -> bool {
    let Some((last, others)) = digits.split_last() else {
        return false;
    };
    let product = others.iter().fold(10_u32, |product, digit| {
        let sum = (product + u32::from(*digit)) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (product + u32::from(*last)) % 10 == 1
}

/// MOD 11-2 (ISO/IEC 7064), a pure system, its last sign a digit or X: finds every change of one digit.
#[must_use]
pub fn iso7064_11_2(signs: &[u8]) -> bool {
    let Some((last, others)) = signs.split_last() else {
        return false;
    };
    let mut rest = 0_u32;
    for sign in others {
        if !sign.is_ascii_digit() {
            return false;
        }
        rest = (rest + u32::from(sign - b'0')) * 2 % 11;
    }
    let last = match last {
        b'X' => 10,
        b'0'..=b'9' => u32::from(last - b'0'),
        _ => return false,
    };
    (rest + last) % 11 == 1
}

/// The GS1 check digit (GS1 General Specifications, section 7.9), of EAN and UPC: weights 3 and 1 from the right.
/// It finds every change of one digit.
#[must_use]
pub fn gs1(digits: &[u8]) -> bool {
    let sum: u32 = digits.iter().rev().enumerate().map(|(place, digit)| u32::from(*digit) * if place % 2 == 0 { 1 } else { 3 }).sum();
    !digits.is_empty() && sum.is_multiple_of(10)
}

/// The check digit of Verhoeff (Error Detecting Decimal Codes, 1969), in the dihedral group of order ten: finds every
/// change of one digit and every exchange of neighbours.
#[must_use]
pub fn verhoeff(digits: &[u8]) -> bool {
    let product = digits.iter().rev().enumerate().fold(0, |product, (place, digit)| compose(product, permuted(*digit, place)));
    !digits.is_empty() && product == 0
}

/// The product in the group: 0 to 4 turn a pentagon, 5 to 9 turn it over.
fn compose(a: u8, b: u8) -> u8 {
    match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => 5 + (a + b - 5) % 5,
        (false, true) => 5 + (a - 5 + 5 - b) % 5,
        (false, false) => (a - 5 + 5 - (b - 5)) % 5,
    }
}

/// The digit after so many steps of the permutation of Verhoeff, which comes back after eight.
fn permuted(digit: u8, steps: usize) -> u8 {
    (0..steps % 8).fold(digit, |digit, _| match digit {
        0 => 1,
        1 => 5,
        2 => 7,
        3 => 6,
        4 => 2,
        5 => 8,
        6 => 3,
        7 => 0,
        8 => 9,
        _ => 4,
    })
}
