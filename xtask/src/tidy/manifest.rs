//! Rules for the `Cargo.toml` of every member.

use super::finding::Finding;

/// Applies the rules to one manifest.
pub(crate) fn check(file: &str, text: &str) -> Option<Finding> {
    (!inherits_lints(text)).then(|| {
        let what = "no `[lints] workspace = true`";
        Finding::error(
            file,
            1,
            what,
            "one set of lints holds for all of the workspace",
        )
    })
}

fn inherits_lints(manifest: &str) -> bool {
    let mut section = "";
    for line in manifest.lines().map(str::trim) {
        match (section, line) {
            (_, line) if line.starts_with('[') => section = line,
            ("[lints]", "workspace = true") | ("", "lints.workspace = true") => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn lints_are_inherited() {
        assert!(check("Cargo.toml", "[package]\n\n[lints]\nworkspace = true\n").is_none());
        for text in [
            "[package]\n",
            "[lints.rust]\nunsafe_code = \"forbid\"\n",
            "[lints]\n[dependencies.x]\nworkspace = true\n",
        ] {
            let finding = check("a/Cargo.toml", text).unwrap().to_string();
            assert!(
                finding.starts_with("a/Cargo.toml:1: no `[lints]"),
                "{finding}"
            );
        }
    }
}
