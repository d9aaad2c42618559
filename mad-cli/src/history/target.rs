//! What was built, and why none of it is taken for what another commit would have become.
//!
//! Cargo builds again what is newer than what was built. A checkout makes newer only what it writes, by a clock that may
//! have been set back, and what reads a file that Cargo knows nothing of is not built again at all. So each file of a
//! package that differs is made newer than all that there is.

use std::fs::{self, File, FileTimes};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Kernels keep the time of files to some milliseconds.
const CERTAINLY_LATER: Duration = Duration::from_millis(20);

/// The folder that Cargo builds in.
#[derive(Clone, Debug)]
pub(super) struct Target {
    folder: PathBuf,
    most_bytes: u64,
}

/// What is in it.
#[derive(Clone, Copy, Debug)]
struct Extent {
    bytes: u64,
    newest: SystemTime,
}

impl Target {
    pub(super) fn new(folder: PathBuf, most_bytes: u64) -> Self {
        Self { folder, most_bytes }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Becomes a copy of another, as Cargo sees it: with the times of all files.
    pub(super) fn copy_from(&self, other: &Self) -> io::Result<()> {
        if other.folder.exists() {
            copy_folder(&other.folder, &self.folder)?;
        }
        Ok(())
    }

    /// Makes files newer than all that was built. A folder that has grown too large is emptied before.
    pub(super) fn is_older_than(&self, root: &Path, files: &[&str]) -> io::Result<()> {
        let mut extent = Extent {
            bytes: 0,
            newest: SystemTime::UNIX_EPOCH,
        };
        extent.add(&self.folder);
        if extent.bytes > self.most_bytes {
            crate::git::remove_folder(&self.folder)?;
        }
        let moment = SystemTime::now().max(extent.newest + CERTAINLY_LATER);
        let times = FileTimes::new().set_modified(moment);
        for file in files {
            match File::open(root.join(file)).and_then(|file| file.set_times(times)) {
                // A link to nowhere, or a submodule.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                done => done?,
            }
        }
        Ok(())
    }
}

fn copy_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        let data = entry.metadata()?;
        if data.is_dir() {
            copy_folder(&entry.path(), &to)?;
        } else if data.is_file() {
            fs::copy(entry.path(), &to)?;
            let times = FileTimes::new().set_modified(data.modified()?);
            File::options().append(true).open(&to)?.set_times(times)?;
        }
    }
    Ok(())
}

impl Extent {
    fn add(&mut self, folder: &Path) {
        let Ok(entries) = fs::read_dir(folder) else {
            return;
        };
        for entry in entries.flatten() {
            let Ok(data) = entry.metadata() else {
                continue;
            };
            if data.is_dir() {
                self.add(&entry.path());
                continue;
            }
            self.bytes += data.len();
            self.newest = self
                .newest
                .max(data.modified().unwrap_or(SystemTime::UNIX_EPOCH));
        }
    }
}
