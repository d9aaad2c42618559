//! In which format a run of self-tests is asked for.

use axum::http::HeaderMap;
use axum::response::Response;
use mad_core::SelfTestRun;

use super::query::Query;
use super::reply;
use crate::accept::Accept;
use crate::program::host_name;
use crate::render::problem::{Problem, excerpt};
use crate::render::self_test_json as shapes;
use crate::render::self_test_report::{self, Format};

/// In which format a run is answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReportFormat {
    name: &'static str,
    media_type: &'static str,
    /// None is JSON.
    format: Option<Format>,
}

/// Every format, the one for those who ask for none first. TAP has no registered media type.
const FORMATS: [ReportFormat; 6] = [
    ReportFormat {
        name: "json",
        media_type: reply::JSON,
        format: None,
    },
    ReportFormat {
        name: "junit",
        media_type: "application/xml",
        format: Some(Format::Junit),
    },
    ReportFormat {
        name: "tap",
        media_type: "text/x-tap; charset=utf-8",
        format: Some(Format::Tap),
    },
    ReportFormat {
        name: "ktap",
        media_type: "text/x-ktap; charset=utf-8",
        format: Some(Format::Ktap),
    },
    ReportFormat {
        name: "text",
        media_type: reply::PLAIN_TEXT,
        format: Some(Format::Text),
    },
    // It has no media type of its own: who asks for plain text is a person.
    ReportFormat {
        name: "nagios",
        media_type: reply::PLAIN_TEXT,
        format: Some(Format::Nagios),
    },
];

impl ReportFormat {
    /// Chooses the format of a run by `?format=`, or else by `Accept`.
    pub(super) fn asked_for(query: &Query, headers: &HeaderMap) -> Result<Self, Problem> {
        choose(&FORMATS, query, headers)
    }

    /// Answers with a run.
    pub(super) fn respond(self, status: u16, run: &SelfTestRun) -> Response {
        match self.format {
            None => reply::json(status, reply::JSON, &shapes::run(run)),
            Some(format) => {
                let report = self_test_report::report(run, format, &host_name());
                reply::typed(status, self.media_type, report)
            }
        }
    }
}

/// Says whether a list is asked for as text, and not as JSON.
pub(super) fn is_text_asked_for(query: &Query, headers: &HeaderMap) -> Result<bool, Problem> {
    let is_of_lists = |format: &ReportFormat| matches!(format.format, None | Some(Format::Text));
    let formats: Vec<_> = FORMATS.into_iter().filter(is_of_lists).collect();
    let chosen = choose(&formats, query, headers)?;
    Ok(chosen.format == Some(Format::Text))
}

/// Chooses by `?format=`, or else by `Accept`.
///
/// A format that there is not is refused: who asked for it would misread the other one.
fn choose(
    formats: &[ReportFormat],
    query: &Query,
    headers: &HeaderMap,
) -> Result<ReportFormat, Problem> {
    if let Some(name) = query.all("format").first() {
        let found = formats.iter().find(|format| format.name == name);
        return found
            .copied()
            .ok_or_else(|| refused(&format!("no format {:?}", excerpt(name)), formats));
    }
    let offers = formats.iter().map(|format| (format.media_type, *format));
    Accept::from_headers(headers)
        .choose(offers)
        .ok_or_else(|| refused("nothing of what `Accept` asks for", formats))
}

fn refused(what: &str, formats: &[ReportFormat]) -> Problem {
    let names: Vec<_> = formats.iter().map(|format| format.name).collect();
    let detail = format!("there is {what} here: there is {}", names.join(", "));
    Problem::new(406, detail).with_member("formats", names)
}
