//! The shop's own program as the client that asks its probes, and that tells its checks.

use std::io::Write as _;
use std::net::TcpListener;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tests::{Shop, eventually};

fn shop(arguments: &[&str]) -> Output {
    let shop = Command::new(Shop::program()).args(arguments).output();
    shop.expect("the shop can be started")
}

fn complained(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn it_ends_with_what_the_probe_says() {
    let service = Shop::start();
    let readyz = format!("{}/readyz", service.mad);
    let asked = || shop(&["--health-probe", &readyz]);
    eventually("the probe passes", || asked().status.code() == Some(0));
    service.fault("db", true);
    eventually("the probe does not pass", || {
        asked().status.code() == Some(1)
    });
    let complained = complained(&asked());
    assert!(complained.contains("[-]order_database"), "{complained}");
    let livez = shop(&["--health-probe", &format!("{}/livez", service.mad)]);
    assert_eq!((livez.status.code(), &*livez.stderr), (Some(0), &b""[..]));
}

#[test]
fn it_prints_the_checks_as_the_service_shows_them() {
    let service = Shop::start();
    let mut shown = service.mad_authorised("GET", "/checks", None).json();
    let printed = shop(&["--mad-checks"]);
    assert_eq!(printed.status.code(), Some(0), "{}", complained(&printed));
    let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
    let checks = shown["health_checks"].as_array_mut().unwrap();
    // It is of the program that runs. So are those that the service adds itself; what is printed is linked.
    let linked = printed["health_checks"].as_array().unwrap();
    assert!(!linked.is_empty());
    checks.retain(|check| linked.iter().any(|linked| linked["name"] == check["name"]));
    assert_eq!(checks, linked);
    assert_eq!(shown["self_tests"], printed["self_tests"]);
}

#[test]
fn whoever_is_silent_or_slow_or_no_server_does_not_pass_and_costs_a_second() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let slow = TcpListener::bind("127.0.0.1:0").unwrap();
    let foreign = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = |listener: &TcpListener| format!("http://{}", listener.local_addr().unwrap());
    let places = [address(&silent), address(&slow), address(&foreign)];
    thread::scope(|scope| {
        scope.spawn(|| {
            let (mut caller, _) = slow.accept().unwrap();
            // A letter at a time, until the caller has gone.
            while caller.write_all(b"H").is_ok() {
                thread::sleep(Duration::from_millis(50));
            }
        });
        scope.spawn(|| foreign.accept().unwrap().0.write_all(b"220 mail").unwrap());
        for place in places {
            let started = Instant::now();
            let asked = shop(&["--health-probe", &place]);
            assert_eq!(asked.status.code(), Some(1), "{place}");
            assert!(complained(&asked).contains("answer"));
            assert!(started.elapsed() < Duration::from_secs(20));
        }
    });
    let nobody = shop(&["--health-probe", "http://127.0.0.1:1"]);
    assert_eq!(nobody.status.code(), Some(1));
    let nonsense = shop(&["--health-probe", "https://example.com"]);
    assert_eq!(nonsense.status.code(), Some(1));
    assert!(complained(&nonsense).contains("is no probe"));
}
