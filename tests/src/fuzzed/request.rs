//! A request of any kind.

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_ENCODING};
use axum::http::{HeaderValue, Request};

use super::instance::{Answer, CANARY, TOKEN, ask};
use super::judges;

/// The statuses that are documented. 500 is not among them.
const STATUSES: &[u16] = &[
    200, 202, 304, 400, 401, 403, 404, 405, 406, 408, 409, 413, 415, 422, 429, 503,
];

/// Sends a request: a line with the method and the target, a line for each header, an empty line, the
/// body. Whatever it is, the answer is one that is documented, and tells strangers nothing.
///
/// # Panics
///
/// If it is not, or does.
pub fn request(bytes: &[u8]) {
    let Some(request) = read(bytes) else { return };
    let is_known = is_known(&request);
    let method = request.method().clone();
    // A stream that has not ended is judged by its own test.
    let Some(answer) = ask(request) else { return };
    assert!(STATUSES.contains(&answer.status.as_u16()), "{answer:?}");
    let is_packed = answer.headers.contains_key(CONTENT_ENCODING);
    if method != "HEAD" && !is_packed {
        judges::judge(&answer);
    }
    if answer.status != 404 {
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    }
    if !is_known {
        assert!(!tells(&answer), "{answer:?}");
    }
}

fn tells(answer: &Answer) -> bool {
    let values = answer.headers.values().map(HeaderValue::as_bytes);
    let has_canary = |bytes: &[u8]| {
        bytes
            .windows(CANARY.len())
            .any(|part| part == CANARY.as_bytes())
    };
    values.chain([&*answer.body]).any(has_canary)
}

fn read(bytes: &[u8]) -> Option<Request<Body>> {
    let (line, mut rest) = split(bytes, b'\n')?;
    let (method, target) = split(line, b' ')?;
    let mut request = Request::builder().method(method).uri(target);
    while let Some((line, below)) = split(rest, b'\n') {
        rest = below;
        if line.is_empty() {
            break;
        }
        let (name, value) = split(line, b':')?;
        request = request.header(name, value.trim_ascii());
    }
    request.body(Body::from(rest.to_owned())).ok()
}

fn split(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let position = bytes.iter().position(|byte| *byte == at)?;
    Some((&bytes[..position], &bytes[position + 1..]))
}

/// Says whether it may have the token: then it may also see what is for those who have.
fn is_known(request: &Request<Body>) -> bool {
    let mut values = request.headers().get_all(AUTHORIZATION).iter();
    values.any(|value| value.as_bytes().trim_ascii().ends_with(TOKEN.as_bytes()))
}
