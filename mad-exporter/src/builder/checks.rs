//! What checks run, and with what.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mad_core::{Effects, EngineBuilder, IntoCheck, Registry, Transition};

use super::ExporterBuilder;

/// What checks run, and with what.
impl ExporterBuilder {
    /// Takes these checks instead of [`Registry::linked`].
    pub fn registry(self, registry: Registry) -> Self {
        self.with_engine(|engine| engine.registry(registry))
    }

    /// Adds a check to those of the registry, whichever that is.
    ///
    /// What is wrong with it, such as a name that another one has, is told by [`start`](Self::start).
    #[track_caller]
    pub fn check(mut self, check: impl IntoCheck) -> Self {
        // Not in a closure, where the caller is lost.
        self.engine = self.engine.check(check);
        self
    }

    /// Refuses to start when one of these checks is missing.
    pub fn expect<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Self {
        self.with_engine(|engine| engine.expect(names))
    }

    /// Supplies a value that checks borrow as `&T`.
    pub fn provide<T: Send + Sync + 'static>(self, value: T) -> Self {
        self.with_engine(|engine| engine.provide(value))
    }

    /// Supplies a value that the application keeps sharing; checks borrow it as `&T`.
    pub fn provide_shared<T: Send + Sync + 'static>(self, value: Arc<T>) -> Self {
        self.with_engine(|engine| engine.provide_shared(value))
    }

    /// Calls a function at every change of a check's health; see [`EngineBuilder::listener`].
    pub fn listener(self, listener: impl Fn(&Transition) + Send + 'static) -> Self {
        self.with_engine(|engine| engine.listener(listener))
    }

    /// Allows self-tests up to this class; [`Effects::Read`] unless said otherwise.
    ///
    /// A trigger can ask for less, never for more.
    pub fn allow_effects(self, effects: Effects) -> Self {
        self.with_engine(|engine| engine.allow_effects(effects))
    }

    /// Sets how many checks run at once: 16 unless said otherwise, and at least 1.
    pub fn max_runs_at_once(self, runs: usize) -> Self {
        self.with_engine(|engine| engine.max_runs_at_once(runs))
    }

    /// Sets for how long the application's tokio runtime may run nothing before liveness fails; see
    /// [`EngineBuilder::runtime_lag_limit`].
    pub fn runtime_lag_limit(self, limit: Duration) -> Self {
        self.with_engine(|engine| engine.runtime_lag_limit(limit))
    }

    /// Leaves the liveness check `runtime` out; see [`EngineBuilder::without_runtime_check`].
    pub fn without_runtime_check(self) -> Self {
        self.with_engine(EngineBuilder::without_runtime_check)
    }

    /// Keeps in this file what is in maintenance, so that it outlasts a restart; see
    /// [`EngineBuilder::maintenance_file`].
    pub fn maintenance_file(self, path: impl Into<PathBuf>) -> Self {
        self.with_engine(|engine| engine.maintenance_file(path))
    }

    /// Takes secrets out of what checks say, before it is remembered, shown or told; see [`EngineBuilder::scrub`].
    pub fn scrub(self, scrub: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        self.with_engine(|engine| engine.scrub(scrub))
    }

    fn with_engine(mut self, change: impl FnOnce(EngineBuilder) -> EngineBuilder) -> Self {
        self.engine = change(self.engine);
        self
    }
}
