//! Does a web server answer as it should?

use std::time::{Duration, Instant};

use mad_core::{Check, IntoCheck, Outcome, Unit, note, observe};

use crate::informational;
use crate::network::{Deadline, NetworkError, Resolver, Response, Trust, Url};

/// How many bytes of a body are looked at.
const MAX_BODY: u64 = 64 * 1024;

/// Checks that a `GET` of a URL is answered with a good status, and with a text if one is asked for.
///
/// Good is 200 to 299, unless [`expect_status`](Self::expect_status) says otherwise. Redirects are not
/// followed: 301 is a status. Of the body no more than the first 64 KiB are looked at, and nothing if no text
/// is asked for. It is named `http_get`, and runs every 30 seconds. It observes `response` (seconds until the
/// head of the answer is there).
///
/// `https` needs the feature `tls`. The certificate is verified, against the roots of the system and what
/// is given to `trust_pem`.
///
/// ```
/// use mad_checks::HttpGet;
/// use mad_core::IntoCheck;
///
/// let search = HttpGet::of("http://search.internal:9200/_cluster/health").expect_body("green");
/// assert_eq!(search.into_check().name(), "http_get");
/// ```
///
/// # What it cannot see
///
/// - What a client sees that goes another way: no proxy of the environment is used, and no cookie, header or
///   credential is sent.
/// - Whether the answer is the server's own: a cache, a proxy or a load balancer may give it.
/// - The other servers behind the same name: it asks the first address that lets it connect.
#[derive(Clone, Debug)]
pub struct HttpGet {
    url: String,
    status: Option<u16>,
    body: Option<String>,
    trust: Trust,
}

impl HttpGet {
    /// Asks for this URL. What is none fails at the first run.
    pub fn of(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            status: None,
            body: None,
            trust: Trust::default(),
        }
    }

    /// Fails unless the answer has exactly this status.
    #[must_use]
    pub fn expect_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Fails unless this text is in the first 64 KiB of the body.
    #[must_use]
    pub fn expect_body(mut self, text: impl Into<String>) -> Self {
        self.body = Some(text.into());
        self
    }

    /// Trusts these certificates (PEM) beside the roots of the system: those of a private authority.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn trust_pem(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.trust.add_pem(pem.as_ref());
        self
    }

    fn look(&self, resolver: &Resolver) -> Result<Outcome, NetworkError> {
        let deadline = Deadline::of_run();
        let url = Url::parse(&self.url)?;
        let started = Instant::now();
        let response = url.get(resolver, &self.trust, deadline)?;
        observe("response", started.elapsed().as_secs_f64(), Unit::Seconds);
        let (status, peer) = (response.status, &response.peer);
        note(format!("{peer} answered {status}"));
        if !self.is_good(status) {
            let expected = self
                .status
                .map_or("200 to 299".to_owned(), |it| it.to_string());
            return Ok(Outcome::fail(format!(
                "the status is {status}, not {expected}"
            )));
        }
        match &self.body {
            Some(text) => judge_body(response, text),
            None => Ok(Outcome::Pass),
        }
    }

    fn is_good(&self, status: u16) -> bool {
        match self.status {
            Some(expected) => status == expected,
            None => (200..300).contains(&status),
        }
    }
}

fn judge_body(response: Response, text: &str) -> Result<Outcome, NetworkError> {
    let body = response.body(MAX_BODY)?;
    Ok(if String::from_utf8_lossy(&body).contains(text) {
        Outcome::Pass
    } else {
        let looked_at = body.len();
        Outcome::fail(format!(
            "`{text}` is not in the body; {looked_at} bytes of it were looked at"
        ))
    })
}

impl IntoCheck for HttpGet {
    #[track_caller]
    fn into_check(self) -> Check {
        let doc = format!("{} answers.", self.url);
        let resolver = Resolver::of_system();
        let options = informational(Duration::from_secs(30));
        Check::health_check("http_get", options, move |_| self.look(&resolver)).with_doc(doc)
    }
}
