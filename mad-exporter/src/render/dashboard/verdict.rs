//! What the page says first: may this instance be sent requests, and is anything wrong?

use mad_core::{Health, Lifecycle, Probe, Snapshot};

/// The head of the page.
#[derive(Debug)]
pub(super) struct Verdict {
    /// In a word or two.
    pub(super) word: &'static str,
    /// `up`, `degraded`, `unknown` or `down`: the colour.
    pub(super) state: &'static str,
    pub(super) lifecycle: Lifecycle,
    pub(super) probes: [Answer; 3],
}

/// What a probe is answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) name: &'static str,
    pub(super) path: &'static str,
    pub(super) passes: bool,
}

impl Verdict {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let (word, health) = verdict(snapshot);
        let answer = |name, path, probe| Answer {
            name,
            path,
            passes: snapshot.answers(probe),
        };
        Self {
            word,
            state: health.as_str(),
            lifecycle: snapshot.lifecycle,
            probes: [
                answer("Liveness", "livez", Probe::Liveness),
                answer("Readiness", "readyz", Probe::Readiness),
                answer("Startup", "startupz", Probe::Startup),
            ],
        }
    }
}

/// The first of these that is so.
fn verdict(snapshot: &Snapshot) -> (&'static str, Health) {
    if !snapshot.answers(Probe::Liveness) {
        return ("Not alive", Health::Down);
    }
    match snapshot.lifecycle {
        Lifecycle::Starting => ("Starting", Health::Unknown),
        Lifecycle::Draining => ("Draining", Health::Degraded),
        Lifecycle::Stopped => ("Stopped", Health::Down),
        Lifecycle::Serving if !snapshot.answers(Probe::Readiness) => ("Not ready", Health::Down),
        Lifecycle::Serving => match snapshot.health() {
            Health::Up => ("Ready", Health::Up),
            worse => ("Ready, with reservations", worse.min(Health::Degraded)),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{health_check, snapshot};
    use super::*;

    #[test]
    fn the_word_is_that_of_the_worst_that_is_so() {
        let check = |lifecycle, health, expected| {
            let snapshot = Snapshot {
                lifecycle,
                ..snapshot(vec![health_check("database", &[], health)])
            };
            assert_eq!(Verdict::of(&snapshot).word, expected);
        };
        check(Lifecycle::Serving, Health::Up, "Ready");
        check(
            Lifecycle::Serving,
            Health::Degraded,
            "Ready, with reservations",
        );
        check(Lifecycle::Serving, Health::Unknown, "Not ready");
        check(Lifecycle::Serving, Health::Down, "Not ready");
        check(Lifecycle::Starting, Health::Up, "Starting");
        check(Lifecycle::Draining, Health::Down, "Draining");
        check(Lifecycle::Stopped, Health::Up, "Not alive");
    }

    #[test]
    fn nothing_registered_is_not_ready() {
        assert_eq!(Verdict::of(&snapshot(Vec::new())).word, "Not alive");
    }
}
