//! How long is a certificate still good?

use std::time::{Duration, SystemTime};

use mad_core::{Check, IntoCheck, Outcome, Unit, note, observe};
use thiserror::Error;
use x509_cert::Certificate;
use x509_cert::der::Decode;

use crate::informational;
use crate::network::{Address, Deadline, NetworkError, Presented, Resolver, Trust, connect_to_any};

const DAY: Duration = Duration::from_hours(24);

/// Checks that the certificates of a TLS server are good for some time to come.
///
/// Of all that the server presents, its own and those of the authorities between, the earliest end counts. It
/// warns 21 days before and fails 3 days before. It also fails when they are not verified: by the roots of the
/// system and what [`trust_pem`](Self::trust_pem) adds, for the name that was asked for.
/// [`unverified`](Self::unverified) leaves that out. A note of each run says what was presented, by whom, and
/// whether it is verified. It is named `certificate_expiry`, and runs every hour. It observes `left` (seconds;
/// less than 0 when it is over), `certificates` (a count) and `verified` (1 or 0).
///
/// ```
/// use mad_checks::CertificateExpiry;
/// use mad_core::IntoCheck;
///
/// let own = CertificateExpiry::of("127.0.0.1:8443").server_name("shop.example.com");
/// assert_eq!(own.into_check().name(), "certificate_expiry");
/// ```
///
/// # What it cannot see
///
/// - Revocation: no list is fetched and no responder is asked.
/// - Certificates for other names, keys or clients on the same address, and other servers behind it. It sends
///   no certificate of its own, no request, and reads no answer.
/// - The root, which servers do not present. On the other hand one that is presented and not needed, such as
///   an old cross-signed authority, counts.
/// - Protocols that begin in the clear (`STARTTLS`).
/// - A certificate on disk that the server has not loaded: it sees what is presented.
#[derive(Clone, Debug)]
pub struct CertificateExpiry {
    address: String,
    server_name: Option<String>,
    warn: Duration,
    fail: Duration,
    is_verified: bool,
    trust: Trust,
}

#[derive(Debug, Error)]
enum CertificateError {
    #[error(transparent)]
    Network(#[from] NetworkError),
    #[error("the server presents no certificate")]
    Nothing,
    #[error("the server presents a certificate that cannot be read")]
    Unreadable(#[from] x509_cert::der::Error),
    #[error("the certificate is not verified")]
    NotVerified(#[from] rustls::Error),
}

/// The certificate whose time ends first.
struct Earliest {
    subject: String,
    end: SystemTime,
}

impl CertificateExpiry {
    /// Looks at the server at `host:port`.
    ///
    /// What is no such address fails at the first run.
    pub fn of(address: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            server_name: None,
            warn: DAY * 21,
            fail: DAY * 3,
            is_verified: true,
            trust: Trust::default(),
        }
    }

    /// Asks for this name, and verifies it; the host of the address unless said otherwise.
    #[must_use]
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self
    }

    /// Warns when less than this is left; 21 days unless said otherwise.
    #[must_use]
    pub fn warn_before(mut self, time: Duration) -> Self {
        self.warn = time;
        self
    }

    /// Fails when less than this is left; 3 days unless said otherwise.
    #[must_use]
    pub fn fail_before(mut self, time: Duration) -> Self {
        self.fail = time;
        self
    }

    /// Trusts these certificates (PEM) beside the roots of the system: those of a private authority.
    #[must_use]
    pub fn trust_pem(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.trust.add_pem(pem.as_ref());
        self
    }

    /// Judges the end of its time alone, and lets pass what is not verified; a note still says that it is not.
    #[must_use]
    pub fn unverified(mut self) -> Self {
        self.is_verified = false;
        self
    }

    fn look(&self, resolver: &Resolver, now: SystemTime) -> Result<Outcome, CertificateError> {
        let presented = self.presented(resolver)?;
        let earliest = earliest(&presented)?;
        describe(&presented, &earliest);
        observe("certificates", presented.chain.len(), Unit::Count);
        observe("verified", u8::from(presented.verdict.is_ok()), Unit::Count);
        let left = earliest.end.duration_since(now);
        let seconds = match &left {
            Ok(left) => left.as_secs_f64(),
            Err(over) => -over.duration().as_secs_f64(),
        };
        observe("left", seconds, Unit::Seconds);
        let Earliest { subject, .. } = earliest;
        let Ok(left) = left else {
            return Ok(Outcome::fail(format!(
                "the certificate of {subject} has expired"
            )));
        };
        if self.is_verified {
            presented.verdict?;
        }
        Ok(self.judge(&subject, left))
    }

    fn presented(&self, resolver: &Resolver) -> Result<Presented, NetworkError> {
        let deadline = Deadline::of_run();
        let address = Address::parse(&self.address)?;
        let addresses = resolver.addresses(&address, deadline)?;
        let (connection, _) = connect_to_any(&addresses, deadline)?;
        let name = self.server_name.as_ref().unwrap_or(&address.host);
        self.trust.look_at(connection, name)
    }

    fn judge(&self, subject: &str, left: Duration) -> Outcome {
        let hours = left.as_secs() / 3600;
        let (days, hours) = (hours / 24, hours % 24);
        let text = format!("the certificate of {subject} expires in {days} days and {hours} hours");
        if left < self.fail {
            Outcome::fail(text)
        } else if left < self.warn {
            Outcome::warn(text)
        } else {
            Outcome::Pass
        }
    }
}

fn earliest(presented: &Presented) -> Result<Earliest, CertificateError> {
    let mut earliest: Option<Earliest> = None;
    for der in &presented.chain {
        let certificate = Certificate::from_der(der)?;
        let certificate = certificate.tbs_certificate();
        let end = certificate.validity().not_after.to_system_time();
        if earliest.as_ref().is_none_or(|earliest| end < earliest.end) {
            let subject = format!("`{}`", certificate.subject());
            earliest = Some(Earliest { subject, end });
        }
    }
    earliest.ok_or(CertificateError::Nothing)
}

fn describe(presented: &Presented, earliest: &Earliest) {
    let peer = presented.peer.map(|peer| peer.to_string());
    let peer = peer.unwrap_or_else(|| "the server".to_owned());
    let (n, subject) = (presented.chain.len(), &earliest.subject);
    note(format!(
        "{peer} presented {n} certificate(s), of which {subject} ends first"
    ));
    match &presented.verdict {
        Ok(()) => note("verified"),
        Err(error) => note(format!("not verified: {error}")),
    }
}

impl IntoCheck for CertificateExpiry {
    #[track_caller]
    fn into_check(self) -> Check {
        let doc = format!("The certificate of {} is good for some time.", self.address);
        let resolver = Resolver::of_system();
        let options = informational(Duration::from_hours(1));
        let look = move |_: &_| self.look(&resolver, SystemTime::now());
        Check::health_check("certificate_expiry", options, look).with_doc(doc)
    }
}
