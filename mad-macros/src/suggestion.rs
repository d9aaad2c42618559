//! "Did you mean ...?"

/// Returns the nearest of the words, if one is near enough to be what was meant.
pub(crate) fn nearest<'a>(
    written: &str,
    words: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let tolerance = (written.chars().count() / 3).clamp(1, 3);
    words
        .into_iter()
        .map(|word| (distance(written, word), word))
        .filter(|&(distance, _)| distance <= tolerance)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, word)| word)
}

/// Counts the insertions, deletions and replacements that make `to` out of `from`.
fn distance(from: &str, to: &str) -> usize {
    // The classic table, of which only the last row is kept.
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (index, here) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, there) in to.chars().enumerate() {
            let replaced = diagonal + usize::from(here != there);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[row.len() - 1]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("", ""), 0);
        assert_eq!(distance("every", "every"), 0);
        assert_eq!(distance("", "every"), 5);
        assert_eq!(distance("evry", "every"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("ä", "a"), 1);
    }

    #[test]
    fn a_slip_of_the_pen_is_understood() {
        let words = ["timeout", "tags", "every", "retries"];
        assert_eq!(nearest("timeuot", words), Some("timeout"));
        assert_eq!(nearest("time_out", words), Some("timeout"));
        assert_eq!(nearest("tag", words), Some("tags"));
        assert_eq!(nearest("evry", words), Some("every"));
    }

    #[test]
    fn nothing_is_suggested_for_another_word() {
        assert_eq!(nearest("colour", ["timeout", "tags", "owner"]), None);
        assert_eq!(nearest("x", ["io", "once"]), None);
    }
}
