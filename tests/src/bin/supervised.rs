//! A program under a service manager: it tells how it is, drains on SIGTERM and says when it ends.
//!
//! Its only argument is the grace in seconds. A line on its standard input stalls its runtime.

#![expect(clippy::print_stdout, reason = "that is what it is for")]

use std::error::Error;
use std::io;
use std::net::Ipv4Addr;
use std::thread;
use std::time::Duration;

use mad_core::health_check;
use mad_exporter::Exporter;
use tokio::runtime::{Builder, Handle};

#[health_check(readiness)]
fn works() -> bool {
    true
}

fn main() -> Result<(), Box<dyn Error>> {
    let grace = std::env::args().nth(1).ok_or("no grace given")?.parse()?;
    let runtime = Builder::new_multi_thread().worker_threads(1).build()?;
    let exporter = {
        let _inside = runtime.enter();
        Exporter::builder()
            .listen((Ipv4Addr::LOCALHOST, 0))
            .runtime_lag_limit(Duration::from_secs(1))
            .notify_systemd()
            .start()?
    };
    let drained = exporter.drain_on_sigterm(Duration::from_secs(grace))?;
    let address = exporter.local_addr().ok_or("no address")?;
    println!("http://{address}");

    let handle = runtime.handle().clone();
    thread::Builder::new().spawn(move || stall_when_told(&handle))?;
    drained.wait();
    println!("drained");
    exporter.shutdown(Duration::from_secs(1));
    // What is stalled does not end.
    runtime.shutdown_background();
    println!("stopped");
    Ok(())
}

fn stall_when_told(runtime: &Handle) {
    for _ in io::stdin().lines() {
        runtime.spawn(async {
            loop {
                thread::park();
            }
        });
    }
}
