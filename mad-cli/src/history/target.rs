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

    /// Takes what another has and this one has not, as Cargo sees it: with the times of all files. The other may be at work:
    /// what is gone again when it is to be copied is left out.
    pub(super) fn take_missing(&self, other: &Path) -> io::Result<()> {
        copy_missing(other, &self.folder)
    }

    /// Makes files newer than all that was built. A folder that has grown too large is emptied before: whether it was, is
    /// the answer.
    pub(super) fn is_older_than(&self, root: &Path, files: &[&str]) -> io::Result<bool> {
        let mut extent = Extent {
            bytes: 0,
            newest: SystemTime::UNIX_EPOCH,
        };
        extent.add(&self.folder);
        let is_too_large = extent.bytes > self.most_bytes;
        if is_too_large {
            crate::git::remove_folder(&self.folder)?;
        }
        let moment = SystemTime::now().max(extent.newest + CERTAINLY_LATER);
        let times = FileTimes::new().set_modified(moment);
        for file in files.iter().map(|file| root.join(file)) {
            // Links may lead out of the tree, in circles, or to what nobody can open; a submodule is a folder.
            if fs::symlink_metadata(&file).is_ok_and(|data| data.is_file()) {
                File::open(&file)?.set_times(times)?;
            }
        }
        Ok(is_too_large)
    }
}

fn copy_missing(from: &Path, to: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    fs::create_dir_all(to)?;
    for entry in entries {
        let entry = entry?;
        let to = to.join(entry.file_name());
        match entry.metadata() {
            Ok(data) if data.is_dir() => copy_missing(&entry.path(), &to)?,
            Ok(data) if data.is_file() && !to.exists() => {
                match copy_with_times(&entry.path(), &to, data.modified()?) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    copied => copied?,
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn copy_with_times(from: &Path, to: &Path, modified: SystemTime) -> io::Result<()> {
    fs::copy(from, to)?;
    let times = FileTimes::new().set_modified(modified);
    File::options().append(true).open(to)?.set_times(times)
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
