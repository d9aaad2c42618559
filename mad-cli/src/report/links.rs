//! Where commits can be read.

use crate::changes::short;
use crate::git::Repository;

use super::escape::Escaped;

/// Where the repository's host shows commits, if it has one.
pub(crate) struct Links {
    base: Option<String>,
}

impl Links {
    /// Asks the repository for its origin.
    pub(super) fn of(repository: &Repository) -> Self {
        let origin = repository.ask(["remote", "get-url", "origin"]);
        Self {
            base: origin.ok().and_then(|origin| base(origin.trim())),
        }
    }

    /// Returns the beginning of a hash, as a link if there is where to.
    pub(super) fn commit(&self, id: &str) -> String {
        let name = Escaped(short(id));
        match &self.base {
            Some(base) => format!(
                "<a href=\"{}/commit/{}\"><code>{name}</code></a>",
                Escaped(base),
                Escaped(id)
            ),
            None => format!("<code>{name}</code>"),
        }
    }
}

/// Returns the page of a repository, from the address that git uses. Names and passwords in it are left out.
fn base(origin: &str) -> Option<String> {
    let origin = origin.strip_suffix(".git").unwrap_or(origin);
    let https = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("ssh://"));
    let place = match https {
        Some(place) => place.to_owned(),
        None => origin.strip_prefix("git@")?.replacen(':', "/", 1),
    };
    let (host, path) = place.split_once('/')?;
    let host = host.rsplit('@').next()?;
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_/:~".contains(letter);
    let is_page = host.contains('.') && host.chars().chain(path.chars()).all(is_plain);
    is_page.then(|| format!("https://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::base;

    #[test]
    fn the_origin_is_a_page_or_nothing() {
        let page = Some("https://example.com/a/b".to_owned());
        assert_eq!(base("https://example.com/a/b.git"), page);
        assert_eq!(base("git@example.com:a/b.git"), page);
        assert_eq!(base("https://user:secret@example.com/a/b"), page);
        for nowhere in [
            "/home/a/b",
            "file:///a/b",
            "../b",
            "https://example.com/a\"b",
            "javascript:alert(1)",
        ] {
            assert_eq!(base(nowhere), None, "{nowhere}");
        }
    }
}
