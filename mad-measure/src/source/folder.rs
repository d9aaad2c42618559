//! Source trees that are folders.

use std::path::Path;
use std::process::Command;
use std::{fs, io};

use super::{SourceFile, is_wanted};

/// Reads the files that [`measure`](super::measure) wants from a folder.
///
/// In a git repository those are the files that git knows or would add, so that what is ignored is not measured;
/// elsewhere all but those in hidden folders and in `target`. The paths begin at the folder.
///
/// # Errors
///
/// If a folder or a file cannot be read; one that has gone in the meantime is left out.
pub fn read_folder(folder: &Path) -> io::Result<Vec<SourceFile>> {
    let paths = match known_to_git(folder) {
        Some(paths) => paths,
        None => walk(folder)?,
    };
    let mut files = Vec::new();
    for path in paths {
        match fs::read(folder.join(&path)) {
            Ok(content) => files.push(SourceFile::new(path, content)),
            // It is in git's index and deleted, or a link that leads to nothing.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(files)
}

/// Nothing outside of a repository, and without git.
fn known_to_git(folder: &Path) -> Option<Vec<String>> {
    let listed = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
            "--deduplicate",
        ])
        .output()
        .ok()
        .filter(|listed| listed.status.success())?;
    let paths = listed.stdout.split(|byte| *byte == 0);
    let paths = paths.map(|path| String::from_utf8_lossy(path).into_owned());
    // A folder below a repository that ignores it has no file that git knows.
    let paths: Vec<_> = paths.filter(|path| is_wanted(path)).collect();
    (!paths.is_empty()).then_some(paths)
}

fn walk(root: &Path) -> io::Result<Vec<String>> {
    let mut paths = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type()?;
            if kind.is_dir() && !name.starts_with('.') && name != "target" {
                folders.push(format!("{folder}{name}/"));
            } else if kind.is_file() && is_wanted(&name) {
                paths.push(format!("{folder}{name}"));
            }
        }
    }
    Ok(paths)
}
