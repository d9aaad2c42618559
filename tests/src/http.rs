//! A small HTTP client: every status is an answer.

use std::time::Duration;

use serde_json::Value;

/// An HTTP answer.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The body.
    pub body: String,
}

impl Answer {
    /// Reads the body as JSON.
    ///
    /// # Panics
    ///
    /// If it is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        match serde_json::from_str(&self.body) {
            Ok(value) => value,
            Err(error) => panic!("no JSON ({error}): {}", self.body),
        }
    }
}

/// An HTTP request in words.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// `GET`, `POST`, `DELETE`, ...
    pub method: &'a str,
    /// The whole address.
    pub url: &'a str,
    /// A bearer token.
    pub token: Option<&'a str>,
    /// A JSON body.
    pub body: Option<&'a str>,
}

/// Sends a request and returns the answer, whatever its status.
///
/// # Panics
///
/// If there is no answer.
#[track_caller]
pub fn request(request: Request<'_>) -> Answer {
    let agent = agent();
    let mut builder = ureq::http::Request::builder()
        .method(request.method)
        .uri(request.url);
    if let Some(token) = request.token {
        builder = builder.header("Authorization", format!("Bearer {token}"));
    }
    let sent = match request.body {
        None => builder.body(()).map(|request| agent.run(request)),
        Some(body) => builder
            .header("Content-Type", "application/json")
            .body(body.to_owned())
            .map(|request| agent.run(request)),
    };
    match sent.unwrap() {
        Ok(response) => answer(response),
        Err(error) => panic!("{} {}: {error}", request.method, request.url),
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_mins(2)))
        .build()
        .into()
}

fn answer(mut response: ureq::http::Response<ureq::Body>) -> Answer {
    Answer {
        status: response.status().as_u16(),
        body: response.body_mut().read_to_string().unwrap(),
    }
}

/// Sends a `GET` that asks for a media type.
///
/// # Panics
///
/// If there is no answer.
#[track_caller]
pub fn get_accepting(url: &str, accept: &str) -> Answer {
    match agent().get(url).header("Accept", accept).call() {
        Ok(response) => answer(response),
        Err(error) => panic!("GET {url}: {error}"),
    }
}

/// Sends a plain `GET`.
///
/// # Panics
///
/// If there is no answer.
#[track_caller]
pub fn get(url: &str) -> Answer {
    request(Request {
        method: "GET",
        url,
        token: None,
        body: None,
    })
}

/// Encodes everything but letters and digits for use in a query.
pub(crate) fn encode(text: &str) -> String {
    let encoded = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    encoded.collect()
}
