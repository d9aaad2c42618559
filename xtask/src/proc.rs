//! What Linux tells about processes in `/proc`.

use std::fs;
use std::time::Duration;

/// Ticks of the times in `/proc/<pid>/stat` per second: `USER_HZ`, part of the kernel's interface
/// and 100 on every architecture that Rust's standard library supports today.
const TICKS_PER_SECOND: u64 = 100;

/// Which numbers of `/proc/<pid>/stat`, counted from the state, which is the first one behind the
/// name: `utime` and `stime`, and the same of all children that were waited for.
const OWN_TIMES: [usize; 2] = [11, 12];
const CHILDREN_TIMES: [usize; 2] = [13, 14];

/// Returns the CPU time of our children, and theirs, that have ended.
///
/// # Errors
///
/// If the kernel does not tell.
pub(crate) fn cpu_of_children() -> crate::Result<Duration> {
    times(&fs::read_to_string("/proc/self/stat")?, CHILDREN_TIMES)
}

/// Returns the CPU time of a running process.
///
/// # Errors
///
/// If the kernel does not tell, for example because the process has ended.
pub(crate) fn cpu_of(pid: u32) -> crate::Result<Duration> {
    times(&fs::read_to_string(format!("/proc/{pid}/stat"))?, OWN_TIMES)
}

fn times(stat: &str, which: [usize; 2]) -> crate::Result<Duration> {
    // The name stands in parentheses and may hold blanks and parentheses itself.
    let (_, rest) = stat
        .rsplit_once(") ")
        .ok_or("no name in /proc/<pid>/stat")?;
    let fields: Vec<_> = rest.split_whitespace().collect();
    let mut ticks = 0;
    for index in which {
        let field = fields.get(index).ok_or("/proc/<pid>/stat is short")?;
        ticks += field.parse::<u64>()?;
    }
    Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_SECOND))
}

/// What a process occupies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Status {
    /// Resident memory.
    pub(crate) rss_bytes: u64,
    pub(crate) n_threads: u64,
}

impl Status {
    /// Asks for the status of a running process.
    ///
    /// # Errors
    ///
    /// If the kernel does not tell, for example because the process has ended.
    pub(crate) fn of(pid: u32) -> crate::Result<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
        Self::parse(&text).ok_or_else(|| "/proc/<pid>/status has another form".into())
    }

    fn parse(text: &str) -> Option<Self> {
        let number = |name: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(name))?;
            value.split_whitespace().next()?.parse::<u64>().ok()
        };
        Some(Self {
            rss_bytes: number("VmRSS:")? * 1024,
            n_threads: number("Threads:")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{CHILDREN_TIMES, OWN_TIMES, Status, times};

    #[test]
    fn times_are_found_behind_a_name_with_parentheses() {
        let stat = "42 (a) b) S 1 42 42 0 -1 4194560 100 200 0 0 150 50 300 25 20 0 3 0";
        assert_eq!(times(stat, OWN_TIMES).unwrap(), Duration::from_secs(2));
        assert_eq!(
            times(stat, CHILDREN_TIMES).unwrap(),
            Duration::from_millis(3250)
        );
        assert!(times("42 (a) S 1", OWN_TIMES).is_err());
    }

    #[test]
    fn the_status_is_read_in_bytes() {
        let text = "Name:\ta\nVmRSS:\t    2048 kB\nRssAnon:\t 1 kB\nThreads:\t3\n";
        let expected = Status {
            rss_bytes: 2 << 20,
            n_threads: 3,
        };
        assert_eq!(Status::parse(text), Some(expected));
        assert_eq!(Status::parse("Threads:\t3\n"), None);
    }
}
