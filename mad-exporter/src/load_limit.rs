//! The load above which no self-tests are started.

use std::fs;
use std::io;

use crate::render::problem::Problem;

/// After how many seconds somebody who was refused may ask again: the load is that of a minute.
const RETRY_AFTER: &str = "30";

/// The load above which no self-tests are started: runnable tasks for each core of the machine, on
/// average over the last minute.
#[derive(Debug)]
pub(crate) struct LoadLimit {
    per_core: f64,
    cores: u32,
}

impl LoadLimit {
    /// # Errors
    ///
    /// If the system does not tell its load, or the limit is no number.
    pub(crate) fn new(per_core: f64) -> io::Result<Self> {
        if per_core.is_nan() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        load()?;
        let cores = cores(&fs::read_to_string("/proc/cpuinfo")?);
        Ok(Self { per_core, cores })
    }

    /// Refuses to start anything while the load is at the limit, or nobody knows what it is.
    pub(crate) fn admit(&self) -> Result<(), Problem> {
        let Ok(load) = load() else {
            let detail =
                "the load of the machine is not known, and no self-tests start above a limit";
            return Err(Problem::new(503, detail).with_header("retry-after", RETRY_AFTER));
        };
        let per_core = load / f64::from(self.cores);
        if per_core < self.per_core {
            return Ok(());
        }
        let detail = format!(
            "the load of the machine is {per_core:.2} for each core, and from {:.2} on no self-tests \
             start: ask again later",
            self.per_core
        );
        let problem = Problem::new(503, detail).with_header("retry-after", RETRY_AFTER);
        Err(problem.with_member("load_per_core", per_core))
    }
}

/// Returns the load of the last minute.
fn load() -> io::Result<f64> {
    let text = fs::read_to_string("/proc/loadavg")?;
    let load = text.split(' ').next().and_then(|load| load.parse().ok());
    load.ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// Counts the cores of the machine. The load is that of the whole machine, and so are these: what this
/// process may use of it does not count.
fn cores(cpuinfo: &str) -> u32 {
    let cores = cpuinfo.lines().filter(|line| line.starts_with("processor"));
    u32::try_from(cores.count()).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::cores;

    #[test]
    fn cores_are_counted_and_never_none() {
        assert_eq!(
            cores("processor\t: 0\nmodel name\t: x\n\nprocessor\t: 1\n"),
            2
        );
        assert_eq!(cores(""), 1);
    }
}
