//! How long a probe takes, beside what a bare server takes on the same machine at the same time.
//!
//! Both are a thread with a runtime of its own, and both have storms of probes to answer: a machine that is
//! busy with something else makes both slow.

use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tests::chaos::Chaos;

use crate::watch::Watch;

/// How long 999 of 1,000 probes may take, beyond what the bare server needs.
const LIMIT: Duration = Duration::from_millis(50);

/// How long no probe may take, beyond what the bare server needs. A server that stalls keeps a prober
/// waiting, so that few of its probes are slow.
const STALL: Duration = Duration::from_secs(1);

/// How often it is probed.
const PAUSE: Duration = Duration::from_millis(2);

/// What was measured.
#[derive(Default)]
pub(crate) struct Latencies {
    mad: Mutex<Vec<Duration>>,
    bare: Mutex<Vec<Duration>>,
}

impl Latencies {
    /// Probes both in turn until it is over, each on a connection that stays.
    pub(crate) fn measure(&self, chaos: &Chaos, watch: &Watch, is_over: &AtomicBool) {
        let peers = [(chaos.mad, &self.mad), (chaos.bare, &self.bare)];
        let mut connections = peers.map(|(address, _)| Connection::new(address));
        while !is_over.load(Ordering::SeqCst) {
            for (connection, (_, times)) in connections.iter_mut().zip(peers) {
                let awake = watch.awake();
                // Closed when it was idle for too long, in a freeze: asked again on a new one.
                if let Ok(time) = connection.probe() {
                    times.lock().expect("nobody panics with it").push(time);
                }
                drop(awake);
            }
            thread::sleep(PAUSE);
        }
    }

    /// Fails if probes were slow, and the machine is not to blame.
    pub(crate) fn judge(&self) {
        let [mad, bare] = [&self.mad, &self.bare].map(|times| {
            let mut times = times.lock().expect("nobody panics with it").clone();
            times.sort_unstable();
            times
        });
        assert!(mad.len() > 1_000, "only {} probes", mad.len());
        let worst = |times: &[Duration]| times.last().copied().unwrap_or_default();
        for (what, mad, bare, limit) in [
            ("p99.9", part(&mad, 999), part(&bare, 999), LIMIT),
            ("worst", worst(&mad), worst(&bare), STALL),
        ] {
            // The storms that it has to answer are half as large, and it asks nobody who he is.
            let limit = limit + bare * 4;
            assert!(
                mad <= limit,
                "{what} {mad:?}, and a bare server {bare:?}: allowed are {limit:?}"
            );
        }
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, times) in [("probes", &self.mad), ("bare server", &self.bare)] {
            let mut times = times.lock().expect("nobody panics with it").clone();
            times.sort_unstable();
            write!(
                f,
                "{what:>12}: {} of them, p50 {:.1?}, p99 {:.1?}, p99.9 {:.1?}, worst {:.1?}; ",
                times.len(),
                part(&times, 500),
                part(&times, 990),
                part(&times, 999),
                times.last().copied().unwrap_or_default(),
            )?;
        }
        Ok(())
    }
}

fn part(sorted: &[Duration], thousandths: usize) -> Duration {
    let index = sorted.len() * thousandths / 1_000;
    sorted.get(index).copied().unwrap_or_default()
}

/// A connection that is opened anew when it was closed.
struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
}

impl Connection {
    fn new(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
        }
    }

    fn probe(&mut self) -> io::Result<Duration> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => open(self.address)?,
        };
        let started = Instant::now();
        stream.write_all(b"GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
        let mut answer = [0; 2048];
        let n_read = stream.read(&mut answer)?;
        let time = started.elapsed();
        if !answer[..n_read].starts_with(b"HTTP/1.1 200") {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.stream = Some(stream);
        Ok(time)
    }
}

fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}
