//! What the tests of the engine share.

#![allow(dead_code, reason = "each of them uses a part of it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use mad_core::{
    Check, Effects, Engine, HealthOptions, HealthSnapshot, Probes, Registry, Selection, Trigger,
};

/// A check of readiness that runs often.
pub(crate) const READINESS: HealthOptions = HealthOptions {
    probes: Probes {
        readiness: true,
        ..Probes::NONE
    },
    every: Duration::from_millis(20),
    ..HealthOptions::DEFAULT
};

pub(crate) fn registry(checks: impl IntoIterator<Item = Check>) -> Registry {
    let mut registry = Registry::new();
    for check in checks {
        registry.add(check).unwrap();
    }
    registry
}

pub(crate) fn start(checks: impl IntoIterator<Item = Check>) -> Engine {
    let engine = Engine::builder().registry(registry(checks));
    engine.start().unwrap()
}

/// Returns what is known of a health check.
#[track_caller]
pub(crate) fn health(engine: &Engine, name: &str) -> HealthSnapshot {
    let checks = engine.snapshot().health_checks;
    let is_it = |snapshot: &HealthSnapshot| snapshot.check.name() == name;
    checks.into_iter().find(is_it).unwrap()
}

/// Waits until the claim holds, and fails when it does not within ten seconds.
#[track_caller]
pub(crate) fn eventually(claim: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < deadline, "not within ten seconds: {claim}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits until nothing is counted for as long as several turns take, and returns the count.
///
/// What was begun before the end may be counted after it.
#[track_caller]
pub(crate) fn at_rest<N: PartialEq>(claim: &str, count: impl Fn() -> N) -> N {
    eventually(claim, || {
        let before = count();
        std::thread::sleep(Duration::from_millis(100));
        count() == before
    });
    count()
}

pub(crate) fn all() -> Trigger {
    trigger([])
}

pub(crate) fn trigger<const N: usize>(words: [&str; N]) -> Trigger {
    Trigger {
        selection: Selection::parse(words).unwrap(),
        effects: Effects::Destructive,
        requested_by: "test".to_owned(),
        deadline: None,
    }
}

/// A switch that a check asks: on or off.
#[derive(Clone, Default)]
pub(crate) struct Switch(Arc<AtomicBool>);

impl Switch {
    pub(crate) fn on() -> Self {
        let switch = Self::default();
        switch.set(true);
        switch
    }

    pub(crate) fn set(&self, is_on: bool) {
        self.0.store(is_on, Ordering::SeqCst);
    }

    pub(crate) fn is_on(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Blocks the calling thread while the switch is on.
    pub(crate) fn hold(&self) {
        while self.is_on() {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
