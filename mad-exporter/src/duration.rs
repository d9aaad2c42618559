//! Times as requests write them.

use std::time::Duration;

/// Reads a time as annotations write it: `150ms`, `2s`, `1m30s`; the units in falling order.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];
    let mut rest = text;
    let mut milliseconds = 0_u64;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let end = rest.find(|letter: char| letter.is_ascii_digit());
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        let (_, factor) = units.find(|(unit, _)| *unit == word)?;
        milliseconds = milliseconds.checked_add(number.checked_mul(*factor)?)?;
        rest = after;
    }
    (!text.is_empty()).then(|| Duration::from_millis(milliseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_annotations_write_times() {
        let check = |text: &str, expected: Option<u64>| {
            assert_eq!(
                duration(text),
                expected.map(Duration::from_millis),
                "{text:?}"
            );
        };
        check("0s", Some(0));
        check("150ms", Some(150));
        check("1m30s", Some(90_000));
        check("1h", Some(3_600_000));
        for wrong in [
            "",
            "30",
            "s",
            "1x",
            "1s1m",
            "1s1s",
            "-1s",
            "1.5s",
            "99999999999999999999s",
            "1 s",
        ] {
            check(wrong, None);
        }
    }
}
