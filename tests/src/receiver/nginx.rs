//! nginx, which stands before another server.

use std::fs::write;
use std::process::Command;

use super::Server;
use crate::authority::Authority;

/// A real nginx that passes on what it lets through.
#[derive(Debug)]
pub struct Nginx {
    server: Server,
}

impl Nginx {
    /// Starts one that lets a request through every five seconds, and answers others with this status and the word to
    /// come back after five.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn busy(behind: &str, status: u16) -> Self {
        Self::start(
            behind,
            "limit_req_zone $server_port zone=all:1m rate=12r/m;",
            &format!(
                "limit_req zone=all; limit_req_status {status}; add_header Retry-After 5 always;"
            ),
        )
    }

    /// Starts one that lets nobody through but the user `ci` with the password `s3cret`.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn guarded(behind: &str) -> Self {
        Self::start(behind, "", "auth_basic ci; auth_basic_user_file passwords;")
    }

    /// Starts one that speaks TLS, with the certificate in `server.pem` of an authority.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn with_tls(behind: &str, authority: &Authority) -> Self {
        let [certificate, key] = ["server.pem", "server.key"].map(|name| authority.path(name));
        let of_all = format!(
            "ssl_certificate {}; ssl_certificate_key {};",
            certificate.display(),
            key.display()
        );
        Self::listen("ADDRESS ssl", behind, &of_all, "")
    }

    #[track_caller]
    fn start(behind: &str, of_all: &str, of_place: &str) -> Self {
        Self::listen("ADDRESS", behind, of_all, of_place)
    }

    #[track_caller]
    fn listen(at: &str, behind: &str, of_all: &str, of_place: &str) -> Self {
        let rules = format!(
            "{of_all} server {{ listen {at}; location / {{ {of_place} proxy_pass http://{behind}; }} }}"
        );
        let server = Server::start(1, move |folder, addresses| {
            let here = folder.display();
            let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
            let places = places.map(|place| format!("{place}_temp_path {here}/{place};"));
            let config = format!(
                "daemon off; master_process off; pid {here}/nginx.pid; events {{}} http {{ \
                 log_format answers '$msec $status'; access_log {here}/answers answers; {} {} }}",
                places.concat(),
                rules.replace("ADDRESS", &addresses[0]),
            );
            write(folder.join("nginx.conf"), config).unwrap();
            write(folder.join("passwords"), "ci:{PLAIN}s3cret\n").unwrap();
            let mut command = Command::new("nginx");
            command.args(["-e", "stderr", "-c"]);
            command.arg(folder.join("nginx.conf"));
            command
        });
        Self { server }
    }

    /// Where it takes HTTP, as `host:port`.
    pub fn http(&self) -> &str {
        self.server.address(0)
    }

    /// When it answered each request, in seconds, and with which status.
    ///
    /// # Panics
    ///
    /// If it kept no log.
    #[track_caller]
    pub fn answers(&self) -> Vec<(f64, u16)> {
        let file = self.server.folder.path().join("answers");
        let log = std::fs::read_to_string(file).unwrap();
        let answer = |line: &str| {
            let (at, status) = line.split_once(' ').unwrap();
            (at.parse().unwrap(), status.parse().unwrap())
        };
        log.lines().map(answer).collect()
    }
}
