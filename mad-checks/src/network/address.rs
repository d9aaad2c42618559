//! A host and a port.

use std::fmt;

use super::NetworkError;

/// A host, by name or by number, and a port.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Address {
    /// Reads `host:port`, with an IPv6 address in brackets.
    pub(crate) fn parse(text: &str) -> Result<Self, NetworkError> {
        let refuse = || NetworkError::NotAnAddress(text.to_owned());
        let (host, port) = text.rsplit_once(':').ok_or_else(refuse)?;
        let bracketed = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let host = bracketed.unwrap_or(host);
        let is_ambiguous = bracketed.is_none() && host.contains(':');
        let port = port.parse().map_err(|_| refuse())?;
        if host.is_empty() || is_ambiguous {
            return Err(refuse());
        }
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') {
            write!(f, "[{host}]:{port}")
        } else {
            write!(f, "{host}:{port}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn a_host_and_a_port_are_read() {
        for (text, host, port) in [
            ("db:5432", "db", 5432),
            ("127.0.0.1:80", "127.0.0.1", 80),
            ("[::1]:80", "::1", 80),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!((&*address.host, address.port), (host, port));
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn what_has_no_port_or_no_host_is_refused() {
        for text in ["", "db", "db:", ":80", "db:99999", "::1:80", "db:http"] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }
}
