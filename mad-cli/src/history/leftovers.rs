//! Processes of a run that was killed: builds and tests go on when whoever started them is gone.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

/// A process that the kernel does not let go is waited for no longer than this.
const MOST_LOOKS: u32 = 500;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// The variable by which our processes are known, with the worker's folder as its value.
const MARK: &str = "MAD_HISTORY_WORKER";

/// What is put into the environment of all that works in a folder.
pub(super) fn mark(folder: &Path) -> (OsString, OsString) {
    (MARK.into(), folder.into())
}

/// Ends whatever still works in a folder, where the system tells it. Only who holds the folder's lock may ask.
pub(super) fn end(folder: &Path) {
    let mut wanted = format!("{MARK}=").into_bytes();
    wanted.extend(folder.as_os_str().as_encoded_bytes());
    // What is ended may just have started something, and takes a moment to go.
    for _ in 0..MOST_LOOKS {
        if !end_once(&wanted) {
            return;
        }
        thread::sleep(BETWEEN_LOOKS);
    }
}

fn end_once(wanted: &[u8]) -> bool {
    let Ok(processes) = fs::read_dir("/proc") else {
        return false;
    };
    let mut has_ended_any = false;
    for process in processes.flatten() {
        let pid = process
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
            .and_then(Pid::from_raw);
        let Some(pid) = pid else {
            continue;
        };
        let environment = fs::read(process.path().join("environ")).unwrap_or_default();
        if environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == wanted)
        {
            has_ended_any |= kill_process(pid, Signal::KILL).is_ok();
        }
    }
    has_ended_any
}
