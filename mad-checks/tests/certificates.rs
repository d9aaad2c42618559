//! What the checks of TLS find, with real servers and certificates made for the purpose.

mod support;

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mad_checks::{CertificateExpiry, HttpGet};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use support::{
    answering, check_fails, check_noted, check_passes, check_warns, impatient, observed,
    read_request, serve, silent,
};

const DAY: Duration = Duration::from_hours(24);

/// An authority that signs certificates for `localhost`.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// Since when, or until when, counted from now.
#[derive(Clone, Copy)]
enum When {
    Ago(Duration),
    In(Duration),
}

impl Authority {
    fn new() -> Self {
        Self::until(When::In(DAY * 3650))
    }

    fn until(end: When) -> Self {
        let mut authority = parameters("MAD test authority", end);
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(authority, key).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// Starts a server with a certificate of this authority, which it presents as well.
    fn server(&self, end: When) -> SocketAddr {
        let key = KeyPair::generate().unwrap();
        let certificate = parameters("shop", end).signed_by(&key, &self.0).unwrap();
        tls_server(vec![certificate.der().clone(), self.0.der().clone()], &key)
    }
}

fn parameters(name: &str, end: When) -> CertificateParams {
    let mut parameters = CertificateParams::new(["localhost".to_owned()]).unwrap();
    parameters.distinguished_name.push(DnType::CommonName, name);
    let end = match end {
        When::Ago(time) => SystemTime::now() - time,
        When::In(time) => SystemTime::now() + time,
    };
    parameters.not_before = date_time_ymd(2001, 1, 1);
    parameters.not_after = date_time_ymd(1970, 1, 1) + end.duration_since(UNIX_EPOCH).unwrap();
    parameters
}

fn self_signed_server(end: When) -> SocketAddr {
    let key = KeyPair::generate().unwrap();
    let certificate = parameters("alone", end).self_signed(&key).unwrap();
    tls_server(vec![certificate.der().clone()], &key)
}

/// Starts a server that answers every request.
fn tls_server(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> SocketAddr {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    serve(move |socket| {
        let server = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut stream = StreamOwned::new(server, socket);
        // Who only looks at the certificate goes away here.
        if stream.conn.complete_io(&mut stream.sock).is_ok() {
            read_request(&mut stream);
            _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsecured");
            stream.conn.send_close_notify();
            _ = stream.flush();
        }
    })
}

fn looked_at(server: SocketAddr) -> CertificateExpiry {
    CertificateExpiry::of(server.to_string()).server_name("localhost")
}

#[test]
fn a_verified_certificate_with_time_to_come_passes() {
    let authority = Authority::new();
    let server = authority.server(When::In(DAY * 90));
    let report = check_passes(looked_at(server).trust_pem(authority.pem()));
    check_noted(&report, &format!("{server} presented 2 certificate(s)"));
    check_noted(&report, "CN=shop");
    check_noted(&report, "verified");
    let left = observed(&report, "left");
    assert!((left - 90.0 * 86_400.0).abs() < 3600.0, "{left}");
    assert!(observed(&report, "verified") > 0.0);
    let by_name = CertificateExpiry::of(format!("localhost:{}", server.port()));
    check_passes(by_name.trust_pem(authority.pem()));
}

#[test]
fn one_that_ends_soon_warns_and_then_fails() {
    let authority = Authority::new();
    let look = |days| {
        let server = authority.server(When::In(DAY * days));
        looked_at(server).trust_pem(authority.pem())
    };
    check_warns(look(10), "expires in 9 days and 23 hours");
    check_fails(look(2), "expires in 1 days and 23 hours");
    check_passes(look(10).warn_before(DAY));
    check_warns(look(2).fail_before(DAY), "expires in 1 days");
}

#[test]
fn the_authority_in_between_counts_too() {
    let authority = Authority::until(When::In(DAY * 5));
    let server = authority.server(When::In(DAY * 90));
    let report = check_warns(
        looked_at(server).trust_pem(authority.pem()),
        "expires in 4 days",
    );
    check_noted(&report, "CN=MAD test authority");
}

#[test]
fn an_expired_certificate_fails_verified_or_not() {
    let authority = Authority::new();
    let server = authority.server(When::Ago(DAY));
    let trusting = || looked_at(server).trust_pem(authority.pem());
    let report = check_fails(trusting(), "has expired");
    assert!(observed(&report, "left") < -80_000.0);
    check_fails(trusting().unverified(), "has expired");
}

#[test]
fn what_is_not_verified_fails_and_says_so_unless_that_is_asked_for() {
    let server = self_signed_server(When::In(DAY * 90));
    check_fails(looked_at(server), "the certificate is not verified");
    let report = check_passes(looked_at(server).unverified());
    check_noted(&report, "not verified: ");
    assert!(observed(&report, "verified") < 1.0);
    let soon = self_signed_server(When::In(DAY * 10));
    check_warns(looked_at(soon).unverified(), "expires in 9 days");
}

#[test]
fn another_name_fails() {
    let authority = Authority::new();
    let server = authority.server(When::In(DAY * 90));
    let other = looked_at(server).server_name("elsewhere.example.com");
    check_fails(other.trust_pem(authority.pem()), "elsewhere.example.com");
}

#[test]
fn who_speaks_no_tls_or_nothing_at_all_fails_and_keeps_no_thread() {
    let web = answering("HTTP/1.1 400 Bad Request\r\n\r\n");
    check_fails(impatient(looked_at(web)), "shaking hands for TLS");
    check_fails(impatient(looked_at(silent())), "no answer in time");
    let not_pem = looked_at(silent()).trust_pem("no certificate");
    check_fails(not_pem, "no PEM with a certificate");
}

#[test]
fn https_is_asked_and_the_certificate_verified() {
    let authority = Authority::new();
    let server = authority.server(When::In(DAY * 90));
    let get = || HttpGet::of(format!("https://localhost:{}/", server.port()));
    check_passes(get().trust_pem(authority.pem()).expect_body("secured"));
    check_fails(get(), "invalid peer certificate");
}
