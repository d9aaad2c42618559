//! Runs the checks of a program and knows their state.

mod board;
mod builder;
mod changes;
mod control;
mod cool_down;
mod crew;
mod drive;
mod end;
mod listeners;
mod pool;
mod schedule;
mod standing;
mod start_error;
mod timers;

use std::fmt;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::{Duration, SystemTime};

use parking_lot::Mutex;

use crate::check::{Check, Kind};
use crate::clock::{self, Moment};
use crate::descriptor::Effects;
use crate::heartbeat::Heartbeat;
use crate::lifecycle::Lifecycle;
use crate::maintenance::{Maintenance, MaintenanceError, MaintenanceList};
use crate::runtime::Runtime;
use crate::self_test::{RunFollower, RunId, SelfTestRun, SelfTestRuns, Trigger, TriggerError};
use crate::snapshot::{RuntimeSnapshot, Snapshot};
use crate::supply::Supply;
use board::Board;
use control::Message;
use end::End;

pub use builder::EngineBuilder;
pub use changes::Changes;
pub use standing::Standing;
pub use start_error::StartError;

/// Runs the checks of a program and knows their state.
///
/// It has threads of its own and shares none with the application. A clone is another handle to the
/// same engine; dropping every handle does not stop it, [`shutdown`](Engine::shutdown) does.
///
/// Most programs start one through `mad_exporter::Exporter`. On its own it is the whole of MAD
/// without HTTP:
///
/// ```
/// use mad_core::{Check, Engine, HealthOptions, Lifecycle, Registry};
///
/// let mut registry = Registry::new();
/// registry.add(Check::health_check("disk", HealthOptions::DEFAULT, |_| true))?;
/// let engine = Engine::builder().registry(registry).start()?;
/// assert_eq!(engine.lifecycle(), Lifecycle::Serving);
///
/// engine.drain();
/// assert_eq!(engine.snapshot().lifecycle, Lifecycle::Draining);
/// engine.shutdown(std::time::Duration::ZERO);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    board: Arc<Board>,
    runs: Arc<SelfTestRuns>,
    outbox: Sender<Message>,
    heartbeat: Arc<Heartbeat>,
    end: Arc<End>,
    registration: Mutex<()>,
    /// Kept so that the application's values are dropped with the last handle, on a thread of the
    /// application's, and not on the control thread.
    supply: Arc<Supply>,
}

impl Engine {
    /// Returns a builder, which starts it.
    pub fn builder() -> EngineBuilder {
        EngineBuilder::default()
    }

    /// Adds a check while the engine runs, such as one for each tenant; it begins at once.
    ///
    /// ```
    /// use mad_core::{Check, Engine, HealthOptions, Registry};
    ///
    /// let mut registry = Registry::new();
    /// registry.add(Check::health_check("disk", HealthOptions::DEFAULT, |_| true))?;
    /// let engine = Engine::builder().registry(registry).start()?;
    ///
    /// engine.add(Check::health_check("tenant/42", HealthOptions::DEFAULT, |_| true))?;
    /// assert_eq!(engine.snapshot().health_checks.len(), 2);
    /// assert!(engine.remove("tenant/42"));
    /// assert_eq!(engine.snapshot().health_checks.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What [`start`](EngineBuilder::start) refuses of a single check, a name that is taken, and an
    /// engine that has stopped.
    pub fn add(&self, check: Check) -> Result<(), StartError> {
        let Inner {
            board,
            runs,
            supply,
            ..
        } = &*self.inner;
        let find = |name: &str| board.check(board.position(name)?);
        let check = Arc::new(check);
        // One at a time: two of them could come after each other, and see nothing of it.
        let _registration = self.inner.registration.lock();
        builder::admit(&check, supply, runs, &find)?;
        if self.lifecycle() == Lifecycle::Stopped {
            return Err(StartError::stopped(&check));
        }
        let added = board.add(Arc::clone(&check), clock::now());
        let index = added.ok_or_else(|| StartError::taken(&check))?;
        self.tell(Message::Added { index });
        Ok(())
    }

