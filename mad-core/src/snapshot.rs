//! What is known at one moment, as plain data.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::check::Check;
use crate::descriptor::Probes;
use crate::health::Health;
use crate::lifecycle::Lifecycle;
use crate::maintenance::Maintenance;
use crate::record::Record;

/// What is known at one moment: everything that a probe, a page or a scrape shows.
///
/// It is owned data without locks or lifetimes, so that whatever renders it can be tested with one
/// written by hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// Where the instance stands.
    pub lifecycle: Lifecycle,
    /// Whether it has ever served: every startup check has passed, at one time or another.
    pub has_come_up: bool,
    /// When it was taken.
    pub taken_at: SystemTime,
    /// The health checks, by name.
    pub health_checks: Vec<HealthSnapshot>,
    /// The self-tests, by name.
    pub self_tests: Vec<SelfTestSnapshot>,
    /// The tokio runtimes that are watched, in the order in which that began.
    pub runtimes: Vec<RuntimeSnapshot>,
}

impl Snapshot {
    /// Returns the health checks that gate this probe.
    pub fn gating(&self, probe: Probe) -> impl Iterator<Item = &HealthSnapshot> {
        self.health_checks
            .iter()
            .filter(move |snapshot| snapshot.gates(probe))
    }

    /// Returns the folded state of all health checks that gate some probe.
    ///
    /// With nothing registered at all it is Unknown: an instance that lost its checks is not "ok". What is
    /// in maintenance does not count, and with any of it the state is no better than Degraded.
    pub fn health(&self) -> Health {
        if self.health_checks.is_empty() && self.self_tests.is_empty() {
            return Health::Unknown;
        }
        let counted = |snapshot: &HealthSnapshot| match snapshot.maintenance {
            Some(_) => Health::Degraded,
            None => snapshot.health,
        };
        let gating = self.gating(Probe::Any);
        gating.map(counted).max().unwrap_or(Health::Up)
    }

    /// Answers a probe.
    ///
    /// Draining fails readiness and leaves liveness alone. Startup passes once the startup checks
    /// have passed, and for good. An Unknown check passes no probe, except that liveness gives a
    /// new check its time: nobody is restarted for having just started. What is in maintenance gates
    /// nothing.
    pub fn answers(&self, probe: Probe) -> bool {
        self.answers_without(probe, |_| false)
    }

    /// Answers a probe as if some of the checks that gate it did not.
    pub fn answers_without(
        &self,
        probe: Probe,
        is_excluded: impl Fn(&HealthSnapshot) -> bool,
    ) -> bool {
        let is_registered = !(self.health_checks.is_empty() && self.self_tests.is_empty());
        let mut gating = self.gating(probe);
        is_registered
            && self.lifecycle_answers(probe)
            && (probe == Probe::Startup
                || gating.all(|check| {
                    is_excluded(check) || check.maintenance.is_some() || check.answers(probe)
                }))
    }

    /// Says whether the lifecycle alone lets this probe pass.
    pub fn lifecycle_answers(&self, probe: Probe) -> bool {
        match probe {
            Probe::Liveness => self.lifecycle != Lifecycle::Stopped,
            Probe::Startup => self.has_come_up && self.lifecycle != Lifecycle::Stopped,
            Probe::Readiness | Probe::Any => self.lifecycle == Lifecycle::Serving,
        }
    }
}

/// What is known of one health check.
#[derive(Clone, Debug, PartialEq)]
pub struct HealthSnapshot {
    /// The check.
    pub check: Arc<Check>,
    /// Its folded state.
    pub health: Health,
    /// How old its last result is, by the monotonic clock; `None` if it never ended a run.
    pub age: Option<Duration>,
    /// Whether its first result is not overdue yet: it has none, and its maximum age has not passed
    /// since its first run was due.
    pub is_new: bool,
    /// When the run that is over its deadline and has not ended started.
    pub stuck_since: Option<SystemTime>,
    /// The maintenance that it is in. Its state is true all the same.
    pub maintenance: Option<Maintenance>,
    /// What is remembered of its runs.
    pub record: Arc<Record>,
}

impl HealthSnapshot {
    /// Says whether this check gates the probe.
    pub fn gates(&self, probe: Probe) -> bool {
        let options = self.check.health_options();
        options.is_some_and(|options| probe.is_gated_by(options.probes))
    }

    /// Says whether this check lets the probe pass by its state alone.
    pub fn answers(&self, probe: Probe) -> bool {
        let may_wait = probe == Probe::Liveness && self.health == Health::Unknown;
        self.health.is_serving() || (may_wait && self.is_new)
    }
}

/// What is known of one self-test.
#[derive(Clone, Debug, PartialEq)]
pub struct SelfTestSnapshot {
    /// The check.
    pub check: Arc<Check>,
    /// When the run that is over its deadline and has not ended started.
    pub stuck_since: Option<SystemTime>,
    /// The maintenance that it is in. It runs when it is asked for all the same.
    pub maintenance: Option<Maintenance>,
    /// What is remembered of its runs.
    pub record: Arc<Record>,
}

/// What is known of one tokio runtime.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RuntimeSnapshot {
    /// `application` is the one that the engine was started in, `checks` the one that MAD brings
    /// where there is none, `mad` the one of the exporter's server; others are named by
    /// [`Engine::watch_runtime`](crate::Engine::watch_runtime).
    pub name: &'static str,
    /// How long a small task waits there until it is run. It is asked for once a second; while
    /// the runtime is stalled, it grows.
    pub lag: Duration,
    /// How many threads run its tasks.
    pub workers: usize,
    /// How many tasks it has that have not ended.
    pub alive_tasks: usize,
    /// How many tasks wait for any of its threads, in the queue that these share.
    pub queued_tasks: usize,
    /// How long all its threads together have been at work since it was made, where the machine can count it. Work
    /// that goes on is added when it ends.
    pub busy: Option<Duration>,
}

/// A question that an orchestrator asks.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Probe {
    /// Must this process be restarted? `/livez`.
    Liveness,
    /// May it be sent requests? `/readyz`.
    Readiness,
    /// Has it come up? `/startupz`.
    Startup,
    /// Everything that gates any of the three. `/healthz`.
    Any,
}

impl Probe {
    fn is_gated_by(self, probes: Probes) -> bool {
        match self {
            Self::Liveness => probes.liveness,
            Self::Readiness => probes.readiness,
            Self::Startup => probes.startup,
            Self::Any => probes != Probes::NONE,
        }
    }
}
