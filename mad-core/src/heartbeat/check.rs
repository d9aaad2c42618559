//! The liveness check that MAD brings along: the application's runtime turns.

use std::sync::Arc;
use std::time::Duration;

use super::BEAT;
use super::pulse::Pulse;
use crate::check::Check;
use crate::descriptor::{HealthOptions, Probes};
use crate::outcome::Outcome;

/// Its name. No other check may have it, unless this one is left out.
pub(crate) const NAME: &str = "runtime";

const DOC: &str = "The application's tokio runtime runs what it is given.\n\
    \n\
    It is Down when no worker has run a small task for longer than the limit: each of them is \
    blocked, or computes without a pause. What blocks belongs into `spawn_blocking`.";

const OPTIONS: HealthOptions = HealthOptions {
    probes: Probes {
        liveness: true,
        ..Probes::NONE
    },
    every: Duration::from_secs(1),
    while_down: Some(BEAT),
    // A machine that is too busy to look is no reason for a restart.
    max_age: Some(Duration::from_mins(1)),
    ..HealthOptions::DEFAULT
};

/// Makes the check. It reads two numbers, and runs where it is asked.
pub(crate) fn check(pulse: Arc<Pulse>, limit: Duration) -> Check {
    let limit = limit.max(Duration::from_secs(1));
    Check::health_check(NAME, OPTIONS, move |_| judge(pulse.silence(), limit))
        .with_doc(DOC)
        .in_place()
}

fn judge(silence: Duration, limit: Duration) -> Outcome {
    if silence < limit {
        return Outcome::Pass;
    }
    Outcome::fail(format!(
        "the application's tokio runtime has run nothing for {silence:?}: every worker is blocked, \
         or computes without a pause; what blocks belongs into `spawn_blocking`"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_the_first_silence_that_is_too_long() {
        let limit = Duration::from_secs(10);
        assert_eq!(judge(BEAT * 9, limit), Outcome::Pass);
        let failure = judge(BEAT * 10, limit).to_string();
        assert!(failure.contains("nothing for 10s"), "{failure}");
    }
}
