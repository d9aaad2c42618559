//! MariaDB.

use std::path::Path;
use std::process::Command;

use super::{Server, can_be_killed, has_small_disk, on_small_disk};
use crate::foreign::said;
use crate::recorded::{Series, Stored};

/// A real MariaDB with a database `ci` and a user `ci`, whose password is `s3cret`.
#[derive(Debug)]
pub struct MariaDb {
    server: Server,
}

can_be_killed!(MariaDb);
has_small_disk!(MariaDb);

impl MariaDb {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start() -> Self {
        Self::ready(Server::start(1, |folder, addresses| {
            let data = folder.join("data");
            if !data.exists() {
                said(&mut install(&data, &user()));
            }
            command(folder, &addresses[0], &user())
        }))
    }

    /// Starts it on a small disk of its own.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start_on_small_disk() -> Self {
        Self::ready(Server::start(1, |folder, addresses| {
            // There, whoever runs the tests is called root.
            let root = "--user=root";
            let data = folder.join("data");
            let mut server = command(folder, &addresses[0], root);
            server.args(["--innodb-log-file-size=4M", "--innodb-undo-tablespaces=0"]);
            let mut both = Command::new("sh");
            both.arg("-c").arg(format!(
                "{} && exec {}",
                words(&install(&data, root)),
                words(&server)
            ));
            on_small_disk(&data, 64, &both)
        }))
    }

    #[track_caller]
    fn ready(server: Server) -> Self {
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

fn command(folder: &Path, address: &str, user: &str) -> Command {
    let port = address.rsplit(':').next().unwrap();
    let mut command = Command::new("mariadbd");
    command.args(["--no-defaults", user, "--bind-address=127.0.0.1"]);
    command.args(["--skip-log-bin", "--innodb-buffer-pool-size=16M"]);
    command.arg("--performance-schema=OFF");
    command.arg(format!("--datadir={}", folder.join("data").display()));
    command.arg(format!("--socket={}", folder.join("socket").display()));
    command.arg(format!("--port={port}"));
    command
}

fn install(data: &Path, user: &str) -> Command {
    let mut install = Command::new("mariadb-install-db");
    install.args(["--no-defaults", "--skip-test-db", user]);
    install.arg("--auth-root-authentication-method=normal");
    install.arg("--innodb-log-file-size=4M");
    install.arg(format!("--datadir={}", data.display()));
    install
}

/// A command as a shell has it; none of its words needs a quote.
fn words(command: &Command) -> String {
    let words = [command.get_program()]
        .into_iter()
        .chain(command.get_args());
    let words = words.map(|word| word.to_string_lossy().into_owned());
    words.collect::<Vec<_>>().join(" ")
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
