//! `mad serve`, as a browser asks it.

mod planted;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use mad_store::Environment;
use planted::{Planted, count};

/// The program. Dropped, it is ended.
struct Served {
    process: Child,
    address: String,
}

impl Served {
    fn start(planted: &Planted) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_mad"))
            .args(["serve", "--listen", "127.0.0.1:0", "--every", "150ms"])
            .current_dir(planted.path())
            .env_remove("MAD_STORE")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .strip_prefix("http://")
            .expect("it says where it is")
            .to_owned();
        Self { process, address }
    }

    fn ask(&self, method: &str, path: &str, host: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_mins(1)))
            .unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}

#[test]
fn the_page_follows_what_is_measured() {
    let mut planted = Planted::with_commits(12);
    planted.measure(
        &Environment::default(),
        &[count("instructions", &|_| Some(1_000.0))],
    );
    let served = Served::start(&planted);
    let answer = served.ask("GET", "/", &served.address);
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(
        answer.contains("content-type: text/html") && answer.contains("refresh: 1\r\n"),
        "{answer}"
    );
    assert!(
        answer.contains("run instructions") && !answer.contains("run complexity"),
        "{answer}"
    );

    planted.measure(
        &Environment::default(),
        &[count("complexity", &|_| Some(7.0))],
    );
    let begun = Instant::now();
    while !served
        .ask("GET", "/", "localhost")
        .contains("run complexity")
    {
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "the page stays as it was"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn nobody_else_is_shown_anything() {
    let planted = Planted::with_commits(2);
    let served = Served::start(&planted);
    let answer = served.ask("GET", "/", "evil.example.com");
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
    assert!(
        served
            .ask("GET", "/other", "localhost")
            .starts_with("HTTP/1.1 404")
    );
    assert!(
        served
            .ask("POST", "/", "localhost")
            .starts_with("HTTP/1.1 405")
    );
    let said = planted.says(&["serve", "--listen", "0.0.0.0:0"], 2);
    assert!(said.contains("can be reached by others"), "{said}");
}

#[test]
fn what_is_wrong_is_said_in_the_browser_until_it_is_right() {
    let planted = Planted::with_commits(2);
    planted.write("incidents.toml", "this is no list of incidents");
    let served = Served::start(&planted);
    let answer = served.ask("GET", "/", "localhost");
    assert!(
        answer.starts_with("HTTP/1.1 500") && answer.contains("incidents.toml"),
        "{answer}"
    );
    planted.write("incidents.toml", "");
    assert!(
        served
            .ask("GET", "/", "localhost")
            .starts_with("HTTP/1.1 200")
    );
}
