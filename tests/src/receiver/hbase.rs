//! `HBase`, from its libraries, in which OpenTSDB keeps everything.

use std::fmt::Write as _;
use std::fs::write;
use std::path::Path;
use std::process::Command;

use super::Server;
use crate::foreign::{java_class_path, judges};
use crate::wait::eventually_within;

/// What of Java it reaches into.
const OPENED: [&str; 5] = [
    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
];

/// What OpenTSDB needs, as its own script makes them.
const TABLES: [&str; 4] = [
    "tsdb:t",
    "tsdb-uid:id,name",
    "tsdb-tree:t",
    "tsdb-meta:name",
];

/// A real `HBase` with the tables of an OpenTSDB.
#[derive(Debug)]
pub(super) struct HBase {
    server: Server,
}

impl HBase {
    /// Starts it, with its libraries listed in a folder.
    #[track_caller]
    pub(super) fn start(folder: &Path) -> Self {
        let class_path = java_class_path("hbase", folder);
        let server = Server::start(1, move |folder, addresses| {
            write(
                folder.join("hbase-site.xml"),
                settings(folder, &addresses[0]),
            )
            .unwrap();
            let mut command = Command::new("java");
            command.args(OPENED).args(["-Xmx512m", "-cp"]);
            command.arg(format!("{}:{class_path}", folder.display()));
            command.arg(judges().join("hbase/Tables.java")).args(TABLES);
            command
        });
        eventually_within(5, "HBase has its tables", || {
            server.log().contains("all tables are made")
        });
        Self { server }
    }

    /// Where its `ZooKeeper` listens, which knows where the rest does.
    pub(super) fn quorum(&self) -> &str {
        self.server.address(0)
    }
}

fn settings(folder: &Path, quorum: &str) -> String {
    let (host, port) = quorum.rsplit_once(':').unwrap();
    let folder = folder.display();
    let mut settings = "<configuration>\n".to_owned();
    for (name, value) in [
        ("hbase.rootdir", format!("file://{folder}/data")),
        ("hbase.tmp.dir", format!("{folder}/tmp")),
        (
            "hbase.zookeeper.property.dataDir",
            format!("{folder}/zookeeper"),
        ),
        ("hbase.zookeeper.property.clientPort", port.to_owned()),
        ("hbase.zookeeper.quorum", host.to_owned()),
        ("hbase.localcluster.assign.random.ports", "true".to_owned()),
        ("hbase.master.hostname", "localhost".to_owned()),
        ("hbase.regionserver.hostname", "localhost".to_owned()),
        ("hbase.master.info.port", "-1".to_owned()),
        ("hbase.regionserver.info.port", "-1".to_owned()),
        // A plain disk does not promise what HBase wants of a file system; only the machine could lose something by it.
        ("hbase.unsafe.stream.capability.enforce", "false".to_owned()),
        ("hbase.wal.provider", "filesystem".to_owned()),
    ] {
        _ = writeln!(
            settings,
            "<property><name>{name}</name><value>{value}</value></property>"
        );
    }
    settings + "</configuration>\n"
}
