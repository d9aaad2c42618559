//! How somebody who triggers self-tests is to be answered: how soon, and in which format.

use std::time::Duration;

use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use mad_core::{OutcomeKind, SelfTestRun};

use super::query::Query;
use super::report_format::ReportFormat;
use crate::prefer::{PREFERENCE_APPLIED, Prefer};
use crate::render::problem::Problem;
use crate::trigger_request::{DEFAULT_WAIT, MAX_WAIT};

/// How somebody who triggers self-tests is to be answered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answering {
    format: ReportFormat,
    prefer: Prefer,
    wait: Duration,
}

impl Answering {
    /// Reads what the request says of it. `wait` is what its body says, which counts more than `Prefer`.
    pub(super) fn asked_for(
        query: &Query,
        headers: &HeaderMap,
        wait: Option<Duration>,
    ) -> Result<Self, Problem> {
        let prefer = match wait {
            Some(_) => Prefer::default(),
            None => Prefer::from_headers(headers),
        };
        let wait = wait.or(prefer.patience()).unwrap_or(DEFAULT_WAIT);
        Ok(Self {
            format: ReportFormat::asked_for(query, headers)?,
            prefer,
            wait: wait.min(MAX_WAIT),
        })
    }

    /// Returns how long the answer may take.
    pub(super) fn wait(&self) -> Duration {
        self.wait
    }

    /// Answers with a run, as far as it has come. `runs` is where runs are, seen from the address that
    /// was asked.
    pub(super) fn respond(&self, run: &SelfTestRun, runs: &str) -> Response {
        let location = [(LOCATION, format!("{runs}/{}", run.id))];
        let report = self.format.respond(status(run), run);
        let mut response = (location, report).into_response();
        let applied = self.prefer.applied(!run.is_finished(), self.wait);
        if let Some(applied) = applied.and_then(|applied| HeaderValue::try_from(applied).ok()) {
            response.headers_mut().insert(PREFERENCE_APPLIED, applied);
        }
        response
    }
}

fn status(run: &SelfTestRun) -> u16 {
    match run.outcome() {
        _ if !run.is_finished() => 202,
        OutcomeKind::Fail => 503,
        OutcomeKind::Pass | OutcomeKind::Warn | OutcomeKind::Skip => 200,
    }
}
