//! Points in time on the page.

use std::time::SystemTime;

use crate::render::timestamp::{plain, rfc3339};

/// A point in time: for programs, which may turn it into an age, and for people without one.
#[derive(Debug)]
pub(super) struct Moment {
    /// As RFC 3339 has it.
    pub(super) exact: String,
    /// Date and time of day in UTC, to the second.
    pub(super) plain: String,
}

impl From<SystemTime> for Moment {
    fn from(at: SystemTime) -> Self {
        Self {
            exact: rfc3339(at),
            plain: plain(at),
        }
    }
}

/// Templates hand over what they refer to.
impl From<&SystemTime> for Moment {
    fn from(at: &SystemTime) -> Self {
        (*at).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_it_without_milliseconds() {
        let moment = Moment::from(SystemTime::UNIX_EPOCH);
        assert_eq!(moment.exact, "1970-01-01T00:00:00.000Z");
        assert_eq!(moment.plain, "1970-01-01 00:00:00 UTC");
    }
}
