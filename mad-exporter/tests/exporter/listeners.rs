//! Several places where callers come in, and who finds what behind each.

use std::net::SocketAddr;
use std::time::Duration;

use mad_core::Effects;
use mad_exporter::{Exporter, ExporterBuilder, Warning};

use crate::support::{
    Request, Service, readiness, self_test, wait_until, with_token, without_token,
};

fn checks() -> [mad_core::Check; 2] {
    [
        readiness("database", |_| true),
        self_test("place", Effects::Read, |_| true),
    ]
}

/// Starts what listens where it says itself.
fn start(builder: ExporterBuilder) -> Service {
    let exporter = builder.start().expect("the exporter starts");
    Service { exporter }
}

fn ask(address: SocketAddr, method: &'static str, path: &str) -> u16 {
    let request = Request::new(method, path).with("Host", "localhost");
    request.send_to(address).status
}

/// An address that is reached from beyond this host, as it is reached from here.
fn from_here(address: SocketAddr) -> SocketAddr {
    assert!(address.ip().is_unspecified());
    SocketAddr::from(([127, 0, 0, 1], address.port()))
}

const OPEN: [&str; 8] = [
    "/livez",
    "/readyz",
    "/readyz/database",
    "/readyz?verbose",
    "/startupz",
    "/healthz",
    "/health",
    "/metrics",
];

const CLOSED: [(&str, &str); 11] = [
    ("GET", "/"),
    ("GET", "/selftest"),
    ("POST", "/selftest"),
    ("POST", "/selftest/place"),
    ("GET", "/selftest/runs"),
    ("DELETE", "/selftest/runs/1"),
    ("GET", "/maintenance"),
    ("PUT", "/maintenance/database"),
    ("POST", "/drain"),
    ("POST", "/resume"),
    ("GET", "/nothing"),
];

/// Pitfall 10. Beyond loopback nobody could tell who asks, so that a caller on this host is served no more
/// than others are.
#[test]
fn pitfall_10_an_unauthenticated_trigger_beyond_this_host_is_refused_and_the_start_says_so() {
    let service = start(without_token(checks()).listen(([0, 0, 0, 0], 0)));
    let address = from_here(service.address());
    wait_until("it is ready", || ask(address, "GET", "/readyz") == 200);
    for path in OPEN {
        assert_eq!(ask(address, "GET", path), 200, "{path}");
    }
    for (method, path) in CLOSED {
        let request = Request::new(method, path).with("Host", "localhost");
        request.send_to(address).assert_problem(403, "MAD_TOKEN");
    }
    assert!(service.exporter.engine().self_test_runs().is_empty());

    let warnings = service.exporter.warnings();
    assert!(
        matches!(warnings[..], [Warning::NoToken { address }] if address.ip().is_unspecified())
    );
    assert!(warnings[0].to_string().contains("MAD_TOKEN"));
}

#[test]
fn with_a_token_an_address_beyond_this_host_serves_everything() {
    let service = start(with_token(checks()).listen(([0, 0, 0, 0], 0)));
    let address = from_here(service.address());
    let request = Request::new("POST", "/selftest").with_token();
    assert_eq!(request.send_to(address).status, 200);
    assert_eq!(ask(address, "POST", "/selftest"), 401);
    assert_eq!(service.exporter.warnings(), []);
}

#[test]
fn what_is_public_has_probes_and_metrics_and_nothing_else_even_with_the_token() {
    let builder = with_token(checks()).listen(([127, 0, 0, 1], 0));
    let service = start(builder.listen_probes(([0, 0, 0, 0], 0)));
    let &[private, public] = service.exporter.local_addrs() else {
        panic!("two addresses")
    };
    let public = from_here(public);
    wait_until("it is ready", || ask(public, "GET", "/readyz") == 200);
    for path in OPEN {
        assert_eq!(ask(public, "GET", path), 200, "{path}");
        assert_eq!(ask(private, "GET", path), 200, "{path}");
    }
    for (method, path) in CLOSED {
        let request = Request::new(method, path).with_token();
        request.send_to(public).assert_problem(404, "nothing here");
    }
    let request = Request::new("POST", "/selftest").with_token();
    assert_eq!(request.send_to(private).status, 200);
    assert_eq!(service.address(), private);
    assert_eq!(service.exporter.warnings(), []);
}

#[test]
fn every_address_closes_when_the_exporter_stops() {
    let builder = with_token(checks()).listen(([127, 0, 0, 1], 0));
    let service = start(builder.listen(([127, 0, 0, 1], 0)));
    let addresses = service.exporter.local_addrs().to_vec();
    for address in &addresses {
        assert_eq!(ask(*address, "GET", "/livez"), 200);
    }
    service.exporter.shutdown(Duration::from_secs(1));
    for address in addresses {
        assert!(std::net::TcpStream::connect(address).is_err());
    }
}

