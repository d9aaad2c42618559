//! What the kernel knows of this process.
//!
//! It is read when somebody asks, from a few small files; nothing runs in between. What a system does not
//! tell is not known.

use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// What the kernel knows of this process, at the moment when it was read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Process {
    pub(crate) cpu_seconds: Option<f64>,
    pub(crate) max_fds: Option<u64>,
    pub(crate) network_receive_bytes: Option<u64>,
    pub(crate) network_transmit_bytes: Option<u64>,
    pub(crate) open_fds: Option<u64>,
    pub(crate) resident_memory_bytes: Option<u64>,
    /// Since the beginning of 1970.
    pub(crate) start_time_seconds: Option<f64>,
    pub(crate) threads: Option<u64>,
    pub(crate) virtual_memory_bytes: Option<u64>,
    pub(crate) virtual_memory_max_bytes: Option<u64>,
}

/// For how long what was read is as good as new: the kernel counts the time of processors in such steps, and the
/// files take longer to read than a page takes to be written.
const FRESH: Duration = Duration::from_millis(100);

/// What the kernel knows of this process, for pages that may follow closely.
#[derive(Debug, Default)]
pub(crate) struct Readings {
    last: Mutex<Option<(Instant, Process)>>,
}

impl Readings {
    /// Returns what there is, read now or just before.
    pub(crate) fn now(&self) -> Process {
        self.at(Instant::now(), Process::read)
    }

