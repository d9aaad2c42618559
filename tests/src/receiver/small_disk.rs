//! A disk of a few megabytes, which a test can fill. No right is needed for it that a user has not got.

use std::fs::{File, remove_file};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The same command in a space of its own, where this folder is such a disk.
pub fn on_small_disk(folder: &Path, megabytes: u32, command: &Command) -> Command {
    let script = format!(
        "mkdir -p \"$0\" && mount -t tmpfs -o size={megabytes}m none \"$0\" && exec \"$@\""
    );
    let mut alone = Command::new("unshare");
    alone.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]);
    alone.arg(folder).arg(command.get_program());
    alone.args(command.get_args());
    alone
}

/// The disk of a process, as others see it.
#[derive(Debug)]
pub(super) struct SmallDisk(PathBuf);

impl SmallDisk {
    pub(super) fn of(process: u32, folder: &Path) -> Self {
        let folder = folder.strip_prefix("/").unwrap_or(folder);
        Self(
            Path::new("/proc")
                .join(process.to_string())
                .join("root")
                .join(folder),
        )
    }

    /// Takes all the room that is left.
    #[track_caller]
    pub(super) fn fill(&self) {
        let mut filler = File::create(self.filler()).unwrap();
        while filler.write_all(&[0; 4096]).is_ok() {}
    }

    /// Gives it back.
    #[track_caller]
    pub(super) fn free(&self) {
        remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }
}
