//! Programs of other people, called by a few lines of ours in `judges`, in languages that not everybody has.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Builds a program of `judges/go`, and returns where it is.
///
/// # Panics
///
/// If there is no Go, or the modules cannot be had.
#[track_caller]
pub fn go_program(name: &str, folder: &Path) -> PathBuf {
    let program = folder.join(format!("judge-{name}"));
    let mut go = Command::new("go");
    go.current_dir(judges().join("go").join(name));
    go.args(["build", "-o"]).arg(&program).arg(".");
    said(&mut go);
    program
}

/// Installs a program from its Go module, which says its version too, and returns where it is.
///
/// # Panics
///
/// If there is no Go, or the modules cannot be had.
#[track_caller]
pub(crate) fn go_installed(module: &str, tags: &str, folder: &Path) -> PathBuf {
    let mut go = Command::new("go");
    go.args(["install", "-tags", tags, module]);
    said(go.env("GOBIN", folder));
    let package = module.split('@').next().unwrap_or_default();
    folder.join(package.rsplit('/').next().unwrap_or_default())
}

/// Runs a program of `judges/jdk`, and returns what it says.
///
/// # Panics
///
/// If there are no JDK and no Maven, or the libraries cannot be had, or the program fails.
#[track_caller]
pub fn java_program(name: &str, folder: &Path, arguments: &[String]) -> String {
    let class_path = java_class_path("jdk", folder);
    let mut java = Command::new("java");
    java.args(["-cp", &class_path]);
    let source = judges().join("jdk").join(format!("{name}.java"));
    said(java.arg(source).args(arguments))
}

/// Fetches what the `pom.xml` of a folder of `judges` asks for, and returns where it is.
///
/// # Panics
///
/// If there is no Maven, or the libraries cannot be had.
#[track_caller]
pub(crate) fn java_class_path(name: &str, folder: &Path) -> String {
    // Tests that run at the same time each have their own.
    let file = tempfile::NamedTempFile::new_in(folder).expect("there is room");
    let mut maven = Command::new("mvn");
    maven.args(["-q", "-B", "dependency:build-classpath", "-f"]);
    maven.arg(judges().join(name).join("pom.xml"));
    said(maven.arg(format!("-Dmdep.outputFile={}", file.path().display())));
    std::fs::read_to_string(file.path()).expect("Maven has written it")
}

/// Unpacks the program that the Linux kernel's own tests are read with from Debian's package of its sources, and
/// returns where it is.
///
/// # Panics
///
/// If there is no `apt-get`, or the package cannot be had.
#[track_caller]
pub(crate) fn kunit(folder: &Path) -> PathBuf {
    let program = folder.join("kunit");
    if !program.exists() {
        let fresh = tempfile::tempdir_in(folder).expect("there is room");
        let mut shell = Command::new("sh");
        said(shell.args(["-ec", UNPACK_KUNIT]).current_dir(fresh.path()));
        // Another test may have been faster.
        _ = std::fs::rename(fresh.path().join("kunit"), &program);
    }
    program
}

/// The package has the number of the kernel in its name, and in it is an archive.
const UNPACK_KUNIT: &str = "
    name=$(apt-cache depends linux-source | sed -n 's/.*Depends: //p')
    apt-get download --quiet \"$name\"
    dpkg-deb --fsys-tarfile \"$name\"_*.deb | tar -xO \"./usr/src/$name.tar.xz\" |
        tar -xJ --strip-components=3 \"$name/tools/testing/kunit\"
";

/// Where the few lines of ours are.
pub(crate) fn judges() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("judges")
}

/// Returns what a program writes to its standard output.
#[track_caller]
pub(crate) fn said(command: &mut Command) -> String {
    let name = command.get_program().display().to_string();
    match command.output() {
        Err(error) => panic!("cannot start {name}: {error}"),
        Ok(output) if !output.status.success() => {
            panic!("{name}: {}", String::from_utf8_lossy(&output.stderr))
        }
        Ok(output) => String::from_utf8_lossy(&output.stdout).into_owned(),
    }
}
