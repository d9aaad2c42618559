//! Whom the catalogue comes from: a service that runs, or a program that is started to tell.

use std::fmt;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::str::FromStr;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::address::{Address, InvalidAddress};
use crate::catalogue::Catalogue;
use crate::service::{Service, ServiceError};
use crate::token::Token;

/// What has a program of the service tell about its checks: see `mad_exporter::probe_main`.
const ARGUMENT: &str = "--mad-checks";

/// How much of what a program says is read.
const MAX_SAID: u64 = 16 * 1024 * 1024;

/// Whom the catalogue comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Service(Address),
    Program(PathBuf),
}

impl FromStr for Source {
    type Err = InvalidAddress;

    /// What is a file is a program, and everything else an address.
    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        if Path::new(text).is_file() {
            // A name without a folder would be looked for on the search path.
            return Ok(Self::Program(Path::new(".").join(text)));
        }
        text.parse().map(Self::Service)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(address) => write!(f, "{address}"),
            Self::Program(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Source {
    /// Returns the path below which MAD answers there: empty, or `/mad`. A program does not tell.
    pub(super) fn prefix(&self) -> &str {
        match self {
            Self::Service(address) => address.path(),
            Self::Program(_) => "",
        }
    }

    /// Returns the program, if it is one.
    pub(super) fn program(&self) -> Option<&Path> {
        match self {
            Self::Service(_) => None,
            Self::Program(path) => Some(path),
        }
    }

    /// Asks, for at most so long.
    pub(super) fn catalogue(
        &self,
        token: Option<Token>,
        timeout: Duration,
    ) -> Result<Catalogue, SourceError> {
        match self {
            Self::Service(address) => {
                let service = Service::new(address.clone(), token, timeout);
                let answer = service
                    .get("checks")
                    .and_then(|answer| answer.successful()?.read());
                answer.map_err(SourceError::Service)
            }
            Self::Program(path) => {
                let said = ask(path, timeout)?;
                serde_json::from_slice(&said).map_err(SourceError::Foreign)
            }
        }
    }
}

/// Has a program tell, and ends it if it does not in time: one that knows nothing of the question goes on as if it
/// had been started to serve.
fn ask(path: &Path, timeout: Duration) -> Result<Vec<u8>, SourceError> {
    let mut command = Command::new(path);
    command
        .arg(ARGUMENT)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut program = command.spawn().map_err(SourceError::Start)?;
    let output = program.stdout.take().expect("it is piped");
    let (send, receive) = mpsc::channel();
    let reader = move || {
        let mut said = Vec::new();
        let read = output.take(MAX_SAID).read_to_end(&mut said);
        // Nobody waits any more when it was too late.
        _ = send.send(read.map(|_| said));
    };
    let started = thread::Builder::new().spawn(reader);
    let said = match started {
        Ok(_) => receive.recv_timeout(timeout).map_err(|_| SourceError::Late),
        Err(error) => Ok(Err(error)),
    };
    // It has said all, or will not; most have ended by themselves.
    _ = program.kill();
    program.wait().map_err(SourceError::Start)?;
    said?.map_err(SourceError::Start)
}

/// Why nobody told.
#[derive(Debug)]
pub(super) enum SourceError {
    Service(ServiceError),
    Start(io::Error),
    Late,
    Foreign(serde_json::Error),
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const CALL: &str = "does its `main` begin with `mad_exporter::probe_main()`?";
        match self {
            Self::Service(error) => write!(f, "{error}"),
            Self::Start(error) => write!(f, "cannot be started: {error}"),
            Self::Late => write!(f, "no answer to `{ARGUMENT}` in time: {CALL}"),
            Self::Foreign(error) => {
                write!(
                    f,
                    "`{ARGUMENT}` does not print its checks ({error}): {CALL}"
                )
            }
        }
    }
}

impl std::error::Error for SourceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Service(error) => Some(error),
            Self::Start(error) => Some(error),
            Self::Foreign(error) => Some(error),
            Self::Late => None,
        }
    }
}
