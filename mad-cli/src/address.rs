//! Where a service is.

use std::fmt;
use std::str::FromStr;

/// The port that the documents of MAD use everywhere.
const PORT: &str = "9464";

/// Where MAD of a service answers: what stands before `/readyz`.
///
/// `shop:9464` and `shop` are short for `http://shop:9464`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct Address {
    /// With the scheme and the port, and without a slash at the end.
    base: String,
    /// The path that was asked for, if there was one.
    path: String,
}

impl Address {
    /// Returns the address of something there, such as `health?format=text`.
    pub(crate) fn of(&self, path: &str) -> String {
        format!("{}{}/{path}", self.base, self.path)
    }

    /// Says whether what is sent there is encrypted.
    pub(crate) fn is_secure(&self) -> bool {
        self.base.starts_with("https:")
    }

    /// Returns the path that was asked for; it is empty if there was none.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// Returns the address as it was asked for, with this path if it had none.
    pub(crate) fn with_default(&self, path: &str) -> String {
        if self.path.is_empty() {
            self.of(path)
        } else {
            format!("{}{}", self.base, self.path)
        }
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let has_scheme = text.contains("://");
        let url = if has_scheme {
            text.to_owned()
        } else {
            format!("http://{text}")
        };
        let (scheme, rest) = url.split_once("://").ok_or(InvalidAddress::NoHost)?;
        if !matches!(scheme, "http" | "https") {
            return Err(InvalidAddress::Scheme(scheme.to_owned()));
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return Err(InvalidAddress::Secret);
        }
        if authority.is_empty() || authority.contains(char::is_whitespace) {
            return Err(InvalidAddress::NoHost);
        }
        let port = if has_scheme || has_port(authority) {
            String::new()
        } else {
            format!(":{PORT}")
        };
        Ok(Self {
            base: format!("{scheme}://{authority}{port}"),
            path: path.trim_end_matches('/').to_owned(),
        })
    }
}

fn has_port(authority: &str) -> bool {
    // The colons of an IPv6 address stand in brackets.
    let after_address = authority.rsplit(']').next().unwrap_or(authority);
    after_address.contains(':')
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.base, self.path)
    }
}

/// Why a text is no address.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum InvalidAddress {
    NoHost,
    Scheme(String),
    Secret,
}

impl fmt::Display for InvalidAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHost => f.write_str("there is no host in it: write `shop.example.com:9464`"),
            Self::Scheme(scheme) => {
                write!(
                    f,
                    "`{scheme}` is not spoken here: write `http://` or `https://`"
                )
            }
            Self::Secret => f.write_str(
                "a secret in an address is seen by everybody on this machine: \
                 put the token into the environment variable MAD_TOKEN, or use --token-file",
            ),
        }
    }
}

impl std::error::Error for InvalidAddress {}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let address: Address = text.parse().expect("an address");
        assert_eq!(address.to_string(), expected);
    }

    #[test]
    fn what_is_left_out_is_added() {
        check("shop", "http://shop:9464");
        check("shop:8080", "http://shop:8080");
        check("shop:8080/", "http://shop:8080");
        check("[::1]", "http://[::1]:9464");
        check("[::1]:80", "http://[::1]:80");
        check("http://shop", "http://shop");
        check(
            "https://shop.example.com/mad/",
            "https://shop.example.com/mad",
        );
        check("shop/mad", "http://shop:9464/mad");
    }

    #[test]
    fn what_is_asked_for_stands_below_the_path() {
        let address: Address = "https://shop/mad".parse().expect("an address");
        assert_eq!(address.of("health"), "https://shop/mad/health");
        assert_eq!(address.with_default("readyz"), "https://shop/mad");
        let address: Address = "shop".parse().expect("an address");
        assert_eq!(address.with_default("readyz"), "http://shop:9464/readyz");
    }

    #[test]
    fn what_is_no_address_is_refused_with_the_reason() {
        let refused = |text: &str| text.parse::<Address>().expect_err("no address");
        assert_eq!(refused(""), InvalidAddress::NoHost);
        assert_eq!(refused("http://"), InvalidAddress::NoHost);
        assert_eq!(refused("a b"), InvalidAddress::NoHost);
        assert_eq!(
            refused("ftp://shop"),
            InvalidAddress::Scheme("ftp".to_owned())
        );
        assert_eq!(refused("http://user:secret@shop"), InvalidAddress::Secret);
    }
}
