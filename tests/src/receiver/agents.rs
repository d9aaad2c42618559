//! Agents that take remote writes and hand them over to something larger.

use std::fs::write;
use std::process::Command;

use super::Server;

/// A real agent in front of a real receiver.
#[derive(Debug)]
pub struct Agent {
    server: Server,
}

impl Agent {
    /// Starts Prometheus as an agent, which writes to an address and adds a label to everything.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn prometheus(url: &str) -> Self {
        let url = url.to_owned();
        let server = Server::start(1, move |folder, addresses| {
            let file = folder.join("agent.yml");
            let config = format!(
                "{{global: {{external_labels: {{cluster: ci}}}}, remote_write: [{{url: \"{url}\"}}]}}"
            );
            write(&file, config).unwrap();
            let mut command = Command::new("prometheus");
            command.args([
                "--enable-feature=agent",
                "--web.enable-remote-write-receiver",
            ]);
            command.arg(format!("--config.file={}", file.display()));
            command.arg(format!(
                "--storage.agent.path={}",
                folder.join("agent").display()
            ));
            command.arg(format!("--web.listen-address={}", addresses[0]));
            command
        });
        Self { server }
    }

    /// Starts vmagent, which writes to an address and adds a label to everything.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn vmagent(url: &str) -> Self {
        let url = url.to_owned();
        let server = Server::start(1, move |folder, addresses| {
            let mut command = Command::new("vmagent");
            command
                .arg(format!("-remoteWrite.url={url}"))
                .arg("-remoteWrite.label=cluster=ci");
            command.arg(format!(
                "-remoteWrite.tmpDataPath={}",
                folder.join("agent").display()
            ));
            command.arg(format!("-httpListenAddr={}", addresses[0]));
            command
        });
        Self { server }
    }

    /// Where it takes HTTP, as `host:port`.
    pub fn http(&self) -> &str {
        self.server.address(0)
    }
}
