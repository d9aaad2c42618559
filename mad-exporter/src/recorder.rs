//! The recorder behind the `metrics` facade, and the only place that knows which crate it is from.

use std::fmt;
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use once_cell::sync::OnceCell;

/// The buckets of histograms, in seconds: those that Prometheus' own clients have.
const BUCKETS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// How often what histograms have gathered is folded, or it would grow until the next scrape.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// The facade takes one recorder for the whole process, so all exporters share it.
static INSTALLED: OnceCell<PrometheusHandle> = OnceCell::new();

/// Installs MAD's recorder, or finds it installed, and returns what renders its page.
pub(crate) fn install() -> Result<impl Fn() -> String, RecorderError> {
    let handle = INSTALLED.get_or_try_init(install_first)?;
    Ok(|| handle.render())
}

fn install_first() -> Result<PrometheusHandle, RecorderError> {
    let recorder = recorder();
    let handle = recorder.handle();
    // First the thread, which can be taken back; the facade never gives a recorder back.
    let upkeep = start_upkeep().map_err(RecorderError::Thread)?;
    metrics::set_global_recorder(recorder).map_err(|_| RecorderError::Foreign)?;
    // The thread waits for it.
    _ = upkeep.send(handle.clone());
    Ok(handle)
}

fn recorder() -> PrometheusRecorder {
    let builder = PrometheusBuilder::new().set_buckets(&BUCKETS);
    builder
        .expect("there are buckets, and that is all it asks for")
        .build_recorder()
}

/// Starts the thread of the recorder's housekeeping, which lives as long as the process.
///
/// It belongs to no exporter: the recorder is there for all of them, also for one that is mounted on
/// the application's server and has no thread.
fn start_upkeep() -> io::Result<Sender<PrometheusHandle>> {
    let (sender, receiver) = channel();
    thread::Builder::new()
        .name("mad-upkeep".to_owned())
        .spawn(move || run_upkeep(&receiver))?;
    Ok(sender)
}

fn run_upkeep(handles: &Receiver<PrometheusHandle>) {
    // Without a handle, another recorder was there first.
    let Ok(handle) = handles.recv() else { return };
    loop {
        thread::sleep(UPKEEP_INTERVAL);
        handle.run_upkeep();
    }
}

/// Why MAD's recorder cannot be installed.
#[derive(Debug)]
pub(crate) enum RecorderError {
    /// Another one is installed.
    Foreign,
    /// The system gives no thread.
    Thread(io::Error),
}

impl fmt::Display for RecorderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str(
                "this program has installed a recorder for the `metrics` facade itself: \
                 serve its page with `.application_metrics(move || handle.render())`",
            ),
            Self::Thread(error) => write!(f, "the system gives no thread: {error}"),
        }
    }
}
