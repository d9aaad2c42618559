//! What a client would like to be sent: the header `Accept`, as RFC 9110 (12.5.1) has it.

use std::cmp::Reverse;
use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use axum::http::request::Parts;
use mediatype::names::{_STAR, CHARSET, Q};
use mediatype::{
    MediaType, MediaTypeBuf, MediaTypeList, Name, ReadParams, Value, WriteParams as _,
};

/// How many ranges are read; browsers send up to ten. What comes after them is not wanted.
const MAX_RANGES: usize = 64;

/// How much something is wanted, in thousandths: from 0, not at all, to 1000.
pub(crate) type Quality = u16;

/// As much as can be: what is asked for without a quality.
pub(crate) const WANTED: Quality = 1000;

/// What a client would like to be sent.
#[derive(Debug)]
pub(crate) struct Accept {
    ranges: Vec<Range>,
}

/// One wish: a media type, or many of them.
#[derive(Debug)]
struct Range {
    media_type: MediaTypeBuf,
    quality: Quality,
}

impl Accept {
    /// Reads the header. What in it is no media type is passed over; without the header, or with nothing
    /// readable in it, everything is welcome.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Self {
        let values = headers.get_all(ACCEPT).iter();
        let readable = values.filter_map(|value| value.to_str().ok());
        let media_types = readable.flat_map(|value| MediaTypeList::new(value).flatten());
        let ranges = media_types.take(MAX_RANGES).map(Range::new);
        Self {
            ranges: ranges.collect(),
        }
    }

    /// Passes over a parameter of this name where it is none of these words.
    pub(crate) fn with_known(mut self, name: Name<'static>, words: &[&str]) -> Self {
        for Range { media_type, .. } in &mut self.ranges {
            let value = media_type.get_param(name);
            if value.is_some_and(|value| words.iter().all(|word| value != *word)) {
                let asked = media_type.clone();
                let mut without = asked.to_ref();
                without.remove_params(name);
                *media_type = without.into();
            }
        }
        self
    }

    /// Returns what is wanted most of that which is offered, each with its media type. Of what is wanted
    /// as much, that counts which was asked for in more particular words, as many clients add `*/*` to what
    /// they want; and then the first: offer the preferred one first.
    pub(crate) fn choose<T>(
        &self,
        offers: impl IntoIterator<Item = (&'static str, T)>,
    ) -> Option<T> {
        let mut offers = offers.into_iter();
        if self.ranges.is_empty() {
            // Everything is as welcome.
            return offers.next().map(|(_, offer)| offer);
        }
        let wanted = offers.filter_map(|(media_type, offer)| {
            let (quality, particularity) = self.wish(media_type);
            (quality > 0).then_some((Reverse((quality, particularity)), offer))
        });
        // Of equals, `min_by_key` has the first and `max_by_key` the last.
        let (_, offer) = wanted.min_by_key(|(wish, _)| *wish)?;
        Some(offer)
    }

    /// Says how much a media type is wanted. The most particular of the ranges that fit decides.
    #[cfg(test)]
    pub(crate) fn quality(&self, offered: &str) -> Quality {
        self.wish(offered).0
    }

    fn wish(&self, offered: &str) -> (Quality, Particularity) {
        if self.ranges.is_empty() {
            return (WANTED, Particularity::default());
        }
        let Ok(offered) = MediaType::parse(offered) else {
            return (0, Particularity::default());
        };
        let fitting = self.ranges.iter().filter(|range| range.fits(&offered));
        fitting
            .max_by_key(|range| range.particularity())
            .map_or_else(Default::default, |range| {
                (range.quality, range.particularity())
            })
    }
}

impl<S: Sync> FromRequestParts<S> for Accept {
    type Rejection = Infallible;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::from_headers(&head.headers))
    }
}

/// How narrow a range is: `*/*`, then `text/*`, then `text/plain`, then with each parameter.
type Particularity = (bool, bool, usize);

impl Range {
    fn new(media_type: MediaType<'_>) -> Self {
        Self {
            quality: quality(&media_type),
            media_type: media_type.into(),
        }
    }

    /// Says whether all that this range asks for is so in what is offered.
    fn fits(&self, offered: &MediaType<'_>) -> bool {
        let asked = &self.media_type;
        let is_type = asked.ty() == _STAR || asked.ty() == offered.ty;
        let is_subtype = asked.subty() == _STAR
            || (asked.subty() == offered.subty && asked.suffix() == offered.suffix);
        is_type && is_subtype && self.parameters().all(|asked| has(offered, asked))
    }

    fn particularity(&self) -> Particularity {
        let media_type = &self.media_type;
        (
            media_type.ty() != _STAR,
            media_type.subty() != _STAR,
            self.parameters().count(),
        )
    }

    /// Returns the parameters of the media type. `q` is none of them.
    fn parameters(&self) -> impl Iterator<Item = (Name<'_>, Value<'_>)> {
        let parameters = self.media_type.params();
        parameters.filter(|(name, _)| *name != Q)
    }
}

