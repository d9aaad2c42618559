//! Points in time for people and programs to read.

use std::time::{SystemTime, UNIX_EPOCH};

use mad_core::Report;

const SECONDS_A_DAY: u64 = 24 * 60 * 60;

/// Writes a time as RFC 3339 has it, in UTC with milliseconds: `2026-11-22T19:02:00.123Z`.
///
/// What lies before 1970 is written as its first moment.
pub(crate) fn rfc3339(at: SystemTime) -> String {
    let since_epoch = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = since_epoch.as_secs();
    let (year, month, day) = date(seconds / SECONDS_A_DAY);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let milliseconds = since_epoch.subsec_millis();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z")
}

/// Returns when a run ended.
pub(crate) fn ended_at(report: &Report) -> SystemTime {
    let ended_at = report.started_at.checked_add(report.duration);
    ended_at.unwrap_or(report.started_at)
}

/// Returns year, month and day of the day with this number, counted from 1970-01-01.
fn date(mut days: u64) -> (u64, usize, u64) {
    let mut year = 1970;
    while days >= days_in(year) {
        days -= days_in(year);
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= lengths[month] {
        days -= lengths[month];
        month += 1;
    }
    (year, month + 1, days + 1)
}

fn days_in(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::rfc3339;

    #[test]
    fn a_time_is_written_in_utc_with_milliseconds() {
        let check = |seconds: u64, milliseconds: u64, expected: &str| {
            let at = UNIX_EPOCH + Duration::from_millis(seconds * 1000 + milliseconds);
            assert_eq!(rfc3339(at), expected);
        };
        check(0, 0, "1970-01-01T00:00:00.000Z");
        check(951_782_399, 999, "2000-02-28T23:59:59.999Z");
        check(951_782_400, 0, "2000-02-29T00:00:00.000Z");
        check(1_767_225_599, 1, "2025-12-31T23:59:59.001Z");
        check(1_835_481_600, 0, "2028-03-01T00:00:00.000Z");
        check(4_107_542_400, 0, "2100-03-01T00:00:00.000Z");
    }

    #[test]
    fn a_time_before_1970_is_its_first_moment() {
        let at = UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(rfc3339(at), "1970-01-01T00:00:00.000Z");
    }
}
