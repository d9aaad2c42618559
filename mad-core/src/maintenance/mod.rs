//! Which checks an operator has in maintenance: for a while, for a reason.

mod file;

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use parking_lot::{Mutex, RwLock, RwLockReadGuard};

use crate::clock::Moment;
use crate::journal::tidy;

/// How long a maintenance may last. Whoever needs more says so again.
pub const MAX_MAINTENANCE: Duration = Duration::from_hours(7 * 24);

/// How many characters a reason may have.
const MAX_REASON: usize = 200;

/// How many checks may be in maintenance by their names.
const MAX_CHECKS: usize = 256;

/// Why a check is in maintenance, and until when.
///
/// It runs as ever and shows its true state, but gates no probe.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Maintenance {
    /// What the operator said.
    pub reason: String,
    /// When it ends by itself, if the clock does not jump.
    pub until: SystemTime,
}

/// Everything that is in maintenance.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct MaintenanceList {
    /// That of all checks, if there is one.
    pub all: Option<Maintenance>,
    /// Those of single checks, by name.
    pub checks: BTreeMap<String, Maintenance>,
    /// Why what was kept before the last start was ignored, if it was. Nothing was in maintenance then.
    pub warning: Option<String>,
}

/// Why a maintenance was refused. Nothing has changed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum MaintenanceError {
    /// No check has this name.
    UnknownCheck {
        /// The name.
        name: String,
    },
    /// The reason is empty, or has more than 200 characters.
    Reason,
    /// It would last no time, or longer than [`MAX_MAINTENANCE`].
    Time,
    /// 256 checks are in maintenance already.
    TooMany,
    /// It cannot be written to its file, so that a restart would end it.
    NotKept(Arc<io::Error>),
}

impl fmt::Display for MaintenanceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownCheck { name } => write!(f, "no check is called {:?}", tidy(name)),
            Self::Reason => write!(f, "say why, in {MAX_REASON} characters at most"),
            Self::Time => {
                f.write_str("a maintenance lasts seven days at most, and more than no time")
            }
            Self::TooMany => write!(
                f,
                "{MAX_CHECKS} checks are in maintenance, and there may be no more: take all of them"
            ),
            Self::NotKept(error) => {
                write!(f, "the file of maintenances cannot be written: {error}")
            }
        }
    }
}

impl Error for MaintenanceError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotKept(error) => error.source(),
            _ => None,
        }
    }
}

/// What is in maintenance: written by operators, read by whoever takes a snapshot.
#[derive(Debug, Default)]
pub(crate) struct Maintenances {
    /// The lock of readers is never held while a file is written.
    marks: RwLock<Marks>,
    /// Held while a change is made, and kept in the file.
    path: Mutex<Option<PathBuf>>,
    warning: Option<String>,
}

#[derive(Clone, Debug, Default)]
struct Marks {
    all: Option<Mark>,
    checks: BTreeMap<String, Mark>,
}

#[derive(Clone, Debug)]
struct Mark {
    maintenance: Maintenance,
    /// When it ends, by the clock that does not jump.
    ends: Instant,
}

impl Marks {
    fn set(&mut self, check: Option<&str>, mark: Mark) {
        match check {
            Some(name) => _ = self.checks.insert(name.to_owned(), mark),
            None => self.all = Some(mark),
        }
    }

    fn remove(&mut self, check: Option<&str>) -> bool {
        let removed = match check {
            Some(name) => self.checks.remove(name),
            None => self.all.take(),
        };
        removed.is_some()
    }

    fn without_what_is_over(&self, now: Instant) -> Self {
        let mut marks = self.clone();
        marks.all = marks.all.filter(|mark| mark.ends > now);
        marks.checks.retain(|_, mark| mark.ends > now);
        marks
    }
}

/// What is in maintenance at a moment.
pub(crate) struct View<'a> {
    marks: RwLockReadGuard<'a, Marks>,
    now: Instant,
}

impl View<'_> {
    /// Returns the maintenance that a check is in: its own, or that of all.
    pub(crate) fn of(&self, check: &str) -> Option<Maintenance> {
        let holds = |mark: &&Mark| mark.ends > self.now;
        let own = self.marks.checks.get(check).filter(holds);
        let mark = own.or_else(|| self.marks.all.as_ref().filter(holds));
        mark.map(|mark| mark.maintenance.clone())
    }
}

impl Maintenances {
    /// Takes up what the file holds, which lasts on by the clock for people.
    ///
    /// What cannot be read, or is not as it was written, counts for nothing, and is told: a check that
    /// gates too much is seen, and one that gates nothing is not.
    pub(crate) fn kept_in(path: Option<PathBuf>, now: Moment) -> Self {
        let read = path.as_deref().map_or(Ok(Vec::new()), file::read);
        let (kept, warning) = match read {
            Ok(kept) => (kept, None),
            Err(error) => {
                let warning = format!("the file of maintenances is ignored: {error}");
                (Vec::new(), Some(warning))
            }
        };
        let mut marks = Marks::default();
        for (check, maintenance) in kept {
            let left = maintenance.until.duration_since(now.time);
            let ends = now.instant + left.unwrap_or_default().min(MAX_MAINTENANCE);
            marks.set(check.as_deref(), Mark { maintenance, ends });
        }
        Self {
            marks: RwLock::new(marks.without_what_is_over(now.instant)),
            path: Mutex::new(path),
            warning,
        }
    }

