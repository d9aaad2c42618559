//! A real Alertmanager: it is told of alerts, and tells people.

use std::fs::{File, write};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::http::get;
use crate::process::{Process, free_address};
use crate::wait::eventually;

/// It tells nobody: who is told how is not what is tried here.
const CONFIGURATION: &str = "\
route: {receiver: nobody}
receivers: [{name: nobody}]
";

/// A real Alertmanager.
#[derive(Debug)]
pub struct Alertmanager {
    _process: Process,
    _folder: TempDir,
    pub(crate) address: String,
}

impl Alertmanager {
    /// Starts it, and returns when it is ready.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let configuration = folder.path().join("alertmanager.yml");
        write(&configuration, CONFIGURATION).unwrap();
        let address = free_address();
        let mut command = Command::new("prometheus-alertmanager");
        command
            .arg(format!("--config.file={}", configuration.display()))
            .arg(format!(
                "--storage.path={}",
                folder.path().join("data").display()
            ))
            .arg(format!("--web.listen-address={address}"))
            // It is alone, and looks for no others.
            .arg("--cluster.listen-address=")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(folder.path().join("log")).unwrap());
        let process = Process::start(&mut command);
        eventually("Alertmanager is ready", || {
            std::net::TcpStream::connect(&address).is_ok()
                && get(&format!("http://{address}/-/ready")).status == 200
        });
        Self {
            _process: process,
            _folder: folder,
            address,
        }
    }

    /// Returns the labels and the annotations of the alerts of this name that are active.
    ///
    /// # Panics
    ///
    /// If it does not say.
    #[track_caller]
    pub fn active(&self, name: &str) -> Vec<(Value, Value)> {
        let answer = get(&format!(
            "http://{}/api/v2/alerts?active=true",
            self.address
        ))
        .json();
        let alerts = answer.as_array().unwrap().iter();
        let named = alerts.filter(|alert| alert["labels"]["alertname"] == name);
        named
            .map(|alert| (alert["labels"].clone(), alert["annotations"].clone()))
            .collect()
    }
}
