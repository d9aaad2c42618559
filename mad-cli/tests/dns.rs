//! Instances that `mad selftest` finds by asking a real DNS server.

mod program;

use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mad_core::{Check, Registry, SelfTestOptions};
use mad_exporter::Exporter;
use program::{complained, said};

const TOKEN: &str = "correct-horse";

/// A service with one self-test, which passes.
fn instance() -> Exporter {
    let mut registry = Registry::new();
    let place = Check::self_test("orders/place", SelfTestOptions::DEFAULT, |_| true);
    registry.add(place).unwrap();
    Exporter::builder()
        .registry(registry)
        .listen(([127, 0, 0, 1], 0))
        .token(TOKEN)
        .start()
        .unwrap()
}

/// A DNS server that is ended with the test.
struct Dnsmasq(Child);

impl Drop for Dnsmasq {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

#[test]
fn instances_come_from_dns() {
    let instances = [instance(), instance()];
    let port = free_port();
    let mut dnsmasq = Command::new("dnsmasq");
    dnsmasq.args([
        "--keep-in-foreground",
        "--conf-file=/dev/null",
        "--no-resolv",
        "--no-hosts",
        "--pid-file",
        "--user=",
        "--listen-address=127.0.0.1",
        "--bind-interfaces",
        "--cache-size=0",
    ]);
    dnsmasq.arg(format!("--port={port}"));
    let records = instances.iter().map(|instance| {
        let port = instance.local_addr().unwrap().port();
        format!("--srv-host=_mad._tcp.shop.test,localhost,{port}")
    });
    dnsmasq.args(records);
    // So many that they do not fit into one datagram.
    let many = (0..60).map(|number| {
        format!(
            "--srv-host=_many._tcp.shop.test,localhost,{}",
            60_000 + number
        )
    });
    dnsmasq.args(many);
    let dnsmasq = dnsmasq.stdout(Stdio::null()).spawn();
    let _dnsmasq = Dnsmasq(dnsmasq.expect("`cargo xtask test` installs what the tests need"));
    let server = format!("127.0.0.1:{port}");
    let ask = |name: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mad"));
        command.env("MAD_TOKEN", TOKEN).args([
            "selftest",
            "--dns-srv",
            name,
            "--dns-server",
            &server,
            "--timeout",
            "5s",
            "--max-unavailable",
            "1",
        ]);
        command.output().unwrap()
    };
    let mut output = ask("_mad._tcp.shop.test");
    let started = Instant::now();
    while complained(&output).contains("does not answer") {
        assert!(started.elapsed() < Duration::from_secs(30), "it never does");
        output = ask("_mad._tcp.shop.test");
    }
    assert_eq!(output.status.code(), Some(0), "{}", complained(&output));
    assert!(said(&output).contains("2 pass"), "{}", said(&output));
    let many = said(&ask("_many._tcp.shop.test"));
    assert!(many.contains("59 not started"), "{many}");
    let unknown = ask("_mad._tcp.other.test");
    assert_eq!(unknown.status.code(), Some(2));
    for instance in instances {
        instance.shutdown(Duration::ZERO);
    }
}

fn free_port() -> u16 {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}