    /// Begins a maintenance of one check or of all; one that there was is replaced.
    pub(crate) fn start(
        &self,
        check: Option<&str>,
        reason: &str,
        time: Duration,
        now: Moment,
    ) -> Result<Maintenance, MaintenanceError> {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > MAX_REASON {
            return Err(MaintenanceError::Reason);
        }
        if time.is_zero() || time > MAX_MAINTENANCE {
            return Err(MaintenanceError::Time);
        }
        let maintenance = Maintenance {
            reason: tidy(reason),
            until: now.time + time,
        };
        let mark = Mark {
            maintenance: maintenance.clone(),
            ends: now.instant + time,
        };
        self.change(now.instant, |marks| {
            marks.set(check, mark);
            if marks.checks.len() > MAX_CHECKS {
                return Err(MaintenanceError::TooMany);
            }
            Ok(maintenance)
        })
    }

    /// Ends a maintenance before its time; returns whether there was one.
    pub(crate) fn end(&self, check: Option<&str>, now: Instant) -> Result<bool, MaintenanceError> {
        self.change(now, |marks| Ok(marks.remove(check)))
    }

    /// Makes a change that is kept first, and holds then.
    fn change<T>(
        &self,
        now: Instant,
        change: impl FnOnce(&mut Marks) -> Result<T, MaintenanceError>,
    ) -> Result<T, MaintenanceError> {
        let path = self.path.lock();
        let mut marks = self.marks.read().without_what_is_over(now);
        let changed = change(&mut marks)?;
        if let Some(path) = &*path {
            let all = marks.all.iter().map(|mark| (None, &mark.maintenance));
            let checks = marks.checks.iter();
            let checks = checks.map(|(name, mark)| (Some(name.as_str()), &mark.maintenance));
            file::write(path, all.chain(checks))
                .map_err(|error| MaintenanceError::NotKept(Arc::new(error)))?;
        }
        *self.marks.write() = marks;
        Ok(changed)
    }

    /// Returns the maintenance of a check: its own, or else that of all.
    pub(crate) fn of(&self, check: &str, now: Instant) -> Option<Maintenance> {
        self.at(now).of(check)
    }

    /// Looks at all of them at once. Nothing is put in maintenance as long as somebody looks.
    pub(crate) fn at(&self, now: Instant) -> View<'_> {
        let marks = self.marks.read();
        View { marks, now }
    }

    /// Returns when the next one ends by itself.
    pub(crate) fn next_end_after(&self, since: Instant) -> Option<Instant> {
        let marks = self.marks.read();
        let ends = marks.checks.values().chain(&marks.all);
        ends.map(|mark| mark.ends).filter(|at| *at > since).min()
    }

    pub(crate) fn list(&self, now: Instant) -> MaintenanceList {
        let marks = self.marks.read().without_what_is_over(now);
        let checks = marks.checks.into_iter();
        MaintenanceList {
            all: marks.all.map(|mark| mark.maintenance),
            checks: checks
                .map(|(name, mark)| (name, mark.maintenance))
                .collect(),
            warning: self.warning.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pitfall_25_it_ends_by_itself_by_the_clock_that_does_not_jump() {
        let now = Moment::now();
        let hour = Duration::from_hours(1);
        let maintenances = Maintenances::default();
        maintenances
            .start(Some("db"), "new disk", hour, now)
            .unwrap();
        maintenances.start(None, "new rack", 2 * hour, now).unwrap();
        let of = |name, after| {
            maintenances
                .of(name, now.instant + after)
                .map(|it| it.reason)
        };
        assert_eq!(of("db", Duration::ZERO).as_deref(), Some("new disk"));
        assert_eq!(of("db", hour).as_deref(), Some("new rack"));
        assert_eq!(of("cache", hour).as_deref(), Some("new rack"));
        assert_eq!(of("db", 2 * hour), None);
        assert_eq!(
            maintenances.list(now.instant + 2 * hour),
            MaintenanceList::default()
        );
    }

    #[test]
    fn there_is_an_end_to_everything() {
        let now = Moment::now();
        let maintenances = Maintenances::default();
        let start = |check, reason: &str, time| maintenances.start(check, reason, time, now);
        let hour = Duration::from_hours(1);
        assert!(matches!(
            start(None, " ", hour),
            Err(MaintenanceError::Reason)
        ));
        let long = "x".repeat(MAX_REASON + 1);
        assert!(matches!(
            start(None, &long, hour),
            Err(MaintenanceError::Reason)
        ));
        for time in [Duration::ZERO, MAX_MAINTENANCE + hour] {
            assert!(matches!(
                start(None, "why", time),
                Err(MaintenanceError::Time)
            ));
        }
        for number in 0..MAX_CHECKS {
            let name = format!("check/{number}");
            maintenances.start(Some(&name), "why", hour, now).unwrap();
        }
        assert!(matches!(
            start(Some("more"), "why", hour),
            Err(MaintenanceError::TooMany)
        ));
        assert!(start(Some("check/0"), "another", hour).is_ok());
    }
}
