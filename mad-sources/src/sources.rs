//! The source files of a package, and which program or library each belongs to.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::BoxError;
use crate::annotations::{Annotated, Contents, Declared, How};
use crate::error::SourcesError;
use crate::manifest;

/// The files of a package.
#[derive(Debug)]
pub(crate) struct Sources {
    targets: Vec<Target>,
    /// Files with annotated functions that belong to nothing.
    orphans: Vec<SourceFile>,
}

/// A library, or a program: one crate.
#[derive(Debug)]
struct Target {
    is_library: bool,
    files: Vec<SourceFile>,
}

/// A file with its annotated functions.
#[derive(Debug)]
pub(crate) struct SourceFile {
    pub(crate) path: PathBuf,
    pub(crate) functions: Vec<Annotated>,
}

impl Sources {
    /// Reads every file below the folder of a package.
    ///
    /// # Errors
    ///
    /// If one cannot be read.
    pub(crate) fn read(folder: &Path) -> Result<Self, SourcesError> {
        let mut targets = Vec::new();
        for (path, is_library) in roots(folder)? {
            let mut target = Target {
                is_library,
                files: Vec::new(),
            };
            target.read(&path, true, false)?;
            targets.push(target);
        }
        let known: BTreeSet<_> = targets
            .iter()
            .flat_map(|target| &target.files)
            .map(|file| &file.path)
            .collect();
        let mut orphans = Vec::new();
        for path in files_below(&folder.join("src")) {
            if known.contains(&path) {
                continue;
            }
            // A file that no compiler reads need not be Rust.
            if let Ok(contents) = read_file(&path)
                && !contents.functions.is_empty()
            {
                orphans.push(SourceFile {
                    path,
                    functions: contents.functions,
                });
            }
        }
        Ok(Self { targets, orphans })
    }

    /// Returns the files of the library.
    pub(crate) fn library(&self) -> impl Iterator<Item = &SourceFile> {
        let library = self.targets.iter().filter(|target| target.is_library);
        library.flat_map(|target| &target.files)
    }

    /// Returns the files of the program that this file belongs to; none if it belongs to the library.
    pub(crate) fn program_with(&self, file: &str) -> Option<&[SourceFile]> {
        let belongs = |target: &&Target| target.files.iter().any(|it| it.is(file));
        let target = self.targets.iter().find(belongs)?;
        Some(if target.is_library {
            &[]
        } else {
            &target.files
        })
    }

    /// Returns the files that belong to nothing and hold annotated functions.
    pub(crate) fn orphans(&self) -> &[SourceFile] {
        &self.orphans
    }
}

impl SourceFile {
    /// Says whether the compiler means this file. It was told a path from the root of the workspace, or
    /// a whole one, and adds what a `#[path]` says.
    pub(crate) fn is(&self, file: &str) -> bool {
        self.path.ends_with(normal(Path::new(file)))
    }
}

impl Target {
    /// Reads a file and those that it declares. Each file is read once.
    fn read(
        &mut self,
        path: &Path,
        is_root: bool,
        is_conditional: bool,
    ) -> Result<(), SourcesError> {
        if self.files.iter().any(|file| file.path == path) {
            return Ok(());
        }
        let Contents {
            mut functions,
            files,
        } = read_file(path)?;
        for function in &mut functions {
            function.is_conditional |= is_conditional;
        }
        self.files.push(SourceFile {
            path: path.to_owned(),
            functions,
        });
        for declared in files {
            let is_conditional = is_conditional || declared.is_conditional;
            // What is not there the compiler misses, unless it leaves it out.
            if let Some(file) = place(path, is_root, &declared) {
                let is_root = file.ends_with("mod.rs") || matches!(declared.how, How::Path(_));
                self.read(&file, is_root, is_conditional)?;
            }
        }
        Ok(())
    }
}

fn read_file(path: &Path) -> Result<Contents, SourcesError> {
    let text = fs::read_to_string(path).map_err(|error| wrong(path, error))?;
    // Its error is no other thread's.
    Contents::read(&text).map_err(|error| wrong(path, error.to_string()))
}

fn wrong(path: &Path, error: impl Into<BoxError>) -> SourcesError {
    SourcesError::File {
        path: path.to_owned(),
        source: error.into(),
    }
}

/// Returns where a declared file is, if it is there.
fn place(file: &Path, is_root: bool, declared: &Declared) -> Option<PathBuf> {
    let beside = file.parent()?;
    let below = if is_root {
        beside.to_owned()
    } else {
        file.with_extension("")
    };
    let modules: PathBuf = declared.around.iter().collect();
    let places = match &declared.how {
        How::Include(path) => vec![beside.join(path)],
        How::Path(path) if declared.around.is_empty() => vec![beside.join(path)],
        How::Path(path) => vec![below.join(modules).join(path)],
        How::Module(name) => {
            let folder = below.join(modules);
            vec![
                folder.join(format!("{name}.rs")),
                folder.join(name).join("mod.rs"),
            ]
        }
    };
    let place = places.into_iter().find(|place| place.is_file());
    place.map(|place| normal(&place))
}

/// Returns a path without `.` and `..`, so that each file has one path.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            // What leads out of a path that begins nowhere is left out: its end is what is compared.
            Component::ParentDir => drop(normal.pop()),
            other => normal.push(other),
        }
    }
    normal
}

/// Returns the first file of each library and program, and whether it is the library's: those in the
/// usual places, and those that the manifest names.
fn roots(folder: &Path) -> Result<Vec<(PathBuf, bool)>, SourcesError> {
    let path = folder.join("Cargo.toml");
    let text = fs::read_to_string(&path).map_err(|error| wrong(&path, error))?;
    let named = manifest::roots(&text).map_err(|error| wrong(&path, error))?;
    let mut roots: Vec<_> = named
        .into_iter()
        .map(|root| (normal(&folder.join(root.path)), root.is_library))
        .collect();
    roots.push((folder.join("src/lib.rs"), true));
    roots.push((folder.join("src/main.rs"), false));
    for programs in ["src/bin", "tests", "examples", "benches"] {
        let entries = folder.join(programs).read_dir().into_iter().flatten();
        for path in entries.flatten().map(|entry| entry.path()) {
            let root = if path.is_dir() {
                path.join("main.rs")
            } else {
                path
            };
            if root.extension().is_some_and(|it| it == "rs") {
                roots.push((root, false));
            }
        }
    }
    roots.retain(|(path, _)| path.is_file());
    roots.sort();
    roots.dedup();
    Ok(roots)
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let entries = folder.read_dir().into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
