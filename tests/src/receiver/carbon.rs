//! Graphite's own carbon, with its files.

use std::fs::{create_dir_all, write};
use std::path::PathBuf;
use std::process::Command;

use super::{Server, can_be_killed, files_below};
use crate::foreign::said;

/// A real carbon.
#[derive(Debug)]
pub struct Carbon {
    server: Server,
}

can_be_killed!(Carbon);

impl Carbon {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start() -> Self {
        let server = Server::start(3, |folder, addresses| {
            let port = |index: usize| addresses[index].rsplit(':').next().unwrap().to_owned();
            let data = folder.join("whisper");
            create_dir_all(&data).unwrap();
            let config = format!(
                "[cache]\nSTORAGE_DIR = {folder}\nLOCAL_DATA_DIR = {data}\nLOG_DIR = {folder}\nPID_DIR = {folder}\n\
                 CONF_DIR = {folder}\nUSER =\nMAX_CREATES_PER_MINUTE = inf\nMAX_UPDATES_PER_SECOND = 10000\n\
                 LINE_RECEIVER_INTERFACE = 127.0.0.1\nLINE_RECEIVER_PORT = {}\n\
                 PICKLE_RECEIVER_INTERFACE = 127.0.0.1\nPICKLE_RECEIVER_PORT = {}\n\
                 CACHE_QUERY_INTERFACE = 127.0.0.1\nCACHE_QUERY_PORT = {}\n\
                 ENABLE_UDP_LISTENER = False\nENABLE_TAGS = False\nCACHE_WRITE_STRATEGY = naive\n",
                port(0),
                port(1),
                port(2),
                folder = folder.display(),
                data = data.display(),
            );
            write(folder.join("carbon.conf"), config).unwrap();
            let schemas = "[all]\npattern = .*\nretentions = 1s:1d\n";
            write(folder.join("storage-schemas.conf"), schemas).unwrap();
            let mut command = Command::new("carbon-cache");
            command
                .arg(format!("--config={}", folder.join("carbon.conf").display()))
                .args(["--nodaemon", "start"]);
            command
        });
        Self { server }
    }

    /// Where it takes lines.
    pub fn graphite(&self) -> &str {
        self.server.address(0)
    }

    /// Returns the numbers that its files hold for this second, in no order.
    ///
    /// # Panics
    ///
    /// If a file cannot be read.
    #[track_caller]
    pub fn numbers_at(&self, second: i64) -> Vec<f64> {
        let files = files_below(&self.server.folder.path().join("whisper"), "wsp");
        // It measures itself, too.
        let own = |file: &&PathBuf| file.components().any(|part| part.as_os_str() == "carbon");
        let at = |file: &PathBuf| {
            let mut fetch = Command::new("whisper-fetch");
            fetch
                .arg(format!("--from={}", second - 1))
                .arg(format!("--until={second}"));
            let lines = said(fetch.arg(file));
            let line = lines
                .lines()
                .find_map(|line| line.strip_prefix(&format!("{second}\t")).map(str::to_owned));
            line.and_then(|number| number.parse().ok())
        };
        files
            .iter()
            .filter(|file| !own(file))
            .filter_map(at)
            .collect()
    }
}
