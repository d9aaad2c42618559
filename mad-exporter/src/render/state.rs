//! How a check or an instance is, and what every dialect calls that: the one table of words and statuses.

use mad_core::Health;

/// How a check or an instance is, from good to bad; of several, the worst wins.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum State {
    /// It works.
    Up,
    /// It works, with a reservation.
    Degraded,
    /// Nobody knows.
    Unknown,
    /// The instance starts, or is about to leave.
    Away,
    /// It does not work.
    Down,
}

/// What the dialects call a state, and the status that goes with it.
///
/// The words are those of the peers. So are the statuses, but for one: Spring answers 200 for its `UNKNOWN`,
/// and nobody is sent requests here of whom nothing is known.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) plain: &'static str,
    pub(crate) health_json: &'static str,
    pub(crate) spring: &'static str,
    pub(crate) microprofile: &'static str,
    pub(crate) aspnet: &'static str,
    pub(crate) nagios: &'static str,
    pub(crate) status: u16,
    /// To Consul, 429 is a warning, and whatever else is not 2xx is critical.
    pub(crate) consul_status: u16,
}

#[rustfmt::skip]
const TABLE: [Words; 5] = [
    words(["up",       "pass", "UP",             "UP",   "Healthy",   "OK"],       [200, 200]),
    words(["degraded", "warn", "UP",             "UP",   "Degraded",  "WARNING"],  [200, 429]),
    words(["unknown",  "fail", "UNKNOWN",        "DOWN", "Unhealthy", "UNKNOWN"],  [503, 503]),
    words(["away",     "fail", "OUT_OF_SERVICE", "DOWN", "Unhealthy", "CRITICAL"], [503, 503]),
    words(["down",     "fail", "DOWN",           "DOWN", "Unhealthy", "CRITICAL"], [503, 503]),
];

const fn words(
    [plain, health_json, spring, microprofile, aspnet, nagios]: [&'static str; 6],
    [status, consul_status]: [u16; 2],
) -> Words {
    Words {
        plain,
        health_json,
        spring,
        microprofile,
        aspnet,
        nagios,
        status,
        consul_status,
    }
}

impl State {
    /// Returns what the dialects call it.
    pub(crate) fn words(self) -> &'static Words {
        &TABLE[self as usize]
    }

    /// Says whether an instance in this state may be sent requests.
    pub(crate) fn is_serving(self) -> bool {
        self <= Self::Degraded
    }
}

impl From<Health> for State {
    fn from(health: Health) -> Self {
        match health {
            Health::Up => Self::Up,
            Health::Degraded => Self::Degraded,
            Health::Unknown => Self::Unknown,
            Health::Down => Self::Down,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_serves_is_what_load_balancers_take_for_good() {
        for health in Health::ALL {
            let state = State::from(health);
            assert_eq!(state.is_serving(), health.is_serving(), "{health}");
            assert_eq!(state.words().status == 200, health.is_serving(), "{health}");
            assert_eq!(state.words().plain, health.as_str());
        }
        assert!(!State::Away.is_serving());
    }
}