#[test]
fn below_a_prefix_everything_is_where_the_links_say() {
    let service = start(
        with_token(checks())
            .listen(([127, 0, 0, 1], 0))
            .path_prefix("/ops/mad"),
    );
    let send = |method: &'static str, path: &str| {
        let request = Request::new(method, path).with_token();
        request.send_to(service.address())
    };
    service.wait_for_status("/ops/mad/readyz", 200);
    assert_eq!(send("GET", "/ops/mad").status, 200);
    assert_eq!(send("GET", "/ops/mad/readyz/database").body, "ok");
    for path in ["/readyz", "/", "/ops", "/ops/mad/nothing"] {
        send("GET", path).assert_problem(404, "nothing here");
    }
    let answer = send("POST", "/ops/mad/selftest/place");
    let run = service.follow("/ops/mad/selftest/place", &answer);
    assert_eq!(run.json()["id"], answer.json()["id"]);
    assert_eq!(send("PUT", "/ops/mad/drain").header("allow"), "POST");
}

#[test]
#[should_panic(expected = "a prefix is a path such as `/mad`")]
fn a_prefix_that_is_no_path_is_refused() {
    _ = Exporter::builder().path_prefix("mad/");
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, File};
    use std::os::unix::fs::{FileTypeExt, PermissionsExt};
    use std::os::unix::net::UnixListener;
    use std::path::Path;
    use std::sync::mpsc::channel;

    use mad_exporter::{AuditEntry, UnixSocket};

    use super::*;
    use crate::support::PATIENCE;

    fn get(socket: &Path, path: &str) -> u16 {
        Request::new("GET", path).send_through(socket).status
    }

    #[test]
    fn through_a_socket_everybody_is_a_caller_on_this_host_whatever_they_call_it() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("mad.sock");
        let (sender, entries) = channel();
        let hook = move |entry: &AuditEntry| _ = sender.send(entry.clone());
        let service = start(without_token(checks()).listen_unix(&socket).audit(hook));
        assert_eq!(service.exporter.local_addr(), None);

        assert_eq!(get(&socket, "/livez"), 200);
        let request = Request::new("POST", "/selftest/place").with("Host", "shop");
        let answer = request.send_through(&socket);
        assert_eq!(answer.status, 200, "{answer:?}");
        let process = format!("process {}", std::process::id());
        assert_eq!(answer.json()["requested_by"], process);
        let entry = entries.recv_timeout(PATIENCE).unwrap();
        assert_eq!(
            (entry.requested_by, entry.who.as_deref()),
            (process, Some("local"))
        );
    }

    #[test]
    fn through_a_socket_a_proxy_and_a_page_of_another_site_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("mad.sock");
        let _service = start(without_token(checks()).listen_unix(&socket));
        for (name, value) in [
            ("X-Forwarded-For", "203.0.113.7"),
            ("Sec-Fetch-Site", "cross-site"),
        ] {
            let request = Request::new("POST", "/drain").with(name, value);
            assert_eq!(request.send_through(&socket).status, 403, "{name}");
        }
    }

    #[test]
    fn with_a_token_a_socket_asks_for_it_too() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("mad.sock");
        let _service = start(with_token(checks()).listen_unix(&socket));
        assert_eq!(get(&socket, "/selftest"), 401);
    }

    #[test]
    fn a_socket_is_for_the_user_of_the_process_unless_it_says_otherwise_and_goes_with_it() {
        let folder = tempfile::tempdir().unwrap();
        for (mode, expected) in [(None, 0o600), (Some(0o660), 0o660)] {
            let path = folder.path().join("mad.sock");
            let socket = UnixSocket::at(&path);
            let socket = mode.into_iter().fold(socket, UnixSocket::mode);
            let service = start(with_token(checks()).listen_unix(socket));
            let file = fs::metadata(&path).unwrap();
            assert!(file.file_type().is_socket());
            assert_eq!(file.permissions().mode() & 0o7777, expected);
            drop(service);
            assert!(!path.exists());
        }
    }

    #[test]
    fn a_socket_that_nobody_listens_to_any_more_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mad.sock");
        // The standard library leaves the file behind, as a process does that dies.
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        let _service = start(with_token(checks()).listen_unix(&path));
        assert_eq!(get(&path, "/livez"), 200);
    }

    #[test]
    fn a_socket_that_somebody_listens_to_and_a_file_that_is_none_are_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mad.sock");
        let taken = UnixListener::bind(&path).unwrap();
        let error = with_token(checks()).listen_unix(&path).start().unwrap_err();
        assert!(error.is_address_in_use());
        assert!(error.to_string().contains("mad.sock"), "{error}");
        drop(taken);

        let path = folder.path().join("file");
        File::create(&path).unwrap();
        let error = with_token(checks()).listen_unix(&path).start().unwrap_err();
        assert!(
            error.to_string().contains("something else than a socket"),
            "{error}"
        );
        assert!(path.is_file());
    }

    #[test]
    fn a_socket_that_somebody_else_has_made_since_is_theirs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mad.sock");
        let service = start(with_token(checks()).listen_unix(&path));
        fs::remove_file(&path).unwrap();
        let _others = UnixListener::bind(&path).unwrap();
        drop(service);
        assert!(path.exists());
    }
}
