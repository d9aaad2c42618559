//! Servers of other people that take what a store holds, and what they then say they have.

mod agents;
mod carbon;
mod cassandra;
mod clickhouse;
mod collector;
mod hbase;
mod influxdb;
mod mariadb;
mod mongodb;
mod nginx;
mod opentsdb;
mod prometheus;
mod pushgateway;
mod redis;
mod rotel;
mod rrdcached;
mod small_disk;
mod statsd;
mod victoria_metrics;

use std::fmt;
use std::fs::{File, read_dir};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use self::small_disk::SmallDisk;
use crate::process::Process;
use crate::wait::eventually_within;

pub use agents::Agent;
pub use carbon::Carbon;
pub use cassandra::Cassandra;
pub use clickhouse::ClickHouse;
pub use collector::Collector;
pub use influxdb::InfluxDb;
pub use mariadb::MariaDb;
pub use mongodb::MongoDb;
pub use nginx::Nginx;
pub use opentsdb::OpenTsdb;
pub use prometheus::ReceivingPrometheus;
pub use pushgateway::Pushgateway;
pub use redis::Redis;
pub use rotel::Rotel;
pub use rrdcached::Rrdcached;
pub use small_disk::on_small_disk;
pub use statsd::StatsD;
pub use victoria_metrics::VictoriaMetrics;

/// What starts a server, which is told its folder and its addresses.
struct Launch(Box<Launcher>);

type Launcher = dyn Fn(&Path, &[String]) -> Command + Send + Sync;

impl fmt::Debug for Launch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Launch(..)")
    }
}

/// A server in a process of its own, with a folder and addresses that it keeps when it is started again.
#[derive(Debug)]
struct Server {
    folder: TempDir,
    addresses: Vec<String>,
    launch: Launch,
    process: Option<Process>,
}

impl Server {
    /// Starts it on so many addresses, and waits until it listens at all of them.
    #[track_caller]
    fn start(
        n_addresses: usize,
        launch: impl Fn(&Path, &[String]) -> Command + Send + Sync + 'static,
    ) -> Self {
        let mut server = Self {
            folder: TempDir::new().unwrap(),
            addresses: Vec::new(),
            launch: Launch(Box::new(launch)),
            process: None,
        };
        // Somebody may take an address between our look and the server's.
        for _ in 0..5 {
            server.addresses = (0..n_addresses).map(|_| unused_address()).collect();
            if server.try_start() {
                return server;
            }
        }
        panic!("it ends each time: {}", server.log());
    }

    /// Starts it with what it had.
    #[track_caller]
    fn start_again(&mut self) {
        assert!(self.try_start(), "it has ended: {}", self.log());
    }

    /// Starts it, and says whether it listens at its addresses then; else it has ended.
    #[track_caller]
    fn try_start(&mut self) -> bool {
        let log = File::create(self.folder.path().join("log")).unwrap();
        let mut command = (self.launch.0)(self.folder.path(), &self.addresses);
        command
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log);
        let mut process = Process::start(&mut command);
        let mut has_ended = false;
        // One in Java takes a minute on a machine that has other things to do.
        eventually_within(5, "the server listens", || {
            has_ended = process.child().try_wait().unwrap().is_some();
            let addresses = &mut self.addresses.iter();
            has_ended || addresses.all(|address| TcpStream::connect(address).is_ok())
        });
        self.process = (!has_ended).then_some(process);
        !has_ended
    }

    /// Ends it as a crash would.
    fn kill(&mut self) {
        self.process = None;
    }

    /// The disk of its own that it was started on, where it keeps its data.
    #[track_caller]
    fn small_disk(&mut self) -> SmallDisk {
        let process = self.process.as_mut().expect("it runs").child().id();
        SmallDisk::of(process, &self.folder.path().join("data"))
    }

    /// Stops it where it is, or lets it go on.
    #[track_caller]
    fn signal(&mut self, signal: Signal) {
        let child = self.process.as_mut().expect("it runs").child();
        kill_process(Pid::from_child(child), signal).unwrap();
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    fn address(&self, index: usize) -> &str {
        &self.addresses[index]
    }
}

/// Chooses an address that nobody listens at, and that no connection is given while the server is away.
#[track_caller]
fn unused_address() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = std::process::id() * 101 + NEXT.fetch_add(1, Ordering::Relaxed);
        // Systems give out what is above.
        let port = 10_000 + number % 20_000;
        let address = format!("127.0.0.1:{port}");
        if TcpListener::bind(&address).is_ok() {
            return address;
        }
    }
}

/// Returns the files below a folder whose names end so.
fn files_below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    files
}

/// Lets a test start, kill and restart a server by its own name.
macro_rules! can_be_killed {
    ($server:ty) => {
        impl $server {
            /// Ends it as a crash would.
            pub fn kill(&mut self) {
                self.server.kill();
            }

            /// Starts it again, with what it had on the disk.
            ///
            /// # Panics
            ///
            /// If it does not start.
            #[track_caller]
            pub fn start_again(&mut self) {
                self.server.start_again();
            }
        }
    };
}
use can_be_killed;

/// Lets a test fill the disk that a server was started on, and free it again.
macro_rules! has_small_disk {
    ($server:ty) => {
        impl $server {
            /// Takes all the room that is left on its disk.
            ///
            /// # Panics
            ///
            /// If it has no disk of its own.
            #[track_caller]
            pub fn fill_disk(&mut self) {
                self.server.small_disk().fill();
            }

            /// Gives the room back.
            ///
            /// # Panics
            ///
            /// If none was taken.
            #[track_caller]
            pub fn free_disk(&mut self) {
                self.server.small_disk().free();
            }
        }
    };
}
use has_small_disk;
