//! How old is this program?

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mad_core::{Check, IntoCheck, Outcome, Unit, note, observe};

use crate::informational;

const DAY: Duration = Duration::from_hours(24);

/// Checks that the program was built not too long ago: a service that nobody builds gets no fixes.
///
/// The date is given when the program is compiled: `2026-11-22`, a longer date and time that begins so, or
/// seconds since 1970 (`SOURCE_DATE_EPOCH`, `git log -1 --format=%ct`). Of a date the day counts, in UTC. It warns after 90
/// days, and fails only if [`fail_after`](Self::fail_after) says when. Without a date it is skipped, and
/// Unknown after a while. It is named `build_age`, and runs every hour. It observes `age` (seconds).
///
/// ```
/// use std::time::Duration;
/// use mad_checks::BuildAge;
/// use mad_core::IntoCheck;
///
/// // `BUILD_DATE=$(date --utc +%F) cargo build --release`
/// let check = BuildAge::since(option_env!("BUILD_DATE")).warn_after(Duration::from_hours(30 * 24));
/// assert_eq!(check.into_check().name(), "build_age");
/// ```
///
/// # What it cannot see
///
/// - Whether there is anything newer, or a fix that is missing.
/// - The age of the system it runs on, of its container image and of the libraries that are loaded.
/// - A date that came from a cache: cargo does not build again because a day has passed. Where a build script
///   sets it, have it say `cargo::rerun-if-env-changed`.
#[derive(Clone, Debug)]
pub struct BuildAge {
    date: Option<&'static str>,
    warn: Duration,
    fail: Option<Duration>,
}

impl BuildAge {
    /// Counts from this date; `None` when it is not known.
    pub fn since(date: impl Into<Option<&'static str>>) -> Self {
        Self {
            date: date.into(),
            warn: DAY * 90,
            fail: None,
        }
    }

    /// Warns when it is older than this; 90 days unless said otherwise.
    #[must_use]
    pub fn warn_after(mut self, age: Duration) -> Self {
        self.warn = age;
        self
    }

    /// Fails when it is older than this; never unless said otherwise.
    #[must_use]
    pub fn fail_after(mut self, age: Duration) -> Self {
        self.fail = Some(age);
        self
    }

    fn look(&self, now: SystemTime) -> Outcome {
        let Some(date) = self.date else {
            return Outcome::skip("no date was given when the program was compiled");
        };
        let Some(built) = parsed(date) else {
            return Outcome::fail(format!(
                "`{date}` is no date: give `2026-11-22`, or seconds since 1970"
            ));
        };
        note(format!("built {date}"));
        match now.duration_since(built) {
            Ok(age) => {
                observe("age", age.as_secs_f64(), Unit::Seconds);
                self.judge(age)
            }
            Err(_) => Outcome::warn(format!(
                "it was built on {date}, which is yet to come: a clock is wrong"
            )),
        }
    }

    fn judge(&self, age: Duration) -> Outcome {
        let days = age.as_secs() / DAY.as_secs();
        let text = format!("the program is {days} days old");
        if self.fail.is_some_and(|limit| age > limit) {
            Outcome::fail(text)
        } else if age > self.warn {
            Outcome::warn(text)
        } else {
            Outcome::Pass
        }
    }
}

impl IntoCheck for BuildAge {
    #[track_caller]
    fn into_check(self) -> Check {
        let options = informational(Duration::from_hours(1));
        Check::health_check("build_age", options, move |_| self.look(SystemTime::now()))
            .with_doc("The program was built not too long ago.")
    }
}

fn parsed(date: &str) -> Option<SystemTime> {
    let date = date.trim();
    let seconds = match date.parse() {
        Ok(seconds) => seconds,
        Err(_) => days_since_1970(date)?.checked_mul(DAY.as_secs())?,
    };
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// Reads `2026-11-22`, alone or with a time after it.
fn days_since_1970(date: &str) -> Option<u64> {
    let (date, rest) = date.split_at_checked(10)?;
    if !rest.is_empty() && !rest.starts_with(['T', 't', ' ']) {
        return None;
    }
    let part = |at: std::ops::Range<usize>| {
        let digits = date.get(at)?;
        let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse::<u64>().ok()).flatten()
    };
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    let has_hyphens = date.get(4..5) == Some("-") && date.get(7..8) == Some("-");
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let february = if is_leap(year) { 29 } else { 28 };
    let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let month = usize::try_from(month.checked_sub(1)?).ok()?;
    let is_day = (1..=*months.get(month)?).contains(&day);
    if !has_hyphens || !(1970..=9999).contains(&year) || !is_day {
        return None;
    }
    let years = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 });
    Some(years.sum::<u64>() + months[..month].iter().sum::<u64>() + day - 1)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use mad_core::{Outcome, OutcomeKind};

    use super::{BuildAge, DAY, days_since_1970, parsed};

    #[test]
    fn dates_are_counted_as_the_calendar_does() {
        for (date, days) in [
            ("1970-01-01", 0),
            ("2000-02-29", 11_016),
            ("2000-03-01", 11_017),
            ("2026-11-22T10:30:00+02:00", 20_779),
            ("2100-03-01", 47_541),
        ] {
            assert_eq!(days_since_1970(date), Some(days), "{date}");
        }
        let seconds = Duration::from_secs(1_700_000_000);
        assert_eq!(parsed(" 1700000000\n"), Some(UNIX_EPOCH + seconds));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for date in [
            "",
            "today",
            "2026-13-01",
            "2026-00-01",
            "2026-02-29",
            "2026-11-31",
            "2026-1-001",
            "2026-11-2",
            "22.11.2026",
            "1969-12-31",
            "+026-11-22",
            "2026-11-22x",
            "2026-11-2ü",
            "-5",
            "99999999999999999999999",
        ] {
            assert_eq!(parsed(date), None, "{date}");
        }
    }

    #[track_caller]
    fn check(age: &BuildAge, days: u32, expected: OutcomeKind) {
        let built = parsed("2026-01-01").unwrap();
        assert_eq!(age.look(built + DAY * days).kind(), expected, "{days}");
    }

    #[test]
    fn it_is_judged_by_its_days() {
        let age = BuildAge::since("2026-01-01").fail_after(DAY * 100);
        check(&age, 90, OutcomeKind::Pass);
        check(&age, 91, OutcomeKind::Warn);
        check(&age, 101, OutcomeKind::Fail);
        let never = BuildAge::since("2026-01-01").warn_after(DAY);
        check(&never, 5_000, OutcomeKind::Warn);
    }

    #[test]
    fn what_is_not_known_is_not_green() {
        let now = parsed("2026-01-01").unwrap();
        let kind = |date: Option<&'static str>| BuildAge::since(date).look(now).kind();
        assert_eq!(kind(None), OutcomeKind::Skip);
        assert_eq!(kind(Some("soon")), OutcomeKind::Fail);
        let future = BuildAge::since("2026-01-02").look(now);
        assert!(matches!(future, Outcome::Warn(text) if text.contains("yet to come")));
    }
}
