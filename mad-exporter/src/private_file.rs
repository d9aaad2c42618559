//! Files with secrets in them.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// How large such a file may be.
const MAX_SIZE: u64 = 64 * 1024;

/// Reads a file that nobody else may read or replace.
///
/// The rule is that of `PostgreSQL` for its keys: the file belongs to the user of this process, and nobody
/// else has any right to it; or it belongs to root, and at most a group reads it, as Kubernetes and systemd
/// hand secrets over. A link on the way is one that such a user has made, as Kubernetes does.
pub(crate) fn read(path: &Path) -> Result<String, PrivateFileError> {
    let mut file = File::open(path).map_err(PrivateFileError::Io)?;
    // What is open cannot be exchanged any more.
    let metadata = file.metadata().map_err(PrivateFileError::Io)?;
    if !metadata.is_file() {
        return Err(PrivateFileError::NoFile);
    }
    #[cfg(unix)]
    unix::check(path, &metadata)?;
    let mut text = String::new();
    let read = file.by_ref().take(MAX_SIZE + 1).read_to_string(&mut text);
    match read.map_err(PrivateFileError::Io)? as u64 {
        ..=MAX_SIZE => Ok(text),
        _ => Err(PrivateFileError::TooLarge),
    }
}

/// Why such a file is not read.
#[derive(Debug)]
pub(crate) enum PrivateFileError {
    Io(io::Error),
    NoFile,
    TooLarge,
    /// Somebody else may do this with it.
    Open(&'static str),
}

impl PrivateFileError {
    /// Returns what the system said, if it was that.
    pub(crate) fn io(&self) -> Option<&io::Error> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for PrivateFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::NoFile => f.write_str("it is no file"),
            Self::TooLarge => write!(f, "it is larger than {MAX_SIZE} bytes"),
            Self::Open(how) => f.write_str(how),
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, Metadata};
    use std::os::unix::fs::MetadataExt;
    use std::path::Path;

    use super::PrivateFileError;

    const ROOT: u32 = 0;

    /// Who has which right to something.
    #[derive(Clone, Copy, Debug)]
    pub(super) struct Rights {
        pub(super) owner: u32,
        pub(super) mode: u32,
    }

    impl Rights {
        fn of(metadata: &Metadata) -> Self {
            Self {
                owner: metadata.uid(),
                mode: metadata.mode(),
            }
        }

        fn is_trusted(self, us: u32) -> bool {
            self.owner == us || self.owner == ROOT
        }
    }

    pub(super) fn check(path: &Path, file: &Metadata) -> Result<(), PrivateFileError> {
        let us = rustix::process::geteuid().as_raw();
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let rights = |metadata: std::io::Result<Metadata>| {
            let metadata = metadata.map_err(PrivateFileError::Io)?;
            Ok(Rights::of(&metadata))
        };
        let link = rights(fs::symlink_metadata(path))?;
        let folder = rights(fs::metadata(folder))?;
        match objection(Rights::of(file), link, folder, us) {
            Some(objection) => Err(PrivateFileError::Open(objection)),
            None => Ok(()),
        }
    }

    /// Says what is wrong with a file, what its name stands for, and the folder that holds that name.
    pub(super) fn objection(
        file: Rights,
        link: Rights,
        folder: Rights,
        us: u32,
    ) -> Option<&'static str> {
        const WRITES: u32 = 0o022;
        const STICKY: u32 = 0o1000;
        if !file.is_trusted(us) || !link.is_trusted(us) {
            return Some(
                "it, or the link to it, belongs to another user: make it the user of this process",
            );
        }
        if file.mode & 0o007 != 0 {
            return Some("every user may read or write it: `chmod 600` makes it private");
        }
        if file.mode & WRITES != 0 || (file.mode & 0o070 != 0 && file.owner != ROOT) {
            return Some("its group may read or write it: `chmod 600` makes it private");
        }
        // In a sticky folder nobody renames or removes what is another's.
        if !folder.is_trusted(us) || (folder.mode & WRITES != 0 && folder.mode & STICKY == 0) {
            return Some(
                "others may replace it, as they may write to its folder: `chmod go-w` the folder",
            );
        }
        None
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        const US: u32 = 1000;
        const OTHER: u32 = 1001;

        fn rights(owner: u32, mode: u32) -> Rights {
            Rights { owner, mode }
        }

        #[track_caller]
        fn check(file: Rights, link: Rights, folder: Rights, part: Option<&str>) {
            let objection = objection(file, link, folder, US);
            match (objection, part) {
                (None, None) => {}
                (Some(objection), Some(part)) => assert!(objection.contains(part), "{objection}"),
                _ => panic!("{objection:?} is not {part:?}"),
            }
        }

        /// Pitfall 30, for the file of tokens and the keys of TLS.
        #[test]
        fn files_that_others_read_write_or_replace_are_refused() {
            let (own, folder) = (rights(US, 0o100_600), rights(US, 0o040_755));
            check(own, own, folder, None);
            check(rights(US, 0o100_400), own, folder, None);
            for (mode, part) in [
                (0o644, "every user"),
                (0o602, "every user"),
                (0o640, "its group"),
                (0o620, "its group"),
            ] {
                check(rights(US, 0o100_000 | mode), own, folder, Some(part));
            }
            check(rights(OTHER, 0o100_600), own, folder, Some("another user"));
            check(own, own, rights(US, 0o040_775), Some("its folder"));
            check(own, own, rights(US, 0o040_757), Some("its folder"));
            check(own, own, rights(OTHER, 0o040_755), Some("its folder"));
            // A link that somebody else has put where everybody may write, such as `/tmp`.
            check(
                own,
                rights(OTHER, 0o120_777),
                rights(0, 0o041_777),
                Some("the link"),
            );
        }

        #[test]
        fn secrets_as_kubernetes_and_systemd_hand_them_over_are_read() {
            let link = rights(0, 0o120_777);
            let folder = rights(0, 0o043_777);
            // `defaultMode: 0400` with an `fsGroup`.
            check(rights(0, 0o100_440), link, folder, None);
            check(rights(0, 0o100_644), link, folder, Some("every user"));
            // `LoadCredential=`.
            let folder = rights(0, 0o040_550);
            check(rights(US, 0o100_400), rights(US, 0o100_400), folder, None);
        }
    }
}
