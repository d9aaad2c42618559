//! Coverage of a Cargo project's tests, by way of LLVM's own tools.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::FileCoverage;
use crate::ingest;
use crate::project;
use crate::test_run::{Metadata, Plan};

/// Tests that run in programs which count what of them runs.
///
/// [`Instrumented::plan`] is run like any other; [`Instrumented::collect`] then says what was counted. Building and running
/// take longer than usual, so that the durations of such a run are comparable with none of another.
#[derive(Debug)]
pub struct Instrumented {
    plan: Plan,
    tools: Tools,
    profiles: tempfile::TempDir,
}

impl Instrumented {
    /// The same tests, instrumented. They are built in a folder of their own, so that nothing else has to be built again.
    ///
    /// `flags` are those that the compiler is given anyhow, as the variable `RUSTFLAGS` has them.
    ///
    /// # Errors
    ///
    /// If the tools are not there that read the profiles of this compiler.
    pub fn of(plan: &Plan, flags: &str) -> Result<Self, CoverageError> {
        let tools = Tools::find(plan)?;
        let metadata = Metadata::of(plan).ok_or(CoverageError::NoProject)?;
        let profiles = tempfile::tempdir().map_err(CoverageError::NoFolder)?;
        let mut plan = plan.clone();
        plan.target = Some(metadata.target_directory.join("mad-coverage"));
        let pattern = profiles.path().join("%p-%m.profraw");
        let flags = format!("{flags} -Cinstrument-coverage");
        plan.variables.extend([
            (OsString::from("RUSTFLAGS"), flags.trim().into()),
            (OsString::from("LLVM_PROFILE_FILE"), pattern.into()),
        ]);
        Ok(Self {
            plan,
            tools,
            profiles,
        })
    }

    /// What is to be run.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What was run of the files of the workspace.
    ///
    /// # Errors
    ///
    /// If there are no profiles, as when nothing was built, and if the tools cannot read them.
    pub fn collect(&self) -> Result<Vec<FileCoverage>, CoverageError> {
        let metadata = Metadata::of(&self.plan).ok_or(CoverageError::NoProject)?;
        let merged = self.merged()?;
        let mut executables = project::executables(&self.plan)
            .into_iter()
            .map(|built| built.path);
        let first = executables.next().ok_or(CoverageError::NothingRan)?;
        let mut export = Command::new(&self.tools.cov);
        export.args([
            "export",
            "--format=text",
            "--summary-only",
            "--instr-profile",
        ]);
        export.arg(&merged).arg(first);
        for executable in executables {
            export.arg("--object").arg(executable);
        }
        let told = output(&mut export)?;
        let files = ingest::read_llvm_cov(&told).map_err(|error| CoverageError::Tool {
            tool: "llvm-cov".to_owned(),
            said: error.to_string(),
        })?;
        let files = files.into_iter().filter_map(|file| place(&metadata, file));
        Ok(files.collect())
    }

    fn merged(&self) -> Result<PathBuf, CoverageError> {
        let folder = self.profiles.path();
        let files = fs::read_dir(folder).map_err(CoverageError::NoFolder)?;
        let profiles: Vec<_> = files
            .flatten()
            .map(|file| file.path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "profraw")
            })
            .collect();
        if profiles.is_empty() {
            return Err(CoverageError::NothingRan);
        }
        // In a file, as there may be more of them than a command line takes.
        let list = folder.join("profiles");
        let lines: Vec<_> = profiles.iter().map(|path| path.to_string_lossy()).collect();
        fs::write(&list, lines.join("\n")).map_err(CoverageError::NoFolder)?;
        let merged = folder.join("merged.profdata");
        let mut merge = Command::new(&self.tools.profdata);
        // A program that was killed leaves a profile that nothing can be read from.
        merge.args(["merge", "--sparse", "--failure-mode=all", "--input-files"]);
        output(merge.arg(&list).arg("--output").arg(&merged))?;
        Ok(merged)
    }
}

