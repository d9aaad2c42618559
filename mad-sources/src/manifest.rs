//! What a manifest says about the places of its libraries and programs.

use toml::de::{DeTable, DeValue, Error};

/// The first file of a library or a program, where the manifest names it.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Root {
    pub(crate) path: String,
    pub(crate) is_library: bool,
}

/// Reads a manifest.
///
/// # Errors
///
/// If it is no TOML.
pub(crate) fn roots(manifest: &str) -> Result<Vec<Root>, Error> {
    let manifest = DeTable::parse(manifest)?;
    let manifest = manifest.get_ref();
    let library = manifest.get("lib").map(|it| (it.get_ref(), true));
    let programs = ["bin", "test", "example", "bench"]
        .into_iter()
        .filter_map(|kind| manifest.get(kind)?.get_ref().as_array())
        .flat_map(|programs| programs.iter().map(|it| (it.get_ref(), false)));
    let root = |(target, is_library): (&DeValue<'_>, bool)| {
        let path = target.as_table()?.get("path")?.get_ref().as_str()?;
        Some(Root {
            path: path.to_owned(),
            is_library,
        })
    };
    Ok(library
        .into_iter()
        .chain(programs)
        .filter_map(root)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::{Root, roots};

    #[track_caller]
    fn check(manifest: &str, expected: &[(&str, bool)]) {
        let expected: Vec<_> = expected
            .iter()
            .map(|&(path, is_library)| Root {
                path: path.to_owned(),
                is_library,
            })
            .collect();
        assert_eq!(roots(manifest).unwrap(), expected);
    }

    #[test]
    fn a_root_is_found_in_every_form_that_a_manifest_has() {
        check(
            "[lib]\npath = \"src/app.rs\" # why",
            &[("src/app.rs", true)],
        );
        check("lib = { path = 'src/app.rs' }", &[("src/app.rs", true)]);
        check("lib.path = \"src/app.rs\"", &[("src/app.rs", true)]);
        check(
            "[[bin]]\nname = \"a\"\npath = \"a.rs\"\n[[bin]]\nname = \"b\"\n[[test]]\npath = \"t.rs\"",
            &[("a.rs", false), ("t.rs", false)],
        );
        check(
            "bin = [{ name = \"a\", path = \"a.rs\" }]",
            &[("a.rs", false)],
        );
    }

    #[test]
    fn the_path_of_something_else_is_no_root() {
        check(
            "[dependencies]\nnear = { path = \"near\" }\n[package]\ndescription = \"\"\"\n[lib]\npath = \"no.rs\"\n\"\"\"",
            &[],
        );
    }

    #[test]
    fn what_is_no_toml_is_refused() {
        assert!(roots("[lib").is_err());
    }
}
