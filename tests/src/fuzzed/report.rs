//! A self-test that leaves any text, in every format in which its report is written.

use axum::body::Body;
use axum::http::Request;
use axum::http::header::AUTHORIZATION;

use super::instance::{Answer, TOKEN, ask, leave};
use super::judges;

/// Every format of a report; one that there is not is 406.
const FORMATS: &[&str] = &["json", "junit", "tap", "ktap", "nagios", "text"];

/// Runs a self-test that leaves this text in its report, and reads every document that it stands in.
///
/// # Panics
///
/// If one of them is not of its format.
pub fn report(bytes: &[u8]) {
    leave(&String::from_utf8_lossy(bytes));
    let run = send("POST", "/selftest/fuzzed");
    assert_eq!(run.status, 503, "it fails: {run:?}");
    let run: serde_json::Value = serde_json::from_slice(&run.body).expect("it is JSON");
    let id = run["id"].as_str().expect("it has a name");
    for format in FORMATS {
        let answer = send("GET", &format!("/selftest/runs/{id}?format={format}"));
        judges::judge(&answer);
    }
    for path in ["/metrics", "/selftest", "/health", "/selftest/runs"] {
        judges::judge(&send("GET", path));
    }
}

fn send(method: &str, path: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(AUTHORIZATION, format!("Bearer {TOKEN}"))
        .body(Body::empty());
    ask(request.expect("it is a request")).expect("it is answered")
}
