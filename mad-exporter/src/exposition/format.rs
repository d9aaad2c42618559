//! The formats, and what they are called.

use std::hash::{Hash, Hasher};

use mad_metrics::open_metrics::OpenMetricsWriter;
use mad_metrics::protobuf::ProtobufWriter;
use mad_metrics::text::TextWriter;
use mad_metrics::view::Visitor;
use mad_metrics::{Escaping, Page};

/// A format with its media type, which scrapers know to the letter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Format {
    pub(crate) media_type: &'static str,
    syntax: Syntax,
    escaping: Escaping,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Syntax {
    Text,
    OpenMetrics,
    Protobuf,
}

macro_rules! formats {
    ($($syntax:ident $escaping:ident $media_type:literal,)+) => {
        &[$(Format {
            media_type: $media_type,
            syntax: Syntax::$syntax,
            escaping: Escaping::$escaping,
        }),+]
    };
}

/// All of them. What comes first is for who does not care: browsers, `curl`, and everybody else.
///
/// A scraper that says how names are to be escaped finds its word in what it is sent.
pub(crate) const FORMATS: &[Format] = formats! {
    Text Underscores "text/plain; version=0.0.4; charset=utf-8",
    OpenMetrics Underscores "application/openmetrics-text; version=1.0.0; charset=utf-8",
    OpenMetrics Underscores "application/openmetrics-text; version=0.0.1; charset=utf-8",
    Protobuf Underscores "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
    Text Underscores "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
    Text Dots "text/plain; version=0.0.4; charset=utf-8; escaping=dots",
    Text Values "text/plain; version=0.0.4; charset=utf-8; escaping=values",
    Text Underscores "text/plain; version=1.0.0; charset=utf-8; escaping=underscores",
    Text Dots "text/plain; version=1.0.0; charset=utf-8; escaping=dots",
    Text Values "text/plain; version=1.0.0; charset=utf-8; escaping=values",
    Text AllowUtf8 "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
    OpenMetrics Underscores "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
    OpenMetrics Dots "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=dots",
    OpenMetrics Values "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=values",
    OpenMetrics AllowUtf8 "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8",
    Protobuf Underscores "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores",
    Protobuf Dots "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=dots",
    Protobuf Values "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=values",
    Protobuf AllowUtf8 "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=allow-utf-8",
};

/// The one that every scraper reads.
pub(crate) const TEXT: &Format = &FORMATS[0];

/// It is looked for with each scrape: what is short tells most of them apart.
impl Hash for Format {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.syntax, self.escaping).hash(state);
    }
}

impl Format {
    /// Says whether a comment may stand on a page.
    pub(super) fn has_comments(&self) -> bool {
        self.syntax == Syntax::Text
    }

    /// Appends to a page what is shown to the visitor.
    pub(super) fn write(&self, page: &mut Page, show: impl FnOnce(&mut dyn Visitor)) {
        match self.syntax {
            Syntax::Text => show(&mut TextWriter::new(page).with_escaping(self.escaping)),
            Syntax::OpenMetrics => {
                let mut writer = OpenMetricsWriter::new(page).with_escaping(self.escaping);
                show(&mut writer);
                writer.finish();
            }
            Syntax::Protobuf => {
                let mut writer = ProtobufWriter::new(page).with_escaping(self.escaping);
                show(&mut writer);
                writer.finish();
            }
        }
    }
}
