//! What the environment says about how the shop runs.

use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use thiserror::Error;

use crate::faults::Fault;

/// Where customers find the shop.
pub(crate) const SHOP_LISTEN: &str = "SHOP_LISTEN";

/// Where operations find MAD.
pub(crate) const MAD_LISTEN: &str = "MAD_LISTEN";

/// The file of the database.
pub(crate) const SHOP_DATABASE: &str = "SHOP_DATABASE";

/// The faults that are switched on from the start, with commas between them.
pub(crate) const SHOP_FAULTS: &str = "SHOP_FAULTS";

/// What a caller has to know to start self-tests.
pub(crate) const MAD_TOKEN: &str = "MAD_TOKEN";

const DEFAULT_SHOP_ADDRESS: SocketAddr = SocketAddr::new(LOOPBACK, 8080);
const DEFAULT_MAD_ADDRESS: SocketAddr = SocketAddr::new(LOOPBACK, 9464);
const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// How many random bytes a token is made of.
const TOKEN_LENGTH: usize = 16;

/// How the shop runs.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) shop_address: SocketAddr,
    pub(crate) mad_address: SocketAddr,
    /// `None` is a temporary file.
    pub(crate) database: Option<PathBuf>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) token: Token,
}

/// The secret that starts self-tests, and where it comes from.
#[derive(Clone, Eq, PartialEq)]
pub(crate) enum Token {
    /// Somebody chose it, and it is not shown.
    Chosen(String),
    /// It was made for this run, and so it has to be shown.
    Random(String),
}

/// What is wrong with the environment. Each text says what to do about it.
#[derive(Debug, Error)]
pub(crate) enum SettingsError {
    #[error("{variable} holds bytes that are not text (UTF-8)")]
    NotText { variable: &'static str },
    #[error(
        "{variable} is `{value}`, which is not an address: write an IP address and a port, such as \
         {variable}={default}; port 0 takes any free port"
    )]
    NotAnAddress {
        variable: &'static str,
        value: String,
        default: SocketAddr,
    },
    #[error("{SHOP_DATABASE} is empty: name a file, or unset it to use a temporary one")]
    EmptyDatabase,
    #[error(
        "{SHOP_FAULTS} names `{word}`, and there are only {}: write some of them, with commas between \
         them, or unset it",
        Fault::ALL.map(Fault::as_str).join(", ")
    )]
    UnknownFault { word: String },
    #[error(
        "{MAD_TOKEN} is empty: choose a secret (`openssl rand -hex 16` makes one), \
         or unset it to get a random one for this run"
    )]
    EmptyToken,
    #[error(
        "{MAD_TOKEN} cannot be sent in an HTTP header: use letters, digits and signs, \
         without blanks (`openssl rand -hex 16` makes a good one)"
    )]
    UnfitToken,
    #[error("the system gives no random bytes for a token: set {MAD_TOKEN} yourself")]
    NoRandomness(#[source] getrandom::Error),
}

impl Settings {
    /// Reads the settings from environment variables, as `std::env::vars_os` gives them.
    pub(crate) fn read(
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Self, SettingsError> {
        let variables = Variables(variables.into_iter().collect());
        Ok(Self {
            shop_address: variables.address(SHOP_LISTEN, DEFAULT_SHOP_ADDRESS)?,
            mad_address: variables.address(MAD_LISTEN, DEFAULT_MAD_ADDRESS)?,
            database: variables.database()?,
            faults: variables.faults()?,
            token: variables.token()?,
        })
    }
}

impl Token {
    /// Returns the secret itself.
    pub(crate) fn secret(&self) -> &str {
        match self {
            Self::Chosen(secret) | Self::Random(secret) => secret,
        }
    }

    fn choose(secret: String) -> Result<Self, SettingsError> {
        if secret.is_empty() {
            return Err(SettingsError::EmptyToken);
        }
        if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SettingsError::UnfitToken);
        }
        Ok(Self::Chosen(secret))
    }

    fn make() -> Result<Self, SettingsError> {
        let mut bytes = [0; TOKEN_LENGTH];
        getrandom::fill(&mut bytes).map_err(SettingsError::NoRandomness)?;
        let number = u128::from_be_bytes(bytes);
        Ok(Self::Random(format!("{number:032x}")))
    }
}

