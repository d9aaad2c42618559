//! Is there memory left?

mod cgroup;
mod meminfo;

use std::path::Path;
use std::time::Duration;

use mad_core::{Check, IntoCheck, Outcome, Unit, note, observe};
use thiserror::Error;

use crate::informational;
use crate::levels::{Levels, share};
use crate::reading::Unreadable;

/// Checks that there is memory left: within the limit of the container, or else of the machine.
///
/// Of the control groups (version 2) that this process is in, its own and those above, the one with the
/// least room decides. What is used there is `memory.current` without the file cache (`active_file` and
/// `inactive_file` of `memory.stat`), which the kernel takes back when it must. Where no group has a limit,
/// or only one that is more than the machine has, it is `MemAvailable` of `/proc/meminfo`. A note of each
/// run says which was looked at.
///
/// It warns below 10 % and fails below 3 %. It is named `memory`, and runs every 15 seconds. It observes
/// `available` (a ratio), `available_bytes` and `limit_bytes`.
///
/// ```
/// use mad_checks::Memory;
/// use mad_core::IntoCheck;
///
/// assert_eq!(Memory::new().fail_below(0.05).into_check().name(), "memory");
/// ```
///
/// # What it cannot see
///
/// - Control groups of version 1, whose limits are elsewhere: it looks at the machine then.
/// - Limits above the root of a container's own view of the groups, and those of other kinds: `RLIMIT_AS`,
///   `RLIMIT_DATA`, `memory.high`, swap, huge pages, the memory of one node.
/// - What comes next: one large allocation, or a neighbour's, can take all that is left between two runs.
/// - File cache that is dirty, and cannot be dropped before it is written.
/// - It exists on Linux. Elsewhere it fails, as nothing is known.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    levels: Levels,
}

/// How much memory there may be, and how much of it can still be had.
#[derive(Debug, PartialEq)]
struct Room {
    available: u64,
    limit: u64,
    /// Who says so.
    source: String,
}

#[derive(Debug, Error)]
enum MemoryError {
    #[error("neither a limit nor the machine's memory is known: {machine}")]
    Unknown { machine: Unreadable },
    #[error("the limit of the control group is not known")]
    Group(#[from] Unreadable),
}

impl Memory {
    /// Looks at the memory of the container, or of the machine.
    pub fn new() -> Self {
        Self {
            levels: Levels::new(0.10, 0.03),
        }
    }

    /// Warns when less than this share is available; 0.1 unless said otherwise.
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

    /// Fails when less than this share is available; 0.03 unless said otherwise.
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

