//! Slow, idle and hammering connections by the hundred, and how long probes take meanwhile.

use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// How many connections send a head, a byte now and then.
const SLOW: usize = 500;

/// How many connections ask again and again.
const HAMMERING: usize = 1_000;

/// Attacks a server for so long, and probes it all the while.
pub fn attack(address: SocketAddr, path: &str, time: Duration) -> Times {
    let attack = Attack::default();
    let mut times = thread::scope(|scope| {
        scope.spawn(|| attack.run(address, path));
        let mut times = Times::default();
        // Everybody is there when each has had an answer; a server may be too slow even for that.
        let begun = Instant::now();
        while attack.answers.load(Ordering::SeqCst) < HAMMERING as u64 && begun.elapsed() < time {
            thread::sleep(Duration::from_millis(5));
        }
        let until = Instant::now() + time;
        while Instant::now() < until {
            times.measure(|| ask(address, "/livez"));
            thread::sleep(Duration::from_millis(5));
        }
        attack.is_over.store(true, Ordering::SeqCst);
        times
    });
    times.answers = attack.answers.load(Ordering::SeqCst);
    times
}

/// Asks on a connection of its own, as kubelets do, and returns the beginning of the answer.
///
/// # Errors
///
/// If there is none.
pub fn ask(address: SocketAddr, path: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.set_nodelay(true)?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")?;
    let mut answer = [0; 2048];
    let n_read = stream.read(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer[..n_read]).into_owned())
}

/// How long probes took.
#[derive(Clone, Debug, Default)]
pub struct Times {
    answered: Vec<Duration>,
    /// How many were not answered with 200.
    pub lost: usize,
    /// How many answers those got who attacked.
    pub answers: u64,
}

impl Times {
    /// Probes once.
    pub fn measure(&mut self, ask: impl FnOnce() -> io::Result<String>) {
        let started = Instant::now();
        match ask() {
            Ok(answer) if answer.starts_with("HTTP/1.1 200") => {
                self.answered.push(started.elapsed());
            }
            _ => self.lost += 1,
        }
    }

    /// Returns what so many of a hundred probes took at most.
    pub fn part(&self, hundredths: usize) -> Duration {
        let mut times = self.answered.clone();
        times.sort_unstable();
        let index = times.len() * hundredths / 100;
        times.get(index).copied().unwrap_or_default()
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (n, lost) = (self.answered.len(), self.lost);
        let (p50, p99) = (self.part(50), self.part(99));
        let worst = self.answered.iter().max().copied().unwrap_or_default();
        write!(
            f,
            "{n}, {lost} lost, p50 {p50:.1?}, p99 {p99:.1?}, worst {worst:.1?}"
        )
    }
}

/// Hundreds of connections that mean no good.
#[derive(Default)]
struct Attack {
    is_over: Arc<AtomicBool>,
    answers: Arc<AtomicU64>,
}

impl Attack {
    fn run(&self, address: SocketAddr, path: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            for _ in 0..SLOW {
                tokio::spawn(async move {
                    loop {
                        _ = be_slow(address).await;
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                });
            }
            let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
            let request: Arc<[u8]> = request.into_bytes().into();
            for _ in 0..HAMMERING {
                let answers = Arc::clone(&self.answers);
                let request = Arc::clone(&request);
                tokio::spawn(async move {
                    loop {
                        _ = hammer(address, &request, &answers).await;
                        tokio::time::sleep(Duration::from_millis(5)).await;
                    }
                });
            }
            while !self.is_over.load(Ordering::SeqCst) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
    }
}

/// Sends a head, a byte now and then, until the other side has had enough.
async fn be_slow(address: SocketAddr) -> io::Result<()> {
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    stream.write_all(b"GET /livez HTTP/1.1\r\nx-slow: ").await?;
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        stream.write_all(b"x").await?;
    }
}

/// Asks again and again, as soon as there is an answer.
async fn hammer(address: SocketAddr, request: &[u8], answers: &AtomicU64) -> io::Result<()> {
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    let mut answer = vec![0; 64 * 1024];
    loop {
        stream.write_all(request).await?;
        let n_read = stream.read(&mut answer).await?;
        if n_read == 0 {
            return Ok(());
        }
        answers.fetch_add(1, Ordering::Relaxed);
    }
}