/// A secret does not belong into whatever is printed for debugging.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

/// The environment, as far as somebody has set it.
struct Variables(HashMap<OsString, OsString>);

impl Variables {
    fn text(&self, variable: &'static str) -> Result<Option<&str>, SettingsError> {
        let value = self.0.get(OsStr::new(variable));
        value
            .map(|value| value.to_str().ok_or(SettingsError::NotText { variable }))
            .transpose()
    }

    fn address(
        &self,
        variable: &'static str,
        default: SocketAddr,
    ) -> Result<SocketAddr, SettingsError> {
        let Some(value) = self.text(variable)? else {
            return Ok(default);
        };
        value.parse().map_err(|_| SettingsError::NotAnAddress {
            variable,
            value: value.to_owned(),
            default,
        })
    }

    /// The name of a file need not be text.
    fn database(&self) -> Result<Option<PathBuf>, SettingsError> {
        match self.0.get(OsStr::new(SHOP_DATABASE)) {
            Some(path) if path.is_empty() => Err(SettingsError::EmptyDatabase),
            path => Ok(path.map(PathBuf::from)),
        }
    }

    fn faults(&self) -> Result<Vec<Fault>, SettingsError> {
        let Some(words) = self.text(SHOP_FAULTS)? else {
            return Ok(Vec::new());
        };
        let fault = |word: &str| {
            let word = word.trim();
            Fault::from_word(word).ok_or_else(|| SettingsError::UnknownFault {
                word: word.to_owned(),
            })
        };
        words.split(',').map(fault).collect()
    }

    fn token(&self) -> Result<Token, SettingsError> {
        match self.text(MAD_TOKEN)? {
            Some(secret) => Token::choose(secret.to_owned()),
            None => Token::make(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
        let variables = variables.iter();
        Settings::read(variables.map(|(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn an_empty_environment_gives_the_defaults_and_a_new_token_each_time() {
        let settings = read(&[]).unwrap();
        assert_eq!(settings.shop_address.to_string(), "127.0.0.1:8080");
        assert_eq!(settings.mad_address.to_string(), "127.0.0.1:9464");
        assert_eq!(settings.database, None);
        assert_eq!(settings.faults, []);
        assert_eq!(settings.token.secret().len(), 2 * TOKEN_LENGTH);
        assert_ne!(settings.token, read(&[]).unwrap().token);
    }

    #[test]
    fn the_environment_wins() {
        let settings = read(&[
            ("SHOP_LISTEN", "[::1]:0"),
            ("MAD_LISTEN", "0.0.0.0:9000"),
            ("SHOP_DATABASE", "orders.db"),
            ("SHOP_FAULTS", "db, overcharge"),
            ("MAD_TOKEN", "open-sesame"),
        ])
        .unwrap();
        assert_eq!(settings.shop_address.to_string(), "[::1]:0");
        assert_eq!(settings.mad_address.to_string(), "0.0.0.0:9000");
        assert_eq!(settings.database, Some("orders.db".into()));
        assert_eq!(settings.faults, [Fault::Db, Fault::Overcharge]);
        assert_eq!(settings.token, Token::Chosen("open-sesame".to_owned()));
    }

    #[test]
    fn what_is_wrong_is_said_together_with_what_to_do() {
        let cases = [
            ("SHOP_LISTEN", "8080", "SHOP_LISTEN=127.0.0.1:8080"),
            ("SHOP_LISTEN", "", "port 0 takes any free port"),
            (
                "MAD_LISTEN",
                "localhost:9464",
                "MAD_LISTEN is `localhost:9464`",
            ),
            ("MAD_TOKEN", "", "unset it to get a random one"),
            ("MAD_TOKEN", "open sesame", "without blanks"),
            ("SHOP_DATABASE", "", "unset it to use a temporary one"),
            (
                "SHOP_FAULTS",
                "gremlin",
                "only db, slow, hang, panic, overcharge",
            ),
        ];
        for (variable, value, expected) in cases {
            let error = read(&[(variable, value)]).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
