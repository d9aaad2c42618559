//! What `mad generate` writes, and the programs that judge it: those that would read it.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::judge::{judged_by, python, python_judge};
use crate::shop::mad;

/// Has an artefact written for a service that is called `shop`.
///
/// # Panics
///
/// If it is not written.
#[track_caller]
pub fn generate(artefact: &str, from: &str, more: &[&str]) -> String {
    let mut command = mad();
    command.args(["generate", artefact, "--name", "shop", "--from", from]);
    let output = command.args(more).output().expect("it was built");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{artefact}: {complaint}");
    String::from_utf8(output.stdout).unwrap()
}

/// Returns what `kubernetes-validate` says of manifests, in strict mode, and of those that the Prometheus Operator
/// reads the models that are made from its own definitions: nothing, if they have no complaint.
///
/// # Panics
///
/// If there is no Python with these packages.
#[track_caller]
pub fn kubernetes_complaints(manifests: &str) -> String {
    judged_by(&mut python_judge("kubernetes.py"), manifests)
}

/// Returns what Grafana's own library says of a dashboard, and promtool of its expressions: nothing, if they have no
/// complaint.
///
/// # Panics
///
/// If there is no Python with that package, or no promtool.
#[track_caller]
pub fn grafana_complaints(dashboard: &str) -> String {
    judged_by(&mut python_judge("grafana.py"), dashboard)
}

/// Returns what hadolint says of a Dockerfile that ends with an instruction: nothing, if it has no complaint.
///
/// # Panics
///
/// If there is no hadolint.
#[track_caller]
pub fn dockerfile_complaints(instruction: &str) -> String {
    // A package for Python brings the program, and puts it beside the interpreter.
    let program = Path::new(&python()).with_file_name("hadolint");
    let mut command = Command::new(program);
    let dockerfile = format!("FROM scratch\nCOPY shop /usr/local/bin/shop\n{instruction}");
    judged_by(command.args(["--no-color", "-"]), dockerfile)
}

/// Returns what systemd says of a unit: nothing, if it has no complaint.
///
/// # Panics
///
/// If there is no `systemd-analyze`.
#[track_caller]
pub fn systemd_complaints(unit: &str) -> String {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("shop.service");
    fs::write(&file, unit).unwrap();
    let mut command = Command::new("systemd-analyze");
    let said = judged_by(command.arg("verify").arg(&file), "");
    // What it says of the units of this machine is none of ours.
    let ours = said.lines().filter(|line| line.contains("shop.service"));
    ours.collect::<Vec<_>>().join("\n")
}

/// Returns what Nagios says of objects beside those that Debian brings, with a host in the group `shop`: nothing, if
/// it has no complaint.
///
/// # Panics
///
/// If there is no Nagios.
#[track_caller]
pub fn nagios_complaints(objects: &str) -> String {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    fs::write(path.join("shop.cfg"), objects).unwrap();
    fs::write(path.join("hosts.cfg"), NAGIOS_HOST).unwrap();
    let debian = ["commands", "contacts", "templates", "timeperiods"];
    let debian = debian.map(|file| format!("cfg_file=/etc/nagios4/objects/{file}.cfg\n"));
    let shown = path.display();
    let configuration = format!(
        "{}cfg_file={shown}/hosts.cfg\ncfg_file={shown}/shop.cfg\nlog_file={shown}/log\n\
         check_result_path=/tmp\nillegal_macro_output_chars=`~$&|'\"<>\n",
        debian.concat()
    );
    let main = path.join("nagios.cfg");
    fs::write(&main, configuration).unwrap();
    let mut command = Command::new("nagios4");
    let said = judged_by(command.arg("-v").arg(&main), "");
    let is_well = said.contains("Total Warnings: 0\n") && said.contains("Total Errors:   0\n");
    if is_well { String::new() } else { said }
}

const NAGIOS_HOST: &str = "\
define host {
    use         generic-host
    host_name   shop-1
    address     127.0.0.1
    hostgroups  shop
    check_command        mad_check_all_of_shop
    max_check_attempts   1
    contacts    nagiosadmin
}
";

/// Returns what Icinga says of objects, with a host that has `vars.mad = [\"shop\"]`, and a host that has none:
/// nothing, if it has no complaint.
///
/// # Panics
///
/// If there is no Icinga.
#[track_caller]
pub fn icinga_complaints(objects: &str) -> String {
    let folder = TempDir::new().unwrap();
    let path = folder.path();
    fs::write(path.join("shop.conf"), objects).unwrap();
    let main = path.join("icinga2.conf");
    fs::write(&main, ICINGA).unwrap();
    let mut command = Command::new("icinga2");
    let said = judged_by(command.args(["daemon", "-C", "-c"]).arg(&main), "");
    let is_well = said.contains("Finished validating the configuration file(s).")
        && !said.contains("critical/")
        && !said.contains("warning/");
    if is_well { String::new() } else { said }
}

const ICINGA: &str = "\
include <itl>
include \"shop.conf\"
object Host \"shop-1\" { address = \"127.0.0.1\"; check_command = \"dummy\"; vars.mad = [ \"shop\" ] }
object Host \"other\" { address = \"127.0.0.1\"; check_command = \"dummy\" }
";
