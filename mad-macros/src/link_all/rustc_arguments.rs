//! The command line of the rustc that runs the macro.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use super::crate_name;

/// What it says about dependencies.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct RustcArguments {
    /// The crate that is being compiled.
    pub(super) crate_name: String,
    pub(super) externs: Vec<Extern>,
    /// Where the dependencies of dependencies are.
    pub(super) folders: Vec<PathBuf>,
    /// The features of the package that are switched on.
    pub(super) features: Vec<String>,
    /// The target that is named; without one it is the host.
    pub(super) target: Option<String>,
}

/// A direct dependency with its artefact; a procedural macro is none.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Extern {
    /// The name that the code has for it.
    pub(super) name: String,
    /// The name that it has for itself.
    pub(super) crate_name: String,
    pub(super) path: PathBuf,
}

impl RustcArguments {
    /// Reads a command line.
    ///
    /// # Errors
    ///
    /// If it is none of rustc's, which is so in an editor's server for procedural macros, or a file
    /// that holds more of it cannot be read.
    pub(super) fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, String> {
        let mut all = Vec::new();
        for argument in arguments {
            let argument = argument.to_string_lossy().into_owned();
            match argument.strip_prefix('@') {
                Some(file) => {
                    let text = fs::read_to_string(file)
                        .map_err(|error| format!("rustc's arguments in {file}: {error}"))?;
                    all.extend(text.lines().map(str::to_owned));
                }
                None => all.push(argument),
            }
        }
        let mut read = Self::default();
        let mut rest = all.into_iter();
        while let Some(argument) = rest.next() {
            for option in ["--crate-name", "--extern", "--cfg", "--target", "-L"] {
                let Some(value) = argument.strip_prefix(option) else {
                    continue;
                };
                let value = if value.is_empty() {
                    rest.next()
                } else {
                    value_after(option, value)
                };
                if let Some(value) = value {
                    read.take(option, value);
                }
                break;
            }
        }
        if read.crate_name.is_empty() || read.externs.is_empty() {
            return Err("the command line of rustc cannot be seen".to_owned());
        }
        Ok(read)
    }

    fn take(&mut self, option: &str, value: String) {
        match option {
            "--crate-name" => self.crate_name = value,
            "--target" => self.target = Some(value),
            "--extern" => self.externs.extend(read_extern(&value)),
            "-L" => self.folders.extend(read_folder(&value)),
            _ => self.features.extend(read_feature(&value)),
        }
    }
}

/// Returns what stands in the same argument as its option: `--cfg=x`, `-Lx`.
fn value_after(option: &str, rest: &str) -> Option<String> {
    match rest.strip_prefix('=') {
        Some(value) => Some(value.to_owned()),
        None => (option == "-L").then(|| rest.to_owned()),
    }
}

/// Reads `name=path`, with modifiers as in `priv,noprelude:name=path`.
fn read_extern(value: &str) -> Option<Extern> {
    let (name, path) = value.split_once('=')?;
    let name = name.rsplit(':').next()?;
    let path = PathBuf::from(path);
    let is_library = path
        .extension()
        .is_some_and(|it| it == "rlib" || it == "rmeta");
    let crate_name = crate_name(&path)?.to_owned();
    is_library.then(|| Extern {
        name: name.to_owned(),
        crate_name,
        path,
    })
}

/// Reads `dependency=folder`; other kinds hold native libraries.
fn read_folder(value: &str) -> Option<PathBuf> {
    value.strip_prefix("dependency=").map(PathBuf::from)
}

/// Reads `feature="name"`.
fn read_feature(value: &str) -> Option<String> {
    let name = value.strip_prefix("feature=\"")?.strip_suffix('"')?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::PathBuf;

    use super::{Extern, RustcArguments};

    fn read(arguments: &[&str]) -> Result<RustcArguments, String> {
        RustcArguments::read(arguments.iter().map(OsString::from))
    }

    fn library(name: &str, crate_name: &str, path: &str) -> Extern {
        Extern {
            name: name.to_owned(),
            crate_name: crate_name.to_owned(),
            path: PathBuf::from(path),
        }
    }

    #[test]
    fn externs_are_read_in_every_form() {
        let line = [
            "rustc",
            "--crate-name",
            "app",
            "--extern",
            "bee=/t/deps/libdep_b-12ab.rlib",
            "--extern=noprelude,priv:own=/t/deps/libown-34cd.rmeta",
            "--extern",
            "macros=/t/deps/libmacros-56ef.so",
            "--extern",
            "proc_macro",
        ];
        let expected = [
            library("bee", "dep_b", "/t/deps/libdep_b-12ab.rlib"),
            library("own", "own", "/t/deps/libown-34cd.rmeta"),
        ];
        assert_eq!(read(&line).unwrap().externs, expected);
    }

    #[test]
    fn folders_features_and_the_target_are_read() {
        let line = [
            "rustc",
            "--crate-name=app",
            "--extern=a=liba.rlib",
            "-L",
            "dependency=/t/debug/deps",
            "-Ldependency=/t/release/deps",
            "-L",
            "native=/usr/lib",
            "--cfg",
            "feature=\"fast\"",
            "--cfg=feature=\"default\"",
            "--cfg",
            "unix",
            "--target",
            "wasm32-wasip1",
        ];
        let read = read(&line).unwrap();
        let folders = ["/t/debug/deps", "/t/release/deps"].map(PathBuf::from);
        assert_eq!(read.folders, folders);
        assert_eq!(read.features, ["fast", "default"]);
        assert_eq!(read.target.as_deref(), Some("wasm32-wasip1"));
    }

    #[test]
    fn arguments_are_also_read_from_a_file() {
        let file = std::env::temp_dir().join(format!("mad-arguments-{}", std::process::id()));
        std::fs::write(&file, "--crate-name\napp\n--extern\na=liba-1.rlib\n").unwrap();
        let read = read(&["rustc", &format!("@{}", file.display())]);
        std::fs::remove_file(&file).unwrap();
        let read = read.unwrap();
        assert_eq!(read.crate_name, "app");
        assert_eq!(read.externs, [library("a", "a", "liba-1.rlib")]);
    }

    #[test]
    fn a_command_line_that_is_not_that_of_rustc_is_refused() {
        assert!(read(&["rust-analyzer-proc-macro-srv"]).is_err());
        assert!(read(&["rustc", "--crate-name", "app"]).is_err());
        assert!(read(&["rustc", "@/no/such/file"]).is_err());
    }
}
