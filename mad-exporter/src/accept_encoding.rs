//! In which coding a client would like to be sent something: `Accept-Encoding`, as RFC 9110 (12.5.3) has it.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_ENCODING;

use crate::accept::{Quality, WANTED, read_quality};

/// Says whether a client would rather be sent gzip than the thing itself.
///
/// Without the header everything is welcome; then it is the thing itself, which needs nothing at the other
/// end. What cannot be read is passed over.
pub(crate) fn prefers_gzip(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter();
    let readable = values.filter_map(|value| value.to_str().ok());
    let wishes: Vec<_> = readable
        .flat_map(|value| value.split(','))
        .filter_map(Wish::read)
        .collect();
    let quality = |codings: &[&str]| {
        let by_name = wishes.iter().find(|wish| wish.is_one_of(codings));
        let wish = by_name.or_else(|| wishes.iter().find(|wish| wish.is_one_of(&["*"])));
        wish.map(|wish| wish.quality)
    };
    let gzip = quality(&["gzip", "x-gzip"]).unwrap_or(0);
    // What is not named is welcome too, but not as much as what is.
    let identity = quality(&["identity"]).unwrap_or(0);
    gzip > 0 && gzip >= identity
}

/// A coding and how much it is wanted.
struct Wish<'a> {
    coding: &'a str,
    quality: Quality,
}

impl<'a> Wish<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let coding = parts.next().filter(|coding| !coding.is_empty())?;
        let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        Some(Self {
            coding,
            quality: weight.map_or(WANTED, read_quality),
        })
    }

    fn is_one_of(&self, codings: &[&str]) -> bool {
        codings
            .iter()
            .any(|coding| self.coding.eq_ignore_ascii_case(coding))
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[track_caller]
    fn check(values: &[&'static str], expected: bool) {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(ACCEPT_ENCODING, HeaderValue::from_static(value));
        }
        assert_eq!(prefers_gzip(&headers), expected, "{values:?}");
    }

    #[test]
    fn gzip_is_for_who_asks_for_it() {
        check(&[], false);
        check(&[""], false);
        check(&["gzip"], true);
        check(&["GZip ; Q=1.0"], true);
        check(&["x-gzip"], true);
        check(&["deflate, gzip, br, zstd"], true);
        check(&["zstd"], false);
        check(&["identity"], false);
        check(&["deflate", "gzip"], true);
    }

    #[test]
    fn what_is_wanted_more_is_sent() {
        check(&["gzip;q=0"], false);
        check(&["gzip;q=0.000, identity"], false);
        check(&["gzip;q=0.001"], true);
        check(&["gzip;q=0.5, identity;q=0.4"], true);
        check(&["gzip;q=0.5, identity;q=0.6"], false);
        check(&["gzip, identity"], true);
    }

    #[test]
    fn a_star_is_all_that_is_not_named() {
        check(&["*"], true);
        check(&["*;q=0"], false);
        check(&["*;q=0, gzip"], true);
        check(&["*, gzip;q=0"], false);
        check(&["identity;q=0.5, *;q=0.1"], false);
    }

    #[test]
    fn what_cannot_be_read_harms_nothing() {
        check(&[",;,=;q"], false);
        check(&["gzip;q=nonsense"], true);
        check(&[";;;", "gzip"], true);
    }
}
