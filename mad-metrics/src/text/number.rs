//! Numbers, as Prometheus reads them.

use std::ops::Range;

use super::lines::push;
use crate::view::Number;

/// Below it, every whole float is written with all its digits.
const LARGEST_PLAIN: f64 = 1e15;

/// Which bounds are written with all their digits.
const PLAIN_BOUNDS: Range<f64> = 1e-4..1e6;

/// Appends the value of a sample.
pub(super) fn append(page: &mut String, number: Number) {
    match number {
        Number::Integer(number) => append_integer(page, number),
        Number::Float(number) => append_float(page, number),
    }
}

/// How long a number is at most.
pub(super) const LONGEST: usize = 32;

/// Puts a count where there is room, in place, and returns how long it is.
#[inline]
pub(super) fn put_integer(room: &mut [u8], number: u64) -> usize {
    let len = match number {
        0..10 => 1,
        number => number.ilog10() as usize + 1,
    };
    let mut rest = number;
    let (first, pairs) = room[..len].as_rchunks_mut();
    for pair in pairs.iter_mut().rev() {
        *pair = PAIRS[(rest % 100) as usize];
        rest /= 100;
    }
    for digit in first {
        *digit = PAIRS[(rest % 10) as usize][1];
    }
    len
}

/// The digits of the numbers below a hundred.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut number = 1;
    while number < 100 {
        let [tens, ones] = pairs[number - 1];
        pairs[number] = match ones {
            b'9' => [tens + 1, b'0'],
            _ => [tens, ones + 1],
        };
        number += 1;
    }
    pairs
};

/// Puts a float where there is room, and returns how long it is.
pub(super) fn put_float(room: &mut [u8], number: f64) -> usize {
    let mut len = 0;
    with_text(number, |text| {
        len = text.len();
        room[..len].copy_from_slice(text.as_bytes());
    });
    len
}

/// Appends a count.
pub(super) fn append_integer(page: &mut String, number: u64) {
    push(page, itoa::Buffer::new().format(number));
}

/// Appends a float.
pub(super) fn append_float(page: &mut String, number: f64) {
    with_text(number, |text| push(page, text));
}

/// Writes the shortest digits that mean the same float; a whole one has no point: `1`.
fn with_text(number: f64, take: impl FnOnce(&str)) {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "that it is in range was looked at"
    )]
    if number == 0.0 && number.is_sign_negative() {
        take("-0");
    } else if number.fract() == 0.0 && number.abs() < LARGEST_PLAIN {
        take(itoa::Buffer::new().format(number as i64));
    } else if number.is_finite() {
        take(zmij::Buffer::new().format_finite(number));
    } else {
        take(special(number));
    }
}

/// Returns a number as it stands in labels, in the one form that `OpenMetrics` calls canonical: `1.0`.
///
/// `le="1"` and `le="1.0"` are two series to a Prometheus before version 3.
pub(crate) fn canonical(number: f64) -> String {
    if !number.is_finite() {
        return special(number).to_owned();
    }
    if number == 0.0 || PLAIN_BOUNDS.contains(&number.abs()) {
        return zmij::Buffer::new().format_finite(number).to_owned();
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    format!("{digits}e{exponent:+03}")
}

fn special(number: f64) -> &'static str {
    if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "+Inf"
    } else {
        "-Inf"
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(number: f64) -> String {
        let mut page = String::new();
        append_float(&mut page, number);
        page
    }

    #[test]
    fn values_are_short() {
        for (number, expected) in [
            (0.0, "0"),
            (1.0, "1"),
            (-3.0, "-3"),
            (0.001, "0.001"),
            (1e-9, "1e-9"),
            (1e300, "1e+300"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(written(number), expected);
        }
    }

    #[test]
    fn bounds_are_canonical() {
        for (bound, expected) in [
            (1.0, "1.0"),
            (10.0, "10.0"),
            (0.005, "0.005"),
            (123_456.5, "123456.5"),
            (1e6, "1e+06"),
            (2.5e-5, "2.5e-05"),
            (0.0001, "0.0001"),
            (0.000_099_9, "9.99e-05"),
            (999_999.999_999_999_9, "999999.9999999999"),
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (-1.25e107, "-1.25e+107"),
            (f64::INFINITY, "+Inf"),
        ] {
            assert_eq!(canonical(bound), expected);
        }
    }

    proptest! {
        #[test]
        fn a_count_is_put_with_all_its_digits_and_nothing_else(number in any::<u64>(), shift in 0..64_u32) {
            let number = number >> shift;
            let mut room = [b'?'; LONGEST];
            let len = put_integer(&mut room, number);
            let (digits, rest) = room.split_at(len);
            prop_assert_eq!(str::from_utf8(digits), Ok(&*number.to_string()));
            prop_assert!(rest.iter().all(|byte| *byte == b'?'));
        }

        #[test]
        fn any_float_reads_back(number in any::<f64>().prop_filter("not a number", |number| !number.is_nan())) {
            let read: f64 = written(number).parse().expect("a number");
            prop_assert_eq!(read.to_bits(), number.to_bits());
            let read: f64 = canonical(number).parse().expect("a number");
            prop_assert_eq!(read.to_bits(), number.to_bits());
        }
    }
}
