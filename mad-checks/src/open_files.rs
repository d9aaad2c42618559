//! Can this process still open files?

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use mad_core::{Check, IntoCheck, Outcome, Unit, note, observe};

use crate::informational;
use crate::levels::{Levels, share};

/// Where the system lists the descriptors of the process that asks.
const FOLDER: &str = if cfg!(target_os = "linux") {
    "/proc/self/fd"
} else {
    "/dev/fd"
};

/// Checks that this process has file descriptors left, below the soft limit (`ulimit -n`).
///
/// Files, sockets, pipes and timers each take one. It warns when fewer than 20 % are left and fails below
/// 5 %. It is named `open_files`, and runs every 15 seconds. It observes `open` (a count) and, where there is
/// a limit, `limit` and `left` (a ratio).
///
/// ```
/// use mad_checks::OpenFiles;
/// use mad_core::IntoCheck;
///
/// assert_eq!(OpenFiles::new().warn_below(0.5).into_check().name(), "open_files");
/// ```
///
/// # What it cannot see
///
/// - The limit of the whole system (`fs.file-max`), and those of other kinds: ports, watches, connections.
/// - The descriptors of child processes.
/// - When none is left it cannot open its own files, and fails for that reason.
/// - It exists on Unix. Elsewhere it fails, as nothing is known.
#[derive(Clone, Copy, Debug)]
pub struct OpenFiles {
    levels: Levels,
}

impl OpenFiles {
    /// Looks at this process.
    pub fn new() -> Self {
        Self {
            levels: Levels::new(0.20, 0.05),
        }
    }

    /// Warns when less than this share is left; 0.2 unless said otherwise.
    ///
    /// # Panics
    ///
    /// If it is not from 0 to 1.
    #[must_use]
    #[track_caller]
    pub fn warn_below(mut self, share: f64) -> Self {
        self.levels.set_warn(share);
        self
    }

    /// Fails when less than this share is left; 0.05 unless said otherwise.
    ///
    /// # Panics
    ///
    /// If it is not from 0 to 1.
    #[must_use]
    #[track_caller]
    pub fn fail_below(mut self, share: f64) -> Self {
        self.levels.set_fail(share);
        self
    }

    fn look(self, folder: &Path, limit: Option<u64>) -> io::Result<Outcome> {
        let entries = fs::read_dir(folder)?.count();
        // One of them is the folder's own.
        let open = u64::try_from(entries.saturating_sub(1)).unwrap_or(u64::MAX);
        observe("open", open, Unit::Count);
        let Some(limit) = limit else {
            note(format!("{open} are open, and there is no limit"));
            return Ok(Outcome::Pass);
        };
        note(format!("{open} of {limit} are open"));
        let left = share(limit.saturating_sub(open), limit);
        observe("limit", limit, Unit::Count);
        observe("left", left, Unit::Ratio);
        Ok(self.levels.judge("the file descriptors are left", left))
    }
}

impl Default for OpenFiles {
    fn default() -> Self {
        Self::new()
    }
}

impl IntoCheck for OpenFiles {
    #[track_caller]
    fn into_check(self) -> Check {
        let options = informational(Duration::from_secs(15));
        Check::health_check("open_files", options, move |_| {
            self.look(Path::new(FOLDER), limit())
        })
        .with_doc("This process can open files.")
    }
}

#[cfg(unix)]
fn limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

/// Nobody asks: there is no folder to count in either.
#[cfg(not(unix))]
fn limit() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use std::fs;

    use mad_core::OutcomeKind;
    use tempfile::TempDir;

    use super::OpenFiles;

    fn folder(descriptors: usize) -> TempDir {
        let folder = TempDir::new().unwrap();
        for descriptor in 0..descriptors {
            fs::write(folder.path().join(descriptor.to_string()), "").unwrap();
        }
        folder
    }

    #[track_caller]
    fn check(open: usize, limit: Option<u64>, expected: OutcomeKind) {
        // The one that the real folder has of its own.
        let folder = folder(open + 1);
        let outcome = OpenFiles::new().look(folder.path(), limit).unwrap();
        assert_eq!(outcome.kind(), expected, "{open} of {limit:?}");
    }

    #[test]
    fn what_is_left_below_the_limit_counts() {
        check(80, Some(100), OutcomeKind::Pass);
        check(81, Some(100), OutcomeKind::Warn);
        check(96, Some(100), OutcomeKind::Fail);
        check(5, Some(0), OutcomeKind::Fail);
        check(200, Some(100), OutcomeKind::Fail);
        check(200, None, OutcomeKind::Pass);
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        let gone = folder(0).path().join("gone");
        assert!(OpenFiles::new().look(&gone, Some(100)).is_err());
    }
}
