//! Clients of other people's making: curl and openssl, over TLS, with certificates, and through a socket in
//! the file system.
#![cfg(unix)]

use std::fs;
use std::io::Read;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use mad_core::{Check, HealthOptions};
use mad_exporter::{AuditEntry, Credentials, Exporter, ExporterBuilder, Grant, Scope, Scopes, Tls};
use tests::Authority;

/// How long something that must happen may take on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(20);

fn authority() -> Authority {
    let authority = Authority::new("ours");
    authority.sign("server", "the first");
    authority
}

fn builder() -> ExporterBuilder {
    let check = Check::health_check("disk", HealthOptions::DEFAULT, |_| true);
    Exporter::builder().check(check)
}

/// A running exporter; it is stopped at the end of the test.
struct Service(Exporter);

impl Service {
    fn start(builder: ExporterBuilder) -> Self {
        Self(builder.start().expect("the exporter starts"))
    }

    fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }

    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address().port())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.0.shutdown(Duration::ZERO);
    }
}

fn curl(arguments: &[&str]) -> Output {
    let mut curl = Command::new("curl");
    curl.args([
        "--silent",
        "--show-error",
        "--max-time",
        "20",
        "--write-out",
        "\n%{http_code}",
    ]);
    curl.args(arguments).output().expect("curl is installed")
}

/// Returns the status and the body of what curl was answered.
#[track_caller]
fn answer(output: &Output) -> (String, String) {
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let (body, status) = text.rsplit_once('\n').unwrap();
    (status.to_owned(), body.to_owned())
}

/// Asks with the certificate of somebody, or without one.
fn curl_as(
    authority: &Authority,
    client: Option<(&Authority, &str)>,
    arguments: &[&str],
) -> Output {
    let text = |path: PathBuf| path.to_str().unwrap().to_owned();
    let mut all = vec!["--cacert".to_owned(), text(authority.path("ca.pem"))];
    if let Some((signer, name)) = client {
        all.extend([
            "--cert".to_owned(),
            text(signer.path(&format!("{name}.pem"))),
        ]);
        all.extend([
            "--key".to_owned(),
            text(signer.path(&format!("{name}.key"))),
        ]);
    }
    all.extend(arguments.iter().map(|&argument| argument.to_owned()));
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    curl(&all)
}

