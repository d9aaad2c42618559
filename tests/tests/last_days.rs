//! A process under its manager, from its first word to its last.

use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use tests::{Ear, Request, Shop, Supervised, eventually, get, request};

/// With a grace of an hour, whatever ends does not wait for it.
const HOUR: &str = "3600";

fn supervised(grace: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_supervised"));
    command.arg(grace).env_remove("NOTIFY_SOCKET");
    command
}

fn status(program: &Supervised, path: &str) -> u16 {
    get(&format!("{}{path}", program.mad)).status
}

/// Sends the beginning of an order and returns when the shop waits for the rest.
fn begin_order(shop: &Shop, order: &str) -> TcpStream {
    let address = shop.shop.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_mins(1)))
        .unwrap();
    let head = format!(
        "POST /orders HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
         Connection: close\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        order.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = [0; 25];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream
}

#[test]
fn a_shop_that_gets_sigterm_drains_closes_its_door_ends_what_has_begun_and_exits_with_0() {
    let mut shop = Shop::start();
    eventually("it is ready", || shop.mad("GET", "/readyz").status == 200);
    let order = r#"{"customer":"ada","lines":[{"product":"mug","quantity":1}]}"#;
    let mut customer = begin_order(&shop, order);

    shop.terminate();
    eventually("it drains", || {
        let answer = shop.mad("GET", "/readyz");
        answer.status == 503 && answer.body.contains("[-]lifecycle failed")
    });
    assert_eq!(shop.mad("GET", "/livez").status, 200);
    let address = shop.shop.trim_start_matches("http://").to_owned();
    eventually("its door is closed", || {
        TcpStream::connect(&address).is_err()
    });
    assert_eq!(shop.mad("GET", "/livez").status, 200);

    customer.write_all(order.as_bytes()).unwrap();
    let mut answer = String::new();
    customer.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert_eq!(shop.end().code(), Some(0));
}

#[test]
fn a_second_sigterm_cuts_the_grace_short() {
    let mut program = Supervised::start(&mut supervised(HOUR));
    eventually("it is ready", || status(&program, "/readyz") == 200);
    program.terminate();
    eventually("it drains", || status(&program, "/readyz") == 503);
    assert_eq!(status(&program, "/livez"), 200);
    program.terminate();
    let (lines, ended) = program.last_words();
    assert_eq!(lines, ["drained", "stopped"]);
    assert_eq!(ended.code(), Some(0));
}

#[test]
fn the_grace_ends_by_itself() {
    let mut program = Supervised::start(&mut supervised("0"));
    program.terminate();
    let (lines, ended) = program.last_words();
    assert_eq!((lines.len(), ended.code()), (2, Some(0)));
}

#[track_caller]
fn check_told(name: &OsStr, ear: &Ear) {
    let mut command = supervised(HOUR);
    command
        .env("NOTIFY_SOCKET", name)
        .env("WATCHDOG_USEC", "400000");
    let mut program = Supervised::start(&mut command);
    ear.hear("READY=1");
    ear.hear("WATCHDOG=1");

    program.stall();
    let heard = ear.hear("STATUS=serving; down: runtime");
    assert!(!heard.iter().any(|datagram| datagram.contains("STOPPING")));
    let heard = ear.listen_for(Duration::from_secs(1));
    assert_eq!(heard, [""; 0], "no sign of life from what is not alive");

    // Draining may be taken back, and is no end.
    let drain = || {
        let url = format!("{}/drain", program.mad);
        request(Request {
            method: "POST",
            url: &url,
            token: None,
            body: None,
        })
    };
    assert_eq!(drain().status, 200);
    let heard = ear.hear("STATUS=draining; down: runtime");
    assert!(!heard.iter().any(|datagram| datagram.contains("STOPPING")));

    // The runtime is still stalled, and nobody needs it for this.
    program.terminate();
    ear.hear("STOPPING=1");
    program.terminate();
    ear.hear("STATUS=stopped");
    assert_eq!(program.last_words().1.code(), Some(0));
    assert_eq!(ear.listen_for(Duration::from_millis(1)), [""; 0]);
}

#[test]
fn systemd_is_told_at_a_path() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("notify");
    let ear = Ear::new(UnixDatagram::bind(&path).unwrap());
    check_told(path.as_os_str(), &ear);
}

#[test]
fn systemd_is_told_at_an_abstract_name() {
    let name = format!("mad-tests-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).unwrap();
    let ear = Ear::new(UnixDatagram::bind_addr(&address).unwrap());
    check_told(OsStr::new(&format!("@{name}")), &ear);
}

#[test]
fn a_watchdog_for_another_process_is_not_ours() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("notify");
    let ear = Ear::new(UnixDatagram::bind(&path).unwrap());
    let mut command = supervised(HOUR);
    command
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "400000")
        .env("WATCHDOG_PID", "1");
    let _program = Supervised::start(&mut command);
    ear.hear("READY=1");
    let heard = ear.listen_for(Duration::from_secs(1)).concat();
    assert!(!heard.contains("WATCHDOG"), "{heard}");
}

#[test]
fn an_environment_that_makes_no_sense_keeps_it_from_starting() {
    let mut command = supervised(HOUR);
    let output = command.env("NOTIFY_SOCKET", "vsock:2:1").output().unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("NOTIFY_SOCKET"), "{text}");
}
