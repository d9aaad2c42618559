//! The service's own program as the client that asks its probes, and that tells its checks.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::process;
use std::time::{Duration, Instant};

use mad_core::{Registry, RegistryError};

use crate::render::checks_json;

/// The port that the documents of MAD use everywhere.
const PORT: u16 = 9464;

/// How long a probe may take, as Kubernetes and Docker mean it.
const TIMEOUT: Duration = Duration::from_secs(1);

/// How much of an answer is read.
const MAX_ANSWER: u64 = 64 * 1024;

/// Answers instead of the service, if the program was started for that: call it first in `main`.
///
/// An image without a shell and without curl has one program that can ask a probe, the service's own:
///
/// | started as | what it does |
/// |---|---|
/// | `shop --health-probe` | asks `http://127.0.0.1:9464/readyz`, for one second at most, and ends with 0 if that passes and 1 if not |
/// | `shop --health-probe livez` | the same with another path |
/// | `shop --health-probe http://127.0.0.1:8080/mad/readyz` | the same with another address; its host is an IP address or `localhost`, as nothing would end the system's search for another name |
/// | `shop --mad-checks` | prints the checks that are linked as `GET /checks` shows them, and ends; `mad generate --from shop` reads that |
///
/// It returns when the first argument is none of these, and leaves all arguments to the program.
///
/// Why a probe does not pass is on the standard error output, where `docker inspect` and the events of Kubernetes
/// show it. Checks that a running program adds are not linked and not printed, and neither is MAD's own check
/// `runtime`.
///
/// ```
/// // In `main`:
/// mad_core::init();
/// mad_exporter::probe_main();
/// // The service begins here.
/// ```
pub fn probe_main() {
    let mut arguments = env::args_os().skip(1);
    let ended = match arguments.next() {
        Some(asked) if asked == "--health-probe" => probe(arguments.next()),
        Some(asked) if asked == "--mad-checks" => print_checks(),
        _ => return,
    };
    let code = match ended {
        Ok(()) => 0,
        Err(error) => {
            // To nobody nothing can be said.
            _ = writeln!(io::stderr(), "{error}");
            1
        }
    };
    #[expect(
        clippy::exit,
        reason = "nothing of the program has begun, and its `main` is to go no further"
    )]
    process::exit(code)
}

fn print_checks() -> Result<(), ProbeError> {
    let registry = Registry::linked().map_err(ProbeError::Registry)?;
    let checks: Vec<_> = registry.iter().collect();
    let checks = checks_json::checks(checks.iter().copied());
    let mut output = io::stdout().lock();
    serde_json::to_writer(&mut output, &checks).map_err(io::Error::from)?;
    writeln!(output)?;
    Ok(())
}

fn probe(asked: Option<OsString>) -> Result<(), ProbeError> {
    let asked = asked.unwrap_or_else(|| OsString::from("readyz"));
    let place = asked.to_str().and_then(Place::read);
    let place = place.ok_or_else(|| ProbeError::place(&asked))?;
    let answer = place.get(Instant::now() + TIMEOUT)?;
    let text = String::from_utf8_lossy(&answer);
    // `HTTP/1.1 200 OK`
    let status = text
        .split(' ')
        .nth(1)
        .filter(|_| text.starts_with("HTTP/1."));
    match status {
        Some("200" | "204") => Ok(()),
        Some(_) => Err(ProbeError::Fails(without_control(&text))),
        None => Err(ProbeError::Foreign),
    }
}

/// The answer without its headers, and without what would move a terminal.
fn without_control(answer: &str) -> String {
    let body = answer
        .split_once("\r\n\r\n")
        .map_or(answer, |(_, body)| body);
    let is_shown = |letter: &char| !letter.is_control() || *letter == '\n';
    body.trim().chars().filter(is_shown).collect()
}

/// Where a probe is asked.
#[derive(Debug, Eq, PartialEq)]
struct Place {
    address: SocketAddr,
    path: String,
}

