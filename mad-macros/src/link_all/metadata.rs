//! Whether a compiled crate holds annotated functions.
//!
//! The metadata of a crate has the path of each macro that was expanded in it, and is not compressed.
//! What an annotation expands to calls a macro of mad-core's by a path that nothing else uses, so the
//! mark is there for nothing: no item is generated, and no code.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::crate_name;
use super::rustc_arguments::RustcArguments;

/// What the metadata of a crate with annotated functions contains; `expand` writes the path.
const MARK: &[u8] = b"__private::submit_to_mad";

/// Says whether this library holds annotated functions.
///
/// # Errors
///
/// If it cannot be read.
pub(super) fn holds_checks(library: &Path) -> io::Result<bool> {
    // Beside an `.rlib` stands its metadata alone, which is far shorter.
    let alone = library.with_extension("rmeta");
    let bytes = match fs::read(&alone) {
        Ok(bytes) => bytes,
        Err(_) => fs::read(library)?,
    };
    Ok(contains(&bytes, MARK))
}

/// Horspool's search. Procedural macros are compiled without optimisation, and this looks at one byte
/// in 24.
fn contains(text: &[u8], word: &[u8]) -> bool {
    let last = word.len() - 1;
    let mut skip = [word.len(); 256];
    for (at, byte) in word[..last].iter().enumerate() {
        skip[usize::from(*byte)] = last - at;
    }
    let mut end = last;
    while end < text.len() {
        if &text[end - last..=end] == word {
            return true;
        }
        end += skip[usize::from(text[end])];
    }
    false
}

/// The libraries in the folders where rustc looks for the dependencies of dependencies.
#[derive(Debug)]
pub(super) struct Artefacts {
    by_crate: BTreeMap<String, Vec<PathBuf>>,
}

impl Artefacts {
    /// Lists what this build can have made: `cargo check` leaves metadata alone, and everything else a
    /// library too.
    pub(super) fn of(arguments: &RustcArguments) -> Self {
        let has_code = |file: &Path| file.with_extension("rlib").exists();
        let is_for_check = !arguments.externs.iter().any(|it| has_code(&it.path));
        let mut by_crate: BTreeMap<_, Vec<_>> = BTreeMap::new();
        let folders = arguments.folders.iter().filter_map(|it| it.read_dir().ok());
        for entry in folders.flatten().flatten() {
            let file = entry.path();
            let is_candidate = file.extension().is_some_and(|it| {
                if is_for_check {
                    it == "rmeta" && !has_code(&file)
                } else {
                    it == "rlib"
                }
            });
            if let (true, Some(name)) = (is_candidate, crate_name(&file)) {
                by_crate.entry(name.to_owned()).or_default().push(file);
            }
        }
        Self { by_crate }
    }

    /// Says whether a crate is sure to hold annotated functions.
    ///
    /// Earlier builds left files of the same crate, with other features or of another version, and
    /// which one belongs to this build cannot be seen. All of them have to say so: to expect what
    /// is not there would keep a good program from starting.
    ///
    /// # Errors
    ///
    /// If there is none, or one cannot be read.
    pub(super) fn hold_checks(&self, crate_name: &str) -> Result<bool, String> {
        let files = self.by_crate.get(crate_name);
        let files =
            files.ok_or_else(|| format!("no library of the crate `{crate_name}` is found"))?;
        for file in files {
            let holds = holds_checks(file);
            if !holds.map_err(|error| format!("{} cannot be read: {error}", file.display()))? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::{MARK, contains};

    #[test]
    fn the_mark_is_found_wherever_it_stands() {
        for before in 0..60 {
            for after in [0, 1, 30] {
                let mut text = vec![b'_'; before];
                text.extend(MARK);
                text.extend(vec![b'm'; after]);
                assert!(contains(&text, MARK), "{before} {after}");
            }
        }
    }

    #[test]
    fn what_is_almost_the_mark_is_not_found() {
        let almost = &MARK[..MARK.len() - 1];
        for text in [&b""[..], almost, &[almost, almost].concat(), &[b'd'; 100]] {
            assert!(!contains(text, MARK));
        }
    }
}