    /// Takes a check out while the engine runs: nobody sees it any more, and it is not started again.
    ///
    /// A run that goes on ends by itself, and its report is let go. A check that comes
    /// [`after`](Check::after) it does not wait for it any more. Returns whether there was such a
    /// check.
    pub fn remove(&self, name: &str) -> bool {
        let removed = self.inner.board.remove(name);
        if let Some(index) = removed {
            self.tell(Message::Removed { index });
        }
        removed.is_some()
    }

    /// Returns what is known at this moment. Nothing runs for it.
    pub fn snapshot(&self) -> Snapshot {
        let now = Moment::now();
        let runtimes = self.inner.heartbeat.snapshot(now.instant);
        self.inner.board.snapshot(now.instant, now.time, runtimes)
    }

    /// Returns what is known of the tokio runtimes that are watched: the part of a [`snapshot`](Self::snapshot) that
    /// changes all the time, while [`standing`](Self::standing) tells whether the others do.
    ///
    /// ```
    /// use mad_core::{Check, Engine, HealthOptions, Registry};
    ///
    /// let mut registry = Registry::new();
    /// registry.add(Check::health_check("disk", HealthOptions::DEFAULT, |_| true))?;
    /// let engine = Engine::builder().registry(registry).start()?;
    /// for runtime in engine.runtimes() {
    ///     println!("{}: {:?}", runtime.name, runtime.lag);
    /// }
    /// # engine.shutdown(std::time::Duration::ZERO);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn runtimes(&self) -> Vec<RuntimeSnapshot> {
        self.inner.heartbeat.snapshot(clock::now())
    }

    /// Returns what tells when [`snapshot`](Self::snapshot) is worth another look: for whoever passes the
    /// state on as it changes, and does not want to ask all the time.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
    /// use mad_core::{Check, Engine, HealthOptions, Lifecycle, Registry};
    ///
    /// let mut registry = Registry::new();
    /// registry.add(Check::health_check("disk", HealthOptions::DEFAULT, |_| true))?;
    /// let engine = Engine::builder().registry(registry).without_runtime_check().start()?;
    ///
    /// // First this, then the snapshot: so that nothing is missed in between.
    /// let mut changes = engine.changes();
    /// engine.drain();
    /// while engine.snapshot().lifecycle != Lifecycle::Draining {
    ///     changes.changed().await;
    /// }
    /// # engine.shutdown(std::time::Duration::ZERO);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn changes(&self) -> Changes {
        Changes::new(Arc::clone(&self.inner.board), Arc::clone(&self.inner.runs))
    }

    /// Returns what tells whether a [`snapshot`](Self::snapshot) that is taken from now on still says how the checks
    /// are: for whoever keeps what was made of one.
    ///
    /// ```
    /// use mad_core::{Check, Engine, HealthOptions, Probe, Registry};
    ///
    /// let mut registry = Registry::new();
    /// registry.add(Check::health_check("disk", HealthOptions::DEFAULT, |_| true))?;
    /// let engine = Engine::builder().registry(registry).without_runtime_check().start()?;
    ///
    /// // First this, then the snapshot: so that nothing is missed in between.
    /// let standing = engine.standing();
    /// let is_ready = engine.snapshot().answers(Probe::Readiness);
    /// engine.drain();
    /// assert!(!standing.holds(), "{is_ready} may be wrong by now");
    /// # engine.shutdown(std::time::Duration::ZERO);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn standing(&self) -> Standing {
        Standing::of(Arc::clone(&self.inner.board), clock::now())
    }

    /// Returns where the instance stands.
    pub fn lifecycle(&self) -> Lifecycle {
        self.inner.board.lifecycle()
    }

    /// Says that the instance is about to leave: readiness fails from now on, liveness does not.
    ///
    /// It stays so until [`resume`](Engine::resume). Checks go on running; self-tests are refused.
    pub fn drain(&self) {
        let before = [Lifecycle::Starting, Lifecycle::Serving];
        self.inner.board.advance(&before, Lifecycle::Draining);
    }

    /// Takes [`drain`](Engine::drain) back.
    ///
    /// Readiness is again what the checks say, not what it was before.
    pub fn resume(&self) {
        self.inner.board.resume(clock::now());
    }

    /// Takes a check out of the verdicts for a while, or all of them (`None`), for a reason.
    ///
    /// It runs as ever and shows its true state, but gates no probe and keeps no instance from coming up.
    /// That ends by itself when the time is over, which is seven days at most. A maintenance that there
    /// was is replaced. With [`maintenance_file`](EngineBuilder::maintenance_file) this writes to a disk.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use mad_core::{Check, Engine, HealthOptions, Registry};
    ///
    /// let mut registry = Registry::new();
    /// registry.add(Check::health_check("disk", HealthOptions::DEFAULT, |_| false))?;
    /// let engine = Engine::builder().registry(registry).start()?;
    ///
    /// engine.start_maintenance(Some("disk"), "it is being replaced", Duration::from_mins(30))?;
    /// assert!(engine.snapshot().health_checks[0].maintenance.is_some());
    /// assert!(engine.end_maintenance(Some("disk"))?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If no check has this name, the reason is empty or too long, the time is none or too long, too many
    /// checks are in maintenance, or its file cannot be written. Nothing changes then.
    pub fn start_maintenance(
        &self,
        check: Option<&str>,
        reason: &str,
        time: Duration,
    ) -> Result<Maintenance, MaintenanceError> {
        let board = &self.inner.board;
        if let Some(name) = check.filter(|name| board.position(name).is_none()) {
            let name = name.to_owned();
            return Err(MaintenanceError::UnknownCheck { name });
        }
        board.start_maintenance(check, reason, time, Moment::now())
    }

    /// Ends the maintenance of a check before its time, or that of all (`None`); returns whether there was
    /// one. That of all leaves those of single checks as they are.
    ///
    /// # Errors
    ///
    /// If its file cannot be written. Nothing changes then.
    pub fn end_maintenance(&self, check: Option<&str>) -> Result<bool, MaintenanceError> {
        self.inner.board.end_maintenance(check, clock::now())
    }

    /// Returns everything that is in maintenance.
    pub fn maintenance(&self) -> MaintenanceList {
        self.inner.board.all_maintenance(clock::now())
    }

    /// Returns the most harmful class of self-tests that any trigger may ask for.
    pub fn allowed_effects(&self) -> Effects {
        self.inner.runs.allowed()
    }

    /// Says why a self-test would not run if it were asked for by its name; `None` if it would.
    ///
    /// This is the standing policy; what happens to be in the way at the moment is not in it.
    pub fn why_left_out(&self, check: &Check) -> Option<String> {
        self.inner.runs.why_left_out(check)
    }

    /// Starts a run of self-tests and returns at once.
    ///
    /// # Errors
    ///
    /// If a run is in progress, the instance is draining, a word fits nothing, a test was asked for
    /// by name whose effects are not allowed, or no selected test can run. Nothing runs then.
    pub fn trigger(&self, trigger: Trigger) -> Result<RunId, TriggerError> {
        let lifecycle = self.lifecycle();
        if matches!(lifecycle, Lifecycle::Draining | Lifecycle::Stopped) {
            return Err(TriggerError::NotServing { lifecycle });
        }
        let self_tests = self.inner.board.checks(Kind::SelfTest);
        let id = self.inner.runs.begin(trigger, &self_tests, Moment::now())?;
        self.tell(Message::Triggered);
        Ok(id)
    }

    /// Returns the remembered runs of self-tests, the newest last.
    pub fn self_test_runs(&self) -> Vec<SelfTestRun> {
        self.inner.runs.all()
    }

    /// Returns one run of self-tests, as far as it has come.
    pub fn self_test_run(&self, id: &RunId) -> Option<SelfTestRun> {
        self.inner.runs.get(id)
    }

    /// Waits until a run of self-tests is over; `None` if it is not known (any more).
    ///
    /// It can be awaited on any runtime. Dropping the future cancels nothing.
    pub async fn self_test_finished(&self, id: &RunId) -> Option<SelfTestRun> {
        let mut changes = self.inner.runs.changes();
        loop {
            changes.mark_unchanged();
            let run = self.self_test_run(id)?;
            if run.is_finished() || changes.changed().await.is_err() {
                return Some(run);
            }
        }
    }

    /// Follows a run of self-tests: what happened in it, and then what happens, as it happens; `None` if it is
    /// not known (any more).
    ///
    /// `after` is the [position](crate::RunEvent::position) of the last event that is known already, or 0. A run that
    /// is over can be followed as well, for as long as it is remembered. About 256 KiB of events are kept of a
    /// run; what is older is [missed](crate::RunEventKind::Missed).
    ///
    /// ```
    /// use mad_core::{Check, Effects, Engine, Registry, RunEventKind, Selection, SelfTestOptions, Trigger};
    ///
    /// let mut registry = Registry::new();
    /// registry.add(Check::self_test("adds_up", SelfTestOptions::DEFAULT, |_| {
    ///     mad_core::step_sync("add", || 1 + 1 == 2)
    /// }))?;
    /// let engine = Engine::builder().registry(registry).start()?;
    /// let id = engine.trigger(Trigger {
    ///     selection: Selection::all(),
    ///     effects: Effects::Read,
    ///     requested_by: "example".to_owned(),
    ///     deadline: None,
    /// })?;
    ///
    /// let mut follower = engine.follow(&id, 0).ok_or("it is remembered")?;
    /// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    /// runtime.block_on(async {
    ///     while let Some(event) = follower.next().await {
    ///         if let RunEventKind::StepBegan { name, .. } = event.kind {
    ///             assert_eq!(name, "add");
    ///         }
    ///     }
    /// });
    /// assert!(follower.is_at_end());
    /// # engine.shutdown(std::time::Duration::ZERO);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn follow(&self, id: &RunId, after: u64) -> Option<RunFollower> {
        self.inner.runs.follow(id, after)
    }

    /// Cancels a run of self-tests: what has not begun is left out, and what runs is ended.
    ///
    /// An `async` test is dropped where it waits, and one in a process of its own is killed. A plain
    /// function cannot be ended, nor can what is to be abandoned at its deadline: it has failed now,
    /// and is stuck until it ends by itself. Returns whether such a run was in progress.
    pub fn cancel(&self, id: &RunId) -> bool {
        let is_cancelled = self.inner.runs.cancel(id, SystemTime::now());
        self.tell(Message::Cancelled);
        is_cancelled
    }

    /// Measures the lag of the tokio runtime that the caller runs in, under this name; returns whether
    /// there is one.
    ///
    /// The one that the engine was started in is measured as `application` without being asked, and it
    /// alone can make the liveness check `runtime` Down. Call this for what else turns in the program:
    /// its lag is in [`Snapshot::runtimes`]. Of two with one name, the later one is measured.
    pub fn watch_runtime(&self, name: &'static str) -> bool {
        let Some(runtime) = Runtime::find() else {
            return false;
        };
        self.inner
            .heartbeat
            .watch(name, runtime.handle(), clock::now());
        true
    }

    /// Stops: starts nothing more, waits at most `grace` for what runs, and ends the control thread.
    ///
    /// Every probe fails from now on. A run that is stuck is not waited for. Called again, it waits for
    /// the same end, and the shorter grace counts. It blocks the calling
    /// thread; an async program calls it when it has nothing else to do.
    pub fn shutdown(&self, grace: Duration) {
        let before = [Lifecycle::Starting, Lifecycle::Serving, Lifecycle::Draining];
        self.inner.board.advance(&before, Lifecycle::Stopped);
        self.tell(Message::Stop { grace });
        self.inner.end.wait();
    }

    fn tell(&self, message: Message) {
        // Gone after a shutdown; there is nobody left to act on it.
        _ = self.inner.outbox.send(message);
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("lifecycle", &self.lifecycle())
            .field("checks", &self.inner.board.len())
            .finish_non_exhaustive()
    }
}