impl Place {
    /// Reads a path, or an address with one.
    fn read(text: &str) -> Option<Self> {
        let is_word = |letter: char| letter.is_ascii_graphic();
        if text.is_empty() || !text.chars().all(is_word) {
            return None;
        }
        let Some(rest) = text.strip_prefix("http://") else {
            let is_path = !text.contains("://");
            return is_path.then(|| Self {
                address: SocketAddr::from((Ipv4Addr::LOCALHOST, PORT)),
                path: format!("/{}", text.trim_start_matches('/')),
            });
        };
        let end = rest.find('/').unwrap_or(rest.len());
        let (host, path) = rest.split_at(end);
        let path = if path.is_empty() { "/readyz" } else { path };
        Some(Self {
            address: address(host)?,
            path: path.to_owned(),
        })
    }

    /// Asks, until that moment at the latest.
    fn get(&self, deadline: Instant) -> io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&self.address, left(deadline)?)?;
        stream.set_write_timeout(Some(left(deadline)?))?;
        let Self { address, path } = self;
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        let mut stream = stream.take(MAX_ANSWER);
        let mut block = [0; 4096];
        loop {
            // Each read has what is left: who sends a letter at a time gains nothing.
            stream.get_ref().set_read_timeout(Some(left(deadline)?))?;
            match stream.read(&mut block) {
                Ok(0) => return Ok(answer),
                Ok(length) => answer.extend_from_slice(&block[..length]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                Err(error) => return Err(error),
            }
        }
    }
}

fn left(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    Ok(left)
}

/// Reads `127.0.0.1:8080`, `[::1]` or `localhost`; without a port it is that of HTTP.
fn address(host: &str) -> Option<SocketAddr> {
    const PORT_OF_HTTP: u16 = 80;
    if let Ok(address) = host.parse() {
        return Some(address);
    }
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, port.parse().ok()?),
        _ => (host, PORT_OF_HTTP),
    };
    if name == "localhost" {
        return Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    }
    let name = name
        .strip_prefix('[')
        .and_then(|name| name.strip_suffix(']'))
        .unwrap_or(name);
    let ip: IpAddr = name.parse().ok()?;
    Some(SocketAddr::from((ip, port)))
}

/// Why a probe does not pass, or nothing is printed.
#[derive(Debug)]
enum ProbeError {
    Place(String),
    Io(io::Error),
    Fails(String),
    Foreign,
    Registry(RegistryError),
}

impl ProbeError {
    fn place(asked: &OsStr) -> Self {
        Self::Place(asked.display().to_string())
    }
}

impl From<io::Error> for ProbeError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl fmt::Display for ProbeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Place(asked) => write!(
                f,
                "{asked:?} is no probe: write a path such as `livez`, or an address such as \
                 `http://127.0.0.1:9464/livez`, with an IP address or `localhost` in it"
            ),
            Self::Io(error) => write!(f, "no answer: {error}"),
            Self::Fails(text) => f.write_str(text),
            Self::Foreign => f.write_str("what answers there does not speak HTTP"),
            Self::Registry(error) => write!(f, "{error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[track_caller]
    fn is_read(text: &str, address: &str, path: &str) {
        let place = Place::read(text).expect(text);
        assert_eq!(
            (place.address.to_string().as_str(), &*place.path),
            (address, path)
        );
    }

    #[test]
    fn a_place_is_a_path_or_an_address() {
        is_read("livez", "127.0.0.1:9464", "/livez");
        is_read("/readyz/db", "127.0.0.1:9464", "/readyz/db");
        is_read("http://127.0.0.1:8080", "127.0.0.1:8080", "/readyz");
        is_read("http://localhost:1/a/livez", "127.0.0.1:1", "/a/livez");
        is_read("http://[::1]:1/livez", "[::1]:1", "/livez");
        is_read("http://[::1]/livez", "[::1]:80", "/livez");
    }

    #[test]
    fn what_could_not_be_asked_in_time_or_would_be_another_request_is_refused() {
        for wrong in [
            "",
            "a b",
            "livez\r\nX: y",
            "https://127.0.0.1/livez",
            "http://example.com/livez",
            "http://127.0.0.1:99999/",
            "http:///livez",
        ] {
            assert_eq!(Place::read(wrong), None, "{wrong:?}");
        }
    }
}