    fn look(self) -> Result<Outcome, MemoryError> {
        let room = room(Path::new("/proc"), Path::new("/sys/fs/cgroup"))?;
        note(format!("looked at {}", room.source));
        let available = share(room.available, room.limit);
        observe("available", available, Unit::Ratio);
        observe("available_bytes", room.available, Unit::Bytes);
        observe("limit_bytes", room.limit, Unit::Bytes);
        let what = format!("the memory is available ({})", room.source);
        Ok(self.levels.judge(&what, available))
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl IntoCheck for Memory {
    #[track_caller]
    fn into_check(self) -> Check {
        let options = informational(Duration::from_secs(15));
        Check::health_check("memory", options, move |_| self.look())
            .with_doc("There is memory left.")
    }
}

/// Finds what decides: the tightest group with a real limit, or else the machine.
fn room(proc: &Path, groups: &Path) -> Result<Room, MemoryError> {
    let machine = meminfo::room(proc);
    let total = machine.as_ref().map_or(u64::MAX, |machine| machine.limit);
    let limited = cgroup::rooms(proc, groups)?.into_iter();
    let tightest = limited
        .filter(|group| group.limit <= total)
        .min_by(|one, other| {
            let left = |room: &Room| share(room.available, room.limit);
            left(one).total_cmp(&left(other))
        });
    match tightest {
        Some(group) => Ok(group),
        None => machine.map_err(|machine| MemoryError::Unknown { machine }),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use tempfile::TempDir;

    use super::{MemoryError, Room, room};

    const MEMINFO: &str = "MemTotal:       1000 kB\nMemFree:  1 kB\nMemAvailable:    250 kB\n";
    const STAT: &str = "anon 5\nfile 900\ninactive_file 100\nactive_file 50\n";

    /// A system made of files.
    struct System(TempDir);

    impl System {
        fn new(files: &[(&str, &str)]) -> Self {
            let folder = TempDir::new().unwrap();
            for (name, text) in files {
                let file = folder.path().join(name);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, text).unwrap();
            }
            Self(folder)
        }

        fn room(&self) -> Result<Room, MemoryError> {
            let at = |name: &str| self.0.path().join(name);
            room(Path::new(&at("proc")), Path::new(&at("groups")))
        }
    }

    #[track_caller]
    fn check(files: &[(&str, &str)], available: u64, limit: u64, source: &str) {
        let room = System::new(files).room().unwrap();
        assert_eq!((room.available, room.limit), (available, limit), "{room:?}");
        assert!(room.source.contains(source), "{room:?}");
    }

    #[track_caller]
    fn check_unknown(files: &[(&str, &str)], expected: &str) {
        let error = System::new(files).room().unwrap_err();
        let source = std::error::Error::source(&error).map(ToString::to_string);
        let text = format!("{error}: {}", source.unwrap_or_default());
        assert!(text.contains(expected), "{text}");
    }

    #[test]
    fn a_limit_of_the_own_group_decides_and_file_cache_is_not_used_up() {
        let files = [
            ("proc/meminfo", MEMINFO),
            ("proc/self/cgroup", "0::/service\n"),
            ("groups/service/memory.max", "1000\n"),
            ("groups/service/memory.current", "850\n"),
            ("groups/service/memory.stat", STAT),
        ];
        check(&files, 300, 1000, "the control group /service");
    }

    #[test]
    fn the_tightest_of_the_groups_above_decides() {
        let files = [
            ("proc/meminfo", MEMINFO),
            ("proc/self/cgroup", "0::/slice/service\n"),
            ("groups/slice/service/memory.max", "1000\n"),
            ("groups/slice/service/memory.current", "100\n"),
            ("groups/slice/service/memory.stat", STAT),
            ("groups/slice/memory.max", "2000\n"),
            ("groups/slice/memory.current", "2050\n"),
            ("groups/slice/memory.stat", STAT),
        ];
        check(&files, 100, 2000, "the control group /slice");
    }

    #[test]
    fn in_a_container_the_group_is_at_the_root_of_its_own_view() {
        for own in ["0::/\n", "0::/../../elsewhere\n", "0::/gone\n"] {
            let files = [
                ("proc/self/cgroup", own),
                ("groups/memory.max", "1000\n"),
                ("groups/memory.current", "10\n"),
                ("groups/memory.stat", "inactive_file 20\nactive_file 0\n"),
            ];
            check(&files, 1000, 1000, "the control group /");
        }
    }

    #[test]
    fn without_a_limit_the_machine_decides() {
        let unlimited = [
            ("proc/meminfo", MEMINFO),
            ("proc/self/cgroup", "0::/service\n"),
            ("groups/service/memory.max", "max\n"),
        ];
        check(&unlimited, 250 * 1024, 1000 * 1024, "/proc/meminfo");
        let more_than_there_is = [
            ("proc/meminfo", MEMINFO),
            ("proc/self/cgroup", "0::/service\n"),
            ("groups/service/memory.max", "99999999999\n"),
            ("groups/service/memory.current", "1\n"),
            ("groups/service/memory.stat", STAT),
        ];
        check(
            &more_than_there_is,
            250 * 1024,
            1000 * 1024,
            "/proc/meminfo",
        );
        let version_1 = [
            ("proc/meminfo", MEMINFO),
            ("proc/self/cgroup", "5:memory:/x\n"),
        ];
        check(&version_1, 250 * 1024, 1000 * 1024, "/proc/meminfo");
        check(
            &[("proc/meminfo", MEMINFO)],
            250 * 1024,
            1000 * 1024,
            "/proc/meminfo",
        );
    }

    #[test]
    fn what_cannot_be_read_is_never_green() {
        check_unknown(&[], "meminfo");
        check_unknown(&[("proc/meminfo", "garbage\n")], "MemTotal");
        check_unknown(
            &[("proc/meminfo", "MemTotal: 0 kB\nMemAvailable: x kB\n")],
            "MemAvailable",
        );
        let group = |name: &'static str, text: &'static str| {
            let mut files = vec![
                ("proc/meminfo", MEMINFO),
                ("proc/self/cgroup", "0::/service\n"),
                ("groups/service/memory.max", "1000\n"),
                ("groups/service/memory.current", "850\n"),
                ("groups/service/memory.stat", STAT),
            ];
            files.retain(|(file, _)| !file.ends_with(name));
            if !text.is_empty() {
                let path: &'static str = match name {
                    "memory.max" => "groups/service/memory.max",
                    "memory.current" => "groups/service/memory.current",
                    _ => "groups/service/memory.stat",
                };
                files.push((path, text));
            }
            files
        };
        check_unknown(&group("memory.max", "a lot\n"), "memory.max");
        check_unknown(&group("memory.current", ""), "memory.current");
        check_unknown(&group("memory.current", "-5\n"), "memory.current");
        check_unknown(&group("memory.stat", ""), "memory.stat");
        check_unknown(&group("memory.stat", "anon 5\n"), "inactive_file");
    }

    #[test]
    fn a_limit_of_zero_leaves_nothing() {
        let files = [
            ("proc/self/cgroup", "0::/service\n"),
            ("groups/service/memory.max", "0\n"),
            ("groups/service/memory.current", "0\n"),
            ("groups/service/memory.stat", STAT),
        ];
        check(&files, 0, 0, "the control group /service");
    }
}
