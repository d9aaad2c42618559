//! What a service manager has not been told yet.

use std::time::{Duration, Instant};

use mad_core::{Lifecycle, Probe, Snapshot};

use crate::render::status_line;

/// What there is to tell at one moment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Facts {
    has_come_up: bool,
    is_alive: bool,
    is_leaving: bool,
    status: String,
}

impl Facts {
    /// Takes them from a snapshot. That an instance drains does not mean that it leaves: an operator may
    /// take it back, and a manager that is told `STOPPING=1` soon ends the process.
    pub(super) fn new(snapshot: &Snapshot, is_leaving: bool) -> Self {
        Self {
            has_come_up: snapshot.has_come_up,
            is_alive: snapshot.answers(Probe::Liveness),
            is_leaving: is_leaving || snapshot.lifecycle == Lifecycle::Stopped,
            status: status_line::status_line(snapshot),
        }
    }
}

/// What the manager has been told.
#[derive(Debug, Default)]
pub(super) struct News {
    is_ready: bool,
    is_stopping: bool,
    status: String,
    alive_at: Option<Instant>,
}

impl News {
    /// Returns the datagram that says what is new; empty if nothing is.
    pub(super) fn datagram(
        &self,
        facts: &Facts,
        watchdog: Option<Duration>,
        now: Instant,
    ) -> String {
        let lines = [
            (facts.has_come_up && !self.is_ready).then(|| "READY=1".to_owned()),
            (facts.is_leaving && !self.is_stopping).then(|| "STOPPING=1".to_owned()),
            (facts.status != self.status).then(|| format!("STATUS={}", facts.status)),
            (facts.is_alive && self.is_ping_due(watchdog, now)).then(|| "WATCHDOG=1".to_owned()),
        ];
        let lines: Vec<_> = lines.into_iter().flatten().collect();
        lines.join("\n")
    }

    /// Takes down that the manager has got that datagram.
    pub(super) fn told(&mut self, facts: &Facts, watchdog: Option<Duration>, now: Instant) {
        if facts.is_alive && self.is_ping_due(watchdog, now) {
            self.alive_at = Some(now);
        }
        self.is_ready |= facts.has_come_up;
        self.is_stopping |= facts.is_leaving;
        self.status.clone_from(&facts.status);
    }

    fn is_ping_due(&self, watchdog: Option<Duration>, now: Instant) -> bool {
        let is_due = |period: Duration| {
            let last = self.alive_at;
            last.is_none_or(|last| now.saturating_duration_since(last) >= period / 2)
        };
        watchdog.is_some_and(is_due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WATCHDOG: Option<Duration> = Some(Duration::from_secs(10));

    fn serving() -> Facts {
        Facts {
            has_come_up: true,
            is_alive: true,
            is_leaving: false,
            status: "serving".to_owned(),
        }
    }

    fn tell(news: &mut News, facts: &Facts, now: Instant) -> String {
        let datagram = news.datagram(facts, WATCHDOG, now);
        news.told(facts, WATCHDOG, now);
        datagram
    }

    #[test]
    fn each_thing_is_told_once_and_the_watchdog_at_half_of_its_period() {
        let mut news = News::default();
        let start = Instant::now();
        let starting = Facts {
            has_come_up: false,
            status: "starting".to_owned(),
            ..serving()
        };
        let mut tell =
            |facts: &Facts, seconds| tell(&mut news, facts, start + Duration::from_secs(seconds));
        assert_eq!(tell(&starting, 0), "STATUS=starting\nWATCHDOG=1");
        assert_eq!(tell(&starting, 1), "");
        assert_eq!(tell(&serving(), 2), "READY=1\nSTATUS=serving");
        assert_eq!(tell(&serving(), 4), "");
        assert_eq!(tell(&serving(), 5), "WATCHDOG=1");
        let stalled = Facts {
            is_alive: false,
            ..serving()
        };
        assert_eq!(tell(&stalled, 10), "");
        assert_eq!(tell(&stalled, 100), "");
        assert_eq!(tell(&serving(), 101), "WATCHDOG=1");
        let leaving = Facts {
            is_leaving: true,
            ..serving()
        };
        assert_eq!(tell(&leaving, 102), "STOPPING=1");
        assert_eq!(tell(&leaving, 106), "WATCHDOG=1");
    }

    #[test]
    fn what_did_not_arrive_is_told_again() {
        let (news, now) = (News::default(), Instant::now());
        let datagram = news.datagram(&serving(), None, now);
        assert_eq!(datagram, "READY=1\nSTATUS=serving");
        assert_eq!(news.datagram(&serving(), None, now), datagram);
    }
}
