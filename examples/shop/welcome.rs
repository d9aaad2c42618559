//! What the shop prints when it has started: where it is, and what to try.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::settings::{MAD_TOKEN, Token};

/// The page for whoever started the shop.
///
/// Its first three lines begin with `shop`, `mad` and `token`, for programs that read them.
#[derive(Debug)]
pub(crate) struct Welcome<'a> {
    pub(crate) shop: SocketAddr,
    pub(crate) mad: SocketAddr,
    pub(crate) token: &'a Token,
}

impl Welcome<'_> {
    fn token_line(&self) -> String {
        match self.token {
            Token::Chosen(_) => format!("token {MAD_TOKEN} (from the environment)"),
            Token::Random(secret) => {
                format!("token {secret} (random, for this run; set {MAD_TOKEN} to choose one)")
            }
        }
    }

    /// Returns the token as a shell writes it, without showing one that somebody chose.
    fn token_in_shell(&self) -> &str {
        match self.token {
            Token::Chosen(_) => "$MAD_TOKEN",
            Token::Random(secret) => secret,
        }
    }
}

impl fmt::Display for Welcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shop, mad) = (url(self.shop), url(self.mad));
        let token_line = self.token_line();
        let authorization = format!(r#"-H "Authorization: Bearer {}""#, self.token_in_shell());
        let mugs = r#"{"customer":"Ada","lines":[{"product":"mug","quantity":12}]}"#;
        write!(
            f,
            r#"shop  {shop}
mad   {mad}
{token_line}

Open {mad}/ in a browser, or look:
  curl -fsS {mad}/readyz
  curl -fsS '{mad}/readyz?verbose'
  curl -fsS {mad}/metrics

Test the running shop, all of it and one test that writes:
  curl -sS -X POST {authorization} {mad}/selftest
  curl -sS -X POST {authorization} {mad}/selftest \
    -H 'Content-Type: application/json' \
    -d '{{"select":["place_and_cancel_order"],"effects":"scratch"}}'

Buy something:
  curl -sS {shop}/products
  curl -sS {shop}/orders -H 'Content-Type: application/json' \
    -d '{mugs}'

Break the database, watch {mad}/readyz, and repair it (also: slow, hang, panic, overcharge):
  curl -sS -X POST {shop}/faults/db
  curl -sS -X DELETE {shop}/faults/db

Stop it with Ctrl-C.
"#
        )
    }
}

/// Returns where a browser on this machine finds a listener.
///
/// One that listens everywhere (`0.0.0.0`) is found at the loopback address.
fn url(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(token: &Token) -> String {
        let welcome = Welcome {
            shop: ([127, 0, 0, 1], 8080).into(),
            mad: ([0, 0, 0, 0], 9464).into(),
            token,
        };
        welcome.to_string()
    }

    #[test]
    fn the_first_lines_say_where_everything_is() {
        let page = page(&Token::Random("0af1".to_owned()));
        let lines: Vec<_> = page.lines().take(2).collect();
        assert_eq!(
            lines,
            ["shop  http://127.0.0.1:8080", "mad   http://127.0.0.1:9464"]
        );
    }

    #[test]
    fn a_random_token_is_shown_and_a_chosen_one_is_not() {
        let random = page(&Token::Random("0af1".to_owned()));
        assert!(random.contains("\ntoken 0af1 "));
        assert!(random.contains("Bearer 0af1\""));

        let chosen = page(&Token::Chosen("open-sesame".to_owned()));
        assert!(!chosen.contains("open-sesame"));
        assert!(chosen.contains("Bearer $MAD_TOKEN\""));
    }
}
