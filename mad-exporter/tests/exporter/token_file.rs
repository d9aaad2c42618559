//! Tokens in a file.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use mad_exporter::{ExporterBuilder, Warning};
use tempfile::TempDir;

use crate::support::{
    PATIENCE, Request, Service, read_to_end, readiness, wait_until, without_token,
};

/// A file of tokens in a folder of its own.
struct TokenFile {
    folder: TempDir,
}

impl TokenFile {
    fn with(text: &str) -> Self {
        let file = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        file.replace(text);
        file
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("tokens")
    }

    /// Replaces it at once, as those do who know how.
    fn replace(&self, text: &str) {
        let new = self.folder.path().join("new");
        fs::write(&new, text).unwrap();
        set_mode(&new, 0o600);
        fs::rename(new, self.path()).unwrap();
    }
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;

    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) {}

fn builder(path: &Path) -> ExporterBuilder {
    without_token([readiness("database", |_| true)]).token_file(path)
}

fn drain(service: &Service, token: &str) -> u16 {
    let request = Request::new("POST", "/drain");
    let request = request.with("Authorization", &format!("Bearer {token}"));
    request.send_to(service.address()).status
}

#[test]
fn tokens_in_a_file_do_what_their_scopes_say() {
    let file = TokenFile::with("deployer admin,trigger:scratch s1\ngrafana read s2\n");
    let service = Service::start(builder(&file.path()).token("s3"));
    assert_eq!(drain(&service, "s1"), 200);
    assert_eq!(drain(&service, "s2"), 403);
    assert_eq!(drain(&service, "s3"), 200);
    assert_eq!(drain(&service, "read"), 401);
    // There is a way to be known, so that being on this host is none.
    assert_eq!(service.get("/selftest").status, 401);
}

#[test]
fn a_file_that_changes_is_read_again_and_one_that_is_spoiled_changes_nothing_but_a_warning() {
    let file = TokenFile::with("old");
    let service = Service::start(builder(&file.path()));
    assert_eq!(drain(&service, "old"), 200);

    file.replace("old\nnew");
    wait_until("the new token is valid", || drain(&service, "new") == 200);
    assert_eq!(drain(&service, "old"), 200);
    file.replace("new");
    wait_until("the old one is not any more", || {
        drain(&service, "old") == 401
    });

    file.replace("this is not a line\n");
    wait_until("it is told", || !service.exporter.warnings().is_empty());
    let warnings = service.exporter.warnings();
    assert!(matches!(warnings[..], [Warning::NotReloaded { .. }]));
    let text = warnings[0].to_string();
    assert!(
        text.contains("line 1: 5 words") && !text.contains("this is"),
        "{text}"
    );
    assert_eq!(drain(&service, "new"), 200);

    file.replace("newest");
    wait_until("the newest token is valid", || {
        drain(&service, "newest") == 200
    });
    assert_eq!(service.exporter.warnings(), []);
}

#[test]
fn who_follows_events_follows_them_no_longer_than_the_token_holds() {
    let file = TokenFile::with("reader read s1\nother read s2\n");
    let service = Service::start(builder(&file.path()));
    let listen = |token: &str| {
        let mut stream = TcpStream::connect(service.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let head =
            format!("GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        stream
    };
    let is_told = |mut stream: &TcpStream| {
        let mut told = Vec::new();
        while !told.ends_with(b"event: lifecycle") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            told.extend(byte);
        }
    };
    let mut listener = listen("s1");
    is_told(&listener);
    file.replace("other read s2\n");
    // It ends, and by itself: otherwise this would run out of patience.
    let rest = read_to_end(&mut listener);
    assert!(rest.ends_with("0\r\n\r\n") || rest.is_empty(), "{rest}");
    let again = Request::new("GET", "/events").with("Authorization", "Bearer s1");
    assert_eq!(again.send_to(service.address()).status, 401);
    is_told(&listen("s2"));
}

#[test]
fn a_file_that_cannot_be_used_keeps_it_from_starting_and_is_not_shown() {
    let file = TokenFile::with("ci c4n4ry");
    let error = builder(&file.path()).start().unwrap_err();
    assert!(error.is_invalid_token());
    let text = format!("{error} {error:?}");
    assert!(
        text.contains("tokens` cannot be used: line 1") && !text.contains("c4n4ry"),
        "{text}"
    );

    let error = builder(&file.folder.path().join("nothing"))
        .start()
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("nothing` cannot be used: No such file"),
        "{error}"
    );
}

/// Pitfall 30.
#[cfg(unix)]
#[test]
fn a_file_that_others_may_read_or_replace_is_refused_and_says_how_to_mend_it() {
    use std::os::unix::fs::symlink;

    let file = TokenFile::with("secret");
    // A link of our own, as Kubernetes makes them, is none of somebody else's.
    let link = file.folder.path().join("link");
    symlink(file.path(), &link).unwrap();
    builder(&link)
        .start()
        .unwrap()
        .shutdown(std::time::Duration::ZERO);

    set_mode(&file.path(), 0o644);
    for path in [file.path(), link] {
        let error = builder(&path).start().unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
    set_mode(&file.path(), 0o600);
    set_mode(file.folder.path(), 0o777);
    let error = builder(&file.path()).start().unwrap_err();
    assert!(error.to_string().contains("write to its folder"), "{error}");
}
