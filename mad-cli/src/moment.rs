//! Moments, as they are written in files and on the command line.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;

/// How long those units are that no time limit has.
const DAY: u64 = 24 * 60 * 60;
const LONG_UNITS: [(char, u64); 2] = [('d', DAY), ('w', 7 * DAY)];

/// A moment, to the second: commits and deployments are not known better.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Moment(i64);

impl Moment {
    pub(crate) fn now() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self(i64::try_from(since.unwrap_or_default().as_secs()).unwrap_or(i64::MAX))
    }

    /// So many seconds after the beginning of 1970.
    pub(crate) fn of_seconds(seconds: i64) -> Self {
        Self(seconds)
    }

    pub(crate) fn seconds(self) -> i64 {
        self.0
    }

    pub(crate) fn before(self, time: Duration) -> Self {
        Self(self.0.saturating_sub_unsigned(time.as_secs()))
    }
}

impl FromStr for Moment {
    type Err = InvalidMoment;

    /// Reads `2024-06-10T09:00:00Z`, with any offset, also as `git log --date=iso` and trackers write it (`2024-06-10 11:00:00
    /// +0200`, `2024-06-10 09:00:00 UTC`), or a day, which begins at midnight UTC.
    fn from_str(text: &str) -> Result<Self, InvalidMoment> {
        let with_offset = || match text.rsplit_once(' ') {
            Some((moment, "UTC" | "GMT")) => format!("{moment}Z"),
            Some((moment, offset)) if offset.starts_with(['+', '-']) => format!("{moment}{offset}"),
            _ => text.to_owned(),
        };
        let timestamp: Result<Timestamp, _> = text
            .parse()
            .or_else(|_| with_offset().parse())
            .or_else(|_| format!("{text}T00:00:00Z").parse());
        timestamp
            .map(|timestamp| Self(timestamp.as_second()))
            .map_err(|_| InvalidMoment(text.to_owned()))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Timestamp::from_second(self.0) {
            Ok(timestamp) => write!(formatter, "{timestamp}"),
            Err(_) => write!(formatter, "@{}", self.0),
        }
    }
}

/// A text that is no moment.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "{0:?} is no moment: write `2024-06-10T09:00:00Z`, with the offset of another zone as in `2024-06-10T11:00:00+02:00`, or `2024-06-10`"
)]
pub(crate) struct InvalidMoment(String);

/// Reads a moment, or how long ago it was: `90d`, `12w`.
pub(crate) fn moment_or_age(text: &str) -> Result<Moment, String> {
    for (unit, seconds) in LONG_UNITS {
        if let Some(Ok(number)) = text.strip_suffix(unit).map(str::parse::<u32>) {
            return Ok(Moment::now().before(Duration::from_secs(seconds * u64::from(number))));
        }
    }
    text.parse()
        .map_err(|error: InvalidMoment| format!("{error}, or an age as `90d` or `12w`"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_moment_has_an_offset_or_is_the_beginning_of_a_day() {
        assert_eq!("1970-01-01T00:00:01Z".parse(), Ok(Moment(1)));
        assert_eq!("1970-01-01T01:00:01+01:00".parse(), Ok(Moment(1)));
        assert_eq!("1970-01-02".parse(), Ok(Moment(86_400)));
        for same in ["1970-01-02 01:00:01 +0100", "1970-01-02 00:00:01 UTC"] {
            assert_eq!(same.parse(), Ok(Moment(86_401)), "{same}");
        }
        for wrong in ["", "yesterday", "2024-13-01", "2024-06-10T09:00:00", "17"] {
            assert!(wrong.parse::<Moment>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_age_is_counted_from_now() {
        let week = moment_or_age("1w").unwrap().seconds();
        assert!((Moment::now().seconds() - 7 * 86_400 - week).abs() < 60);
        assert!(moment_or_age("-1d").is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(seconds in -62_000_000_000_i64..250_000_000_000) {
            prop_assert_eq!(Moment(seconds).to_string().parse(), Ok(Moment(seconds)));
        }
    }
}
