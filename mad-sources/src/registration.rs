//! The checks that a program or a library holds, read from the file without running it.
//!
//! Beside what registers a check, `mad-macros` writes a text that names it. Whatever keeps the one keeps the
//! other, so the texts that are in a file are the checks that are linked into it: no symbol table is needed, no
//! section, and none of the formats of executable files. Only code that is still a compiler's intermediate
//! language, as in a library built for link-time optimization, is packed and holds no such text.

use std::collections::BTreeSet;
use std::str;

/// How a mark begins; `mad-macros` writes the same, and a test of mad-core reads its own file.
const BEGIN: &[u8] = b"\x01mad-check\x02";

/// What stands between the parts of a mark.
const BETWEEN: u8 = 2;

/// How a mark ends.
const END: u8 = 3;

/// More than any mark has.
const MAX_LENGTH: usize = 16 * 1024;

/// A check as it is registered: what it is called and where its function stands.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Registration {
    /// The Cargo package, or `""` where Cargo did not build it.
    pub package: String,
    /// The file, as the compiler was told it.
    pub file: String,
    /// The line of the function's name, from 1.
    pub line: u32,
    /// The module path.
    pub module: String,
    /// The check's name.
    pub name: String,
}

impl Registration {
    /// Reads all that are in an executable file or in a library, given its bytes.
    ///
    /// ```
    /// use mad_sources::Registration;
    ///
    /// let program = b"..\x01mad-check\x02shop\x02src/orders.rs\x0212\x02order_database\x02shop::orders\x03..";
    /// let registration = Registration::all_in(program).pop_first().unwrap();
    /// assert_eq!(registration.name, "order_database");
    /// assert_eq!((registration.file.as_str(), registration.line), ("src/orders.rs", 12));
    /// ```
    pub fn all_in(bytes: &[u8]) -> BTreeSet<Self> {
        memchr::memmem::find_iter(bytes, BEGIN)
            .filter_map(|at| Self::read(&bytes[at + BEGIN.len()..]))
            .collect()
    }

    /// Reads what follows the beginning of a mark. Who looks for marks has the beginning of one, too, and no
    /// more of it.
    fn read(bytes: &[u8]) -> Option<Self> {
        let bytes = &bytes[..bytes.len().min(MAX_LENGTH)];
        let end = memchr::memchr(END, bytes)?;
        let mut parts = str::from_utf8(&bytes[..end])
            .ok()?
            .split(char::from(BETWEEN));
        let mut part = || parts.next().map(str::to_owned);
        let registration = Self {
            package: part()?,
            file: part()?,
            line: part()?.parse().ok()?,
            name: part()?,
            module: part()?,
        };
        part().is_none().then_some(registration)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Registration;

    fn mark(parts: &[&str]) -> Vec<u8> {
        format!("\u{1}mad-check\u{2}{}\u{3}", parts.join("\u{2}")).into_bytes()
    }

    #[test]
    fn what_is_no_whole_mark_is_none() {
        for parts in [
            &["p", "f", "1", "n"][..],
            &["p", "f", "1", "n", "m", "more"],
            &["p", "f", "line", "n", "m"],
        ] {
            assert!(Registration::all_in(&mark(parts)).is_empty(), "{parts:?}");
        }
        let whole = mark(&["p", "f", "1", "n", "m"]);
        assert_eq!(Registration::all_in(&whole).len(), 1);
        assert!(Registration::all_in(&whole[..whole.len() - 1]).is_empty());
        let twice = [&whole[..12], &whole[..]].concat();
        assert_eq!(Registration::all_in(&twice).len(), 1, "behind half a mark");
    }

    proptest! {
        #[test]
        fn a_mark_is_found_in_anything(
            before: Vec<u8>,
            after: Vec<u8>,
            names in prop::array::uniform4("[a-zA-Z0-9_:./ -]{0,20}"),
            line: u32,
        ) {
            let [package, file, name, module] = names;
            let mark = mark(&[&package, &file, &line.to_string(), &name, &module]);
            let registration = Registration { package, file, line, module, name };
            let found = Registration::all_in(&[before, mark, after].concat());
            prop_assert!(found.contains(&registration), "{found:?}");
        }
    }
}
