//! `cargo xtask test`: everything that guards a change, as named stages.
//!
//! Every Cargo command uses the one target folder and sets no `RUSTFLAGS`, but that of the models; and all
//! but those and the stage `alone` select the whole workspace: with another selection Cargo would unify
//! other features and build the dependencies again.

use std::process::{Command, ExitCode};

use crate::command::{self, cargo};
use crate::packages;
use crate::runners;
use crate::stage::Stages;
use crate::tidy;
use crate::workspace::{Package, Workspace};

/// The package whose tests start real servers.
const END_TO_END: &str = "tests";

/// The package of the examples, which the end-to-end tests start as programs.
const EXAMPLES: &str = "examples";

/// The packages that everybody depends on.
const LIGHT: [&str; 2] = ["mad-macros", "mad-core"];

/// The packages that have models of their threads.
const MODELLED: [&str; 2] = ["mad-core", "mad-metrics"];

/// Tells the tests which Python interpreter has the packages that they need.
const PYTHON_VARIABLE: &str = "MAD_TEST_PYTHON";

/// The test targets for which `--all` is, each with the programs that it needs.
const FOREIGN: [(&str, &[&str]); 10] = [
    ("sinks_read_by_go", &["go"]),
    ("sinks_collectors", &["go"]),
    ("metrics_read_by_go", &["go"]),
    ("read_by_go", &["go"]),
    ("reports_of_go", &["go"]),
    ("grpc_health", &["go"]),
    ("read_by_jdk", &["java", "mvn"]),
    ("sinks_read_by_jdk", &["java", "mvn"]),
    ("sinks_lines", &["java", "mvn"]),
    ("self_test_reports", &["apt-get", "xz"]),
];

/// The test targets outside of that package which start programs, each with those. Without them they are left out, by
/// name.
const WITH_PROGRAMS: [(&str, &[&str]); 5] = [
    ("dns", &["dnsmasq"]),
    ("generate", &["promtool"]),
    ("reports_of_rust", &["llvm-cov-22", "llvm-profdata-22"]),
    ("shells_and_manual", &["bash", "fish", "groff", "zsh"]),
    ("watch", &["tmux"]),
];

/// Runs the stages.
///
/// # Errors
///
/// If Cargo cannot even describe the workspace; what fails later is in the summary.
pub(crate) fn run(flag: Option<&str>) -> crate::Result<ExitCode> {
    let workspace = Workspace::load()?;
    let mut stages = Stages::default();
    let servers = servers(&mut stages, &workspace, flag);
    sources(&mut stages, &workspace);
    tests(&mut stages, &workspace, servers);
    documentation(&mut stages);
    foreign(&mut stages, &workspace, flag);

    print!("\n{}", stages.summary());
    Ok(if stages.any_failed() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Installs what the servers need; the error says why they are left out.
fn servers(
    stages: &mut Stages,
    workspace: &Workspace,
    flag: Option<&str>,
) -> Result<(), &'static str> {
    if flag == Some("--quick") {
        stages.skip("packages", "--quick installs nothing");
        return Err("--quick leaves out what needs servers");
    }
    if stages.run("packages", || packages::install(workspace)) {
        Ok(())
    } else {
        Err("what it needs could not be installed: see `packages`")
    }
}

/// What can be said without running anything of ours.
fn sources(stages: &mut Stages, workspace: &Workspace) {
    stages.run("rustfmt", || {
        command::run(&mut cargo(&["fmt", "--all", "--check"]))
    });
    stages.run("tidy", || tidy::check(workspace));
    stages.run("clippy", || {
        let select = ["clippy", "--locked", "--workspace", "--all-targets"];
        command::run(cargo(&select).args(["--", "-D", "warnings"]))
    });
    // In the workspace another package may switch on a feature that these use and do not ask for.
    stages.run("alone", || {
        LIGHT.iter().try_for_each(|package| {
            command::run(&mut cargo(&["check", "--locked", "--package", package]))
        })
    });
}

fn tests(stages: &mut Stages, workspace: &Workspace, servers: Result<(), &'static str>) {
    if workspace.package(EXAMPLES).is_some() {
        let build = ["build", "--locked", "--workspace", "--examples"];
        stages.run("examples", || command::run(&mut cargo(&build)));
    } else {
        stages.skip("examples", format!("there is no package `{EXAMPLES}`"));
    }
    let absent = targets_without_programs(stages);
    stages.run("tests", || unit_tests(workspace, &absent));
    stages.run("models", || models(workspace));
    if !has_nextest() {
        let install = "cargo install --locked cargo-nextest";
        stages.skip("nextest", format!("there is no cargo-nextest: `{install}`"));
    } else if workspace.package(EXAMPLES).is_some() {
        stages.run("nextest", runners::agree);
    }
    match (servers, workspace.package(END_TO_END)) {
        (Err(why), _) => stages.skip("end-to-end", why),
        (_, None) => stages.skip("end-to-end", format!("there is no package `{END_TO_END}`")),
        (Ok(()), Some(package)) => {
            stages.run("end-to-end", || end_to_end_tests(workspace, package));
        }
    }
    stages.run("doc tests", || {
        let select = ["test", "--locked", "--workspace", "--doc"];
        command::run(&mut cargo(&select))
    });
}

/// Notes the test targets that are left out because a program is not there, which `--quick` does not install.
fn targets_without_programs(stages: &mut Stages) -> Vec<&'static str> {
    let mut absent = Vec::new();
    for (target, programs) in WITH_PROGRAMS {
        if let Some(missing) = missing(programs) {
            stages.skip(target, format!("there is no `{missing}`"));
            absent.push(target);
        }
    }
    absent
}

