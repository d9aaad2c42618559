//! What Cargo says to people.

/// The first error of a build, with where it is.
pub(super) fn first_error(output: &str) -> Option<String> {
    let mut lines = output.lines().skip_while(|line| !line.starts_with("error"));
    let error = lines.next()?;
    let place = lines
        .next()
        .filter(|line| line.trim_start().starts_with("-->"));
    let place = place.map_or_else(String::new, |place| {
        format!(" ({})", place.trim().trim_start_matches("--> "))
    });
    Some(format!("{error}{place}"))
}

/// The last line with anything on it.
pub(super) fn last_line(output: &str) -> Option<String> {
    let line = output.lines().rev().find(|line| !line.trim().is_empty())?;
    Some(line.trim().to_owned())
}