/// Says whether a media type has a parameter. Everything here is UTF-8, said or not.
fn has(offered: &MediaType<'_>, (name, value): (Name<'_>, Value<'_>)) -> bool {
    let value = value.unquoted_str();
    let is_value = |other: &str| value.eq_ignore_ascii_case(other);
    match offered.get_param(name) {
        Some(offered) => is_value(&offered.unquoted_str()),
        None => name == CHARSET && is_value("utf-8"),
    }
}

fn quality(media_type: &MediaType<'_>) -> Quality {
    media_type
        .get_param(Q)
        .map_or(WANTED, |text| read_quality(text.as_str()))
}

/// Reads `q`. One that is no number from 0 to 1 is passed over, as the wish itself is clear.
pub(crate) fn read_quality(text: &str) -> Quality {
    let number: Option<f64> = text.parse().ok();
    match number.filter(|number| (0.0..=1.0).contains(number)) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it is from 0 to 1000"
        )]
        Some(number) => (number * f64::from(WANTED)).round() as Quality,
        None => WANTED,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    const JSON: &str = "application/json";
    const HEALTH: &str = "application/health+json";
    const TEXT: &str = "text/plain; charset=utf-8";
    const VERSIONED: &str = "text/plain; version=0.0.4; charset=utf-8";

    fn accept(lines: &[&str]) -> Accept {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT, HeaderValue::from_str(line).expect("a header"));
        }
        Accept::from_headers(&headers)
    }

    fn chosen(line: &str) -> Option<&'static str> {
        accept(&[line]).choose([JSON, HEALTH, TEXT].map(|offer| (offer, offer)))
    }

    #[test]
    fn the_first_offer_is_taken_where_all_are_as_welcome() {
        assert_eq!(accept(&[]).choose([(JSON, 1), (TEXT, 2)]), Some(1));
        for line in [
            "*/*",
            "",
            "application/json, text/plain",
            "gibberish",
            "*;q=.2",
        ] {
            assert_eq!(chosen(line), Some(JSON), "{line}");
        }
    }

    #[test]
    fn what_is_wanted_most_is_taken() {
        let check = |line, expected| assert_eq!(chosen(line), expected, "{line}");
        check("text/plain", Some(TEXT));
        check("TEXT/Plain;Charset=UTF-8", Some(TEXT));
        check("text/*, application/json;q=0.9", Some(TEXT));
        check("application/json;q=0.1, text/plain;q=0.11", Some(TEXT));
        check("application/health+json", Some(HEALTH));
        check("application/json; charset=utf-8", Some(JSON));
        check("gibberish, text/plain", Some(TEXT));
        check("text/html, application/xhtml+xml, */*;q=0.8", Some(JSON));
        check("image/png", None);
        check("application/json;charset=latin-1", None);
    }

    #[test]
    fn what_is_not_wanted_at_all_is_not_taken() {
        let check = |line, expected| assert_eq!(chosen(line), expected, "{line}");
        check("application/json;q=0, */*;q=0.1", Some(HEALTH));
        check("*/*;q=0", None);
        check("application/*;q=0, */*", Some(TEXT));
        check("application/*;q=0, application/json", Some(JSON));
    }

    #[test]
    fn a_range_with_parameters_wants_these() {
        let quality = |line| accept(&[line]).quality(VERSIONED);
        assert_eq!(quality("text/plain;version=0.0.4;q=0.5, */*;q=0.1"), 500);
        assert_eq!(
            quality("text/plain;version=\"0.0.4\";q=0.5, */*;q=0.1"),
            500
        );
        assert_eq!(quality("text/plain;version=1.0.0;q=0.5, */*;q=0.1"), 100);
        assert_eq!(quality("text/plain;version=1.0.0"), 0);
    }

    #[test]
    fn who_wants_something_and_takes_everything_gets_what_they_want() {
        assert_eq!(chosen("text/plain, */*"), Some(TEXT));
        assert_eq!(
            chosen("application/*, application/health+json"),
            Some(HEALTH)
        );
        assert_eq!(chosen("text/plain;q=0.9, */*"), Some(JSON));
    }

    #[test]
    fn several_headers_are_one_list() {
        assert_eq!(
            accept(&["text/plain;q=0.5", "application/json;q=0.4"]).quality(JSON),
            400
        );
    }

    #[test]
    fn a_quality_that_is_none_is_passed_over() {
        for line in [
            "application/json;q=2",
            "application/json;q=-1",
            "application/json;q=x",
        ] {
            assert_eq!(accept(&[line]).quality(JSON), WANTED, "{line}");
        }
        assert_eq!(accept(&["application/json;q=0.0004"]).quality(JSON), 0);
    }

    proptest! {
        #[test]
        fn any_header_can_be_read(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut headers = HeaderMap::new();
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                headers.append(ACCEPT, value);
            }
            prop_assert!(Accept::from_headers(&headers).quality(JSON) <= WANTED);
        }
    }
}