    fn at(&self, now: Instant, read: impl FnOnce() -> Process) -> Process {
        let mut last = self.last.lock();
        match *last {
            Some((at, process)) if now.saturating_duration_since(at) < FRESH => process,
            _ => last.insert((now, read())).1,
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Process {
    /// Reads nothing: other systems than Linux have no files for it.
    pub(crate) fn read() -> Self {
        Self::default()
    }
}

#[cfg(target_os = "linux")]
impl Process {
    /// Reads what there is.
    pub(crate) fn read() -> Self {
        let stat = linux::read("stat").and_then(|text| linux::Stat::parse(&text));
        let netstat = linux::read("net/netstat");
        let octets = |name| linux::number_below(netstat.as_deref()?, "IpExt:", name);
        Self {
            cpu_seconds: stat.map(linux::Stat::cpu_seconds),
            max_fds: linux::max_fds(),
            network_receive_bytes: octets("InOctets"),
            network_transmit_bytes: octets("OutOctets"),
            open_fds: linux::open_fds(),
            resident_memory_bytes: stat.map(linux::Stat::resident_bytes),
            start_time_seconds: stat.and_then(linux::Stat::start_time_seconds),
            threads: stat.map(|stat| stat.threads),
            virtual_memory_bytes: stat.map(|stat| stat.virtual_bytes),
            virtual_memory_max_bytes: linux::max_virtual_bytes(),
        }
    }
}

/// The files of Linux.
#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::sync::OnceLock;

    use rustix::param::{clock_ticks_per_second, page_size};
    use rustix::process::{Resource, getrlimit};

    /// The fields of `/proc/self/stat` that are of use here, as the kernel counts them.
    #[derive(Clone, Copy, Debug, PartialEq)]
    pub(super) struct Stat {
        /// In user mode and in the kernel, in ticks.
        cpu: u64,
        pub(super) threads: u64,
        /// In ticks since the machine was started.
        started: u64,
        pub(super) virtual_bytes: u64,
        /// In pages.
        resident: u64,
    }

    impl Stat {
        /// Takes the line apart, as proc(5) numbers its fields: the second is the program's name, which may
        /// hold blanks and brackets of its own.
        pub(super) fn parse(line: &str) -> Option<Self> {
            let (_, behind_name) = line.rsplit_once(')')?;
            let fields: Vec<&str> = behind_name.split_ascii_whitespace().collect();
            let field = |number: usize| fields.get(number - 3)?.parse::<u64>().ok();
            Some(Self {
                cpu: field(14)?.checked_add(field(15)?)?,
                threads: field(20)?,
                started: field(22)?,
                virtual_bytes: field(23)?,
                resident: field(24)?,
            })
        }

        pub(super) fn cpu_seconds(self) -> f64 {
            seconds(self.cpu)
        }

        pub(super) fn resident_bytes(self) -> u64 {
            self.resident.saturating_mul(page_size() as u64)
        }

        pub(super) fn start_time_seconds(self) -> Option<f64> {
            /// It takes a long file to learn, on a machine with many processors.
            static STARTED: OnceLock<Option<u64>> = OnceLock::new();
            let machine_started = STARTED.get_or_init(|| {
                let text = fs::read_to_string("/proc/stat").ok()?;
                let line = text.lines().find_map(|line| line.strip_prefix("btime "))?;
                line.trim().parse().ok()
            });
            Some(as_float((*machine_started)?) + seconds(self.started))
        }
    }

    pub(super) fn read(name: &str) -> Option<String> {
        fs::read_to_string(format!("/proc/self/{name}")).ok()
    }

    /// Returns how many descriptors are open.
    ///
    /// Since Linux 6.2 the size of the folder says so; before, each is listed, and the one that lists them is
    /// not counted.
    pub(super) fn open_fds() -> Option<u64> {
        let folder = "/proc/self/fd";
        match fs::metadata(folder).ok()?.len() {
            0 => Some(fs::read_dir(folder).ok()?.count().saturating_sub(1) as u64),
            open => Some(open),
        }
    }

    /// Returns the soft limit, if there is one.
    pub(super) fn max_fds() -> Option<u64> {
        getrlimit(Resource::Nofile).current
    }

    /// Returns the soft limit of the address space, if there is one.
    pub(super) fn max_virtual_bytes() -> Option<u64> {
        getrlimit(Resource::As).current
    }

    /// Returns the number in the column of this name of a table with two lines, its names and its numbers,
    /// which begin with the same word.
    pub(super) fn number_below(text: &str, table: &str, column: &str) -> Option<u64> {
        let mut lines = text.lines().filter_map(|line| line.strip_prefix(table));
        let (names, numbers) = (lines.next()?, lines.next()?);
        let mut pairs = names.split_whitespace().zip(numbers.split_whitespace());
        pairs.find(|(name, _)| *name == column)?.1.parse().ok()
    }

    fn seconds(ticks: u64) -> f64 {
        as_float(ticks) / as_float(clock_ticks_per_second())
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "in 2^53 ticks a machine would be millions of years old"
    )]
    fn as_float(number: u64) -> f64 {
        number as f64
    }

    #[cfg(test)]
    mod tests {
        use proptest::prelude::*;

        use super::*;

        #[test]
        fn a_program_may_call_itself_what_it_likes() {
            let fields = (4..=52).map(|number| format!(" {number}"));
            let line = format!("1 (a) S 2) R{}\n", fields.collect::<String>());
            let expected = Stat {
                cpu: 14 + 15,
                threads: 20,
                started: 22,
                virtual_bytes: 23,
                resident: 24,
            };
            assert_eq!(Stat::parse(&line), Some(expected));
        }

        #[test]
        fn a_number_stands_below_its_name() {
            let text = "TcpExt: A B\nTcpExt: 1 2\nIpExt: InNoRoutes InOctets\nIpExt: 3 4\n";
            assert_eq!(number_below(text, "IpExt:", "InOctets"), Some(4));
            assert_eq!(number_below(text, "IpExt:", "OutOctets"), None);
            assert_eq!(
                number_below("IpExt: InOctets\n", "IpExt:", "InOctets"),
                None
            );
        }

        proptest! {
            #[test]
            fn garbage_is_nothing(text in ".{0,200}") {
                _ = Stat::parse(&text);
                _ = number_below(&text, "", "a");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_again_when_it_is_no_longer_fresh() {
        let readings = Readings::default();
        let start = Instant::now();
        let threads = |threads| Process {
            threads: Some(threads),
            ..Process::default()
        };
        let shown = |now, there_are| readings.at(now, || threads(there_are)).threads;
        assert_eq!(shown(start, 1), Some(1));
        assert_eq!(shown(start + FRESH / 2, 2), Some(1));
        assert_eq!(shown(start + FRESH, 3), Some(3));
    }
}
