//! What a scraper asks for.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};
use mad_metrics::Escaping;
use mediatype::Name;

use crate::accept::Accept;
use crate::accept_encoding::prefers_gzip;
use crate::exposition::{FORMATS, Format, Names, TEXT};

/// How long a page may take: less than a scrape's usual 10 s, so that MAD's own series arrive when the
/// application's do not.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a scraper waits, in seconds.
const TIMEOUT: HeaderName = HeaderName::from_static("x-prometheus-scrape-timeout-seconds");

/// How names are to be shown that not every format has. As with Prometheus' own library, a word that is none of these
/// says nothing.
const ESCAPING: Name<'static> = Name::new_unchecked("escaping");
const ESCAPINGS: [&str; 4] = [
    Escaping::Underscores.as_str(),
    Escaping::Dots.as_str(),
    Escaping::Values.as_str(),
    Escaping::AllowUtf8.as_str(),
];

/// Of the time that a scraper waits, what is left for the way to it and back.
const SHARE_FOR_THE_WAY: f64 = 0.1;

/// What a scraper asks for.
#[derive(Debug)]
pub(crate) struct ScrapeRequest {
    pub(crate) wanted: Arc<Wanted>,
    /// How long a page may take.
    pub(crate) patience: Duration,
}

/// Which page a scraper wants. Who wants the same can have the same.
#[derive(Debug, Eq, Hash, PartialEq)]
pub(crate) struct Wanted {
    /// What it would like best of all formats.
    format: &'static Format,
    /// Whether it would like it compressed.
    pub(crate) is_gzip: bool,
    /// Which metrics it wants.
    pub(crate) names: Names,
}

impl ScrapeRequest {
    /// Reads the headers. Nothing in them is refused: what is wrong is passed over, and who wants no format
    /// that there is gets text.
    pub(crate) fn new(headers: &HeaderMap, names: impl IntoIterator<Item = String>) -> Self {
        let offers = FORMATS.iter().map(|format| (format.media_type, format));
        let accept = Accept::from_headers(headers).with_known(ESCAPING, &ESCAPINGS);
        Self {
            wanted: Arc::new(Wanted {
                format: accept.choose(offers).unwrap_or(TEXT),
                is_gzip: prefers_gzip(headers),
                names: Names::new(names),
            }),
            patience: patience(headers),
        }
    }
}

impl Wanted {
    /// Returns the format of its page, if the application's metrics can be had in any, or as text only.
    pub(crate) fn format(&self, is_text_only: bool) -> &'static Format {
        if is_text_only { TEXT } else { self.format }
    }
}

/// Returns how long a page may take, so that it comes before the scraper gives up.
fn patience(headers: &HeaderMap) -> Duration {
    let timeout = headers.get(TIMEOUT);
    let seconds = timeout.and_then(|seconds| seconds.to_str().ok()?.trim().parse::<f64>().ok());
    let seconds = seconds.filter(|seconds| *seconds > 0.0);
    let patience = seconds.map(|seconds| seconds * (1.0 - SHARE_FOR_THE_WAY));
    let patience = patience.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    patience.map_or(PATIENCE, |patience| patience.min(PATIENCE))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use axum::http::header::ACCEPT;
    use proptest::prelude::*;

    use super::*;

    const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    const PROTOBUF: &str = "application/vnd.google.protobuf; \
         proto=io.prometheus.client.MetricFamily; encoding=delimited";

    #[track_caller]
    fn check(accept: &str, expected: &str) {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
        let request = ScrapeRequest::new(&headers, []);
        assert_eq!(
            request.wanted.format(false).media_type,
            expected,
            "{accept}"
        );
        assert_eq!(request.wanted.format(true), TEXT);
    }

    #[test]
    fn who_does_not_care_gets_text() {
        assert_eq!(
            ScrapeRequest::new(&HeaderMap::new(), [])
                .wanted
                .format(false),
            TEXT
        );
        for accept in [
            "*/*",
            "",
            "text/*",
            "text/plain",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "image/png",
            "*/*;q=0",
            "application/openmetrics-text;version=2.0.0",
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text",
            "text/plain;version=7",
        ] {
            check(accept, TEXT.media_type);
        }
    }

    /// What scrapers really send.
    #[test]
    fn every_scraper_gets_what_it_likes_best() {
        // Prometheus 2.42, without native histograms and with them.
        check(
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
             text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            OPEN_METRICS,
        );
        check(
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,\
             application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,\
             text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            PROTOBUF,
        );
        // Prometheus 3, without native histograms and with them.
        check(
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
             application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
             text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            &format!("{OPEN_METRICS}; escaping=allow-utf-8"),
        );
        check(
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=allow-utf-8;q=0.7,\
             application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
             application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
             text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            &format!("{PROTOBUF}; escaping=allow-utf-8"),
        );
        // vmagent.
        check("text/plain;version=0.0.4;q=1,*/*;q=0.1", TEXT.media_type);
    }

    #[test]
    fn versions_escapings_and_qualities_are_looked_at() {
        check("application/openmetrics-text", OPEN_METRICS);
        check("application/openmetrics-text, */*", OPEN_METRICS);
        check(
            "application/openmetrics-text;version=0.0.1",
            "application/openmetrics-text; version=0.0.1; charset=utf-8",
        );
        check(
            "application/openmetrics-text;version=1.0.0;q=0,text/plain;version=0.0.4;q=0.5",
            TEXT.media_type,
        );
        check("application/*", OPEN_METRICS);
        check("application/vnd.google.protobuf", PROTOBUF);
        check(
            "text/plain;version=1.0.0",
            "text/plain; version=1.0.0; charset=utf-8; escaping=underscores",
        );
        check(
            "text/plain;version=1.0.0;escaping=allow-utf-8",
            "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
        );
        check(
            "application/openmetrics-text;version=1.0.0;escaping=dots",
            &format!("{OPEN_METRICS}; escaping=dots"),
        );
        check(
            "application/openmetrics-text;version=1.0.0;escaping=rot13,text/plain;q=0.5",
            OPEN_METRICS,
        );
        check(
            "text/plain;version=0.0.4;escaping=values",
            "text/plain; version=0.0.4; charset=utf-8; escaping=values",
        );
        // 0.0.4 has no place for any names.
        check(
            "text/plain;version=0.0.4;escaping=allow-utf-8",
            TEXT.media_type,
        );
    }

    #[test]
    fn a_page_comes_before_the_scraper_gives_up() {
        let patience = |seconds: &str| {
            let mut headers = HeaderMap::new();
            let seconds = HeaderValue::from_str(seconds).unwrap();
            headers.insert("X-Prometheus-Scrape-Timeout-Seconds", seconds);
            patience(&headers)
        };
        assert_eq!(patience("1"), Duration::from_millis(900));
        assert_eq!(patience("0.5"), Duration::from_millis(450));
        for seconds in ["10", "1e300", "inf", "", "0", "-1", "NaN", "soon", "1s"] {
            assert_eq!(patience(seconds), PATIENCE, "{seconds}");
        }
    }

    proptest! {
        #[test]
        fn any_headers_can_be_read(values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 3)) {
            let names = ["accept", "accept-encoding", "x-prometheus-scrape-timeout-seconds"];
            let mut headers = HeaderMap::new();
            for (name, value) in names.into_iter().zip(values) {
                if let Ok(value) = HeaderValue::from_bytes(&value) {
                    headers.append(name, value);
                }
            }
            prop_assert!(ScrapeRequest::new(&headers, []).patience <= PATIENCE);
        }
    }
}
