//! Sizes of memory as annotations write them: `"512KiB"`, `"256MiB"`, `"2GiB"`.

/// The units with the number of bytes in each.
const UNITS: [(&str, u64); 3] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

/// What a text that is no size is answered with.
pub(crate) const FORM: &str = "a size is a whole number with one of the units KiB, MiB, GiB";

/// Reads a size in bytes; `None` is no size, or more than a number of bytes can be.
pub(crate) fn parse(text: &str) -> Option<u64> {
    let (count, bytes) = UNITS
        .iter()
        .find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?, *bytes)))?;
    let is_number = !count.is_empty() && count.bytes().all(|digit| digit.is_ascii_digit());
    let count: u64 = is_number.then(|| count.parse().ok())??;
    count.checked_mul(bytes).filter(|bytes| *bytes > 0)
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn each_unit_is_read() {
        assert_eq!(parse("1KiB"), Some(1024));
        assert_eq!(parse("256MiB"), Some(256 * 1024 * 1024));
        assert_eq!(parse("2GiB"), Some(2 * 1024 * 1024 * 1024));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "1",
            "MiB",
            "1 MiB",
            "1.5GiB",
            "+1KiB",
            "-1KiB",
            "1MB",
            "1mib",
            "0MiB",
            "18446744073709551615KiB",
            "٣KiB",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
