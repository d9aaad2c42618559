//! What Cargo says to people.

/// The first error of a build, with where it is, or if Cargo could not begin, with the last of its causes.
pub(super) fn first_error(output: &str) -> Option<String> {
    let mut lines = output.lines().skip_while(|line| !line.starts_with("error"));
    let error = lines.next()?;
    if let Some(cause) = last_cause(lines.clone()) {
        return Some(format!("{error}: {cause}"));
    }
    let place = lines
        .next()
        .filter(|line| line.trim_start().starts_with("-->"));
    let place = place.map_or_else(String::new, |place| {
        format!(" ({})", place.trim().trim_start_matches("--> "))
    });
    Some(format!("{error}{place}"))
}

/// What stands below the last `Caused by:`, of which Cargo writes one below the other.
fn last_cause<'output>(lines: impl Iterator<Item = &'output str>) -> Option<&'output str> {
    let mut causes = lines
        .take_while(|line| !line.starts_with("error"))
        .skip_while(|line| *line != "Caused by:");
    let mut last = None;
    while let Some(line) = causes.next() {
        if line == "Caused by:" {
            last = causes.next().map(str::trim);
        }
    }
    last
}

/// The last line with anything on it.
pub(super) fn last_line(output: &str) -> Option<String> {
    let line = output.lines().rev().find(|line| !line.trim().is_empty())?;
    Some(line.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::first_error;

    #[test]
    fn an_error_is_told_with_where_it_is() {
        let output = "warning: old\nerror[E0425]: cannot find `x`\n --> src/lib.rs:1:12\n";
        let told = first_error(output).unwrap();
        assert_eq!(told, "error[E0425]: cannot find `x` (src/lib.rs:1:12)");
    }

    #[test]
    fn an_error_with_causes_is_told_with_the_last_of_them() {
        let output = "error: failed to get `a` as a dependency of package `b v0.1.0 (/b)`\n\nCaused by:\n  \
            failed to load source for dependency `a`\n\nCaused by:\n  no network\n";
        let told = first_error(output).unwrap();
        assert_eq!(
            told,
            "error: failed to get `a` as a dependency of package `b v0.1.0 (/b)`: no network"
        );
    }
}