/// The file in its package; nothing for those of others: dependencies and the standard library.
fn place(metadata: &Metadata, mut file: FileCoverage) -> Option<FileCoverage> {
    let path = Path::new(&file.path);
    if !path.starts_with(&metadata.workspace_root) || path.starts_with(&metadata.target_directory) {
        return None;
    }
    let folders = metadata
        .packages
        .iter()
        .filter_map(|package| Some((package, package.manifest_path.parent()?)));
    let of = folders.filter(|(_, folder)| path.starts_with(folder));
    let (package, folder) = of.max_by_key(|(_, folder)| folder.as_os_str().len())?;
    let inside = path
        .strip_prefix(folder)
        .ok()?
        .to_string_lossy()
        .into_owned();
    file.package.clone_from(&package.name);
    file.path = inside;
    Some(file)
}

/// The two programs of LLVM that read profiles.
#[derive(Debug)]
struct Tools {
    cov: PathBuf,
    profdata: PathBuf,
}

impl Tools {
    /// Those that the environment names (`LLVM_COV` and `LLVM_PROFDATA`), those of the toolchain, those of the system
    /// that are not older than the compiler's LLVM.
    fn find(plan: &Plan) -> Result<Self, CoverageError> {
        let compiler = plan
            .command("rustc")
            .args(["-vV", "--print", "sysroot"])
            .output();
        let compiler = compiler
            .map(|said| String::from_utf8_lossy(&said.stdout).into_owned())
            .unwrap_or_default();
        let after = |begin: &str| compiler.lines().find_map(|line| line.strip_prefix(begin));
        let version = after("LLVM version: ").and_then(major).unwrap_or_default();
        let host = after("host: ").unwrap_or_default();
        let sysroot = compiler.lines().last().unwrap_or_default();
        let own = Path::new(sysroot)
            .join("lib/rustlib")
            .join(host)
            .join("bin");
        let find = |name: &str, variable: &str| {
            let named = plan.variables.iter().find(|(other, _)| other == variable);
            let named = named.map(|(_, path)| path.clone());
            let named = named.or_else(|| told(variable)).map(PathBuf::from);
            let numbered = format!("{name}-{version}");
            let system = Path::new("/usr/lib")
                .join(format!("llvm-{version}/bin"))
                .join(name);
            let candidates = [own.join(name), numbered.into(), system, name.into()];
            named
                .into_iter()
                .chain(candidates)
                .find(|path| reads(path, version))
        };
        match (
            find("llvm-cov", "LLVM_COV"),
            find("llvm-profdata", "LLVM_PROFDATA"),
        ) {
            (Some(cov), Some(profdata)) => Ok(Self { cov, profdata }),
            _ => Err(CoverageError::NoTools { version }),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "that is where other tools are told which LLVM to take"
)]
fn told(variable: &str) -> Option<OsString> {
    std::env::var_os(variable)
}

/// Whether a program is there, and new enough.
fn reads(program: &Path, version: u32) -> bool {
    let told = Command::new(program).arg("--version").output();
    let told = told
        .map(|told| String::from_utf8_lossy(&told.stdout).into_owned())
        .unwrap_or_default();
    let own = told.split("LLVM version ").nth(1).and_then(major);
    own.is_some_and(|own| own >= version)
}

fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.trim().parse().ok()
}

fn output(command: &mut Command) -> Result<String, CoverageError> {
    let tool = command.get_program().to_string_lossy().into_owned();
    let failed = |said: String| CoverageError::Tool {
        tool: tool.clone(),
        said,
    };
    let told = command
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if told.status.success() {
        return Ok(String::from_utf8_lossy(&told.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&told.stderr);
    Err(failed(said.lines().next().unwrap_or_default().to_owned()))
}

/// Why coverage could not be measured.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CoverageError {
    /// There are no tools that read the profiles.
    #[error(
        "coverage needs llvm-cov and llvm-profdata of LLVM {version} or newer: `rustup component add llvm-tools`, or the \
         package llvm-{version}, or name them in LLVM_COV and LLVM_PROFDATA"
    )]
    NoTools {
        /// The version of the compiler's LLVM.
        version: u32,
    },
    /// There is no Cargo project.
    #[error("there is no Cargo project here")]
    NoProject,
    /// Files could not be kept for the time being.
    #[error("the profiles could not be kept")]
    NoFolder(#[source] std::io::Error),
    /// No test ran.
    #[error("no test ran, and there is nothing to be told of coverage")]
    NothingRan,
    /// A tool failed.
    #[error("{tool} failed: {said}")]
    Tool {
        /// The tool.
        tool: String,
        /// What it said.
        said: String,
    },
}
