//! Is the clock right?

use std::time::{Duration, SystemTime};

use mad_core::{Check, IntoCheck, Outcome, Unit, note, observe};
use thiserror::Error;

use crate::informational;
use crate::network::{Deadline, NetworkError, Resolver, Trust, Url};

/// Checks the clock against the one of a web server, which tells its time in the header `Date`.
///
/// That header has whole seconds. With the time that the answer took, this leaves a doubt of half a second and
/// half the way there and back; the check judges only what is beyond doubt. It warns beyond 2 seconds and
/// fails beyond 30, either way. The status of the answer does not matter. It is named `clock_skew`, and runs
/// every 5 minutes. It observes `skew` (seconds; more than 0 when the own clock is ahead) and `doubt` (seconds).
///
/// ```
/// use std::time::Duration;
/// use mad_checks::ClockSkew;
/// use mad_core::IntoCheck;
///
/// let check = ClockSkew::against("http://time.internal/").fail_beyond(Duration::from_mins(1));
/// assert_eq!(check.into_check().name(), "clock_skew");
/// ```
///
/// # What it cannot see
///
/// - Which of the two clocks is wrong.
/// - Less than about a second. For that, ask whatever keeps the clock: chrony, ntpd, timesyncd.
/// - An old answer of a cache that does not say so. One that does (`Age`) is refused.
#[derive(Clone, Debug)]
pub struct ClockSkew {
    url: String,
    warn: Duration,
    fail: Duration,
    trust: Trust,
}

#[derive(Debug, Error)]
enum ClockError {
    #[error(transparent)]
    Network(#[from] NetworkError),
    #[error("the answer of {0} has no `Date`")]
    NoDate(String),
    #[error("the `Date` of {peer} is no date: {date}")]
    BadDate { peer: String, date: String },
    #[error("the answer of {peer} comes from a cache, where it was {age} seconds")]
    Cached { peer: String, age: String },
}

impl ClockSkew {
    /// Compares with the server of this URL.
    pub fn against(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            warn: Duration::from_secs(2),
            fail: Duration::from_secs(30),
            trust: Trust::default(),
        }
    }

    /// Warns when the clocks differ by more than this; 2 s unless said otherwise.
    #[must_use]
    pub fn warn_beyond(mut self, skew: Duration) -> Self {
        self.warn = skew;
        self
    }

    /// Fails when the clocks differ by more than this; 30 s unless said otherwise.
    #[must_use]
    pub fn fail_beyond(mut self, skew: Duration) -> Self {
        self.fail = skew;
        self
    }

    /// Trusts these certificates (PEM) beside the roots of the system: those of a private authority.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn trust_pem(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.trust.add_pem(pem.as_ref());
        self
    }

    fn look(&self, resolver: &Resolver) -> Result<Outcome, ClockError> {
        let url = Url::parse(&self.url)?;
        let asked = SystemTime::now();
        let response = url.get(resolver, &self.trust, Deadline::of_run())?;
        let answered = SystemTime::now();
        let peer = response.peer;
        let Some(date) = response.date else {
            return Err(ClockError::NoDate(peer));
        };
        if let Some(age) = response.age.filter(|age| age != "0") {
            return Err(ClockError::Cached { peer, age });
        }
        let Ok(told) = httpdate::parse_http_date(&date) else {
            return Err(ClockError::BadDate { peer, date });
        };
        note(format!("{peer} says it is {date}"));
        let skew = Skew::between(asked, answered, told);
        observe("skew", skew.seconds, Unit::Seconds);
        observe("doubt", skew.doubt, Unit::Seconds);
        Ok(self.judge(&skew))
    }

    fn judge(&self, skew: &Skew) -> Outcome {
        let certain = skew.seconds.abs() - skew.doubt;
        let direction = if skew.seconds > 0.0 {
            "ahead of"
        } else {
            "behind"
        };
        let text = || {
            let Skew { seconds, doubt } = skew;
            let seconds = seconds.abs();
            format!("the clock is {seconds:.1} s {direction} the peer's, give or take {doubt:.1} s")
        };
        if certain > self.fail.as_secs_f64() {
            Outcome::fail(text())
        } else if certain > self.warn.as_secs_f64() {
            Outcome::warn(text())
        } else {
            Outcome::Pass
        }
    }
}

/// How far the own clock is ahead, and how far off that may be.
struct Skew {
    seconds: f64,
    doubt: f64,
}

impl Skew {
    /// The peer read its clock in between, and cut off the fraction: half a second on average.
    fn between(asked: SystemTime, answered: SystemTime, told: SystemTime) -> Self {
        let way = seconds_since(answered, asked).abs();
        Self {
            seconds: seconds_since(asked, told) + way / 2.0 - 0.5,
            doubt: way / 2.0 + 0.5,
        }
    }
}

fn seconds_since(later: SystemTime, earlier: SystemTime) -> f64 {
    match later.duration_since(earlier) {
        Ok(since) => since.as_secs_f64(),
        Err(error) => -error.duration().as_secs_f64(),
    }
}

impl IntoCheck for ClockSkew {
    #[track_caller]
    fn into_check(self) -> Check {
        let doc = format!("The clock agrees with the one of {}.", self.url);
        let resolver = Resolver::of_system();
        let options = informational(Duration::from_mins(5));
        Check::health_check("clock_skew", options, move |_| self.look(&resolver)).with_doc(doc)
    }
}
