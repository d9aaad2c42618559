//! Serial groups in the unit-test life: never two self-tests of a group at once.
//!
//! `cargo test` runs tests on threads of one process, nextest runs each in a process of its own. A
//! lock on a file holds for both, and the system takes it back from a process that dies.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::{env, fmt, io};

use parking_lot::Mutex;

/// The groups in which a self-test of this process hangs, each with its name.
///
/// Nobody can wait for it: it may never end.
static STUCK: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

/// A serial group that is ours until this is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    group: String,
    /// The lock goes when the file is closed.
    _file: File,
}

impl Turn {
    /// Waits until no other self-test of this group runs, in this process or in another one of the
    /// same folder.
    pub(crate) fn wait(group: &str) -> Result<Self, NoTurn> {
        let program = env::current_exe().map_err(NoTurn::NoFolder)?;
        let folder = program.parent().unwrap_or(Path::new("."));
        let file = lock(folder.join(file_name(group)))?;
        match STUCK.lock().get(group) {
            Some(holder) => Err(NoTurn::Stuck {
                group: group.to_owned(),
                holder: holder.clone(),
            }),
            None => Ok(Self {
                group: group.to_owned(),
                _file: file,
            }),
        }
    }

    /// Leaves the group to a self-test that has not ended: in this process nobody gets a turn again.
    pub(crate) fn leave_to(self, holder: &str) {
        STUCK.lock().insert(self.group, holder.to_owned());
    }
}

fn lock(path: PathBuf) -> Result<File, NoTurn> {
    // Never removed: whoever waits for it would hold the lock of a file that nobody finds any more.
    let opened = OpenOptions::new()
        .create(true)
        // To read is what Windows wants of a file before it locks it.
        .read(true)
        .append(true)
        .open(&path)
        .and_then(|file| file.lock().map(|()| file));
    opened.map_err(|error| NoTurn::NoLock { path, error })
}

/// A group may have a `/` in it, and a file may not; no group has a `%`.
fn file_name(group: &str) -> String {
    format!("mad-serial-{}.lock", group.replace('/', "%2f"))
}

/// Why a self-test of a serial group cannot begin.
#[derive(Debug)]
pub(crate) enum NoTurn {
    NoFolder(io::Error),
    NoLock { path: PathBuf, error: io::Error },
    Stuck { group: String, holder: String },
}

impl fmt::Display for NoTurn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFolder(error) => write!(
                f,
                "the folder of this program, where its serial group has a file, is not known: {error}"
            ),
            Self::NoLock { path, error } => write!(
                f,
                "its serial group needs a lock on the file {}, in a folder that can be written to: {error}",
                path.display()
            ),
            Self::Stuck { group, holder } => write!(
                f,
                "its serial group `{group}` is held by `{holder}`, which has not ended"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    const ROUNDS: usize = 100;

    #[test]
    fn two_threads_are_never_inside_at_once() {
        let inside = AtomicUsize::new(0);
        let work = || {
            for _ in 0..ROUNDS {
                let turn = Turn::wait("threads").unwrap();
                assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0);
                thread::yield_now();
                inside.fetch_sub(1, Ordering::SeqCst);
                drop(turn);
            }
        };
        thread::scope(|scope| {
            let other = scope.spawn(work);
            work();
            other.join().unwrap();
        });
    }

    /// Tells a process that it is one of two, and what both write to; one that is inside finds it as it
    /// left it.
    const LEDGER: &str = "MAD_CORE_TESTS_LEDGER";

    /// Adds one to a number in a file, by reading and writing it: without a lock, additions get lost.
    #[test]
    #[ignore = "it is a process of the test below"]
    fn process() {
        #[expect(
            clippy::disallowed_methods,
            reason = "it is no configuration, but how one process of ours speaks to another"
        )]
        let Some(ledger) = env::var_os(LEDGER) else {
            return; // Somebody asked for all tests that are ignored.
        };
        for _ in 0..ROUNDS {
            let _turn = Turn::wait("two/processes").unwrap();
            let number: usize = std::fs::read_to_string(&ledger).unwrap().parse().unwrap();
            thread::yield_now();
            std::fs::write(&ledger, (number + 1).to_string()).unwrap();
        }
    }

    #[test]
    fn two_processes_are_never_inside_at_once() {
        let ledger = env::current_exe().unwrap().with_extension("serial-ledger");
        std::fs::write(&ledger, "0").unwrap();
        let start = || {
            Command::new(env::current_exe().unwrap())
                .args(["serial::tests::process", "--exact", "--ignored"])
                .env(LEDGER, &ledger)
                .stdout(Stdio::null())
                .spawn()
                .unwrap()
        };
        for mut process in [start(), start()] {
            assert!(process.wait().unwrap().success());
        }
        let counted = std::fs::read_to_string(&ledger).unwrap();
        std::fs::remove_file(&ledger).unwrap();
        assert_eq!(counted, (2 * ROUNDS).to_string());
    }

    #[test]
    fn a_group_in_which_a_test_hangs_gives_no_turn_and_names_it() {
        Turn::wait("stuck").unwrap().leave_to("hangs");
        assert_eq!(
            Turn::wait("stuck").unwrap_err().to_string(),
            "its serial group `stuck` is held by `hangs`, which has not ended"
        );
        assert!(Turn::wait("another").is_ok());
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_told_with_the_file() {
        let nowhere = Path::new("/no such folder").join(file_name("disk/a"));
        let error = lock(nowhere).unwrap_err().to_string();
        assert!(error.contains("mad-serial-disk%2fa.lock"), "{error}");
        assert!(error.contains("can be written to"), "{error}");
    }
}
