//! Names in alphabets that are smaller than ours.

use std::fmt::Write as _;

use twox_hash::XxHash3_128;

/// A name of letters, digits and underscores that does not begin with a digit: legal everywhere.
pub(super) fn legal_name(name: &str) -> String {
    let letters = name.chars().map(|letter| {
        let is_legal = letter.is_ascii_alphanumeric() || letter == '_';
        if is_legal { letter } else { '_' }
    });
    let legal: String = letters.collect();
    if legal.is_empty() || legal.starts_with(|first: char| first.is_ascii_digit()) {
        return format!("_{legal}");
    }
    legal
}

/// A text in which every character that is not wanted is written as `%` and two digits for each of its bytes, as is `%`
/// itself: what was different stays so.
pub(super) fn percent_encoded(text: &str, is_wanted: impl Fn(char) -> bool) -> String {
    let mut encoded = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter != '%' && is_wanted(letter) {
            encoded.push(letter);
            continue;
        }
        let mut bytes = [0; 4];
        for byte in letter.encode_utf8(&mut bytes).bytes() {
            _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// A word of ASCII letters, digits, `-`, `_` and `.` for a text. Rust's `::` becomes `..`; where more had to be
/// replaced, a hash of the text follows, so that what was different stays so.
pub(super) fn plain_word(text: &str) -> String {
    let dotted = text.replace("::", "..");
    let letters = dotted.chars().map(|letter| {
        let is_plain = letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        if is_plain { letter } else { '_' }
    });
    let word: String = letters.collect();
    if word == dotted && !text.contains("..") && !word.is_empty() {
        return word;
    }
    format!("{word}-{:016x}", hash(text) >> 64)
}

/// A hash that is the same on every machine and in every version.
pub(super) fn hash(text: &str) -> u128 {
    XxHash3_128::oneshot(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_path_of_rust_stays_readable() {
        assert_eq!(plain_word("orders::are_placed"), "orders..are_placed");
        assert_eq!(plain_word("a..b"), "a..b-e6891516517131b9");
        assert_eq!(legal_name("build time"), "build_time");
        assert_eq!(legal_name("2nd"), "_2nd");
        assert_eq!(
            percent_encoded("a b%c", |letter| letter != ' '),
            "a%20b%25c"
        );
    }

    proptest! {
        #[test]
        fn a_legal_name_is_one_to_prometheus(name in ".*") {
            let legal = legal_name(&name);
            prop_assert!(legal.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_'));
            prop_assert!(!legal.starts_with(|first: char| first.is_ascii_digit()));
            prop_assert!(!legal.is_empty());
        }

        #[test]
        fn what_was_different_stays_different(one in "[ab:._/ -]{0,6}", other in "[ab:._/ -]{0,6}") {
            prop_assert_eq!(one == other, plain_word(&one) == plain_word(&other));
            let encoded = |text: &str| percent_encoded(text, |letter| letter == 'a');
            prop_assert_eq!(one == other, encoded(&one) == encoded(&other));
        }

        #[test]
        fn a_word_is_plain(text in ".*") {
            let word = plain_word(&text);
            prop_assert!(word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)));
            prop_assert!(!word.is_empty());
        }
    }
}
