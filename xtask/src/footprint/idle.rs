//! What a service uses while nobody asks it anything.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use crate::proc::{self, Status};

/// How long a service may take until it listens.
const START_LIMIT: Duration = Duration::from_secs(10);
/// How long it is left alone before its memory is read.
const SETTLE: Duration = Duration::from_secs(5);
/// Over which span its CPU time is measured.
/// The kernel tells it in ticks of 10 ms.
const SPAN: Duration = Duration::from_mins(1);

/// What an idle service uses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Idle {
    pub(crate) status: Status,
    /// CPU time over [`SPAN`].
    pub(crate) cpu: Duration,
}

impl Idle {
    /// Returns the share of one processor, in percent.
    pub(crate) fn cpu_percent(&self) -> f64 {
        self.cpu.as_secs_f64() / SPAN.as_secs_f64() * 100.0
    }
}

/// Starts a program with free ports and then these words as its arguments, measures it and ends it.
///
/// # Errors
///
/// If it does not start, does not listen on every port, or ends by itself.
pub(crate) fn measure(binary: &Path, n_ports: usize, words: &[&str]) -> crate::Result<Idle> {
    let ports = free_ports(n_ports)?;
    let mut service = Service::start(binary, &ports, words)?;
    service.wait_until_listening(&ports)?;
    thread::sleep(SETTLE);
    let status = Status::of(service.pid())?;
    let cpu_before = proc::cpu_of(service.pid())?;
    thread::sleep(SPAN);
    let cpu = proc::cpu_of(service.pid())?.saturating_sub(cpu_before);
    Ok(Idle { status, cpu })
}

/// Asks the system for ports; all are held until the last is known, so that they differ.
fn free_ports(count: usize) -> crate::Result<Vec<u16>> {
    let bind = |_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let listeners: Vec<_> = (0..count).map(bind).collect::<Result<_, _>>()?;
    let port = |listener: &TcpListener| Ok(listener.local_addr()?.port());
    listeners.iter().map(port).collect()
}

/// A running program, which ends with this value.
struct Service(Child);

impl Service {
    fn start(binary: &Path, ports: &[u16], words: &[&str]) -> crate::Result<Self> {
        let ports = ports.iter().map(u16::to_string);
        let service = Command::new(binary).args(ports).args(words).spawn()?;
        Ok(Self(service))
    }

    fn pid(&self) -> u32 {
        self.0.id()
    }

    fn wait_until_listening(&mut self, ports: &[u16]) -> crate::Result {
        let start = Instant::now();
        let is_listening = |port: &u16| TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_ok();
        while !ports.iter().all(is_listening) {
            if let Some(status) = self.0.try_wait()? {
                return Err(format!("the service ended by itself ({status})").into());
            }
            if start.elapsed() > START_LIMIT {
                return Err(format!("the service does not listen after {START_LIMIT:?}").into());
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It has no state to save. If it has ended already, both do nothing.
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::free_ports;

    #[test]
    fn free_ports_differ() {
        let ports = free_ports(2).unwrap();
        assert_eq!(ports.len(), 2);
        assert_ne!(ports[0], ports[1]);
    }
}