fn missing(programs: &[&'static str]) -> Option<&'static str> {
    let mut programs = programs.iter().copied();
    programs.find(|program| !command::is_installed(program))
}

/// Libraries, programs, examples and the test targets of all packages but one, without those that are absent.
fn unit_tests(workspace: &Workspace, absent: &[&str]) -> crate::Result {
    let others = workspace
        .packages
        .iter()
        .filter(|package| package.name != END_TO_END);
    let mut runner = test_runner();
    runner.args(["--lib", "--bins", "--examples"]);
    command::run(with_test_targets(&mut runner, others, absent))
}

/// The interleavings of the threads of the packages that have models, in every order, by loom.
///
/// They have a target folder of their own, as a flag of the compiler is a reason to build all anew.
fn models(workspace: &Workspace) -> crate::Result {
    let mut models = cargo(&["test", "--locked", "--lib"]);
    for package in MODELLED {
        models.args(["--package", package]);
    }
    models
        .arg("interleavings")
        .env("RUSTFLAGS", "--cfg mad_loom")
        .env("CARGO_TARGET_DIR", workspace.scratch("models"))
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_PROFILE_DEV_DEBUG", "false");
    command::run(&mut models)
}

fn end_to_end_tests(workspace: &Workspace, package: &Package) -> crate::Result {
    let mut runner = test_runner();
    runner.env(PYTHON_VARIABLE, packages::python(workspace));
    command::run(with_test_targets(&mut runner, [package], &[]))
}

/// Starts the description of a test run over the whole workspace, with nextest where it is there.
fn test_runner() -> Command {
    let run: &[&str] = if has_nextest() {
        &["nextest", "run"]
    } else {
        &["test"]
    };
    let mut runner = cargo(run);
    // One broken test does not hide what the others say.
    runner.args(["--locked", "--workspace", "--no-fail-fast"]);
    runner
}

fn has_nextest() -> bool {
    command::is_installed("cargo-nextest")
}

/// Selects test targets by name, not by package, for the reason given at the top of this module.
fn with_test_targets<'a>(
    runner: &'a mut Command,
    packages: impl IntoIterator<Item = &'a Package>,
    absent: &[&str],
) -> &'a mut Command {
    for package in packages {
        let targets = package.targets("test");
        for target in targets.filter(|target| !absent.contains(target)) {
            runner.args(["--test", target]);
        }
    }
    runner
}

/// Both views: the private one is for us, the public one also finds links to what is private.
fn documentation(stages: &mut Stages) {
    let document = |extra: &[&str]| {
        let mut doc = cargo(&["doc", "--locked", "--workspace", "--no-deps"]);
        command::run(doc.args(extra).env("RUSTDOCFLAGS", "-Dwarnings"))
    };
    stages.run("rustdoc", || {
        document(&["--document-private-items", "--all-features"])?;
        document(&[])
    });
}

/// Tests that other people's programs do, in languages that not everybody has.
fn foreign(stages: &mut Stages, workspace: &Workspace, flag: Option<&str>) {
    for (target, programs) in FOREIGN {
        match missing(programs) {
            _ if flag != Some("--all") => stages.skip(target, "only with --all"),
            Some(missing) => stages.skip(target, format!("there is no `{missing}`")),
            None => {
                stages.run(target, || {
                    let select = ["test", "--locked", "--workspace", "--test", target];
                    let mut tests = cargo(&select);
                    tests.env(PYTHON_VARIABLE, packages::python(workspace));
                    command::run(tests.args(["--", "--ignored"]))
                });
            }
        }
    }
}
