//! Times as reports write them: RFC 3339, of which some leave the zone out.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Milliseconds since 1970; nothing, if it is no such time. Without a zone it is taken for UTC.
pub(crate) fn milliseconds(text: &str) -> Option<i64> {
    let with_zone = text.parse::<Timestamp>().ok();
    let time = with_zone.or_else(|| {
        let time = text.parse::<DateTime>().ok()?;
        TimeZone::UTC.to_timestamp(time).ok()
    })?;
    Some(time.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn times_are_read_with_and_without_a_zone() {
        assert_eq!(milliseconds("1970-01-01T00:00:00Z"), Some(0));
        let expected = Some(1_709_209_845_678);
        assert_eq!(milliseconds("2024-02-29T12:30:45.678+00:00"), expected);
        assert_eq!(milliseconds("2024-02-29T13:30:45.6781+01:00"), expected);
        assert_eq!(milliseconds("2024-02-29T12:30:45.678"), expected);
        for wrong in ["", "2024-13-01T00:00:00Z", "2024-02-29Tx:00:00", "é"] {
            assert_eq!(milliseconds(wrong), None, "{wrong}");
        }
    }
}
