//! Folders as what is in them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What nobody wants a copy of: what was built, and what git keeps.
const LEFT_OUT: [&str; 2] = ["target", ".git"];

/// All files in a folder, from there on and in order; of a file it is the empty path.
pub(super) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !fs::metadata(folder)?.is_dir() {
        return Ok(vec![PathBuf::new()]);
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = PathBuf::from(entry.file_name());
        if LEFT_OUT
            .iter()
            .any(|left_out| name.as_os_str() == *left_out)
        {
            continue;
        }
        let within = if entry.file_type()?.is_dir() {
            files(&entry.path())?
        } else {
            vec![PathBuf::new()]
        };
        found.extend(within.iter().map(|file| joined(&name, file)));
    }
    found.sort();
    Ok(found)
}

/// Copies a file, or all files of a folder, over what is there, as git does it: a file in place of a folder makes way, and a
/// folder in place of a file.
pub(super) fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for file in files(from)? {
        let (from, to) = (joined(from, &file), joined(to, &file));
        if let Some(folder) = to.parent() {
            make(folder)?;
        }
        match fs::symlink_metadata(&to) {
            Ok(data) if data.is_dir() => fs::remove_dir_all(&to)?,
            // Through a link the file would be written to which it leads.
            Ok(data) if data.is_symlink() => fs::remove_file(&to)?,
            _ => {}
        }
        // Not with `fs::copy`, which some systems do by sharing, times and all.
        fs::write(to, read(&from)?)?;
    }
    Ok(())
}

/// Makes a folder, be it that a file is where it or one above is to be.
fn make(folder: &Path) -> io::Result<()> {
    let lowest = folder
        .ancestors()
        .find_map(|path| Some((path, fs::symlink_metadata(path).ok()?)));
    if let Some((path, data)) = lowest
        && data.is_file()
    {
        fs::remove_file(path)?;
    }
    fs::create_dir_all(folder)
}

/// What is in a file, or in one that a link leads to. Anything else is refused by its name: who opens a pipe waits for somebody
/// who writes.
fn read(file: &Path) -> io::Result<Vec<u8>> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", file.display()));
    let data = fs::metadata(file).map_err(named)?;
    if data.is_file() {
        return fs::read(file).map_err(named);
    }
    let what = if data.is_dir() {
        "a link to a folder, which is not followed"
    } else {
        "neither a file nor a folder"
    };
    let words = format!("{} is {what}", file.display());
    Err(io::Error::new(io::ErrorKind::InvalidInput, words))
}

/// The first of the folders that a file is in, from a root on, that is a link.
pub(super) fn link_above(root: &Path, file: &Path) -> Option<PathBuf> {
    let is_link = |folder: &Path| {
        let found = fs::symlink_metadata(root.join(folder));
        found.is_ok_and(|data| data.is_symlink())
    };
    let folders: Vec<&Path> = file.ancestors().skip(1).collect();
    let mut from_top = folders.into_iter().rev();
    let link = from_top.find(|folder| !folder.as_os_str().is_empty() && is_link(folder));
    link.map(Path::to_owned)
}

/// A word for what is in a file or folder: the same for the same.
pub(super) fn word(folder: &Path) -> io::Result<String> {
    let mut parts = Vec::new();
    for file in files(folder)? {
        parts.push(file.to_string_lossy().into_owned());
        parts.push(String::from_utf8_lossy(&read(&joined(folder, &file))?).into_owned());
    }
    Ok(crate::fingerprint::of(&parts))
}

/// A file of [`files`] with its folder: the empty path is the file itself, without a `/` behind it.
pub(super) fn joined(folder: &Path, file: &Path) -> PathBuf {
    if file.as_os_str().is_empty() {
        return folder.to_owned();
    }
    folder.join(file)
}
