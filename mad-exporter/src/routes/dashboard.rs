//! `GET /`: the dashboard for browsers, and a list of what there is for everybody else.

use axum::Router;
use axum::extract::{OriginalUri, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, VARY};
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use mad_core::Check;
use once_cell::sync::Lazy;

use super::caller::Viewer;
use super::reply;
use crate::accept::Accept;
use crate::instance::{Instance, Shared};
use crate::render::dashboard::{self, Page, SCRIPT, STYLE, SelfTests};
use crate::render::index;
use crate::render::problem::Problem;

/// Nothing from elsewhere, nothing that stands in the page itself, and no frame of somebody else's around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                      img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Browsers keep the style and the script: their addresses change when they do.
const KEPT: &str = "public, max-age=31536000, immutable";

/// What the addresses of the style and the script end with.
static EDITION: Lazy<String> = Lazy::new(|| {
    let text = format!("{}{}", STYLE.0, SCRIPT.0);
    // FNV-1a, 64 bits: it tells editions apart, and nothing depends on more.
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
});

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/", get(front))
        .route("/dashboard.css", get(async || asset(STYLE)))
        .route("/dashboard.js", get(async || asset(SCRIPT)))
}

/// Whoever does not ask for HTML by its name gets the list: curl, and programs.
async fn front(
    State(instance): State<Shared>,
    viewer: Viewer,
    accept: Accept,
    OriginalUri(address): OriginalUri,
) -> Result<Response, Problem> {
    let offers = [("text/plain", false), ("text/html", true)];
    let wants_page = accept.choose(offers) == Some(true);
    let reply = if wants_page {
        page(&instance, viewer.may_see(), prefix(address.path()))?
    } else {
        reply::text(200, index::TEXT)
    };
    Ok(([(VARY, HeaderValue::from_static("accept"))], reply).into_response())
}

fn page(instance: &Instance, may_see: bool, prefix: &str) -> Result<Response, Problem> {
    let engine = &instance.engine;
    let runs = engine.self_test_runs();
    let why_left_out = |check: &Check| engine.why_left_out(check);
    let page = dashboard::page(&Page {
        snapshot: &engine.snapshot(),
        program: &instance.program,
        maintenance: &engine.maintenance(),
        transitions: &instance.history.newest(),
        self_tests: may_see.then(|| SelfTests {
            allowed: engine.allowed_effects(),
            why_left_out: &why_left_out,
            runs: &runs,
        }),
        prefix,
        edition: &EDITION,
    });
    let page =
        page.map_err(|error| Problem::new(500, format!("the page cannot be made: {error}")))?;
    let headers = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
    ];
    let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
    Ok((headers, reply::typed(200, dashboard::MEDIA_TYPE, page)).into_response())
}

/// Returns where addresses begin, seen from the page at this path: mounted at `/mad`, it finds its style at
/// `mad/dashboard.css`.
fn prefix(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some((_, "")) | None => "",
        Some((_, last)) => last,
    }
}

fn asset((text, media_type): (&'static str, &'static str)) -> Response {
    let cache = [(CACHE_CONTROL, HeaderValue::from_static(KEPT))];
    (cache, reply::typed(200, media_type, text)).into_response()
}
