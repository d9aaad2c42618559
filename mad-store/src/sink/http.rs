//! One request, and what its answer means for a sink.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustls::crypto::ring;
use ureq::Agent;
use ureq::http::{HeaderMap, StatusCode};
use ureq::tls::{Certificate, RootCerts, TlsConfig};

use super::SinkError;
use super::target::{Headers, Target, Transport};

/// How long a server may take for one batch.
const PATIENCE: Duration = Duration::from_secs(30);

/// How much of an answer is read.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// How much of it is shown.
const LONGEST_REASON: usize = 300;

/// An address that batches are posted to.
#[derive(Debug)]
pub(super) struct Http {
    agent: Agent,
    url: String,
    /// With what says who we are.
    headers: Headers,
}

/// What a server answered.
#[derive(Debug)]
pub(super) struct Answer {
    status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Http {
    pub(super) fn new(target: &Target, usual_path: &str) -> Result<Self, SinkError> {
        let url = target.http_url(only_host(target)?, usual_path);
        let mut headers = target.headers.clone();
        headers
            .0
            .extend(authorization(target).map(|value| ("Authorization".to_owned(), value)));
        Ok(Self::to(url, headers, target.transport == Transport::Https))
    }

    fn to(url: String, headers: Headers, is_encrypted: bool) -> Self {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            // A secret is for whom it was meant.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(PATIENCE))
            .user_agent(concat!("mad/", env!("CARGO_PKG_VERSION")));
        if is_encrypted {
            config = config.tls_config(tls());
        }
        Self {
            agent: config.build().new_agent(),
            url,
            headers,
        }
    }

    /// Posts a body, and returns the answer if the server took it.
    pub(super) fn post(&self, headers: &[(&str, &str)], body: &[u8]) -> Result<Answer, SinkError> {
        self.post_to(&self.url, headers, body)?.accepted()
    }

    /// Posts to another address of the same server, and returns the answer, whatever it is.
    pub(super) fn post_to(
        &self,
        url: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Answer, SinkError> {
        let mut request = self.agent.post(url);
        for (name, value) in &self.headers.0 {
            request = request.header(name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = request.send(body).map_err(|error| unsent(&error))?;
        let read = response
            .body_mut()
            .with_config()
            .limit(LONGEST_ANSWER)
            .read_to_vec();
        let status = response.status();
        let body = match read {
            Ok(body) => body,
            // The verdict is known all the same.
            Err(_) if !status.is_success() => Vec::new(),
            Err(error) => return Err(SinkError::unavailable(error)),
        };
        Ok(Answer {
            status,
            headers: response.headers().clone(),
            body,
        })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

impl Answer {
    /// Returns the answer if the server took what was sent, and else what is to be done about it.
    pub(super) fn accepted(self) -> Result<Self, SinkError> {
        if self.status.is_success() {
            return Ok(self);
        }
        let reason = reason(self.status.as_u16(), &self.body);
        Err(match self.status.as_u16() {
            408 | 425 | 429 | 500..=599 => SinkError::Unavailable {
                reason,
                retry_after: retry_after(&self.headers),
            },
            300..=399 | 401 | 403 | 404 | 405 | 407 | 410 => SinkError::denied(reason),
            _ => SinkError::refused(reason),
        })
    }
}

/// An HTTP sink is one address: what balances between several is in front of them.
fn only_host(target: &Target) -> Result<&str, SinkError> {
    match target.hosts.as_slice() {
        [host] => Ok(host),
        _ => Err(SinkError::denied(
            "this kind of sink has one host, and the address names several",
        )),
    }
}

/// Basic with a user, else a bearer token.
fn authorization(target: &Target) -> Option<String> {
    let secret = target.secret.as_ref().map_or("", |secret| secret.reveal());
    match &target.user {
        Some(user) => Some(format!(
            "Basic {}",
            BASE64_STANDARD.encode(format!("{user}:{secret}"))
        )),
        None if secret.is_empty() => None,
        None => Some(format!("Bearer {secret}")),
    }
}

/// Whether a request that brought no answer may do so later.
fn unsent(error: &ureq::Error) -> SinkError {
    match error {
        ureq::Error::BadUri(_)
        | ureq::Error::Http(_)
        | ureq::Error::Tls(_)
        | ureq::Error::Rustls(_) => SinkError::denied(error),
        _ => SinkError::unavailable(error),
    }
}

/// The status, and the beginning of what else was said, in one line.
fn reason(status: u16, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let words: Vec<_> = text.split_whitespace().collect();
    let line = words.join(" ");
    let line: String = line
        .chars()
        .filter(|letter| !letter.is_control())
        .take(LONGEST_REASON)
        .collect();
    if line.is_empty() {
        format!("status {status}")
    } else {
        format!("status {status}: {line}")
    }
}

/// Seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get("Retry-After")?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    date.duration_since(SystemTime::now()).ok()
}

/// Trusts whom the system trusts.
fn tls() -> TlsConfig {
    let roots = rustls_native_certs::load_native_certs().certs;
    let roots: Vec<_> = roots
        .iter()
        .map(|root| Certificate::from_der(root).to_owned())
        .collect();
    TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .root_certs(RootCerts::new_with_certs(&roots))
        .build()
}
