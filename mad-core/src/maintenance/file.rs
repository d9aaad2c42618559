//! The file in which maintenances outlast a restart.
//!
//! A line for each: milliseconds since 1970, the name of the check or `*` for all, the reason; with tabs
//! between them. A reason has no control characters.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use super::{MAX_CHECKS, MAX_REASON, Maintenance};
use crate::name::is_name;

const FIRST_LINE: &str = "mad maintenance 1";

/// No file that was written here is longer.
const LONGEST_FILE: u64 = 512 * 1024;

/// Reads the file. There being none is nothing kept.
pub(super) fn read(path: &Path) -> io::Result<Vec<(Option<String>, Maintenance)>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Err(wrong("it is no regular file")),
        Ok(metadata) => refuse_what_others_may_write(path, &metadata)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    }
    let mut text = String::new();
    let file = File::open(path)?;
    file.take(LONGEST_FILE + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST_FILE {
        return Err(wrong("it is too long"));
    }
    let mut lines = text.lines();
    if lines.next() != Some(FIRST_LINE) {
        return Err(wrong("it is no file of maintenances"));
    }
    let entries = lines.enumerate().map(|(number, line)| {
        entry(line).ok_or_else(|| wrong(&format!("line {} is not as it was written", number + 2)))
    });
    let entries: Vec<_> = entries.collect::<io::Result<_>>()?;
    if entries.len() > MAX_CHECKS + 1 {
        return Err(wrong("it has too many lines"));
    }
    Ok(entries)
}

/// Refuses a file that somebody else wrote, or may: whoever can put checks in maintenance can hide an outage.
#[cfg(unix)]
fn refuse_what_others_may_write(path: &Path, file: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;

    const OTHERS_WRITE: u32 = 0o022;
    const EVERYBODY_WRITES: u32 = 0o002;
    /// Nobody takes away or replaces what is somebody else's, as in `/tmp`.
    const STICKY: u32 = 0o1000;

    let is_own = |owner: u32| owner == 0 || owner == rustix::process::geteuid().as_raw();
    if !is_own(file.uid()) || file.mode() & OTHERS_WRITE != 0 {
        return Err(wrong("others may write to it: `chmod go-w` it"));
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = fs::metadata(folder.unwrap_or(Path::new(".")))?;
    if folder.mode() & EVERYBODY_WRITES != 0 && folder.mode() & STICKY == 0 {
        return Err(wrong("everybody may write to its folder: `chmod o-w` that"));
    }
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it may refuse")]
fn refuse_what_others_may_write(_: &Path, _: &fs::Metadata) -> io::Result<()> {
    Ok(())
}

/// Makes a file that nobody else may write to, whatever is usual for the process.
fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn entry(line: &str) -> Option<(Option<String>, Maintenance)> {
    let mut parts = line.splitn(3, '\t');
    let until = Duration::from_millis(parts.next()?.parse().ok()?);
    let check = match parts.next()? {
        "*" => None,
        name => Some(is_name(name).then(|| name.to_owned())?),
    };
    let reason = parts.next()?;
    let is_reason = !reason.is_empty()
        && reason.chars().count() <= MAX_REASON
        && !reason.contains(char::is_control);
    let maintenance = Maintenance {
        reason: is_reason.then(|| reason.to_owned())?,
        until: UNIX_EPOCH.checked_add(until)?,
    };
    Some((check, maintenance))
}

/// Writes the file beside its place, and puts it there in one move: a crash leaves the old one or the
/// new one.
pub(super) fn write<'a>(
    path: &Path,
    entries: impl Iterator<Item = (Option<&'a str>, &'a Maintenance)>,
) -> io::Result<()> {
    let mut text = format!("{FIRST_LINE}\n");
    for (check, Maintenance { reason, until }) in entries {
        let until = until.duration_since(UNIX_EPOCH).unwrap_or_default();
        let (until, check) = (until.as_millis().to_string(), check.unwrap_or("*"));
        text.extend([&until, "\t", check, "\t", reason, "\n"]);
    }
    let mut beside = path.to_path_buf().into_os_string();
    beside.push(".new");
    // What a crash left there is nobody's, and what somebody else put there is not followed.
    match fs::remove_file(&beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = create(Path::new(&beside))?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&beside, path)
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
