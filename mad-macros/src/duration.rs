//! Durations as annotations write them: `"150ms"`, `"2s"`, `"1m30s"`.

use std::fmt;
use std::time::Duration;

/// The units, the largest first, with their length in milliseconds.
const UNITS: [(&str, u64); 5] = [
    ("d", 24 * 60 * 60 * 1000),
    ("h", 60 * 60 * 1000),
    ("m", 60 * 1000),
    ("s", 1000),
    ("ms", 1),
];

/// The longest duration that is accepted. Whoever asks for more has mistaken the unit.
const LONGEST: Duration = Duration::from_hours(365 * 24);

/// Why a text is no duration.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NotADuration {
    /// It is not numbers, each with its unit.
    Form,
    /// It has a number without a unit.
    Unit,
    /// A unit stands after a smaller one, or twice.
    Order,
    /// It is longer than [`LONGEST`].
    TooLong,
}

impl fmt::Display for NotADuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => {
                "a duration is whole numbers with the units d, h, m, s, ms, such as \"1m30s\""
            }
            Self::Unit => "the number needs a unit: d, h, m, s or ms, such as \"2s\"",
            Self::Order => "the units go from the largest to the smallest, each once: \"1m30s\"",
            Self::TooLong => "a duration is at most 365d",
        })
    }
}

/// Reads a duration.
pub(crate) fn parse(text: &str) -> Result<Duration, NotADuration> {
    let mut units = &UNITS[..];
    let mut total = Duration::ZERO;
    let mut rest = text;
    loop {
        let part;
        (part, rest) = split_part(rest)?;
        let place = units.iter().position(|&(unit, _)| unit == part.unit);
        let place = place.ok_or(NotADuration::Order)?;
        total = add(total, part.count, units[place].1).ok_or(NotADuration::TooLong)?;
        units = &units[place + 1..];
        if rest.is_empty() {
            return Ok(total);
        }
    }
}

/// A number with its unit.
struct Part<'a> {
    count: u64,
    unit: &'a str,
}

fn split_part(text: &str) -> Result<(Part<'_>, &str), NotADuration> {
    let (digits, rest) = split_while(text, |c| c.is_ascii_digit());
    let (unit, rest) = split_while(rest, |c| c.is_ascii_alphabetic());
    if !digits.is_empty() && unit.is_empty() && rest.is_empty() {
        return Err(NotADuration::Unit);
    }
    if digits.is_empty() || UNITS.iter().all(|&(known, _)| known != unit) {
        return Err(NotADuration::Form);
    }
    let count = digits.parse().map_err(|_| NotADuration::TooLong)?;
    Ok((Part { count, unit }, rest))
}

fn split_while(text: &str, belongs: fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

/// Adds `count` units; `None` is more than [`LONGEST`].
fn add(total: Duration, count: u64, milliseconds: u64) -> Option<Duration> {
    let part = Duration::from_millis(count.checked_mul(milliseconds)?);
    let sum = total.checked_add(part)?;
    (sum <= LONGEST).then_some(sum)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{NotADuration, parse};

    fn check(text: &str, milliseconds: u64) {
        assert_eq!(
            parse(text),
            Ok(Duration::from_millis(milliseconds)),
            "{text}"
        );
    }

    fn check_refused(reason: NotADuration, texts: &[&str]) {
        for text in texts {
            assert_eq!(parse(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn each_unit_is_read() {
        check("150ms", 150);
        check("2s", 2_000);
        check("3m", 180_000);
        check("4h", 14_400_000);
        check("5d", 432_000_000);
    }

    #[test]
    fn units_add_up() {
        check("1m30s", 90_000);
        check("1d2h3m4s5ms", 93_784_005);
        check("0s", 0);
        check("365d", 31_536_000_000);
    }

    #[test]
    fn anything_but_whole_numbers_with_units_is_refused() {
        let texts = [
            "", "s", "1.5s", "-1s", "2 s", " 2s", "2s ", "2sec", "2S", "1_000ms", "٣s", "2µs",
        ];
        check_refused(NotADuration::Form, &texts);
    }

    #[test]
    fn a_number_without_a_unit_is_refused() {
        check_refused(NotADuration::Unit, &["0", "30", "1m30"]);
    }

    #[test]
    fn units_out_of_order_are_refused() {
        check_refused(NotADuration::Order, &["30s1m", "1s1s", "5ms1s"]);
    }

    #[test]
    fn more_than_a_year_is_refused() {
        check_refused(
            NotADuration::TooLong,
            &[
                "365d1ms",
                "366d",
                "213503982335d",
                "99999999999999999999999s",
            ],
        );
    }
}
