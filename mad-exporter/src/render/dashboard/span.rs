//! Lengths of time for people.

use std::time::Duration;

/// Writes a length of time with two or three digits that count: `850 µs`, `12.5 ms`, `4.2 s`, `3 min 20 s`,
/// `2 h 5 min`, `3 d 4 h`.
pub(super) fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0 => below_a_second(time),
        1..60 => format!("{} s", digits(time.as_secs_f64())),
        60..3600 => pair(seconds, 60, "min", 1, "s"),
        3600..86400 => pair(seconds, 3600, "h", 60, "min"),
        _ => pair(seconds, 86400, "d", 3600, "h"),
    }
}

fn below_a_second(time: Duration) -> String {
    let microseconds = time.as_secs_f64() * 1e6;
    if microseconds < 999.5 {
        format!("{} µs", digits(microseconds))
    } else {
        format!("{} ms", digits(microseconds / 1e3))
    }
}

/// Writes a number from 0 to 999 with one decimal where it is below 100 and there is one.
fn digits(number: f64) -> String {
    if number >= 99.95 {
        return format!("{number:.0}");
    }
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn pair(seconds: u64, unit: u64, name: &str, small_unit: u64, small_name: &str) -> String {
    let (count, rest) = (seconds / unit, seconds % unit / small_unit);
    if rest == 0 {
        format!("{count} {name}")
    } else {
        format!("{count} {name} {rest} {small_name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_written_with_the_digits_that_count() {
        let check = |nanoseconds: u64, expected: &str| {
            assert_eq!(span(Duration::from_nanos(nanoseconds)), expected);
        };
        check(0, "0 µs");
        check(1_250, "1.2 µs");
        check(850_000, "850 µs");
        check(999_900, "1 ms");
        check(12_500_000, "12.5 ms");
        check(420_000_000, "420 ms");
        check(4_200_000_000, "4.2 s");
        check(59_000_000_000, "59 s");
        check(200_000_000_000, "3 min 20 s");
        check(7_500_000_000_000, "2 h 5 min");
        check(86_400_000_000_000, "1 d");
    }
}
