//! What speaks like MongoDB: no package has MongoDB itself.

use std::path::Path;
use std::process::Command;

use super::{Server, can_be_killed};
use crate::foreign::said;
use crate::judge::{python, python_judge};
use crate::recorded::Stored;

/// A `SecantusDB`: MongoDB's protocol before MongoDB's own storage engine. It has a user `ci`, whose password is
/// `s3cret`, for a database `ci`.
#[derive(Debug)]
pub struct MongoDb {
    server: Server,
}

can_be_killed!(MongoDb);

impl MongoDb {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start() -> Self {
        let server = Server::start(1, |folder, addresses| {
            let port = addresses[0].rsplit(':').next().unwrap();
            let mut command = Command::new(Path::new(&python()).with_file_name("secantusd-py"));
            command.args(["--host", "127.0.0.1", "--port", port, "--sync-on-commit"]);
            command.args(["--cache-size", "64M", "--storage-path"]);
            command.arg(folder.join("data"));
            if folder.join("data").exists() {
                command.arg("--auth");
            }
            command
        });
        let mut mongodb = Self { server };
        let address = format!("mongodb://{}/?directConnection=true", mongodb.address());
        said(python_judge("mongodb_rows.py").args([&address, "ci", "ci", "s3cret"]));
        // Now that there is somebody, nobody else is let in.
        mongodb.kill();
        mongodb.start_again();
        mongodb
    }

    /// Where it listens, as `host:port`.
    pub fn address(&self) -> &str {
        self.server.address(0)
    }

    /// Returns what is in its collections.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    #[track_caller]
    pub fn stored(&self) -> Stored {
        let address = format!(
            "mongodb://ci:s3cret@{}/?directConnection=true&authSource=ci",
            self.address()
        );
        let said = said(python_judge("mongodb_rows.py").args([&address, "ci"]));
        Stored::of_rows(&said)
    }
}
