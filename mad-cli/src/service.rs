//! A service that is asked over HTTP.

use std::fmt;
use std::io::BufReader;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::ring;
use serde::de::DeserializeOwned;
use serde_json::Value;
use ureq::http::request::Builder;
use ureq::http::{Method, Request};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, BodyReader};

use crate::address::Address;
use crate::token::Token;

/// How much of an answer is read.
const MAX_ANSWER: u64 = 16 * 1024 * 1024;

/// How long events are listened to before a new connection is made.
const STREAM: Duration = Duration::from_mins(1);

/// What tells events.
pub(crate) type Stream = BufReader<BodyReader<'static>>;

/// A service that is asked over HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) address: Address,
    token: Option<Token>,
    agent: Agent,
}

/// What a service answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Answer {
    /// Says whether the request has succeeded.
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Reads the text as JSON of this shape.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, ServiceError> {
        serde_json::from_str(&self.text).map_err(|_| ServiceError::Foreign {
            status: self.status,
        })
    }

    /// Returns the answer if it is one, or what the service says is wrong.
    pub(crate) fn successful(self) -> Result<Self, ServiceError> {
        if self.is_success() {
            return Ok(self);
        }
        let problem: Option<Value> = serde_json::from_str(&self.text).ok();
        let detail = problem.and_then(|problem| Some(problem["detail"].as_str()?.to_owned()));
        Err(ServiceError::Refused {
            status: self.status,
            detail: detail.unwrap_or_else(|| self.text.trim().to_owned()),
        })
    }
}

impl Service {
    /// Makes what asks a service, each time for at most so long.
    pub(crate) fn new(address: Address, token: Option<Token>, timeout: Duration) -> Self {
        Self {
            agent: agent(address.is_secure(), timeout),
            address,
            token,
        }
    }

    /// Asks for what is at a path, such as `health?format=text`.
    pub(crate) fn get(&self, path: &str) -> Result<Answer, ServiceError> {
        self.get_address(&self.address.of(path))
    }

    /// Asks for what is at an address of this service.
    pub(crate) fn get_address(&self, address: &str) -> Result<Answer, ServiceError> {
        let request = self.request(Method::GET, address).body(());
        answer(self.agent.run(request.map_err(ureq::Error::from)?))
    }

    /// Sends a document that starts something, without waiting for its end. The same key starts nothing twice.
    pub(crate) fn post(
        &self,
        path: &str,
        document: &Value,
        key: &str,
    ) -> Result<Answer, ServiceError> {
        let request = self
            .request(Method::POST, &self.address.of(path))
            .header("Content-Type", "application/json")
            .header("Prefer", "respond-async")
            .header("Idempotency-Key", key)
            .body(document.to_string());
        answer(self.agent.run(request.map_err(ureq::Error::from)?))
    }

    /// Orders what has an address of its own and needs no more words, such as `drain`.
    pub(crate) fn order(&self, path: &str) -> Result<(), ServiceError> {
        let request = self.request(Method::POST, &self.address.of(path));
        let answered = answer(self.agent.run(request.body(()).map_err(ureq::Error::from)?))?;
        answered.successful().map(drop)
    }

    /// Asks for the end of what is at a path.
    pub(crate) fn delete(&self, path: &str) -> Result<Answer, ServiceError> {
        let request = self.request(Method::DELETE, &self.address.of(path));
        answer(self.agent.run(request.body(()).map_err(ureq::Error::from)?))
    }

    /// Opens what tells events. It ends after a while, however much there is to tell: then a connection that was
    /// cut without a word is noticed.
    pub(crate) fn stream(&self, path: &str) -> Result<Stream, ServiceError> {
        let request = self.request(Method::GET, &self.address.of(path));
        let request = request.body(()).map_err(ureq::Error::from)?;
        let request = self
            .agent
            .configure_request(request)
            .timeout_global(Some(STREAM))
            .timeout_connect(self.agent.config().timeouts().global)
            .timeout_recv_response(self.agent.config().timeouts().global)
            .build();
        let response = self.agent.run(request)?;
        if response.status().is_success() {
            return Ok(BufReader::new(response.into_body().into_reader()));
        }
        let refused = answer(Ok(response))?;
        let status = refused.status;
        refused.successful()?;
        Err(ServiceError::Foreign { status })
    }

    /// Makes what asks each of these services; settings and connections are shared.
    pub(crate) fn all(
        addresses: Vec<Address>,
        token: Option<&Token>,
        timeout: Duration,
    ) -> Vec<Self> {
        let agent = agent(addresses.iter().any(Address::is_secure), timeout);
        let service = |address| Self {
            address,
            token: token.cloned(),
            agent: agent.clone(),
        };
        addresses.into_iter().map(service).collect()
    }

    fn request(&self, method: Method, address: &str) -> Builder {
        let mut request = Request::builder().method(method).uri(address);
        if let Some(token) = &self.token {
            request = request.header("Authorization", token.authorization());
        }
        request
    }
}

fn answer(
    answered: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
) -> Result<Answer, ServiceError> {
    let mut response = answered?;
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(MAX_ANSWER);
    Ok(Answer {
        status,
        text: body.read_to_string()?,
    })
}

/// Makes what sends requests, each for at most so long.
fn agent(is_secure: bool, timeout: Duration) -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        // The token is for whom it was meant.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_global(Some(timeout))
        .user_agent(concat!("mad/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls(is_secure))
        .build()
        .new_agent()
}

/// Trusts whom the system trusts. To read all their certificates takes longer than a probe does, and where nothing is
/// encrypted nobody shows one: no redirection is followed.
fn tls(is_secure: bool) -> TlsConfig {
    let roots = if is_secure {
        rustls_native_certs::load_native_certs().certs
    } else {
        Vec::new()
    };
    let roots: Vec<_> = roots
        .iter()
        .map(|root| Certificate::from_der(root).to_owned())
        .collect();
    TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(ring::default_provider()))
        .root_certs(RootCerts::new_with_certs(&roots))
        .build()
}

/// Why there is no answer, or none that helps.
#[derive(Debug)]
pub(crate) enum ServiceError {
    /// Nobody answers, or not in time.
    Unreachable(ureq::Error),
    /// The service says no, and why.
    Refused { status: u16, detail: String },
    /// What answers is not MAD.
    Foreign { status: u16 },
}

impl From<ureq::Error> for ServiceError {
    fn from(error: ureq::Error) -> Self {
        Self::Unreachable(error)
    }
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(ureq::Error::Timeout(_)) => f.write_str("no answer in time"),
            Self::Unreachable(error) => write!(f, "no answer: {error}"),
            Self::Refused { status: 401, .. } => f.write_str(
                "it wants a token that it knows: set MAD_TOKEN, or use --token-file or --ask-token (401)",
            ),
            Self::Refused { status, detail } => write!(f, "{detail} ({status})"),
            Self::Foreign { status } => write!(
                f,
                "what answers there is not MAD: is the port that of MAD, 9464 if nobody chose another? ({status})"
            ),
        }
    }
}

impl std::error::Error for ServiceError {}
