//! What keeps an exporter from starting.

use std::error::Error;
use std::fmt;
use std::io;

use crate::authority::InvalidToken;
use crate::authority::token_file::TokenFileError;
use crate::recorder::RecorderError;
use crate::systemd::EnvironmentError;

/// What keeps an exporter from starting, and what to do about it.
///
/// ```
/// use mad_exporter::Exporter;
///
/// let error = Exporter::builder().token("not a token").start().unwrap_err();
/// assert!(error.is_invalid_token());
/// assert!(!error.to_string().contains("not a token"));
/// ```
///
/// `Debug` writes the same text as `Display`, for programs whose `main` returns it.
pub struct StartError {
    problem: Problem,
}

#[derive(Debug)]
pub(crate) enum Problem {
    Token(InvalidToken),
    TokenFile(TokenFileError),
    Listen { place: String, error: io::Error },
    Load(io::Error),
    Recorder(RecorderError),
    Engine(mad_core::StartError),
    Systemd(EnvironmentError),
    Thread(io::Error),
}

impl StartError {
    /// Says whether a token is empty or cannot be sent in a header, or a file of tokens cannot be used.
    pub fn is_invalid_token(&self) -> bool {
        matches!(self.problem, Problem::Token(_) | Problem::TokenFile(_))
    }

    /// Says whether something else listens at the address.
    pub fn is_address_in_use(&self) -> bool {
        let in_use = io::ErrorKind::AddrInUse;
        matches!(&self.problem, Problem::Listen { error, .. } if error.kind() == in_use)
    }

    /// Says whether the program has installed a recorder for the `metrics` facade itself.
    pub fn is_recorder_installed(&self) -> bool {
        matches!(self.problem, Problem::Recorder(_))
    }

    /// Returns what is wrong with the checks or the values that they need, if that is it.
    pub fn engine(&self) -> Option<&mad_core::StartError> {
        match &self.problem {
            Problem::Engine(error) => Some(error),
            _ => None,
        }
    }
}

impl From<Problem> for StartError {
    fn from(problem: Problem) -> Self {
        Self { problem }
    }
}

/// The same text, as that is what a `main` that returns it prints.
impl fmt::Debug for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Problem::Token(error) => error.fmt(f),
            Problem::TokenFile(error) => error.fmt(f),
            Problem::Listen { place, error } => write!(
                f,
                "cannot listen on {place}: {error}{}",
                match error.kind() {
                    // It is the certificate, and not the address.
                    io::ErrorKind::InvalidData => "",
                    _ => {
                        "; end the program that does, if there is one, or choose another address with \
                         `.listen(..)` (port 0 takes a free one)"
                    }
                }
            ),
            Problem::Load(error) => write!(
                f,
                "the load of the machine cannot be limited: {error}; leave `.max_load_per_core(..)` out \
                 where there is no `/proc/loadavg`"
            ),
            Problem::Recorder(error) => error.fmt(f),
            Problem::Engine(error) => error.fmt(f),
            Problem::Systemd(error) => error.fmt(f),
            Problem::Thread(error) => write!(f, "the system gives no thread: {error}"),
        }
    }
}

impl Error for StartError {
    /// The text of what is wrong is in this one's already: this is what was below that.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.problem {
            Problem::Token(_) | Problem::Systemd(EnvironmentError::Number { .. }) => None,
            Problem::TokenFile(error) => error.io()?.source(),
            Problem::Listen { error, .. }
            | Problem::Systemd(EnvironmentError::Socket { error, .. })
            | Problem::Load(error)
            | Problem::Thread(error) => error.source(),
            Problem::Engine(error) => error.source(),
            Problem::Recorder(error) => error.source(),
        }
    }
}
