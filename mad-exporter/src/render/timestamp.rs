//! Points in time for people and programs to read.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

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

/// Returns the beginning of the second that a time lies in.
pub(crate) fn to_the_second(at: SystemTime) -> SystemTime {
    let since_epoch = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    UNIX_EPOCH + Duration::from_secs(since_epoch.as_secs())
}

/// Writes a time for people: date and time of day in UTC, to the second.
pub(crate) fn plain(at: SystemTime) -> String {
    let exact = rfc3339(at);
    let seconds = exact.split('.').next().unwrap_or_default();
    format!("{} UTC", seconds.replace('T', " "))
}

/// Returns when a run ended.
pub(crate) fn ended_at(report: &Report) -> SystemTime {
    let ended_at = report.started_at.checked_add(report.duration);
    ended_at.unwrap_or(report.started_at)
}

/// From 0000-03-01 to 1970-01-01.
const DAYS_BEFORE_1970: u64 = 719_468;

/// In four hundred years the calendar repeats.
const DAYS_IN_400_YEARS: u64 = 146_097;

/// Returns year, month and day of the day with this number, counted from 1970-01-01.
///
/// Years are counted from March, so that the day that not all of them have is their last, and months have a
/// length of 153 fifths of a day on average.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + DAYS_BEFORE_1970;
    let (cycle, day) = (days / DAYS_IN_400_YEARS, days % DAYS_IN_400_YEARS);
    // Without those days, each year has 365.
    let leap_days = day / 1_460 - day / 36_524 + day / (DAYS_IN_400_YEARS - 1);
    let year = (day - leap_days) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = 400 * cycle + year + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{DAYS_IN_400_YEARS, date, rfc3339};

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

    /// Against one day after another, over all that the calendar knows.
    #[test]
    fn each_day_comes_after_the_one_before() {
        let is_leap = |year: u64| {
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
        };
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for days in 0..2 * DAYS_IN_400_YEARS {
            assert_eq!(date(days), (year, month, day), "{days}");
            let last = match month {
                2 if is_leap(year) => 29,
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            day += 1;
            if day > last {
                (day, month) = (1, month + 1);
            }
            if month > 12 {
                (month, year) = (1, year + 1);
            }
        }
    }

    #[test]
    fn a_time_before_1970_is_its_first_moment() {
        let at = UNIX_EPOCH - Duration::from_secs(1);
        assert_eq!(rfc3339(at), "1970-01-01T00:00:00.000Z");
    }
}
