//! What is read from files, and read again when they change.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, SystemTime};

use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;

use crate::warning::Warning;

/// How often somebody looks whether the files have changed.
const PERIOD: Duration = Duration::from_secs(1);

/// What is read from files; the last that could be read.
pub(crate) struct Reloaded<T> {
    files: Vec<PathBuf>,
    read: Box<dyn Fn() -> Result<T, String> + Send + Sync>,
    current: RwLock<Arc<T>>,
    /// Told whenever something else holds.
    changes: watch::Sender<()>,
    seen: Mutex<Seen>,
}

/// What was seen of the files the last time.
struct Seen {
    stamps: Vec<Option<Stamp>>,
    /// What was wrong with them then.
    trouble: Option<String>,
}

/// What changes when a file does.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Stamp {
    modified: Option<SystemTime>,
    size: u64,
    identity: (u64, u64),
}

impl<T> Reloaded<T> {
    /// Reads it the first time. What is wrong later is a warning, and what was there before stays.
    pub(crate) fn load<E: fmt::Display>(
        files: Vec<PathBuf>,
        read: impl Fn() -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<Self, E> {
        // Before they are read: what changes meanwhile is read again.
        let stamps = stamps(&files);
        let first = read()?;
        Ok(Self {
            files,
            read: Box::new(move || read().map_err(|error| error.to_string())),
            current: RwLock::new(Arc::new(first)),
            changes: watch::Sender::new(()),
            seen: Mutex::new(Seen {
                stamps,
                trouble: None,
            }),
        })
    }

    /// Returns what holds now.
    pub(crate) fn current(&self) -> Arc<T> {
        Arc::clone(&self.current.read())
    }

    /// Returns a receiver that is told when something else holds.
    pub(crate) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }
}

/// Something that may have changed.
pub(crate) trait Reload: Send + Sync {
    /// Reads it again if it has changed; returns what is wrong with it, if that is news.
    fn look(&self) -> Option<Warning>;

    /// Returns what is wrong with it.
    fn warning(&self) -> Option<Warning>;
}

impl<T: Send + Sync> Reload for Reloaded<T> {
    fn look(&self) -> Option<Warning> {
        let mut seen = self.seen.lock();
        let stamps = stamps(&self.files);
        if stamps == seen.stamps {
            return None;
        }
        seen.stamps = stamps;
        match (self.read)() {
            Ok(new) => {
                *self.current.write() = Arc::new(new);
                self.changes.send_replace(());
                seen.trouble = None;
            }
            Err(trouble) => seen.trouble = Some(trouble),
        }
        drop(seen);
        self.warning()
    }

    fn warning(&self) -> Option<Warning> {
        let trouble = self.seen.lock().trouble.clone()?;
        Some(Warning::NotReloaded { trouble })
    }
}

impl<T> fmt::Debug for Reloaded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reloaded")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

fn stamps(files: &[PathBuf]) -> Vec<Option<Stamp>> {
    files.iter().map(|file| stamp(file)).collect()
}

fn stamp(file: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(file).ok()?;
    Some(Stamp {
        modified: metadata.modified().ok(),
        size: metadata.len(),
        identity: identity(&metadata),
    })
}

/// Tells one file from another of the same name, and the same with other rights.
#[cfg(unix)]
fn identity(metadata: &fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;

    (metadata.ino(), u64::from(metadata.mode()))
}

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> (u64, u64) {
    (0, 0)
}

/// Looks after all that is read from files, on a thread of its own, until it is told to stop.
pub(crate) struct Watch {
    all: Vec<Arc<dyn Reload>>,
    /// Dropping it is what tells the thread.
    goes_on: Mutex<Option<Sender<()>>>,
}

impl Watch {
    /// Begins, if there is anything to look after.
    pub(crate) fn start(all: Vec<Arc<dyn Reload>>) -> io::Result<Self> {
        let goes_on = match &all[..] {
            [] => None,
            all => Some(begin(all.to_vec())?),
        };
        Ok(Self {
            all,
            goes_on: Mutex::new(goes_on),
        })
    }

    /// Returns what is wrong with them now.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = Warning> {
        self.all.iter().filter_map(|one| one.warning())
    }

    pub(crate) fn stop(&self) {
        *self.goes_on.lock() = None;
    }
}

fn begin(all: Vec<Arc<dyn Reload>>) -> io::Result<Sender<()>> {
    let (goes_on, is_over) = channel();
    let look = move || {
        while is_over.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
            for warning in all.iter().filter_map(|one| one.look()) {
                warning.log();
            }
        }
    };
    thread::Builder::new()
        .name("mad-files".to_owned())
        .spawn(look)?;
    Ok(goes_on)
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("files", &self.all.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_is_read_again_and_what_cannot_be_read_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("number");
        let read = {
            let path = path.clone();
            move || {
                let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
                text.parse::<u32>()
                    .map_err(|_| format!("no number: {text}"))
            }
        };
        assert!(Reloaded::load(vec![path.clone()], read.clone()).is_err());
        fs::write(&path, "1").unwrap();
        let number = Reloaded::load(vec![path.clone()], read).unwrap();
        let check = |expected: u32, trouble: Option<&str>| {
            let news = number.look();
            assert_eq!(*number.current(), expected);
            let text = news.map(|warning| warning.to_string());
            assert_eq!(text.is_some(), trouble.is_some(), "{text:?}");
            assert!(
                text.unwrap_or_default()
                    .contains(trouble.unwrap_or_default())
            );
        };

        check(1, None);
        fs::write(&path, "22").unwrap();
        check(22, None);
        fs::write(&path, "three").unwrap();
        check(22, Some("three"));
        // It is said once, and remembered.
        check(22, None);
        assert!(number.warning().is_some());
        fs::remove_file(&path).unwrap();
        check(22, Some("No such file"));
        fs::write(&path, "4444").unwrap();
        check(4444, None);
        assert!(number.warning().is_none());
    }
}
