//! Far more requests at once than anybody sends in earnest, and one at a time.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use tests::Answer;
use tests::chaos::{Chaos, TOKEN};

/// How many connections a storm of probes has; the server keeps 512 of them.
const PROBES: usize = 1_000;

/// How many of them the bare server gets: about as many as MAD's keeps, and one that keeps all runs out
/// of file descriptors elsewhere.
const BARE_PROBES: usize = PROBES / 2;

/// How many triggers come one after the other.
const TRIGGERS: usize = 40;

/// How long an answer may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Asks on a connection of its own.
pub(crate) fn ask(address: SocketAddr, path: &str) -> io::Result<Answer> {
    read(open(address, &request("GET", path, ""))?)
}

/// Triggers the self-tests that a body selects.
pub(crate) fn trigger_once(chaos: &Chaos, body: &str) -> io::Result<Answer> {
    read(open(chaos.mad, &request("POST", "/selftest", body))?)
}

/// A thousand probes at once: each connection is answered or closed, and no answer is wrong. The bare
/// server has its share after that.
pub(crate) fn probe(chaos: &Chaos) {
    let statuses = storm(chaos.mad, PROBES);
    assert!(statuses.len() >= 300, "only {} answers", statuses.len());
    // No check gates liveness, so that it depends on nothing that goes wrong here.
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    storm(chaos.bare, BARE_PROBES);
}

/// Returns what it answers to so many probes at once.
fn storm(address: SocketAddr, probes: usize) -> Vec<u16> {
    let request = request("GET", "/livez", "");
    let open: Vec<_> = (0..probes).map(|_| open(address, &request)).collect();
    let answers = open
        .into_iter()
        .filter_map(|stream| read(stream.ok()?).ok());
    answers.map(|answer| answer.status).collect()
}

/// Many triggers: one run at a time, whatever the self-tests do.
pub(crate) fn trigger(chaos: &Chaos) {
    for _ in 0..TRIGGERS {
        // A storm of probes may have every connection.
        if let Ok(answer) = trigger_once(chaos, r#"{"wait":"1ms"}"#) {
            let is_expected = matches!(answer.status, 200 | 202 | 409 | 503);
            assert!(is_expected, "{answer:?}");
        }
    }
}

fn request(method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {TOKEN}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

fn open(address: SocketAddr, request: &str) -> io::Result<TcpStream> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request.as_bytes())?;
    Ok(stream)
}

fn read(mut stream: TcpStream) -> io::Result<Answer> {
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let (head, body) = text.split_once("\r\n\r\n").ok_or(io::ErrorKind::Other)?;
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    Ok(Answer {
        status: status.ok_or(io::ErrorKind::InvalidData)?,
        body: body.to_owned(),
    })
}
