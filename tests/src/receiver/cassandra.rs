//! Cassandra, from its libraries.

use std::fs::write;
use std::path::Path;
use std::process::Command;

use super::{Server, can_be_killed};
use crate::foreign::{java_class_path, said};
use crate::judge::python_judge;
use crate::recorded::Stored;
use crate::wait::eventually_within;

/// What of Java its authors let it reach into, as its own scripts do.
const OPENED: [&str; 20] = [
    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
    "--add-exports=java.management.rmi/com.sun.jmx.remote.internal.rmi=ALL-UNNAMED",
    "--add-exports=java.rmi/sun.rmi.registry=ALL-UNNAMED",
    "--add-exports=java.rmi/sun.rmi.server=ALL-UNNAMED",
    "--add-exports=java.sql/java.sql=ALL-UNNAMED",
    "--add-exports=java.base/java.lang.ref=ALL-UNNAMED",
    "--add-exports=jdk.unsupported/sun.misc=ALL-UNNAMED",
    "--add-opens=java.base/java.lang.module=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.loader=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.reflect=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.math=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.module=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.util.jar=ALL-UNNAMED",
    "--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-opens=java.base/java.util=ALL-UNNAMED",
];

/// A real Cassandra with a keyspace `ci`, and its first user `cassandra`, whose password is `cassandra`.
#[derive(Debug)]
pub struct Cassandra {
    server: Server,
}

can_be_killed!(Cassandra);

impl Cassandra {
    /// Starts it, with its libraries listed in a folder.
    ///
    /// # Panics
    ///
    /// If it does not start, or there are no JDK and no Maven, or the libraries cannot be had.
    #[track_caller]
    pub fn start(folder: &Path) -> Self {
        let class_path = java_class_path("cassandra", folder);
        let server = Server::start(2, move |folder, addresses| {
            let port = |index: usize| addresses[index].rsplit(':').next().unwrap().to_owned();
            write(folder.join("cassandra.yaml"), settings(&port(0), &port(1))).unwrap();
            write(folder.join("logback.xml"), LOG).unwrap();
            let here = folder.display();
            let mut command = Command::new("java");
            command
                .args(OPENED)
                .args(["-Xms256m", "-Xmx512m", "-Xss512k"]);
            // Nobody else is in the cluster, who could be waited for.
            command.args([
                "-Dcassandra-foreground=yes",
                "-Dcassandra.skip_wait_for_gossip_to_settle=0",
                "-Dcassandra.ring_delay_ms=1",
                "-Dcassandra.superuser_setup_delay_ms=0",
            ]);
            command
                .arg(format!("-Dcassandra.config=file://{here}/cassandra.yaml"))
                .arg(format!("-Dcassandra.storagedir={here}/data"))
                .arg(format!("-Dlogback.configurationFile={here}/logback.xml"))
                .args(["-cp", &class_path])
                .arg("org.apache.cassandra.service.CassandraDaemon");
            command
        });
        let cassandra = Self { server };
        cassandra.make_keyspace();
        cassandra
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
        Stored::of_rows(&said(&mut self.client("ci")))
    }

    /// Its first user is made some time after it listens.
    #[track_caller]
    fn make_keyspace(&self) {
        eventually_within(5, "Cassandra has its first user", || {
            let mut client = self.client("");
            client.arg(
                "CREATE KEYSPACE IF NOT EXISTS ci WITH replication = \
                 {'class': 'SimpleStrategy', 'replication_factor': 1}",
            );
            client.output().unwrap().status.success()
        });
    }

    fn client(&self, keyspace: &str) -> Command {
        let port = self.address().rsplit(':').next().unwrap();
        let mut client = python_judge("cassandra_rows.py");
        client.args(["127.0.0.1", port, "cassandra", "cassandra", keyspace]);
        client
    }
}

/// What it acknowledges is in its log, so that it survives being killed.
fn settings(port: &str, storage_port: &str) -> String {
    format!(
        "cluster_name: ci\n\
         num_tokens: 1\n\
         partitioner: org.apache.cassandra.dht.Murmur3Partitioner\n\
         endpoint_snitch: SimpleSnitch\n\
         commitlog_sync: batch\n\
         commitlog_total_space: 64MiB\n\
         authenticator: PasswordAuthenticator\n\
         listen_address: 127.0.0.1\n\
         rpc_address: 127.0.0.1\n\
         native_transport_port: {port}\n\
         storage_port: {storage_port}\n\
         seed_provider:\n  \
         - class_name: org.apache.cassandra.locator.SimpleSeedProvider\n    \
         parameters: [{{seeds: \"127.0.0.1:{storage_port}\"}}]\n"
    )
}

/// What has Logback says a lot otherwise.
pub(super) const LOG: &str = "<configuration>\
    <appender name=\"out\" class=\"ch.qos.logback.core.ConsoleAppender\">\
    <encoder><pattern>%level %msg%n</pattern></encoder></appender>\
    <root level=\"WARN\"><appender-ref ref=\"out\"/></root></configuration>";
