//! MariaDB.

use std::path::Path;
use std::process::Command;

use super::{Server, can_be_killed};
use crate::foreign::said;
use crate::recorded::{Series, Stored};

/// A real MariaDB with a database `ci` and a user `ci`, whose password is `s3cret`.
#[derive(Debug)]
pub struct MariaDb {
    server: Server,
}

can_be_killed!(MariaDb);

impl MariaDb {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start() -> Self {
        let server = Server::start(1, |folder, addresses| {
            let data = folder.join("data");
            if !data.exists() {
                install(&data);
            }
            let port = addresses[0].rsplit(':').next().unwrap();
            let mut command = Command::new("mariadbd");
            command.args([
                "--no-defaults",
                &user(),
                "--bind-address=127.0.0.1",
                "--skip-log-bin",
            ]);
            command.args(["--innodb-buffer-pool-size=16M", "--performance-schema=OFF"]);
            command
                .arg(format!("--datadir={}", data.display()))
                .arg(format!("--port={port}"));
            command.arg(format!("--socket={}", folder.join("socket").display()));
            command
        });
        let mariadb = Self { server };
        mariadb.ask(
            "CREATE DATABASE ci; CREATE USER ci@127.0.0.1 IDENTIFIED BY 's3cret'; \
             GRANT ALL ON ci.* TO ci@127.0.0.1",
        );
        mariadb
    }

    /// Where it listens, as `host:port`.
    pub fn address(&self) -> &str {
        self.server.address(0)
    }

    /// Returns what is in its tables.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    #[track_caller]
    pub fn stored(&self) -> Stored {
        let rows = self.ask(
            "SELECT HEX(name), HEX(labels), at_ms, value FROM ci.mad_samples JOIN ci.mad_series ON series = id",
        );
        let mut stored = Stored::default();
        for row in rows.lines() {
            let columns: Vec<_> = row.split('\t').collect();
            let labels = serde_json::from_str(&text(columns[1])).unwrap();
            let series = Series::new(&text(columns[0]), &labels);
            stored.add(
                series,
                columns[2].parse().unwrap(),
                columns[3].parse().unwrap(),
            );
        }
        stored
    }

    #[track_caller]
    fn ask(&self, query: &str) -> String {
        let mut client = Command::new("mariadb");
        client.args([
            "--no-defaults",
            "--user=root",
            "--batch",
            "--skip-column-names",
        ]);
        client.arg(format!(
            "--socket={}",
            self.server.folder.path().join("socket").display()
        ));
        said(client.args(["--execute", query]))
    }
}

#[track_caller]
fn install(data: &Path) {
    let mut install = Command::new("mariadb-install-db");
    install.args([
        "--no-defaults",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        &user(),
    ]);
    said(install.arg(format!("--datadir={}", data.display())));
}

/// Whoever runs the tests; root would become somebody else.
fn user() -> String {
    format!("--user={}", said(Command::new("id").arg("-un")).trim())
}

/// The text that hexadecimal digits stand for.
fn text(digits: &str) -> String {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    String::from_utf8(digits.as_bytes().chunks(2).map(byte).collect()).unwrap()
}