/// What openssl sees of a server.
fn s_client(address: SocketAddr, arguments: &[&str]) -> String {
    let mut openssl = Command::new("openssl");
    openssl.args([
        "s_client",
        "-connect",
        &address.to_string(),
        "-servername",
        "localhost",
    ]);
    let output = openssl.args(arguments).stdin(Stdio::null()).output();
    let output = output.expect("openssl is installed");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[track_caller]
fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(
            started.elapsed() < PATIENCE,
            "it never came to this: {what}"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn curl_is_served_over_tls_and_knows_the_server() {
    let (authority, other) = (authority(), Authority::new("theirs"));
    let service = Service::start(builder().listen_tls(([127, 0, 0, 1], 0), authority.tls()));
    let live = answer(&curl_as(&authority, None, &[&service.url("/livez")]));
    assert_eq!(live, ("200".to_owned(), "ok".to_owned()));
    // A page of more than one record.
    let (status, page) = answer(&curl_as(&authority, None, &[&service.url("/metrics")]));
    assert!(status == "200" && page.contains("mad_lifecycle"), "{page}");
    // On this host and without a token: as over plain TCP.
    let drain = ["--request", "POST", &service.url("/drain")];
    assert_eq!(answer(&curl_as(&authority, None, &drain)).0, "200");

    // Somebody else's authority has not signed it.
    assert_eq!(
        curl_as(&other, None, &[&service.url("/livez")])
            .status
            .code(),
        Some(60)
    );
}

#[test]
fn openssl_agrees_on_tls_1_2_and_1_3_and_on_nothing_older() {
    let authority = authority();
    let service = Service::start(builder().listen_tls(([127, 0, 0, 1], 0), authority.tls()));
    let ca = authority.path("ca.pem");
    let trust = [
        "-CAfile",
        ca.to_str().unwrap(),
        "-verify_return_error",
        "-alpn",
        "http/1.1",
    ];
    for (flag, version) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let seen = s_client(service.address(), &[&trust[..], &[flag]].concat());
        assert!(
            seen.contains(version) && seen.contains("Verification: OK"),
            "{seen}"
        );
        assert!(seen.contains("ALPN protocol: http/1.1"), "{seen}");
    }
    let seen = s_client(service.address(), &[&trust[..], &["-tls1_1"]].concat());
    assert!(seen.contains("no peer certificate available"), "{seen}");
}

#[test]
fn a_client_without_a_certificate_that_was_signed_here_is_not_served() {
    let (authority, other) = (authority(), Authority::new("theirs"));
    authority.sign("deployer", "deployer");
    other.sign("deployer", "deployer");
    let tls = authority
        .tls()
        .client_ca(authority.path("ca.pem"), [Scope::Admin]);
    let (sender, entries) = channel();
    let hook = move |entry: &AuditEntry| _ = sender.send(entry.clone());
    // Beyond this host: a certificate is a way to be known.
    let service = Service::start(builder().listen_tls(([0, 0, 0, 0], 0), tls).audit(hook));
    assert_eq!(service.0.warnings(), []);

    let drain = ["--request", "POST", &service.url("/drain")];
    for stranger in [None, Some((&other, "deployer"))] {
        let output = curl_as(&authority, stranger, &drain);
        assert!(!output.status.success(), "{output:?}");
    }
    let output = curl_as(&authority, Some((&authority, "deployer")), &drain);
    assert_eq!(answer(&output).0, "200");
    let entry = entries.recv_timeout(PATIENCE).unwrap();
    assert_eq!(entry.who.as_deref(), Some("CN=deployer"));
    // It has one scope and not another.
    let run = ["--request", "POST", &service.url("/selftest")];
    let output = curl_as(&authority, Some((&authority, "deployer")), &run);
    assert_eq!(answer(&output).0, "403");
}

#[test]
fn the_application_is_told_whom_a_certificate_is_for() {
    let authority = authority();
    for name in ["ada", "bob"] {
        authority.sign(name, name);
    }
    let tls = authority
        .tls()
        .client_ca(authority.path("ca.pem"), Scopes::NONE);
    let judge = |credentials: &Credentials| {
        let subject = credentials.certificate_subject()?;
        (subject == "CN=ada").then(|| Grant::new("ada", Scopes::ALL))
    };
    let service = Service::start(
        builder()
            .listen_tls(([127, 0, 0, 1], 0), tls)
            .authorise(judge),
    );
    let drain = ["--request", "POST", &service.url("/drain")];
    for (name, expected) in [("ada", "200"), ("bob", "401")] {
        let output = curl_as(&authority, Some((&authority, name)), &drain);
        assert_eq!(answer(&output).0, expected, "{name}");
    }
}

#[test]
fn a_renewed_certificate_is_served_without_a_restart_and_a_spoiled_one_is_not() {
    let authority = authority();
    let service = Service::start(builder().listen_tls(([127, 0, 0, 1], 0), authority.tls()));
    let is_served = |name: &str| {
        let seen = s_client(service.address(), &["-showcerts"]);
        seen.contains(&format!("CN = {name}")) || seen.contains(&format!("CN={name}"))
    };
    assert!(is_served("the first"));
    authority.sign("server", "the second");
    wait_until("the second is served", || is_served("the second"));

    authority.write("server.pem", "spoiled");
    wait_until("it is told", || !service.0.warnings().is_empty());
    let warning = service.0.warnings()[0].to_string();
    assert!(
        warning.contains("server.pem` cannot be used for TLS"),
        "{warning}"
    );
    assert!(is_served("the second"));
    authority.sign("server", "the third");
    wait_until("the third is served", || is_served("the third"));
    assert_eq!(service.0.warnings(), []);
}

#[test]
fn files_that_cannot_be_used_keep_it_from_starting_and_say_which() {
    let authority = authority();
    let check = |tls: Tls, part: &str| {
        let error = builder()
            .listen_tls(([127, 0, 0, 1], 0), tls)
            .start()
            .unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    };
    let (certificate, key) = (authority.path("server.pem"), authority.path("server.key"));
    check(
        Tls::files("/nothing.pem", &key),
        "`/nothing.pem` cannot be used for TLS: No such file",
    );
    check(
        Tls::files(&key, &key),
        "server.key` cannot be used for TLS: there is no PEM block",
    );
    check(
        Tls::files(&certificate, &certificate),
        "server.pem` cannot be used for TLS: there is no PEM block",
    );
    authority.sign("other", "other");
    check(
        Tls::files(&certificate, authority.path("other.key")),
        "other.key` cannot be used for TLS",
    );
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    check(authority.tls(), "chmod 600");
}

/// Pitfall 29.
#[test]
fn slow_clients_that_never_agree_on_tls_are_cut_off_and_garbage_harms_nobody() {
    let authority = authority();
    let service = Service::start(builder().listen_tls(([127, 0, 0, 1], 0), authority.tls()));
    let mut silent: Vec<_> = (0..50)
        .map(|_| TcpStream::connect(service.address()).unwrap())
        .collect();
    let garbage = curl(&["--http0.9", &format!("http://{}/livez", service.address())]);
    assert!(
        !String::from_utf8_lossy(&garbage.stdout).contains("ok"),
        "{garbage:?}"
    );
    let live = curl_as(&authority, None, &[&service.url("/livez")]);
    assert_eq!(answer(&live).0, "200");
    for stream in &mut silent {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    }
}

#[test]
fn curl_is_served_through_a_socket_in_the_file_system() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("mad.sock");
    let _service = Service::start(builder().listen_unix(&socket));
    let ask = |socket: &Path, url: &str, method: &str| {
        let socket = socket.to_str().unwrap();
        answer(&curl(&["--unix-socket", socket, "--request", method, url]))
    };
    assert_eq!(
        ask(&socket, "http://localhost/livez", "GET"),
        ("200".to_owned(), "ok".to_owned())
    );
    let (status, body) = ask(&socket, "http://shop/drain", "POST");
    assert_eq!(status, "200", "{body}");
}
