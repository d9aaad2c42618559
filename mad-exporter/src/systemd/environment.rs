//! What a service manager says in the environment.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::time::Duration;

use super::socket::Socket;

/// What the service manager wants to hear, and where.
#[derive(Debug)]
pub(crate) struct Environment {
    pub(super) socket: Socket,
    /// The service is ended if it says nothing for this long.
    pub(super) watchdog: Option<Duration>,
}

impl Environment {
    /// Reads it; `None` if no service manager listens.
    pub(crate) fn read(
        variable: impl Fn(&'static str) -> Option<OsString>,
        process: u32,
    ) -> Result<Option<Self>, EnvironmentError> {
        let Some(address) = variable("NOTIFY_SOCKET").filter(|address| !address.is_empty()) else {
            return Ok(None);
        };
        let socket = Socket::open(&address);
        let socket = socket.map_err(|error| EnvironmentError::Socket { address, error })?;
        let number = |name| {
            let value = variable(name).filter(|value| !value.is_empty());
            value.map(|value| parse(name, value)).transpose()
        };
        // For another process: the manager watches that one.
        let is_ours = number("WATCHDOG_PID")?.is_none_or(|watched| watched == u64::from(process));
        let period = number("WATCHDOG_USEC")?.filter(|period| is_ours && *period > 0);
        Ok(Some(Self {
            socket,
            watchdog: period.map(Duration::from_micros),
        }))
    }
}

fn parse(name: &'static str, value: OsString) -> Result<u64, EnvironmentError> {
    let number = value.to_str().and_then(|text| text.parse().ok());
    number.ok_or(EnvironmentError::Number { name, value })
}

/// What is wrong with it.
#[derive(Debug)]
pub(crate) enum EnvironmentError {
    Socket { address: OsString, error: io::Error },
    Number { name: &'static str, value: OsString },
}

impl fmt::Display for EnvironmentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket { address, error } => write!(
                f,
                "cannot notify the service manager at `{}`, which NOTIFY_SOCKET names: {error}; \
                 unset it where there is none",
                address.display()
            ),
            Self::Number { name, value } => write!(
                f,
                "{name} is `{}`, which is no number: systemd sets it, and nobody else should",
                value.display()
            ),
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    const PROCESS: u32 = 42;

    fn read(variables: &[(&str, &str)]) -> Result<Option<Environment>, EnvironmentError> {
        let value = |name: &str| {
            let mut variables = variables.iter();
            let (_, value) = variables.find(|(other, _)| *other == name)?;
            Some(OsString::from(value))
        };
        Environment::read(value, PROCESS)
    }

    #[track_caller]
    fn check_watchdog(variables: &[(&str, &str)], expected: Option<u64>) {
        let socket = [("NOTIFY_SOCKET", "@mad")];
        let environment = read(&[&socket, variables].concat()).unwrap().unwrap();
        assert_eq!(environment.watchdog, expected.map(Duration::from_millis));
    }

    #[test]
    fn without_a_socket_nobody_listens() {
        assert!(read(&[]).unwrap().is_none());
        assert!(read(&[("NOTIFY_SOCKET", "")]).unwrap().is_none());
        assert!(read(&[("WATCHDOG_USEC", "x")]).unwrap().is_none());
    }

    #[test]
    fn the_watchdog_is_for_the_process_that_is_named_or_for_any() {
        check_watchdog(&[], None);
        let period = ("WATCHDOG_USEC", "30000");
        check_watchdog(&[period], Some(30));
        check_watchdog(&[period, ("WATCHDOG_PID", "42")], Some(30));
        check_watchdog(&[period, ("WATCHDOG_PID", "43")], None);
        check_watchdog(&[("WATCHDOG_USEC", "0")], None);
        check_watchdog(&[("WATCHDOG_PID", "42")], None);
    }

    #[test]
    fn what_cannot_be_read_or_reached_is_refused_with_its_name() {
        let socket = ("NOTIFY_SOCKET", "@mad");
        let long = format!("/{}", "x".repeat(200));
        for (variables, part) in [
            (vec![("NOTIFY_SOCKET", "vsock:2:9999")], "vsock:2:9999"),
            (vec![("NOTIFY_SOCKET", long.as_str())], "NOTIFY_SOCKET"),
            (vec![socket, ("WATCHDOG_USEC", "30s")], "WATCHDOG_USEC"),
            (vec![socket, ("WATCHDOG_PID", "-1")], "WATCHDOG_PID"),
        ] {
            let error = read(&variables).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
