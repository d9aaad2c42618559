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

/// Why a run came to no end: the first error that has a cause, such as the signal that ended a program, or what was said last.
pub(super) fn why_broken(output: &str) -> Option<String> {
    let lines: Vec<&str> = output.lines().collect();
    let caused = |at: usize| {
        let cause = last_cause(lines[at + 1..].iter().copied())?;
        Some(format!("{}: {cause}", lines[at]))
    };
    let mut errors = (0..lines.len()).filter(|at| lines[*at].starts_with("error"));
    errors.find_map(caused).or_else(|| last_line(output))
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
fn last_line(output: &str) -> Option<String> {
    let line = output.lines().rev().find(|line| !line.trim().is_empty())?;
    Some(line.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{first_error, why_broken};

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

    #[test]
    fn what_was_ended_by_a_signal_is_told_with_it() {
        let output = "error: test failed, to rerun pass `--test a`\nerror: test failed, to rerun pass `--test b`\n\n\
            Caused by:\n  process didn't exit successfully: `b` (signal: 6, SIGABRT: process abort signal)\n\
            error: 2 targets failed:\n    `--test a`\n    `--test b`\n";
        let told = why_broken(output).unwrap();
        assert!(told.contains("`--test b`: process"), "{told}");
        assert!(told.contains("SIGABRT"), "{told}");
        assert_eq!(why_broken("one\ntwo\n\n").unwrap(), "two");
    }
}
