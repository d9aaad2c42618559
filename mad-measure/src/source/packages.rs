//! Which package a file belongs to, by the manifests above it.

use super::SourceFile;

/// The folders of a source tree that are packages.
pub(super) struct Packages(Vec<Package>);

struct Package {
    /// With a `/` at the end, unless it is the root.
    folder: String,
    name: String,
}

impl Packages {
    pub(super) fn of(manifests: &[SourceFile]) -> Self {
        let mut packages: Vec<_> = manifests.iter().filter_map(Package::of).collect();
        // The innermost is asked first.
        packages.sort_by_key(|package| std::cmp::Reverse(package.folder.len()));
        Self(packages)
    }

    /// The name of a file's package, and where it is there; no name if it belongs to none.
    pub(super) fn place<'path>(&self, path: &'path str) -> (&str, &'path str) {
        self.0
            .iter()
            .find_map(|package| Some((package.name.as_str(), path.strip_prefix(&package.folder)?)))
            .unwrap_or(("", path))
    }
}

impl Package {
    /// Nothing for the manifest of a workspace without a package of its own. One that cannot be read is that of a
    /// package all the same, and has the name of its folder.
    fn of(manifest: &SourceFile) -> Option<Self> {
        let folder = manifest.path.strip_suffix("Cargo.toml")?.to_owned();
        let name = match String::from_utf8_lossy(&manifest.content).parse::<toml::Table>() {
            Ok(table) => table.get("package")?.get("name")?.as_str()?.to_owned(),
            Err(_) => folder.trim_end_matches('/').rsplit('/').next()?.to_owned(),
        };
        Some(Self { folder, name })
    }
}
