//! Is there room on a disk?

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use mad_core::{Check, IntoCheck, Outcome, Unit, note, observe};

use crate::informational;
use crate::levels::{Levels, share, worse};

/// Checks that the file system of a path has room for bytes and for files.
///
/// It warns below 10 % and fails below 2 %, of the bytes and of the inodes alike, counting as `df` does:
/// what an ordinary user may still write. It is named `disk_space`, and runs every 30 seconds.
///
/// It observes `free` (a ratio), `free_bytes` and, where the file system counts them, `inodes_free`.
///
/// ```
/// use mad_checks::DiskSpace;
/// use mad_core::{Engine, IntoCheck};
///
/// let engine = Engine::builder()
/// #   .registry(mad_core::Registry::new())
///     .check(DiskSpace::of("/var/lib"))
///     .check(DiskSpace::of("/tmp").warn_below(0.2).into_check().with_name("disk_space/tmp"))
///     .start()?;
/// # engine.shutdown(std::time::Duration::ZERO);
/// # Ok::<(), mad_core::StartError>(())
/// ```
///
/// # What it cannot see
///
/// - Quotas of a user, a project or a container's storage: the numbers are the file system's.
/// - The folder below: when a mount is missing, the disk under the mount point is looked at.
/// - Whether writing works: a disk that is read-only or broken may have plenty of room.
/// - Files that are deleted and still open count as used, as they are.
/// - A network file system whose server is gone blocks whoever asks. The run is then stuck until the system
///   gives it back; MAD says so, and starts no second one.
/// - It exists on Unix. Elsewhere it fails, as nothing is known.
#[derive(Clone, Debug)]
pub struct DiskSpace {
    path: PathBuf,
    levels: Levels,
}

/// What a file system says of itself.
struct Space {
    free_bytes: u64,
    bytes: u64,
    free_inodes: u64,
    inodes: u64,
}

impl DiskSpace {
    /// Looks at the file system that holds this file or folder.
    pub fn of(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            levels: Levels::new(0.10, 0.02),
        }
    }

    /// Warns when less than this share is free; 0.1 unless said otherwise.
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

    /// Fails when less than this share is free; 0.02 unless said otherwise.
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

    fn look(&self) -> io::Result<Outcome> {
        let space = space(&self.path)?;
        let path = self.path.display();
        note(format!("looked at the file system of {path}"));
        if space.bytes == 0 {
            return Ok(Outcome::fail(format!(
                "the file system of {path} has no size: it is not on a disk"
            )));
        }
        let free = share(space.free_bytes, space.bytes);
        observe("free", free, Unit::Ratio);
        observe("free_bytes", space.free_bytes, Unit::Bytes);
        let bytes = self.levels.judge("the space is free", free);
        if space.inodes == 0 {
            return Ok(bytes);
        }
        let free = share(space.free_inodes, space.inodes);
        observe("inodes_free", free, Unit::Ratio);
        let inodes = self.levels.judge("the inodes are free", free);
        Ok(worse(bytes, inodes))
    }
}

impl IntoCheck for DiskSpace {
    #[track_caller]
    fn into_check(self) -> Check {
        let doc = format!("The disk of {} has room.", self.path.display());
        let options = informational(Duration::from_secs(30));
        Check::health_check("disk_space", options, move |_| self.look()).with_doc(doc)
    }
}

#[cfg(unix)]
fn space(path: &Path) -> io::Result<Space> {
    let system = rustix::fs::statvfs(path)?;
    let used = system.f_blocks.saturating_sub(system.f_bfree);
    let usable = used.saturating_add(system.f_bavail);
    Ok(Space {
        free_bytes: system.f_bavail.saturating_mul(system.f_frsize),
        bytes: usable.saturating_mul(system.f_frsize),
        free_inodes: system.f_favail,
        inodes: system.f_files,
    })
}

#[cfg(not(unix))]
fn space(_: &Path) -> io::Result<Space> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "the room on a disk is known on Unix only",
    ))
}
