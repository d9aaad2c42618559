//! What gRPC's clients call services, and how each is.

use mad_core::{Health, HealthSnapshot, Lifecycle, Probe, Snapshot};

/// The services that are probes: the whole of the instance, and each of the three questions.
const PROBES: [(&str, Probe); 4] = [
    ("", Probe::Readiness),
    ("liveness", Probe::Liveness),
    ("readiness", Probe::Readiness),
    ("startup", Probe::Startup),
];

/// How a service is, as a number on the wire.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(u8)]
pub(crate) enum ServingStatus {
    /// Nobody knows: it has not run, or not for too long.
    Unknown = 0,
    Serving = 1,
    NotServing = 2,
    /// There is no such service (yet); said to those alone who watch.
    ServiceUnknown = 3,
}

/// The services of an instance at one moment: its probes, and each health check by its name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Services<'a>(pub(crate) &'a Snapshot);

impl<'a> Services<'a> {
    /// Returns how a service is; `None` if there is no such.
    pub(crate) fn status(self, name: &str) -> Option<ServingStatus> {
        let probe = PROBES.iter().find(|(service, _)| *service == name);
        match probe {
            Some((_, probe)) => Some(self.of_probe(*probe)),
            None => self.check(name).map(|check| self.of_check(check)),
        }
    }

    /// Returns all of them.
    pub(crate) fn all(self) -> impl Iterator<Item = (&'a str, ServingStatus)> {
        let probes = PROBES.iter();
        let probes = probes.map(move |(name, probe)| (*name, self.of_probe(*probe)));
        let checks = self.0.health_checks.iter();
        let checks = checks.map(move |check| (check.check.name(), self.of_check(check)));
        let is_probe = |name| PROBES.iter().any(|(probe, _)| *probe == name);
        probes.chain(checks.filter(move |(name, _)| !is_probe(*name)))
    }

    fn of_probe(self, probe: Probe) -> ServingStatus {
        if self.0.answers(probe) {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        }
    }

    /// An instance that is about to leave serves nothing. What is in maintenance counts for nobody, as at
    /// `/readyz/NAME`.
    fn of_check(self, check: &HealthSnapshot) -> ServingStatus {
        if self.0.lifecycle > Lifecycle::Serving {
            ServingStatus::NotServing
        } else if check.maintenance.is_some() {
            ServingStatus::Serving
        } else {
            check.health.into()
        }
    }

    fn check(self, name: &str) -> Option<&'a HealthSnapshot> {
        let mut checks = self.0.health_checks.iter();
        checks.find(|check| check.check.name() == name)
    }
}

impl From<Health> for ServingStatus {
    fn from(health: Health) -> Self {
        match health {
            Health::Up | Health::Degraded => Self::Serving,
            Health::Unknown => Self::Unknown,
            Health::Down => Self::NotServing,
        }
    }
}
