//! The catalogue as a runbook.

use std::fmt::Write as _;

use crate::catalogue::{About, Catalogue, seconds};

/// Writes a section for each check: what it means that it fails, and what to do.
pub(super) fn runbook(catalogue: &Catalogue) -> String {
    let mut text = "# Runbook\n\n## Health checks\n".to_owned();
    for check in &catalogue.health_checks {
        let facts = format!("{}, {}", check.gates(), check.rhythm());
        section(&mut text, &check.about, &facts);
        let name = &check.about.name;
        for probe in &check.probes {
            let probe = endpoint(probe);
            _ = writeln!(
                text,
                "- Why it fails: `curl -H \"Authorization: Bearer $MAD_TOKEN\" HOST/{probe}/{name}`"
            );
        }
    }
    text.push_str("\n## Self-tests\n");
    for test in &catalogue.self_tests {
        section(&mut text, &test.about, &test.rhythm());
        let name = &test.about.name;
        _ = writeln!(
            text,
            "- Run it: `curl -X POST -H \"Authorization: Bearer $MAD_TOKEN\" HOST/selftest/{name}`"
        );
    }
    text
}

fn endpoint(probe: &str) -> &str {
    match probe {
        "liveness" => "livez",
        "startup" => "startupz",
        _ => "readyz",
    }
}

fn section(text: &mut String, about: &About, facts: &str) {
    _ = writeln!(text, "\n### {}\n\n{}", about.name, plain(&about.summary));
    if !about.description.is_empty() {
        _ = writeln!(text, "\n{}", plain(&about.description));
    }
    let timeout = seconds(about.timeout_seconds);
    _ = writeln!(text, "\n- Rhythm: {facts}; takes {timeout} at most");
    let lists = [("Comes after", &about.after), ("Tags", &about.tags)];
    for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        _ = writeln!(text, "- {name}: {}", plain(&list.join(", ")));
    }
    let facts = [("Owner", &about.owner), ("Runbook", &about.runbook)];
    for (name, fact) in facts {
        if let Some(fact) = fact {
            _ = writeln!(text, "- {name}: {}", plain(fact));
        }
    }
    _ = writeln!(text, "- Source: `{}`", about.location.words());
}

/// Keeps what would be markup of HTML from being it. What is Markdown stays: documentation is written in it.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for (index, part) in text.split('<').enumerate() {
        if index > 0 {
            let is_link = part.starts_with("https://") || part.starts_with("http://");
            plain.push_str(if is_link { "<" } else { "&lt;" });
        }
        plain.push_str(part);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn markup_is_no_markup_and_links_stay_links() {
        assert_eq!(plain("<script>"), "&lt;script>");
        assert_eq!(plain("see <https://wiki>"), "see <https://wiki>");
    }
}
