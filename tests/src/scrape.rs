//! Pages, asked for as scrapers ask.

use std::io::Read as _;

use flate2::read::GzDecoder;

/// A format of metrics pages.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// The text format 0.0.4.
    Text,
    /// `OpenMetrics` 1.0.
    OpenMetrics,
    /// Delimited protobuf.
    Protobuf,
}

impl Format {
    /// Returns its media type, which is also what a scraper asks for.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Self::Protobuf => {
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; \
                 encoding=delimited"
            }
        }
    }
}

/// Returns the page of a service in a format that is text.
///
/// # Panics
///
/// If it does not come, or in another format.
#[track_caller]
pub fn page(url: &str, format: Format) -> String {
    String::from_utf8(scrape(url, format)).unwrap()
}

/// Returns the page of a service as it is sent.
///
/// # Panics
///
/// If it does not come, or in another format.
#[track_caller]
pub fn scrape(url: &str, format: Format) -> Vec<u8> {
    asked(url, format, "identity")
}

/// Returns the page of a service, as text that was sent compressed.
///
/// # Panics
///
/// If it does not come, or is not compressed.
#[track_caller]
pub fn gunzipped_page(url: &str) -> String {
    let bytes = asked(url, Format::Text, "gzip");
    let mut page = String::new();
    GzDecoder::new(&bytes[..])
        .read_to_string(&mut page)
        .unwrap();
    page
}

#[track_caller]
fn asked(url: &str, format: Format, encoding: &str) -> Vec<u8> {
    let answer = ureq::get(format!("{url}/metrics"))
        .header("Accept", format.media_type())
        .header("Accept-Encoding", encoding)
        .call();
    let mut answer = answer.unwrap();
    assert_eq!(answer.headers()["content-type"], format.media_type());
    answer.body_mut().read_to_vec().unwrap()
}
